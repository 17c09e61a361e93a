"""Documents of XML, 1.2 and 2.0, to the model.

Read are `EPCISDocument`, `EPCISQueryDocument` with results, and `EPCISMasterDataDocument`. What one event has wrong
keeps no other out. Each event is read once more as the JSON that would be signed, so that all rules of the standard
hold for it. The business header (SBDH) says who sent the file to whom, and is passed over.

Source: XSD 2.0 and 1.2.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from lxml import etree
from msgspec.structs import replace

from sogdia.domains.trace.messages import EVENT_LIMIT_BYTES
from sogdia.standards.epcis import documents
from sogdia.standards.epcis.faults import Fault, Refused
from sogdia.standards.epcis.model import AnyEvent, Document, Vocabulary, VocabularyElement
from sogdia.standards.epcis.reading import read_event as read_json
from sogdia.standards.epcis.repairing.told import Repair, Tolerance
from sogdia.standards.epcis.writing import normal
from sogdia.standards.epcis.xml import stream
from sogdia.standards.epcis.xml.events import read_event
from sogdia.standards.epcis.xml.layouts import Version
from sogdia.standards.epcis.xml.master_data import read_element
from sogdia.standards.epcis.xml.names import EPCIS, MASTER_DATA, QUERY, local, tag_of
from sogdia.standards.epcis.xml.scope import Scope, Unread, at
from sogdia.standards.epcis.xml.stream import EVENTS, LIMITS, Limits, refusal

_SPACES: Final = ((EPCIS, "EPCISDocument"), (QUERY, "EPCISQueryDocument"), (MASTER_DATA, "EPCISMasterDataDocument"))
_VERSIONS: Final[tuple[Version, ...]] = ("1.2", "2.0")
_ROOTS: Final = {f"{{{space[version]}}}{name}": version for space, name in _SPACES for version in _VERSIONS}


class Reading(documents.Reading, kw_only=True):
    """What a document says, as of JSON; its version, and what was put right: all is counted, the first is told."""

    version: Version = "2.0"
    repairs: list[Repair] = msgspec.field(default_factory=list)
    repaired: int = 0


def read(
    xml: bytes,
    new_id: Callable[[], str] | None = None,
    tolerance: Tolerance | None = None,
    limits: Limits = LIMITS,
) -> Reading:
    """Read a document or an answer to a query. Never raises for what stands in it.

    `new_id` gives an event ID to each event that has none; without it they stay so. With `tolerance` what is sloppy is
    put right, and each repair is told.
    """
    reader = XmlReader(xml, new_id, tolerance, limits)
    try:
        reader.reading.events = list(reader)
    except Refused as refused:
        return Reading(faults=list(refused.faults))
    events = tuple(event for _, event in reader.reading.events)
    reader.reading.document = replace(reader.head, events=events)
    return reader.reading


class XmlReader:
    """Walks through a document once and gives numbers and events; `head` and `reading` are complete when it is over."""

    def __init__(
        self,
        xml: bytes,
        new_id: Callable[[], str] | None = None,
        tolerance: Tolerance | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        """Nothing is read yet."""
        self.reading = Reading(faults=[], events=[], repairs=[])
        self._xml, self._new_id, self._tolerance, self._limits = xml, new_id, tolerance, limits
        self._parts = stream.Parts(xml, limits)
        self._head: dict[str, Any] = {}
        self._vocabularies: dict[str, list[VocabularyElement]] = {}
        self._list: etree._Element | None = None
        self._done: etree._Element | None = None
        self._is_sloppy = False

    @property
    def head(self) -> Document:
        """The document without its events."""
        held = tuple(Vocabulary(kind, tuple(elements)) for kind, elements in self._vocabularies.items())
        return Document(vocabularies=held, **self._head)

    def __iter__(self) -> Iterator[tuple[int, AnyEvent]]:
        """Numbers and events that could be read. Raises Refused for what is hostile, no EPCIS, or breaks off."""
        self._open(stream.root_of(self._xml, self._limits))
        for action, element in self._parts:
            if stream.is_sloppy(tag_of(element)) and (action == "end" or local(tag_of(element)) == "EventList"):
                self._put_right(element, whole=action == "end")
            name = tag_of(element)
            if name == "EventList":
                self._turn(action, element)
            elif action == "end" and name in EVENTS:
                yield from self._event(element)
            elif action == "end" and name in ("Vocabulary", "VocabularyElement"):
                self._master_data(element, name)

    def _open(self, root: etree._Element) -> None:
        tag = tag_of(root)
        if tag not in _ROOTS:
            wanted = f"{{{EPCIS['2.0']}}}EPCISDocument"
            raise refusal("the first element", tag, "is no EPCIS document of 1.2 or 2.0", f"begin with {wanted}")
        self.reading.version = _ROOTS[tag]
        self._head["schema_version"] = root.get("schemaVersion") or self.reading.version
        self._head["creation_date"] = root.get("creationDate") or ""

    def _turn(self, action: str, element: etree._Element) -> None:
        if action == "start" and stream.is_list_of_events(element):
            self._list = element
        elif element is self._list and action == "end":
            self._sweep(element, None)
            self._list = None
            self._take_names(element)

    def _take_names(self, listed: etree._Element) -> None:
        results = next(listed.iterancestors("{*}QueryResults"), None)
        if results is not None:
            self._head["query_name"] = (results.findtext("{*}queryName") or "").strip()
            self._head["subscription_id"] = (results.findtext("{*}subscriptionID") or "").strip()

    def _event(self, element: etree._Element) -> Iterator[tuple[int, AnyEvent]]:
        top, holder = stream.in_list(element)
        if self._list is None or holder is not self._list:
            return
        self._sweep(self._list, top)
        self.reading.count += 1
        scope = Scope(self.reading.count, self._tolerance)
        try:
            _require_few_attributes(element, scope)
            event = self._checked(read_event(element, scope), element)
        except Unread as unread:
            self._tell(unread.fault)
        except Refused as refused:
            for fault in refused.faults:
                self._tell(fault)
        else:
            yield self.reading.count, event
        for repair in scope.repairs:
            self._count(repair)
        element.clear()
        self._done = top
        self._parts.freed()

    def _checked(self, event: AnyEvent, element: etree._Element) -> AnyEvent:
        if event.event_id is None and self._new_id is not None:
            event = replace(event, event_id=self._new_id())
        try:
            text = normal(event)
            if len(text) > EVENT_LIMIT_BYTES:
                wrong = f"has {len(text)} bytes as JSON; at most {EVENT_LIMIT_BYTES} are taken"
                raise Refused((Fault(self.reading.count, "", "", wrong, "split it in several"),))
            return read_json(text, number=self.reading.count)
        except Refused as refused:
            line = f"in the event at line {element.sourceline}"
            told = (replace(fault, field=f"{fault.field} {line}".strip()) for fault in refused.faults)
            raise Refused(tuple(told)) from None

    def _master_data(self, element: etree._Element, name: str) -> None:
        vocabulary = element if name == "Vocabulary" else next(element.iterancestors("{*}Vocabulary"), None)
        if vocabulary is None or not stream.is_of_master_data(vocabulary):
            return
        held = self._vocabularies.setdefault((vocabulary.get("type") or "").strip(), [])
        if element is not vocabulary:
            scope = Scope(0, self._tolerance)
            try:
                _require_few_attributes(element, scope)
                held.append(read_element(element, scope))
            except Unread as unread:
                self._tell(unread.fault)
            self._head.setdefault("context", {}).update(scope.prefixes.context)
        element.clear()
        holder = element.getparent()
        while holder is not None and holder[0] is not element:
            del holder[0]
        self._parts.freed()

    def _sweep(self, holder: etree._Element, until: etree._Element | None) -> None:
        """Free what was read, and tell of what is no event."""
        while len(holder) and holder[0] is not until:
            child = holder[0]
            known = (*EVENTS, "extension")
            if child is not self._done or any(local(tag_of(one)) not in known for one in child.iter()):
                self.reading.count += 1
                self._tell(Fault(self.reading.count, at(child), "", "is no event that is read", "take it out"))
            del holder[0]

    def _put_right(self, element: etree._Element, *, whole: bool) -> None:
        tag = tag_of(element)
        if self._tolerance is None:
            wrong = "has a namespace, which by the standard only the first element has"
            raise refusal(at(element), None, wrong, "give that one a prefix, and the others none")
        if not self._is_sloppy:
            self._is_sloppy = True
            self._count(Repair(0, at(element), tag, local(tag)))
        for one in element.iter() if whole else (element,):
            if stream.is_sloppy(tag_of(one)):
                one.tag = local(tag_of(one))

    def _count(self, repair: Repair) -> None:
        self.reading.repaired += 1
        if len(self.reading.repairs) < self._limits.repairs_max:
            self.reading.repairs.append(repair)

    def _tell(self, fault: Fault) -> None:
        faults = self.reading.faults
        if len(faults) < self._limits.faults_max:
            faults.append(fault)
        elif len(faults) == self._limits.faults_max:
            faults.append(Fault(0, "", "", f"has more than {len(faults)} faults", "correct these first"))


def _require_few_attributes(element: etree._Element, scope: Scope) -> None:
    if stream.is_crowded(element):
        most = stream.ATTRIBUTES_LIMIT
        raise scope.unread(element, None, f"has more than {most} attributes in one element", "say them in elements")
