"""How much and how fast: trades by the day on which they were placed, money by currency, release times by lane."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.values import day_of
from sogdia.insight.measures import A_DAY_MS, AN_HOUR_MS, Lane, Spread
from sogdia.insight.orders import Filter
from sogdia.insight.picture import Pictured
from sogdia.insight.sight import REACHED, TOLD_BY, Part, Sight
from sogdia.insight.unseen import parts_seen

_COUNTED: Final = ("orders", "paid", "shipped", "declared", "released", "delivered", "returned", "cancelled")
_SUMMED: Final = ("placed_minor", "attested_minor", "refunded_minor")
_TOLD_BY: Final[Mapping[str, frozenset[Part]]] = {
    **{stage: frozenset({part}) for stage, part in TOLD_BY.items()},
    **dict.fromkeys(("orders", "cancelled", "placed_minor"), frozenset({"order"})),
    **dict.fromkeys(("attested_minor", "refunded_minor"), frozenset({"payment"})),
    "returned": frozenset({"waybill", "list"}),
}
"""The parts of trades that tell each figure; one of them is enough."""


class Day(msgspec.Struct, frozen=True):
    """The orders placed on one day, and how many of them have come how far by now; `behind` lists them."""

    day: str
    orders: int
    paid: int
    shipped: int
    declared: int
    released: int
    delivered: int
    returned: int
    cancelled: int
    behind: Filter


class Money(msgspec.Struct, frozen=True):
    """One currency over those days, in minor units: the value of orders that were not wholly cancelled.

    `attested_minor` is the value of orders with a payment, `refunded_minor` what went back to buyers.
    """

    currency: str
    orders: int
    placed_minor: int
    attested_minor: int
    refunded_minor: int
    behind: Filter


class Happened(msgspec.Struct, frozen=True):
    """How many trades came to one stage today, whenever they were placed; `behind` lists them."""

    stage: str
    trades: int
    behind: Filter


class Volumes(msgspec.Struct, frozen=True):
    """Days from first to last, money over all of them, and what happened today; days begin `offset_hours` from UTC.

    `seen` are the parts of trades that the asker sees at all: a figure that none of them tells is no zero.
    """

    days: tuple[Day, ...]
    money: tuple[Money, ...]
    offset_hours: int
    today: tuple[Happened, ...]
    seen: frozenset[Part]

    def tells(self, figure: str) -> bool:
        """Whether the asker sees what this figure counts or adds up (a field of `Day` or `Money`, or a stage)."""
        return bool(_TOLD_BY[figure] & self.seen)


def volumes_by_day(picture: Pictured, asker: Asker, now_ms: int, days: int = 14, offset_hours: int = 8) -> Volumes:
    """The orders of the last so many days, today included, that the asker may see. One reading of the trade table."""
    offset_ms = offset_hours * AN_HOUR_MS
    today = (now_ms + offset_ms) // A_DAY_MS
    first = today - days + 1
    rows = _counted(picture, asker, first * A_DAY_MS - offset_ms, now_ms, offset_ms)
    by_day = {number: _sums(row for row in rows if row["day"] == number) for number in range(first, today + 1)}
    currencies = sorted({row["currency"] for row in rows})
    start, end = first * A_DAY_MS - offset_ms, (today + 1) * A_DAY_MS - offset_ms
    return Volumes(
        tuple(_day(number, counts, offset_ms, offset_hours) for number, counts in by_day.items()),
        tuple(_money(one, _sums(row for row in rows if row["currency"] == one), start, end) for one in currencies),
        offset_hours,
        _happened(picture, asker, today * A_DAY_MS - offset_ms, end, by_day[today]["orders"]),
        parts_seen(picture, asker),
    )


def _happened(picture: Pictured, asker: Asker, from_ms: int, to_ms: int, placed: int) -> tuple[Happened, ...]:
    sight = Sight(picture, asker)
    found = [Happened("placed", placed, Filter(placed_from_ms=from_ms, placed_to_ms=to_ms))]
    for stage in (*REACHED, "delivered"):
        wanted = sql.select(sql.func.count().label("trades")).select_from(sight.table)
        counted = picture.rows(wanted.where(sight.reached_within(stage, from_ms, to_ms)))[0]["trades"]
        found.append(Happened(stage, counted, Filter(reached=stage, reached_from_ms=from_ms, reached_to_ms=to_ms)))
    return tuple(found)


def release_figures(times: Mapping[Lane, Spread], most: int = 20) -> list[tuple[Lane, Spread]]:
    """The lanes with most releases, most first."""
    return sorted(times.items(), key=lambda one: (-one[1].values, one[0]))[:most]


def _counted(picture: Pictured, asker: Asker, since_ms: int, now_ms: int, offset_ms: int) -> list[dict[str, Any]]:
    sight = Sight(picture, asker)
    placed, phase, parcel = sight["placed_at_ms"], sight["phase"], sight["parcel"]
    value, kept = sight["paid_minor"], sight["cancelled"] != 2
    paid = sight["paid_at_ms"].is_not(None)
    counted = {
        "paid": paid,
        "shipped": sight["issued_at_ms"].is_not(None),
        "declared": phase.is_not(None),
        "released": sight["released_at_ms"].is_not(None),
        "delivered": parcel == "delivered",
        "returned": sql.or_(parcel == "returned", phase == "returned"),
        "cancelled": sight["cancelled"] == 2,
    }
    summed = {
        "placed_minor": sql.case((kept, value)),
        "attested_minor": sql.case((paid, value)),
        "refunded_minor": sight["refunded_minor"],
    }
    day, currency = ((sight.table.c.placed_at_ms + offset_ms) // A_DAY_MS).label("day"), sight.table.c.currency
    wanted = sql.select(
        day,
        currency.label("currency"),
        sql.func.count().label("orders"),
        *(sql.func.sum(sql.case((one, 1), else_=0)).label(name) for name, one in counted.items()),
        *(sql.func.sum(sql.func.coalesce(one, 0)).label(name) for name, one in summed.items()),
    )
    # A trade with an order began when that was placed, which an index knows.
    wanted = wanted.where(sight.table.c.began_at_ms >= since_ms, placed >= since_ms, placed <= now_ms)
    return picture.rows(wanted.group_by(day, currency))


def _sums(rows: Any) -> dict[str, int]:
    some = list(rows)
    return {name: sum(int(row[name]) for row in some) for name in (*_COUNTED, *_SUMMED)}


def _day(number: int, counts: Mapping[str, int], offset_ms: int, offset_hours: int) -> Day:
    start = number * A_DAY_MS - offset_ms
    behind = Filter(placed_from_ms=start, placed_to_ms=start + A_DAY_MS)
    return Day(day_of(start, offset_hours), **{name: counts[name] for name in _COUNTED}, behind=behind)


def _money(currency: str, counts: Mapping[str, int], start_ms: int, end_ms: int) -> Money:
    behind = Filter(currency=currency, placed_from_ms=start_ms, placed_to_ms=end_ms)
    return Money(currency, counts["orders"], **{name: counts[name] for name in _SUMMED}, behind=behind)
