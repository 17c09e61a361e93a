"""Where a thing came from and what became of it, as a graph with the events behind each edge."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from sogdia.mirror.trace.view import ALWAYS, NEVER, Happened, Named, View
from sogdia.mirror.trace.walk import DEPTH_LIMIT, NODES_LIMIT, Edge, Fan, walk
from sogdia.mirror.trace.words import Kind, Link

Direction = Literal["up", "down"]


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """A thing or a transformation; `number` names it within this graph.

    A transformation without an ID has no `uri`. `is_imprecise`: a product class without lot, of which only some may be
    concerned. `is_redacted`: the asker may read no event that leads here; `party` is whose event it is then.
    """

    number: int
    uri: str
    kind: Kind
    is_imprecise: bool = False
    is_redacted: bool = False
    party: str = ""


class Arrow(msgspec.Struct, frozen=True):
    """From source to destination by an event; none when the identifier of the serial itself names the lot."""

    src: int
    kind: Link
    dst: int
    event: Happened | None


class Graph(msgspec.Struct, frozen=True):
    """What was found; `is_cut`: there is more beyond the limits. `open_ends` are transformations without outputs."""

    start: int
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    open_ends: tuple[int, ...]
    is_cut: bool


def trace(
    view: View, thing: str, direction: Direction, *, depth: int = DEPTH_LIMIT, nodes: int = NODES_LIMIT
) -> Graph | None:
    """The graph above a thing (`up`: what it is made of) or below it (`down`); None when no event names it.

    At most so many levels and about so many nodes: a level is finished.
    """
    number = view.number_of(thing)
    if number is None:
        return None
    forward = direction == "down"
    found = walk(view, {number: ALWAYS if forward else NEVER}, forward=forward, depth=depth, nodes=nodes)
    edges = list(found.edges())
    rows = view.entries(seq for *_, seq in edges if seq)
    events = view.happened(rows.values())
    names = view.names(found.reached)
    leading = _leading(edges, events, forward)
    return Graph(
        number,
        tuple(_node(one, names, leading.get(one, ())) for one in found.reached),
        tuple(Arrow(src, _LINKS[kind], dst, events.get(seq)) for src, kind, dst, _, seq in edges),
        open_ends(found.fans) if forward and not found.is_cut else (),
        found.is_cut,
    )


def open_ends(fans: Iterable[Fan]) -> tuple[int, ...]:
    """Transformations of a walk forward that nothing came out of, as far as is on record."""
    used: set[int] = set()
    made: set[int] = set()
    for fan in fans:
        if fan.kind == _USED:
            used.update(fan.far)
        elif fan.kind == _MADE:
            made.add(fan.near)
    return tuple(sorted(used - made))


_USED: Final = int(Link.USED)
_MADE: Final = int(Link.MADE)
_LINKS: Final = {int(one): one for one in Link}


def _leading(edges: Sequence[Edge], events: Mapping[int, Happened], forward: bool) -> dict[int, list[Happened]]:
    """The events that lead to each node; an edge without event is nobody's secret."""
    found: dict[int, list[Happened]] = {}
    for src, _, dst, _, seq in edges:
        found.setdefault(dst if forward else src, []).append(events.get(seq, _OPEN))
    return found


_OPEN: Final = Happened(seq=0, party="")


def _node(number: int, names: Mapping[int, Named], leading: Sequence[Happened]) -> Node:
    named = names.get(number, Named("", Kind.TRANSFORMATION))
    is_redacted = bool(leading) and all(one.is_redacted for one in leading)
    return Node(
        number,
        named.uri,
        named.kind,
        is_imprecise=named.kind is Kind.PRODUCT_CLASS,
        is_redacted=is_redacted,
        party=leading[0].party if is_redacted else "",
    )
