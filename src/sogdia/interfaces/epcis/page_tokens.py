"""Tokens of pages as they are handed out: sealed by the node, of no meaning to its bearer, and its party's alone.

What is inside names the place where a page ended, which may be that of an event that the bearer may not read.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import blake2b
from typing import Final

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from sogdia.standards.epcis.query.conditions import Query
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.tokens import TOKEN_CHARS_LIMIT, Place, issue, place_in

_CHARS_LIMIT: Final = 2 * TOKEN_CHARS_LIMIT


class PageTokens:
    """The tokens of one node, under its secret of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, party: str, query: Query, place: Place, until_ms: int) -> str:
        """A token for the page of a query that begins at a place; `party` is empty for the public."""
        token = issue(self._key, query, place, until_ms)
        return urlsafe_b64encode(self._box(party).encrypt(token.encode())).rstrip(b"=").decode()

    def place(self, party: str, query: Query, now_ms: int) -> Place:
        """Where the page begins whose token the query carries. QueryRefused when it is not good here and now."""
        given = query.next_page_token
        try:
            if len(given) > _CHARS_LIMIT:
                raise ValueError
            opened = self._box(party).decrypt(urlsafe_b64decode(given + "=" * (-len(given) % 4))).decode()
        except (ValueError, Error, CryptoError):
            wrong, remedy = "it is no token that this node gave you", "ask for the first page again, without a token"
            raise QueryRefused("nextPageToken", given, wrong, remedy) from None
        return place_in(self._key, query, opened, now_ms)

    def _box(self, party: str) -> SecretBox:
        return SecretBox(blake2b(party.encode(), digest_size=32, key=self._key, person=b"epcis pages").digest())
