"""The checks that GS1 names for parts of a value, by those names: csum, yymmdd, iso3166 ...

Each takes text that already has the right characters and length, and answers what is wrong, or "" when nothing is.
Source: the names in GS1's Barcode Syntax Dictionary, the rules in the GS1 General Specifications.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import msgspec

from sogdia.standards.gs1 import check_digits
from sogdia.standards.gs1.iso_codes import COUNTRIES_ALPHA2, COUNTRIES_NUMERIC, CURRENCIES_NUMERIC

Fault = Callable[[str], str]

UNCHECKED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "couponcode": "North American coupons have a grammar of their own, and no event of ours carries one",
        "couponposoffer": "North American coupons have a grammar of their own, and no event of ours carries one",
        "packagetype": "the package codes of UN/ECE Recommendation 21 change yearly and are not on record here",
    }
)
"""Checks that are not made, each with the reason; length and character set are checked all the same."""

_PREFIX_DIGITS_LEAST: Final = 4  # GS1 General Specifications: a company prefix has 4 to 12 digits
_MEDIA_TYPES: Final = frozenset(f"{number:02}" for number in (*range(1, 11), *range(80, 100)))
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}")


class Linter(msgspec.Struct, frozen=True):
    """One check: what it finds wrong, and what a person does about it."""

    fault: Fault
    remedy: str


def _check_digit(text: str) -> str:
    expected = check_digits.check_digit(text[:-1])
    return "" if text[-1] == expected else f"the check digit is {text[-1]}, {expected} was expected"


def _check_pair(text: str) -> str:
    if len(text) < 3:
        return "it is too short to end in two check characters"
    expected = check_digits.check_pair(text[:-2])
    return "" if text[-2:] == expected else f"the check characters are {text[-2:]}, {expected} was expected"


def _prefix_at(start: int) -> Fault:
    def fault(text: str) -> str:
        prefix = text[start : start + _PREFIX_DIGITS_LEAST]
        right = len(prefix) == _PREFIX_DIGITS_LEAST and prefix.isdigit()
        return "" if right else "it does not begin with the digits of a GS1 company prefix"

    return fault


def _one_of(allowed: frozenset[str], what: str) -> Fault:
    return lambda text: "" if text in allowed else f"{text} is no {what}"


def _up_to(limit: int, what: str) -> Fault:
    return lambda text: "" if int(text) <= limit else f"{text} is no {what}"


def _hour_and_minute(text: str) -> str:
    return "" if text[:2] <= "23" and text[2:] <= "59" else f"{text} is no time of day"


def _calendar(year: str, month_and_day: str, text: str) -> str:
    try:
        date(int(year), int(month_and_day[:2]), int(month_and_day[2:]))
    except ValueError:
        return f"{text} is no day of the calendar"
    return ""


def _short_date(text: str) -> str:
    return _calendar("20" + text[:2], text[2:], text)  # leap years of 19xx and 20xx fall alike but for 1900


def _short_date_or_month(text: str) -> str:
    return _short_date(text[:4] + "01" if text.endswith("00") else text)


def _long_date(text: str) -> str:
    return _calendar(text[:4], text[4:], text)


def _piece_of_total(text: str) -> str:
    right = "00" < text[:2] <= text[2:]
    return "" if right else f"piece {text[:2]} of {text[2:]} cannot be"


def _position_in_sequence(text: str) -> str:
    right = text[1] == "/" and (text[0] + text[2]).isdigit() and "0" < text[0] <= text[2]
    return "" if right else f"{text} is no place in a sequence"


def _iban(text: str) -> str:
    if not _IBAN.fullmatch(text):
        return "it has not the shape of an IBAN"
    digits = "".join(str(int(char, 36)) for char in text[4:] + text[:4])
    return "" if int(digits) % 97 == 1 else "the check digits of the IBAN do not fit"


def _percent(text: str) -> str:
    return "a % stands without two hexadecimal digits" if _PERCENT.search(text) else ""


def _leading_zero(text: str) -> str:
    return "it begins with a zero" if text[0] == "0" and len(text) > 1 else ""


_COPY: Final = "copy it again from the label or the master data"
_SPELL: Final = "correct the value at its source"

LINTERS: Final[Mapping[str, Linter]] = MappingProxyType(
    {
        "csum": Linter(_check_digit, _COPY),
        "csumalpha": Linter(_check_pair, _COPY),
        "gcppos1": Linter(_prefix_at(0), _COPY),
        "gcppos2": Linter(_prefix_at(1), _COPY),
        "hasnondigit": Linter(
            lambda text: "it has digits only" if text.isdigit() else "", "give at least one character that is no digit"
        ),
        "hh": Linter(_up_to(23, "hour"), "write 00 to 23"),
        "hhmi": Linter(_hour_and_minute, "write hours 00 to 23 and minutes 00 to 59"),
        "hyphen": Linter(lambda text: "" if not text.strip("-") else f"{text} is no minus sign", "write - or nothing"),
        "iban": Linter(_iban, _COPY),
        "importeridx": Linter(
            lambda text: "" if re.fullmatch(r"[-0-9A-Z_a-z]", text) else f"{text} is no importer index",
            "write one letter, digit, - or _",
        ),
        "iso3166": Linter(_one_of(COUNTRIES_NUMERIC, "numeric country code"), "use ISO 3166-1 numeric, such as 156"),
        "iso3166999": Linter(
            _one_of(COUNTRIES_NUMERIC | {"999"}, "numeric country code"), "use ISO 3166-1 numeric, or 999 for several"
        ),
        "iso3166alpha2": Linter(_one_of(COUNTRIES_ALPHA2, "country code"), "use ISO 3166-1 alpha-2, such as CN"),
        "iso4217": Linter(_one_of(CURRENCIES_NUMERIC, "numeric currency code"), "use ISO 4217 numeric, such as 978"),
        "iso5218": Linter(_one_of(frozenset("0129"), "code of ISO 5218"), "write 0, 1, 2 or 9"),
        "latitude": Linter(_up_to(180 * 10**7, "latitude"), "count from the south pole, in ten-millionths of a degree"),
        "longitude": Linter(_up_to(360 * 10**7, "longitude"), "count eastward, in ten-millionths of a degree"),
        "mediatype": Linter(_one_of(_MEDIA_TYPES, "media type"), "write 01 to 10 or 80 to 99"),
        "mi": Linter(_up_to(59, "minute"), "write 00 to 59"),
        "nonzero": Linter(lambda text: "" if text.strip("0") else f"{text} is zero", _SPELL),
        "nozeroprefix": Linter(_leading_zero, "leave leading zeros out"),
        "pcenc": Linter(_percent, "write a percent sign itself as %25"),
        "pieceoftotal": Linter(_piece_of_total, "count pieces from 01 up to their total"),
        "posinseqslash": Linter(_position_in_sequence, "write one digit, / and the total, such as 1/3"),
        "ss": Linter(_up_to(59, "second"), "write 00 to 59"),
        "winding": Linter(_one_of(frozenset("019"), "winding direction"), "write 0, 1 or 9"),
        "yesno": Linter(_one_of(frozenset("01"), "answer"), "write 1 for yes or 0 for no"),
        "yymmd0": Linter(_short_date_or_month, "write YYMMDD, day 00 for the whole month"),
        "yymmdd": Linter(_short_date, "write YYMMDD"),
        "yyyymmdd": Linter(_long_date, "write YYYYMMDD"),
        "zero": Linter(lambda text: "" if not text.strip("0") else f"{text} stands where GS1 has a 0", _SPELL),
    }
)
"""Every check that is made, by the name the table of AIs calls it."""
