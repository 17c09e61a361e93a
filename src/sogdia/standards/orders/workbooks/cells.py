"""What a cell says, as text: its value as a person means it, never finer or rounder than the spreadsheet keeps it.

A number is the shortest decimal that stands for the cell's double: 19.99, and not 19.989999999999998. A spreadsheet
keeps 15 digits; a number that has more is given as 1.23456789012345E+15, which no reader takes for an order number or
a sum (`faults.spreadsheet_fault`). A number under a format of zeros keeps them (00123). Dates are ISO text in the
workbook's own calendar. Other formats, such as percent or a currency sign, change nothing: the value counts.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

UNCALCULATED = "#UNCALCULATED!"
"""Stands for a formula whose value was never kept: a program wrote the file, and Excel did not save it since."""
DIGITS = 15
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,3})?")
_DAY_MS = 86_400_000
_LAST_DAY = 2_958_465  # 9999-12-31
_LEAP_DAY = 60  # 29 February 1900, which never was; Excel counts it

_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_NOON = re.compile(r"am/pm|a/p|上午/下午")
_EXPONENT = re.compile(r"e[+-]")
_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58), "date"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 47), "time"),
    **dict.fromkeys((22, 34, 35, 55, 56), "moment"),  # 34, 35, 55, 56 differ by the language of the workbook
}


class Style(NamedTuple):
    """What a cell's format makes of a number: `kind` is number, date, time or moment; `digits` counts leading zeros."""

    kind: str = "number"
    digits: int = 0


PLAIN = Style()


def style_of(id: int, code: str | None) -> Style:
    """The style of a number format, by its number and, for those that are not built in, its code."""
    if code is None:
        return Style(_BUILT_IN.get(id, "number"))
    bare = _QUOTED.sub("", code.lower().partition(";")[0])
    if _ELAPSED.search(bare):
        return PLAIN
    bare = _NOON.sub("h", _EXPONENT.sub("", _BRACKETS.sub("", bare))).replace("general", "")
    if re.fullmatch("00+", bare):
        return Style("number", len(bare))
    has_time = "h" in bare or "s" in bare
    has_date = "y" in bare or "d" in bare or "e" in bare or ("m" in bare and not has_time)
    if has_date:
        return Style("moment" if has_time else "date")
    return Style("time") if has_time else PLAIN


@lru_cache(maxsize=1 << 16)
def number_text(value: str) -> str:
    """A number as plain decimal, or with an exponent when it needs more digits than a spreadsheet keeps."""
    if _WHOLE.fullmatch(value):
        return value if value != "-0" else "0"
    if _NUMBER.fullmatch(value) is None:
        return value
    exact = Decimal(repr(float(value)))
    if not exact.is_finite() or not exact:
        return "0" if not exact else value
    sign, figures, _ = exact.normalize().as_tuple()
    if len(figures) <= DIGITS and -DIGITS <= exact.adjusted() < DIGITS:
        return f"{exact.normalize():f}"
    digits = "".join(map(str, figures))
    return f"{'-' if sign else ''}{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}E{exact.adjusted():+03d}"


@lru_cache(maxsize=1 << 16)
def value_text(value: str, style: Style, is_1904: bool) -> str:
    """The text of a number under its format; a date beyond the calendar stays a number."""
    text = number_text(value)
    if style.kind == "number":
        return text.zfill(style.digits) if style.digits and text.isdigit() else text
    if _NUMBER.fullmatch(value) is None:
        return text
    serial = float(value)
    if not 0 <= serial < _LAST_DAY + 1:
        return text
    days, rest = divmod(round(serial * _DAY_MS), _DAY_MS)
    if days > _LAST_DAY - 1_462 * is_1904:
        return text
    if style.kind == "time" and days == 0:
        return _clock(rest)
    day = _day(days, is_1904)
    return day if style.kind == "date" and rest == 0 else f"{day} {_clock(rest)}"


def _day(days: int, is_1904: bool) -> str:
    if is_1904:
        return (date(1904, 1, 1) + timedelta(days)).isoformat()
    if days == _LEAP_DAY:
        return "1900-02-29"
    return (date(1899, 12, 31 if days < _LEAP_DAY else 30) + timedelta(days)).isoformat()


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1_000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{ms:03}" if ms else text
