"""Saved views: the address of a list under a name, for one user, in the notebook of this node."""

import sqlite3
from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from sogdia.interfaces.console.notebook import Notebook

MOST: Final = 50
NAME_CHARS: Final = 60
QUERY_CHARS: Final = 2_000
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS saved_view (
    user TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE, page TEXT NOT NULL, name TEXT NOT NULL,
    query TEXT NOT NULL, PRIMARY KEY (user, page, name))
"""


class View(msgspec.Struct, frozen=True):
    """A name and the parameters that stand behind it."""

    name: str
    query: str


def views_of(notebook: Notebook, user: str, page: str) -> list[View]:
    """The views of a user for one page, by name."""
    try:
        found = notebook.rows(
            "SELECT name, query FROM saved_view WHERE user = ? AND page = ? ORDER BY name", user, page
        )
    except sqlite3.OperationalError:
        return []  # nobody has saved one yet
    return [View(*row) for row in found]


def save(notebook: Notebook, user: str, page: str, name: str, query: str) -> bool:
    """Keep a view under a name, in place of one of that name; False when there are too many or the name does not do."""
    name, kept = " ".join(name.split()), plain(query)
    if not name or len(name) > NAME_CHARS or len(kept) > QUERY_CHARS or not name.isprintable():
        return False
    with notebook.writing() as database:
        database.execute(_TABLE)
        others = "SELECT count(*) FROM saved_view WHERE user = ? AND page = ? AND name <> ?"
        if database.execute(others, (user, page, name)).fetchone()[0] >= MOST:
            return False
        database.execute("INSERT OR REPLACE INTO saved_view VALUES (?, ?, ?, ?)", (user, page, name, kept))
    return True


def forget(notebook: Notebook, user: str, page: str, name: str) -> None:
    """Let a view go."""
    with notebook.writing() as database:
        database.execute(_TABLE)
        database.execute("DELETE FROM saved_view WHERE user = ? AND page = ? AND name = ?", (user, page, name))


def plain(query: str) -> str:
    """The parameters without the place of a page, which is another tomorrow."""
    return urlencode([(name, value) for name, value in parse_qsl(query) if name not in ("after", "before", "saved")])
