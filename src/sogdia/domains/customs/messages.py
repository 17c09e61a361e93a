"""What may be asked of customs, what it announces and what it refuses."""

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
    Grams,
    Instant,
    Minor,
    PartyId,
    PriceE5,
    Reference,
    Text,
)
from sogdia.domains.catalog.messages import HsCode, UnitCode
from sogdia.primitives.rulebooks import RuleRow
from sogdia.primitives.sealed.commitments import Commitment

Code4 = Annotated[str, Meta(pattern="^[0-9]{4}$", description="customs district or port, 4 digits")]
Short = Annotated[str, Meta(max_length=100)]


class Refused(IntEnum):
    """Refusals of customs, 6000-6999."""

    LIST_EXISTS = 6001
    LIST_UNKNOWN = 6002
    DISAGREES = 6003
    ORDER_ALREADY_DECLARED = 6004
    OVER_SINGLE_LIMIT = 6005
    OVER_YEARLY_LIMIT = 6006
    CODE_NOT_OF_MESSAGE = 6007
    CODE_CANNOT_FOLLOW = 6008
    SUBJECT_UNKNOWN = 6009
    PERSON_NEEDED = 6010
    NUMBER_FORMAT = 6011
    MODE_FIELDS = 6012
    BOOK_NOT_OF_CUSTOMS = 6013
    ANSWER_OLD = 6014
    ORDER_CANCELLED = 6015
    NUMBER_CONFLICT = 6016
    ROW_VALUE_WRONG = 6017
    STATED_IN_FUTURE = 6018
    ORDER_CHANGED = 6019
    NUMBER_TAKEN = 6020


class ListLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a list; `line` is the gnum of the order's line. Legal quantity is in 1/100000 of the legal unit."""

    line: Annotated[int, Meta(ge=1, le=1000)]
    sku: Reference
    name: Text
    hs_code: HsCode
    origin: CountryCode
    quantity: Count
    unit: UnitCode
    legal_quantity_e5: Annotated[int, Meta(ge=0, le=10**17)]
    legal_unit: UnitCode
    price_e5: PriceE5
    total_minor: Minor
    record_no: Annotated[str, Meta(max_length=30)] = ""


class Transport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the goods cross: customs' transport mode digit, means, voyage and master bill."""

    mode: Annotated[str, Meta(pattern="^[0-9A-Z]$")]
    means: Short = ""
    voyage: Annotated[str, Meta(max_length=32)] = ""
    bill: Annotated[str, Meta(max_length=37)] = ""


class DeclareImport(Message, frozen=True, kw_only=True, tag="customs.declare_import"):
    """Declare a retail import list (CEB621), mode 9610 or 1210. Signed by the broker, delegated by the seller.

    1210 needs `ems_no`, `area_code`, `area_name` and each line's `record_no`, and comes from China; 9610 needs the
    transport's means, voyage and bill. Lines have HS codes of 10 digits. `country` is where the goods were sent from,
    `assurer` the platform, the seller or the carrier (R7). Freight and insurance together are the order's freight.
    Money is in fen. A rejected list is declared again under a new number.
    """

    broker: PartyId
    list_no: Annotated[str, Meta(pattern=r"^[\x21-\x7e]+$", min_length=1, max_length=20)]
    seller: PartyId
    platform: PartyId
    order: Reference
    carrier: PartyId
    waybill: Reference
    assurer: PartyId
    mode: Literal["9610", "1210"]
    district: Code4
    port: Code4
    declared_at_ms: Instant
    buyer_name: Commitment
    buyer_id_number: Commitment
    buyer_telephone: Commitment
    consignee_address: Commitment
    country: CountryCode
    currency: Currency = "CNY"
    freight_minor: Minor = 0
    insured_minor: Minor = 0
    packages: Annotated[int, Meta(ge=1, le=999_999_999)] = 1
    gross_weight_grams: Grams
    net_weight_grams: Grams
    transport: Transport
    ems_no: Annotated[str, Meta(max_length=30)] = ""
    area_code: Annotated[str, Meta(max_length=18)] = ""
    area_name: Short = ""
    lines: Annotated[tuple[ListLine, ...], Meta(min_length=1, max_length=99)]


class DeclareExport(Message, frozen=True, kw_only=True, tag="customs.declare_export"):
    """Declare a retail export list (CEB603), mode 9610. Signed by the broker, delegated by the seller.

    `statistics` A is the simplified list (no licence, no export duty, no rebate; four HS digits suffice), B the one
    that a summary declaration follows. Money is in minor units of `currency`.
    """

    broker: PartyId
    list_no: Annotated[str, Meta(pattern=r"^[\x21-\x7e]+$", min_length=1, max_length=30)]
    seller: PartyId
    platform: PartyId
    order: Reference
    carrier: PartyId
    waybill: Reference
    mode: Literal["9610"] = "9610"
    statistics: Literal["A", "B"] = "A"
    district: Code4
    port: Code4
    declared_at_ms: Instant
    country: CountryCode
    currency: Currency
    freight_minor: Minor = 0
    insured_minor: Minor = 0
    packages: Annotated[int, Meta(ge=1, le=999_999_999)] = 1
    gross_weight_grams: Grams
    net_weight_grams: Grams
    transport: Transport
    lines: Annotated[tuple[ListLine, ...], Meta(min_length=1, max_length=1000)]


Subject = Literal["order", "payment", "waybill", "delivery", "import_list", "export_list"]


class Answer(Message, frozen=True, kw_only=True, tag="customs.answer"):
    """Customs' receipt on one message of a trade. Signed by customs.

    `party` and `number` find the subject: platform and order, institution and payment, carrier and waybill, broker and
    list number. `code` is a returnStatus (CEB 202205) or a negative error code. Accepting an import list (120) needs
    `person`, the buyer's yearly pseudonym that only customs can compute. A list's `pre_no` comes with 120 at the
    latest (B, yyyymmdd, 9 digits), its `invt_no` with 800 (district, year, I or E, 9 digits; up to 11 for export).
    Customs gives each of these numbers to one list only.
    A list is not released (800) when something of its order was cancelled since: it is rejected (100), and what is left
    of the order is declared again.
    """

    customs: PartyId
    subject: Subject
    party: PartyId
    number: Reference
    code: Annotated[int, Meta(ge=-999_999, le=899)]
    note: Annotated[str, Meta(max_length=1000)] = ""
    answered_at_ms: Instant
    person: Digest | None = None
    pre_no: Annotated[str, Meta(max_length=18)] = ""
    invt_no: Annotated[str, Meta(max_length=20)] = ""


class PublishLimits(Message, frozen=True, kw_only=True, tag="customs.publish_limits"):
    """Publish rows of the books `customs.cn.*`. Signed by customs.

    `customs.cn.retail_import.limits` has the keys `single_fen` and `yearly_fen`, values in fen, and
    `over_limit_single_item`: `allowed` when one indivisible item over the single limit may pass with full tax.
    """

    authority: PartyId
    rows: Annotated[tuple[RuleRow, ...], Meta(min_length=1, max_length=200)]


class Declared(Event, frozen=True, kw_only=True, tag="customs.declared"):
    """A matched list waits for customs' answer."""

    direction: Literal["import", "export"]
    broker: PartyId
    list_no: str
    platform: PartyId
    order: str


class Answered(Event, frozen=True, kw_only=True, tag="customs.answered"):
    """Customs answered on one message of a trade."""

    subject: str
    party: PartyId
    number: str
    code: int
    note: str


class LimitsPublished(Event, frozen=True, kw_only=True, tag="customs.limits_published"):
    """Rows of a customs book are on record."""

    authority: PartyId
    rows: int


_BROKER = "did:bid:sogd:efdPP4ympm36RxTYQJPber1PRKmLWZE"
_PLATFORM = "did:bid:sogd:ef18F9AVK4SQLZPRrPkrVWwp9kbpdXHx"
_LINE = ListLine(
    line=1,
    sku="71053",
    name="White metal lantern",
    hs_code="9405500000",
    origin="CN",
    quantity=6,
    unit="007",
    legal_quantity_e5=252_000,
    legal_unit="035",
    price_e5=339_000,
    total_minor=2_034,
)

EXAMPLES: tuple[Message, ...] = (
    DeclareImport(
        broker=_BROKER,
        list_no="YW20260601000001",
        seller=_BROKER,
        platform=_PLATFORM,
        order="2026-000002",
        carrier=_BROKER,
        waybill="SF1234567891",
        assurer=_PLATFORM,
        mode="9610",
        district="2925",
        port="2925",
        declared_at_ms=1_780_000_070_000,
        buyer_name="aa" * 32,
        buyer_id_number="bb" * 32,
        buyer_telephone="cc" * 32,
        consignee_address="dd" * 32,
        country="FR",
        gross_weight_grams=2_900,
        net_weight_grams=2_520,
        transport=Transport(mode="5", means="CA934", voyage="20260601", bill="99912345675"),
        lines=(_LINE,),
    ),
    DeclareExport(
        broker=_BROKER,
        list_no="YW20260601000002",
        seller=_BROKER,
        platform=_PLATFORM,
        order="2026-000001",
        carrier=_BROKER,
        waybill="SF1234567890",
        district="2925",
        port="2925",
        declared_at_ms=1_780_000_070_000,
        country="FR",
        currency="EUR",
        gross_weight_grams=2_900,
        net_weight_grams=2_520,
        transport=Transport(mode="5"),
        lines=(_LINE,),
    ),
    Answer(
        customs=_PLATFORM,
        subject="export_list",
        party=_BROKER,
        number="YW20260601000002",
        code=120,
        note="accepted into the customs base",
        answered_at_ms=1_780_000_080_000,
        pre_no="B20260601000000001",
    ),
    PublishLimits(
        authority=_PLATFORM,
        rows=(
            RuleRow(
                book="customs.cn.retail_import.limits",
                key="single_fen",
                valid_from="2019-01-01",
                valid_to="2026-12-31",
                value="500000",
                source="Caiguanshui 49/2018",
                certainty="secondary",
            ),
        ),
    ),
)
