"""What may be asked of payments, what they announce and what they refuse."""

from enum import IntEnum
from typing import Annotated

from msgspec import Meta

from sogdia.core.transaction import Event, Message
from sogdia.core.values import Currency, Instant, Minor, PartyId, Reference, Text
from sogdia.primitives.sealed.commitments import Commitment


class Refused(IntEnum):
    """Refusals of payments, 4000-4999."""

    PAYMENT_EXISTS = 4001
    PAYMENT_UNKNOWN = 4002
    ORDER_ALREADY_PAID = 4003
    REFUND_EXISTS = 4004
    REFUND_TOO_LARGE = 4005
    PAID_IN_FUTURE = 4006
    REFUNDED_BEFORE_PAID = 4007


class Attest(Message, frozen=True, kw_only=True, tag="payments.attest"):
    """An order was paid. Signed by the payment institution, once for each order.

    Customs takes it only when the order names this institution. Any other attestation stands beside it for nothing.

    The commitments are made by the institution from what it knows of the payer, under the order's secret that the
    platform sealed to it.
    """

    institution: PartyId
    payment: Reference
    platform: PartyId
    order: Reference
    amount_minor: Minor
    currency: Currency
    paid_at_ms: Instant
    payer_name: Commitment | None = None
    payer_id_number: Commitment | None = None
    payer_telephone: Commitment | None = None
    shared_with: Annotated[tuple[PartyId, ...], Meta(max_length=10)] = ()


class Refund(Message, frozen=True, kw_only=True, tag="payments.refund"):
    """Money of a payment went back to the payer. Signed by the payment institution."""

    institution: PartyId
    payment: Reference
    refund: Reference
    amount_minor: Annotated[int, Meta(ge=1, le=10**15)]
    refunded_at_ms: Instant
    reason: Text = ""


class PaymentAttested(Event, frozen=True, kw_only=True, tag="payments.attested"):
    """An order was paid."""

    institution: PartyId
    payment: str
    platform: PartyId
    order: str
    amount_minor: int
    currency: str


class PaymentRefunded(Event, frozen=True, kw_only=True, tag="payments.refunded"):
    """Money of a payment went back."""

    institution: PartyId
    payment: str
    refund: str
    amount_minor: int
    currency: str


_INSTITUTION = "did:bid:sogd:efdPP4ympm36RxTYQJPber1PRKmLWZE"
_PLATFORM = "did:bid:sogd:ef18F9AVK4SQLZPRrPkrVWwp9kbpdXHx"

EXAMPLES: tuple[Message, ...] = (
    Attest(
        institution=_INSTITUTION,
        payment="PAY-1",
        platform=_PLATFORM,
        order="2026-000001",
        amount_minor=2_534,
        currency="EUR",
        paid_at_ms=1_780_000_050_000,
    ),
    Refund(
        institution=_INSTITUTION,
        payment="PAY-1",
        refund="R-1",
        amount_minor=678,
        refunded_at_ms=1_780_000_200_000,
        reason="C-17",
    ),
)
