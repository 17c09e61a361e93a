"""What may be asked of logistics, what it announces and what it refuses."""

from enum import IntEnum
from typing import Annotated, Literal

from msgspec import Meta

from sogdia.core.transaction import Event, Message
from sogdia.core.values import CountryCode, Currency, Grams, Instant, Minor, PartyId, Reference, Text
from sogdia.domains.trace.messages import Uri
from sogdia.primitives.sealed.commitments import Commitment

Status = Literal[
    "picked_up",
    "in_transit",
    "on_hold",
    "out_for_delivery",
    "delivery_failed",
    "delivered",
    "return_to_sender",
    "returned",
    "cancelled",
]


class Refused(IntEnum):
    """Refusals of logistics, 5000-5999."""

    WAYBILL_EXISTS = 5001
    WAYBILL_UNKNOWN = 5002
    STATUS_CANNOT_FOLLOW = 5003
    REPORTED_IN_FUTURE = 5004


class IssueWaybill(Message, frozen=True, kw_only=True, tag="logistics.issue_waybill"):
    """A carrier takes an order's parcel in charge. Signed by the carrier.

    `contents` are the things in it as they are traced: logistic units, items with serials. Their shipping and receiving
    events follow from the carrier's reports, so that nobody writes the hand-over twice.
    """

    carrier: PartyId
    waybill: Reference
    platform: PartyId
    order: Reference
    issued_at_ms: Instant
    ship_to: CountryCode
    gross_weight_grams: Grams
    packages: Annotated[int, Meta(ge=1, le=999_999_999)] = 1
    goods: Annotated[str, Meta(max_length=200)] = ""
    freight_minor: Minor = 0
    insured_minor: Minor = 0
    currency: Currency = "CNY"
    consignee: Commitment | None = None
    consignee_telephone: Commitment | None = None
    consignee_address: Commitment | None = None
    shared_with: Annotated[tuple[PartyId, ...], Meta(max_length=10)] = ()
    contents: Annotated[tuple[Uri, ...], Meta(max_length=1_000)] = ()


class ReportStatus(Message, frozen=True, kw_only=True, tag="logistics.report_status"):
    """Where the parcel is. Signed by the carrier."""

    carrier: PartyId
    waybill: Reference
    status: Status
    reported_at_ms: Instant
    place: Text = ""


class WaybillIssued(Event, frozen=True, kw_only=True, tag="logistics.waybill_issued"):
    """A parcel is in a carrier's charge."""

    carrier: PartyId
    waybill: str
    platform: PartyId
    order: str


class StatusReported(Event, frozen=True, kw_only=True, tag="logistics.status_reported"):
    """A parcel's status is on record."""

    carrier: PartyId
    waybill: str
    status: str
    reported_at_ms: int


_CARRIER = "did:bid:sogd:efdPP4ympm36RxTYQJPber1PRKmLWZE"
_PLATFORM = "did:bid:sogd:ef18F9AVK4SQLZPRrPkrVWwp9kbpdXHx"

EXAMPLES: tuple[Message, ...] = (
    IssueWaybill(
        carrier=_CARRIER,
        waybill="SF1234567890",
        platform=_PLATFORM,
        order="2026-000001",
        issued_at_ms=1_780_000_060_000,
        ship_to="FR",
        gross_weight_grams=2_900,
        goods="6 lanterns",
        contents=("https://id.gs1.org/00/095060001343500016",),
    ),
    ReportStatus(
        carrier=_CARRIER, waybill="SF1234567890", status="delivered", reported_at_ms=1_780_400_000_000, place="Lyon"
    ),
)
