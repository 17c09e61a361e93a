"""The seller's catalogue: what each article is for customs.

CSV with the columns sku, description, hs_code, origin, unit, net_weight_grams, in any order. Rows that cannot be used
are set aside like those of an order file; an article is used from the first row that has it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO, Literal

import msgspec

from sogdia.standards.orders.amounts import SCALE, atoms_of
from sogdia.standards.orders.books import clipped
from sogdia.standards.orders.columns import Column, Header, Layout, heading_of, read_header
from sogdia.standards.orders.countries import country_of
from sogdia.standards.orders.draft import SetAside
from sogdia.standards.orders.faults import Fault, shape_fault, spreadsheet_fault
from sogdia.standards.orders.options import Options
from sogdia.standards.orders.rows import Row, rows
from sogdia.standards.orders.source import Source

LAYOUT = Layout(
    "online-retail",
    "a catalogue",
    (
        Column("sku", ("sku", "stock_code", "StockCode"), True),
        Column("description", ("description", "name"), True),
        Column("hs_code", ("hs_code", "hs code", "hs"), True),
        Column("country", ("origin", "country_of_origin", "country of origin"), True),
        Column("unit", ("unit",), True),
        Column("net_weight_grams", ("net_weight_grams",), True),
    ),
    (),
)
_HS = re.compile(r"[0-9]{4}([0-9]{2}){0,3}")


class CatalogueItem(msgspec.Struct, frozen=True):
    """One article. `hs_code` is 4 to 10 digits; `origin` ISO alpha-2; `unit` as the seller names it (piece, pair).

    The net weight is for one `unit`; it is milligrams because a sticker weighs less than a gram. `hs_basis` is
    suggestion where a person accepted one, and stated where the seller placed the article itself.
    """

    sku: str
    description: str
    hs_code: str
    origin: str
    unit: str
    net_weight_milligrams: int
    hs_basis: Literal["stated", "suggestion"] = "stated"


class Catalogue(msgspec.Struct, frozen=True):
    """Articles by stock code, and the rows that could not be used."""

    items: dict[str, CatalogueItem]
    set_aside: tuple[SetAside, ...]
    rows_in: int
    columns_unknown: tuple[str, ...]


def read_catalogue(given: str | Path | IO[bytes], *, options: Options | None = None) -> Catalogue:
    """Read a catalogue file; raises OrderFileRefused when it is none."""
    options = options or Options()
    source = Source(given, options.name, options.limits, heading_of(LAYOUT))
    try:
        text = source.text()
        header, feed, records = read_header(source, LAYOUT, text)
        return _collected(source, header, list(rows(source, feed, records, len(header.titles))))
    finally:
        source.close()


def _collected(source: Source, header: Header, found: list[Row]) -> Catalogue:
    items: dict[str, CatalogueItem] = {}
    first_row: dict[str, int] = {}
    aside: list[SetAside] = []
    for row in found:
        item = _item(header, row)
        if isinstance(item, CatalogueItem) and first_row.setdefault(item.sku, row.number) != row.number:
            item = Fault("duplicate_sku", "sku", item.sku, (("first", str(first_row[item.sku])),))
        if isinstance(item, CatalogueItem):
            items[item.sku] = item
        else:
            title = clipped(header.title(item.column)) if item.column else ""
            aside.append(
                SetAside(
                    row.number,
                    "",
                    title,
                    clipped(item.value),
                    item.reason,
                    "",
                    "",
                    item.facts,
                    source.place(row.number, header.title(item.column) if item.column else ""),
                )
            )
    return Catalogue(items, tuple(aside), len(found), tuple(map(clipped, header.unknown)))


def _item(header: Header, row: Row) -> CatalogueItem | Fault:
    if row.fault:
        return shape_fault(row, header)
    fault = spreadsheet_fault(row, header)
    if fault is not None:
        return fault
    texts = {name: row.fields[at].strip() for name, at in header.at.items()}
    for name in ("sku", "description"):
        if not texts[name]:
            return Fault(f"{name}_blank", name)
    hs_code = texts["hs_code"].replace(".", "").replace(" ", "")
    if _HS.fullmatch(hs_code) is None:
        return Fault("hs_code_unreadable", "hs_code", texts["hs_code"])
    country = country_of(texts["country"])
    if country is None or country.alpha2 is None:
        return Fault("country_unknown", "country", texts["country"])
    weight = atoms_of(texts["net_weight_grams"])
    if weight is None or weight <= 0 or weight * 1000 % SCALE:
        return Fault("number_unreadable", "net_weight_grams", texts["net_weight_grams"])
    return CatalogueItem(
        texts["sku"], texts["description"], hs_code, country.alpha2, texts["unit"] or "piece", weight * 1000 // SCALE
    )
