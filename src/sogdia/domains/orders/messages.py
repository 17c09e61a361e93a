"""What may be asked of orders, what they announce and what they refuse."""

from enum import IntEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sogdia.core.transaction import Event, Message
from sogdia.core.values import (
    Count,
    CountryCode,
    Currency,
    Digest,
    Instant,
    Minor,
    PartyId,
    PriceE5,
    Reference,
    Text,
)
from sogdia.primitives.sealed.commitments import Commitment


class Refused(IntEnum):
    """Refusals of orders, 3000-3999."""

    ORDER_EXISTS = 3001
    ORDER_UNKNOWN = 3002
    LINE_TOTAL_WRONG = 3003
    GOODS_VALUE_WRONG = 3004
    PAID_WRONG = 3005
    LINE_UNKNOWN = 3006
    CANCELS_TOO_MUCH = 3007
    CANCELLATION_EXISTS = 3008
    PLACED_IN_FUTURE = 3010
    CANCELLED_BEFORE_PLACED = 3011
    CANCELLED_IN_FUTURE = 3012
    NOTHING_SEALED = 3013
    ERASED_ALREADY = 3014


class OrderLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line; lines are numbered from 1 in the order given (gnum).

    `total_minor` is quantity x price to the nearest minor unit.
    """

    sku: Reference
    name: Text
    quantity: Count
    price_e5: PriceE5
    total_minor: Minor


class Persons(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Buyer and consignee as commitments under the order's secret; None where the channel does not tell.

    Fields of the customs order message (CEB311): buyerName, buyerIdNumber, buyerTelephone, consignee,
    consigneeTelephone, consigneeAddress. `buyer_account` is the channel's customer number.
    """

    buyer_account: Commitment | None = None
    buyer_name: Commitment | None = None
    buyer_id_number: Commitment | None = None
    buyer_telephone: Commitment | None = None
    consignee: Commitment | None = None
    consignee_telephone: Commitment | None = None
    consignee_address: Commitment | None = None


class Place(Message, frozen=True, kw_only=True, tag="orders.place"):
    """Put a sale on record. Signed by the platform; the seller must be on record with its products listed.

    `shared_with` are the parties beside platform and seller that may read the order. `sealed` is the id of the envelope
    with the plain values, `evidence` a commitment to the channel's own rows. `rounding_minor` is what the channel's own
    total differs from its parts. `institution` is the payment institution that the buyer pays through: customs takes
    its word on the payment and nobody else's. An import needs it; naming it does not let it read the order.
    """

    platform: PartyId
    order: Reference
    seller: PartyId
    channel: Annotated[str, Meta(max_length=30)]
    placed_at_ms: Instant
    ship_from: CountryCode
    ship_to: CountryCode
    currency: Currency
    lines: Annotated[tuple[OrderLine, ...], Meta(min_length=1, max_length=1000)]
    goods_minor: Minor
    freight_minor: Minor = 0
    tax_minor: Minor = 0
    discount_minor: Minor = 0
    paid_minor: Minor
    rounding_minor: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    persons: Persons
    shared_with: Annotated[tuple[PartyId, ...], Meta(max_length=10)] = ()
    sealed: Digest | None = None
    evidence: Commitment | None = None
    institution: PartyId | None = None


class CancelledLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of this line (numbered from 1) are cancelled."""

    line: Annotated[int, Meta(ge=1, le=1000)]
    quantity: Count


class Cancel(Message, frozen=True, kw_only=True, tag="orders.cancel"):
    """Take quantities off an order's lines, under the channel's own cancellation number. Signed by the platform."""

    platform: PartyId
    order: Reference
    cancellation: Reference
    cancelled_at_ms: Instant
    lines: Annotated[tuple[CancelledLine, ...], Meta(min_length=1, max_length=1000)]
    reason: Text = ""


ErasureGround = Literal["request", "period_over", "mistake", "authority"]
"""Why sealed values go: a person asked, the time to keep them is over, they were sealed by mistake, or an authority."""


class EraseSealed(Message, frozen=True, kw_only=True, tag="orders.erase_sealed"):
    """Erase an order's sealed values on every node that holds them. Signed by the platform; once, and for good.

    Each node destroys what it keeps and signs a receipt of that. `note` is text that everyone who may read the order
    reads: it never names a person.
    """

    platform: PartyId
    order: Reference
    ground: ErasureGround
    note: Annotated[str, Meta(max_length=200, description="free text that names no person")] = ""


OrderState = Literal["placed", "part_cancelled", "cancelled"]


class OrderPlaced(Event, frozen=True, kw_only=True, tag="orders.placed"):
    """A sale is on record."""

    platform: PartyId
    order: str
    ship_to: str
    paid_minor: int
    currency: str


class OrderCancelled(Event, frozen=True, kw_only=True, tag="orders.cancelled"):
    """Quantities were taken off a sale; `cancelled_minor` is their value at the order's prices."""

    platform: PartyId
    order: str
    cancellation: str
    cancelled_minor: int
    currency: str


class SealedErased(Event, frozen=True, kw_only=True, tag="orders.sealed_erased"):
    """An order's sealed values are to be erased, by its platform's word; a copy of one's own goes too."""

    platform: PartyId
    order: str
    ground: str


_PLATFORM = "did:bid:sogd:ef18F9AVK4SQLZPRrPkrVWwp9kbpdXHx"
_SELLER = "did:bid:sogd:efdPP4ympm36RxTYQJPber1PRKmLWZE"
_INSTITUTION = _SELLER

EXAMPLES: tuple[Message, ...] = (
    Place(
        platform=_PLATFORM,
        order="2026-000001",
        seller=_SELLER,
        channel="shopify",
        placed_at_ms=1_780_000_000_000,
        ship_from="CN",
        ship_to="FR",
        currency="EUR",
        lines=(OrderLine(sku="71053", name="White metal lantern", quantity=6, price_e5=339_000, total_minor=2_034),),
        goods_minor=2_034,
        freight_minor=500,
        paid_minor=2_534,
        persons=Persons(consignee="ab" * 32, consignee_address="cd" * 32),
        shared_with=(_SELLER,),
        institution=_INSTITUTION,
    ),
    Cancel(
        platform=_PLATFORM,
        order="2026-000001",
        cancellation="C-17",
        cancelled_at_ms=1_780_000_100_000,
        lines=(CancelledLine(line=1, quantity=2),),
        reason="buyer changed their mind",
    ),
    EraseSealed(platform=_PLATFORM, order="2026-000001", ground="request", note="case 2026-77"),
)
