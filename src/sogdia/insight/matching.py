"""The three-way match side by side: each field that is compared, what each party says, and whether they agree.

The fields and rules are those of customs' own match, which `app` hands in (`app.match.compared`); nothing is compared
here. Before a list is declared, order, payment and parcel stand beside an empty column: the comparison is made with a
list as the order would have it, and the broker's words are taken out.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Literal, Protocol, get_args

import msgspec

from sogdia.core.query import Asker
from sogdia.domains.catalog.state import PRODUCTS, Product
from sogdia.domains.customs.messages import DeclareExport, DeclareImport, ListLine, Transport
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS
from sogdia.domains.logistics.state import WAYBILLS, Waybill
from sogdia.domains.orders.state import ORDERS, Order
from sogdia.domains.payments.state import PAYMENTS, Payment
from sogdia.insight.picture import Pictured
from sogdia.insight.reading import Row, may_see_all, record_of, rows_of

CHINA: Final = "CN"
Said = str | int | None
Status = Literal["agree", "disagree", "missing", "undeclared", "hidden"]
_LIMITS: Final[Mapping[str, frozenset[str]]] = {"net_weight_grams": frozenset({"carrier"})}
"""Fields in which a party's value bounds those of the others: net weight is not above the gross that a carrier says."""
_SPEAKS_IN: Final[Mapping[str, str]] = {"payment_institution": "payment", "carrier": "waybill", "broker": "list"}
"""The part of the trade in which each party speaks; the seller does so in its products."""


class Comparison(Protocol):
    """What the match says of one field."""

    @property
    def field(self) -> str:
        """The field's name."""
        ...

    @property
    def rule(self) -> str:
        """The rule by which it is compared."""
        ...

    @property
    def values(self) -> Mapping[str, Said]:
        """What each party says, by its role."""
        ...

    @property
    def agrees(self) -> bool:
        """Whether the match has nothing against it."""
        ...


class Compare(Protocol):
    """The match in full (`app.match.compared`)."""

    def __call__(
        self,
        order: Order,
        payment: Payment | None,
        waybill: Waybill | None,
        declared: Any,
        products: Mapping[str, Product],
        rejected: Mapping[str, int],
    ) -> Iterable[Comparison]:
        """Every field on which these are compared."""
        ...


class Field(msgspec.Struct, frozen=True):
    """One field: by which rule, each party's value by its role, and whether they agree.

    Commitments are shown by their first 12 digits. `missing`: a party has not spoken yet. `undeclared`: all have but
    the broker, for no list is declared. `hidden`: what parties said, or whether they did, is not the asker's to see;
    `unseen` are those parties.

    Of what disagrees, `sides` are the parties that say the same, the fewest first: one against many is the odd one.
    `limits` are parties whose value is the most that the others may say.
    """

    field: str
    rule: str
    values: dict[str, Said]
    status: Status
    sides: tuple[tuple[str, ...], ...] = ()
    limits: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()

    @property
    def odd(self) -> str:
        """The one party that stands against two or more who agree, or empty."""
        alone = len(self.sides) == 2 and len(self.sides[0]) == 1 < len(self.sides[1])
        return self.sides[0][0] if alone else ""


class Match(msgspec.Struct, frozen=True):
    """All fields of a trade; `declared` says whether a list stands beside them."""

    direction: Literal["import", "export"]
    declared: bool
    fields: tuple[Field, ...]

    def counts(self) -> dict[Status, int]:
        """How many fields have each status."""
        found: dict[Status, int] = dict.fromkeys(get_args(Status), 0)
        for one in self.fields:
            found[one.status] += 1
        return found


def match_of(
    picture: Pictured,
    asker: Asker,
    order_row: Row,
    payment_row: Row | None,
    waybill_row: Row | None,
    list_row: Row | None,
    rejected: Mapping[str, int],
    compare: Compare,
    unseen: Collection[str],
) -> Match | None:
    """The match of one trade; None when its order crosses no border that lists are declared at.

    `unseen` are the parts of the trade of which the asker cannot tell whether they are there.
    """
    order, payment, waybill = (
        record_of(ORDERS, order_row),
        record_of(PAYMENTS, payment_row),
        record_of(WAYBILLS, waybill_row),
    )
    assert order is not None, "the order's row was given"
    if CHINA not in (order.ship_from, order.ship_to):
        return None
    imported = order.ship_to == CHINA
    products = products_of(picture, asker, order)
    table: Any = IMPORT_LISTS if imported else EXPORT_LISTS
    declared: Any = record_of(table, list_row)
    standing = declared if declared is not None else _as_ordered(order, waybill, products, imported)
    hidden = _hidden(asker, order, unseen)
    fields = [
        _field(one, declared is not None, hidden)
        for one in compare(order, payment, waybill, standing, products, rejected)
    ]
    return Match("import" if imported else "export", declared is not None, tuple(fields))


def _field(one: Comparison, declared: bool, hidden: frozenset[str]) -> Field:
    values = dict(one.values)
    if not declared and "broker" in values:
        values["broker"] = None
    status, limits = _status(one, values, declared, hidden), _LIMITS.get(one.field, frozenset())
    sides = _sides(values) if status == "disagree" and not limits else ()
    silent = frozenset(party for party in hidden if party in values and values[party] is None)
    return Field(one.field, one.rule, values, status, sides, limits & values.keys(), silent)


def _sides(values: Mapping[str, Said]) -> tuple[tuple[str, ...], ...]:
    """The parties that have spoken, with those who say the same; the fewest first, else in their own order."""
    by_value: dict[Said, list[str]] = {}
    for party, value in values.items():
        if value is not None:
            by_value.setdefault(value, []).append(party)
    return tuple(tuple(some) for some in sorted(by_value.values(), key=len))


def _status(one: Comparison, values: Mapping[str, Said], declared: bool, hidden: frozenset[str]) -> Status:
    silent = {party for party, value in values.items() if value is None}
    spoken = {value for value in values.values() if value is not None}
    # Beside a list that is not seen stands one as the order would have it: what differs then, differs without it.
    if silent & hidden and (silent & hidden != {"broker"} or one.agrees or len(spoken) <= 1):
        return "hidden"
    if silent and len(spoken) <= 1:
        return "undeclared" if not declared and silent == {"broker"} else "missing"
    return "agree" if one.agrees else "disagree"


def _hidden(asker: Asker, order: Order, unseen: Collection[str]) -> frozenset[str]:
    """The parties whose silence may only be the asker's blindness."""
    knows_products = asker.party == order.seller or may_see_all(PRODUCTS, asker)
    blind = frozenset(role for role, part in _SPEAKS_IN.items() if part in unseen)
    return blind if knows_products else blind | {"seller"}


def products_of(picture: Pictured, asker: Asker, order: Order) -> dict[str, Product]:
    """The products of an order's lines as their seller listed them, by SKU, as far as the asker may see them."""
    found = {}
    for sku in dict.fromkeys(line.sku for line in order.lines):
        for row in rows_of(picture, asker, PRODUCTS, seller=order.seller, sku=sku):
            product = record_of(PRODUCTS, row)
            if product is not None:
                found[sku] = product
    return found


def _as_ordered(
    order: Order, waybill: Waybill | None, products: Mapping[str, Product], imported: bool
) -> DeclareImport | DeclareExport:
    """The list that the order would have: it agrees wherever the others do, and is never shown."""
    gross = waybill.gross_weight_grams if waybill else 0
    told = order.persons
    given: dict[str, Any] = {
        "broker": "", "list_no": "", "seller": order.seller, "platform": order.platform, "order": order.order,
        "carrier": waybill.carrier if waybill else "", "waybill": waybill.waybill if waybill else "",
        "district": "", "port": "", "declared_at_ms": 0, "currency": order.currency,
        "freight_minor": order.freight_minor, "packages": waybill.packages if waybill else 1,
        "gross_weight_grams": gross, "net_weight_grams": 0, "transport": Transport(mode="5"),
        "country": order.ship_from if imported else order.ship_to, "lines": lines_left(order, products),
    }  # fmt: skip
    if not imported:
        return DeclareExport(**given)
    persons: dict[str, Any] = {
        name: getattr(told, name) for name in ("buyer_name", "buyer_id_number", "buyer_telephone", "consignee_address")
    }
    return DeclareImport(**given, **persons, assurer=order.platform, mode="9610")


def lines_left(order: Order, products: Mapping[str, Product]) -> tuple[ListLine, ...]:
    """What is left of an order's lines, as a list would declare it; without legal quantities.

    A line less what was cancelled is worth what the cancellation counted: half up. What no product tells is empty.
    """
    gone = order.cancelled or (0,) * len(order.lines)
    found = []
    for number, (line, less) in enumerate(zip(order.lines, gone, strict=True), 1):
        left = line.quantity - less
        if not left:
            continue
        product = products.get(line.sku)
        total = line.total_minor - (2 * line.total_minor * less + line.quantity) // (2 * line.quantity)
        found.append(
            ListLine(
                line=number, sku=line.sku, name=line.name, hs_code=product.hs_code if product else "",
                origin=product.origin if product else "", quantity=left, unit=product.unit if product else "",
                legal_quantity_e5=0, legal_unit="", price_e5=line.price_e5, total_minor=total,
            )
        )  # fmt: skip
    return tuple(found)
