"""The SQL tables of the trace index. Times are microseconds of UTC since 1970 unless the name ends in `_ms`."""

from typing import Any, Final

import sqlalchemy as sql

from sogdia.mirror.text import AUDIENCE, TEXT

PREFIX: Final = "traced_"
"""No record table begins so: names of domains have a dot, which becomes the first `_`."""


class TraceTables:
    """The tables, in one metadata."""

    def __init__(self, metadata: sql.MetaData) -> None:
        self.things = _things(metadata)
        self.entries = _entries(metadata)
        self.postings = _postings(metadata)
        self.fwd = _edges(metadata, "fwd", "src", "dst")
        self.rev = _edges(metadata, "rev", "dst", "src")
        self.closings = _closings(metadata)
        self.values = _values(metadata)


def _table(metadata: sql.MetaData, name: str, *parts: Any) -> sql.Table:
    return sql.Table(PREFIX + name, metadata, *parts, sqlite_with_rowid=False)


def _key(name: str) -> sql.Column[Any]:
    return sql.Column(name, sql.BigInteger, primary_key=True, autoincrement=False)


def _whole(name: str, nullable: bool = True) -> sql.Column[Any]:
    return sql.Column(name, sql.BigInteger, nullable=nullable)


def _rowid(name: str) -> sql.Column[Any]:
    whole = sql.BigInteger().with_variant(sql.Integer, "sqlite")
    return sql.Column(name, whole, primary_key=True, autoincrement=False)


def _things(metadata: sql.MetaData) -> sql.Table:
    """Each identity once (`standards.gs1.identifiers.identity`), its kind, and the product class it belongs to."""
    return sql.Table(
        PREFIX + "thing",
        metadata,
        _rowid("id"),
        sql.Column("uri", TEXT, nullable=False, unique=True),
        _whole("kind", False),
        _whole("product"),
    )


def _entries(metadata: sql.MetaData) -> sql.Table:
    """Events that came to count, in that order; party, event and declared are the record's key (`trace.event`).

    `custodian` is who has the things after the event, so far as it says. `reason` says why it could not be read.
    """
    name = PREFIX + "entry"
    made = sql.Table(
        name,
        metadata,
        _rowid("seq"),
        sql.Column("party", TEXT, nullable=False),
        sql.Column("event", TEXT, nullable=False),
        sql.Column("declared", TEXT, nullable=False),
        _whole("recorded_ms", False),
        _whole("standing", False),
        sql.Column("reason", TEXT, nullable=False),
        _whole(AUDIENCE, False),
        sql.Column("everyone", sql.Boolean, nullable=False),
        sql.Column("type", TEXT),
        _whole("time_us"),
        sql.Column("action", TEXT),
        sql.Column("biz_step", TEXT),
        sql.Column("disposition", TEXT),
        _whole("read_point"),
        _whole("location"),
        _whole("transformation"),
        _whole("custodian"),
        sql.Index(f"{name}_event", "event"),
        sql.Index(f"{name}_time", "time_us"),
        sql.Index(f"{name}_recorded", "recorded_ms"),
        sql.Index(f"{name}_party", "party", "time_us"),
        sql.Index(f"{name}_biz_step", "biz_step", "time_us"),
        sql.Index(f"{name}_read_point", "read_point", "time_us"),
        sql.Index(f"{name}_location", "location", "time_us"),
        sql.Index(f"{name}_disposition", "disposition", "time_us"),
        sql.Index(f"{name}_type", "type", "time_us"),
        sql.Index(f"{name}_{AUDIENCE}", AUDIENCE),
    )
    _partial(made, "everyone", made.c.everyone)
    _partial(made, "transformation", made.c.transformation.is_not(None))
    return made


def _postings(metadata: sql.MetaData) -> sql.Table:
    """What events name, by thing and time; `number` tells apart quantities of one class in one list.

    The quantity is a decimal as text, so that sums are exact.
    """
    return _table(
        metadata, "posting", _key("thing"), _key("time_us"), _key("seq"), _key("role"), _key("number"),
        sql.Column("quantity", TEXT), sql.Column("uom", TEXT),
    )  # fmt: skip


def _edges(metadata: sql.MetaData, name: str, near: str, far: str) -> sql.Table:
    """From `src` to `dst` since `t0`; `t1` is the end of an interval, none while it lasts.

    A transformation without an ID of its own is the negative number of its event. `seq` is the event that says so; 0
    stands for the identifier itself, whose path names the lot.
    """
    return _table(metadata, name, _key(near), _key("kind"), _key(far), _key("t0"), _key("seq"), _whole("t1"))


def _closings(metadata: sql.MetaData) -> sql.Table:
    """What ends intervals: a child taken from a parent; parent 0: from all; child 0: all that is in the parent."""
    return _table(metadata, "closing", _key("child"), _key("parent"), _key("kind"), _key("time_us"), _key("seq"))


def _values(metadata: sql.MetaData) -> sql.Table:
    """Every other value of events by its path (`standards.epcis.query.paths.entries`), in the order of the event.

    Long texts are kept short (`text.kept`); a row without text, number and time says that the field is there.
    """
    name = PREFIX + "value"
    made = sql.Table(
        name,
        metadata,
        _key("seq"),
        _key("place"),
        sql.Column("path", TEXT, nullable=False),
        sql.Column("text", TEXT),
        sql.Column("number", sql.Double),
        _whole("time_us"),
        sql.Column("uom", TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    for column in (made.c.text, made.c.number, made.c.time_us):
        there = column.is_not(None)
        sql.Index(f"{name}_{column.name}", made.c.path, column, sqlite_where=there, postgresql_where=there)
    bare = sql.and_(*(column.is_(None) for column in (made.c.text, made.c.number, made.c.time_us)))
    sql.Index(f"{name}_bare", made.c.path, sqlite_where=bare, postgresql_where=bare)
    return made


def _partial(table: sql.Table, name: str, where: Any) -> None:
    """An index of one column over the rows that it says something of."""
    sql.Index(f"{table.name}_{name}", table.c[name], sqlite_where=where, postgresql_where=where)
