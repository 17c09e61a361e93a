"""The way of a thing through transformations and lots, forward or back, level by level and in the order of time.

Forward, what was made is affected from the time it was made; a use counts when it is not earlier than that. Back, it is
the same with time reversed: what was used counts when it was there before its use. Lot and serial are one substance:
no time lies between them. Inputs and outputs of one transformation that several events tell belong together, all of
them, whenever they were told.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from sogdia.mirror.trace.stretches import read
from sogdia.mirror.trace.view import ALWAYS, View
from sogdia.mirror.trace.words import GENEALOGY, Link

DEPTH_LIMIT: Final = 100
NODES_LIMIT: Final = 10_000


Edge = tuple[int, int, int, int, int]
"""An edge as it stands in the index, from source to destination whichever way the walk goes: source, kind (a Link),
destination, time and event."""


class Walk(NamedTuple):
    """What was reached, since when (back: until when) it matters, over which edges; `is_cut`: a limit ended it.

    For transformations the time says nothing.
    """

    reached: dict[int, int]
    edges: list[Edge]
    is_cut: bool


def walk(
    view: View, starts: Mapping[int, int], *, forward: bool, depth: int = DEPTH_LIMIT, nodes: int = NODES_LIMIT
) -> Walk:
    """Walk from things and the times since when (back: until when) they matter.

    A level of `depth` is one transformation, or one step between lot and serial. Transformations count as nodes.
    """
    ahead = _Ahead(view, starts, forward)
    level = set(starts)
    for _ in range(depth):
        level = ahead.step(level)
        if not level or len(ahead.reached) > nodes:
            break
    return ahead.walk(is_cut=bool(level))


class _Ahead:
    # Back, times are counted downwards: one comparison serves both ways.

    def __init__(self, view: View, starts: Mapping[int, int], forward: bool) -> None:
        self._view, self._forward = view, forward
        self._enter = int(Link.USED if forward else Link.MADE)
        self._sign = 1 if forward else -1
        self.reached = {one: self._sign * time_us for one, time_us in starts.items()}
        self._edges: list[Edge] = []
        self._is_again = False  # a thing whose edges were read is read again, so that they are there twice

    def walk(self, *, is_cut: bool) -> Walk:
        """What was found."""
        times = self.reached if self._forward else {one: -time for one, time in self.reached.items()}
        return Walk(times, list(dict.fromkeys(self._edges)) if self._is_again else self._edges, is_cut)

    def step(self, things: set[int]) -> set[int]:
        """The things beside these, and those behind the transformations beside these."""
        transformations, members = self._expanded(things)
        return members | self._expanded(transformations)[1] if transformations else members

    def _expanded(self, level: Iterable[int]) -> tuple[set[int], set[int]]:
        """Transformations that are entered now, and things that matter now or for longer than known."""
        entered: set[int] = set()
        things: set[int] = set()
        reached, sign, enter, forward, keep = self.reached, self._sign, self._enter, self._forward, self._edges.append
        for edge in self._beside(level):
            src, kind, dst, t0, _ = edge
            near, far = (src, dst) if forward else (dst, src)
            time, since = sign * t0, reached[near]
            if kind == _MEMBER:
                time = since
            if kind == enter:
                if time < since:
                    continue
                if far not in reached:
                    reached[far] = ALWAYS
                    entered.add(far)
            elif far not in reached or time < reached[far]:
                self._is_again = self._is_again or far in reached
                reached[far] = time
                things.add(far)
            keep(edge)
        return entered, things

    def _beside(self, level: Iterable[int]) -> Iterable[Edge]:
        tables = self._view.tables
        table = tables.fwd if self._forward else tables.rev
        near = table.c.src if self._forward else table.c.dst
        columns = [table.c[name] for name in ("src", "kind", "dst", "t0", "seq")]
        return read(self._view, level, near, columns, table.c.kind.between(*_KINDS))


_MEMBER: Final = int(Link.MEMBER)
_KINDS: Final = (int(min(GENEALOGY)), int(max(GENEALOGY)))
"""Neighbours, with no other between them."""
