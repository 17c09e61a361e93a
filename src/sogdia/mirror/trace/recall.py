"""What has to come back: everything that a defect may have reached, where it is now, who has it, and how sure that is.

A defect travels from input to output, from lot to serial, and into what was made of that later; not between things that
are only packed together. Nothing is left out because the asker may not read an event: what it leads to is named, with
the party that has it, and without what the event says.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import msgspec

from sogdia.mirror.trace.balances import Balance, balances
from sogdia.mirror.trace.beginnings import Wanted, beginnings
from sogdia.mirror.trace.documents import Document, documents
from sogdia.mirror.trace.tracing import open_ends
from sogdia.mirror.trace.view import Named, View
from sogdia.mirror.trace.walk import DEPTH_LIMIT, Edge, walk
from sogdia.mirror.trace.whereabouts import NOTHING, Last, Whereabouts, whereabouts
from sogdia.mirror.trace.words import Kind

NODES_LIMIT: Final = 1_000_000


class Affected(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing that is to come back.

    `inside` is the outermost of what it is in now. `place` and `seen_us` are where it was seen last and when, itself or
    what it is in. `custodian` is who possesses or owns it by the last event that says so, otherwise the party whose
    event was the last. `is_certain` is false when it was reached only by way of a product class without lot.
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
    """Find everything that is affected. ValueError for a wish that says nothing sensible."""
    starts = beginnings(view, wanted)
    found = walk(view, starts, forward=True, depth=depth, nodes=nodes)
    names = view.names(found.reached)
    things = [one for one in found.reached if one in names and names[one].kind is not Kind.TRANSFORMATION]
    imprecise = {one for one in things if names[one].kind is Kind.PRODUCT_CLASS}
    certain = _certain(starts, found.edges, imprecise)
    where = whereabouts(view, things)
    affected = _affected(view, things, names, where, certain)
    return Recall(
        affected,
        documents(view, where.spans),
        balances(view, {one: names[one] for one in things}, found.edges),
        Confidence(
            tuple(sorted(names[one].uri for one in imprecise)),
            0 if found.is_cut else len(open_ends(found.edges)),
            sum(one.is_redacted for one in affected),
            found.is_cut,
        ),
    )


def _certain(starts: Collection[int], edges: Iterable[Edge], imprecise: Collection[int]) -> Collection[int] | None:
    """What is reached without going through a product class; None: everything."""
    if not imprecise:
        return None
    following: dict[int, list[int]] = {}
    for edge in edges:
        following.setdefault(edge.src, []).append(edge.dst)
    level = [one for one in starts if one not in imprecise]
    found = set(level)
    while level:
        level = [far for near in level for far in following.get(near, ()) if far not in found and far not in imprecise]
        found.update(level)
    return found


def _affected(
    view: View, things: Iterable[int], names: Mapping[int, Named], where: Whereabouts, certain: Collection[int] | None
) -> tuple[Affected, ...]:
    seen = {seq: view.sees(entry) for seq, entry in where.entries.items()}
    tops = where.inside
    entries = where.entries.values()
    numbers = {
        one for entry in entries for one in (entry.location, entry.read_point, entry.custodian) if one is not None
    }
    named = {**names, **view.names({*tops.values(), *numbers} - names.keys())}
    shared: dict[Last, tuple[str | None, int | None, str | None, bool]] = {}
    found = []
    for thing in things:
        last, top = where.last[thing], tops.get(thing)
        told = shared.get(last)
        if told is None:
            told = shared[last] = _told(last, where.entries, named, seen)
        is_certain = certain is None or thing in certain
        uri, kind = named[thing]
        found.append(Affected(uri, kind, is_certain, None if top is None else named[top].uri, *told))
    return tuple(found)


def _told(
    last: Last, entries: Mapping[int, Any], named: Mapping[int, Named], seen: Mapping[int, bool]
) -> tuple[str | None, int | None, str | None, bool]:
    """Place, time, custodian and whether something is redacted, of all things with the same last events."""
    is_redacted = not all(seen[seq] for _, seq in last if seq)
    place = seen_us = None
    if last.placed != NOTHING and not is_redacted:
        entry = entries[last.placed[1]]
        place = named[entry.read_point if entry.location is None else entry.location].uri
        seen_us = entry.time_us
    if last.held != NOTHING and seen[last.held[1]]:
        return place, seen_us, named[entries[last.held[1]].custodian].uri, is_redacted
    return place, seen_us, None if last.event == NOTHING else entries[last.event[1]].party, is_redacted
