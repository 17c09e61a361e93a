"""Bars drawn on the server: where each stands and how high it is, in units of the drawing."""

from collections.abc import Sequence
from typing import Final

import msgspec

from sogdia.insight.figures import Day
from sogdia.insight.tower import Releases

HEIGHT: Final = 100
STEP: Final = 20
_BAR: Final = 14


class Bar(msgspec.Struct, frozen=True):
    """One day: its bar from the left, the height of all its orders, and of those that were released or are further."""

    day: Day
    x: int
    y: int
    height: int
    done_y: int
    done_height: int


class Chart(msgspec.Struct, frozen=True):
    """Bars side by side in a drawing `width` by `HEIGHT`; `most` is what its top stands for."""

    bars: tuple[Bar, ...]
    width: int
    most: int
    bar_width: int = _BAR
    height: int = HEIGHT


class Spell(msgspec.Struct, frozen=True):
    """How long lists of a lane took, in hundredths of the longest: half of them, and nine of ten."""

    releases: Releases
    median: int
    p90: int


def chart_of(days: Sequence[Day]) -> Chart:
    """Orders by day."""
    most = max([1, *(day.orders for day in days)])
    bars = tuple(_bar(number, day, most) for number, day in enumerate(days))
    return Chart(bars, max(1, len(bars)) * STEP, most)


def spells_of(releases: Sequence[Releases]) -> tuple[Spell, ...]:
    """Release times side by side, all to the scale of the slowest lane."""
    longest = max([1, *(one.minutes.p90_minutes for one in releases)])
    return tuple(
        Spell(one, one.minutes.median_minutes * 100 // longest, one.minutes.p90_minutes * 100 // longest)
        for one in releases
    )


def _bar(number: int, day: Day, most: int) -> Bar:
    height = day.orders * HEIGHT // most
    done = min(day.orders, day.released) * HEIGHT // most
    x = number * STEP + (STEP - _BAR) // 2
    return Bar(day, x, HEIGHT - height, height, HEIGHT - done, done)
