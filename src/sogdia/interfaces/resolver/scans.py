"""Scans of items: when, how coarsely where, and by which scanner, in `scans.sqlite` of the node's folder.

No address is kept. A scanner may tell a country, a geohash and an ID of its own; the geohash is cut to a cell of about
39 by 20 km, and the ID, or without one what the browser says of itself, is hashed with a secret salt and cut to 48
bits. All of this is the scanner's word: it feeds likelihoods, never the record. Too many scans at once are passed over,
old ones go, and the last second of them may be lost in a crash.
"""

import hmac
import json
import os
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Final, NamedTuple

from sogdia.interfaces.http.proxies import subscriber_of
from sogdia.interfaces.resolver.geography import geohash_of
from sogdia.interfaces.resolver.settings import Settings
from sogdia.interfaces.resolver.tags import Verdict
from sogdia.standards.gs1.iso_codes import COUNTRIES_ALPHA2

FILE: Final = "scans.sqlite"
SCANNER_CHARS: Final = 12
WAITING_LIMIT: Final = 1_000
FLUSH_SECONDS: Final = 1.0
SAME_MS: Final = 60_000
"""The same scanner at the same item within this time is one scan."""
_SWEEP_EVERY: Final = 5_000
_RECENT_LIMIT: Final = 50_000
_DAY_MS: Final = 86_400_000
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS scan (
    id INTEGER PRIMARY KEY, thing TEXT NOT NULL, product TEXT NOT NULL, time_ms INTEGER NOT NULL,
    country TEXT NOT NULL, geohash TEXT NOT NULL, scanner TEXT NOT NULL, tag TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS scan_of_thing ON scan (thing, time_ms);
CREATE INDEX IF NOT EXISTS scan_of_product ON scan (product, time_ms);
"""
_TOO_MANY: Final = """
DELETE FROM scan WHERE thing = :thing AND id <= (
    SELECT id FROM scan WHERE thing = :thing ORDER BY id DESC LIMIT 1 OFFSET :most)
"""
_SCANNED: Final = """
SELECT thing FROM scan WHERE product IN (SELECT value FROM json_each(?))
GROUP BY thing ORDER BY max(time_ms) DESC, thing LIMIT ?
"""


class Scan(NamedTuple):
    """One scan of an item; what was not told is empty."""

    thing: str
    product: str
    time_ms: int
    country: str
    geohash: str
    scanner: str
    tag: Verdict


class Scans:
    """The file. Threads may share it; it is made when it is first needed."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._path, self._settings = folder / FILE, settings
        self._connection: sqlite3.Connection | None = None
        self._salt = b""
        self._waiting: list[Scan] = []
        self._recent: dict[tuple[str, str], int] = {}
        self._flushed, self._written = time.monotonic(), 0
        self._room, self._filled = float(settings.scans_per_second), time.monotonic()
        self._minute, self._of_address = 0, Counter[str]()
        self._lock = RLock()

    def note(self, thing: str, product: str, said: Mapping[str, str], tag: Verdict, now_ms: int) -> bool:
        """Note a scan with what the scanner said: `country`, `geohash`, `device`, `agent`; False when passed over.

        `address` is where it comes from: it is kept nowhere, and only bounds how much one of them can fill.
        """
        with self._lock:
            self._open()
            if not self._is_fair(said.get("address", "")):
                return False
            scanner = self._scanner(said.get("device", "") or said.get("agent", ""))
            country = said.get("country", "").strip().upper()
            last_ms = self._recent.get((thing, scanner), -SAME_MS)
            if now_ms - last_ms < SAME_MS or not self._has_room():
                return False
            if len(self._recent) >= _RECENT_LIMIT:
                self._recent.clear()
            self._recent[thing, scanner] = now_ms
            place = country if country in COUNTRIES_ALPHA2 else ""
            self._waiting.append(Scan(thing, product, now_ms, place, geohash_of(said.get("geohash", "")), scanner, tag))
            if len(self._waiting) >= WAITING_LIMIT or time.monotonic() - self._flushed > FLUSH_SECONDS:
                self._flush()
            return True

    def of(self, thing: str) -> list[Scan]:
        """The scans of an item, the oldest first."""
        return self._found("thing = ? ORDER BY time_ms DESC LIMIT ?", thing, self._settings.scans_per_thing)[::-1]

    def products(self) -> list[str]:
        """The GTINs of which items were scanned."""
        with self._lock:
            self._flush()
            return [row[0] for row in self._open().execute("SELECT DISTINCT product FROM scan")]

    def scanned(self, products: Sequence[str], limit: int) -> list[str]:
        """The items of these products that were scanned last, the last first."""
        with self._lock:
            self._flush()
            given = json.dumps(list(products))
            return [row[0] for row in self._open().execute(_SCANNED, (given, limit))]

    def close(self) -> None:
        """Write what waits and let go of the file."""
        with self._lock:
            self._flush()
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # -- inside ------------------------------------------------------------------------------------------------------

    def _found(self, where: str, *values: str | int) -> list[Scan]:
        with self._lock:
            self._flush()
            columns = ", ".join(Scan._fields)
            return [Scan(*row) for row in self._open().execute(f"SELECT {columns} FROM scan WHERE {where}", values)]

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
                connection.execute(f"PRAGMA {pragma}")
            connection.executescript(_TABLES)
            connection.execute("INSERT OR IGNORE INTO secret VALUES ('salt', ?)", (secrets.token_bytes(32),))
            self._salt = bytes(connection.execute("SELECT value FROM secret WHERE name = 'salt'").fetchone()[0])
            self._connection = connection
        return self._connection

    def _scanner(self, told: str) -> str:
        return hmac.new(self._salt, told.encode("utf-8", "replace"), sha256).hexdigest()[:SCANNER_CHARS] if told else ""

    def _is_fair(self, address: str) -> bool:
        """Whether an address has scans left of those it may make in a minute; whoever invents scans has few."""
        if not address:
            return True
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._of_address = minute, Counter()
        name = self._scanner(subscriber_of(address))
        if name not in self._of_address and len(self._of_address) >= _RECENT_LIMIT:
            return False
        self._of_address[name] += 1
        return self._of_address[name] <= self._settings.scans_per_address

    def _has_room(self) -> bool:
        """A bucket that fills evenly: a second's scans at once at most."""
        now, most = time.monotonic(), float(self._settings.scans_per_second)
        self._room = min(most, self._room + (now - self._filled) * most)
        self._filled = now
        if self._room < 1:
            return False
        self._room -= 1
        return True

    def _flush(self) -> None:
        self._flushed = time.monotonic()
        if not self._waiting:
            return
        rows, self._waiting = self._waiting, []
        columns = ", ".join(Scan._fields)
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO scan ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        for thing in {row.thing for row in rows}:
            connection.execute(_TOO_MANY, {"thing": thing, "most": self._settings.scans_per_thing})
        if self._written // _SWEEP_EVERY != (self._written + len(rows)) // _SWEEP_EVERY or not self._written:
            self._sweep(connection, rows[-1].time_ms)
        connection.execute("COMMIT")
        self._written += len(rows)

    def _sweep(self, connection: sqlite3.Connection, now_ms: int) -> None:
        oldest_ms = now_ms - self._settings.scan_days * _DAY_MS
        connection.execute("DELETE FROM scan WHERE time_ms < ?", (oldest_ms,))
        newest = connection.execute("SELECT max(id) FROM scan").fetchone()[0] or 0
        connection.execute("DELETE FROM scan WHERE id <= ?", (newest - self._settings.scans_kept,))
