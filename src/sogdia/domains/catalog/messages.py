"""What may be asked of the catalogue, what it announces and what it refuses."""

from enum import IntEnum
from typing import Annotated, Literal

from msgspec import Meta

from sogdia.core.transaction import Event, Message
from sogdia.core.values import CountryCode, Grams, PartyId, Reference, Text
from sogdia.primitives.rulebooks import RuleRow

HsCode = Annotated[str, Meta(pattern=r"^[0-9]{4,10}$(?!\n)", description="Harmonized System code, 4 to 10 digits")]
ProductHsCode = Annotated[
    str,
    Meta(pattern=r"^([0-9]{4,10})?$(?!\n)", description="as HsCode, or empty: nobody has placed the product yet"),
]
UnitCode = Annotated[
    str, Meta(pattern="^[0-9]{3}$", max_length=3, description="customs unit of measure, 3 digits (007 piece, 035 kg)")
]
Gtin = Annotated[
    str, Meta(pattern=r"^([0-9]{8}|[0-9]{12,14})$(?!\n)", description="GTIN-8, -12, -13 or -14 with its check digit")
]


class Refused(IntEnum):
    """Refusals of the catalogue, 2000-2999."""

    PRODUCT_EXISTS = 2001
    PRODUCT_UNKNOWN = 2002
    GTIN_CHECK_DIGIT = 2003
    DESTINATION_FORBIDDEN = 2004
    PRODUCT_WITHDRAWN = 2005
    BAN_KEY_WRONG = 2006
    NOT_OFFERED_THERE = 2007


class ListProduct(Message, frozen=True, kw_only=True, tag="catalog.list_product"):
    """Put a product on sale, or list it anew with other particulars. Signed by the seller.

    `hs_basis` says whether the seller states the code or accepted a suggestion; `markets` are the destinations that it
    is offered in (empty: not restricted by the seller). Listing it again just as it stands is refused.
    """

    seller: PartyId
    sku: Reference
    name: Text
    hs_code: ProductHsCode
    hs_basis: Literal["stated", "suggestion"] = "stated"
    origin: CountryCode
    unit: UnitCode
    net_weight_grams: Grams
    gtin: Gtin | None = None
    brand: Text | None = None
    markets: Annotated[tuple[CountryCode, ...], Meta(max_length=60)] = ()


class WithdrawProduct(Message, frozen=True, kw_only=True, tag="catalog.withdraw_product"):
    """Take a product off sale; orders placed before stay. Signed by the seller."""

    seller: PartyId
    sku: Reference


class PublishBans(Message, frozen=True, kw_only=True, tag="catalog.publish_bans"):
    """Publish destination bans: rows of the book `catalog.bans`, key `<country>/<HS prefix>`. Signed by customs.

    The value is the rule's name. The longest beginning of a product's HS code that has a row for the day decides, and
    an empty value lifts the ban: from a day on, or for a part of a wider heading. A ban never lapses in silence: past
    the last day of its rows the catalogue refuses to answer until a row says what holds now.
    """

    authority: PartyId
    rows: Annotated[tuple[RuleRow, ...], Meta(min_length=1, max_length=200)]


class ProductListed(Event, frozen=True, kw_only=True, tag="catalog.product_listed"):
    """A product is on sale; `listing` counts how often it was listed, so earlier particulars are found by it."""

    seller: PartyId
    sku: str
    hs_code: str
    listing: int


class ProductWithdrawn(Event, frozen=True, kw_only=True, tag="catalog.product_withdrawn"):
    """A product is off sale."""

    seller: PartyId
    sku: str


class BansPublished(Event, frozen=True, kw_only=True, tag="catalog.bans_published"):
    """Rows of bans are on record, for these countries."""

    authority: PartyId
    countries: tuple[str, ...]
    rows: int


_SELLER = "did:bid:sogd:efdPP4ympm36RxTYQJPber1PRKmLWZE"

EXAMPLES: tuple[Message, ...] = (
    ListProduct(
        seller=_SELLER,
        sku="71053",
        name="White metal lantern",
        hs_code="9405500000",
        origin="CN",
        unit="007",
        net_weight_grams=420,
        gtin="6901234567892",
    ),
    WithdrawProduct(seller=_SELLER, sku="71053"),
    PublishBans(
        authority=_SELLER,
        rows=(
            RuleRow(
                book="catalog.bans",
                key="AU/2404",
                valid_from="2024-01-01",
                valid_to="2027-12-31",
                value="Therapeutic Goods Amendment 2024: vaping goods by consumers",
                source="written from memory",
                certainty="memory",
            ),
        ),
    ),
)
