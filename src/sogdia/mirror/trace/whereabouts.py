"""Where many things are now: what they are in, where that was seen last, and who has it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import sqlalchemy as sql

from sogdia.mirror.trace.listed import NUMBERS, listed, listed_rows
from sogdia.mirror.trace.spans import CUSTODY, DEPTH_LIMIT, Span
from sogdia.mirror.trace.view import ALWAYS, NEVER, View, parts
from sogdia.mirror.trace.words import Standing

Key = TypeVar("Key", int, Span)
Sighting = tuple[int, int]
"""An event that tells of a thing: its time in microseconds, and its number."""
NOTHING: Sighting = (ALWAYS, 0)


class Last(NamedTuple):
    """The last event of a thing, the last that says where it was, and the last that says who has it."""

    event: Sighting = NOTHING
    placed: Sighting = NOTHING
    held: Sighting = NOTHING


class Whereabouts(NamedTuple):
    """Many things at present.

    `inside` is the outermost of what each is in, `entries` are the events of `last`, `spans` all the things and all
    that they ever were in, with the times.
    """

    inside: Mapping[int, int]
    last: Mapping[int, Last]
    entries: Mapping[int, Any]
    spans: Sequence[Span]


Stays = Mapping[int, Sequence[Span]]
"""Where things were put, each with the parent and the time in it; it lasts if it ends NEVER."""


def whereabouts(view: View, things: Iterable[int]) -> Whereabouts:
    """Where these are now. What happened to a container happened to what was in it at the time."""
    things = list(things)
    stays = _stays(view, things)
    # What was packed together has the same stays, so all that follows is found once for each set of them.
    shared = dict.fromkeys(stays[thing] for thing in things if thing in stays)
    above = {span: _met(stays, span) for span in dict.fromkeys(one for spans in shared for one in spans)}
    entries: dict[int, Any] = {}
    containers = list(dict.fromkeys(one for met in above.values() for one in met))
    seen = _last(view, containers, {}, entries)
    told = {span: _latest(seen[one] for one in met if one in seen) for span, met in above.items()}
    of_stays = {spans: (_outermost(stays, spans), _latest(told[span] for span in spans)) for spans in shared}
    around = {thing: of_stays[stays[thing]] for thing in things if thing in stays}
    own = _last(view, things, {thing: last for thing, (_, last) in around.items()}, entries)
    last = {thing: own.get(thing, _NONE) for thing in things}
    # Things with the same events have the same Last; joined with the same surroundings it is found once.
    joined: dict[tuple[Last, Last], Last] = {}
    for thing, (_, outer) in around.items():
        pair = last[thing], outer
        both = joined.get(pair)
        last[thing] = joined[pair] = _latest(pair) if both is None else both
    inside = {thing: top for thing, (top, _) in around.items() if top is not None}
    return Whereabouts(inside, last, entries, [*containers, *(Span(one, ALWAYS, NEVER) for one in things)])


def _stays(view: View, things: Iterable[int]) -> dict[int, tuple[Span, ...]]:
    """Where these were put, and where that was put, the last one first."""
    rows: dict[int, list[tuple[int, int, int, int | None]]] = {}
    level, asked = set(things), set(things)
    for _ in range(DEPTH_LIMIT):
        following = set()
        for part in parts(list(level)):
            for child, parent, t0, t1, seq in _parents(view, part):
                rows.setdefault(child, []).append((t0, seq, parent, t1))
                following.add(parent)
        level = following - asked
        if not level:
            break
        asked |= level
    # What was packed together has one tuple of spans, so that it is compared and kept once.
    known: dict[tuple[Any, ...], tuple[Span, ...]] = {}
    found: dict[int, tuple[Span, ...]] = {}
    for child, put in rows.items():
        key = tuple(put) if len(put) == 1 else tuple(sorted(put, reverse=True))
        spans = known.get(key)
        if spans is None:
            spans = known[key] = tuple([Span(one, t0, NEVER if t1 is None else t1) for t0, _, one, t1 in key])
        found[child] = spans
    return found


def _parents(view: View, part: Iterable[int]) -> Iterable[Any]:
    table, given = view.tables.rev, listed(view.connection, part)
    its = sql.and_(table.c.dst == given.c.value, table.c.kind.in_([int(one) for one in CUSTODY]))
    wanted = sql.select(table.c.dst, table.c.src, table.c.t0, table.c.t1, table.c.seq)
    return view.connection.execute(wanted.join_from(given, table, its)).all()


def _met(stays: Stays, span: Span) -> list[Span]:
    """A stay in a container and what that was in during this time, outwards."""
    found = {span: None}
    level = [span]
    while level:
        beyond = [
            Span(one.thing, max(one.begin, near.begin), min(one.end, near.end))
            for near in level
            for one in stays.get(near.thing, ())
        ]
        level = [one for one in dict.fromkeys(beyond) if one.begin < one.end and one not in found]
        found.update(dict.fromkeys(level))
    return list(found)


def _outermost(stays: Stays, spans: Sequence[Span]) -> int | None:
    """What a thing with these stays is in now, outermost, by the last stay of each; None if it is in nothing."""
    met: list[int] = []
    while True:
        lasting = next((one.thing for one in spans if one.end == NEVER), None)
        if lasting is None or lasting in met:
            return met[-1] if met else None
        met.append(lasting)
        spans = stays.get(lasting, ())


def _latest(lasts: Iterable[Last]) -> Last:
    """The latest sighting of each sort."""
    found = _NONE
    for one in lasts:
        found = one if found is _NONE else Last(*map(max, found, one))
    return found


_NONE: Final = Last()


def _last(view: View, wanted: Iterable[Key], around: Mapping[Key, Last], entries: dict[int, Any]) -> dict[Key, Last]:
    """The last events of things, or of things within spans; what happened around them later is not looked beyond."""
    table = view.tables.entries
    found: dict[Key, Last] = {}
    by_event: dict[Sighting, Last] = {}
    unplaced, unheld = [], []
    for one, sighting in _newest(view, wanted, entries, sql.true()).items():
        last = by_event.get(sighting)
        if last is None:
            last = by_event[sighting] = _told_by(entries[sighting[1]])
        found[one] = last
        later = around.get(one, _NONE)
        if last.placed is NOTHING and later.placed < sighting:
            unplaced.append(one)
        if last.held is NOTHING and later.held < sighting:
            unheld.append(one)
    placed = sql.or_(table.c.location.is_not(None), table.c.read_point.is_not(None))
    for one, sighting in _newest(view, unplaced, entries, placed).items():
        found[one] = found[one]._replace(placed=sighting)
    for one, sighting in _newest(view, unheld, entries, table.c.custodian.is_not(None)).items():
        found[one] = found[one]._replace(held=sighting)
    return found


def _told_by(entry: Any) -> Last:
    sighting = entry.time_us, entry.seq
    is_placed = entry.location is not None or entry.read_point is not None
    return Last(sighting, sighting if is_placed else NOTHING, NOTHING if entry.custodian is None else sighting)


def _newest(view: View, wanted: Iterable[Key], entries: dict[int, Any], where: Any) -> dict[Key, Sighting]:
    """The last event that counts of each, of those that fulfil a condition; their entries are added."""
    found: dict[Key, int] = {}
    for part in parts(list(wanted)):
        found.update(_last_of_things(view, part, where) if isinstance(part[0], int) else _last_in(view, part, where))
    numbers = set(found.values())
    entries.update(view.entries(numbers - entries.keys()))
    sightings = {seq: (entries[seq].time_us, seq) for seq in numbers}
    return {one: sightings[seq] for one, seq in found.items()}


def _last_of_things(view: View, things: Sequence[Any], where: Any) -> Iterator[Any]:
    given = listed(view.connection, things)
    last = _last_event(view, view.tables.postings.c.thing == given.c.value, where).correlate(given)
    rows = view.connection.execute(sql.select(given.c.value, last.scalar_subquery())).all()
    return ((thing, seq) for thing, seq in rows if seq is not None)


def _last_in(view: View, spans: Sequence[Any], where: Any) -> Iterator[Any]:
    numbered = [(place, *span) for place, span in enumerate(spans)]
    columns = dict.fromkeys(("place", "thing", "since", "until"), NUMBERS)
    postings, given = view.tables.postings, listed_rows(view.connection, numbered, **columns)
    during = sql.and_(
        postings.c.thing == given.c.thing, postings.c.time_us >= given.c.since, postings.c.time_us < given.c.until
    )
    last = _last_event(view, during, where).correlate(given)
    rows = view.connection.execute(sql.select(given.c.place, last.scalar_subquery())).all()
    return ((spans[place], seq) for place, seq in rows if seq is not None)


def _last_event(view: View, of: Any, where: Any) -> Any:
    postings, table = view.tables.postings, view.tables.entries
    last = sql.select(postings.c.seq).join(table, table.c.seq == postings.c.seq)
    last = last.where(of, table.c.standing == int(Standing.COUNTS), where)
    return last.order_by(postings.c.time_us.desc(), postings.c.seq.desc()).limit(1)
