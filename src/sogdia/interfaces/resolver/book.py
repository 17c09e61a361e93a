"""What parties say of things and places in master data that everyone may read (`trace.describe`), held in memory.

Identifiers are spelt in many ways, so the book is kept by the one canonical form and read from the mirror as a whole.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

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


_Key = tuple[str, str, str]
"""Party, vocabulary and element."""


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

    def __init__(self) -> None:
        self._said: dict[str, Mapping[_Key, Said]] = {}
        self._uris: dict[tuple[str, str], dict[str, str]] = {}
        self._is_whole = True

    @staticmethod
    def read(picture: SqlPicture, limit: int) -> "Book":
        """Read it all, at most so many descriptions; where there are more, the newest ones of each party.

        A party with few keeps them all, whatever others say: the room is shared out from below.
        """
        table, made = picture.table(DESCRIPTIONS), Book()
        share = _share(picture, limit)
        made._is_whole = share is None
        newest = table.c.described_at_ms.desc(), table.c.vocabulary, table.c.element
        place = sql.func.row_number().over(partition_by=table.c.party, order_by=newest).label("place")
        ranked = sql.select(*_columns(table), table.c.described_at_ms, place)
        kept = ranked.where(table.c.audience == "everyone").subquery()
        wanted = sql.select(kept) if share is None else sql.select(kept).where(kept.c.place <= share)
        for row in picture.rows(wanted.order_by(kept.c.described_at_ms, kept.c.party.desc(), kept.c.element.desc())):
            made._put(row)
        return made

    def renewed(self, picture: SqlPicture, changed: Mapping[tuple[str, str], int], limit: int) -> "Book":
        """The book after what parties said anew: party and vocabulary, with the time (ms) since which they did.

        Only that is read, so that one who describes much does not make all of it be read again and again.
        """
        if not self._is_whole:
            return Book.read(picture, limit)
        table = picture.table(DESCRIPTIONS)
        for (party, vocabulary), since_ms in changed.items():
            of_it = table.c.party == party, table.c.vocabulary == vocabulary, table.c.audience == "everyone"
            there = {row["element"] for row in picture.rows(sql.select(table.c.element).where(*of_it))}
            for element in self._uris.get((party, vocabulary), {}).keys() - there:
                self._drop((party, vocabulary, element))
            wanted = sql.select(*_columns(table)).where(*of_it, table.c.described_at_ms >= since_ms)
            for row in picture.rows(wanted.order_by(table.c.described_at_ms, table.c.element.desc())):
                self._put(row)
        return self if sum(map(len, self._uris.values())) <= limit else Book.read(picture, limit)

    def _put(self, row: Mapping[str, Any]) -> None:
        party, vocabulary, element = key = row["party"], row["vocabulary"], row["element"]
        uri = spelled(element).uri
        pairs = [(str(one["id"]), str(one["value"])) for one in row["attributes"]]
        others = {one: said for one, said in self._said.get(uri, {}).items() if one != key}
        self._said[uri] = {key: Said(party, _words(pairs), links_in(pairs)), **others}  # replaced: others may read
        self._uris.setdefault((party, vocabulary), {})[element] = uri

    def _drop(self, key: _Key) -> None:
        uri = self._uris[key[:2]].pop(key[2])
        left = {one: said for one, said in self._said[uri].items() if one != key}
        if left:
            self._said[uri] = left
        else:
            del self._said[uri]

    def of(self, uri: str, owner: str | None) -> tuple[Said, ...]:
        """What the owner of a thing says of it.

        Where nobody is known as its owner, what is said counts if one party alone says it.
        """
        said = self._said.get(uri, {}).values()
        if owner is None:
            return tuple(said) if len({one.party for one in said}) == 1 else ()
        return tuple(one for one in said if one.party == owner)

    def place(self, uri: str, teller: str) -> Said | None:
        """What is said of a place: by the one who tells of it, else by the one party that says anything."""
        said = self._said.get(uri, {}).values()
        own = [one for one in said if one.party == teller]
        if not own and len({one.party for one in said}) != 1:
            return None
        return (own or list(said))[0]


def _columns(table: sql.Table) -> list[sql.Column[Any]]:
    return [table.c.party, table.c.vocabulary, table.c.element, table.c.attributes]


def _share(picture: SqlPicture, limit: int) -> int | None:
    """How many descriptions of each party there is room for; None when all have room."""
    table = picture.table(DESCRIPTIONS)
    counted = sql.select(sql.func.count().label("count")).where(table.c.audience == "everyone")
    counts = sorted(row["count"] for row in picture.rows(counted.group_by(table.c.party)))
    if sum(counts) <= limit:
        return None
    LOG.warning("book_full", extra={"said": {"descriptions": limit, "setting": "described"}})
    left = limit
    for place, count in enumerate(counts):
        even = left // (len(counts) - place)
        if count > even:
            return even
        left -= count
    raise AssertionError("all have room after all")


def _words(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        end = _END.search(name)
        local = "" if end is None else end[0]
        if local in _KEPT and value.strip():
            found.setdefault(local, value.strip()[:_TEXT_CHARS])
    return found
