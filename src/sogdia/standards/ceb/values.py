"""One value of one field: read from XML, judged, written to XML.

`read` never fails: what is no number stays text, for `fault` to name. `write` refuses what it could only falsify.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from sogdia.standards.ceb.document import Value
from sogdia.standards.ceb.errors import BuildRefused
from sogdia.standards.ceb.fields import Certainty, Field, Format

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})")
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BLANKS = " \t\r\n"

_GUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_STATUS = re.compile(r"-?(?:0|[1-9][0-9]*)")
_INVT_NO_IMPORT = re.compile(r"[0-9]{4}[0-9]{4}I[0-9]{9}")
_INVT_NO_EXPORT = re.compile(r"[0-9]{4}[0-9]{4}E[0-9]{9,11}")
_DIGITS = re.compile(r"[0-9]+")
_PRE_NO = re.compile(r"B([0-9]{8})[0-9]{9}")


class Fault(msgspec.Struct, frozen=True):
    """The first rule that a value breaks: the code and words of a `Problem`, without its place."""

    code: str
    expected: str
    layer: Literal["schema", "business"] = "schema"
    certainty: Certainty = "read"


def read(field: Field, text: str) -> Value:
    """The text of an element as a value: Decimal or int where the field is numeric and the text is a number."""
    if field.kind == "text":
        return text
    bare = text.strip(_BLANKS)
    if field.kind == "integer":
        return int(bare) if _INTEGER.fullmatch(bare) else text
    return Decimal(bare) if _NUMBER.fullmatch(bare) else text


def write(field: Field, value: Value) -> str:
    """A value as element text, unescaped: amounts with 0 to 5 decimals, never an exponent, never rounded.

    Raises `BuildRefused` for a number that the field cannot hold and for characters that XML cannot carry.
    """
    found = _text_fault(field, value, strict=False) if field.kind == "text" else _number_fault(field, value)
    if found is not None:
        raise BuildRefused(found.code, f"{field.name}: {found.code}, {found.expected} is expected", element=field.name)
    if isinstance(value, Decimal):
        return _plain(value)
    return f"{value}"


def is_absent(value: Value | None) -> bool:
    """An element that is not there, or is there with nothing but blanks in it."""
    return value is None or (isinstance(value, str) and not value.strip(_BLANKS))


def is_writable(text: str) -> bool:
    """Whether XML 1.0 can carry this text: no control characters but tab and line ends, no lone surrogates."""
    return text.isprintable() or _ILLEGAL.search(text) is None


def fault(field: Field, value: Value) -> Fault | None:
    """The first rule of this field that the value breaks: the XSD's first, then those that only the PDF states."""
    found = _text_fault(field, value) if field.kind == "text" else _number_fault(field, value)
    if found is not None:
        return found
    if field.choices and str(value) not in field.choices:
        return Fault("not_allowed", " / ".join(field.choices), "business", field.certainty)
    if field.format is not None and not FORMATS[field.format][1](str(value)):
        return Fault("bad_format", FORMATS[field.format][0], "business", field.certainty)
    if not isinstance(value, str) and value < 0:
        return Fault("negative", field.type, "business", "derived")
    return None


def _text_fault(field: Field, value: object, *, strict: bool = True) -> Fault | None:
    """`strict` judges the length as well; writing only asks whether XML can carry the text."""
    if not isinstance(value, str):
        return Fault("wrong_type", field.type)
    if strict and len(value) > field.maximum:
        return Fault("too_long", field.type, certainty=field.certainty)
    if strict and len(value) < field.minimum:
        return Fault("too_short", field.type, certainty=field.certainty)
    if not is_writable(value):
        return Fault("illegal_character", field.type)
    return None


def _number_fault(field: Field, value: object) -> Fault | None:
    if isinstance(value, str):
        return Fault("not_a_number", field.type)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return Fault("wrong_type", field.type)
    if isinstance(value, Decimal):
        return _decimal_fault(field, value)
    if abs(value) >= 10 ** (field.maximum - field.scale):
        return Fault("too_many_digits", field.type)
    return None


def _decimal_fault(field: Field, value: Decimal) -> Fault | None:
    """Counts as XSD does: zeros at the end of the decimals do not count."""
    if field.kind != "decimal":
        return Fault("wrong_type", field.type)
    if not value.is_finite():
        return Fault("not_a_number", field.type)
    if value and value.adjusted() >= field.maximum - field.scale:
        return Fault("too_many_digits", field.type)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -field.scale and _decimals(value) > field.scale:
        return Fault("too_many_decimals", field.type)
    return None


def _decimals(value: Decimal) -> int:
    """Digits after the point, without zeros at the end. Works on the digits: no context can round them."""
    _, digits, exponent = value.as_tuple()
    significant = "".join(map(str, digits)).rstrip("0")
    if not significant or not isinstance(exponent, int):
        return 0
    return max(0, -(exponent + len(digits) - len(significant)))


def _plain(value: Decimal) -> str:
    """1.50 for Decimal("1.50"), 100 for Decimal("1E+2"), 0 for a negative zero."""
    text = format(value, "f") if value else "0"
    whole, _, decimals = text.partition(".")
    return text if len(decimals) <= 5 else f"{whole}.{decimals[:5]}"


def _is_date(text: str) -> bool:
    if len(text) != 8 or not _DIGITS.fullmatch(text):
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    """A day and a moment of it, 00:00:00 to 23:59:59, without zone: customs means Beijing time."""
    if len(text) != 14 or not _DIGITS.fullmatch(text):
        return False
    return _is_date(text[:8]) and text[8:10] <= "23" and text[10:12] <= "59" and text[12:] <= "59"


def _is_time_ms(text: str) -> bool:
    return len(text) == 17 and _DIGITS.fullmatch(text[14:]) is not None and _is_time(text[:14])


def _is_pre_no(text: str) -> bool:
    found = _PRE_NO.fullmatch(text)
    return found is not None and _is_date(found[1])


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


FORMATS: dict[Format, tuple[str, Callable[[str], bool]]] = {
    "guid": ("8-4-4-4-12 hex digits, upper case", _matches(_GUID)),
    "date": ("YYYYMMDD", _is_date),
    "time": ("YYYYMMDDhhmmss", _is_time),
    "time_ms": ("YYYYMMDDhhmmssSSS", _is_time_ms),
    "status": ("an integer", _matches(_STATUS)),
    "pre_no": ("B + YYYYMMDD + 9 digits", _is_pre_no),
    "invt_no_import": ("4 digits customs + 4 digits year + I + 9 digits", _matches(_INVT_NO_IMPORT)),
    "invt_no_export": ("4 digits customs + 4 digits year + E + 9 to 11 digits", _matches(_INVT_NO_EXPORT)),
}
"""How each format is shown to a person, and its test. Numbers of lists as in CEB 202205, section on numbers."""
