"""The way of a thing through transformations and lots, forward or back, level by level and in the order of time.

Forward, what was made is affected from the time it was made; a use counts when it is not earlier than that. Back, it is
the same with time reversed: what was used counts when it was there before its use. Lot and serial are one substance:
no time lies between them. Inputs and outputs of one transformation that several events tell belong together, all of
them, whenever they were told.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from sogdia.mirror.trace.stretches import Scan, read_shared, stretches
from sogdia.mirror.trace.view import ALWAYS, View
from sogdia.mirror.trace.words import GENEALOGY, Link

DEPTH_LIMIT: Final = 100
NODES_LIMIT: Final = 10_000


Edge = tuple[int, int, int, int, int]
"""An edge as it stands in the index, from source to destination whichever way the walk goes: source, kind (a Link),
destination, time and event."""


class Fan(NamedTuple):
    """The edges by which one event leads on from `near`, to the numbers from `first` to `last`; `kind` is a Link."""

    near: int
    kind: int
    first: int
    last: int
    t0: int
    seq: int

    @property
    def far(self) -> range:
        """Where they lead."""
        return range(self.first, self.last + 1)


class Walk(NamedTuple):
    """What was reached, since when (back: until when) it matters, over which edges; `is_cut`: a limit ended it.

    For transformations the time says nothing.
    """

    reached: dict[int, int]
    fans: list[Fan]
    is_forward: bool
    is_cut: bool

    def edges(self) -> Iterator[Edge]:
        """The edges one by one."""
        for fan in self.fans:
            for far in fan.far:
                src, dst = (fan.near, far) if self.is_forward else (far, fan.near)
                yield src, fan.kind, dst, fan.t0, fan.seq


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
        self._fans: list[Fan] = []
        self._is_again = False  # a thing whose edges were read is read again, so that they are there twice

    def walk(self, *, is_cut: bool) -> Walk:
        """What was found."""
        times = self.reached if self._forward else {one: -time for one, time in self.reached.items()}
        fans = list(dict.fromkeys(self._fans)) if self._is_again else self._fans
        return Walk(times, fans, self._forward, is_cut)

    def step(self, things: set[int]) -> set[int]:
        """The things beside these, and those behind the transformations beside these."""
        transformations, members = self._expanded(things)
        return members | self._expanded(transformations)[1] if transformations else members

    def _expanded(self, level: Collection[int]) -> tuple[set[int], set[int]]:
        """Transformations that are entered now, and things that matter now or for longer than known."""
        entered: set[int] = set()
        things: set[int] = set()
        reached = self.reached
        for fan in self._beside(level):
            since, time = reached[fan.near], self._sign * fan.t0
            if fan.kind == _MEMBER:
                time = since
            elif fan.kind == self._enter:
                if time < since:
                    continue
                time = ALWAYS
            far = self._sooner(fan, time)
            reached.update(dict.fromkeys(far, time))
            (entered if fan.kind == self._enter else things).update(far)
            self._fans.append(fan)
        return entered, things

    def _sooner(self, fan: Fan, time: int) -> Collection[int]:
        """Those of the far ends that were not known to matter at this time."""
        reached = self.reached
        if reached.keys().isdisjoint(fan.far):
            return fan.far
        found = [one for one in fan.far if one not in reached or time < reached[one]]
        self._is_again = self._is_again or bool(found)
        return found

    def _beside(self, level: Collection[int]) -> Iterator[Fan]:
        if not level:
            return
        tables = self._view.tables
        table = tables.fwd if self._forward else tables.rev
        scan = _FORWARD if self._forward else _BACK
        for found, (one, kind, t0, seq) in read_shared(self._view, table, scan, stretches(level)):
            for first, last in found:
                yield Fan(one, kind, first, last, t0, seq)


_MEMBER: Final = int(Link.MEMBER)
_KINDS: Final = ("kind", int(min(GENEALOGY)), int(max(GENEALOGY)))
"""Neighbours, with no other between them."""
_FORWARD: Final = Scan("src", ("src", "kind", "t0", "seq"), (_KINDS,), "dst")
_BACK: Final = Scan("dst", ("dst", "kind", "t0", "seq"), (_KINDS,), "src")
