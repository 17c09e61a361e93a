"""What the console keeps on disk: users, their passkeys and recovery codes, invitations.

One SQLite file, `console.sqlite`, of mode 600: it holds hashes of passwords and the secrets of one-time codes. What was
written is durable when `writing` ends. A command may write to it while the node runs. It is opened when it is first
needed: a node whose console nobody uses has no such file.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final

FILE: Final = "console.sqlite"
_BUSY_MS: Final = 10_000
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS user (
    id TEXT PRIMARY KEY, party TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL, totp TEXT NOT NULL, totp_step INTEGER NOT NULL, language TEXT NOT NULL,
    created_ms INTEGER NOT NULL, signed_in_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS user_of_party ON user (party, folded);
CREATE TABLE IF NOT EXISTS passkey (
    id BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE, label TEXT NOT NULL,
    public BLOB NOT NULL, uses INTEGER NOT NULL, created_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS passkey_of_user ON passkey (user, created_ms);
CREATE TABLE IF NOT EXISTS recovery (
    user TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE, digest BLOB NOT NULL, PRIMARY KEY (user, digest));
CREATE TABLE IF NOT EXISTS invitation (
    digest BLOB PRIMARY KEY, party TEXT NOT NULL, name TEXT NOT NULL, totp TEXT NOT NULL, until_ms INTEGER NOT NULL);
"""


class Notebook:
    """The file of a node's folder; threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = RLock()
        self._open: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._open is not None:
                self._open.close()
            self._open = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All that is written within happens or nothing of it; durable when it ends."""
        with self._lock:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a select finds."""
        with self._lock:
            return self._connection().execute(statement, values).fetchall()

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            if self._path.stat().st_mode & 0o077:
                raise PermissionError(f"others can read {self._path}; make it your own with: chmod 600 {self._path}")
            self._open = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_MS}", "foreign_keys=ON"):
                self._open.execute(f"PRAGMA {pragma}")
            self._open.executescript(_TABLES)
        return self._open
