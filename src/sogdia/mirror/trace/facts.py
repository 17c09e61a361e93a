"""What one event says of things, places and parties, as it was written: plain rows for the index to number."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from sogdia.mirror.trace.words import LEAVING, Link, Role
from sogdia.standards.epcis.model import (
    AggregationEvent,
    AnyEvent,
    AssociationEvent,
    ObjectEvent,
    QuantityElement,
    TransactionEvent,
    TransformationEvent,
)
from sogdia.standards.epcis.query.names import written_out

_LOT_NAMES: Final = frozenset(("{urn:epcglobal:cbv:mda}lotNumber", "{https://ref.gs1.org/cbv/mda}lotNumber"))
_POSSESSING, _OWNING = "possessing_party", "owning_party"


class Mention(NamedTuple):
    """A thing named in a role; `number` counts quantities of one class in one list."""

    role: Role
    thing: str
    number: int = 0
    quantity: str | None = None
    uom: str | None = None


class Custody(NamedTuple):
    """Children come into a parent, or out of it if it `ends`: no child stands for all of them, no parent for any."""

    kind: Link
    ends: bool
    parent: str
    children: tuple[str, ...]


class Facts(NamedTuple):
    """What an event says.

    `lots` are pairs of product class or serial and lot number. Used and made go through the transformation, which is
    `transformation` where it has a name.
    """

    mentions: list[Mention]
    custody: Custody | None
    used: tuple[str, ...]
    made: tuple[str, ...]
    transformation: str | None
    lots: list[tuple[str, str]]
    custodian: str | None


_NO_THINGS: tuple[str, ...] = ()


def facts_of(event: AnyEvent, party: str = "") -> Facts:
    """Everything that the index keeps of an event of this party besides its own row."""
    if isinstance(event, TransformationEvent):
        return _transformation(event, party)
    if isinstance(event, AggregationEvent | AssociationEvent):
        return _custody(event, party)
    mentions = [Mention(Role.EPC, epc) for epc in event.epc_list]
    mentions += _quantities(Role.CLASS, event.quantity_list)
    lots: list[tuple[str, str]] = []
    if isinstance(event, TransactionEvent):
        mentions += _parent(event.parent_id)
    elif event.ilmd and event.action == "ADD":
        lots = [(epc, lot) for lot in lots_of(event) for epc in event.epc_list]
    return Facts(mentions, None, _NO_THINGS, _NO_THINGS, None, lots, custodian(event, party))


def _transformation(event: TransformationEvent, party: str) -> Facts:
    used = (*event.input_epc_list, *(one.epc_class for one in event.input_quantity_list))
    made = (*event.output_epc_list, *(one.epc_class for one in event.output_quantity_list))
    mentions = [Mention(Role.INPUT, epc) for epc in event.input_epc_list]
    mentions += _quantities(Role.INPUT_CLASS, event.input_quantity_list)
    mentions += [Mention(Role.OUTPUT, epc) for epc in event.output_epc_list]
    mentions += _quantities(Role.OUTPUT_CLASS, event.output_quantity_list)
    lots = [(epc, lot) for lot in lots_of(event) for epc in event.output_epc_list]
    return Facts(mentions, None, used, made, event.transformation_id, lots, custodian(event, party))


def _custody(event: AggregationEvent | AssociationEvent, party: str) -> Facts:
    mentions = _parent(event.parent_id) + [Mention(Role.CHILD, epc) for epc in event.child_epcs]
    mentions += _quantities(Role.CHILD_CLASS, event.child_quantity_list)
    children = (*event.child_epcs, *(one.epc_class for one in event.child_quantity_list))
    kind = Link.HOLDS if isinstance(event, AggregationEvent) else Link.BOUND
    parent, ends = event.parent_id or "", event.action == "DELETE"
    says_something = (parent and children) or (ends and (parent or children))
    custody = Custody(kind, ends, parent, children) if event.action != "OBSERVE" and says_something else None
    return Facts(mentions, custody, _NO_THINGS, _NO_THINGS, None, [], custodian(event, party))


def _parent(parent: str | None) -> list[Mention]:
    return [Mention(Role.PARENT, parent)] if parent else []


def _quantities(role: Role, quantities: Iterable[QuantityElement]) -> Iterator[Mention]:
    seen: dict[str, int] = {}
    for one in quantities:
        number = seen[one.epc_class] = seen.get(one.epc_class, -1) + 1
        yield Mention(role, one.epc_class, number, None if one.quantity is None else str(one.quantity), one.uom)


def lots_of(event: ObjectEvent | TransformationEvent) -> list[str]:
    """The lot numbers in an event's instance or lot master data (CBV 2.0, 9.3: lotNumber)."""
    found: list[str] = []
    for name, value in event.ilmd.items():
        if name.endswith("lotNumber") and written_out(name, event.context) in _LOT_NAMES:
            found += [one for one in _texts(value) if one]
    return found


def _texts(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str | int)]


def custodian(event: AnyEvent, party: str) -> str | None:
    """Who has the things after the event: by possession before ownership; the source while they are only leaving.

    Who says of itself that it is where they go has taken them over: a carrier at pick-up.
    """
    sources = {one.type: one.source for one in event.source_list}
    destinations = {one.type: one.destination for one in event.destination_list}
    is_leaving = event.biz_step in LEAVING and party not in destinations.values()
    order = (sources,) if is_leaving else (destinations, sources)
    for kind in (_POSSESSING, _OWNING):
        for parties in order:
            if kind in parties:
                return parties[kind]
    return None
