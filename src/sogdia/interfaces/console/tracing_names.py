"""What products and places are called, for whoever asks: master data, and the catalogue where it may be read.

Anybody can describe anything, so not everybody's word counts: of a product its owner's (`resolver.owners`), of a place
the asker's own, then that of the party that tells of an event there, then of the only party that says anything.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.domains.catalog.state import PRODUCTS
from sogdia.domains.trace.state import DESCRIPTIONS
from sogdia.interfaces.resolver.book import PLACE_NAMES, PRODUCT_NAMES, Said
from sogdia.interfaces.resolver.resolving import Resolver
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.things import product_of
from sogdia.standards.gs1.digital_link import CANONICAL

AT_ONCE: Final = 500
"""Products or places that are named on one page."""
_GTIN: Final = f"{CANONICAL}01/"
_GLN: Final = f"{CANONICAL}414/"
_KEPT: Final = frozenset((*PLACE_NAMES, *PRODUCT_NAMES, "city", "countryCode", "latitude", "longitude"))


class Product(msgspec.Struct, frozen=True):
    """What a product is called; texts that are not known are empty."""

    uri: str
    name: str
    brand: str = ""

    @property
    def gtin(self) -> str:
        """Its number as it is printed; empty for what is no GTIN."""
        return self.uri.removeprefix(_GTIN) if self.uri.startswith(_GTIN) else ""


def products_of(resolver: Resolver, picture: SqlPicture, asker: Asker, things: Iterable[str]) -> dict[str, Product]:
    """The products of items and lots by the product's URI, with names as far as the asker may know them."""
    uris = list(dict.fromkeys(product_of(one) or one for one in things))
    known = [one for one in uris if one.startswith(_GTIN) and "/" not in one.removeprefix(_GTIN)]
    resolver.look()
    found = {one: _told(resolver, one) for one in known[:AT_ONCE]}
    unnamed = {one: listing for one in found if not found[one].name and (listing := resolver.owners.listing(one))}
    listed = _catalogued(picture, asker, unnamed.values()) if unnamed else {}
    for uri, listing in unnamed.items():
        if listing in listed:
            found[uri] = Product(uri, *listed[listing])
    return {one: found.get(one, Product(one, "")) for one in known}


def _told(resolver: Resolver, uri: str) -> Product:
    said = resolver.said(uri)
    name = next((word for one in said if (word := one.word(PRODUCT_NAMES))), "")
    return Product(uri, name, next((word for one in said if (word := one.word(("brandName",)))), ""))


def _catalogued(
    picture: SqlPicture, asker: Asker, listings: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Name and brand by seller and SKU, of the listings that the asker may read."""
    table = picture.table(PRODUCTS)
    wanted = sql.select(table.c.seller, table.c.sku, table.c.name, table.c.brand)
    wanted = wanted.where(sql.tuple_(table.c.seller, table.c.sku).in_(list(listings)), picture.visible(PRODUCTS, asker))
    return {(row["seller"], row["sku"]): (row["name"], row["brand"] or "") for row in picture.rows(wanted)}


# --- places ---------------------------------------------------------------------------------------------------------


def described(picture: SqlPicture, asker: Asker, uris: Sequence[str], tellers: Collection[str] = ()) -> dict[str, Said]:
    """What is said of places in master data that the asker may read; `tellers` tell of events there."""
    if not uris:
        return {}
    table = picture.table(DESCRIPTIONS)
    asked = sql.select(table.c.party, table.c.element, table.c.attributes, table.c.described_at_ms)
    may = sql.or_(table.c.audience == "everyone", picture.visible(DESCRIPTIONS, asker))
    asked = asked.where(table.c.element.in_(uris[:AT_ONCE]), may)
    by_place: dict[str, dict[str, Said]] = {}
    for row in picture.rows(asked.order_by(table.c.described_at_ms)):
        by_place.setdefault(row["element"], {})[row["party"]] = _said(row)
    return {
        uri: one for uri, said in by_place.items() if (one := _of_weight(said, asker.party or "", tellers)) is not None
    }


def place_names(uris: Iterable[str], said: Mapping[str, Said]) -> dict[str, str]:
    """Names of places by URI: as master data have them, else the GLN for what has one."""
    return {uri: name for uri in uris if (name := _place_name(uri, said.get(uri)))}


def _said(row: Mapping[str, Any]) -> Said:
    words = {str(one["id"]).rpartition("#")[2].rpartition("/")[2].rpartition(":")[2]: str(one["value"])
             for one in row["attributes"]}  # fmt: skip
    return Said(row["party"], {name: value[:200] for name, value in words.items() if name in _KEPT}, ())


def _of_weight(said: Mapping[str, Said], own: str, tellers: Collection[str]) -> Said | None:
    if own in said:
        return said[own]
    told = [one for party, one in said.items() if party in tellers] or list(said.values())
    return told[-1] if len(told) == 1 else None


def _place_name(uri: str, said: Said | None) -> str:
    if said is not None and (name := said.word(PLACE_NAMES) or said.word(("city",))):
        return name
    return f"GLN {uri.removeprefix(_GLN).replace('/254/', ' + ')}" if uri.startswith(_GLN) else ""
