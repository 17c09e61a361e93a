"""What is wrong with a row, before it is known what the row's sum is; and checks that every format shares."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from sogdia.standards.orders.amounts import atoms_of, minor_of
from sogdia.standards.orders.columns import Header
from sogdia.standards.orders.countries import country_of
from sogdia.standards.orders.groups import Group
from sogdia.standards.orders.options import Limits
from sogdia.standards.orders.rows import Row
from sogdia.standards.orders.tables import rows_of

NUMBER_CHARS = 60
"""Longest order number and stock code; what the ledger has room for."""
TEXT_CHARS = 250
"""Longest name of an article."""

PERSONAL = frozenset({"customer", "name", "email", "telephone", "postcode", "city", "region", "address"})

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_ERROR = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!"
    r"|UNCALCULATED!)"
)
"""What Excel shows for an error ([MS-XLSX] and its own list); the last is ours, for a formula without a value."""
_ROUNDED = re.compile(r"-?[0-9](?:\.[0-9]+E[+-][0-9]{2,}|E\+[0-9]{2,})")
"""1.23456789012345E+15: what Excel makes of a long number, on the screen and in CSV alike."""
_SPOILED = re.compile(f"{_ERROR.pattern}|{_ROUNDED.pattern}")


class Fault(NamedTuple):
    """Why a row is set aside: the reason, our name of the column, the value, facts of the sentence."""

    reason: str
    column: str = ""
    value: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def shape_fault(row: Row, header: Header) -> Fault:
    """The fault that was found when the row was split."""
    expected = str(len(header.titles)) if row.fault == "columns_wrong" else row.found
    return Fault(row.fault, facts=(("found", row.found), ("expected", expected)))


def spreadsheet_fault(row: Row, header: Header) -> Fault | None:
    """A cell that a spreadsheet spoiled: an error of a formula, or a number of more digits than it keeps."""
    if _SPOILED.search(row.raw) is None:
        return None
    for name, at in header.at.items():
        text = row.fields[at].strip() if at >= 0 else ""
        if _ERROR.fullmatch(text):
            return Fault("cell_error", name, text)
        if _ROUNDED.fullmatch(text):
            return Fault("number_rounded", name, text)
    return None


def group_fault(row: Row, group: Group, header: Header, limits: Limits) -> Fault | None:
    """What the row's shape and the group it stands in say, before its values are looked at."""
    if row.fault:
        return shape_fault(row, header)
    if not group.key:
        return Fault("order_missing", "order") if any(map(str.strip, row.fields)) else Fault("row_empty")
    spoiled = spreadsheet_fault(row, header)
    if spoiled is not None:
        return spoiled
    if group.odd:
        fault = text_fault("order", group.key, NUMBER_CHARS)
        if fault is not None:
            return fault
    if group.fault:
        limit = limits.window_rows if group.fault == "order_returns" else limits.order_lines
        return Fault(group.fault, "order", group.key, (("expected", str(limit)),))
    return None


def text_fault(column: str, text: str, chars: int) -> Fault | None:
    """The fault of a text that is longer than `chars`, or holds a control character where it names something."""
    if len(text) > chars:
        return Fault("field_too_long", column, text, (("expected", str(chars)),))
    if chars == NUMBER_CHARS and _CONTROL.search(text) is not None:
        return Fault("field_control", column, text)
    return None


def article_fault(
    sku: str, description: str, sku_column: str = "sku", name_column: str = "description"
) -> Fault | None:
    """What is wrong with an article's stock code and name."""
    if not sku:
        return Fault("sku_blank", sku_column)
    if not description:
        return Fault("description_blank", name_column)
    if len(sku) <= NUMBER_CHARS and len(description) <= TEXT_CHARS and sku.isprintable():
        return None
    return text_fault(sku_column, sku, NUMBER_CHARS) or text_fault(name_column, description, TEXT_CHARS)


def duplicate_fault(row: Row, first_seen: dict[tuple[str, ...], int]) -> Fault | None:
    """The fault of a row that repeats an earlier one of its order in every field."""
    first = first_seen.setdefault(tuple(row.fields), row.number)
    return None if first == row.number else Fault("duplicate", facts=(("first", str(first)),))


def country_or_fault(name: str) -> Fault | str:
    """The ISO alpha-2 code of a country as a file writes it, or why there is none."""
    if not name.strip():
        return Fault("country_blank", "country")
    country = country_of(name)
    if country is None:
        return Fault("country_unknown", "country", name)
    return country.alpha2 or Fault("country_none", "country", name, (("note", country.note),))


def minor_or_fault(text: str, column: str, exponent: int, currency: str) -> Fault | int:
    """Minor units of a sum that must not be below zero; a blank is nothing."""
    if not text.strip():
        return 0
    atoms = atoms_of(text)
    if atoms is None:
        return Fault("number_unreadable", column, text)
    if atoms < 0:
        return Fault("discount_negative" if "discount" in column else "price_negative", column, text)
    minor = minor_of(atoms, exponent)
    return Fault("amount_too_fine", column, text, (("currency", currency),)) if minor is None else minor


@cache
def _statuses() -> dict[tuple[str, str, str], str]:
    return {
        (row["format"], row["column"].casefold(), row["status"].casefold()): row["reason"]
        for row in rows_of("statuses.csv")
    }


def status_fault(format: str, title: str, column: str, status: str, order: str) -> Fault | None:
    """Why an order in this state is no sale that stands; `title` is the column's name in the table of states."""
    reason = _statuses().get((format, title.casefold(), status.strip().casefold()), "status_unknown")
    return Fault(reason, column, status, (("order", order),)) if reason else None


def evidence_of(rows: list[Row], raw_bytes: Callable[[str], bytes]) -> str:
    """SHA-256, in hex, of the bytes of `rows` as they stand in the decompressed file."""
    return hashlib.sha256(raw_bytes("".join([row.raw for row in rows]))).hexdigest()
