"""Lanes for the world view: how many trades go from one country to another, how many are late, how fast they are."""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.insight.centroids import centroid
from sogdia.insight.measures import Spread, delivery_times, release_times
from sogdia.insight.moment import Moment
from sogdia.insight.orders import Filter
from sogdia.insight.picture import Pictured
from sogdia.insight.sight import Sight
from sogdia.insight.troubles import in_trouble

Point = tuple[float, float]
"""Degrees north and east."""


class Lane(msgspec.Struct, frozen=True):
    """One lane; its country of origin is empty where the asker may not know it.

    `on_the_way` are parcels that were picked up and have not ended. `late` parcels are late by the lane's own time,
    `late_after_hours`. `begin` and `end` are for drawing only.
    """

    ship_from: str
    ship_to: str
    trades: int
    on_the_way: int
    late: int
    late_after_hours: int
    delivery: Spread | None
    release: Spread | None
    begin: Point | None
    end: Point | None
    behind: Filter
    behind_late: Filter


def lanes(
    picture: Pictured, asker: Asker, moment: Moment, released: Mapping[tuple[str, str], Spread] | None = None
) -> tuple[Lane, ...]:
    """Every lane that the asker sees trades of, the busiest first; `released` are release times measured before."""
    delivered = delivery_times(picture, asker) if moment.delivered is None else moment.delivered
    released = release_times(picture, asker) if released is None else released
    whole = _counted(picture, asker, moment, open_alone=False)
    opened = _counted(picture, asker, moment, open_alone=True)
    found = []
    for (origin, destination), (trades, _) in sorted(whole.items(), key=lambda one: (-one[1][0], one[0])):
        lane = (origin, destination)
        on_the_way, late = opened.get(lane, (0, 0))
        behind = Filter(ship_from=origin, ship_to=destination)
        found.append(
            Lane(
                *lane, trades, on_the_way, late, moment.late_on(lane) // 3_600_000, delivered.get(lane),
                released.get(lane), centroid(origin), centroid(destination), behind,
                msgspec.structs.replace(behind, trouble="late_parcel"),
            )
        )  # fmt: skip
    return tuple(found)


def _counted(
    picture: Pictured, asker: Asker, moment: Moment, open_alone: bool
) -> dict[tuple[str, str], tuple[int, int]]:
    """Trades and late ones by lane; of those on the way alone, which an index finds, or of all and then none late."""
    sight = Sight(picture, asker)
    made = sight.table.c
    plain = sight.whole and not open_alone
    lane = (made.ship_from, made.ship_to) if plain else (sight.ship_from, sight.ship_to)
    named = (lane[0].label("ship_from"), lane[1].label("ship_to"))
    late: sql.ColumnElement[int] = sql.literal(0)
    trades: sql.ColumnElement[int] = sql.func.count()
    if open_alone:
        late = sql.func.sum(sql.case((in_trouble(sight, moment, "late_parcel"), 1), else_=0))
        trades = sql.func.sum(sql.case((sight["parcel"] != "issued", 1), else_=0))
    wanted = sql.select(*named, trades.label("trades"), late.label("late"))
    wanted = wanted.where(sight.any_part, lane[1].is_not(None))
    if open_alone:
        wanted = wanted.where(made.open_since_ms.is_not(None), sight["parcel"].is_not(None))
    rows = picture.rows(wanted.group_by(*named))
    return {(row["ship_from"] or "", row["ship_to"] or ""): (int(row["trades"]), int(row["late"])) for row in rows}
