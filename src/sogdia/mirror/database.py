"""Connections to the two databases: how a writer opens one, and how readers do."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import sqlalchemy as sql
from sqlalchemy import event
from sqlalchemy.pool import NullPool

SQLITE_WAIT_MS: Final = 30_000
"""How long a statement waits for another process's lock before it fails."""
_WRITER_PRAGMAS: Final = (
    f"busy_timeout={SQLITE_WAIT_MS}",
    "journal_mode=WAL",
    "synchronous=NORMAL",  # a power cut may take the last blocks; they are followed again
    "cache_size=-65536",
    "wal_autocheckpoint=8000",
)
_READER_PRAGMAS: Final = (f"busy_timeout={SQLITE_WAIT_MS}", "query_only=1", "cache_size=-16384", "mmap_size=8589934592")


def database_url(url: str) -> sql.URL:
    """The URL with its driver; a plain path is a SQLite file."""
    made = sql.make_url(url if "://" in url else f"sqlite:///{url}")
    if made.get_backend_name() == "postgresql":
        return made.set(drivername="postgresql+psycopg")
    if made.get_backend_name() != "sqlite" or not made.database:
        raise ValueError(f"the mirror is kept in a SQLite file or in PostgreSQL, not in {made.drivername!r}")
    return made


def writing_engine(url: str) -> sql.Engine:
    """Connections that write: in SQLite, each transaction takes the one write lock when it begins."""
    made = database_url(url)
    if made.get_backend_name() == "sqlite":
        return _sqlite(made, _WRITER_PRAGMAS, "BEGIN IMMEDIATE", poolclass=NullPool)
    return sql.create_engine(made, poolclass=NullPool)


def reading_engine(url: str, connections: int) -> sql.Engine:
    """Connections that only read, at most so many at once; any thread may use them."""
    made = database_url(url)
    pool: dict[str, Any] = {"pool_size": connections, "max_overflow": 0}
    if made.get_backend_name() == "sqlite":
        return _sqlite(made, _READER_PRAGMAS, "BEGIN", **pool)
    # Prepared statements of a reader would not survive the columns that a rebuild changes.
    arguments = {"prepare_threshold": None, "options": "-c default_transaction_read_only=on"}
    return sql.create_engine(made, connect_args=arguments, pool_pre_ping=True, **pool)


def _sqlite(url: sql.URL, pragmas: Iterable[str], begin: str, **pool: Any) -> sql.Engine:
    engine = sql.create_engine(url, **pool)
    event.listen(engine, "connect", _prepare_sqlite(tuple(pragmas)))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _prepare_sqlite(pragmas: tuple[str, ...]) -> Callable[[Any, Any], None]:
    def prepare(driver_connection: Any, _: Any) -> None:
        driver_connection.isolation_level = None  # transactions begin where the "begin" event says, not by themselves
        for pragma in pragmas:
            driver_connection.execute(f"PRAGMA {pragma}").fetchall()

    return prepare
