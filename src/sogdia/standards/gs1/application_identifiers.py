"""GS1's Application Identifiers (AIs): formats, keys of Digital Links, which AIs go together.

The table beside this file is made by tools/gs1_table.py from GS1's Barcode Syntax Dictionary, the state of 2026-07-27
(its own release line says UNSET), github.com/gs1/gs1-syntax-dictionary; copyright GS1 AISBL, Apache License 2.0.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import msgspec

_TABLE: Final = "application_identifiers.csv"

Group = tuple[str, ...]
"""AIs that stand together; `n` in one is any digit, as in 310n."""


class Component(msgspec.Struct, frozen=True):
    """One part of a value: its character set, its length in characters, the checks GS1 names for it.

    `charset` is N for digits, X for the 82 characters, Y for the 39, Z for base64url.
    """

    charset: str
    shortest: int
    longest: int
    optional: bool
    linters: tuple[str, ...]


class Ai(msgspec.Struct, frozen=True):
    """One Application Identifier.

    `qualifiers` are the alternative, ordered sequences after it in a Digital Link, where it is a key; `required` are
    alternatives of which each tuple needs one group beside it; `excluded` AIs never stand beside it.
    """

    ai: str
    is_key: bool
    is_attribute: bool
    fixed_length: bool
    components: tuple[Component, ...]
    qualifiers: tuple[Group, ...]
    required: tuple[tuple[Group, ...], ...]
    excluded: Group


@cache
def table() -> Mapping[str, Ai]:
    """Every AI by its digits; read once."""
    text = (files("sogdia.standards.gs1") / _TABLE).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return MappingProxyType({ai.ai: ai for row in csv.DictReader(lines, strict=True) for ai in _each(row)})


@cache
def keys() -> Mapping[str, Ai]:
    """The AIs that name a thing in a Digital Link, such as 01, 00 and 414."""
    return MappingProxyType({ai: row for ai, row in table().items() if row.is_key})


def _each(row: dict[str, str]) -> list[Ai]:
    marks = row["marks"].split()
    components = tuple(_component(word) for word in row["components"].split())
    qualifiers = tuple(tuple(words.split()) for words in row["qualifiers"].split("|") if words)
    required = tuple(
        tuple(tuple(group.split("+")) for group in listed.split("|")) for listed in row["required"].split("&") if listed
    )
    excluded = tuple(ai for ai in row["excluded"].replace("&", "|").split("|") if ai)
    return [
        Ai(ai, "key" in marks, "attribute" in marks, "fixed" in marks, components, qualifiers, required, excluded)
        for ai in _span(row["first"], row["last"])
    ]


def _span(first: str, last: str) -> list[str]:
    return [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]


def _component(word: str) -> Component:
    shape, *linters = word.split("+")
    optional = shape.endswith("?")
    length = shape[1:].removesuffix("?")
    longest = int(length.removeprefix(".."))
    return Component(shape[0], 1 if ".." in length else longest, longest, optional, tuple(linters))
