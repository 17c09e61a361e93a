"""Answers in the order of a value that events have under a path: all that is found is put in order, then cut."""

from typing import Any, Final

import sqlalchemy as sql

from sogdia.mirror.text import kept
from sogdia.mirror.trace.listed import listed
from sogdia.mirror.trace.querying.search import Search
from sogdia.mirror.trace.querying.terms import apart
from sogdia.mirror.trace.view import View, parts
from sogdia.standards.epcis.query.conditions import Order
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.tokens import Place

SORTED_LIMIT: Final = 50_000
"""Most events that are put in order; more are refused with QueryTooComplexException."""
LOOKED_AT_LIMIT: Final = 500_000
_NO_VALUE: Final = 3

Rank = tuple[int, Any]
"""0 and a number, 1 and a time, 2 and a text; 3: no value. Numbers are doubles, long texts as `text.kept` has them."""
Ranked = tuple[Rank, Any]
"""An event's rank, and its row."""


def ranked(view: View, search: Search, order: Order) -> list[Ranked]:
    """All rows that pass, in this order; what is equal in that of the record."""
    rows: dict[int, Any] = {}
    looked_at = 0
    for part in search.parts(None, SORTED_LIMIT):
        rows.update({row.seq: row for _, row in part.rows})
        looked_at += part.looked_at
        if len(rows) > SORTED_LIMIT or looked_at > LOOKED_AT_LIMIT:
            wrong = f"more than {SORTED_LIMIT} events would be put in the order of {order.path}"
            raise QueryRefused("orderBy", order.path, wrong, "add conditions", "QueryTooComplexException")
    ranks = _ranks(view, sorted(rows), order)
    with_value = sorted(ranks)
    with_value.sort(key=ranks.__getitem__, reverse=order.is_descending)
    found = [(ranks[seq], rows[seq]) for seq in with_value]
    return found + [((_NO_VALUE, None), rows[seq]) for seq in sorted(rows) if seq not in ranks]


def behind(found: list[Ranked], order: Order, place: Place) -> list[Ranked]:
    """Those after a place."""
    kind, key, seq = int(place[0] or 0), place[1], int(place[2] or 0)
    at: Rank = (kind, float(str(key)) if kind == 0 else key)
    return [one for one in found if _is_behind(one, order, at, seq)]


def _is_behind(one: Ranked, order: Order, at: Rank, seq: int) -> bool:
    rank, row = one
    if rank == at:
        return bool(row.seq > seq)
    if _NO_VALUE in (rank[0], at[0]):
        return rank[0] == _NO_VALUE
    return rank < at if order.is_descending else rank > at


def place_of(one: Ranked) -> Place:
    """The place of a row, for a token."""
    (kind, key), row = one
    return kind, repr(key) if kind == 0 else key, row.seq


def _ranks(view: View, numbers: list[int], order: Order) -> dict[int, Rank]:
    values, found = view.tables.values, dict[int, Rank]()
    for part in parts(numbers):
        these = values.c.seq.in_(sql.select(listed(view.connection, part).c.value))
        its = apart(values.c.path) == kept(order.path), values.c.uom == ""
        wanted = sql.select(values.c.seq, values.c.number, values.c.time_us, values.c.text).where(these, *its)
        for seq, number, time_us, text in view.connection.execute(wanted):
            rank = _rank(number, time_us, text)
            if rank is not None:
                before = found.setdefault(seq, rank)
                found[seq] = max(before, rank) if order.is_descending else min(before, rank)
    return found


def _rank(number: float | None, time_us: int | None, text: str | None) -> Rank | None:
    if number is not None:
        return 0, number
    if time_us is not None:
        return 1, time_us
    return None if text is None else (2, text)
