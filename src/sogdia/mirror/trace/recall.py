"""What has to come back: everything that a defect may have reached, where it is now, who has it, and how sure that is.

A defect travels from input to output, from lot to serial, and into what was made of that later; not between things that
are only packed together. Nothing is left out because the asker may not read an event: what it leads to is named, with
the party that has it, and without what the event says.
"""

import gc
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import Final

import msgspec

from sogdia.mirror.trace.balances import Balance, balances
from sogdia.mirror.trace.beginnings import Wanted, beginnings
from sogdia.mirror.trace.documents import Document, documents
from sogdia.mirror.trace.stays import UNTOLD, Alike
from sogdia.mirror.trace.stretches import Scan, Stretch, read, stretches
from sogdia.mirror.trace.tracing import open_ends
from sogdia.mirror.trace.view import View
from sogdia.mirror.trace.walk import DEPTH_LIMIT, Fan, walk
from sogdia.mirror.trace.whereabouts import NOTHING, Whereabout, Whereabouts
from sogdia.mirror.trace.words import Kind

NODES_LIMIT: Final = 1_000_000
_KINDS: Final = tuple(Kind)
_NAMES: Final = Scan("id", ("id", "uri"))
_THINGS: Final = Scan("id", ("id", "uri", "kind"), (("kind", int(min(Kind)), int(Kind.TRANSFORMATION) - 1),))
assert max(Kind) is Kind.TRANSFORMATION, "all others lie below"
_Thing = tuple[int, str, int]
_Told = tuple[str | None, str | None, int | None, str | None, bool]


class Affected(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing that is to come back.

    `inside` is the outermost of what it is in now, by events that the asker may read. `place` and `seen_us` are where
    it was seen last and when, itself or what it is in. `custodian` is who possesses or owns it by the last event that
    says so, otherwise the party whose event was the last. `is_certain` is false when it was reached only by way of a
    product class without lot.
    """

    thing: str
    kind: Kind
    is_certain: bool = True
    inside: str | None = None
    place: str | None = None
    seen_us: int | None = None
    custodian: str | None = None
    is_redacted: bool = False


class Confidence(msgspec.Struct, frozen=True):
    """What the answer may lack or have too much of.

    `imprecise` are product classes without lot that were reached: nobody said which of their items are meant.
    `open_ends` counts transformations that used something affected and have no output on record. `hidden` counts
    things of whose last event the asker may not read the content. `is_cut`: a limit ended the search.
    """

    imprecise: tuple[str, ...]
    open_ends: int
    hidden: int
    is_cut: bool

    @property
    def is_complete(self) -> bool:
        """Whether nothing on record speaks against the answer."""
        return not (self.imprecise or self.open_ends or self.is_cut)


class Recall(msgspec.Struct, frozen=True):
    """Everything affected, the business documents that it met, the balance of each lot, and the confidence."""

    affected: tuple[Affected, ...]
    documents: tuple[Document, ...]
    balances: tuple[Balance, ...]
    confidence: Confidence


def recall(view: View, wanted: Wanted, *, depth: int = DEPTH_LIMIT, nodes: int = NODES_LIMIT) -> Recall:
    """Find everything that is affected, in one whole answer. ValueError for a wish that says nothing sensible."""
    with _uncollected():
        return _recall(view, wanted, depth, nodes)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles among what is read, which has none: a third of the time of a large answer."""
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_collecting:
            gc.enable()


def _recall(view: View, wanted: Wanted, depth: int, nodes: int) -> Recall:
    starts = beginnings(view, wanted)
    found = walk(view, starts, forward=True, depth=depth, nodes=nodes)
    among = stretches(one for one in found.reached if one > 0)
    things = _things(view, among)
    imprecise = {number: uri for number, uri, kind in things if kind == Kind.PRODUCT_CLASS}
    classes = {number: uri for number, uri, kind in things if kind == Kind.LOT_CLASS}
    where = Whereabouts(view, among)
    affected = _affected(view, things, where, _certain(starts, found.fans, imprecise))
    seen = [seq for seq in where.happened if view.sees(where.entries[seq])]
    return Recall(
        affected,
        documents(view, seen),
        balances(view, classes | imprecise, found.fans),
        Confidence(
            tuple(sorted(imprecise.values())),
            0 if found.is_cut else len(open_ends(found.fans)),
            sum(one.is_redacted for one in affected),
            found.is_cut,
        ),
    )


def _things(view: View, among: Sequence[Stretch]) -> list[_Thing]:
    """Those of the nodes that are things, ascending."""
    return sorted(read(view, view.tables.things, _THINGS, among))


def _certain(starts: Collection[int], fans: Iterable[Fan], imprecise: Collection[int]) -> Collection[int] | None:
    """What is reached without going through a product class; None: everything."""
    if not imprecise:
        return None
    following: dict[int, list[int]] = {}
    for fan in fans:
        following.setdefault(fan.near, []).extend(fan.far)
    level = [one for one in starts if one not in imprecise]
    found = set(level)
    while level:
        level = [far for near in level for far in following.get(near, ()) if far not in found and far not in imprecise]
        found.update(level)
    return found


def _affected(
    view: View, things: Sequence[_Thing], where: Whereabouts, certain: Collection[int] | None
) -> tuple[Affected, ...]:
    groups = [(where.of(one), some) for one, some in _together(things, where.alike)]
    made: list[Affected] = []
    for (_, some), told in zip(groups, _told(view, where, [here for here, _ in groups]), strict=True):
        made += [Affected(uri, _KINDS[kind], certain is None or number in certain, *told) for number, uri, kind in some]
    return tuple(made)


def _together(things: Sequence[_Thing], alike: Iterable[Alike]) -> Iterator[tuple[Alike, Sequence[_Thing]]]:
    """The things with what stands of them in the index, in their order."""
    numbers = [number for number, _, _ in things]
    done = 0
    for one in alike:
        start = bisect_left(numbers, one.first, done)
        end = bisect_right(numbers, one.last, start)
        if done < start:
            yield UNTOLD, things[done:start]
        if start < end:
            yield one, things[start:end]
        done = end
    if done < len(things):
        yield UNTOLD, things[done:]


def _told(view: View, where: Whereabouts, here: Sequence[Whereabout]) -> Iterator[_Told]:
    """Container, place, time, custodian, and whether something is redacted, by what the asker may know."""
    entries = where.entries
    seen = {seq for seq, entry in entries.items() if view.sees(entry)}
    places = {seq: entry.read_point if entry.location is None else entry.location for seq, entry in entries.items()}
    numbers = {one for one in places.values() if one is not None}
    numbers.update(entry.custodian for entry in entries.values() if entry.custodian is not None)
    numbers.update(stay.container for one in here for stay in one.inside)
    names = dict[int | None, str](read(view, view.tables.things, _NAMES, stretches(numbers)))
    for inside, (event, placed, held) in here:
        known = list(takewhile(lambda stay: stay.seq in seen, inside))
        is_redacted = len(known) < len(inside) or not all(seq in seen for _, seq in (event, placed, held) if seq)
        place = seen_us = custodian = None
        if placed != NOTHING and not is_redacted:
            seen_us, seq = placed
            place = names[places[seq]]
        if held != NOTHING and held[1] in seen:
            custodian = names[entries[held[1]].custodian]
        elif event != NOTHING:
            custodian = entries[event[1]].party
        yield names[known[-1].container] if known else None, place, seen_us, custodian, is_redacted
