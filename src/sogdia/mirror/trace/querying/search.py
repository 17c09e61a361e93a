"""The events that fulfil all conditions of a query, in the order of the answer, part by part."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.listed import NUMBERS, listed
from sogdia.mirror.trace.querying.heads import TIMES
from sogdia.mirror.trace.querying.kinds import leading, term_of, visible
from sogdia.mirror.trace.querying.terms import Scope, apart, record_bound, time_bound
from sogdia.mirror.trace.view import View
from sogdia.mirror.trace.words import Standing
from sogdia.standards.epcis.query.conditions import Compare, Query
from sogdia.standards.epcis.reading import read_event

NARROW: Final = (200, 4_000, 20_000)
"""So many events are taken from an index at once when a condition leaves no more; the first is tried at first."""
GROUP_LIMIT: Final = 20_000
Mark = tuple[int, int]
"""A place in the order of the answer: the key of an event, and its number."""


class Matched(NamedTuple):
    """An event that was found: the place that was given with it, its row of `traced_entry`, and its JSON."""

    mark: Any
    row: Any
    text: str


class Part(NamedTuple):
    """Rows that pass in SQL, after one another; `edge` is how far all was looked at, None: to the end."""

    rows: Sequence[tuple[Mark, Any]]
    edge: Mark | None
    looked_at: int


class Search:
    """One query of one asker. Events up to number `after_seq` are left out, and then the record gives the order."""

    def __init__(
        self, view: View, picture: SqlPicture, asker: Asker, query: Query, after_seq: int | None = None
    ) -> None:
        self._view, self._entries, self._after_seq = view, view.tables.entries, after_seq
        compares = [one for one in query.conditions if isinstance(one, Compare)]
        self._times = [time_bound(one) for one in compares if one.path == "eventTime"]
        self._record_times = [record_bound(one) for one in compares if one.path == "recordTime"]
        self._scope = Scope(view, picture, asker, self._times)
        self._terms = [term_of(self._scope, one) for one in query.conditions]
        self._judges = [one.judge for one in self._terms if one.judge is not None]
        self._visible = visible(self._scope)
        self._leading = leading(self._scope, compares)
        self._order(query)

    def _order(self, query: Query) -> None:
        entries, path = self._entries, "" if query.order is None else query.order.path
        self._is_descending = path in TIMES and query.order is not None and query.order.is_descending
        if self._after_seq is not None:
            self._key, self._is_descending = entries.c.seq, False
        elif path in TIMES:
            self._key = entries.c[TIMES[path]]
        elif self._record_times:
            self._key = entries.c.recorded_ms
        else:
            self._key = entries.c.time_us if self._times or self._leading is not None else entries.c.seq

    def parts(self, place: Mark | None, first: int) -> Iterator[Part]:
        """All that passes in SQL after a place, the first part out of about so many events, later ones of more."""
        narrow = self._narrow(NARROW[:1])
        if narrow is None:
            part = self._group(place, min(first, GROUP_LIMIT))
            yield part
            if part.edge is None:
                return
            place, narrow = part.edge, self._narrow(NARROW[1:])
        if narrow is not None:
            yield Part(self._in_order(place, narrow), None, len(narrow))
            return
        size, edge = first * 4, place
        while True:
            part = self._group(edge, min(size, GROUP_LIMIT))
            yield part
            if part.edge is None:
                return
            size, edge = size * 4, part.edge

    def judged(self, rows: Sequence[tuple[Any, Any]], at_once: int) -> Iterator[Matched]:
        """Those of the rows whose events fulfil the query, with their JSON, which is read for so many at once."""
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            for (mark, row), text in zip(some, self._view.texts(row for _, row in some), strict=True):
                if self._is_met(row.party, text):
                    yield Matched(mark, row, text)

    @property
    def needs_texts(self) -> bool:
        """Whether rows pass in SQL that have to be judged."""
        return bool(self._judges)

    def _is_met(self, party: str, text: str) -> bool:
        if not self._judges:
            return True
        event = read_event(text.encode())
        return all(judge(event, party) for judge in self._judges)

    # -- by the narrowest condition ------------------------------------------------------------------------------

    def _narrow(self, limits: Sequence[int]) -> list[int] | None:
        """The numbers of all events that some one condition leaves, if they are few; what is new is few anyway."""
        if self._after_seq is not None:
            return None
        sources = [one.source for one in (*self._terms, self._visible) if one.source is not None]
        for limit in limits:
            for source in sources:
                given = source.subquery()
                found = self._view.connection.execute(sql.select(given.c[0]).limit(limit + 1)).scalars().all()
                if len(found) <= limit:
                    return sorted(set(found))
        return None

    def _in_order(self, place: Mark | None, numbers: Sequence[int]) -> list[tuple[Mark, Any]]:
        found = [((getattr(row, self._key.name), row.seq), row) for row in self._passing(numbers).values()]
        found.sort(key=lambda one: self._sorted_by(one[0]))
        if place is None:
            return found
        begin = self._sorted_by(place)
        return [one for one in found if self._sorted_by(one[0]) > begin]

    def _sorted_by(self, mark: Mark) -> Mark:
        return (-mark[0], mark[1]) if self._is_descending else mark

    # -- event by event ------------------------------------------------------------------------------------------

    def _group(self, place: Mark | None, size: int) -> Part:
        """The next so many events in the order, those of them that pass."""
        key, seq = self._key, self._entries.c.seq
        wanted = sql.select(key, seq).where(*self._along(), *self._behind(place))
        wanted = wanted.order_by(key.desc() if self._is_descending else key, seq).limit(size)
        marks = [(row[0], row[1]) for row in self._view.connection.execute(wanted)]
        passing = self._passing([number for _, number in marks])
        rows = [(mark, passing[mark[1]]) for mark in marks if mark[1] in passing]
        return Part(rows, marks[-1] if len(marks) == size else None, len(marks))

    def _along(self) -> Iterator[Any]:
        """What the index by which events are walked can tell by itself."""
        if self._key.name == "time_us":
            yield self._key.is_not(None)
            yield from (bound(self._key) for bound in self._times)
            if self._leading is not None:
                yield self._leading
        elif self._key.name == "recorded_ms":
            yield from (bound(self._key) for bound in self._record_times)
        elif self._after_seq is not None:
            yield self._key > self._after_seq

    def _behind(self, place: Mark | None) -> Iterator[Any]:
        if place is None:
            return
        key, seq, (at, number) = self._key, self._entries.c.seq, place
        if key is seq:
            yield seq > number
        elif self._is_descending:
            yield key <= at
            yield sql.or_(key < at, seq > number)
        else:
            yield key >= at
            yield sql.or_(key > at, seq > number)

    def _passing(self, numbers: Sequence[int]) -> dict[int, Any]:
        """The rows of those of these events that pass all checks and that the asker may see."""
        if not numbers:
            return {}
        entries = self._entries
        these = entries.c.seq.in_(sql.select(listed(self._view.connection, numbers, NUMBERS).c.value))
        readable = apart(entries.c.standing) != int(Standing.UNREADABLE)
        checks = [one.check for one in (*self._terms, self._visible)]
        later = () if self._after_seq is None else (entries.c.seq > self._after_seq,)
        rows = self._view.connection.execute(sql.select(entries).where(these, readable, *checks, *later)).all()
        return {row.seq: row for row in rows}
