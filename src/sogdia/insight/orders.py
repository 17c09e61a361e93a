"""The list of trades: search, filters, sorting, pages that stay fast however far one turns, and export.

A page begins after the last row of the one before, which is named by its key; there is no number of rows to skip. A row
shows each part of the trade to those who may see that part. `began_at_ms` is when the first part was said to happen.
"""

from collections.abc import Iterator
from operator import eq, ge, le, lt
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.insight.moment import Moment
from sogdia.insight.picture import Pictured
from sogdia.insight.places import cut
from sogdia.insight.sight import Sight
from sogdia.insight.troubles import TROUBLES, in_trouble
from sogdia.insight.typed import found_by

Sort = Literal["newest", "oldest", "value_high", "value_low", "number"]
PAGE_LIMIT: Final = 500
COUNT_LIMIT: Final = 1_000
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "began": ("began_at_ms", "platform", "order"),
    "value": ("currency", "paid_minor", "platform", "order"),
    "number": ("platform", "order"),
}
_SORTS: Final[dict[Sort, tuple[str, bool]]] = {
    "newest": ("began", True), "oldest": ("began", False),
    "value_high": ("value", True), "value_low": ("value", False),
    "number": ("number", False),
}  # fmt: skip
"""What each sort goes by, and whether it goes down. By value, currencies stay apart."""


class Filter(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which trades; what is empty does not matter. Instants are of placing, from included to excluded.

    `text` is the beginning of a number of its order, payment, parcel or list, or of a SKU, or the end of one (from 4
    characters). `state` is one of `sight.STATES`; `reached` a stage that the trade has come to or past: paid, shipped,
    declared, released, delivered. With `reached` given, `reached_from_ms` and `reached_to_ms` bound when it came to
    that stage.

    `trouble` is a kind of `troubles.TROUBLES` or `any`. Values are minor units and need a currency.
    """

    text: str = ""
    state: str = ""
    reached: str = ""
    ship_from: str = ""
    ship_to: str = ""
    currency: str = ""
    value_from: int | None = None
    value_to: int | None = None
    placed_from_ms: int | None = None
    placed_to_ms: int | None = None
    carrier: str = ""
    trouble: str = ""
    reached_from_ms: int | None = None
    reached_to_ms: int | None = None


class Trade(msgspec.Struct, frozen=True):
    """One row: the parts of a trade so far as the asker sees them. Money in minor units, `_at_ms` in UTC."""

    platform: str
    order: str
    state: str | None
    began_at_ms: int
    ship_from: str | None
    ship_to: str | None
    waits_for: str | None
    waits_since_ms: int | None
    troubles: tuple[str, ...]
    seller: str | None
    institution: str | None
    placed_at_ms: int | None
    currency: str | None
    paid_minor: int | None
    cancelled: int | None
    payment: str | None
    paid_at_ms: int | None
    refunded_minor: int | None
    carrier: str | None
    waybill: str | None
    parcel: str | None
    parcels: int | None
    issued_at_ms: int | None
    picked_up_at_ms: int | None
    status_at_ms: int | None
    direction: str | None
    broker: str | None
    list_no: str | None
    declared_at_ms: int | None
    declared_minor: int | None
    declared_currency: str | None
    phase: str | None
    code: int | None
    answered_at_ms: int | None
    released_at_ms: int | None

    @property
    def place(self) -> str:
        """How the next page names this row."""
        return f"{self.platform}|{self.order}"


class Page(msgspec.Struct, frozen=True):
    """Some rows, and the places to go on from: `after` is empty at the end, `before` at the beginning."""

    rows: tuple[Trade, ...]
    after: str
    before: str = ""


class Counted(msgspec.Struct, frozen=True):
    """How many; `more` when counting stopped there."""

    count: int
    more: bool


EXPORTED: Final = tuple(name for name in Trade.__struct_fields__)
"""The columns of an export, in order."""


def search(
    picture: Pictured,
    asker: Asker,
    moment: Moment,
    wanted: Filter,
    sort: Sort = "newest",
    after: str = "",
    limit: int = 50,
    before: str = "",
) -> Page:
    """A page of at most `limit` (1-500) trades, those after the row whose `place` is given, or just before one."""
    if before and not after:
        return _page_before(picture, asker, wanted, moment, sort, before, limit)
    return _page(picture, asker, wanted, moment, sort, after, limit)


def count(
    picture: Pictured,
    asker: Asker,
    moment: Moment,
    wanted: Filter,
    limit: int = COUNT_LIMIT,
) -> Counted:
    """How many trades there are, counted up to a limit."""
    sight = Sight(picture, asker)
    found = sql.select(sql.literal(1).label("one")).select_from(sight.table)
    found = found.where(*conditions(picture, asker, sight, wanted, moment))
    some = found.limit(limit + 1).subquery()
    counted = int(picture.rows(sql.select(sql.func.count().label("trades")).select_from(some))[0]["trades"])
    return Counted(min(counted, limit), counted > limit)


def every(
    picture: Pictured,
    asker: Asker,
    moment: Moment,
    wanted: Filter,
    sort: Sort = "newest",
) -> Iterator[Trade]:
    """All of them, for export, a page in memory at a time. Rows that change meanwhile are shown as they then are."""
    after = ""
    while True:
        page = _page(picture, asker, wanted, moment, sort, after, PAGE_LIMIT)
        yield from page.rows
        after = page.after
        if not after:
            return


def conditions(
    picture: Pictured, asker: Asker, sight: Sight, wanted: Filter, moment: Moment
) -> list[sql.ColumnElement[bool]]:
    """The conditions of a filter over the trade table."""
    found = [sight.any_part]
    exact = {"ship_from": sight["ship_from"], "ship_to": sight.ship_to, "state": sight.state}
    exact |= {name: sight[name] for name in ("currency", "carrier")}
    for name, column in exact.items():
        if getattr(wanted, name):
            found.append(column == getattr(wanted, name))
    if wanted.reached:
        if wanted.reached_from_ms is None and wanted.reached_to_ms is None:
            found.append(sight.reached(wanted.reached))
        else:
            found.append(sight.reached_within(wanted.reached, wanted.reached_from_ms, wanted.reached_to_ms))
    value, placed = sight["paid_minor"], sight["placed_at_ms"]
    bounds: list[tuple[int | None, Any, sql.ColumnElement[Any]]] = [
        (wanted.value_from, ge, value), (wanted.value_to, le, value),
        (wanted.placed_from_ms, ge, placed), (wanted.placed_to_ms, lt, placed),
    ]  # fmt: skip
    found += [compare(column, given) for given, compare, column in bounds if given is not None]
    found += _for_indexes(sight, wanted)
    if wanted.text.strip():
        found.append(found_by(picture, asker, wanted.text.strip()))
    if wanted.trouble:
        found.append(in_trouble(sight, moment, wanted.trouble))
    return found


def _for_indexes(sight: Sight, wanted: Filter) -> list[sql.ColumnElement[bool]]:
    """What follows from the conditions on masked columns, said of the columns themselves, which indexes know."""
    made = sight.table.c
    bounds: list[tuple[Any, Any, sql.ColumnElement[Any]]] = [
        (wanted.ship_from or None, eq, made.ship_from), (wanted.currency or None, eq, made.currency),
        (wanted.value_from, ge, made.paid_minor), (wanted.value_to, le, made.paid_minor),
        (wanted.placed_from_ms, ge, made.began_at_ms), (wanted.placed_to_ms, lt, made.began_at_ms),
    ]  # fmt: skip
    found = [compare(column, given) for given, compare, column in bounds if given is not None]
    if wanted.state == "declared":
        found += [made.phase.is_not(None), made.released_at_ms.is_(None)]  # who sees one of the two sees the other
    if sight.whole and wanted.ship_from and wanted.ship_to:
        found.append(made.ship_to == wanted.ship_to)  # who sees the order goes by the order's word
    return found


def trade_columns(sight: Sight, moment: Moment) -> list[sql.ColumnElement[Any]]:
    """The columns of a `Trade`, its troubles one by one as `trouble_*`."""
    special = {
        "state": sight.state, "began_at_ms": sight.began_at_ms, "waits_for": sight.waiting,
        "ship_from": sight["ship_from"], "ship_to": sight.ship_to,
    }  # fmt: skip
    shown: list[sql.ColumnElement[Any]] = [
        (special[name] if name in special else sight[name]).label(name) for name in EXPORTED if name != "troubles"
    ]
    return shown + [
        sql.case((one.condition(sight, moment), 1), else_=0).label(f"trouble_{kind}") for kind, one in TROUBLES.items()
    ]


def trade_of(row: dict[str, Any]) -> Trade:
    """The row of a select of `trade_columns`."""
    troubles = tuple(kind for kind in TROUBLES if row[f"trouble_{kind}"])
    said = {name: row[name] for name in EXPORTED if name != "troubles"}
    if said["waits_for"] is None:
        said["waits_since_ms"] = None
    return Trade(**said, troubles=troubles)


def _page(picture: Pictured, asker: Asker, wanted: Filter, moment: Moment, sort: Sort, after: str, limit: int) -> Page:
    limit = max(1, min(limit, PAGE_LIMIT))
    found = _beyond(picture, asker, wanted, moment, sort, after, limit + 1)
    rows, following = cut(found, limit)
    return Page(tuple(rows), following, rows[0].place if after and rows else "")


def _page_before(
    picture: Pictured, asker: Asker, wanted: Filter, moment: Moment, sort: Sort, before: str, limit: int
) -> Page:
    limit = max(1, min(limit, PAGE_LIMIT))
    found = _beyond(picture, asker, wanted, moment, sort, before, limit + 1, backwards=True)
    rows, farther = cut(found, limit)
    return Page(tuple(reversed(rows)), rows[0].place if rows else "", farther)


def _beyond(
    picture: Pictured,
    asker: Asker,
    wanted: Filter,
    moment: Moment,
    sort: Sort,
    place: str,
    limit: int,
    backwards: bool = False,
) -> list[Trade]:
    """The next rows beyond a place in the order of a sort, or backwards; from the beginning when there is none."""
    sight = Sight(picture, asker)
    by, is_down = _SORTS[sort]
    down = is_down != backwards
    key = [sight.table.c[name] for name in _KEYS[by]]
    statement = sql.select(*trade_columns(sight, moment)).where(
        *conditions(picture, asker, sight, wanted, moment), *_sortable(sight, by)
    )
    if place:
        last = _key_of(picture, sight, key, place)
        if last is None:
            return []
        seen = sql.tuple_(*key)
        statement = statement.where(seen < last if down else seen > last)
    ordered = statement.order_by(*(one.desc() if down else one for one in key)).limit(limit)
    return [trade_of(row) for row in picture.rows(ordered)]


def _sortable(sight: Sight, by: str) -> list[sql.ColumnElement[bool]]:
    """By value go only trades whose value the asker may see."""
    return [sight["paid_minor"].is_not(None)] if by == "value" else []


def _key_of(picture: Pictured, sight: Sight, key: list[sql.Column[Any]], after: str) -> Any:
    """The sort key of the row that the last page ended with, if it is one that the asker may see."""
    platform, _, order = after.partition("|")
    made = sight.table.c
    wanted = sql.select(*key).where(made.platform == platform, made.order == order, sight.any_part)
    found = picture.rows(wanted)
    return sql.tuple_(*(found[0][column.name] for column in key)) if found else None
