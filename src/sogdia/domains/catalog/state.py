"""Products and destination bans on record, and the questions that orders ask about them.

A rulebook finds a row by its whole key, but a product asks whether ANY beginning of its HS code is banned. So each
country has a short list of the beginnings that have rows: most countries have none, and the answer costs one look-up.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table
from sogdia.core.values import day_of
from sogdia.domains.catalog.messages import ListProduct, Refused
from sogdia.primitives import rulebooks
from sogdia.primitives.rulebooks import RuleRow

BOOK = "catalog.bans"

LEGAL_DAY_OFFSET_HOURS = 8
"""A ban holds by the calendar of China (UTC+8), like every dated row of the rulebooks that customs publishes.

A row has one first and one last day for all nodes, and the parcel is stopped at the Chinese border.
"""


class Product(Record, frozen=True, array_like=True):
    """A product as its seller listed it last; `listing` counts the listings, `on_sale` ends with a withdrawal."""

    seller: str
    sku: str
    name: str
    hs_code: str
    hs_basis: str
    origin: str
    unit: str
    net_weight_grams: int
    gtin: str | None
    brand: str | None
    markets: tuple[str, ...]
    listing: int = 1
    on_sale: bool = True


class BannedCodes(Record, frozen=True, array_like=True):
    """The beginnings of HS codes that have rows for a country, longest first."""

    country: str
    beginnings: tuple[str, ...]


PRODUCTS = Table(
    "catalog.product",
    Product,
    key=("seller", "sku"),
    seen_by=("seller",),
    roles=("platform", "broker", "warehouse", "customs", "tax_authority"),
)
"""Those who sell, store, declare or tax goods read the particulars; another seller does not read a whole range."""

BANS = rulebooks.shelves("catalog.rulebook")
BANNED_CODES = Table("catalog.banned_codes", BannedCodes, key=("country",), proved=False, public=True)


def product_on_sale(ledger: Ledger, seller: str, sku: str) -> Product:
    """The product, or refusal PRODUCT_UNKNOWN or PRODUCT_WITHDRAWN."""
    product = PRODUCTS.get(ledger.state, seller, sku)
    if product is None:
        raise Refusal(Refused.PRODUCT_UNKNOWN, seller=seller, sku=sku)
    if not product.on_sale:
        raise Refusal(Refused.PRODUCT_WITHDRAWN, seller=seller, sku=sku)
    return product


def require_allowed(ledger: Ledger, product: Product, ship_to: str) -> None:
    """Refuse with DESTINATION_FORBIDDEN or NOT_OFFERED_THERE unless the product may go to this country today."""
    if product.markets and ship_to not in product.markets:
        raise Refusal(Refused.NOT_OFFERED_THERE, sku=product.sku, country=ship_to, markets=list(product.markets))
    banned = BANNED_CODES.get(ledger.state, ship_to)
    if banned is None or not product.hs_code.startswith(banned.beginnings):
        return
    row = _row_that_decides(ledger, banned, product.hs_code)
    if row is not None and row.value:
        raise Refusal(
            Refused.DESTINATION_FORBIDDEN,
            country=ship_to,
            sku=product.sku,
            hs_code=product.hs_code,
            rule=row.value,
            source=row.source,
            certainty=row.certainty,
        )


def _row_that_decides(ledger: Ledger, banned: BannedCodes, hs_code: str) -> RuleRow | None:
    day = day_of(ledger.time_ms, LEGAL_DAY_OFFSET_HOURS)
    for beginning in banned.beginnings:
        if hs_code.startswith(beginning):
            try:
                return rulebooks.answer(ledger.state, BANS, BOOK, f"{banned.country}/{beginning}", day)
            except Refusal as no:
                if no.code != rulebooks.Refused.NO_ROW:
                    raise
    return None


def put_product(ledger: Ledger, asked: ListProduct, before: Product | None) -> Product:
    """Put a product on sale in place of what stood before under its SKU."""
    product = listed(asked, 1 if before is None else before.listing + 1)
    PRODUCTS.put(ledger.state, product)
    return product


def listed(asked: ListProduct, listing: int) -> Product:
    """The product that a listing describes, on sale."""
    return Product(
        asked.seller,
        asked.sku,
        asked.name,
        asked.hs_code,
        asked.hs_basis,
        asked.origin,
        asked.unit,
        asked.net_weight_grams,
        asked.gtin,
        asked.brand,
        tuple(sorted(set(asked.markets))),
        listing,
    )


def put_withdrawn(ledger: Ledger, product: Product) -> None:
    """Take a product off sale; its record stays, for orders that name it."""
    PRODUCTS.put(ledger.state, replace(product, on_sale=False))


def put_bans(ledger: Ledger, rows: Iterable[RuleRow]) -> tuple[str, ...]:
    """Put bans on record and their HS codes on their countries' lists; the countries, in order of the alphabet."""
    rows = tuple(rows)
    rulebooks.publish(ledger, BANS, rows)
    added: dict[str, set[str]] = {}
    for row in rows:
        country, _, beginning = row.key.partition("/")
        added.setdefault(country, set()).add(beginning)
    for country, beginnings in added.items():
        standing = BANNED_CODES.get(ledger.state, country)
        beginnings.update(standing.beginnings if standing else ())
        longest_first = sorted(beginnings, key=lambda code: (-len(code), code))
        BANNED_CODES.put(ledger.state, BannedCodes(country, tuple(longest_first)))
    return tuple(sorted(added))
