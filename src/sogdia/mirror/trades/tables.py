"""The SQL tables of trades. Names ending in `_ms` are milliseconds of UTC, in `_minor` minor units of `currency`."""

from typing import Any, Final

import sqlalchemy as sql

from sogdia.mirror.text import TEXT

TRADE: Final = "trade"
"""No record table is named so: those have a dot, which becomes `_`; and no domain is called trade."""

_TIMES: Final = (
    "placed_at_ms", "paid_at_ms", "issued_at_ms", "picked_up_at_ms", "status_at_ms", "declared_at_ms",
    "answered_at_ms", "released_at_ms", "open_since_ms", "waits_since_ms", "unreleased_since_ms",
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
    is when a parcel was issued that has not ended; `waits_for` what the trade needs next, since when;
    `unreleased_since_ms` when a parcel was delivered whose list customs has not released.
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
    _partial("trade_phase", made.c.phase.is_not(None), made.c.phase, made.c.answered_at_ms)
    _partial("trade_unreleased", made.c.unreleased_since_ms.is_not(None), made.c.unreleased_since_ms, *audiences)
    _walked(made, audiences)
    return made


def _walked(made: sql.Table, audiences: list[sql.Column[Any]]) -> None:
    """Indexes that figures go through from end to end: they hold all that is asked, so that no row is fetched.

    `goes_to` is where a trade goes for those who see the parcel alone.
    """
    lane, key = (made.c.ship_from, made.c.ship_to), (made.c.began_at_ms, made.c.platform, made.c.order)
    sql.Index("trade_lane", *lane, *key, made.c.goes_to, *audiences)
    opened, rest = made.c.open_since_ms, (made.c.goes_to, *audiences)
    _partial("trade_open", opened.is_not(None), opened, made.c.parcel, *lane, *rest)
    for name, minutes in (("delivered", made.c.delivery_minutes), ("released", made.c.release_minutes)):
        _partial(f"trade_{name}", minutes.is_not(None), *lane, minutes, *rest)
    _dated(made)
    is_at_customs = sql.and_(made.c.phase.is_not(None), made.c.released_at_ms.is_(None))
    _partial("trade_at_customs", is_at_customs, *key, *audiences)


def _dated(made: sql.Table) -> None:
    """Indexes by which what happened on a day is counted, of those who may know it."""
    for part, name in (("payment", "paid"), ("waybill", "issued"), ("list", "declared"), ("list", "released")):
        at_ms = made.c[f"{name}_at_ms"]
        _partial(f"trade_{name}_on", at_ms.is_not(None), at_ms, made.c[f"{part}_audience"])
    sql.Index("trade_status_on", made.c.parcel, made.c.status_at_ms, made.c.waybill_audience)


def _partial(name: str, condition: sql.ColumnElement[bool], *columns: sql.Column[Any]) -> None:
    sql.Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


def _numbers(metadata: sql.MetaData) -> sql.Table:
    """What people type in capitals, which part it is of, and that part's readers; `turned` is its end first."""
    made = sql.Table(
        f"{TRADE}_number",
        metadata,
        *(sql.Column(name, TEXT, primary_key=True) for name in ("number", "kind", "platform", "order")),
        sql.Column("audience", sql.BigInteger, nullable=False),
        sql.Column("turned", TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    sql.Index("trade_number_turned", made.c.turned, made.c.audience)
    return made


def _steps(metadata: sql.MetaData) -> sql.Table:
    whole = [
        sql.Column(name, sql.BigInteger, primary_key=True, autoincrement=False)
        for name in ("height", "index", "position")
    ]
    texts = [sql.Column(name, TEXT, primary_key=True) for name in ("platform", "order")]
    return sql.Table(f"{TRADE}_step", metadata, *texts, *whole, sqlite_with_rowid=False)
