"""Where many things are now: what they are in, where that was seen last, and who has it."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sogdia.mirror.trace.stays import Alike, Entry, Interval, Stay, Stays
from sogdia.mirror.trace.stretches import Stretch
from sogdia.mirror.trace.view import ALWAYS, NEVER, View

Sighting = tuple[int, int]
"""An event that tells of a thing: its time in microseconds, and its number."""
NOTHING: Sighting = (ALWAYS, 0)


class Last(NamedTuple):
    """The last event of a thing, the last that says where it was, and the last that says who has it."""

    event: Sighting = NOTHING
    placed: Sighting = NOTHING
    held: Sighting = NOTHING


class Whereabout(NamedTuple):
    """Where a thing is: the stays that last, from what it is in outwards, and its last events, own or around it."""

    inside: tuple[Stay, ...] = ()
    last: Last = Last()


class Whereabouts:
    """Many things at present. What happened to a container happened to what was in it at the time.

    `entries` are events that count, by number; `happened` the numbers of those that happened to the things that `of`
    was asked for.
    """

    def __init__(self, view: View, things: Sequence[Stretch]) -> None:
        self._stays = Stays(view, things)
        self.alike, self.entries = self._stays.alike, self._stays.entries
        self.happened: set[int] = set()
        self._own: dict[frozenset[int], Last] = {}
        self._around: dict[tuple[Stay, ...], Whereabout] = {}
        self._during: dict[Interval, Last] = {}

    def of(self, things: Alike) -> Whereabout:
        """Where these things are."""
        own, around = self._own.get(things.events), self._around.get(things.stays)
        if own is None:
            own = self._own[things.events] = self._last(self._counting(things.events))
        if around is None:
            around = self._around[things.stays] = self._surroundings(things.stays)
        return Whereabout(around.inside, _latest(own, around.last))

    def _counting(self, events: Iterable[int]) -> list[Entry]:
        return [self.entries[seq] for seq in events if seq in self.entries]

    def _surroundings(self, stays: tuple[Stay, ...]) -> Whereabout:
        last = _NONE
        for interval in self._stays.beyond(stays):
            during = self._during.get(interval)
            if during is None:
                container, begin, end = interval
                entries = self._counting(self._stays.of(container).events)
                during = self._last([one for one in entries if begin <= one.time_us < end])
                self._during[interval] = during
            last = _latest(last, during)
        return Whereabout(self._lasting(stays), last)

    def _lasting(self, stays: Sequence[Stay]) -> tuple[Stay, ...]:
        """What a thing with these stays is in now, by the last stay of each."""
        found: list[Stay] = []
        met: set[int] = set()
        while True:
            lasting = next((one for one in stays if one.end == NEVER), None)
            if lasting is None or lasting.container in met:
                return tuple(found)
            met.add(lasting.container)
            found.append(lasting)
            stays = self._stays.of(lasting.container).stays

    def _last(self, entries: Iterable[Entry]) -> Last:
        event = placed = held = NOTHING
        for entry in entries:
            seq, time_us, read_point, location, custodian, *_ = entry
            sighting = time_us, seq
            self.happened.add(seq)
            event = max(event, sighting)
            if location is not None or read_point is not None:
                placed = max(placed, sighting)
            if custodian is not None:
                held = max(held, sighting)
        return Last(event, placed, held)


_NONE: Final = Last()


def _latest(one: Last, other: Last) -> Last:
    """The latest sighting of each sort."""
    if other is _NONE:
        return one
    return other if one is _NONE else Last(*map(max, one, other))
