"""The events of a file as they come out one after the other: right, or set aside with their text and the reasons.

`strict.StrictEvents` reads a file as the standard has it, `repairing.sifting.Sifter` puts right what is sloppy; what
both say of an event, and how XML is gone through, is here.
"""

import re
from collections.abc import Iterator
from typing import Final, Protocol, TypeVar

import msgspec

from sogdia.standards.epcis.faults import Fault, Refused
from sogdia.standards.epcis.model import AnyEvent, Vocabulary
from sogdia.standards.epcis.repairing.told import Repair
from sogdia.standards.epcis.xml import Limits, XmlReader

MANY: Final = 1 << 40
"""No limit: what a file may weigh is for whoever opens it to say."""
XML_LIMITS: Final = Limits(bytes_max=MANY, faults_max=MANY, repairs_max=MANY)

_XML: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")
_Told = TypeVar("_Told", Repair, Fault)
_XML_EVENT: Final = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(/?)(?:[\w.-]+:)?"
    rb"(ObjectEvent|AggregationEvent|AssociationEvent|TransactionEvent|TransformationEvent|QuantityEvent)(?=[\s/>])",
    re.DOTALL,
)


class Sifted(msgspec.Struct, kw_only=True):
    """One event of a file: its number from 1, what it says, what was put right.

    Without `event` it was set aside, and `faults` say why. `original` is its text as it stands in the file, empty
    where it cannot be told. One that is the same as another has `same_as`, its number, and needs no place of its own.
    """

    number: int
    event: AnyEvent | None
    repairs: list[Repair] = []
    faults: list[Fault] = []
    original: bytes = b""
    same_as: int = 0

    @property
    def is_repaired(self) -> bool:
        """Whether anything in it was put right; an event may lack an ID."""
        return any(one.kind != "id" for one in self.repairs)


class Events(Protocol):
    """The events of a file. What is said of the document is complete when they are over.

    `withdrawn`: events that came out as right and are set aside after all. `is_void`: something is wrong with the
    document that takes all its events with it. `count`: how many came out so far.
    """

    repairs: list[Repair]
    faults: list[Fault]
    vocabularies: list[Vocabulary]
    withdrawn: dict[int, Fault]
    is_void: bool
    count: int

    def __iter__(self) -> Iterator[Sifted]:
        """Every event, in the order of the file."""
        ...


def is_xml(content: bytes) -> bool:
    """Whether a file begins as XML does."""
    return _XML.match(content) is not None


def events_of_xml(reader: XmlReader, content: bytes) -> Iterator[Sifted]:
    """Every event of a document, those too that could not be read; what was told of them is taken off the reader.

    Raises Refused for what is hostile, no EPCIS, or breaks off, after the events before.
    """
    texts, broken = _texts(content), None
    last: tuple[int, AnyEvent | None] = (0, None)
    try:
        for number, event in reader:  # which tells the repairs of an event when it goes on to the next
            yield from _told(reader, texts, last, number)
            last = number, event
    except Refused as refused:
        broken = refused
    yield from _told(reader, texts, last, reader.reading.count + 1)
    if broken is not None:
        raise broken


def _told(reader: XmlReader, texts: Iterator[bytes], last: tuple[int, AnyEvent | None], until: int) -> Iterator[Sifted]:
    """The last event that was read, and those after it that could not be."""
    first, event = last
    for number in range(max(1, first), until):
        yield Sifted(
            number=number,
            event=event if number == first else None,
            repairs=_taken(reader.reading.repairs, number),
            faults=_taken(reader.reading.faults, number),
            original=next(texts, b""),
        )


def _taken(told: list[_Told], number: int) -> list[_Told]:
    """What was told of one event, taken off the list."""
    found = [one for one in told if one.event == number]
    told[:] = [one for one in told if one.event != number]
    return found


def _texts(xml: bytes) -> Iterator[bytes]:
    """The text of each event of a well-formed document."""
    start, name = -1, b""
    for found in _XML_EVENT.finditer(xml):
        if found[2] is None:
            continue
        if not found[1] and start < 0:
            start, name = found.start(), found[2]
        elif found[1] and found[2] == name and start >= 0:
            yield xml[start : xml.find(b">", found.end()) + 1]
            start = -1
