"""Rows of all rulebooks on record: which holds on a day, which nobody has checked, which ends soon and is not followed.

A table of any module whose records are shelves is a rulebook's; books of later modules are shown without being named.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from sogdia.core.state import Table, View
from sogdia.domains.customs.state import LIMITS_BOOK
from sogdia.insight.risks import UNCHECKED
from sogdia.interfaces.console.rendering import money
from sogdia.primitives.rulebooks import RuleRow, Shelf

SOON_DAYS: Final = 30
SHOWS: Final = ("day", "unchecked", "ending", "all")
_FEN: Final = "_fen"
_URL: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)]")
_HS_CODE: Final = re.compile(r"\d{2,10}")


class RowShown(msgspec.Struct, frozen=True):
    """A row at a day: `state` is past, holds or coming; `days_left` counts when it ends soon and nothing follows."""

    table: str
    row: RuleRow
    state: str
    is_unchecked: bool
    days_left: int | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows of the rows at a day: those that hold, of these the unchecked or the ending, or all."""

    day: str
    show: str
    book: str = ""
    text: str = ""

    def takes(self, one: RowShown) -> bool:
        """Whether a row is in the list; `text` may stand in its key, value or source, or be a code that it covers."""
        shown = {
            "all": True,
            "day": one.state == "holds",
            "unchecked": one.state == "holds" and one.is_unchecked,
            "ending": one.days_left is not None,
        }[self.show]
        row, text = one.row, self.text.casefold()
        named = any(text in told.casefold() for told in (row.key, row.value, row.source)) or self._covered_by(row)
        return shown and named and self.book in ("", row.book)

    @property
    def is_hs_code(self) -> bool:
        """Whether somebody looks for goods by the beginning of their code."""
        return _HS_CODE.fullmatch(self.text) is not None

    def _covered_by(self, row: RuleRow) -> bool:
        """Whether the row's key is the beginning of the code: rates of 04 hold for 0409 when no longer key has any."""
        beginning = row.key.rpartition("/")[2]
        return self.is_hs_code and _HS_CODE.fullmatch(beginning) is not None and self.text.startswith(beginning)


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """A book at a day, in numbers of rows; `ends` is the next last day that no row follows."""

    table: str
    name: str
    keys: int
    rows: int
    holding: int
    unchecked: int
    ending: int
    ends: str


class Value(msgspec.Struct, frozen=True):
    """A part of a row's value: its name (empty when it is the whole), what it says, its currency if it is money."""

    name: str
    text: str
    currency: str = ""


def tables_of(tables: Iterable[Table[Any]]) -> list[Table[Shelf]]:
    """The tables that hold rulebooks, by name."""
    return sorted((one for one in tables if one.record is Shelf), key=lambda one: one.name)


def every_row(view: View, tables: Iterable[Table[Shelf]], day: str) -> Iterator[RowShown]:
    """All rows by table, book, key and first day, as they stand on this day."""
    for table in tables:
        for shelf in table.under(view):
            yield from rows_of(table.name, shelf, day)


def rows_of(table: str, shelf: Shelf, day: str) -> Iterator[RowShown]:
    """The rows of one shelf as they stand on this day."""
    for place, row in enumerate(shelf.rows):
        is_last = place == len(shelf.rows) - 1
        state = "coming" if day < row.valid_from else "past" if row.valid_to < day else "holds"
        left = _days_left(row, day) if is_last and state == "holds" else None
        yield RowShown(table, row, state, row.certainty in UNCHECKED, left)


def books_of(rows: Iterable[RowShown]) -> list[Book]:
    """The books of these rows, each counted."""
    found: dict[tuple[str, str], list[RowShown]] = {}
    for one in rows:
        found.setdefault((one.table, one.row.book), []).append(one)
    return [_book(table, name, held) for (table, name), held in found.items()]


def values_of(row: RuleRow) -> list[Value]:
    """What a row says, in parts: shares and rates as percent, limits in the units of the currency."""
    if row.book == LIMITS_BOOK and row.key.endswith(_FEN) and row.value.isascii() and row.value.isdigit():
        return [Value("", money(int(row.value), "CNY"), "CNY")]
    try:
        parts = msgspec.json.decode(row.value, type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return [Value("", row.value)]
    return [_part(name, text) for name, text in parts.items()]


def source_parts(source: str) -> tuple[str, str, str]:
    """A source's words before its address, the address (http or https; may be empty), and the words after it."""
    found = _URL.search(source)
    return (source[: found.start()], found[0], source[found.end() :]) if found else (source, "", "")


def day_or(text: str, default: str) -> str:
    """A day as YYYY-MM-DD; the default for what is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return default


def _part(name: str, text: str) -> Value:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Value(name, text)
    if name.endswith(_FEN):
        return Value(name, f"{number.scaleb(-2).normalize():f}", "CNY")
    return Value(name, f"{(number * 100).normalize():f} %")


def _days_left(row: RuleRow, day: str) -> int | None:
    left = date.fromisoformat(row.valid_to) - date.fromisoformat(day)
    return left.days if left <= timedelta(days=SOON_DAYS) else None


def _book(table: str, name: str, rows: list[RowShown]) -> Book:
    holding = [one for one in rows if one.state == "holds"]
    last = {one.row.key: one.row.valid_to for one in rows}
    return Book(
        table=table,
        name=name,
        keys=len(last),
        rows=len(rows),
        holding=len(holding),
        unchecked=sum(one.is_unchecked for one in holding),
        ending=sum(one.days_left is not None for one in holding),
        ends=min((last[one.row.key] for one in holding), default=""),
    )
