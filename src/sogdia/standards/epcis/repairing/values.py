"""Texts put right: times, offsets, URNs, places. JSON and XML have these in common.

Each function gives the value to read, or the one it was given where nothing can be done; none guesses a fact that is
not in the file or in what the operator said.
"""

import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

BLANKS: Final = " \t\r\n\f\v\u00a0\u2007\u202f\u3000\u200b\ufeff"
"""What may stand around a value: blanks of all widths, of none, and byte-order marks."""

_TIME: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[Tt ](\d{1,2}):(\d{1,2})(?::(\d{1,2})((?:[.,]\d+)?))?"
    r"\s*([Zz]|UTC|GMT|[+-]\d{1,2}(?::?\d{1,2})?)?",
    re.ASCII,
)
_BASIC: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)((?:[.,]\d+)?)(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_OFFSET: Final = re.compile(r"([+-]?)(\d{1,2}?)(?::?(\d{2})|:(0))?", re.ASCII)
_RIGHT_OFFSET: Final = re.compile(r"[+-](?:0[0-9]|1[0-4]):[0-5][0-9]")
_OWN_OFFSET: Final = re.compile(r"T[0-9:.]+([+-][0-9]{2}:[0-9]{2})")
_BARE_URN: Final = re.compile(r"(?:epc:(?:id|class|idpat|pat|raw|tag)|epcglobal:cbv|uuid):.+", re.IGNORECASE)
_HEAD: Final = re.compile(r"urn:(?:epc:(?:id|class|idpat):[a-z]+|epcglobal:cbv|uuid):", re.IGNORECASE)
_UUID: Final = re.compile(r"\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UTC: Final = ("Z", "UTC", "GMT")
_UNKNOWN_OFFSET: Final = "-00:00"


def repaired_time(text: str, offset: str, zone: ZoneInfo | None = None) -> str:
    """A time with two digits in each place and an offset.

    One without gets `offset`, or what holds in `zone` at that time; with neither it stays without. A local time that
    the clocks of the zone skipped or showed twice stays without too.
    """
    found = _TIME.fullmatch(text.strip(BLANKS)) or _BASIC.fullmatch(text.strip(BLANKS))
    if found is None:
        return text
    year, month, day, hour, minute, second, fraction, given = found.groups()
    local = f"{year}-{int(month):02d}-{int(day):02d}T{int(hour):02d}:{int(minute):02d}:{int(second or 0):02d}"
    after = "Z" if given and given.upper() in _UTC else repaired_offset(given) if given else offset
    return f"{local}{(fraction or '').replace(',', '.')}{after or offset_of_local(local, zone)}"


def offset_of_local(local: str, zone: ZoneInfo | None) -> str:
    """The offset of a local time `YYYY-MM-DDThh:mm:ss` in a zone; empty where there is not exactly one."""
    try:
        first = datetime.fromisoformat(local).replace(tzinfo=zone)
    except ValueError:
        return ""
    if zone is None or first.utcoffset() != first.replace(fold=1).utcoffset():
        return ""
    return _shown(first)


def offset_of(time: str, zone: ZoneInfo | None) -> str:
    """The local offset that a right time tells, or what the zone's was then; empty when neither is known.

    `Z` and `-00:00` say that the time is UTC and nothing of where it was taken (RFC 9557, section 2).
    """
    found = _OWN_OFFSET.search(time.upper())
    if found is not None and found[1] != _UNKNOWN_OFFSET:
        return found[1]
    if zone is None:
        return ""
    try:
        return _shown(datetime.fromisoformat(time.upper()).astimezone(UTC).astimezone(zone))
    except (ValueError, OverflowError):
        return ""


def _shown(moment: datetime) -> str:
    text = f"{moment:%z}"
    shown = f"{text[:3]}:{text[3:]}"
    return shown if _RIGHT_OFFSET.fullmatch(shown) else ""  # before 1900 zones had seconds


def repaired_offset(text: str) -> str:
    """An offset as `+hh:mm`; one without a sign is east of Greenwich, as programs write it that leave `+` out."""
    plain = text.strip(BLANKS).removeprefix("UTC").removeprefix("GMT") or text
    if plain in ("Z", "z"):
        return "+00:00"
    found = _OFFSET.fullmatch(plain)
    if found is None:
        return text
    sign, hours, minutes, minute = found.groups()
    return f"{sign or '+'}{int(hours):02d}:{int(minutes or minute or 0):02d}"


def repaired_uri(text: str) -> str:
    """A URN whose `urn:` was left out, with it, and its beginning in small letters."""
    whole = f"urn:{text}" if _BARE_URN.fullmatch(text) else text
    found = _HEAD.match(whole)
    return whole if found is None else found[0].lower() + whole[found.end() :]


def repaired_event_id(text: str) -> str:
    """An event ID that is a UUID without `urn:uuid:`, or in braces, with it."""
    found = _UUID.fullmatch(text)
    return repaired_uri(text) if found is None else f"urn:uuid:{found[1]}"


def repaired_place(text: str, base: str) -> str:
    """A place under its URI; one that has only a name goes under `base`, if there is one."""
    uri = repaired_uri(text)
    return f"{base}{quote(uri, safe='')}" if base and not has_scheme(uri) else uri


def has_scheme(text: str) -> bool:
    """Whether a text begins as a URI does."""
    return _SCHEME.match(text) is not None
