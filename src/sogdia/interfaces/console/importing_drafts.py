"""What a user is about to import: the file, what was mended in it, and what is ready to sign, until it is on record.

One SQLite file, `console-imports.sqlite`, of mode 600: it holds sellers' files as they came, with the buyers in them. A
draft belongs to one user, is seen by nobody else, and goes after some days or when its user says so; what is deleted is
overwritten. The file is opened for each act, so a node whose console nobody imports with has none.
"""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from sogdia.interfaces.http.notebook import opened, whole
from sogdia.standards.orders import CatalogueItem
from sogdia.standards.orders.workbooks import SheetRead

FILE: Final = "console-imports.sqlite"
DAYS: Final = 7
"""So long a draft is kept."""
PER_USER: Final = 20
WHOLE_ROW: Final = -1
"""Stands for a column where the text of a whole row was mended."""
_DAY_MS: Final = 86_400_000
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS draft (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, party TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    content BLOB NOT NULL, choices TEXT NOT NULL, created_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS draft_of_user ON draft (user, created_ms);
CREATE TABLE IF NOT EXISTS mend (
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE, row INTEGER NOT NULL, col INTEGER NOT NULL,
    text TEXT NOT NULL, PRIMARY KEY (draft, row, col));
CREATE TABLE IF NOT EXISTS left_out (
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE, what TEXT NOT NULL, PRIMARY KEY (draft, what));
CREATE TABLE IF NOT EXISTS article (
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE, sku TEXT NOT NULL, item TEXT NOT NULL,
    PRIMARY KEY (draft, sku));
CREATE TABLE IF NOT EXISTS step (
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE, number INTEGER NOT NULL, messages TEXT NOT NULL,
    envelopes BLOB NOT NULL, status TEXT NOT NULL, code INTEGER NOT NULL, fields TEXT NOT NULL,
    PRIMARY KEY (draft, number));
"""

Status = Literal["waits", "done", "refused", "held", "unanswered"]
"""`held`: left out before sending, because it would be refused; `unanswered`: sent, and no answer came."""


class Choices(msgspec.Struct, frozen=True):
    """What a file does not say. `parties` maps roles of the intake to identifiers; `columns` our columns to the file's.

    For files of events `audience` is named or everyone, and `shared_with` names who may read them.
    `sheet` is the one of a workbook that the draft's text was read from.
    """

    format: str = ""
    direction: str = "export"
    home: str = "CN"
    parties: Mapping[str, str] = {}
    columns: Mapping[str, str] = {}
    timezone: str = ""
    slash_dates: str = ""
    currency: str = ""
    prices_include_tax: bool = False
    district: str = "2925"
    audience: str = "named"
    shared_with: tuple[str, ...] = ()
    sheet: SheetRead | None = None


class Draft(msgspec.Struct, frozen=True):
    """One file as it came, with what was chosen; `kind` is orders or events."""

    id: str
    user: str
    party: str
    name: str
    kind: str
    content: bytes
    choices: Choices
    created_ms: int
    until_ms: int

    def __repr__(self) -> str:
        return f"Draft({self.id}, {self.kind}, content hidden)"


class Mending(msgspec.Struct, frozen=True):
    """What was changed by hand: cells by row and column, rows and orders left out, articles described.

    `cancellations` left out are named by their own number and their order's, with a blank between; * is all of them.
    """

    cells: Mapping[tuple[int, int], str]
    rows: frozenset[int]
    orders: frozenset[str]
    articles: Mapping[str, CatalogueItem]
    cancellations: frozenset[str] = frozenset()


class Step(msgspec.Struct, frozen=True):
    """One transaction to be: its messages as JSON, the envelopes that go before it, and what became of it."""

    number: int
    messages: bytes
    envelopes: tuple[bytes, ...]
    status: Status = "waits"
    code: int = 0
    fields: Mapping[str, Any] = {}


class Drafts:
    """The drafts of a node's users; threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    # -- drafts --------------------------------------------------------------------------------------------------

    def add(self, user: str, party: str, name: str, kind: str, content: bytes, choices: Choices, now_ms: int) -> str:
        """Keep a file; the user's oldest ones make room."""
        id = secrets.token_urlsafe(9)
        with self._writing() as connection:
            _forget_old(connection, now_ms)
            kept = connection.execute(
                "SELECT id FROM draft WHERE user = ? ORDER BY created_ms DESC", (user,)
            ).fetchall()
            for (old,) in kept[PER_USER - 1 :]:
                connection.execute("DELETE FROM draft WHERE id = ?", (old,))
            values = (id, user, party, name, kind, content, _json(choices), now_ms, now_ms + DAYS * _DAY_MS)
            connection.execute("INSERT INTO draft VALUES (?,?,?,?,?,?,?,?,?)", values)
        return id

    def of(self, user: str, now_ms: int) -> list[Draft]:
        """A user's drafts, the newest first, without their content."""
        if not self._path.exists():
            return []
        with self._writing() as connection:
            _forget_old(connection, now_ms)
            wanted = "SELECT id, user, party, name, kind, x'', choices, created_ms, until_ms FROM draft WHERE user = ?"
            return [_draft(row) for row in connection.execute(f"{wanted} ORDER BY created_ms DESC", (user,))]

    def get(self, id: str, user: str, party: str, now_ms: int) -> Draft | None:
        """A draft of this user, made for this party."""
        wanted = "SELECT * FROM draft WHERE id = ? AND user = ? AND party = ? AND until_ms > ?"
        found = self._rows(wanted, id, user, party, now_ms)
        return _draft(found[0]) if found else None

    def choose(self, draft: str, choices: Choices) -> None:
        """Change what was chosen."""
        self._do("UPDATE draft SET choices = ? WHERE id = ?", _json(choices), draft)

    def forget(self, draft: str) -> None:
        """Delete a draft and all that belongs to it."""
        self._do("DELETE FROM draft WHERE id = ?", draft)

    # -- mending -------------------------------------------------------------------------------------------------

    def mending(self, draft: str) -> Mending:
        """What was changed by hand."""
        cells = {
            (row, col): text for row, col, text in self._rows("SELECT row,col,text FROM mend WHERE draft=?", draft)
        }
        out = [what for (what,) in self._rows("SELECT what FROM left_out WHERE draft = ?", draft)]
        rows = frozenset(int(what[4:]) for what in out if what.startswith("row "))
        orders = frozenset(what[6:] for what in out if what.startswith("order "))
        cancellations = frozenset(what[13:] for what in out if what.startswith("cancellation "))
        told = self._rows("SELECT sku, item FROM article WHERE draft = ?", draft)
        return Mending(cells, rows, orders, {sku: _item(item) for sku, item in told}, cancellations)

    def mend(self, draft: str, row: int, cells: Mapping[int, str]) -> None:
        """Put other text into cells of a row."""
        with self._writing() as connection:
            values = [(draft, row, col, text) for col, text in cells.items()]
            connection.executemany("INSERT OR REPLACE INTO mend VALUES (?,?,?,?)", values)

    def leave_out(self, draft: str, what: str) -> None:
        """Leave something out: `row 12`, `order 536365` or `cancellation C536379 536365`."""
        self._do("INSERT OR IGNORE INTO left_out VALUES (?,?)", draft, what)

    def take_in(self, draft: str, what: str = "") -> None:
        """Take something in again that was left out; everything, with the cells as they came, without `what`."""
        if what:
            self._do("DELETE FROM left_out WHERE draft = ? AND what = ?", draft, what)
            return
        with self._writing() as connection:
            for table in ("left_out", "mend"):
                connection.execute(f"DELETE FROM {table} WHERE draft = ?", (draft,))

    def describe(self, draft: str, items: Iterable[CatalogueItem]) -> None:
        """Say what articles are for customs."""
        with self._writing() as connection:
            values = [(draft, one.sku, _json(one)) for one in items]
            connection.executemany("INSERT OR REPLACE INTO article VALUES (?,?,?)", values)

    # -- steps ---------------------------------------------------------------------------------------------------

    def steps(self, draft: str) -> list[Step]:
        """What was made ready to sign, in order."""
        found = self._rows("SELECT * FROM step WHERE draft = ? ORDER BY number", draft)
        return [_step(row[1:]) for row in found]

    def make_ready(self, draft: str, steps: Iterable[Step]) -> None:
        """Keep what is to be signed; durable when it returns."""
        with self._writing() as connection:
            connection.execute("DELETE FROM step WHERE draft = ?", (draft,))
            values = ((draft, *_written(one)) for one in steps)
            connection.executemany("INSERT INTO step VALUES (?,?,?,?,?,?,?)", values)

    def tell(self, draft: str, steps: Iterable[Step]) -> None:
        """Keep what became of steps."""
        with self._writing() as connection:
            for one in steps:
                values = (one.status, one.code, _json(one.fields), draft, one.number)
                connection.execute("UPDATE step SET status=?, code=?, fields=? WHERE draft=? AND number=?", values)

    # -- inside --------------------------------------------------------------------------------------------------

    def _do(self, statement: str, *values: Any) -> None:
        with self._writing() as connection:
            connection.execute(statement, values)

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        if not self._path.exists():
            return []
        with closing(self._opened()) as connection:
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(self._opened()) as connection, whole(connection):
            yield connection

    def _opened(self) -> sqlite3.Connection:
        is_new = not self._path.exists()
        connection = opened(self._path, "foreign_keys=ON", "secure_delete=ON")
        if is_new or not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'step'").fetchall():
            connection.executescript(_TABLES)
        return connection


def _forget_old(connection: sqlite3.Connection, now_ms: int) -> None:
    connection.execute("DELETE FROM draft WHERE until_ms <= ?", (now_ms,))


_choices = msgspec.json.Decoder(Choices).decode
_item = msgspec.json.Decoder(CatalogueItem).decode
_envelopes = msgspec.msgpack.Decoder(tuple[bytes, ...]).decode


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _draft(row: Any) -> Draft:
    id, user, party, name, kind, content, choices, created_ms, until_ms = row
    return Draft(id, user, party, name, kind, content, _choices(choices), created_ms, until_ms)


def _written(one: Step) -> tuple[Any, ...]:
    envelopes = msgspec.msgpack.encode(one.envelopes)
    return one.number, one.messages.decode(), envelopes, one.status, one.code, _json(one.fields)


def _step(row: Any) -> Step:
    number, messages, envelopes, status, code, fields = row
    return Step(number, messages.encode(), _envelopes(envelopes), status, code, msgspec.json.decode(fields))
