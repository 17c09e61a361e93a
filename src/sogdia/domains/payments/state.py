"""Payments and refunds on record, and the only functions that write them."""

from msgspec.structs import replace

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table
from sogdia.domains.payments.messages import Attest, Refund, Refused


class Payment(Record, frozen=True, array_like=True):
    """What an institution attests of a payment; `refunded_minor` is what went back so far, in the same currency."""

    institution: str
    payment: str
    platform: str
    order: str
    amount_minor: int
    currency: str
    paid_at_ms: int
    payer_name: str | None
    payer_id_number: str | None
    payer_telephone: str | None
    shared_with: tuple[str, ...]
    refunded_minor: int = 0


class RefundMade(Record, frozen=True, array_like=True):
    """Money of a payment that went back to the payer."""

    institution: str
    payment: str
    refund: str
    amount_minor: int
    currency: str
    refunded_at_ms: int
    reason: str
    platform: str
    order: str
    shared_with: tuple[str, ...]


class OrderPaid(Record, frozen=True, array_like=True):
    """By which payment an institution says that an order was paid."""

    platform: str
    order: str
    institution: str
    payment: str
    shared_with: tuple[str, ...] = ()


_SEEN_BY = ("institution", "platform", "shared_with")

PAYMENTS = Table("payments.payment", Payment, key=("institution", "payment"), seen_by=_SEEN_BY, roles=("customs",))
REFUNDS = Table(
    "payments.refund", RefundMade, key=("institution", "payment", "refund"), seen_by=_SEEN_BY, roles=("customs",)
)
PAID_ORDERS = Table(
    "payments.paid_order",
    OrderPaid,
    key=("platform", "order", "institution"),
    proved=False,
    seen_by=_SEEN_BY,
    roles=("customs",),
)


def payment_on_record(ledger: Ledger, institution: str, payment: str) -> Payment:
    """The payment, or refusal PAYMENT_UNKNOWN."""
    found = PAYMENTS.get(ledger.state, institution, payment)
    if found is None:
        raise Refusal(Refused.PAYMENT_UNKNOWN, institution=institution, payment=payment)
    return found


def payment_of_order(ledger: Ledger, platform: str, order: str, institution: str) -> Payment | None:
    """The payment that this institution attests for this order, or None as long as it has attested none."""
    paid = PAID_ORDERS.get(ledger.state, platform, order, institution)
    return None if paid is None else PAYMENTS.get(ledger.state, paid.institution, paid.payment)


def put_payment(ledger: Ledger, asked: Attest) -> None:
    """Put a payment on record, and that its order is paid through this institution."""
    PAID_ORDERS.put(
        ledger.state, OrderPaid(asked.platform, asked.order, asked.institution, asked.payment, asked.shared_with)
    )
    PAYMENTS.put(
        ledger.state,
        Payment(
            asked.institution,
            asked.payment,
            asked.platform,
            asked.order,
            asked.amount_minor,
            asked.currency,
            asked.paid_at_ms,
            asked.payer_name,
            asked.payer_id_number,
            asked.payer_telephone,
            asked.shared_with,
        ),
    )


def put_refund(ledger: Ledger, payment: Payment, asked: Refund) -> None:
    """Put a refund on record and the payment's new balance with it."""
    PAYMENTS.put(ledger.state, replace(payment, refunded_minor=payment.refunded_minor + asked.amount_minor))
    REFUNDS.put(
        ledger.state,
        RefundMade(
            asked.institution,
            asked.payment,
            asked.refund,
            asked.amount_minor,
            payment.currency,
            asked.refunded_at_ms,
            asked.reason,
            payment.platform,
            payment.order,
            payment.shared_with,
        ),
    )
