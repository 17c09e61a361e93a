"""Names of places on the map, none of them over another: the first free spot around its place, the busiest first.

Spots lie in eight directions, at first beside the place, then further out, where a line leads back to it. A name for
which there is no room is left out; the list below the map has it. All lengths are in pixels of the map.
"""

from collections.abc import Iterator, Mapping
from math import hypot
from typing import Final

import msgspec

_CHARACTER: Final = 0.74
"""Widest letters of two-letter codes, as a share of the size of the type."""
_CAPITAL: Final = 0.8
_DOT: Final = 5.0
_AROUND: Final = ((1, -1), (1, 0), (-1, -1), (-1, 0), (1, 1), (-1, 1), (0, -1), (0, 1))
_RINGS: Final = 6

Spot = tuple[float, float]
Box = tuple[float, float, float, float]


class Label(msgspec.Struct, frozen=True):
    """A name, where its text begins on its base line, and the line that leads to its place if it stands apart."""

    text: str
    x: str
    y: str
    leader: str = ""


def labels_of(places: Mapping[str, Spot], size: float, width: float, height: float) -> tuple[Label, ...]:
    """The names of these places in type of this size, on a map of this width and height."""
    taken = {name: _box(at, (-_DOT, -_DOT), (2 * _DOT, 2 * _DOT)) for name, at in places.items()}
    boxes: list[Box] = []
    found = []
    for name, at in places.items():
        others = [*boxes, *(box for other, box in taken.items() if other != name)]
        for ring, box in _spots(name, at, size):
            is_within = box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height
            if is_within and not any(_meet(box, other) for other in others):
                boxes.append(box)
                found.append(Label(name, _text(box[0]), _text(box[3]), _leader(at, box) if ring else ""))
                break
    return tuple(found)


def _spots(name: str, at: Spot, size: float) -> Iterator[tuple[int, Box]]:
    """Boxes for the name, the nearest first, with how far out they are."""
    wide, high = len(name) * _CHARACTER * size, _CAPITAL * size
    for ring in range(_RINGS):
        gap = _DOT + ring * size * 0.8
        for right, down in _AROUND:
            x = gap if right > 0 else -gap - wide if right < 0 else -wide / 2
            y = gap - _DOT / 2 if down > 0 else -gap + _DOT / 2 - high if down < 0 else -high / 2
            yield ring, _box(at, (x, y), (wide, high))


def _box(at: Spot, offset: Spot, size: Spot) -> Box:
    x, y = at[0] + offset[0], at[1] + offset[1]
    return x, y, x + size[0], y + size[1]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _leader(at: Spot, box: Box) -> str:
    """From the edge of the dot to the nearest point of the box."""
    x, y = min(max(at[0], box[0]), box[2]), min(max(at[1], box[1]), box[3])
    far = hypot(x - at[0], y - at[1])
    begin = at[0] + (x - at[0]) * _DOT / far, at[1] + (y - at[1]) * _DOT / far
    return f"M{_text(begin[0])},{_text(begin[1])}L{_text(x)},{_text(y)}"


def _text(length: float) -> str:
    return f"{length:.1f}"
