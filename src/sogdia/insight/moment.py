"""When a figure is asked for, and after how long something counts as late, stuck or near."""

from collections.abc import Mapping
from typing import Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.values import day_of
from sogdia.domains.customs.state import LEGAL_DAY_OFFSET_HOURS, LIMITS_BOOK, RULEBOOK
from sogdia.insight.measures import A_DAY_MS, AN_HOUR_MS, Lane, Spread, delivery_times
from sogdia.insight.picture import Pictured

A_MINUTE_MS: Final = 60_000


class Patience(msgspec.Struct, frozen=True):
    """The bounds that figures are made with. They are ours (certainty: suggestion); whoever asks may give others.

    A lane with fewer than `deliveries_needed` deliveries is judged by all lanes together; a record with fewer, by
    `delivery_days_unknown`.
    """

    payment_hours: int = 24
    waybill_hours: int = 48
    list_hours: int = 48
    customs_hours: int = 24
    delivery_days_floor: int = 3
    delivery_days_unknown: int = 30
    deliveries_needed: int = 20
    ends_within_days: int = 30
    refused_days: int = 7
    quota_percent: int = 80
    limit_percent: int = 95


class Moment(msgspec.Struct, frozen=True):
    """An instant, the bounds, and after how long a parcel is late on each lane and on lanes that are not among them.

    `single_limit_fen` is the published limit of one import list on that day; far above everything when none holds.
    `delivered` are the delivery times that lateness was told by, so that no page measures them again.
    """

    now_ms: int
    patience: Patience
    late_after_ms: Mapping[Lane, int]
    late_otherwise_ms: int
    single_limit_fen: int = 10**15
    delivered: Mapping[Lane, Spread] | None = None

    def late_on(self, lane: Lane) -> int:
        """After how many milliseconds a parcel on this lane is late."""
        return self.late_after_ms.get(lane, self.late_otherwise_ms)

    def before(self, hours: int) -> int:
        """The instant so many hours ago."""
        return self.now_ms - hours * AN_HOUR_MS

    @property
    def shortest_ms(self) -> int:
        """The shortest time after which any parcel is late."""
        return min([*self.late_after_ms.values(), self.late_otherwise_ms])


def moment_of(picture: Pictured, asker: Asker, now_ms: int, patience: Patience | None = None) -> Moment:
    """The moment with the lanes' own times: the 95th percentile of deliveries that the asker may see, with a floor."""
    bounds = patience or Patience()
    floor = bounds.delivery_days_floor * A_DAY_MS
    times = delivery_times(picture, asker)
    known = {lane: found for lane, found in times.items() if found.values >= bounds.deliveries_needed}
    return Moment(
        now_ms,
        bounds,
        {lane: max(floor, found.p95_minutes * A_MINUTE_MS) for lane, found in known.items()},
        max(floor, _otherwise(times, bounds)),
        published_limit(picture, asker, "single_fen", now_ms) or 10**15,
        times,
    )


def published_limit(picture: Pictured, asker: Asker, key: str, now_ms: int) -> int | None:
    """The limit of customs, in fen, that holds on the legal day of this instant, or None."""
    table, day = picture.table(RULEBOOK), day_of(now_ms, LEGAL_DAY_OFFSET_HOURS)
    wanted = sql.select(table.c.rows).where(table.c.book == LIMITS_BOOK, table.c.key == key)
    for shelf in picture.rows(wanted.where(picture.visible(RULEBOOK, asker))):
        for row in shelf["rows"]:
            if row["valid_from"] <= day <= row["valid_to"]:
                return int(row["value"])
    return None


def _otherwise(times: Mapping[Lane, Spread], bounds: Patience) -> int:
    """The slowest known lane stands for the others; without enough deliveries, a fixed time."""
    if sum(found.values for found in times.values()) < bounds.deliveries_needed:
        return bounds.delivery_days_unknown * A_DAY_MS
    return max(found.p95_minutes for found in times.values()) * A_MINUTE_MS
