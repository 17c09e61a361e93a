"""Lanes on a map without borders: the Equal Earth projection, great circles, and a plain graticule.

Šavrič, Patterson, Jenny: The Equal Earth map projection, IJGIS 33:3 (2018), eq. 1; d3-geo's is the same, so that
land which the browser adds with it lies where it should. Nothing here is a figure: floats only place lines.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import asin, atan2, cos, degrees, pi, radians, sin, sqrt
from typing import Final

import msgspec

from sogdia.insight.lanes import Lane, Point
from sogdia.interfaces.console.lanes_labels import Label, labels_of

WIDTH: Final = 960
HEIGHT: Final = 467
SCALE: Final = 177.1
"""Half of the width over the projection's own half width, 2.7066."""
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M: Final = sqrt(3) / 2
_STEP_DEGREES: Final = 2.0
_SPLIT_DEGREES: Final = 180.0
MOST_DRAWN: Final = 40
_THIN, _THICK = 1.0, 4.5
TYPE: Final = 13.0
TYPE_ON_PHONES: Final = 26.0
"""Sizes of `.place-name` in `desks.css`."""


class Drawn(msgspec.Struct, frozen=True):
    """One lane as it is drawn: a path, its stroke, its ends, and the lane that it stands for."""

    lane: Lane
    path: str
    stroke: str
    begin: tuple[str, str]
    end: tuple[str, str]


class Map(msgspec.Struct, frozen=True):
    """A whole map: its lanes, graticule and outline as paths, its places, and the meridian in its middle.

    `labels` and `labels_on_phones` are the places' names, in both sizes of type.
    """

    lanes: tuple[Drawn, ...]
    places: tuple[tuple[str, str, str], ...]
    graticule: str
    outline: str
    middle: int
    labels: tuple[Label, ...]
    labels_on_phones: tuple[Label, ...]


def map_of(lanes: Sequence[Lane]) -> Map:
    """The map of the busiest lanes whose ends are known, turned so that few of them leave its edge."""
    drawable = [one for one in lanes if one.begin is not None and one.end is not None][:MOST_DRAWN]
    middle = _middle(drawable)
    most = max((one.trades for one in drawable), default=1)
    places = {code: at for one in drawable for code, at in ((one.ship_from, one.begin), (one.ship_to, one.end)) if at}
    spots = {code: _projected(at, middle) for code, at in places.items()}
    return Map(
        tuple(_drawn(one, most, middle) for one in drawable),
        tuple((code, *_text(at)) for code, at in sorted(spots.items())),
        " ".join(_path(line, middle) for line in _graticule(middle)),
        _outline(),
        middle,
        labels_of(spots, TYPE, WIDTH, HEIGHT),
        labels_of(spots, TYPE_ON_PHONES, WIDTH, HEIGHT),
    )


def _drawn(lane: Lane, most: int, middle: int) -> Drawn:
    assert lane.begin is not None, "only lanes with known ends are drawn"
    assert lane.end is not None, "only lanes with known ends are drawn"
    stroke = _THIN + (_THICK - _THIN) * sqrt(lane.trades / most)
    path = _path(list(_great_circle(lane.begin, lane.end)), middle)
    ends = (_text(_projected(lane.begin, middle)), _text(_projected(lane.end, middle)))
    return Drawn(lane, path, f"{stroke:.1f}", *ends)


def _middle(lanes: Iterable[Lane]) -> int:
    """The meridian halfway round the ends, to ten degrees: their mean as directions."""
    ends = [point[1] for one in lanes for point in (one.begin, one.end) if point]
    if not ends:
        return 0
    east = sum(sin(radians(one)) for one in ends)
    north = sum(cos(radians(one)) for one in ends)
    return round(degrees(atan2(east, north)) / 10) * 10


def _projected(at: Point, middle: int) -> tuple[float, float]:
    """Equal Earth, in pixels of the map, y down."""
    latitude, longitude = radians(at[0]), radians(_turned(at[1], middle))
    angle = asin(_M * sin(latitude))
    square = angle * angle
    sixth = square * square * square
    x = longitude * cos(angle) / (_M * (_A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square)))
    y = angle * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))
    return WIDTH / 2 + SCALE * x, HEIGHT / 2 - SCALE * y


def _turned(longitude: float, middle: int) -> float:
    return (longitude - middle + 540) % 360 - 180


def _great_circle(begin: Point, end: Point) -> Iterator[Point]:
    """Points on the shortest way, about every two degrees."""
    one, other = _vector(begin), _vector(end)
    dot = max(-1.0, min(1.0, sum(a * b for a, b in zip(one, other, strict=True))))
    whole = pi / 2 - asin(dot)
    steps = max(1, int(degrees(whole) / _STEP_DEGREES))
    for step in range(steps + 1):
        part = whole * step / steps
        if sin(whole) == 0:
            yield begin
            continue
        shares = sin(whole - part) / sin(whole), sin(part) / sin(whole)
        x, y, z = (shares[0] * a + shares[1] * b for a, b in zip(one, other, strict=True))
        yield degrees(atan2(z, sqrt(x * x + y * y))), degrees(atan2(y, x))


def _vector(at: Point) -> tuple[float, float, float]:
    latitude, longitude = radians(at[0]), radians(at[1])
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


def _graticule(middle: int) -> Iterator[list[Point]]:
    """Every 30 degrees, meridians to the poles; around the middle, so that no line is cut."""
    for east in range(-150, 180, 30):
        yield [(float(north), float(middle + east)) for north in range(-90, 91, 3)]
    for north in range(-60, 90, 30):
        yield [(float(north), middle + east * 1.0) for east in range(-180, 180, 3)] + [(float(north), middle + 179.99)]


def _outline() -> str:
    """The edge of the world, whatever stands in its middle."""
    right = [_projected((float(north), 179.999), 0) for north in range(-90, 91, 3)]
    left = [_projected((float(north), -180.0), 0) for north in range(90, -91, -3)]
    return "M" + "L".join(",".join(_text(at)) for at in [*right, *left]) + "Z"


def _path(points: Sequence[Point], middle: int) -> str:
    """A line through these points, begun anew where it leaves the map at one edge and comes in at the other."""
    found, before = [], None
    for at in points:
        here = _turned(at[1], middle)
        begins = before is None or abs(here - before) > _SPLIT_DEGREES
        found.append(("M" if begins else "L") + ",".join(_text(_projected(at, middle))))
        before = here
    return "".join(found)


def _text(at: tuple[float, float]) -> tuple[str, str]:
    return f"{at[0]:.1f}", f"{at[1]:.1f}"
