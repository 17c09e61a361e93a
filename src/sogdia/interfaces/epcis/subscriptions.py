"""Subscriptions as the node notes them: to whom, when, and how far each has been told.

`seq` is the last event that the subscriber has acknowledged, in the order in which events came to count. It moves after
an answer of 2xx and not before, so an event is told at least once, and none is passed over. `minimum_ms` is the least
record time that matters: the one asked for at first, then that of the last execution.
"""

from typing import Any, Final

import msgspec

from sogdia.interfaces.epcis.notebook import Notebook

NEVER_MS: Final = 2**62


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a subscriber asked for. `secret` signs what is sent; it is told to nobody."""

    dest: str
    secret: str = ""
    stream: bool = False
    schedule: dict[str, str] | None = None
    report_if_empty: bool = False
    initial_record_ms: int | None = None
    epcs: str = "Always_GS1_Digital_Link"
    words: str = "No_Preference"

    def __repr__(self) -> str:
        return f"Wish({self.dest}, secret hidden)"


class Subscription(msgspec.Struct, kw_only=True):
    """A subscription and how far it is. Times in milliseconds of UTC; `due_ms`: not before then."""

    id: str
    party: str
    query: str
    wish: Wish
    created_ms: int
    seq: int = 0
    minimum_ms: int = 0
    due_ms: int = 0
    failures: int = 0
    notified_ms: int | None = None


_FIELDS: Final = "id, party, query, body, created_ms, seq, minimum_ms, due_ms, failures, notified_ms"
_read_wish = msgspec.json.Decoder(Wish).decode


class Subscriptions:
    """The subscriptions in the notebook."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    def put(self, one: Subscription) -> None:
        """Keep a new subscription."""
        with self._notebook.writing() as connection:
            connection.execute("INSERT INTO subscription VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(one))

    def move(self, one: Subscription) -> None:
        """Note how far a subscription is, unless it was deleted meanwhile."""
        with self._notebook.writing() as connection:
            asked = "UPDATE subscription SET seq=?, minimum_ms=?, due_ms=?, failures=?, notified_ms=? WHERE id=?"
            connection.execute(asked, (one.seq, one.minimum_ms, one.due_ms, one.failures, one.notified_ms, one.id))

    def due(self, now_ms: int, limit: int) -> list[Subscription]:
        """Those that are due, the longest waiting first."""
        asked = f"SELECT {_FIELDS} FROM subscription WHERE due_ms <= ? ORDER BY due_ms, id LIMIT ?"
        return [_subscription(row) for row in self._notebook.rows(asked, now_ms, limit)]

    def page(self, party: str, query: str, after: tuple[int, str], limit: int) -> list[Subscription]:
        """The subscriptions of a party to one of its queries after this place, the oldest first."""
        asked = (
            f"SELECT {_FIELDS} FROM subscription WHERE party = ? AND query = ? AND (created_ms, id) > (?, ?) "
            "ORDER BY created_ms, id LIMIT ?"
        )
        return [_subscription(row) for row in self._notebook.rows(asked, party, query, *after, limit)]

    def find(self, party: str, query: str, subscription: str) -> Subscription | None:
        """One subscription."""
        asked = f"SELECT {_FIELDS} FROM subscription WHERE party = ? AND query = ? AND id = ?"
        rows = self._notebook.rows(asked, party, query, subscription)
        return _subscription(rows[0]) if rows else None

    def count(self, party: str) -> int:
        """How many subscriptions a party has."""
        return int(self._notebook.rows("SELECT count(*) FROM subscription WHERE party = ?", party)[0][0])

    def delete(self, party: str, query: str, subscription: str) -> bool:
        """End a subscription; False when there is none."""
        with self._notebook.writing() as connection:
            asked = "DELETE FROM subscription WHERE party = ? AND query = ? AND id = ?"
            return connection.execute(asked, (party, query, subscription)).rowcount > 0


def _row(one: Subscription) -> tuple[Any, ...]:
    head = (one.id, one.party, one.query, msgspec.json.encode(one.wish), one.created_ms)
    return (*head, one.seq, one.minimum_ms, one.due_ms, one.failures, one.notified_ms)


def _subscription(row: tuple[Any, ...]) -> Subscription:
    names = ("id", "party", "query", "wish", "created_ms", "seq", "minimum_ms", "due_ms", "failures", "notified_ms")
    given = dict(zip(names, row, strict=True))
    return Subscription(**{**given, "wish": _read_wish(given["wish"])})
