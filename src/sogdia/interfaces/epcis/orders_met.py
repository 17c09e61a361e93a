"""The orders that things met: what was sold, in which parcels it went, how it was declared, and which of the things.

What ties them is the order's or the waybill's URI in the business transactions of events. A carrier's hand-over bears
both without anybody's typing; whoever picks and packs may write them too. Of order, waybill, product and declaration
each asker reads what their own rules let it read.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.state import Table
from sogdia.domains.catalog.state import PRODUCTS
from sogdia.domains.customs.state import DECLARATIONS, STANDINGS
from sogdia.domains.logistics.state import CONTENTS, WAYBILLS
from sogdia.domains.orders.state import ORDERS
from sogdia.interfaces.epcis.things_with import Key, ThingsWith
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.text import TEXT
from sogdia.mirror.trace.documents import Document
from sogdia.mirror.trace.listed import listed_rows
from sogdia.mirror.trace.view import View

ORDERS_LIMIT: Final = 1_000
"""Orders told in one answer; `documents` names them all."""
_ORDER: Final = "urn:sogdia:order:"
_WAYBILL: Final = "urn:sogdia:waybill:"
_GTIN: Final = "https://id.gs1.org/01/"


class LineMet(msgspec.Struct, frozen=True):
    """A line of an order; `product` is its GTIN as the seller's listing has it, `things` are those of that GTIN."""

    line: int
    sku: str
    name: str
    quantity: int
    product: str
    things: tuple[str, ...]


class Parcel(msgspec.Struct, frozen=True):
    """A waybill that the asker may read, and which of the things went with it."""

    carrier: str
    waybill: str
    status: str
    ship_to: str
    things: tuple[str, ...]


class Declared(msgspec.Struct, frozen=True):
    """The list that an order was declared by last, and where customs stands on it."""

    subject: str
    broker: str
    list_no: str
    phase: str
    invt_no: str


class OrderMet(msgspec.Struct, frozen=True):
    """An order, and which of the things went to its consignee.

    `consignee` is the commitment to the consignee's name, which the platform can open. `is_redacted`: the asker may
    not read the order, or it is on no record; then only what events say of it is told.
    """

    platform: str
    order: str
    is_redacted: bool
    seller: str
    ship_to: str
    consignee: str | None
    things: tuple[str, ...]
    lines: tuple[LineMet, ...]
    parcels: tuple[Parcel, ...]
    declared: Declared | None


class _Found(NamedTuple):
    """Rows by key, as the asker may read them."""

    orders: dict[Key, dict[str, Any]]
    waybills: dict[Key, dict[str, Any]]
    products: dict[Key, dict[str, Any]]
    declarations: dict[Key, dict[str, Any]]
    standings: dict[Key, dict[str, Any]]


def orders_met(
    picture: SqlPicture, asker: Asker, view: View, documents: Iterable[Document], things: Collection[str]
) -> tuple[OrderMet, ...]:
    """The orders among these documents, by platform and number, with those of the things that went with each.

    A waybill counts for the order that it names, also one that no event names yet. At most ORDERS_LIMIT.
    """
    keys = {one: (head, key) for one in documents for head in (_ORDER, _WAYBILL) if (key := _key(head, one.document))}
    waybills = _rows(picture, asker, view, WAYBILLS, [key for head, key in keys.values() if head == _WAYBILL])
    orders = {(row["platform"], row["order"]) for row in waybills.values()}
    chosen = sorted(orders.union(key for head, key in keys.values() if head == _ORDER))[:ORDERS_LIMIT]
    waybills |= _rows(picture, asker, view, WAYBILLS, chosen, by=ORDERS.key)
    bills = {key: list[Key]() for key in chosen}
    for bill, row in sorted(waybills.items()):
        bills.get((row["platform"], row["order"]), []).append(bill)
    told_of = {(_ORDER, key) for key in chosen} | {(_WAYBILL, bill) for some in bills.values() for bill in some}
    silent = told_of.difference(keys.values())
    contents = _rows(picture, asker, view, CONTENTS, [key for head, key in silent if head == _WAYBILL])
    held = {(_WAYBILL, key): row["things"] for key, row in contents.items()}
    told = ThingsWith(view, {one: key for one, key in keys.items() if key in told_of}, held, things)
    found = _read(picture, asker, view, chosen, waybills)
    return tuple(_met(key, bills[key], found, told) for key in chosen)


def _key(head: str, text: str) -> Key | None:
    """The record's key in such a URI; None for other text."""
    party, slash, number = text.removeprefix(head).partition("/")
    return (party, unquote(number)) if slash and text.startswith(head) else None


def _read(
    picture: SqlPicture, asker: Asker, view: View, chosen: Sequence[Key], waybills: dict[Key, dict[str, Any]]
) -> _Found:
    orders = _rows(picture, asker, view, ORDERS, chosen)
    sold = {(row["seller"], line["sku"]) for row in orders.values() for line in row["lines"]}
    declarations = _rows(picture, asker, view, DECLARATIONS, chosen)
    lists = [(row["subject"], row["broker"], row["list_no"]) for row in declarations.values()]
    return _Found(
        orders,
        waybills,
        _rows(picture, asker, view, PRODUCTS, sold),
        declarations,
        _rows(picture, asker, view, STANDINGS, lists),
    )


def _rows(
    picture: SqlPicture,
    asker: Asker,
    view: View,
    table: Table[Any],
    keys: Iterable[Key],
    by: Sequence[str] | None = None,
) -> dict[Key, dict[str, Any]]:
    """Those records with these keys, or these values of other fields, that the asker may read; by key."""
    names = by or table.key
    wanted = list(keys)
    if not wanted:
        return {}
    made = picture.table(table)
    given = listed_rows(view.connection, wanted, **dict.fromkeys(names, TEXT))
    same = sql.and_(*(made.c[name] == given.c[name] for name in names))
    rows = picture.rows(sql.select(made).join_from(given, made, same).where(picture.visible(table, asker)))
    return {tuple(row[name] for name in table.key): row for row in rows}


def _met(key: Key, bills: Sequence[Key], found: _Found, told: ThingsWith) -> OrderMet:
    order = found.orders.get(key)
    platform, number = key
    parcels = tuple(_parcel(found.waybills[bill], told.with_document((_WAYBILL, bill))) for bill in bills)
    things = set(told.with_document((_ORDER, key))).union(*(one.things for one in parcels))
    listed_by = found.declarations.get(key)
    return OrderMet(
        platform,
        number,
        is_redacted=order is None,
        seller=order["seller"] if order else "",
        ship_to=order["ship_to"] if order else "",
        consignee=order["persons"]["consignee"] if order else None,
        things=tuple(sorted(things)),
        lines=_lines(order, found.products, sorted(things)) if order else (),
        parcels=parcels,
        declared=_declared(listed_by, found.standings) if listed_by else None,
    )


def _lines(order: dict[str, Any], products: dict[Key, dict[str, Any]], things: Sequence[str]) -> tuple[LineMet, ...]:
    made = []
    for number, line in enumerate(order["lines"], 1):
        listing = products.get((order["seller"], line["sku"]))
        gtin = listing["gtin"] if listing else None
        product = f"{_GTIN}{gtin:0>14}" if gtin else ""
        its = tuple(one for one in things if product and f"{one}/".startswith(f"{product}/"))
        made.append(LineMet(number, line["sku"], line["name"], line["quantity"], product, its))
    return tuple(made)


def _parcel(row: dict[str, Any], things: tuple[str, ...]) -> Parcel:
    return Parcel(row["carrier"], row["waybill"], row["status"], row["ship_to"], things)


def _declared(row: dict[str, Any], standings: dict[Key, dict[str, Any]]) -> Declared:
    subject, broker, list_no = row["subject"], row["broker"], row["list_no"]
    standing = standings.get((subject, broker, list_no), {})
    return Declared(subject, broker, list_no, standing.get("phase", "declared"), standing.get("invt_no", ""))
