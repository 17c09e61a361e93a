"""How many rows at once come into SQLite and into PostgreSQL; the SQL is SQLAlchemy's, the rows go past it."""

from collections.abc import Iterable
from typing import Any, Protocol

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from sogdia.mirror.schema import Schema

Row = tuple[Any, ...]


class Loader(Protocol):
    """Writes rows into a table of the schema within the transaction at hand."""

    def open(self, connection: sql.Connection) -> None:
        """Make a new connection ready."""
        ...

    def begin(self, connection: sql.Connection) -> None:
        """Make the transaction that has just begun ready."""
        ...

    def add(self, connection: sql.Connection, table: sql.Table, rows: Iterable[Row]) -> None:
        """Insert rows that were never there."""
        ...

    def put(self, connection: sql.Connection, table: sql.Table, rows: Iterable[Row]) -> None:
        """Insert rows or replace those with the same key."""
        ...


def loader(dialect: sql.Dialect, schema: Schema) -> Loader:
    """The loader for this kind of database."""
    return SqliteLoader() if dialect.name == "sqlite" else PostgresLoader(schema)


class SqliteLoader:
    """One prepared statement per table, run for all rows by the driver."""

    def __init__(self) -> None:
        self._statements: dict[tuple[str, bool], str] = {}

    def open(self, connection: sql.Connection) -> None:
        """Nothing to do."""

    def begin(self, connection: sql.Connection) -> None:
        """Nothing to do."""

    def add(self, connection: sql.Connection, table: sql.Table, rows: Iterable[Row]) -> None:
        """Insert rows that were never there."""
        self._run(connection, table, False, rows)

    def put(self, connection: sql.Connection, table: sql.Table, rows: Iterable[Row]) -> None:
        """Insert rows or replace those with the same key."""
        self._run(connection, table, True, rows)

    def _run(self, connection: sql.Connection, table: sql.Table, replace: bool, rows: Iterable[Row]) -> None:
        text = self._statements.get((table.name, replace))
        if text is None:
            text = self._statements[table.name, replace] = _sqlite_insert(connection.dialect, table, replace)
        driver: Any = connection.connection.driver_connection
        driver.executemany(text, rows)


class PostgresLoader:
    """COPY; rows that may be there already go by way of a temporary table of the same columns."""

    def __init__(self, schema: Schema) -> None:
        self._metadata = sql.MetaData()
        self._staging = {one.name: _staging(self._metadata, one) for one in schema.replaced()}
        self._statements: dict[str, str] = {}

    def open(self, connection: sql.Connection) -> None:
        """Make the temporary tables, which live as long as the connection."""
        for staging in self._staging.values():
            connection.execute(CreateTable(staging))

    def begin(self, connection: sql.Connection) -> None:
        """Do not wait for the disk: the rows and the height go together, and a lost tail is followed again."""
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    def add(self, connection: sql.Connection, table: sql.Table, rows: Iterable[Row]) -> None:
        """Insert rows that were never there."""
        self._copy(connection, table, rows)

    def put(self, connection: sql.Connection, table: sql.Table, rows: Iterable[Row]) -> None:
        """Insert rows or replace those with the same key."""
        staging = self._staging[table.name]
        text = self._statements.get(table.name)
        if text is None:
            text = self._statements[table.name] = _move(connection.dialect, staging, table)
        self._copy(connection, staging, rows)
        connection.exec_driver_sql(text)

    def _copy(self, connection: sql.Connection, table: sql.Table, rows: Iterable[Row]) -> None:
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(_copy_text(connection.dialect, table)) as copy:
            copy.set_types([_COPY_TYPES.get(type(column.type), "text") for column in table.columns])
            write_row = copy.write_row
            for row in rows:
                write_row(row)


_COPY_TYPES: dict[type[Any], str] = {sql.BigInteger: "int8", sql.Boolean: "bool", sql.Double: "float8"}


def _sqlite_insert(dialect: sql.Dialect, table: sql.Table, replace: bool) -> str:
    # The driver takes rows as they are, so the parameters must stand in the order of the columns: they do.
    statement = sqlite.insert(table)
    if replace:
        changed = {one.name: statement.excluded[one.name] for one in table.columns if not one.primary_key}
        statement = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)
    compiled = statement.compile(dialect=dialect, column_keys=[one.name for one in table.columns])
    assert list(compiled.positiontup or ()) == [one.name for one in table.columns], table.name
    return str(compiled)


def _move(dialect: sql.Dialect, staging: sql.Table, table: sql.Table) -> str:
    names = [one.name for one in table.columns]
    statement = postgresql.insert(table).from_select(names, sql.select(staging))
    changed = {one.name: statement.excluded[one.name] for one in table.columns if not one.primary_key}
    return str(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed).compile(
        dialect=dialect
    ))  # fmt: skip


def _staging(metadata: sql.MetaData, table: sql.Table) -> sql.Table:
    columns = [sql.Column(one.name, one.type) for one in table.columns]
    return sql.Table(
        f"staged_{table.name}", metadata, *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DELETE ROWS"
    )


def _copy_text(dialect: sql.Dialect, table: sql.Table) -> str:
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(quote(one.name) for one in table.columns)
    return f"COPY {quote(table.name)} ({columns}) FROM STDIN (FORMAT BINARY)"
