"""One value of an event or of a parameter in each sense that it has: text, exact number, instant."""

import re
from decimal import Decimal
from typing import Any, Final

from sogdia.standards.epcis.moments import NoMoment, microseconds
from sogdia.standards.epcis.query.conditions import Value

DIGITS_LIMIT: Final = 40
"""Longest number that is compared as a number, in digits before and after its point together."""

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_TIME_CHARS: Final = range(20, 64)


def value_of(raw: Any) -> Value | None:
    """The value of a JSON text, number or truth value; None for everything else.

    A text is a number too when it is written as JSON writes one, without exponent: 5 and 5.0, but not 007, +5 and 1E5.
    It is an instant when it is a date, time of day and zone. True and false are texts.
    """
    if isinstance(raw, str):
        return Value(raw, number_in(raw), instant_in(raw))
    if isinstance(raw, bool):
        return Value("true" if raw else "false")
    if isinstance(raw, int | Decimal | float):
        number = exact(raw)
        return Value(str(raw)) if number is None else Value(None, number)
    return None


def exact(raw: int | Decimal | float) -> Decimal | None:
    """The exact number; None when it is infinite, or longer than DIGITS_LIMIT digits written out."""
    number = Decimal(str(raw)) if isinstance(raw, float) else Decimal(raw)
    if not number.is_finite():
        return None
    before, after = number.adjusted() + 1, -int(number.as_tuple().exponent)
    return number if max(before, 1) + max(after, 0) <= DIGITS_LIMIT else None


def number_in(text: str) -> Decimal | None:
    """The number that a text writes without exponent, or None."""
    if len(text) > DIGITS_LIMIT + 2 or not _NUMBER.fullmatch(text):
        return None
    return exact(Decimal(text))


def instant_in(text: str) -> int | None:
    """The instant that a text writes, in microseconds since 1970 UTC, or None."""
    if len(text) not in _TIME_CHARS or text[4] != "-":
        return None
    try:
        return microseconds(text)
    except NoMoment:
        return None
