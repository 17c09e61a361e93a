"""Codes for goods: serials that nobody can guess, with keyed tags, and the events that put them on record.

A serial has 13 letters of Crockford's base 32, which are 65 random bits. The code is the GS1 Digital Link of the item,
the tag in AI 91; the identity on record is the item without lot and tag.
"""

import csv
import io
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote
from uuid import uuid4

import msgspec
import segno

from sogdia.interfaces.resolver.tags import AI, TagKey
from sogdia.standards.gs1.digital_link import CANONICAL
from sogdia.standards.gs1.elements import check

SERIAL_CHARS: Final = 13
CODES_LIMIT: Final = 100_000
"""Codes in one folder."""
PER_EVENT: Final = 500
"""Items in one event; an event has at most 64 KiB."""
LIST: Final = "codes.csv"
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_COLUMNS: Final = ("gtin", "lot", "serial", "tag", "uri")


class Code(NamedTuple):
    """One code: what is printed is `uri`; `identity` is the item on record."""

    gtin: str
    lot: str
    serial: str
    tag: str
    uri: str

    @property
    def identity(self) -> str:
        """The item's canonical URI without lot."""
        return identity_of(self.gtin, self.serial)


def identity_of(gtin: str, serial: str) -> str:
    """The canonical URI of an item."""
    return f"{CANONICAL}01/{gtin}/21/{serial}"


def checked_gtin(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits as 14 digits; `BadIdentifier` says what is wrong."""
    gtin = text.zfill(14) if text.isdigit() and len(text) in (8, 12, 13, 14) else text
    check("01", gtin)
    return gtin


def checked_lot(text: str) -> str:
    """A lot number; `BadIdentifier` says what is wrong."""
    check("10", text)
    return text


def made(gtin: str, lot: str, count: int, root: str, key: TagKey | None) -> list[Code]:
    """New codes at this web address, each serial once; without a key they carry no tag."""
    serials: dict[str, None] = {}
    while len(serials) < count:
        serials["".join(secrets.choice(_LETTERS) for _ in range(SERIAL_CHARS))] = None
    return [_code(gtin, lot, serial, root.rstrip("/"), key) for serial in serials]


def _code(gtin: str, lot: str, serial: str, root: str, key: TagKey | None) -> Code:
    tag = "" if key is None else key.tag(identity_of(gtin, serial))
    in_lot = f"/10/{quote(lot, safe='')}" if lot else ""
    behind = f"?{AI}={tag}" if tag else ""
    return Code(gtin, lot, serial, tag, f"{root}/01/{gtin}{in_lot}/21/{serial}{behind}")


def as_csv(codes: Sequence[Code]) -> str:
    """The list for the printer, with a line of headings."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows(codes)
    return text.getvalue()


def draw(code: Code, folder: Path) -> None:
    """The QR code as SVG, error correction M, named after the serial."""
    segno.make(code.uri, error="m", micro=False).save(str(folder / f"{code.serial}.svg"), border=4, scale=4)


def commissioning(codes: Sequence[Code], time: str, offset: str, place: str = "") -> Iterator[bytes]:
    """The events that put the items on record, in the form in which they are signed."""
    for start in range(0, len(codes), PER_EVENT):
        group = codes[start : start + PER_EVENT]
        event = {
            "type": "ObjectEvent",
            "eventID": f"urn:uuid:{uuid4()}",
            "eventTime": time,
            "eventTimeZoneOffset": offset,
            "bizStep": "commissioning",
            "disposition": "active",
            **({"readPoint": {"id": place}} if place else {}),
            "action": "ADD",
            "epcList": [one.identity for one in group],
            **({"ilmd": {"cbvmda:lotNumber": group[0].lot}} if group[0].lot else {}),
        }
        yield msgspec.json.encode(event)
