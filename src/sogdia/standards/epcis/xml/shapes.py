"""What values XML has for times, bytes and numbers, where JSON has more.

Source: XSD 2.0, DateTimeStamp; XML Schema Part 2, dateTime, hexBinary, decimal.
"""

import re
from typing import Final

_TIME: Final = re.compile(
    r"(?!0000)[0-9]{4}-(?:1[0-2]|0[1-9])-(?:3[01]|0[1-9]|[12][0-9])T(?:2[0-3]|[01][0-9]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]+)?(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
)
FIXED_LIMIT: Final = 100
"""Most places before or behind the point of a number that must be written without an exponent."""


def time_or_none(text: str) -> str | None:
    """A time as XML has it; None for leap seconds, the year 0000 and offsets above 14 hours."""
    upper = text.upper()
    return upper if _TIME.fullmatch(upper) else None


def hex_or_none(text: str) -> str | None:
    """Bytes in hex digits; None for half a byte."""
    return None if len(text) % 2 else text
