"""Coarse places: geohashes, and how far apart two of them are."""

from math import asin, cos, hypot, radians, sin, sqrt
from typing import Final, NamedTuple

GEOHASH_CHARS: Final = 4
"""As many characters of a geohash are kept: a cell of about 39 by 20 km."""
EARTH_KM: Final = 6_371.0
"""Mean radius (IUGG)."""
_LETTERS: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
_DEGREE_KM: Final = 111.2


class Point(NamedTuple):
    """Degrees north and east, and within how many kilometres the true place lies."""

    latitude: float
    longitude: float
    within_km: float


def geohash_of(text: str) -> str:
    """The coarse cell of a geohash, or nothing for text that is none."""
    cell = text.strip().lower()[:GEOHASH_CHARS]
    return cell if cell and all(char in _LETTERS for char in cell) else ""


def point_of(geohash: str) -> Point:
    """The middle of a geohash's cell."""
    bounds = [[-90.0, 90.0], [-180.0, 180.0]]
    bits = (_LETTERS.index(char) >> shift & 1 for char in geohash for shift in (4, 3, 2, 1, 0))
    for number, bit in enumerate(bits):
        side = bounds[(number + 1) % 2]  # longitude goes first
        side[1 - bit] = (side[0] + side[1]) / 2
    (south, north), (west, east) = bounds
    latitude, longitude = (south + north) / 2, (west + east) / 2
    across = (east - west) / 2 * _DEGREE_KM * cos(radians(latitude))
    return Point(latitude, longitude, hypot((north - south) / 2 * _DEGREE_KM, across))


def written_point(latitude: str, longitude: str, within_km: float = 1.0) -> Point | None:
    """A place by its degrees as text, None where they are none."""
    try:
        point = Point(float(latitude), float(longitude), within_km)
    except ValueError:
        return None
    return point if -90 <= point.latitude <= 90 and -180 <= point.longitude <= 180 else None


def apart_km(one: Point, other: Point) -> float:
    """How far apart they are at least: the great circle between them less what neither is sure of."""
    north, south = radians(one.latitude), radians(other.latitude)
    turn = radians(other.longitude - one.longitude)
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(turn / 2) ** 2
    return max(0.0, 2 * EARTH_KM * asin(min(1.0, sqrt(half))) - one.within_km - other.within_km)
