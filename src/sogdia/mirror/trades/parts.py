"""The parts of some trades, read together from the records' tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.state import Table
from sogdia.domains.customs.state import DECLARATIONS, EXPORT_LISTS, IMPORT_LISTS, RELEASED, STANDINGS
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.state import ORDERS
from sogdia.domains.payments.state import PAYMENTS
from sogdia.mirror.text import AUDIENCE

Key = tuple[str, str]
"""Platform and number of an order."""
Row = Mapping[Any, Any]

READ: Final[tuple[Table[Any], ...]] = (
    ORDERS, PAYMENTS, WAYBILLS, DECLARATIONS, IMPORT_LISTS, EXPORT_LISTS, STANDINGS, RELEASED,
)  # fmt: skip
"""The tables that a trade is made of."""
LISTS: Final[Mapping[str, Table[Any]]] = {"import_list": IMPORT_LISTS, "export_list": EXPORT_LISTS}
_ASKED_AT_ONCE: Final = 300
_OF_ORDER: Final = ("platform", "order")
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    ORDERS.name: (
        *_OF_ORDER, "seller", "placed_at_ms", "ship_from", "ship_to", "currency", "paid_minor", "institution",
        "cancelled",
    ),
    PAYMENTS.name: (*_OF_ORDER, "institution", "payment", "paid_at_ms", "refunded_minor"),
    WAYBILLS.name: (*_OF_ORDER, "carrier", "waybill", "issued_at_ms", "status", "status_at_ms", "ship_to", "reports"),
    DECLARATIONS.name: (*_OF_ORDER, "subject", "broker", "list_no"),
    RELEASED.name: (*_OF_ORDER, "subject", "broker", "list_no", "released_at_ms"),
    IMPORT_LISTS.name: (
        *_OF_ORDER, "broker", "list_no", "declared_at_ms", "currency", "carrier", "waybill", "value_fen",
    ),
    EXPORT_LISTS.name: (
        *_OF_ORDER, "broker", "list_no", "declared_at_ms", "currency", "carrier", "waybill", "value_minor",
    ),
    STANDINGS.name: ("subject", "party", "number", "code", "phase", "answered_at_ms"),
}  # fmt: skip


class Parts:
    """Everything on record about some orders, by order."""

    def __init__(self, connection: sql.Connection, tables: Mapping[str, sql.Table], keys: Sequence[Key]) -> None:
        self._connection, self._tables = connection, tables
        self.orders = {_key(row): row for row in self._found(ORDERS, _OF_ORDER, keys)}
        self.payments = _grouped(self._found(PAYMENTS, _OF_ORDER, keys))
        self.waybills = _grouped(self._found(WAYBILLS, _OF_ORDER, keys))
        self.declared = {_key(row): row for row in self._found(DECLARATIONS, _OF_ORDER, keys)}
        self.lists = self._lists()
        named = [(subject, *rest) for subject, *rest in self.lists]
        standings = self._found(STANDINGS, ("subject", "party", "number"), named)
        self.standings = {(row["subject"], row["party"], row["number"]): row for row in standings}
        released = self._found(RELEASED, _OF_ORDER, keys)
        names = ("subject", "broker", "list_no")
        self.released = {tuple(row[name] for name in names): row["released_at_ms"] for row in released}
        self.gone = self._wholly_cancelled()

    def _lists(self) -> dict[tuple[str, str, str], Row]:
        found: dict[tuple[str, str, str], Row] = {}
        for subject, table in LISTS.items():
            named = [(row["broker"], row["list_no"]) for row in self.declared.values() if row["subject"] == subject]
            for row in self._found(table, ("broker", "list_no"), named):
                found[subject, row["broker"], row["list_no"]] = row
        return found

    def _wholly_cancelled(self) -> set[Key]:
        """The orders of which nothing is left."""
        some = [key for key, row in self.orders.items() if row["cancelled"]]
        lines = self._found(ORDERS, _OF_ORDER, some, (*_OF_ORDER, "lines", "cancelled"))
        return {
            _key(row)
            for row in lines
            if all(line["quantity"] == gone for line, gone in zip(row["lines"], row["cancelled"], strict=True))
        }

    def _found(
        self, table: Table[Any], by: tuple[str, ...], wanted: Sequence[tuple[str, ...]], columns: Sequence[str] = ()
    ) -> list[Row]:
        made = self._tables[table.name]
        shown = [made.c[name] for name in columns or _COLUMNS[table.name]]
        shown.append(made.c[AUDIENCE])
        names = [column.name for column in shown]
        rows = looked_up(self._connection, shown, [made.c[name] for name in by], wanted)
        return [dict(zip(names, row, strict=True)) for row in rows]


def looked_up(
    connection: sql.Connection,
    shown: Sequence[sql.Column[Any]],
    by: Sequence[sql.Column[Any]],
    wanted: Sequence[tuple[Any, ...]],
) -> Iterator[tuple[Any, ...]]:
    """The rows whose columns `by` are among the wanted, asked for a few hundred at a time.

    A batch asks this thousands of times, so the text is made here and not by way of expressions.
    """
    quote = connection.dialect.identifier_preparer.quote
    columns, keys = (", ".join(quote(one.name) for one in some) for some in (shown, by))
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    one_key = f"({', '.join([mark] * len(by))})"
    nested = [place for place, column in enumerate(shown) if isinstance(column.type, sql.TypeDecorator)]
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        some = wanted[start : start + _ASKED_AT_ONCE]
        among = ", ".join([one_key] * len(some))
        text = f"SELECT {columns} FROM {quote(shown[0].table.name)} WHERE ({keys}) IN (VALUES {among})"
        for row in connection.exec_driver_sql(text, tuple([value for key in some for value in key])):
            yield _decoded(row, nested) if nested else tuple(row)


def _decoded(row: Sequence[Any], nested: Iterable[int]) -> tuple[Any, ...]:
    values = list(row)
    for place in nested:
        values[place] = msgspec.json.decode(values[place])
    return tuple(values)


def _key(row: Row) -> Key:
    return row["platform"], row["order"]


def _grouped(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    for row in rows:
        found.setdefault(_key(row), []).append(row)
    return found
