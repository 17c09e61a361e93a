"""Which orders a batch is about: records name them, or name a payment, parcel or list that does."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.state import Table
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS, STANDINGS
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.payments.state import PAYMENTS
from sogdia.mirror.text import without_nul
from sogdia.mirror.trades.parts import READ, Key, looked_up

if TYPE_CHECKING:
    from sogdia.mirror.batch import Batch

Reference = tuple[str, str, str]
"""What is named, by whom, under which number."""
Step = tuple[int, int, int]
"""Height, index and position of an event."""

NAMED_BY: Final[Mapping[str, Table[Any]]] = {
    "payment": PAYMENTS, "waybill": WAYBILLS, "import_list": IMPORT_LISTS, "export_list": EXPORT_LISTS,
}  # fmt: skip


class Said(msgspec.Struct, frozen=True):
    """What an event may say of where it belongs."""

    platform: str = ""
    order: str = ""
    institution: str = ""
    payment: str = ""
    carrier: str = ""
    waybill: str = ""
    broker: str = ""
    list_no: str = ""
    subject: str = ""
    party: str = ""
    number: str = ""


_OF_TRADES: Final = ("orders.", "payments.", "logistics.", "customs.", "tax.")
_said = msgspec.json.Decoder(Said).decode


def touched(batch: "Batch") -> set[Reference]:
    """What the records of a batch name."""
    found: set[tuple[str, ...]] = set()
    tables = {one.prefix for one in READ}
    for changed in batch.changed:
        table = changed.shape.table
        if table.prefix not in tables:
            continue
        names = ("subject", "party", "number") if table is STANDINGS else ("platform", "order")
        places = [table.record.__struct_fields__.index(name) for name in names]
        for values, _ in changed.written:
            named = tuple([without_nul(values[place]) for place in places])
            found.add(named if len(named) == 3 else ("order", *named))
    return {_plain(one) for one in found}


def steps(batch: "Batch") -> Iterator[tuple[Reference, Step]]:
    """The announced events of a batch, with what each is about."""
    for one in batch.decided:
        for position, event in enumerate(one.done.events):
            about = _about(_said(event.json)) if event.tag.startswith(_OF_TRADES) else None
            if about is not None:
                yield about, (one.receipt.height, one.receipt.index, position)


def orders_of(
    connection: sql.Connection, tables: Mapping[str, sql.Table], references: Iterable[Reference]
) -> dict[Reference, Key]:
    """The order behind each reference; what nobody knows is left out."""
    found: dict[Reference, Key] = {}
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for kind, party, number in references:
        if kind == "order":
            found[kind, party, number] = (party, number)
        else:
            by_kind.setdefault(kind, []).append((party, number))
    for kind, wanted in by_kind.items():
        table = NAMED_BY[kind]
        made = tables[table.name]
        by = [made.c[name] for name in table.key]
        for party, number, *key in looked_up(connection, [*by, made.c.platform, made.c.order], by, sorted(wanted)):
            found[kind, party, number] = (key[0], key[1])
    return found


def _about(said: Said) -> Reference | None:
    if said.platform and said.order:
        return "order", said.platform, said.order
    if said.subject:
        return _plain((said.subject, said.party, said.number))
    if said.payment:
        return "payment", said.institution, said.payment
    if said.waybill:
        return "waybill", said.carrier, said.waybill
    return ("import_list", said.broker, said.list_no) if said.list_no else None


def _plain(named: tuple[str, ...]) -> Reference:
    subject, party, number = named
    return ("waybill" if subject == "delivery" else subject), party, number
