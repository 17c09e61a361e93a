"""Everything that stands on the record of one trade, as far as the asker may see it."""

import typing
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from sogdia.core.state import Record
from sogdia.domains.catalog.state import Product
from sogdia.domains.customs.state import Declaration, ExportList, ImportList, Standing
from sogdia.domains.identity.state import Party
from sogdia.domains.logistics.state import Parcels, Waybill
from sogdia.domains.orders.state import Order
from sogdia.domains.payments.state import OrderPaid, Payment
from sogdia.domains.tax.state import Bill

if TYPE_CHECKING:
    from sogdia.app import Node

CHINA = "CN"
R = TypeVar("R", bound=Record)
Key = tuple[str, ...]


class OrderUnknown(LookupError):
    """There is no such order on record, or the asker may not see it."""


class Source(Protocol):
    """Where records come from: a `Connection`, or anything that looks up as one does."""

    network: str

    def lookup(self, wanted: Sequence[Key]) -> list[dict[str, Any] | None]:
        """Records by table and key fields, in the order asked."""
        ...


class Dossier(msgspec.Struct, frozen=True):
    """One trade. `standings` are customs' latest answers by (subject, party, number); `products` are found by SKU."""

    network: str
    order: Order
    payment: Payment | None
    waybills: tuple[Waybill, ...]
    declared: ImportList | ExportList | None
    bill: Bill | None
    standings: Mapping[tuple[str, str, str], Standing]
    parties: Mapping[str, Party]
    products: Mapping[str, Product]

    @property
    def imported(self) -> bool:
        """Whether the goods come in: as the list says, and before there is one, as the order's destination does."""
        if self.declared is not None:
            return isinstance(self.declared, ImportList)
        return self.order.ship_to == CHINA

    @property
    def crosses(self) -> bool:
        """Whether there is anything to declare at all."""
        return self.declared is not None or self.order.ship_from != self.order.ship_to


def read_dossier(source: "Source | Node", platform: str, order: str) -> Dossier:
    """The trade of an order. OrderUnknown when the asker sees no such order."""
    at = source_of(source)
    of_order = (platform, order)
    places: list[Key] = [
        ("orders.order", *of_order),
        ("logistics.parcels", *of_order),
        ("customs.declaration", *of_order),
    ]
    sale, parcels, declaration = at.lookup(places)
    if sale is None:
        raise OrderUnknown(f"no order {order} of {platform} that the asker may see")
    placed = typed(Order, sale)
    declared, bill = _declared(at, optional(Declaration, declaration))
    payment = _payment(at, placed)
    waybills = _waybills(at, optional(Parcels, parcels), declared)
    return Dossier(
        network=at.network,
        order=placed,
        payment=payment,
        waybills=waybills,
        declared=declared,
        bill=bill,
        standings=_standings(at, placed, payment, waybills, declared),
        parties=_parties(at, placed, waybills, declared),
        products=_products(at, placed),
    )


def source_of(source: "Source | Node") -> Source:
    """A node is read as its operator may: everything."""
    from sogdia.app import Node

    return NodeSource(source) if isinstance(source, Node) else source


class NodeSource:
    """A node in this process, as its operator reads it, or as a party may."""

    def __init__(self, node: "Node", party: str = "") -> None:
        self._node = node
        self._party = party
        self.network = node.info.network

    def lookup(self, wanted: Sequence[Key]) -> list[dict[str, Any] | None]:
        """Records as they stand; None for those that the party may not see."""
        from sogdia.app import TABLES, shown
        from sogdia.core.query import may_see

        asker = self._node.asker(self._party) if self._party else None
        found = [(TABLES[table], self._node.record(table, *key)) for table, *key in wanted]
        return [
            shown(record) if record is not None and (asker is None or may_see(table, record, asker)) else None
            for table, record in found
        ]


def typed(kind: type[R], plain: Mapping[str, Any]) -> R:
    """A record from its plain fields, as a look-up gives them."""
    return kind(**{name: msgspec.convert(plain[name], hint) for name, hint in _hints(kind).items()})


def optional(kind: type[R], plain: Mapping[str, Any] | None) -> R | None:
    """As `typed`, and None for None."""
    return None if plain is None else typed(kind, plain)


@cache
def _hints(kind: type[Record]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in kind.__struct_fields__}


# -- the parts -------------------------------------------------------------------------------------------------------


def _payment(at: Source, placed: Order) -> Payment | None:
    """What the institution that the order names attests; what any other says of the order is no part of its trade."""
    if placed.institution is None:
        return None
    found = at.lookup([("payments.paid_order", placed.platform, placed.order, placed.institution)])[0]
    paid = optional(OrderPaid, found)
    if paid is None:
        return None
    return optional(Payment, at.lookup([("payments.payment", paid.institution, paid.payment)])[0])


def _declared(at: Source, declaration: Declaration | None) -> tuple[ImportList | ExportList | None, Bill | None]:
    if declaration is None:
        return None, None
    key = (declaration.broker, declaration.list_no)
    listed, bill = at.lookup([(f"customs.{declaration.subject}", *key), ("tax.bill", *key)])
    kind: type[ImportList] | type[ExportList] = ImportList if declaration.subject == "import_list" else ExportList
    return optional(kind, listed), optional(Bill, bill)


def _waybills(at: Source, parcels: Parcels | None, declared: ImportList | ExportList | None) -> tuple[Waybill, ...]:
    """The order's parcels; who may not see their list still sees the one that the declaration names."""
    numbers = [] if parcels is None else list(parcels.waybills)
    if declared is not None and (declared.carrier, declared.waybill) not in numbers:
        numbers.append((declared.carrier, declared.waybill))
    found = at.lookup([("logistics.waybill", *number) for number in numbers]) if numbers else []
    return tuple(typed(Waybill, waybill) for waybill in found if waybill is not None)


def _standings(
    at: Source,
    order: Order,
    payment: Payment | None,
    waybills: Iterable[Waybill],
    declared: ImportList | ExportList | None,
) -> dict[tuple[str, str, str], Standing]:
    subjects = [("order", order.platform, order.order)]
    if payment is not None:
        subjects.append(("payment", payment.institution, payment.payment))
    for waybill in waybills:
        subjects += [(subject, waybill.carrier, waybill.waybill) for subject in ("waybill", "delivery")]
    if declared is not None:
        subject = "import_list" if isinstance(declared, ImportList) else "export_list"
        subjects.append((subject, declared.broker, declared.list_no))
    found = at.lookup([("customs.standing", *subject) for subject in subjects])
    return {key: typed(Standing, one) for key, one in zip(subjects, found, strict=True) if one is not None}


def _parties(
    at: Source, order: Order, waybills: Iterable[Waybill], declared: ImportList | ExportList | None
) -> dict[str, Party]:
    dids = [order.platform, order.seller, *(waybill.carrier for waybill in waybills)]
    if order.institution is not None:
        dids.append(order.institution)
    if declared is not None:
        dids += [declared.broker, declared.carrier]
    if isinstance(declared, ImportList):
        dids.append(declared.assurer)
    dids = list(dict.fromkeys(dids))
    found = at.lookup([("identity.party", did) for did in dids])
    return {did: typed(Party, party) for did, party in zip(dids, found, strict=True) if party is not None}


def _products(at: Source, order: Order) -> dict[str, Product]:
    skus = list(dict.fromkeys(line.sku for line in order.lines))
    found = at.lookup([("catalog.product", order.seller, sku) for sku in skus])
    return {sku: typed(Product, product) for sku, product in zip(skus, found, strict=True) if product is not None}
