"""The SQL tables of trades. Names ending in `_ms` are milliseconds of UTC, in `_minor` minor units of `currency`."""

from typing import Any, Final

import sqlalchemy as sql

from sogdia.mirror.text import TEXT

TRADE: Final = "trade"
"""No record table is named so: those have a dot, which becomes `_`; and no domain is called trade."""

_TIMES: Final = (
    "placed_at_ms", "paid_at_ms", "issued_at_ms", "picked_up_at_ms", "status_at_ms", "declared_at_ms",
    "answered_at_ms", "released_at_ms", "open_since_ms", "waits_since_ms",
)  # fmt: skip
_NUMBERS: Final = (
    "delivery_minutes", "release_minutes", "paid_minor", "refunded_minor", "declared_minor", "cancelled", "code",
    "parcels",
)  # fmt: skip
PARTS: Final = ("order", "payment", "waybill", "list")
_TEXTS: Final = (
    "waits_for", "seller", "institution", "payment", "carrier", "waybill", "parcel", "goes_to", "ship_from", "ship_to",
    "currency", "declared_currency", "direction", "broker", "list_no", "phase",
)  # fmt: skip


class TradeTables:
    """The tables, in one metadata."""

    def __init__(self, metadata: sql.MetaData) -> None:
        self.trades = _trades(metadata)
        self.numbers = _numbers(metadata)
        self.steps = _steps(metadata)


def _trades(metadata: sql.MetaData) -> sql.Table:
    """One row for each order that a record names; `cancelled` is 0, 1 for a part, 2 for all of it.

    `began_at_ms` is when it was placed; before its order is on record, the earliest of what is there. `open_since_ms`
    is when a parcel was issued that has not ended; `waits_for` what the trade needs next, since when.
    """
    made = sql.Table(
        TRADE,
        metadata,
        sql.Column("began_at_ms", sql.BigInteger, nullable=False),
        *(sql.Column(name, sql.BigInteger) for name in (*_TIMES, *_NUMBERS)),
        *(sql.Column(f"{name}_audience", sql.BigInteger) for name in PARTS),
        sql.Column("platform", TEXT, primary_key=True),
        sql.Column("order", TEXT, primary_key=True),
        *(sql.Column(name, TEXT) for name in _TEXTS),
    )
    audiences = [made.c[f"{name}_audience"] for name in PARTS]
    sql.Index("trade_began", made.c.began_at_ms, made.c.platform, made.c.order, *audiences)
    sql.Index("trade_value", made.c.currency, made.c.paid_minor, made.c.platform, made.c.order)
    _partial("trade_waits", made.c.waits_for.is_not(None), made.c.waits_for, made.c.waits_since_ms)
    _partial("trade_open", made.c.open_since_ms.is_not(None), made.c.open_since_ms)
    _partial("trade_phase", made.c.phase.is_not(None), made.c.phase, made.c.answered_at_ms)
    lane = (made.c.ship_from, made.c.ship_to)
    sql.Index("trade_lane", *lane, made.c.began_at_ms, made.c.platform, made.c.order)
    delivered = (made.c.goes_to, made.c.delivery_minutes, made.c.order_audience, made.c.waybill_audience)
    _partial("trade_delivered", made.c.delivery_minutes.is_not(None), *lane, *delivered)
    released = (made.c.release_minutes, made.c.order_audience, made.c.list_audience)
    _partial("trade_released", made.c.release_minutes.is_not(None), *lane, *released)
    return made


def _partial(name: str, condition: sql.ColumnElement[bool], *columns: sql.Column[Any]) -> None:
    sql.Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


def _numbers(metadata: sql.MetaData) -> sql.Table:
    """What people type in capitals, which part it is of, and that part's readers."""
    return sql.Table(
        f"{TRADE}_number",
        metadata,
        *(sql.Column(name, TEXT, primary_key=True) for name in ("number", "kind", "platform", "order")),
        sql.Column("audience", sql.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _steps(metadata: sql.MetaData) -> sql.Table:
    whole = [
        sql.Column(name, sql.BigInteger, primary_key=True, autoincrement=False)
        for name in ("height", "index", "position")
    ]
    texts = [sql.Column(name, TEXT, primary_key=True) for name in ("platform", "order")]
    return sql.Table(f"{TRADE}_step", metadata, *texts, *whole, sqlite_with_rowid=False)
