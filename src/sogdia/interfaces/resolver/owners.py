"""Whose a thing is: the party whose word on links counts.

First the operator's list of company prefixes, then the catalogue: of the sellers that list the GTIN, the one that did
so first on record. A GTIN in the catalogue is the seller's own claim; a brand owner who wants certainty has its prefix
put into the settings.
"""

import logging
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sql

from sogdia.app import Node
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.catalog.state import PRODUCTS
from sogdia.interfaces.resolver.settings import Settings
from sogdia.mirror.picture import SqlPicture
from sogdia.standards.gs1.digital_link import CANONICAL

LOG: Final = logging.getLogger("sogdia.resolver")
_WITH_DIGIT_BEFORE: Final = frozenset(("00", "01", "8003", "8006"))
"""Keys whose value has one digit before the company prefix (GS1 General Specifications, section 1.4)."""
_PREFIX_DIGITS: Final = range(12, 3, -1)
_WRITES_READ: Final = 1_000
"""Of a product's listings the first so many are looked at for a GTIN; one that came later is nobody's first."""
_NEVER: Final = (2**62, 0)
_Listing = tuple[str, str]
"""Seller and SKU."""


class Owners:
    """The owners of things, as the catalogue stood when it was read."""

    def __init__(self, node: Node, settings: Settings) -> None:
        self._node, self._settings = node, settings
        self._listings: Mapping[str, tuple[_Listing, ...]] = {}
        self._firsts: dict[str, str] = {}

    def read(self, picture: SqlPicture) -> None:
        """Read which sellers list which GTIN; of at most so many listings as the settings say."""
        table, most = picture.table(PRODUCTS), self._settings.listed
        wanted = sql.select(table.c.gtin, table.c.seller, table.c.sku).where(table.c.gtin.is_not(None))
        with picture.connected() as connection:
            rows = connection.execute(wanted.order_by(table.c.seller, table.c.sku).limit(most + 1)).all()
        if len(rows) > most:
            LOG.warning("listings_full", extra={"said": {"listings": most, "setting": "listed"}})
        found: dict[str, tuple[_Listing, ...]] = {}
        for gtin, seller, sku in rows[:most]:
            whole = gtin.zfill(14)
            found[whole] = (*found.get(whole, ()), (seller, sku))
        self._listings, self._firsts = found, {}

    def of(self, uri: str) -> str | None:
        """The DID of the party that a thing belongs to; None when it is not known."""
        key, value = key_of(uri)
        if self._settings.owners:
            digits = value[1:] if key in _WITH_DIGIT_BEFORE else value
            for length in _PREFIX_DIGITS:
                owner = self._settings.owners.get(digits[:length])
                if owner is not None and len(digits) >= length:
                    return owner
        return self._seller(value) if key == "01" else None

    def listing(self, uri: str) -> tuple[str, str] | None:
        """Seller and SKU under which the owner of a product lists it; None where it does not."""
        owner, gtin = self.of(uri), gtin_of(uri)
        return next((one for one in self._listings.get(gtin, ()) if one[0] == owner), None)

    def _seller(self, gtin: str) -> str | None:
        listings, firsts = self._listings.get(gtin), self._firsts
        if listings is None:
            return None
        if len({seller for seller, _ in listings}) == 1:
            return listings[0][0]
        if gtin not in firsts:
            firsts[gtin] = min((self._first_listed(*one, gtin), one) for one in listings)[1][0]
        return firsts[gtin]

    def _first_listed(self, seller: str, sku: str, gtin: str) -> tuple[int, int]:
        """Where a seller first put this GTIN on this SKU: the SKU may have stood there long before, without it."""
        node = self._node
        if node.engine.stood_at_base(PRODUCTS.path(seller, sku)):
            return (0, 0)  # before anything that this node can read
        for height, index in node.history(PRODUCTS.name, seller, sku)[:_WRITES_READ]:
            block = node.engine.block_at(height)
            raw = None if block is None else block.envelope(index)
            for said in () if raw is None else node.machine.codec.parse(raw).payload.messages:
                is_it = isinstance(said, ListProduct) and (said.seller, said.sku) == (seller, sku)
                if is_it and (said.gtin or "").zfill(14) == gtin:
                    return (height, index)
        return _NEVER


def key_of(uri: str) -> tuple[str, str]:
    """The key and its value in a canonical Digital Link; nothing for any other URI."""
    parts = uri.removeprefix(CANONICAL).split("/")
    return (parts[0], parts[1]) if uri.startswith(CANONICAL) and len(parts) > 1 else ("", "")


def gtin_of(uri: str) -> str:
    """The GTIN in a canonical Digital Link, 14 digits, or nothing."""
    key, value = key_of(uri)
    return value if key == "01" else ""
