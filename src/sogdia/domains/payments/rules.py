"""One rule per message of payments: refuse or change."""

from sogdia.core.module import Ledger, Module
from sogdia.core.refusal import Refusal
from sogdia.core.values import CLOCK_TOLERANCE_MS
from sogdia.domains.identity.state import holder_of, require_role
from sogdia.domains.payments import messages, state
from sogdia.domains.payments.messages import Attest, PaymentAttested, PaymentRefunded, Refund, Refused
from sogdia.domains.payments.state import PAID_ORDERS, PAYMENTS, REFUNDS

module = Module("payments", 4000, messages, state)


@module.rule
def attest(ledger: Ledger, asked: Attest) -> None:
    """A payment comes on record; the order that it names may follow later and is not compared here."""
    require_role(ledger, asked.institution, "payment_institution", "payments.attest")
    holder_of(ledger, asked.platform, "platform")
    if PAYMENTS.get(ledger.state, asked.institution, asked.payment) is not None:
        raise Refusal(Refused.PAYMENT_EXISTS, institution=asked.institution, payment=asked.payment)
    if PAID_ORDERS.get(ledger.state, asked.platform, asked.order, asked.institution) is not None:
        raise Refusal(
            Refused.ORDER_ALREADY_PAID, platform=asked.platform, order=asked.order, institution=asked.institution
        )
    _require_past(ledger, asked.paid_at_ms)
    state.put_payment(ledger, asked)
    ledger.announce(
        PaymentAttested(
            institution=asked.institution,
            payment=asked.payment,
            platform=asked.platform,
            order=asked.order,
            amount_minor=asked.amount_minor,
            currency=asked.currency,
            parties=(asked.institution, asked.platform, *asked.shared_with),
        )
    )


@module.rule
def refund(ledger: Ledger, asked: Refund) -> None:
    """Money of a payment went back, never more than is left of it."""
    require_role(ledger, asked.institution, "payment_institution", "payments.refund")
    payment = state.payment_on_record(ledger, asked.institution, asked.payment)
    if REFUNDS.get(ledger.state, asked.institution, asked.payment, asked.refund) is not None:
        raise Refusal(Refused.REFUND_EXISTS, payment=asked.payment, refund=asked.refund)
    left = payment.amount_minor - payment.refunded_minor
    if asked.amount_minor > left:
        raise Refusal(Refused.REFUND_TOO_LARGE, payment=asked.payment, amount_minor=asked.amount_minor, left_minor=left)
    _require_past(ledger, asked.refunded_at_ms)
    if asked.refunded_at_ms < payment.paid_at_ms:
        raise Refusal(
            Refused.REFUNDED_BEFORE_PAID,
            payment=asked.payment,
            refunded_at_ms=asked.refunded_at_ms,
            paid_at_ms=payment.paid_at_ms,
        )
    state.put_refund(ledger, payment, asked)
    ledger.announce(
        PaymentRefunded(
            institution=asked.institution,
            payment=asked.payment,
            refund=asked.refund,
            amount_minor=asked.amount_minor,
            currency=payment.currency,
            parties=(asked.institution, payment.platform, *payment.shared_with),
        )
    )


def _require_past(ledger: Ledger, instant_ms: int) -> None:
    if instant_ms > ledger.time_ms + CLOCK_TOLERANCE_MS:
        raise Refusal(Refused.PAID_IN_FUTURE, paid_at_ms=instant_ms, time_ms=ledger.time_ms)
