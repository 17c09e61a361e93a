"""How long things take on this record: percentiles from counts, by lane, of what the asker may see."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.insight.picture import Pictured
from sogdia.insight.sight import Sight

Lane = tuple[str, str]
"""Country that goods are sent from (empty: not the asker's to know) and country that they go to."""
AN_HOUR_MS: Final = 3_600_000
A_DAY_MS: Final = 86_400_000
A_QUARTER_HOUR: Final = 15
A_QUARTER_DAY: Final = 360
"""Minutes."""


class Spread(msgspec.Struct, frozen=True):
    """So many measured values, in minutes: half are at most `median`, nine tenths `p90`, nineteen twentieths `p95`."""

    values: int
    median_minutes: int
    p90_minutes: int
    p95_minutes: int


def spread_of(counted: Sequence[tuple[int, int]]) -> Spread:
    """The spread of values, each with how often it was seen, ascending; by nearest rank."""
    whole = sum(times for _, times in counted)
    return Spread(whole, *(_ranked(counted, whole, part) for part in (50, 90, 95)))


def _ranked(counted: Sequence[tuple[int, int]], whole: int, percent: int) -> int:
    rank, seen = -(-whole * percent // 100), 0
    for value, times in counted:
        seen += times
        if seen >= rank:
            return value
    return 0


def delivery_times(picture: Pictured, asker: Asker) -> dict[Lane, Spread]:
    """From the waybill's issue to delivery, in minutes rounded up to a quarter of a day, by lane."""
    sight = Sight(picture, asker)
    minutes = sight.table.c.delivery_minutes
    return _by_lane(picture, sight, minutes, _in_steps(minutes, A_QUARTER_DAY), "waybill")


def release_times(picture: Pictured, asker: Asker) -> dict[Lane, Spread]:
    """From declaration, as the broker states it, to the release, as customs states it, by lane.

    In minutes rounded up to a quarter of an hour.
    """
    sight = Sight(picture, asker)
    minutes = sight.table.c.release_minutes
    return _by_lane(picture, sight, minutes, _in_steps(minutes, A_QUARTER_HOUR), "list")


def _in_steps(minutes: sql.ColumnElement[int], step: int) -> sql.ColumnElement[int]:
    """Rounded up, so that the database answers with few rows."""
    return ((minutes + (step - 1)) // step) * step


def _by_lane(
    picture: Pictured, sight: Sight, column: sql.ColumnElement[int], value: sql.ColumnElement[int], part: str
) -> dict[Lane, Spread]:
    lane = (sight.table.c.ship_from, sight.table.c.ship_to) if sight.whole else (sight.ship_from, sight.ship_to)
    named = (lane[0].label("ship_from"), lane[1].label("ship_to"), value.label("minutes"))
    wanted = sql.select(*named, sql.func.count().label("times")).where(column.is_not(None))
    if not sight.whole:
        wanted = wanted.where(sight.sees[part])  # type: ignore[index]
    return _spreads(picture.rows(wanted.group_by(*named)))


def _spreads(rows: Iterable[Mapping[str, object]]) -> dict[Lane, Spread]:
    counted: dict[Lane, list[tuple[int, int]]] = {}
    for row in rows:
        lane = (str(row["ship_from"] or ""), str(row["ship_to"] or ""))
        counted.setdefault(lane, []).append((int(str(row["minutes"])), int(str(row["times"]))))
    return {lane: spread_of(sorted(found)) for lane, found in counted.items()}
