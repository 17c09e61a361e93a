"""What stands in the index of many things and of all that they ever were in: their events, and where they were put.

What was packed together and seen together has the same events and the same stays, and mostly numbers in a row.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from sogdia.mirror.trace.alike import Passing
from sogdia.mirror.trace.spans import CUSTODY, DEPTH_LIMIT
from sogdia.mirror.trace.stretches import Scan, Stretch, read, read_shared, stretches
from sogdia.mirror.trace.view import NEVER, View
from sogdia.mirror.trace.words import Standing


class Entry(NamedTuple):
    """An event that counts: when, where, who has the things after it, whose it is, and who may read it."""

    seq: int
    time_us: int
    read_point: int | None
    location: int | None
    custodian: int | None
    party: str
    everyone: bool
    mirror_audience: int


class Stay(NamedTuple):
    """That event `seq` put something into a container at `begin`, and when it ended; NEVER while it lasts."""

    begin: int
    seq: int
    container: int
    end: int


Interval = tuple[int, int, int]
"""A container, from a time until another."""


class Alike(NamedTuple):
    """Things with numbers in a row, the numbers of their events, and their stays, the last one first."""

    first: int
    last: int
    events: frozenset[int]
    stays: tuple[Stay, ...]


UNTOLD: Final = Alike(0, 0, frozenset(), ())
"""Of things that no event names, such as a lot that only stands in a serial's path."""


class Stays:
    """Read at once for the things of these stretches and for their containers.

    `alike` are ascending, without things that no event names. `entries` are the events that count, by number.
    """

    def __init__(self, view: View, things: Sequence[Stretch]) -> None:
        events, stays = _both(view, things)
        self.alike = list(_alike(events, stays))
        self._first = [one.first for one in self.alike]
        numbers = {seq for _, seq in events}
        self.entries = {
            row[0]: Entry._make(row) for row in read(view, view.tables.entries, _ENTRIES, stretches(numbers))
        }

    def of(self, thing: int) -> Alike:
        """What stands of a thing."""
        place = bisect_right(self._first, thing) - 1
        found = self.alike[place] if place >= 0 else None
        return found if found is not None and thing <= found.last else UNTOLD

    def beyond(self, stays: Iterable[Stay]) -> list[Interval]:
        """These, and those of their containers during this time, outwards."""
        found = [(one.container, one.begin, one.end) for one in stays]
        met = set(found)
        for container, begin, end in found:  # which grows
            for since, _, further, until in self.of(container).stays:
                both = further, max(since, begin), min(until, end)
                if both[1] < both[2] and both not in met:
                    met.add(both)
                    found.append(both)
        return found


_Events = list[tuple[Stretch, int]]
_Put = list[tuple[Stretch, Stay]]


def _both(view: View, things: Sequence[Stretch]) -> tuple[_Events, _Put]:
    """Events and stays of things, and of their containers at any depth."""
    events: _Events = []
    stays: _Put = []
    level, asked = things, {one for first, last in things for one in range(first, last + 1)}
    for _ in range(DEPTH_LIMIT):
        events += _events(view, level)
        put = list(_put(view, level))
        stays += put
        containers = {stay.container for _, stay in put} - asked
        if not containers:
            break
        asked |= containers
        level = stretches(containers)
    return events, stays


def _alike(events: _Events, stays: _Put) -> Iterator[Alike]:
    """The stretches within which all things have the same events and stays."""
    happened, put = Passing(events), Passing(stays)
    since = 0
    for place in sorted(happened.places | put.places):
        if happened.holds or put.holds:
            yield Alike(since, place - 1, frozenset(happened.holds), tuple(sorted(put.holds, reverse=True)))
        happened.pass_to(place)
        put.pass_to(place)
        since = place
    assert not happened.holds
    assert not put.holds, "what begins has an end"


def _events(view: View, things: Sequence[Stretch]) -> Iterator[tuple[Stretch, int]]:
    for found, (seq,) in read_shared(view, view.tables.postings, _EVENTS, things):
        for stretch in found:
            yield stretch, seq


def _put(view: View, things: Sequence[Stretch]) -> Iterator[tuple[Stretch, Stay]]:
    for found, (t0, seq, src, t1) in read_shared(view, view.tables.rev, _STAYS, things):
        stay = Stay(t0, seq, src, NEVER if t1 is None else t1)
        for stretch in found:
            yield stretch, stay


_EVENTS: Final = Scan("thing", ("seq",), along="thing")
_STAYS: Final = Scan("dst", ("t0", "seq", "src", "t1"), (("kind", int(min(CUSTODY)), int(max(CUSTODY))),), "dst")
"""The kinds are neighbours, with no other between them."""
_ENTRIES: Final = Scan("seq", Entry._fields, (("standing", int(Standing.COUNTS), int(Standing.COUNTS)),))
