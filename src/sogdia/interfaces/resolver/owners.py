"""Whose a thing is: the party whose word on links counts.

First the operator's list of company prefixes, then the catalogue: of the sellers that list the GTIN, the one that did
so first on record. A GTIN in the catalogue is the seller's own claim; a brand owner who wants certainty has its prefix
put into the settings.
"""

from typing import Final

import sqlalchemy as sql

from sogdia.app import Node
from sogdia.domains.catalog.state import PRODUCTS
from sogdia.interfaces.resolver.settings import Settings
from sogdia.mirror.picture import SqlPicture
from sogdia.standards.gs1.digital_link import CANONICAL

_WITH_DIGIT_BEFORE: Final = frozenset(("00", "01", "8003", "8006"))
"""Keys whose value has one digit before the company prefix (GS1 General Specifications, section 1.4)."""
_PREFIX_DIGITS: Final = range(12, 3, -1)
_REMEMBERED: Final = 20_000


class Owners:
    """The owners of things, remembered until `forget`."""

    def __init__(self, node: Node, settings: Settings) -> None:
        self._node, self._settings = node, settings
        self._of_gtin: dict[str, str | None] = {}

    def forget(self) -> None:
        """The catalogue has changed."""
        self._of_gtin = {}

    def of(self, uri: str, picture: SqlPicture) -> str | None:
        """The DID of the party that a thing belongs to; None when it is not known."""
        key, value = key_of(uri)
        digits = value[1:] if key in _WITH_DIGIT_BEFORE else value
        for length in _PREFIX_DIGITS:
            owner = self._settings.owners.get(digits[:length])
            if owner is not None and len(digits) >= length:
                return owner
        return self._seller(value, picture) if key == "01" else None

    def _seller(self, gtin: str, picture: SqlPicture) -> str | None:
        if gtin in self._of_gtin:
            return self._of_gtin[gtin]
        products = picture.table(PRODUCTS)
        wanted = sql.select(products.c.seller, products.c.sku).where(products.c.gtin.in_(_spellings(gtin)))
        rows = [(row["seller"], row["sku"]) for row in picture.rows(wanted)]
        first = min(((self._first_listed(*row), row) for row in rows), default=None)
        if len(self._of_gtin) >= _REMEMBERED:
            self._of_gtin = {}
        found = self._of_gtin[gtin] = None if first is None else first[1][0]
        return found

    def _first_listed(self, seller: str, sku: str) -> tuple[int, int]:
        return next(iter(self._node.history(PRODUCTS.name, seller, sku)), (0, 0))


def key_of(uri: str) -> tuple[str, str]:
    """The key and its value in a canonical Digital Link; nothing for any other URI."""
    parts = uri.removeprefix(CANONICAL).split("/")
    return (parts[0], parts[1]) if uri.startswith(CANONICAL) and len(parts) > 1 else ("", "")


def gtin_of(uri: str) -> str:
    """The GTIN in a canonical Digital Link, 14 digits, or nothing."""
    key, value = key_of(uri)
    return value if key == "01" else ""


def _spellings(gtin: str) -> list[str]:
    return [gtin[14 - size :] for size in (14, 13, 12, 8) if not gtin[: 14 - size].strip("0")]
