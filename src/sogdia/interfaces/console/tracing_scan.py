"""What a person types or a scanner gives, as the identifier of a thing: URIs, GTIN and SSCC in digits, GS1 barcodes.

Scanned text is read as GS1 element strings (GS1 General Specifications, 5.4 and 7.8): a symbology identifier may stand
in front, FNC1 comes as the group separator; typed text has its application identifiers in brackets.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from sogdia.standards.gs1.digital_link import CANONICAL
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical

SCAN_CHARS: Final = 500
_BRACKETS: Final = re.compile(r"\(([0-9]{2,4})\)([^(]+)")
_SYMBOLOGY: Final = re.compile(r"\](?:C1|d2|Q3|e0|J1)")
_SEPARATOR: Final = "\x1d"
_FIXED: Final = {"00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2, "414": 13}
_VARIABLE: Final = ("10", "21", "22", "235", "8004", "8006", "253", "255", "254", "37", "30")
_KEYS: Final = ("01", "00", "414", "8004", "8006", "253", "255")
_QUALIFIERS: Final = ("22", "10", "21", "235", "254")
"""In the order in which a Digital Link has them."""
_GTIN_DIGITS: Final = (8, 12, 13, 14)
_SSCC_DIGITS: Final = 18


def thing_of(text: str) -> str:
    """The identifier that this text stands for: its canonical URI, or the text itself where it is none."""
    plain = text.strip()
    if plain.isascii() and plain.isdigit() and len(plain) in _GTIN_DIGITS:
        return _canonical(f"{CANONICAL}01/{plain:0>14}", plain)
    if plain.isascii() and plain.isdigit() and len(plain) == _SSCC_DIGITS:
        return _canonical(f"{CANONICAL}00/{plain}", plain)
    pairs = bracketed(plain) if plain.startswith("(") else _scanned(plain)
    link = _link(pairs)
    return _canonical(link, plain) if link else _canonical(plain, plain)


def _canonical(text: str, otherwise: str) -> str:
    try:
        return canonical(text)
    except BadIdentifier:
        return otherwise


def bracketed(text: str) -> list[tuple[str, str]]:
    """Application identifiers with their values, as they are printed below a barcode: (10)B."""
    return [(ai, value.strip()) for ai, value in _BRACKETS.findall(text)]


def _scanned(text: str) -> list[tuple[str, str]]:
    """The elements of a scanned barcode; none when the text is not made of them."""
    rest = _SYMBOLOGY.sub("", text, count=1).lstrip(_SEPARATOR)
    found = list[tuple[str, str]]()
    while rest:
        ai = next((one for one in (*_FIXED, *_VARIABLE) if rest.startswith(one)), "")
        if not ai:
            return []
        end = len(ai) + _FIXED[ai] if ai in _FIXED else (rest + _SEPARATOR).index(_SEPARATOR)
        value = rest[len(ai) : end]
        if not value or (ai in _FIXED and not (len(value) == _FIXED[ai] and value.isdigit())):
            return []
        found.append((ai, value))
        rest = rest[end:].removeprefix(_SEPARATOR)
    return found


def _link(pairs: Iterable[tuple[str, str]]) -> str:
    told = dict(pairs)
    key = next((one for one in _KEYS if one in told), "")
    if not key:
        return ""
    parts = [(key, told[key]), *((one, told[one]) for one in _QUALIFIERS if one in told)]
    return CANONICAL + "/".join(f"{ai}/{quote(value, safe='')}" for ai, value in parts)
