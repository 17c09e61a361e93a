"""A document of XML taken apart while it is parsed: events and master data in their order, each freed when it is read.

Memory holds the bytes, one part of the document and what is said of its parts, however long the document is.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from lxml import etree

from sogdia.standards.epcis.faults import Fault, Refused, shown
from sogdia.standards.epcis.xml.kinds import KINDS, QUANTITY_EVENT
from sogdia.standards.epcis.xml.names import EPCIS, local, tag_of
from sogdia.standards.safe_xml import PARSER, danger_of


class Limits(msgspec.Struct, frozen=True):
    """How much one document may weigh; `part_bytes_max` is for one event or one element of master data."""

    bytes_max: int = 128 * 1024 * 1024
    part_bytes_max: int = 4 * 1024 * 1024
    prefixes_max: int = 64
    faults_max: int = 1_000
    repairs_max: int = 10_000


LIMITS: Final = Limits()
EVENTS: Final = (*KINDS, QUANTITY_EVENT)
_CHUNK_BYTES: Final = 64 * 1024
_WATCHED: Final = [f"{{*}}{name}" for name in (*EVENTS, "EventList", "Vocabulary", "VocabularyElement")]
ATTRIBUTES_LIMIT: Final = 200
"""Most attributes of an element; lxml takes a time to list them that grows with their square."""
_CROWDED: Final = etree.XPath(f"boolean(descendant-or-self::*[count(@*) > {ATTRIBUTES_LIMIT}])")
_MASTER_DATA: Final = ["EPCISMasterData", "extension", "EPCISHeader"]


def refusal(field: str, value: object, wrong: str, remedy: str) -> Refused:
    """The exception for a document that cannot be read at all."""
    return Refused((Fault(0, field, "" if value is None else shown(value), wrong, remedy),))


def root_of(xml: bytes, limits: Limits) -> etree._Element:
    """The root without what is in it. Raises Refused for bytes that must not be parsed or do not begin as XML."""
    danger = danger_of(xml, limits.bytes_max, limits.prefixes_max)
    if danger is not None:
        raise refusal("", None, danger.words, "send an ordinary document in UTF-8, in parts if it is large")
    parser = etree.XMLPullParser(events=("start",), **PARSER)
    for chunk in _chunks(xml):
        _feed(parser, chunk)
        for _, element in parser.read_events():
            return element
    raise refusal("", None, "is empty or ends before its first element", "send the whole document")


class Parts:
    """Starts and ends of lists and parts in the order of the document, which say `freed` when they are done with one.

    What is between two calls of `freed` is held in memory, and at most `part_bytes_max` bytes long.
    """

    def __init__(self, xml: bytes, limits: Limits) -> None:
        """Nothing is parsed yet."""
        self._xml, self._limits = xml, limits
        self._held_bytes = 0

    def freed(self) -> None:
        """The part that was told last is no longer held."""
        self._held_bytes = 0

    def __iter__(self) -> Iterator[tuple[str, etree._Element]]:
        """`"start"` or `"end"`, and the element. Raises Refused where the document is not well formed."""
        parser = etree.XMLPullParser(
            events=("start", "end"), tag=_WATCHED, remove_comments=True, remove_pis=True, **PARSER
        )
        for chunk in _chunks(self._xml):
            _feed(parser, chunk)
            self._held_bytes += len(chunk)
            yield from parser.read_events()
            if self._held_bytes > self._limits.part_bytes_max:
                wrong = f"has an event or header of more than {self._limits.part_bytes_max} bytes"
                raise refusal("", None, wrong, "send less in one event")
        _close(parser)
        yield from parser.read_events()


def _chunks(xml: bytes) -> Iterator[bytes]:
    for start in range(0, len(xml), _CHUNK_BYTES):
        yield xml[start : start + _CHUNK_BYTES]


def _feed(parser: etree.XMLPullParser, chunk: bytes) -> None:
    try:
        parser.feed(chunk)
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None


def _close(parser: etree.XMLPullParser) -> None:
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None


def _malformed(error: etree.XMLSyntaxError) -> Refused:
    return refusal(f"line {error.lineno or 1}", None, f"is not well-formed XML: {error.msg}", "correct it there")


def is_list_of_events(element: etree._Element) -> bool:
    """Whether an `EventList` stands where the standard has it, and not within what others added."""
    return _holders(element) in (["EPCISBody"], ["resultsBody", "QueryResults", "EPCISBody"])


def is_of_master_data(element: etree._Element) -> bool:
    """Whether a `Vocabulary` stands where the standard has it."""
    return _holders(element) in (
        ["VocabularyList", *_MASTER_DATA],
        ["VocabularyList", "EPCISBody"],
        ["VocabularyList", "resultsBody", "QueryResults", "EPCISBody"],
    )


def _holders(element: etree._Element) -> list[str]:
    """Names of what an element stands in, from within, without the root."""
    return [local(tag_of(holder)) for holder in element.iterancestors()][:-1]


def in_list(element: etree._Element) -> tuple[etree._Element, etree._Element | None]:
    """The part of a list that an element stands in, and the list: `extension` may stand between."""
    top, holder = element, element.getparent()
    while holder is not None and holder.tag in ("extension", *_SLOPPY):
        top, holder = holder, holder.getparent()
    return top, holder


def is_crowded(part: etree._Element) -> bool:
    """Whether an element of a part has more than ATTRIBUTES_LIMIT attributes."""
    return bool(_CROWDED(part))


def is_sloppy(tag: str) -> bool:
    """Whether a name has the namespace of EPCIS, which only the root has by the standard."""
    return tag.startswith(("{urn:epcglobal:epcis:xsd:", "{urn:epcglobal:epcis-query:xsd:"))


_SLOPPY: Final = tuple(f"{{{namespace}}}extension" for namespace in EPCIS.values())
