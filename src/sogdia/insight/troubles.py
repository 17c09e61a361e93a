"""Which trades are in trouble: one condition for each kind, over the trade table as the asker sees it."""

from collections.abc import Callable
from typing import Final, Literal

import msgspec
import sqlalchemy as sql

from sogdia.insight.moment import Moment
from sogdia.insight.sight import Sight

TradeKind = Literal[
    "late_parcel",
    "unpaid",
    "unshipped",
    "undeclared",
    "unanswered",
    "list_refused",
    "list_returned",
    "limit_near",
    "unreleased",
]
Severity = Literal["high", "medium", "low"]


class Trouble(msgspec.Struct, frozen=True):
    """One kind: how grave it is, the column that says since when, and the condition."""

    severity: Severity
    since: str
    condition: Callable[[Sight, Moment], sql.ColumnElement[bool]]


def _late(sight: Sight, moment: Moment) -> sql.ColumnElement[bool]:
    opened = sight.table.c.open_since_ms
    soonest = opened < moment.now_ms - moment.shortest_ms
    if not sight.whole:
        soonest = sql.and_(soonest, sight.sees["waybill"])
    return sql.and_(soonest, opened < _late_since(sight, moment))


def _late_since(sight: Sight, moment: Moment) -> sql.ColumnElement[int]:
    """The instant before which a parcel must have been issued to be late on its lane.

    Whether the asker sees the order is asked once, not for each lane.
    """
    made, lanes = sight.table.c, moment.late_after_ms.items()
    if sight.whole:
        return _bound(
            moment, [(sql.and_(sight.ship_from == lane[0], sight.ship_to == lane[1]), after) for lane, after in lanes]
        )
    known = [(sql.and_(made.ship_from == lane[0], made.ship_to == lane[1]), after) for lane, after in lanes]
    unknown = [(made.goes_to == lane[1], after) for lane, after in lanes if not lane[0]]
    return sql.case((sight.sees["order"], _bound(moment, known)), else_=_bound(moment, unknown))


def _bound(moment: Moment, told: list[tuple[sql.ColumnElement[bool], int]]) -> sql.ColumnElement[int]:
    otherwise = sql.literal(moment.now_ms - moment.late_otherwise_ms)
    by_lane = [(condition, moment.now_ms - after) for condition, after in told]
    return sql.case(*by_lane, else_=otherwise) if by_lane else otherwise


def _waiting(what: str, hours: Callable[[Moment], int]) -> Callable[[Sight, Moment], sql.ColumnElement[bool]]:
    def condition(sight: Sight, moment: Moment) -> sql.ColumnElement[bool]:
        since = sight.table.c.waits_since_ms
        return sql.and_(
            sight.waits_for(what), since < moment.before(hours(moment)), sight["phase"].is_distinct_from("rejected")
        )

    return condition


def _in_phase(phase: str) -> Callable[[Sight, Moment], sql.ColumnElement[bool]]:
    def condition(sight: Sight, moment: Moment) -> sql.ColumnElement[bool]:
        made = sight.table.c
        stands = sql.and_(made.phase == phase, sql.func.coalesce(sight["cancelled"], 0) != 2)
        return stands if sight.whole else sql.and_(stands, sight.sees["list"])

    return condition


def _limit_near(sight: Sight, moment: Moment) -> sql.ColumnElement[bool]:
    made = sight.table.c
    near = sql.and_(sight.waits_for("customs"), made.direction == "import")
    return sql.and_(near, made.declared_minor * 100 >= moment.single_limit_fen * moment.patience.limit_percent)


TROUBLES: Final[dict[TradeKind, Trouble]] = {
    "late_parcel": Trouble("high", "open_since_ms", _late),
    "unpaid": Trouble("medium", "waits_since_ms", _waiting("payment", lambda at: at.patience.payment_hours)),
    "unshipped": Trouble("medium", "waits_since_ms", _waiting("waybill", lambda at: at.patience.waybill_hours)),
    "undeclared": Trouble("medium", "waits_since_ms", _waiting("list", lambda at: at.patience.list_hours)),
    "unanswered": Trouble("high", "waits_since_ms", _waiting("customs", lambda at: at.patience.customs_hours)),
    "list_refused": Trouble("high", "answered_at_ms", _in_phase("rejected")),
    "list_returned": Trouble("medium", "answered_at_ms", _in_phase("returned")),
    "unreleased": Trouble("high", "unreleased_since_ms", lambda sight, _: sight.unreleased),
    "limit_near": Trouble("low", "waits_since_ms", _limit_near),
}
"""The kinds of trouble that a trade can be in. A list that was refused is that alone, and not also undeclared."""


def in_trouble(sight: Sight, moment: Moment, kind: str = "any") -> sql.ColumnElement[bool]:
    """That a trade is in this kind of trouble, or in any that somebody must act on; no trade is in an unknown kind."""
    if kind == "any":
        return sql.or_(*(one.condition(sight, moment) for one in TROUBLES.values() if one.severity != "low"))
    found = TROUBLES.get(kind)  # type: ignore[call-overload]
    return sql.false() if found is None else found.condition(sight, moment)
