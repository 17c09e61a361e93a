"""API keys: bearer tokens for clients of the standard that cannot sign requests.

A token has 256 random bits. The node keeps its SHA-256 alone and finds a key by that, so neither the file nor the time
that a search takes tells a token.
"""

import secrets
from collections.abc import Iterable
from hashlib import sha256
from typing import Final, Literal

import msgspec

from sogdia.interfaces.epcis.notebook import Notebook

Scope = Literal["capture", "query"]
SCOPES: Final[tuple[Scope, ...]] = ("capture", "query")
TOKEN_BEGINS: Final = "sogdia_"
"""Tells a token from that of a session."""


class ApiKey(msgspec.Struct, frozen=True):
    """A key as its node knows it. Times in milliseconds of UTC."""

    id: str
    party: str
    label: str
    scopes: tuple[str, ...]
    created_ms: int
    expires_ms: int
    revoked_ms: int | None = None

    def holds(self, now_ms: int) -> bool:
        """Whether it is neither over nor revoked."""
        return self.revoked_ms is None and now_ms < self.expires_ms


_FIELDS: Final = "id, party, label, scopes, created_ms, expires_ms, revoked_ms"


def new(
    notebook: Notebook, party: str, label: str, scopes: Iterable[Scope], now_ms: int, expires_ms: int
) -> tuple[ApiKey, str]:
    """Make a key; the second value is its token, which is told once and never again."""
    token = TOKEN_BEGINS + secrets.token_urlsafe(32)
    made = ApiKey(secrets.token_hex(6), party, label, tuple(sorted(set(scopes))), now_ms, expires_ms)
    row = (made.id, digest(token), party, label, " ".join(made.scopes), now_ms, expires_ms, None)
    with notebook.writing() as connection:
        connection.execute("INSERT INTO api_key VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return made, token


def all_keys(notebook: Notebook) -> list[ApiKey]:
    """Every key, the oldest first."""
    return [_key(row) for row in notebook.rows(f"SELECT {_FIELDS} FROM api_key ORDER BY created_ms, id")]


def revoke(notebook: Notebook, key: str, now_ms: int) -> bool:
    """End a key now; False when there is none with this id that is not revoked already."""
    with notebook.writing() as connection:
        asked = "UPDATE api_key SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL"
        return connection.execute(asked, (now_ms, key)).rowcount > 0


def find(notebook: Notebook, token: str) -> ApiKey | None:
    """The key of a token, whether it still holds or not."""
    rows = notebook.rows(f"SELECT {_FIELDS} FROM api_key WHERE digest = ?", digest(token))
    return _key(rows[0]) if rows else None


def digest(token: str) -> bytes:
    """What is kept of a token: SHA-256, 32 bytes."""
    return sha256(token.encode("utf-8", "replace")).digest()


def _key(row: tuple[str, str, str, str, int, int, int | None]) -> ApiKey:
    key, party, label, scopes, created_ms, expires_ms, revoked_ms = row
    return ApiKey(key, party, label, tuple(scopes.split()), created_ms, expires_ms, revoked_ms)
