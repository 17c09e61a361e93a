"""What stands in the index of many things and of all that they ever were in: their events, and where they were put.

What was packed together and seen together has the same events and the same stays. Both are read as one text for each
thing, and everything that follows is found once for each text.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import sqlalchemy as sql

from sogdia.mirror.trace.spans import CUSTODY, DEPTH_LIMIT, Span
from sogdia.mirror.trace.stretches import read, told
from sogdia.mirror.trace.view import NEVER, View
from sogdia.mirror.trace.words import Standing

_NEVER: Final = str(NEVER)
_KINDS: Final = (int(min(CUSTODY)), int(max(CUSTODY)))
"""Neighbours, with no other between them."""


class Entry(NamedTuple):
    """An event that counts: when, whose, who may read it, where, and who has the things after it."""

    seq: int
    time_us: int
    party: str
    everyone: bool
    mirror_audience: int
    read_point: int | None
    location: int | None
    custodian: int | None


class Stays:
    """Read at once for these things; `events` and `texts` are by thing, nothing where there are none.

    `entries` are the events that count, by number.
    """

    def __init__(self, view: View, things: Iterable[int]) -> None:
        self.events: dict[int, str] = {}
        self.texts: dict[int, str] = {}
        self._spans: dict[str, tuple[Span, ...]] = {}
        level, asked = set(things), set[int]()
        for _ in range(DEPTH_LIMIT):
            self.events.update(_events(view, level))
            stays = dict(_stays(view, level))
            self.texts.update(stays)
            asked |= level
            level = {span.thing for text in set(stays.values()) for span in self.spans(text)} - asked
            if not level:
                break
        numbers = {seq for text in set(self.events.values()) for seq in map(int, text.split(","))}
        self.entries = {row[0]: Entry._make(row) for row in _entries(view, numbers)}

    def spans(self, text: str) -> tuple[Span, ...]:
        """Where a thing with these stays was put, the last one first."""
        found = self._spans.get(text)
        if found is None:
            rows = [tuple(map(int, one.split(":"))) for one in text.split(",")]
            spans = [Span(parent, t0, t1) for t0, _, parent, t1 in sorted(rows, reverse=True)]
            found = self._spans[text] = tuple(spans)
        return found

    def spans_of(self, thing: int) -> tuple[Span, ...]:
        """Where a thing was put, the last one first."""
        text = self.texts.get(thing)
        return () if text is None else self.spans(text)

    def beyond(self, text: str) -> list[Span]:
        """The stays of a thing in containers, and what those were in during this time, outwards."""
        found = list(self.spans(text))
        met = set(found)
        for near in found:  # which grows
            for one in self.spans_of(near.thing):
                both = Span(one.thing, max(one.begin, near.begin), min(one.end, near.end))
                if both.begin < both.end and both not in met:
                    met.add(both)
                    found.append(both)
        return found

    def sightings(self, events: str) -> list[Entry]:
        """The entries that count of a thing with these events, in any order."""
        found = map(self.entries.get, map(int, events.split(",")))
        return [one for one in found if one is not None]

    def during(self, span: Span) -> list[Entry]:
        """The entries that count of a container while a stay lasts, in any order."""
        events = self.events.get(span.thing)
        if events is None:
            return []
        _, begin, end = span
        return [one for one in self.sightings(events) if begin <= one.time_us < end]


def _events(view: View, things: Iterable[int]) -> Iterable[Any]:
    table = view.tables.postings
    return read(view, things, table.c.thing, (table.c.thing, told(table.c.seq)), group=(table.c.thing,))


def _stays(view: View, things: Iterable[int]) -> Iterable[Any]:
    table = view.tables.rev
    end = sql.func.coalesce(sql.cast(table.c.t1, sql.Text()), _NEVER)
    columns = table.c.dst, told(table.c.t0, table.c.seq, table.c.src, end)
    return read(view, things, table.c.dst, columns, table.c.kind.between(*_KINDS), group=(table.c.dst,))


def _entries(view: View, numbers: Iterable[int]) -> Iterable[Any]:
    table = view.tables.entries
    columns = [table.c[name] for name in Entry._fields]
    return read(view, numbers, table.c.seq, columns, table.c.standing == int(Standing.COUNTS))
