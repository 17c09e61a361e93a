"""Exact amounts as integers: 1 atom is 10^-8 of a currency's major unit.

Integers keep a file of 200,000 rows exact and fast. Text that is not a plain decimal, or is finer than an atom, is no
amount: currency signs, thousands separators, exponents and decimal commas are never guessed at.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from sogdia.core.values import minor_digits
from sogdia.standards.orders.tables import rows_of

DECIMALS = 8
SCALE: int = 10**DECIMALS
_POWERS = tuple(int(f"1{'0' * zeros}") for zeros in range(DECIMALS + 1))

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
    atoms: int = int(whole) * SCALE + int(fraction.ljust(DECIMALS, "0"))
    return -atoms if sign else atoms


@lru_cache(maxsize=16_384)
def whole_of(text: str) -> int | None:
    """An integer quantity of at most 9 digits (`6`, `-3`, `2.0`), or None."""
    return int(text.strip().partition(".")[0]) if _WHOLE.fullmatch(text.strip()) else None


@lru_cache(maxsize=16_384)
def text_of(atoms: int) -> str:
    """The exact decimal, with at least two decimals."""
    whole, fraction = divmod(abs(atoms), SCALE)
    digits = f"{fraction:08d}".rstrip("0").ljust(2, "0")
    return f"{'-' if atoms < 0 else ''}{whole}.{digits}"


@cache
def _currencies() -> frozenset[str]:
    return frozenset(row["currency"] for row in rows_of("currencies.csv"))


def exponent_of(currency: str) -> int | None:
    """Decimals of the minor unit of an ISO 4217 currency in trade use, or None when the code is not known."""
    return minor_digits(currency) if currency in _currencies() else None


def minor_of(atoms: int, exponent: int) -> int | None:
    """Minor units of `atoms`, or None when it is not a whole number of them."""
    minor, rest = divmod(atoms, _POWERS[DECIMALS - exponent])
    return None if rest else minor


def atoms_from_minor(minor: int, exponent: int) -> int:
    """Atoms of a number of minor units."""
    return minor * _POWERS[DECIMALS - exponent]


def unit_price_text(total: int, quantity: int) -> str:
    """Price of one as a decimal, from a line's total in atoms: exact, or half-even at 5 decimals when it is not.

    Five decimals are what a declaration has room for.
    """
    price, rest = divmod(total, quantity)
    if not rest:
        return text_of(price)
    step = 10 ** (DECIMALS - 5)
    low, rest = divmod(total, quantity * step)
    twice = 2 * rest
    up = twice > quantity * step or (twice == quantity * step and low % 2 == 1)
    return text_of((low + up) * step)
