"""JSON documents of EPCIS 2.0, read event by event: a bad event is told with its number, the good ones are kept.

Taken are EPCISDocument, EPCISQueryDocument and one event alone, as GS1's schema has them. The text is cut at its events
without reading them, so that a large document costs little more than its events.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from sogdia.domains.trace.messages import EVENT_LIMIT_BYTES
from sogdia.standards.epcis.checks import Fields, anything, judge_fields, part, shape, text, time, uri
from sogdia.standards.epcis.contexts import NONE, ContextRefused, Prefixes, read_context
from sogdia.standards.epcis.faults import Fault, Refused, shown
from sogdia.standards.epcis.master_data import VOCABULARY_LIST, read_vocabularies
from sogdia.standards.epcis.model import EVENT_TYPES, AnyEvent, Document, Vocabulary
from sogdia.standards.epcis.reading import UNREADABLE, plain_json, read_event, unreadable

_BOM: Final = b"\xef\xbb\xbf"
_VERSION: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_as_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_as_list: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode

_HEAD: Fields = {
    "@context": anything,
    "type": anything,
    "id": uri,
    "schemaVersion": shape(_VERSION, "write it like 2.0"),
    "creationDate": time,
    "epcisBody": anything,
}
_MASTER_DATA = part({"epcisMasterData": part({"vocabularyList": VOCABULARY_LIST}, is_open=True)}, is_open=True)
_DOCUMENT: Fields = {
    **_HEAD,
    **dict.fromkeys(("instanceIdentifier", "sender", "receiver"), text),
    "epcisHeader": _MASTER_DATA,
}


class Limits(msgspec.Struct, frozen=True):
    """How much is read: bytes of a document and of one event, events of a document, faults that are told."""

    document_bytes: int = 64 * 1024 * 1024
    event_bytes: int = EVENT_LIMIT_BYTES
    events: int = 100_000
    faults: int = 1_000


class Reading(msgspec.Struct, kw_only=True):
    """What a document says: good events with their numbers from 1, and the faults of the others.

    Faults with event 0 concern the document; then it has no events. `count` is the number of events in the text.
    """

    document: Document = Document()
    events: list[tuple[int, AnyEvent]] = []
    faults: list[Fault] = []
    count: int = 0

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def document_faults(self) -> list[Fault]:
        """What is wrong with the document itself."""
        return [fault for fault in self.faults if not fault.event]


def read_document(given: bytes, new_id: Callable[[], str] | None = None, limits: Limits = Limits()) -> Reading:
    """Read a document, an answer to a query or one event. Never raises for what stands in it.

    `new_id` gives an event ID (a URI such as `urn:uuid:…`) to each event that has none; without it they stay so.
    """
    if len(given) > limits.document_bytes:
        return _refused("", f"has {len(given)} bytes; at most {limits.document_bytes} are read", "send it in parts")
    content = given.removeprefix(_BOM)
    try:
        top = _as_object(content)
        kind = plain_json(top["type"]) if "type" in top else None
    except UNREADABLE as wrong:
        return Reading(faults=[unreadable(0, wrong)])
    if kind == "EPCISDocument":
        return _Document(new_id, limits).read(
            top, _DOCUMENT, ("@context", "schemaVersion", "creationDate", "epcisBody")
        )
    if kind == "EPCISQueryDocument":
        return _Document(new_id, limits).read(top, _HEAD, ("@context", "epcisBody"))
    if "@context" not in top and isinstance(kind, str) and kind in EVENT_TYPES:
        return _refused("@context", "is missing", "add the address of the standard's context")
    if "type" not in top:
        return _refused(
            "type",
            "is missing",
            f"write EPCISDocument, EPCISQueryDocument or one of {', '.join(map(str, EVENT_TYPES))}",
        )
    single = _Document(new_id, limits)
    single.read_events([content], NONE)
    return single.reading


def _refused(field: str, wrong: str, remedy: str) -> Reading:
    return Reading(faults=[Fault(0, field, "", wrong, remedy)])


class _Document:
    """One document while it is read."""

    def __init__(self, new_id: Callable[[], str] | None, limits: Limits) -> None:
        self.reading = Reading(events=[], faults=[])
        self._new_id, self._limits = new_id, limits

    def read(self, top: Mapping[str, msgspec.Raw], fields: Fields, required: tuple[str, ...]) -> Reading:
        """Read head, master data and events; with a fault of the document itself, no event."""
        try:
            head: dict[str, Any] = {
                name: None if name == "epcisBody" else plain_json(value) for name, value in top.items()
            }
        except UNREADABLE as wrong:
            return Reading(faults=[unreadable(0, wrong)])
        judge_fields(head, fields, required, "", self._told, is_open=True)
        prefixes = self._prefixes(head["@context"]) if "@context" in head else NONE
        if "epcisBody" not in top:
            return self.reading
        answer = _Answer()
        try:
            body = self._opened(top["epcisBody"], "epcisBody")
            events = (
                self._answered(body, answer)
                if head["type"] == "EPCISQueryDocument"
                else self._listed(body, "epcisBody")
            )
        except UNREADABLE as wrong:
            return Reading(faults=[unreadable(0, wrong)])
        if self.reading.faults:
            return self.reading
        self.read_events(events, prefixes)
        header = (head.get("epcisHeader") or {}).get("epcisMasterData") or {}
        self.reading.document = Document(
            schema_version=head.get("schemaVersion", "2.0"),
            creation_date=head.get("creationDate", ""),
            events=tuple(event for _, event in self.reading.events),
            vocabularies=read_vocabularies(header.get("vocabularyList", ())) + answer.vocabularies,
            context=prefixes.namespaces,
            query_name=answer.query_name,
            subscription_id=answer.subscription_id,
        )
        return self.reading

    def read_events(self, texts: list[Any], prefixes: Prefixes) -> None:
        """Read each event; what is wrong with one costs only this one."""
        reading, limits = self.reading, self._limits
        reading.count = len(texts)
        if len(texts) > limits.events:
            self._told(
                "eventList", None, f"has {len(texts)} events; at most {limits.events} are read", "send it in parts"
            )
            return
        for number, raw in enumerate(texts, 1):
            given = bytes(raw)
            try:
                if len(given) > limits.event_bytes:
                    self._too_long(number, len(given))
                event = read_event(given, prefixes, number)
            except Refused as refused:
                reading.faults += refused.faults[: max(0, limits.faults - len(reading.faults))] or refused.faults[:1]
                continue
            if event.event_id is None and self._new_id is not None:
                event = replace(event, event_id=self._new_id())
            reading.events.append((number, event))

    def _too_long(self, number: int, size: int) -> None:
        limit = self._limits.event_bytes
        raise Refused((Fault(number, "", "", f"has {size} bytes; at most {limit} are taken", "split it in several"),))

    def _told(self, field: str, value: Any, wrong: str, remedy: str) -> None:
        if len(self.reading.faults) < self._limits.faults:
            self.reading.faults.append(Fault(0, field, "" if value is None else shown(value), wrong, remedy))

    def _prefixes(self, context: Any) -> Prefixes:
        try:
            return read_context(context)
        except ContextRefused as wrong:
            self.reading.faults.append(Fault(0, wrong.field, wrong.value, wrong.wrong, wrong.remedy))
            return NONE

    def _opened(self, raw: msgspec.Raw, at: str) -> dict[str, msgspec.Raw]:
        try:
            return _as_object(raw)
        except msgspec.ValidationError:
            self._told(at, None, "is no object", "put its fields in braces")
            return {}

    def _listed(self, owner: dict[str, msgspec.Raw], at: str) -> list[msgspec.Raw]:
        if "eventList" not in owner:
            self._told(f"{at}.eventList", None, "is missing", "add it, in square brackets")
            return []
        try:
            return _as_list(owner["eventList"])
        except msgspec.ValidationError:
            self._told(f"{at}.eventList", None, "is no list", "put the events in square brackets")
            return []

    def _answered(self, body: dict[str, msgspec.Raw], answer: "_Answer") -> list[msgspec.Raw]:
        told = self._told
        _judge_names(body, {"queryResults": anything}, ("queryResults",), "epcisBody.", told)
        results = self._opened(body.get("queryResults", msgspec.Raw(b"{}")), "epcisBody.queryResults")
        fields: Fields = {"queryName": text, "subscriptionID": text, "resultsBody": anything}
        at = "epcisBody.queryResults."
        plain: dict[str, Any] = {
            name: None if name == "resultsBody" else plain_json(value) for name, value in results.items()
        }
        judge_fields(plain, fields, ("queryName", "resultsBody"), at, told, is_open=True)
        answer.query_name, answer.subscription_id = plain.get("queryName", ""), plain.get("subscriptionID", "")
        given = self._opened(results.get("resultsBody", msgspec.Raw(b'{"eventList":[]}')), f"{at}resultsBody")
        plain = {name: None if name == "eventList" else plain_json(value) for name, value in given.items()}
        inner: Fields = {"eventList": anything, "vocabularyList": VOCABULARY_LIST}
        before = len(self.reading.faults)
        judge_fields(plain, inner, (), f"{at}resultsBody.", told, is_open=True)
        if len(self.reading.faults) == before:
            answer.vocabularies = read_vocabularies(plain.get("vocabularyList", ()))
        return self._listed(given, f"{at}resultsBody")


class _Answer(msgspec.Struct):
    query_name: str = ""
    subscription_id: str = ""
    vocabularies: tuple[Vocabulary, ...] = ()


def _judge_names(owner: dict[str, Any], fields: Fields, required: tuple[str, ...], at: str, told: Any) -> None:
    judge_fields(dict.fromkeys(owner), fields, required, at, told, is_open=True)
