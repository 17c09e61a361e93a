"""What parties say of things and places in master data that everyone may read (`trace.describe`), held in memory.

Identifiers are spelt in many ways, so the book is kept by the one canonical form and read from the mirror as a whole.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sql

from sogdia.domains.trace.state import DESCRIPTIONS
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.things import spelled
from sogdia.standards.gs1.linkset import Link, links_in

LOG: Final = logging.getLogger("sogdia.resolver")
PRODUCT_NAMES: Final = ("descriptionShort", "productName", "tradeItemDescription", "regulatedProductName")
PLACE_NAMES: Final = ("name", "siteName", "organizationName")
_KEPT: Final = frozenset(
    (
        *PRODUCT_NAMES, *PLACE_NAMES, "brandName", "manufacturerOfTradeItemPartyName", "countryOfOrigin", "city",
        "countryCode", "latitude", "longitude",
    )
)  # fmt: skip
_END: Final = re.compile(r"[^#/:]*\Z")
_TEXT_CHARS: Final = 200


class Said(NamedTuple):
    """What one party says of one thing: words by the last part of their names, and links."""

    party: str
    words: Mapping[str, str]
    links: tuple[Link, ...]

    def word(self, names: Iterable[str]) -> str:
        """The first of these that is said, or nothing."""
        return next((self.words[name] for name in names if self.words.get(name)), "")


class Book:
    """The public master data of a mirror as it stood when they were read."""

    def __init__(self, said: Mapping[str, Sequence[Said]] | None = None) -> None:
        self._said = said or {}

    @staticmethod
    def read(picture: SqlPicture, limit: int) -> "Book":
        """Read it all, at most so many descriptions, the newest first."""
        table = picture.table(DESCRIPTIONS)
        columns = table.c.party, table.c.element, table.c.attributes
        wanted = sql.select(*columns).where(table.c.audience == "everyone")
        rows = picture.rows(
            wanted.order_by(table.c.described_at_ms.desc(), table.c.party, table.c.element).limit(limit + 1)
        )
        if len(rows) > limit:
            LOG.warning("book_full", extra={"said": {"descriptions": limit, "setting": "described"}})
        found: dict[str, list[Said]] = {}
        for row in rows[:limit]:
            pairs = [(str(one["id"]), str(one["value"])) for one in row["attributes"]]
            found.setdefault(spelled(row["element"]).uri, []).append(Said(row["party"], _words(pairs), links_in(pairs)))
        return Book(found)

    def of(self, uri: str, owner: str | None) -> tuple[Said, ...]:
        """What the owner of a thing says of it.

        Where nobody is known as its owner, what is said counts if one party alone says it.
        """
        said = self._said.get(uri, ())
        if owner is None:
            return tuple(said) if len({one.party for one in said}) == 1 else ()
        return tuple(one for one in said if one.party == owner)

    def place(self, uri: str, teller: str) -> Said | None:
        """What is said of a place: by the one who tells of it, else by the one party that says anything."""
        said = self._said.get(uri, ())
        own = [one for one in said if one.party == teller]
        if not own and len({one.party for one in said}) != 1:
            return None
        return (own or list(said))[0]


def _words(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        end = _END.search(name)
        local = "" if end is None else end[0]
        if local in _KEPT and value.strip():
            found.setdefault(local, value.strip()[:_TEXT_CHARS])
    return found
