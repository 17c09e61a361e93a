"""The tables, read once from data/*.csv, and the look-ups in them.

Codes of the customs system carry no validity days here: nobody could read from when each holds. Where that is known, a
row's `source` says it.
"""

import csv
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from sogdia.primitives.rulebooks import Certainty

TableName = Literal["countries", "currencies", "units", "transport_modes"]
TABLES: Final[tuple[TableName, ...]] = ("countries", "currencies", "units", "transport_modes")
"""The tables, by the names of their files."""


class Row(msgspec.Struct, frozen=True):
    """One code of customs'. `key` is what the rest of Sogdia calls it: ISO 3166-1, ISO 4217, or the code itself.

    An empty `key` stands for a place that ISO has no code of its own for, such as 207, the Canary Islands.
    """

    code: str
    key: str
    name: str
    name_zh: str
    source: str
    certainty: Certainty


class Missing(msgspec.Struct, frozen=True):
    """A value that a table does not hold; falsy, so that it is not taken for a row by mistake."""

    table: TableName
    value: str

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return f"add its row, with a source, to {self.table}.csv"

    def explain(self) -> str:
        """The whole in one sentence."""
        return f"customs' table of {self.table.replace('_', ' ')} has no row for {self.value}; {self.remedy}"

    def __bool__(self) -> bool:
        return False


class Table(msgspec.Struct, frozen=True):
    """One table, found by code and by key."""

    name: TableName
    by_code: MappingProxyType[str, Row]
    by_key: MappingProxyType[str, Row]

    def of_code(self, code: str) -> Row | Missing:
        """The row of a customs code."""
        return self.by_code.get(code) or Missing(self.name, code)

    def of_key(self, key: str) -> Row | Missing:
        """The row of our own key for it."""
        return self.by_key.get(key) or Missing(self.name, key)


@cache
def table(name: TableName) -> Table:
    """The table of this name."""
    text = (files("sogdia.standards.codes") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    rows = [msgspec.convert(row, Row) for row in csv.DictReader(lines, strict=True)]
    by_code = {row.code: row for row in rows}
    by_key = {row.key: row for row in rows if row.key}
    assert len(by_code) == len(rows), f"a code stands twice in {name}.csv"
    return Table(name, MappingProxyType(by_code), MappingProxyType(by_key))


def country_code(alpha2: str) -> Row | Missing:
    """Customs' row for a country by ISO 3166-1 alpha-2, e.g. FR: 305."""
    return table("countries").of_key(alpha2)


def country_of(code: str) -> Row | Missing:
    """The country of a customs code, e.g. 305: FR; a place without an ISO code of its own counts as missing."""
    found = table("countries").of_code(code)
    return found if isinstance(found, Row) and found.key else Missing("countries", code)


def currency_code(iso: str) -> Row | Missing:
    """Customs' row for a currency by ISO 4217, e.g. EUR: 300."""
    return table("currencies").of_key(iso)


def currency_of(code: str) -> Row | Missing:
    """The currency of a customs code, e.g. 300: EUR."""
    return table("currencies").of_code(code)


def unit(code: str) -> Row | Missing:
    """The unit of measure of a customs code, e.g. 035: kilogram."""
    return table("units").of_code(code)


def transport_mode(code: str) -> Row | Missing:
    """The transport mode of a customs code, e.g. 5: air."""
    return table("transport_modes").of_code(code)
