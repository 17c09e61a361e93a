"""Tokens of pages: where the next page begins, sealed so that only the node that made one takes it back.

A token holds the query's fingerprint, the place after the last event of the page, and when it ends. It says nothing to
its bearer and keeps nothing at the node: releasing one (DELETE /nextPageToken) has nothing to do.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final

import msgspec

from sogdia.standards.epcis.query.conditions import Query, fingerprint
from sogdia.standards.epcis.query.refusals import QueryRefused

Place = tuple[int | str | None, ...]
"""Where a page begins, in whatever its evaluator orders by; the token keeps it as it is."""

TOKEN_CHARS_LIMIT: Final = 2_000

_SEAL_BYTES: Final = 16
_QUERY_BYTES: Final = 16
_NAME: Final = "nextPageToken"
_AGAIN: Final = "ask for the first page again, without a token"


class _Page(msgspec.Struct, frozen=True, array_like=True):
    query: bytes
    until_ms: int
    place: Place


def _seal(key: bytes, page: bytes) -> bytes:
    return hmac.digest(key, b"sogdia.epcis.page\0" + page, hashlib.sha256)[:_SEAL_BYTES]


def issue(key: bytes, query: Query, place: Place, until_ms: int) -> str:
    """A token for the page of `query` that begins at `place`, good until `until_ms` (since 1970).

    `key` is a secret of at least 16 bytes; ValueError for less, and for a place that makes the token longer than
    TOKEN_CHARS_LIMIT.
    """
    if len(key) < _SEAL_BYTES:
        raise ValueError(f"the key of page tokens has {len(key)} bytes; give at least {_SEAL_BYTES}")
    page = msgspec.msgpack.encode(_Page(fingerprint(query)[:_QUERY_BYTES], until_ms, place))
    token = base64.urlsafe_b64encode(_seal(key, page) + page).rstrip(b"=").decode("ascii")
    if len(token) > TOKEN_CHARS_LIMIT:
        raise ValueError(f"a page token of {len(token)} characters; order by something shorter")
    return token


def place_in(key: bytes, query: Query, token: str, now_ms: int) -> Place:
    """Where the page of a token begins. Raises QueryRefused for one that is damaged, over, or of another query."""
    page = _opened(key, token)
    if page is None:
        raise QueryRefused(_NAME, token, "it is no token of this node, or it was changed", _AGAIN)
    if page.query != fingerprint(query)[:_QUERY_BYTES]:
        remedy = f"send the parameters of its query unchanged, or {_AGAIN}"
        raise QueryRefused(_NAME, token, "it belongs to another query", remedy)
    if now_ms >= page.until_ms:
        raise QueryRefused(_NAME, token, "its time is over", _AGAIN)
    return page.place


def _opened(key: bytes, token: str) -> _Page | None:
    if len(token) > TOKEN_CHARS_LIMIT:
        return None
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    seal, page = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(key, page)):
        return None
    return msgspec.msgpack.decode(page, type=_Page)
