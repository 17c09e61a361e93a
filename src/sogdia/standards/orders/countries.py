"""Country names as files write them, to ISO 3166-1 alpha-2 codes, from data/countries.csv.

A name that stands for no single country (Channel Islands, European Community, Unspecified) has a row with a blank
code and the reason; a name that is not in the table at all is not guessed at.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from sogdia.standards.orders.tables import rows_of


class Country(NamedTuple):
    """What the table knows of a name: the alpha-2 code, or None with the note why there is none."""

    alpha2: str | None
    note: str


@cache
def _by_name() -> dict[str, Country]:
    names: dict[str, Country] = {}
    for row in rows_of("countries.csv"):
        country = Country(row["alpha2"] or None, row["note"])
        for name in (row["name"], row["alpha3"], row["alpha2"]):
            if name:
                names.setdefault(_key(name), country)
    return names


def _key(name: str) -> str:
    return " ".join(name.casefold().replace(".", "").split())


@lru_cache(maxsize=4_096)
def country_of(name: str) -> Country | None:
    """The country a file means by `name` (a name, alpha-2 or alpha-3), or None when the table does not know it."""
    return _by_name().get(_key(name))
