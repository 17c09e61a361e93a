"""What a reader may put right, and what it says of each repair."""

from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

Kind = Literal[
    "document",
    "name",
    "shape",
    "list",
    "empty",
    "blank",
    "twice",
    "type",
    "word",
    "urn",
    "key",
    "gtin",
    "time",
    "offset",
    "number",
    "unit",
    "place",
    "id",
    "duplicate",
    "",
]

WHY: Final[dict[str, str]] = {
    "document": "the events are found all the same",
    "name": "only one field of the standard is spelled like this",
    "shape": "the same value in the form that JSON has for it",
    "list": "one value stands where a list of one belongs",
    "empty": "it holds nothing",
    "blank": "blanks around a value are no part of it",
    "twice": "the list names each thing once",
    "type": "only one type of event is spelled like this",
    "word": "the same word as JSON spells it",
    "urn": "the beginning of a URN is the same in any letters",
    "key": "the element string or number with its check digit as a GS1 Digital Link",
    "gtin": "the same GTIN with 14 digits",
    "time": "the same time as the standard writes it",
    "offset": "the offset that the event tells elsewhere, or the same as the standard writes it",
    "number": "the same number or truth value without quotation marks, or a text with them",
    "unit": "a code of UN/ECE Rec. 20 has capital letters",
    "place": "the name of a place under the URI that was given for such names",
    "id": "an ID that follows from what the event says",
    "duplicate": "the same event stands there twice and is taken once",
}
"""Why each kind of repair is no guess."""


class Repair(msgspec.Struct, frozen=True):
    """A value that was read as another: event number from 1 (0 is the document), where, both values, what kind."""

    event: int
    field: str
    old: str
    new: str
    kind: Kind = ""

    @property
    def sentence(self) -> str:
        """The repair for a person."""
        place = f"event {self.event}" if self.event else "the document"
        at = f", {self.field}" if self.field else ""
        return f"{place}{at}: {self.old!r} was read as {self.new!r}"


class Tolerance(msgspec.Struct, frozen=True):
    """What a reader may put right beyond what stands in the file, because the one who reads it says so.

    `base` is a URI under which a place of XML that has only a name is put, empty for none. `zone` is where times
    without an offset were taken, None when nobody knows.
    """

    base: str = ""
    zone: ZoneInfo | None = None


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of this name; ValueError when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise ValueError(f"timezone {name!r} is not known here; give an IANA name such as Europe/Paris") from wrong
