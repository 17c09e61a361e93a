"""A file gone through event by event as the standard has it: nothing is put right, and a faulty document has no events.

Memory holds the file's bytes, a few hundred events, and a digest of each event's ID, however long the file is. A
document of JSON is read in slices: each is the document again with so many of its events.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final

import msgspec
from msgspec.structs import replace

from sogdia.standards.epcis.documents import Limits, read_document
from sogdia.standards.epcis.faults import Fault, Refused
from sogdia.standards.epcis.model import AnyEvent, Vocabulary
from sogdia.standards.epcis.reading import UNREADABLE, plain_json
from sogdia.standards.epcis.repairing.told import Repair
from sogdia.standards.epcis.sifted import MANY, XML_LIMITS, Sifted, events_of_xml, is_xml
from sogdia.standards.epcis.xml import XmlReader

Raws = dict[str, msgspec.Raw]

_BOM: Final = b"\xef\xbb\xbf"
_LIMITS: Final = Limits(document_bytes=MANY, events=MANY, faults=MANY)
_SLICE_EVENTS: Final = 200
_SLICE_BYTES: Final = 1 << 20
_PATHS: Final = {
    "EPCISDocument": ("epcisBody", "eventList"),
    "EPCISQueryDocument": ("epcisBody", "queryResults", "resultsBody", "eventList"),
}
_as_object: Final = msgspec.json.Decoder(Raws).decode
_as_list: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode: Final = msgspec.json.encode


class StrictEvents:
    """Goes through a file once; see `sifted.Events`. `new_id` gives a URI to each event that has no ID."""

    def __init__(self, content: bytes, new_id: Callable[[], str] | None = None) -> None:
        self.repairs: list[Repair] = []
        self.faults: list[Fault] = []
        self.vocabularies: list[Vocabulary] = []
        self.withdrawn: dict[int, Fault] = {}
        self.is_void = False
        self.count = 0
        self._content, self._new_id = content, new_id
        self._seen: set[bytes] = set()

    def __iter__(self) -> Iterator[Sifted]:
        """Every event, in the order of the file; when `is_void` is set behind them, none of them is any."""
        for one in self._of_xml() if is_xml(self._content) else self._of_json():
            self.count += 1
            if one.event is not None:
                self._require_first(one, one.event)
            yield one

    def _require_first(self, one: Sifted, event: AnyEvent) -> None:
        """Set an event aside whose ID an earlier one of the file has."""
        if event.event_id is None:
            return
        declared = event.error_declaration.declaration_time if event.error_declaration else ""
        key = sha256(f"{event.event_id}\0{declared}".encode()).digest()
        if key in self._seen:
            one.event = None
            remedy = "give each event an ID of its own"
            one.faults = [Fault(one.number, "eventID", str(event.event_id), "stands there twice", remedy)]
        self._seen.add(key)

    def _refuse(self, faults: list[Fault]) -> None:
        self.faults += faults
        self.is_void = True
        self.vocabularies.clear()

    # --- the two notations --------------------------------------------------------------------------------------------

    def _of_xml(self) -> Iterator[Sifted]:
        reader = XmlReader(self._content, self._new_id, None, XML_LIMITS)
        try:
            yield from events_of_xml(reader, self._content)
        except Refused as refused:
            self._refuse(list(refused.faults))
            return
        self.faults += reader.reading.faults
        self.vocabularies += reader.head.vocabularies

    def _of_json(self) -> Iterator[Sifted]:
        content = self._content.removeprefix(_BOM)
        cut = _cut(content)
        if cut is None:
            yield from self._read(content, [content], 0)
            return
        top, path, texts = cut
        frame = _with_events(top, path, b"")
        head = read_document(frame, None, _LIMITS)
        if head.faults:
            self._refuse(head.faults)
            return
        self.vocabularies += head.document.vocabularies
        top = _as_object(frame)  # the events would be looked through again with each slice
        top.pop("epcisHeader", None)
        start = 0
        while start < len(texts) and not self.is_void:
            some = _slice(texts, start)
            yield from self._read(_with_events(top, path, b",".join(some)), some, start)
            start += len(some)

    def _read(self, document: bytes, texts: list[bytes], before: int) -> Iterator[Sifted]:
        """The events of a document; there are so many `before` it in the file."""
        reading = read_document(document, self._new_id, _LIMITS)
        if reading.document_faults:
            self._refuse(reading.document_faults)
            return
        events = dict(reading.events)
        faults: dict[int, list[Fault]] = {}
        for fault in reading.faults:
            faults.setdefault(fault.event, []).append(replace(fault, event=fault.event + before))
        for place in range(1, reading.count + 1):
            event, wrong = events.get(place), faults.get(place, [])
            yield Sifted(number=before + place, event=event, faults=wrong, original=texts[place - 1])


def _cut(content: bytes) -> tuple[Raws, tuple[str, ...], list[msgspec.Raw]] | None:
    """A document, where its events stand in it, and their texts; None for one event, and for what cannot be cut."""
    try:
        top = _as_object(content)
        kind = plain_json(top["type"]) if "type" in top else None
        path = _PATHS.get(kind) if isinstance(kind, str) else None
        if path is None:
            return None
        here = top
        for name in path[:-1]:
            here = _as_object(here[name])
        return top, path, _as_list(here[path[-1]])
    except (*UNREADABLE, KeyError):
        return None


def _with_events(top: Raws, path: tuple[str, ...], listed: bytes) -> bytes:
    """A document with these events in place of its own."""
    name, *rest = path
    inner = _with_events(_as_object(top[name]), tuple(rest), listed) if rest else b"[" + listed + b"]"
    return _encode({**top, name: msgspec.Raw(inner)})


def _slice(texts: list[msgspec.Raw], start: int) -> list[bytes]:
    """Texts from this place on, at least one."""
    found: list[bytes] = []
    size = 0
    for raw in texts[start : start + _SLICE_EVENTS]:
        size += len(bytes(raw))
        if found and size > _SLICE_BYTES:
            break
        found.append(bytes(raw))
    return found
