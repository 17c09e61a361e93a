"""What happened to a trade, who signed it and when; and when each stage was to be expected on its lane."""

from collections.abc import Iterable, Mapping
from statistics import median_low
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.state import Table
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.state import ORDERS
from sogdia.domains.payments.state import PAYMENTS
from sogdia.insight.orders import Trade
from sogdia.insight.picture import Pictured
from sogdia.insight.sight import Sight

SAMPLE_LIMIT: Final = 500
SAMPLE_LEAST: Final = 5
ENTRIES_LIMIT: Final = 500
_STATED: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "orders.placed": ("platform", "order", (ORDERS.name,)),
    "payments.attested": ("institution", "payment", (PAYMENTS.name,)),
    "logistics.waybill_issued": ("carrier", "waybill", (WAYBILLS.name,)),
    "customs.declared": ("broker", "list_no", (IMPORT_LISTS.name, EXPORT_LISTS.name)),
}
"""By which fields an event names its record, and the tables that this can be of: there its party said when."""
_WHEN: Final = {
    ORDERS.name: "placed_at_ms", PAYMENTS.name: "paid_at_ms", WAYBILLS.name: "issued_at_ms",
    IMPORT_LISTS.name: "declared_at_ms", EXPORT_LISTS.name: "declared_at_ms",
}  # fmt: skip
STAGES: Final = {
    "paid": "paid_at_ms", "shipped": "issued_at_ms", "declared": "declared_at_ms", "released": "released_at_ms",
    "delivered": "delivered_at_ms",
}  # fmt: skip
"""The stages after placing, and when each was reached."""


class Entry(msgspec.Struct, frozen=True):
    """Something signed and decided: `what` is the event's name, `said` its fields, `signers` the parties that signed.

    `stated_at_ms` is the party's own word on when, `recorded_at_ms` the time of the block.
    """

    what: str
    stated_at_ms: int | None
    recorded_at_ms: int
    signers: tuple[str, ...]
    said: dict[str, Any]
    transaction: str
    height: int
    log_index: int


class Stage(msgspec.Struct, frozen=True):
    """One stage: when it was reached, and when the lane's median says; `sample` trades stand behind that estimate."""

    stage: str
    actual_ms: int | None
    estimated_ms: int | None
    sample: int


def entries_of(
    picture: Pictured, asker: Asker, row: Trade, parts: Mapping[Table[Any], Iterable[Mapping[str, Any]]]
) -> tuple[Entry, ...]:
    """The trade's events that the asker may hear, in the order of the record, the first 500.

    `parts` are its records by table: each event's own says when its party says that it happened.
    Whoever reads every part of a trade by its role is told all of them, for they say nothing that the parts do not.
    """
    heard = sql.true() if Sight(picture, asker).whole else picture.visible_events(asker)
    steps, events, transactions = picture.trades.steps, picture.events, picture.transactions
    same = [steps.c[name] == events.c[name] for name in ("height", "index", "position")]
    signed = [events.c[name] == transactions.c[name] for name in ("height", "index")]
    wanted = (
        sql.select(
            events.c.tag, events.c.json, events.c.time_ms, events.c.height, transactions.c.id,
            transactions.c.signers, transactions.c.log_index,
        )
        .select_from(steps.join(events, sql.and_(*same)).join(transactions, sql.and_(*signed)))
        .where(steps.c.platform == row.platform, steps.c.order == row.order, heard)
        .order_by(steps.c.height, steps.c.index, steps.c.position)
        .limit(ENTRIES_LIMIT)
    )  # fmt: skip
    times = {
        (table.name, *(one[name] for name in table.key)): one[_WHEN[table.name]]
        for table, rows in parts.items()
        for one in rows
    }
    return tuple(_entry(found, times) for found in picture.rows(wanted))


def _entry(found: Mapping[str, Any], times: Mapping[tuple[str, ...], int]) -> Entry:
    said = {name: value for name, value in found["json"].items() if name not in ("type", "parties", "roles")}
    stated = said.get("reported_at_ms")
    if stated is None and found["tag"] in _STATED:
        party, number, tables = _STATED[found["tag"]]
        named = (said.get(party, ""), said.get(number, ""))
        stated = next((times[one, *named] for one in tables if (one, *named) in times), None)
    return Entry(
        found["tag"], stated, found["time_ms"], tuple(found["signers"]), said, found["id"], found["height"],
        found["log_index"],
    )  # fmt: skip


def stages_of(picture: Pictured, asker: Asker, row: Trade) -> tuple[Stage, ...]:
    """Planned against actual. The plan is the median of the lane's newest 500 trades that have ended."""
    actual = {stage: _reached(row, column) for stage, column in STAGES.items()}
    if row.placed_at_ms is None or row.ship_from is None:
        return tuple(Stage(stage, reached, None, 0) for stage, reached in actual.items())
    after = _lane_medians(picture, asker, row)
    return tuple(
        Stage(stage, reached, None if took is None else row.placed_at_ms + took, sample)
        for (stage, reached), (took, sample) in zip(actual.items(), after, strict=True)
    )


def _reached(row: Trade, column: str) -> int | None:
    if column == "delivered_at_ms":
        return row.status_at_ms if row.parcel == "delivered" else None
    found: int | None = getattr(row, column)
    return found


def _lane_medians(picture: Pictured, asker: Asker, row: Trade) -> list[tuple[int | None, int]]:
    sight = Sight(picture, asker)
    made = sight.table.c
    delivered = sql.case((sight["parcel"] == "delivered", sight["status_at_ms"]))
    columns = [(delivered if name == "delivered_at_ms" else sight[name]).label(stage) for stage, name in STAGES.items()]
    wanted = (
        sql.select(sight["placed_at_ms"].label("placed"), *columns)
        .where(made.ship_from == row.ship_from, made.ship_to == row.ship_to, made.waits_for.is_(None))
        .where(sight["placed_at_ms"].is_not(None), sight["cancelled"] != 2)
        .order_by(made.began_at_ms.desc(), made.platform.desc(), made.order.desc())
        .limit(SAMPLE_LIMIT)
    )
    rows = picture.rows(wanted)
    return [_median(one[stage] - one["placed"] for one in rows if one[stage] is not None) for stage in STAGES]


def _median(took: Iterable[int]) -> tuple[int | None, int]:
    some = list(took)
    return (median_low(some) if len(some) >= SAMPLE_LEAST else None), len(some)
