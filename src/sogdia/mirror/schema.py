"""The SQL tables that follow from the record types, and a fingerprint that changes when those do.

Columns are the record's fields: str, int and bool as themselves, everything else as JSON text. TEXT and not JSONB in
PostgreSQL too, because JSONB reorders keys and refuses some strings: so both databases hold the same characters, and
`column::jsonb` is there for whoever wants it.

Who may see a row is one whole number, its audience: equal sets of readers share a number, and `mirror_audience_member`
says which party belongs to which. One small index so serves all of a table's `seen_by` fields, lists included.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final

import msgspec
import sqlalchemy as sql
from msgspec import inspect
from sqlalchemy.schema import CreateIndex, CreateTable

from sogdia.core.codec import json_bytes
from sogdia.core.state import Table
from sogdia.mirror.derived import Derived, derived_from
from sogdia.mirror.errors import BadSchema
from sogdia.mirror.text import AUDIENCE, TEXT

LAYOUT: Final = 1
"""Raised when this package pictures the same records differently, so that existing mirrors rebuild themselves."""
HEIGHT: Final = "height"
_PARTY_COLUMN: Final = "party"
_WALKED: Final[Mapping[str, tuple[str, ...]]] = {
    "customs.standing": ("phase", "answered_at_ms"),
    "customs.quota_use": ("year", "person", "amount_fen"),
}
"""Columns by which figures over a whole table go through it."""


class Nested(sql.TypeDecorator[Any]):
    """A value with parts, kept as JSON text and read back as plain data."""

    impl = sql.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sql.Dialect) -> str | None:
        """The JSON text of a value given to a query."""
        return None if value is None else json_bytes(value).decode()

    def process_result_value(self, value: str | None, dialect: sql.Dialect) -> Any:
        """The plain data of a value read."""
        return None if value is None else msgspec.json.decode(value)


class Shape(msgspec.Struct, frozen=True):
    """A table of records and its SQL table; the numbers are places of fields.

    `texts_of` takes the required text fields from a record's values, `readers_of` those that name parties who may see
    it (None: no single party may, or all may). `loose_texts` are optional texts, `nested` what is kept as JSON.
    """

    table: Any
    sql: Any
    texts: tuple[int, ...]
    texts_of: Callable[[tuple[Any, ...]], Any]
    loose_texts: tuple[int, ...]
    nested: tuple[int, ...]
    readers_of: Callable[[tuple[Any, ...]], Any] | None
    keys: tuple[int, ...]


class Schema:
    """Every SQL table of a mirror of these record tables."""

    def __init__(self, tables: Iterable[Table[Any]] | Mapping[str, Table[Any]]) -> None:
        # A module that reads another's table lists it too; it is still one table.
        known = tuple(dict.fromkeys(tables.values() if isinstance(tables, Mapping) else tables))
        self.metadata = sql.MetaData()
        self.transactions = _transactions(self.metadata)
        self.events = _events(self.metadata)
        self.audiences, self.members = _audiences(self.metadata)
        self.state = state_table(self.metadata)
        self.shapes: dict[bytes, Shape] = {one.prefix: _shape(self.metadata, one, known) for one in known}
        self.derived: tuple[Derived, ...] = derived_from(known, self.metadata)

    def table(self, table: Table[Any]) -> sql.Table:
        """The SQL table of these records; BadSchema for a table that is not pictured."""
        shape = self.shapes.get(table.prefix)
        if shape is None:
            raise BadSchema(f"table {table.name!r} is not in this mirror; it was not among the tables given to it")
        found: sql.Table = shape.sql
        return found

    def replaced(self) -> list[sql.Table]:
        """The tables whose rows may be written more than once."""
        return [shape.sql for shape in self.shapes.values()] + [one for made in self.derived for one in made.replaced]

    def names(self) -> list[str]:
        """The names of all SQL tables but the one that holds the mirror's own state."""
        return sorted(name for name in self.metadata.tables if name != self.state.name)

    def fingerprint(self, dialect: sql.Dialect) -> str:
        """SHA-256 over the SQL definitions, the record types and what is derived; words about a type do not count."""
        made = [str(CreateTable(one).compile(dialect=dialect)) for one in self.metadata.sorted_tables]
        made += sorted(
            str(CreateIndex(index).compile(dialect=dialect))
            for one in self.metadata.sorted_tables
            for index in one.indexes
        )
        records = [
            [one.table.name, one.table.seen_by, _without_words(msgspec.json.schema(one.table.record))]
            for _, one in sorted(self.shapes.items())
        ]
        layouts = [one.layout for one in self.derived]
        return sha256(json_bytes([LAYOUT, made, records, layouts])).hexdigest()


def state_table(metadata: sql.MetaData) -> sql.Table:
    """The mirror's own notes: what it was made of and how far it has come. Its layout never changes."""
    return sql.Table(
        "mirror_state",
        metadata,
        sql.Column("name", TEXT, primary_key=True),
        sql.Column("value", TEXT, nullable=False),
    )


def _transactions(metadata: sql.MetaData) -> sql.Table:
    made = sql.Table(
        "transactions",
        metadata,
        sql.Column("log_index", sql.BigInteger().with_variant(sql.Integer, "sqlite"), primary_key=True,
                   autoincrement=False),
        sql.Column("id", TEXT, nullable=False, unique=True),
        sql.Column(HEIGHT, sql.BigInteger, nullable=False),
        sql.Column("index", sql.BigInteger, nullable=False),
        sql.Column("time_ms", sql.BigInteger, nullable=False),
        sql.Column("code", sql.BigInteger, nullable=False),
        sql.Column("tags", Nested, nullable=False),
        sql.Column("signers", Nested, nullable=False),
        sql.Column("envelope", TEXT, nullable=False),
        sql.Column("fields", Nested, nullable=False),
        sql.Column(AUDIENCE, sql.BigInteger, nullable=False),
        sql.Index("transactions_audience", AUDIENCE, "log_index"),
        sql.Index("transactions_height", HEIGHT, "index"),
    )  # fmt: skip
    refused = made.c.code != 0
    sql.Index("transactions_refused", made.c.time_ms, made.c.log_index, sqlite_where=refused, postgresql_where=refused)
    return made


def _events(metadata: sql.MetaData) -> sql.Table:
    return sql.Table(
        "events",
        metadata,
        sql.Column(HEIGHT, sql.BigInteger, primary_key=True, autoincrement=False),
        sql.Column("index", sql.BigInteger, primary_key=True, autoincrement=False),
        sql.Column("position", sql.BigInteger, primary_key=True, autoincrement=False),
        sql.Column("tag", TEXT, nullable=False),
        sql.Column("json", Nested, nullable=False),
        sql.Column("time_ms", sql.BigInteger, nullable=False),
        sql.Column(AUDIENCE, sql.BigInteger, nullable=False),
        sql.Index("events_audience", AUDIENCE, HEIGHT),
        sqlite_with_rowid=False,
    )


def _audiences(metadata: sql.MetaData) -> tuple[sql.Table, sql.Table]:
    whole = sql.BigInteger().with_variant(sql.Integer, "sqlite")
    sets = sql.Table(
        "mirror_audience",
        metadata,
        sql.Column("id", whole, primary_key=True, autoincrement=False),
        sql.Column("digest", TEXT, nullable=False, unique=True),
    )
    members = sql.Table(
        "mirror_audience_member",
        metadata,
        sql.Column("member", TEXT, primary_key=True),
        sql.Column("audience", sql.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    return sets, members


def _shape(metadata: sql.MetaData, table: Table[Any], known: tuple[Table[Any], ...]) -> Shape:
    fields = table.record.__struct_fields__
    columns = [_column(table, field) for field in inspect.type_info(table.record).fields]  # type: ignore[attr-defined]
    readers = () if table.public else tuple(fields.index(name) for name in table.seen_by)
    columns.append(sql.Column(HEIGHT, sql.BigInteger, nullable=False))
    if readers:
        columns.append(sql.Column(AUDIENCE, sql.BigInteger, nullable=False))
    name = table.name.replace(".", "_")
    if name in metadata.tables:
        raise BadSchema(f"table {table.name!r} would be the SQL table {name}, which is taken; give it another name")
    made = sql.Table(name, metadata, *columns)
    for number, index in enumerate(_indexes(table, known, bool(readers))):
        sql.Index(f"ix{number}_{name}", *(made.c[one] for one in index))
    return _described(table, made, readers)


def _described(table: Table[Any], made: sql.Table, readers: tuple[int, ...]) -> Shape:
    fields = table.record.__struct_fields__
    columns = list(made.columns)[: len(fields)]
    kinds = [(place, column.type, column.nullable) for place, column in enumerate(columns)]
    texts = tuple(place for place, kind, nullable in kinds if kind is TEXT and not nullable)
    return Shape(
        table,
        made,
        texts=texts,
        texts_of=itemgetter(*texts),
        loose_texts=tuple(place for place, kind, nullable in kinds if kind is TEXT and nullable),
        nested=tuple(place for place, kind, _ in kinds if isinstance(kind, Nested)),
        readers_of=itemgetter(*readers) if readers else None,
        keys=tuple(fields.index(name) for name in table.key),
    )


def _column(table: Table[Any], field: inspect.Field) -> sql.Column[Any]:
    if field.name in (HEIGHT, AUDIENCE):
        raise BadSchema(f"{table.name}: a record cannot have a field {field.name!r}, the mirror adds one; rename it")
    key = field.name in table.key
    kind, nullable = _kind(field.type)
    if key and (kind is not TEXT or nullable):
        raise BadSchema(f"{table.name}: key field {field.name!r} must be text that is always there")
    return sql.Column(field.name, kind, primary_key=key, nullable=nullable, autoincrement=False)


def _kind(said: inspect.Type) -> tuple[Any, bool]:
    """The SQL type of a field, and whether it may be absent."""
    if isinstance(said, inspect.UnionType):
        kept = [one for one in said.types if not isinstance(one, inspect.NoneType)]
        optional = len(kept) < len(said.types)
        return (_kind(kept[0])[0] if len(kept) == 1 else Nested()), optional
    if isinstance(said, inspect.Metadata):
        return _kind(said.type)
    if isinstance(said, inspect.BoolType):
        return sql.Boolean(), False
    if isinstance(said, inspect.IntType) or _only(said, int):
        return sql.BigInteger(), False
    if isinstance(said, inspect.StrType) or _only(said, str):
        return TEXT, False
    return Nested(), False


def _only(said: inspect.Type, kind: type) -> bool:
    return isinstance(said, inspect.LiteralType) and all(type(value) is kind for value in said.values)


def _indexes(table: Table[Any], known: tuple[Table[Any], ...], audience: bool) -> Iterator[tuple[str, ...]]:
    """The audience, what is walked, and fields that name a record elsewhere: a table's whole key, or a `party`."""
    if audience:
        yield (AUDIENCE,)
    if table.name in _WALKED:
        yield _WALKED[table.name]
    fields = table.record.__struct_fields__
    named = {other.key for other in known if other is not table and set(other.key) <= set(fields)}
    if _PARTY_COLUMN in fields:
        named.add((_PARTY_COLUMN,))
    longest = [one for one in named if not any(one != other and one == other[: len(one)] for other in named)]
    yield from sorted(one for one in longest if one != table.key[: len(one)])


def _without_words(schema: Any) -> Any:
    """A JSON schema without its descriptions and titles; a field of that name has a schema there, not words."""
    if isinstance(schema, dict):
        words = {name for name in ("description", "title") if isinstance(schema.get(name), str)}
        return {name: _without_words(value) for name, value in schema.items() if name not in words}
    return [_without_words(one) for one in schema] if isinstance(schema, list) else schema
