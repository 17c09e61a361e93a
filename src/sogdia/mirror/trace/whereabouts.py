"""Where many things are now: what they are in, where that was seen last, and who has it."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from sogdia.mirror.trace.spans import Span
from sogdia.mirror.trace.stays import Entry, Stays
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
    """Where a thing is: the outermost of what it is in, if it is in anything, and its last events, own or around it."""

    inside: int | None
    last: Last


Signs = tuple[str | None, str | None]
_NONE: Final = Last()


class Whereabouts:
    """Many things at present. What happened to a container happened to what was in it at the time.

    `entries` are events that count, by number; `happened` the numbers of those that happened to the things that `of`
    was asked for.
    """

    def __init__(self, view: View, things: Collection[int]) -> None:
        self._stays = Stays(view, things)
        self.entries = self._stays.entries
        self.happened: set[int] = set()
        self._own: dict[str | None, Last] = {None: _NONE}
        self._around: dict[str | None, Whereabout] = {None: Whereabout(None, _NONE)}
        self._during: dict[Span, Last] = {}
        self._events_of, self._stays_of = self._stays.events.get, self._stays.texts.get

    def signs(self, thing: int) -> Signs:
        """What stands for the events and for the stays of a thing; things with the same signs are at one place."""
        return self._events_of(thing), self._stays_of(thing)

    def of(self, signs: Signs) -> Whereabout:
        """Where the things with these signs are."""
        events, stays = signs
        own, around = self._own.get(events), self._around.get(stays)
        if own is None and events is not None:
            own = self._own[events] = self._last(self._stays.sightings(events))
        if around is None and stays is not None:
            around = self._around[stays] = self._surroundings(stays)
        assert own is not None
        assert around is not None
        return Whereabout(around.inside, _latest(own, around.last))

    def _surroundings(self, stays: str) -> Whereabout:
        last = _NONE
        for span in self._stays.beyond(stays):
            during = self._during.get(span)
            if during is None:
                during = self._during[span] = self._last(self._stays.during(span))
            last = _latest(last, during)
        return Whereabout(self._outermost(self._stays.spans(stays)), last)

    def _outermost(self, spans: Sequence[Span]) -> int | None:
        """What a thing with these stays is in now, by the last stay of each; None if it is in nothing."""
        met: list[int] = []
        while True:
            lasting = next((one.thing for one in spans if one.end == NEVER), None)
            if lasting is None or lasting in met:
                return met[-1] if met else None
            met.append(lasting)
            spans = self._stays.spans_of(lasting)

    def _last(self, entries: Sequence[Entry]) -> Last:
        event = placed = held = NOTHING
        for entry in entries:
            seq, time_us, *_, read_point, location, custodian = entry
            sighting = time_us, seq
            self.happened.add(seq)
            event = max(event, sighting)
            if location is not None or read_point is not None:
                placed = max(placed, sighting)
            if custodian is not None:
                held = max(held, sighting)
        return Last(event, placed, held)


def _latest(one: Last, other: Last) -> Last:
    """The latest sighting of each sort."""
    if other is _NONE:
        return one
    return other if one is _NONE else Last(*map(max, one, other))
