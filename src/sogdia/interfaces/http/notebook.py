"""What a part of a node notes beside the record: one SQLite file of mode 600, because such notes hold secrets.

Whatever was written is durable when `writing` ends. A command may write to a file while the node runs.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final

BUSY_MS: Final = 10_000


class Notebook:
    """A file with these tables, opened when it is first needed; threads may share it."""

    def __init__(self, path: Path, tables: str) -> None:
        self._path, self._tables = path, tables
        self._lock = RLock()
        self._open: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file, for good."""
        with self._lock:
            if self._open is not None:
                self._open.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All that is written within happens or nothing of it; durable when it ends."""
        with self._lock, whole(self._connection()) as connection:
            yield connection

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a select finds."""
        with self._lock:
            return self._connection().execute(statement, values).fetchall()

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._open = opened(self._path, "journal_mode=WAL", "foreign_keys=ON", check_same_thread=False)
            self._open.executescript(self._tables)
        return self._open


def opened(path: Path, *pragmas: str, check_same_thread: bool = True) -> sqlite3.Connection:
    """A connection to a file that is its owner's alone; PermissionError says how to make it so."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"others can read {path}; make it your own with: chmod 600 {path}")
    connection = sqlite3.connect(path, check_same_thread=check_same_thread, isolation_level=None)
    for pragma in (f"busy_timeout={BUSY_MS}", "synchronous=FULL", *pragmas):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def whole(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All that is written within happens or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
