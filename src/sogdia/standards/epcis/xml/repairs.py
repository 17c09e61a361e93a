"""What may be put right in files that their maker's own program could read: times, offsets, URNs without `urn:`.

Each function gives the value to read, or the one it was given where nothing can be done; none guesses a fact that is
not in the file.
"""

import re
from typing import Final
from urllib.parse import quote

_TIME: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[Tt ](\d{1,2}):(\d{1,2})(?::(\d{1,2})((?:\.\d+)?))?"
    r"\s*([Zz]|[+-]\d{1,2}(?::?\d{1,2})?)?"
)
_OFFSET: Final = re.compile(r"([+-]?)(\d{1,2}?)(?::?(\d{2})|:(\d))?")
_BARE_URN: Final = re.compile(r"(?:epc:(?:id|class|idpat|pat|raw|tag)|epcglobal:cbv|uuid):.+")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def repaired_time(text: str, offset: str) -> str:
    """A time with two digits in each place and a zone, `offset` where it has none; `offset` empty gives it none."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return text
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    zone = "Z" if zone in ("Z", "z") else repaired_offset(zone) if zone else offset
    date = f"{year}-{int(month):02d}-{int(day):02d}"
    return f"{date}T{int(hour):02d}:{int(minute):02d}:{int(second or 0):02d}{fraction or ''}{zone}"


def repaired_offset(text: str) -> str:
    """An offset as `+hh:mm`."""
    plain = text.strip()
    if plain in ("Z", "z"):
        return "+00:00"
    found = _OFFSET.fullmatch(plain)
    if found is None:
        return text
    sign, hours, minutes, minute = found.groups()
    return f"{sign or '+'}{int(hours):02d}:{int(minutes or minute or 0):02d}"


def repaired_uri(text: str) -> str:
    """A URN whose `urn:` was left out, with it."""
    return f"urn:{text}" if _BARE_URN.fullmatch(text) else text


def repaired_place(text: str, base: str) -> str:
    """A place under its URI; one that has only a name goes under `base`, if there is one."""
    uri = repaired_uri(text)
    return f"{base}{quote(uri, safe='')}" if base and not _SCHEME.match(uri) else uri
