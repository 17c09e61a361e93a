"""Fills the tables of trades: what a batch touches is read again, whole, from the records just written."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sql

from sogdia.core.state import Table
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.state import ORDERS
from sogdia.domains.payments.state import PAYMENTS
from sogdia.mirror.text import kept, without_nul
from sogdia.mirror.trades.parts import READ, Key, Parts
from sogdia.mirror.trades.references import orders_of, steps, touched
from sogdia.mirror.trades.row import trade_row
from sogdia.mirror.trades.tables import TradeTables

if TYPE_CHECKING:
    from sogdia.mirror.audiences import Numbers
    from sogdia.mirror.batch import Batch
    from sogdia.mirror.loaders import Loader

LAYOUT: Final = 2
"""Raised when the same records give other rows."""
_AT_ONCE: Final = 1_000
_NUMBERED: Final[Mapping[str, tuple[Table[Any], str]]] = {
    ORDERS.name: (ORDERS, "order"), PAYMENTS.name: (PAYMENTS, "payment"), WAYBILLS.name: (WAYBILLS, "waybill"),
    IMPORT_LISTS.name: (IMPORT_LISTS, "list_no"), EXPORT_LISTS.name: (EXPORT_LISTS, "list_no"),
}  # fmt: skip
_KINDS: Final = {"list_no": "list"}


class TradeIndex:
    """The tables of trades in a mirror (`mirror.derived.Derived`)."""

    layout = LAYOUT

    def __init__(self, metadata: sql.MetaData) -> None:
        self.tables = TradeTables(metadata)
        self.replaced = (self.tables.trades, self.tables.numbers)
        self.records = {one.name: metadata.tables[one.name.replace(".", "_")] for one in READ}

    @classmethod
    def of(cls, known: Iterable[Table[Any]], metadata: sql.MetaData) -> "TradeIndex | None":
        """The tables of a mirror that holds every part of a trade, and of no other."""
        names = {one.name for one in known}
        return cls(metadata) if {one.name for one in READ} <= names else None

    def deriver(self) -> "TradeDeriver":
        """Who fills them."""
        return TradeDeriver(self)


class TradeDeriver:
    """Writes the rows of each batch (`mirror.derived.Deriver`)."""

    def __init__(self, index: TradeIndex) -> None:
        self._index, self._tables = index, index.tables

    def open(self, connection: sql.Connection) -> None:
        """Nothing is remembered."""

    def apply(self, connection: sql.Connection, loader: "Loader", batch: "Batch", numbers: "Numbers") -> None:
        """Write anew each trade that the batch touches, its numbers and its steps."""
        named, said = touched(batch), list(steps(batch))
        orders = orders_of(connection, self._index.records, named | {about for about, _ in said})
        numbered = sorted(set(_number_rows(batch, numbers)))
        if numbered:
            loader.put(connection, self._tables.numbers, numbered)
        placed = [(*orders[about], *step) for about, step in said if about in orders]
        if placed:
            loader.add(connection, self._tables.steps, placed)
        keys = sorted({orders[one] for one in named if one in orders})
        for start in range(0, len(keys), _AT_ONCE):
            # All are read before the first is written: a connection that copies rows answers no questions.
            rows = list(self._rows(connection, keys[start : start + _AT_ONCE]))
            loader.put(connection, self._tables.trades, rows)

    def _rows(self, connection: sql.Connection, keys: list[Key]) -> Iterator[tuple[Any, ...]]:
        parts = Parts(connection, self._index.records, keys)
        columns = [column.name for column in self._tables.trades.columns]
        for key in keys:
            row = trade_row(parts, key)
            if row is not None:
                yield tuple([row[name] for name in columns])


def _number_rows(batch: "Batch", numbers: "Numbers") -> Iterator[tuple[Any, ...]]:
    for changed in batch.changed:
        numbered = _NUMBERED.get(changed.shape.table.name)
        readers_of = changed.shape.readers_of
        if numbered is None or readers_of is None:
            continue
        table, name = numbered
        fields = table.record.__struct_fields__
        at, platform, order = (fields.index(one) for one in (name, "platform", "order"))
        lines = fields.index("lines") if table is ORDERS else None
        for values, _ in changed.written:
            rest = (without_nul(values[platform]), without_nul(values[order]), numbers[readers_of(values)])
            yield _number_row(values[at], _KINDS.get(name, name), *rest)
            for line in () if lines is None else values[lines]:
                yield _number_row(line.sku, "sku", *rest)


def _number_row(text: str, kind: str, *rest: Any) -> tuple[Any, ...]:
    number = folded(text)
    return number, kind, *rest, number[::-1]


def folded(text: str) -> str:
    """A number as it is searched: in capitals, short enough for an index."""
    return kept(text.upper())
