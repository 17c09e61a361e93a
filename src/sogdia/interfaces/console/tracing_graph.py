"""A thing's origin and reach as layers to draw: one layer for each generation, few enough boxes to read.

What does not fit is folded into one box for each layer that says how many there are; the list under the graph has them
all. The same layers make the graph and the list.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

BOXES: Final = 80
"""Boxes drawn at most."""
_PER_LAYER: Final = 10
BOX: Final = (166, 46)
"""Width and height of a box, in pixels."""
_GAP: Final = (36, 14)
_MARGIN: Final = 8
_LABEL_CHARS: Final = 19

Plain = Mapping[str, Any]


class Box(msgspec.Struct, frozen=True):
    """A box: a node with its words, or so many folded ones. Places are pixels; `layer` counts from the thing, 0."""

    number: int
    layer: int
    x: int
    y: int
    uri: str = ""
    kind: str = ""
    label: str = ""
    under: str = ""
    party: str = ""
    is_redacted: bool = False
    is_imprecise: bool = False
    is_start: bool = False
    folded: int = 0


class Line(msgspec.Struct, frozen=True):
    """A line from box to box, as a path; `is_redacted` when no event behind it may be read."""

    path: str
    kind: str
    is_redacted: bool


class Step(msgspec.Struct, frozen=True):
    """One node as the list has it: how it hangs on its neighbours, since when, by whose event."""

    layer: int
    uri: str
    kind: str
    label: str
    under: str
    party: str
    is_redacted: bool
    is_imprecise: bool
    links: tuple[str, ...]
    event: Plain | None


class Drawing(msgspec.Struct, frozen=True):
    """The whole: boxes and lines, its size in pixels, and every node for the list."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int
    steps: tuple[Step, ...]
    is_cut: bool

    @property
    def folded(self) -> int:
        """Nodes that are not drawn."""
        return sum(one.folded for one in self.boxes)


def drawn(up: Plain, down: Plain) -> Drawing:
    """The drawing of both directions; they share the thing in the middle."""
    start = int(down["start"])
    nodes = {int(one["number"]): one for graph in (up, down) for one in graph["nodes"]}
    arrows = _once([*up["arrows"], *down["arrows"]])
    layers = {start: 0, **_layered(start, up["arrows"], -1), **_layered(start, down["arrows"], 1)}
    by_layer = defaultdict[int, list[int]](list)
    for number in nodes:
        by_layer[layers.get(number, 0)].append(number)
    kept = _kept(by_layer, arrows)
    boxes = _placed(kept, by_layer, nodes, start)
    lines = _lines(boxes, arrows)
    width = max(one.x for one in boxes) + BOX[0] + _MARGIN
    height = max(one.y for one in boxes) + BOX[1] + _MARGIN
    steps = tuple(_step(number, layers.get(number, 0), nodes, arrows) for number in _listed(by_layer))
    return Drawing(tuple(boxes), lines, width, height, steps, bool(up["is_cut"] or down["is_cut"]))


def label_of(uri: str) -> tuple[str, str]:
    """A short name for an identifier and what stands under it: the serial or lot, and the number of the product."""
    parts = uri.removeprefix("https://id.gs1.org/").split("/") if uri.startswith("https://id.gs1.org/") else []
    if len(parts) >= 4:
        return _clipped(parts[-1]), parts[1]
    if len(parts) == 2:
        return _clipped(parts[1]), ""
    return _clipped(uri.rpartition(":")[2] or uri), ""


def _clipped(text: str) -> str:
    return text if len(text) <= _LABEL_CHARS else f"…{text[1 - _LABEL_CHARS :]}"


def _once(arrows: Iterable[Plain]) -> list[Plain]:
    """Each pair once, by the event that may be read if there is one."""
    found: dict[tuple[int, int, str], Plain] = {}
    for one in arrows:
        key = (int(one["src"]), int(one["dst"]), str(one["kind"]))
        if key not in found or _is_redacted(found[key]):
            found[key] = one
    return list(found.values())


def _is_redacted(arrow: Plain) -> bool:
    return bool(arrow["event"] and arrow["event"].get("is_redacted"))


def _layered(start: int, arrows: Sequence[Plain], step: int) -> dict[int, int]:
    """How many generations each node is away, the shortest way: containment may run in rings."""
    near, far = ("src", "dst") if step > 0 else ("dst", "src")
    following = defaultdict[int, list[int]](list)
    for one in arrows:
        following[int(one[near])].append(int(one[far]))
    found, level, at = {start: 0}, [start], 0
    while level:
        at += step
        level = list(dict.fromkeys(one for number in level for one in following[number] if one not in found))
        found.update(dict.fromkeys(level, at))
    del found[start]
    return found


def _kept(by_layer: Mapping[int, list[int]], arrows: Sequence[Plain]) -> dict[int, list[int]]:
    """The nodes to draw, in an order in which few lines cross: each near the middle of its neighbours."""
    near = sorted(by_layer, key=lambda layer: (abs(layer), layer))
    neighbours = _neighbours(arrows)
    room, chosen = BOXES, dict[int, list[int]]()
    for layer in near:
        most = max(0, min(_PER_LAYER, room - 1))
        if most:
            drawn_already = {number for some in chosen.values() for number in some}
            chosen[layer] = _joined_first(by_layer[layer], neighbours, drawn_already)[:most]
            room -= len(chosen[layer]) + (len(by_layer[layer]) > most)
    places = dict[int, int]()
    for some in chosen.values():  # outwards, so that each layer follows the one before it
        some.sort(key=lambda number: (_middle(neighbours[number], places), number))
        places.update({number: at for at, number in enumerate(some)})
    return chosen


def _neighbours(arrows: Sequence[Plain]) -> defaultdict[int, list[int]]:
    found = defaultdict[int, list[int]](list)
    for one in arrows:
        found[int(one["src"])].append(int(one["dst"]))
        found[int(one["dst"])].append(int(one["src"]))
    return found


def _joined_first(numbers: Sequence[int], neighbours: Mapping[int, list[int]], drawn_already: set[int]) -> list[int]:
    """First one neighbour of each box that is drawn, then a second of each; a box without a line tells nothing."""
    turns, ranks = defaultdict[int, int](int), dict[int, tuple[bool, int]]()
    for number in numbers:
        joined = next((one for one in neighbours.get(number, ()) if one in drawn_already), None)
        if joined is not None:
            turns[joined] += 1
        ranks[number] = (joined is None, turns[joined] if joined is not None else 0)
    return sorted(numbers, key=ranks.__getitem__)


def _middle(neighbours: Sequence[int], places: Mapping[int, int]) -> int:
    """The mean place of those neighbours that have one, in thousandths."""
    known = [places[one] for one in neighbours if one in places]
    return sum(known) * 1000 // len(known) if known else 0


def _placed(
    kept: Mapping[int, list[int]], by_layer: Mapping[int, list[int]], nodes: Mapping[int, Plain], start: int
) -> list[Box]:
    first = min(kept)
    counts = {layer: len(some) + (len(by_layer[layer]) > len(some)) for layer, some in kept.items()}
    tallest = max(counts.values())
    boxes = list[Box]()
    for layer, some in sorted(kept.items()):
        x = _MARGIN + (layer - first) * (BOX[0] + _GAP[0])
        top = _MARGIN + (tallest - counts[layer]) * (BOX[1] + _GAP[1]) // 2
        for at, number in enumerate(some):
            boxes.append(_box(number, layer, x, top + at * (BOX[1] + _GAP[1]), nodes[number], start))
        left = len(by_layer[layer]) - len(some)
        if left:
            y = top + len(some) * (BOX[1] + _GAP[1])
            boxes.append(Box(0, layer, x, y, folded=left))
    return boxes


def _box(number: int, layer: int, x: int, y: int, node: Plain, start: int) -> Box:
    label, under = label_of(node["uri"])
    return Box(
        number,
        layer,
        x,
        y,
        node["uri"],
        node["kind"],
        label,
        under,
        node["party"],
        is_redacted=node["is_redacted"],
        is_imprecise=node["is_imprecise"],
        is_start=number == start,
    )


def _lines(boxes: Sequence[Box], arrows: Sequence[Plain]) -> tuple[Line, ...]:
    at = {one.number: one for one in boxes if not one.folded}
    found = []
    for arrow in arrows:
        begin, end = at.get(int(arrow["src"])), at.get(int(arrow["dst"]))
        if begin is not None and end is not None:
            found.append(Line(_path(begin, end), str(arrow["kind"]), _is_redacted(arrow)))
    return tuple(found)


def _path(begin: Box, end: Box) -> str:
    """From the right of one box to the left of the next, or around when they stand in one layer."""
    wide, half = BOX[0], BOX[1] // 2
    if begin.layer >= end.layer:
        x, bend = begin.x + wide, begin.x + wide + _GAP[0] // 2
        return f"M{x} {begin.y + half}C{bend} {begin.y + half} {bend} {end.y + half} {end.x + wide} {end.y + half}"
    x, middle = begin.x + wide, (begin.x + wide + end.x) // 2
    return f"M{x} {begin.y + half}C{middle} {begin.y + half} {middle} {end.y + half} {end.x} {end.y + half}"


def _listed(by_layer: Mapping[int, list[int]]) -> Iterable[int]:
    for layer in sorted(by_layer):
        yield from by_layer[layer]


def _step(number: int, layer: int, nodes: Mapping[int, Plain], arrows: Sequence[Plain]) -> Step:
    node = nodes[number]
    towards = [one for one in arrows if int(one["src" if layer < 0 else "dst"]) == number] if layer else []
    event = next((one["event"] for one in towards if one["event"]), None)
    label, under = label_of(node["uri"])
    links = tuple(dict.fromkeys(str(one["kind"]) for one in towards))
    return Step(
        layer, node["uri"], node["kind"], label, under, node["party"], node["is_redacted"], node["is_imprecise"],
        links, event,
    )  # fmt: skip
