"""Dated, sourced rows of rates, limits and lists, which refuse to answer for a day that no row covers.

A row holds for whole days, `valid_from` and `valid_to` included. A later row may follow or cut short the one before
it; it may never change a day that an earlier publication has already covered from the row's own first day on. What
nobody could check carries certainty `memory` and is shown so wherever the row is used.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import IntEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table, View
from sogdia.core.values import Day, Reference

Certainty = Literal["verified", "secondary", "derived", "memory", "suggestion"]


class Refused(IntEnum):
    """Refusals of rulebooks, 100-199."""

    NO_ROW = 101
    PAST_LAST_DAY = 102
    ROWS_OVERLAP = 103
    DAYS_REVERSED = 104
    NO_SUCH_DAY = 105


class RuleRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: in this book, under this key, from this day to that one, this value, said by this source."""

    book: Reference
    key: Reference
    valid_from: Day
    valid_to: Day
    value: Annotated[str, Meta(max_length=1000)]
    source: Annotated[str, Meta(min_length=1, max_length=300)]
    certainty: Certainty


class Shelf(Record, frozen=True, array_like=True):
    """All rows of one book under one key, oldest first, never overlapping."""

    book: str
    key: str
    rows: tuple[RuleRow, ...]


def shelves(name: str) -> Table[Shelf]:
    """A domain's table of rulebook rows; anyone may read them."""
    return Table(name, Shelf, key=("book", "key"), public=True)


def publish(ledger: Ledger, table: Table[Shelf], rows: Iterable[RuleRow]) -> None:
    """Put rows on record; each follows, or cuts short, what stands under its key."""
    for row in rows:
        for day in (row.valid_from, row.valid_to):
            _checked_day(day)
        if row.valid_to < row.valid_from:
            raise Refusal(Refused.DAYS_REVERSED, book=row.book, key=row.key, valid_from=row.valid_from)
        shelf = table.get(ledger.state, row.book, row.key)
        standing = shelf.rows if shelf else ()
        if row not in standing:
            table.put(ledger.state, Shelf(row.book, row.key, _followed_by(standing, row)))


def answer(view: View, table: Table[Shelf], book: str, key: str, day: str) -> RuleRow:
    """The row that holds on this day; refusals NO_ROW and PAST_LAST_DAY name the book, the key and the day."""
    shelf = table.get(view, book, key)
    for row in shelf.rows if shelf else ():
        if row.valid_from <= day <= row.valid_to:
            return row
    if shelf is not None and day > shelf.rows[-1].valid_to:
        raise Refusal(Refused.PAST_LAST_DAY, book=book, key=key, day=day, last_day=shelf.rows[-1].valid_to)
    raise Refusal(Refused.NO_ROW, book=book, key=key, day=day)


def longest_prefix(view: View, table: Table[Shelf], book: str, code: str, day: str) -> RuleRow:
    """The row under the longest beginning of a code that has one; as `answer` otherwise."""
    for length in range(len(code), 1, -1):
        if table.get(view, book, code[:length]) is not None:
            return answer(view, table, book, code[:length], day)
    raise Refusal(Refused.NO_ROW, book=book, key=code, day=day)


def _followed_by(standing: tuple[RuleRow, ...], row: RuleRow) -> tuple[RuleRow, ...]:
    kept = list(standing)
    if kept and row.valid_from <= kept[-1].valid_from:
        raise Refusal(Refused.ROWS_OVERLAP, book=row.book, key=row.key, valid_from=row.valid_from)
    if kept and kept[-1].valid_to >= row.valid_from:
        eve = date.fromisoformat(row.valid_from) - timedelta(days=1)
        kept[-1] = msgspec.structs.replace(kept[-1], valid_to=eve.isoformat())
    return (*kept, row)


def _checked_day(day: str) -> None:
    try:
        well_formed = date.fromisoformat(day).isoformat() == day
    except ValueError:
        well_formed = False
    if not well_formed:
        raise Refusal(Refused.NO_SUCH_DAY, day=day)
