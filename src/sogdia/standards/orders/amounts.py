"""Exact amounts as integers: 1 atom is 10^-8 of a currency's major unit.

Integers keep a file of 200,000 rows exact and fast. Text that is not a plain decimal, or is finer than an atom, is no
amount: currency signs, thousands separators, exponents and decimal commas are never guessed at.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from sogdia.standards.orders.tables import rows_of

DECIMALS = 8
SCALE = 10**DECIMALS

_PLAIN = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,40}))?")
_WHOLE = re.compile(r"-?[0-9]{1,9}(?:\.0{1,8})?")


@lru_cache(maxsize=16_384)
def atoms_of(text: str) -> int | None:
    """Atoms of a plain decimal such as `-12.50`, or None when it is none or finer than an atom."""
    found = _PLAIN.fullmatch(text.strip())
    if found is None:
        return None
    sign, whole, fraction = found.groups()
    fraction = (fraction or "").rstrip("0")
    if len(fraction) > DECIMALS:
        return None
    atoms = int(whole) * SCALE + int(fraction.ljust(DECIMALS, "0"))
    return -atoms if sign else atoms


@lru_cache(maxsize=16_384)
def whole_of(text: str) -> int | None:
    """An integer quantity of at most 9 digits (`6`, `-3`, `2.0`), or None."""
    return int(text.strip().partition(".")[0]) if _WHOLE.fullmatch(text.strip()) else None


def text_of(atoms: int) -> str:
    """The exact decimal, with at least two decimals."""
    whole, fraction = divmod(abs(atoms), SCALE)
    digits = f"{fraction:08d}".rstrip("0").ljust(2, "0")
    return f"{'-' if atoms < 0 else ''}{whole}.{digits}"


@cache
def _exponents() -> dict[str, int]:
    return {row["currency"]: int(row["exponent"]) for row in rows_of("currencies.csv")}


def exponent_of(currency: str) -> int | None:
    """Decimals of the minor unit of an ISO 4217 currency in trade use, or None when the code is not known."""
    return _exponents().get(currency)


def minor_of(atoms: int, exponent: int) -> int | None:
    """Minor units of `atoms`, or None when it is not a whole number of them."""
    minor, rest = divmod(atoms, 10 ** (DECIMALS - exponent))
    return None if rest else minor


def atoms_from_minor(minor: int, exponent: int) -> int:
    """Atoms of a number of minor units."""
    return minor * 10 ** (DECIMALS - exponent)


def unit_price_text(total: int, quantity: int) -> str:
    """Price of one as a decimal, from a line's total in atoms: exact, or half-even at 6 decimals when it is not."""
    price, rest = divmod(total, quantity)
    if not rest:
        return text_of(price)
    step = 10 ** (DECIMALS - 6)
    low, rest = divmod(total, quantity * step)
    twice = 2 * rest
    up = twice > quantity * step or (twice == quantity * step and low % 2 == 1)
    return text_of((low + up) * step)
