"""A file gone through event by event: each comes out read and put right, or set aside with its text and the reasons.

Memory holds the file's bytes, one event, and a digest of each event's ID, however long the file is.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from sogdia.domains.trace.messages import EVENT_LIMIT_BYTES
from sogdia.standards.epcis.faults import Fault, Refused
from sogdia.standards.epcis.model import AnyEvent, TransformationEvent, Vocabulary
from sogdia.standards.epcis.repairing.event import Put, put_right
from sogdia.standards.epcis.repairing.opening import Opened
from sogdia.standards.epcis.repairing.told import Kind, Repair, Tolerance
from sogdia.standards.epcis.sifted import XML_LIMITS, Sifted, events_of_xml, is_xml
from sogdia.standards.epcis.writing import normal
from sogdia.standards.epcis.xml import XmlReader

__all__ = ["NewId", "Sifted", "Sifter", "sift"]

NewId = Callable[[bytes], str]
"""Gives an event ID, a URI, to the text of an event that has none."""

_XML_KINDS: Final[dict[str, Kind]] = {
    "eventTime": "time",
    "recordTime": "time",
    "declarationTime": "time",
    "time": "time",
    "startTime": "time",
    "endTime": "time",
    "eventTimeZoneOffset": "offset",
}


class Sifter:
    """Goes through a file once. `repairs`, `faults`, `vocabularies` of the document are complete when it is over.

    `withdrawn`: events that came out as right and whose ID a later one has too, saying something else. Which of the
    two is right nobody knows; both are set aside.
    """

    def __init__(self, content: bytes, tolerance: Tolerance = Tolerance(), new_id: NewId | None = None) -> None:
        self.repairs: list[Repair] = []
        self.faults: list[Fault] = []
        self.vocabularies: list[Vocabulary] = []
        self.withdrawn: dict[int, Fault] = {}
        self.is_void = False
        self.count = 0
        self._content, self._tolerance, self._new_id = content, tolerance, new_id
        self._seen: dict[bytes, tuple[int, bytes]] = {}

    def __iter__(self) -> Iterator[Sifted]:
        """Every event, in the order of the file."""
        found = self._of_xml() if is_xml(self._content) else self._of_json()
        for one in found:
            self.count += 1
            if one.event is not None:
                self._place(one, one.event)
            yield one

    # --- the two notations --------------------------------------------------------------------------------------------

    def _of_json(self) -> Iterator[Sifted]:
        opened = Opened(self._content)
        self.repairs, self.faults = opened.repairs, opened.faults
        self.vocabularies = opened.vocabularies
        for number, (text, prefixes, wrong) in enumerate(opened, 1):
            if wrong is not None:
                put = Put(None, [], [replace(wrong, event=number)])
            elif len(text) > EVENT_LIMIT_BYTES:
                put = Put(None, [], [_too_long(number, len(text))])
            else:
                put = put_right(text, number, self._tolerance, prefixes)
            yield Sifted(number=number, event=put.event, repairs=put.repairs, faults=put.faults, original=text)

    def _of_xml(self) -> Iterator[Sifted]:
        reader = XmlReader(self._content, None, self._tolerance, XML_LIMITS)
        try:
            for one in events_of_xml(reader, self._content):
                one.repairs = list(map(_of_kind, one.repairs))
                if one.event is not None:
                    put = put_right(normal(one.event), one.number, self._tolerance)
                    one.event, one.faults = put.event, put.faults
                    one.repairs += put.repairs
                yield one
        except Refused as refused:
            self.faults += refused.faults
        self.faults += [fault for fault in reader.reading.faults if not fault.event]
        self.repairs += [_of_kind(repair) for repair in reader.reading.repairs if not repair.event]
        self.vocabularies += reader.head.vocabularies

    # --- the same event twice -----------------------------------------------------------------------------------------

    def _place(self, one: Sifted, event: AnyEvent) -> None:
        has_id = event.event_id is not None
        text = normal(event)
        if not has_id and self._new_id is not None:
            event = one.event = replace(event, event_id=self._new_id(text))
            one.repairs.append(Repair(one.number, "eventID", "", str(event.event_id), "id"))
        if event.event_id is None:
            return
        declared = event.error_declaration.declaration_time if event.error_declaration else ""
        key, digest = sha256(f"{event.event_id}\0{declared}".encode()).digest(), sha256(text).digest()
        first, known = self._seen.setdefault(key, (one.number, digest))
        if first == one.number:
            return
        one.event = None
        if known != digest:
            self._withdraw(one, first, str(event.event_id))
        elif has_id or not _counts_pieces(event):
            one.same_as = first
            one.repairs.append(Repair(one.number, "eventID", str(event.event_id), f"event {first}", "duplicate"))
        else:
            wrong, remedy = f"says what event {first} says, and has no ID that tells them apart", "give each an eventID"
            one.faults.append(Fault(one.number, "eventID", "", wrong, remedy))

    def _withdraw(self, one: Sifted, first: int, event_id: str) -> None:
        remedy = "give each event an ID of its own"
        words = "stands in event {} too, which says something else"
        one.faults.append(Fault(one.number, "eventID", event_id, words.format(first), remedy))
        if first not in self.withdrawn:
            self.withdrawn[first] = Fault(first, "eventID", event_id, words.format(one.number), remedy)


def sift(
    content: bytes, tolerance: Tolerance = Tolerance(), new_id: NewId | None = None
) -> tuple[Sifter, list[Sifted]]:
    """A whole file at once: what was found of the document, and its events; those withdrawn are set aside already."""
    sifter = Sifter(content, tolerance, new_id)
    found = list(sifter)
    for one in found:
        if one.number in sifter.withdrawn:
            one.event = None
            one.faults.append(sifter.withdrawn[one.number])
    return sifter, found


def _counts_pieces(event: AnyEvent) -> bool:
    """Whether an event may have happened twice alike: so much of a class went by, and then as much again."""
    if isinstance(event, TransformationEvent):
        return bool(event.input_quantity_list or event.output_quantity_list)
    return bool(getattr(event, "quantity_list", ()) or getattr(event, "child_quantity_list", ()))


def _too_long(number: int, size: int) -> Fault:
    return Fault(number, "", "", f"has {size} bytes; at most {EVENT_LIMIT_BYTES} are taken", "split it in several")


def _of_kind(repair: Repair) -> Repair:
    name = repair.field.partition(" ")[0]
    if not repair.event:
        kind: Kind = "document"
    elif repair.new == "nothing":
        kind = "empty"
    elif name in _XML_KINDS:
        kind = _XML_KINDS[name]
    elif repair.old.startswith("(") or repair.old.isdigit():
        kind = "key"
    else:
        kind = "urn" if repair.new.endswith(repair.old) or name != "bizLocation" else "place"
    return replace(repair, kind=kind)
