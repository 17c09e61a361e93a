"""Named queries: a party's own, under names that are its own. What a query looks for may be a secret of who asks."""

from typing import Any, Final

import msgspec

from sogdia.interfaces.epcis.notebook import Notebook

NAME_CHARS: Final = 200
BODY_BYTES: Final = 64 * 1024


class NamedQuery(msgspec.Struct, frozen=True):
    """A query as it was given, under its name. Time in milliseconds of UTC."""

    name: str
    query: dict[str, Any]
    created_ms: int


class NamedQueries:
    """The named queries in the notebook."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    def put(self, party: str, query: NamedQuery) -> bool:
        """Keep a query; False when the party has one of this name."""
        row = (party, query.name, msgspec.json.encode(query.query), query.created_ms)
        with self._notebook.writing() as connection:
            return connection.execute("INSERT OR IGNORE INTO named_query VALUES (?, ?, ?, ?)", row).rowcount > 0

    def find(self, party: str, name: str) -> NamedQuery | None:
        """The party's query of this name."""
        asked = "SELECT name, body, created_ms FROM named_query WHERE party = ? AND name = ?"
        rows = self._notebook.rows(asked, party, name)
        return _query(rows[0]) if rows else None

    def page(self, party: str, after: str, limit: int) -> list[NamedQuery]:
        """The party's queries with names after this one."""
        asked = "SELECT name, body, created_ms FROM named_query WHERE party = ? AND name > ? ORDER BY name LIMIT ?"
        return [_query(row) for row in self._notebook.rows(asked, party, after, limit)]

    def count(self, party: str) -> int:
        """How many queries a party has."""
        return int(self._notebook.rows("SELECT count(*) FROM named_query WHERE party = ?", party)[0][0])

    def delete(self, party: str, name: str) -> bool:
        """Forget a query and its subscriptions; False when there is none of this name."""
        with self._notebook.writing() as connection:
            connection.execute("DELETE FROM subscription WHERE party = ? AND query = ?", (party, name))
            asked = "DELETE FROM named_query WHERE party = ? AND name = ?"
            return connection.execute(asked, (party, name)).rowcount > 0


def _query(row: tuple[str, bytes, int]) -> NamedQuery:
    return NamedQuery(row[0], msgspec.json.decode(row[1]), row[2])
