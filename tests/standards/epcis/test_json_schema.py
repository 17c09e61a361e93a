"""GS1's JSON Schema and our rules come to the same verdict, on events that are right and on events bent at random."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sogdia.standards.epcis import vocabulary
from sogdia.standards.epcis.documents import read_document
from sogdia.standards.epcis.event_rules import judge
from sogdia.standards.epcis.model import AnyEvent, Document
from sogdia.standards.epcis.reading import plain_json
from sogdia.standards.epcis.writing import write_document, write_event
from tests.standards.epcis.events import NAMESPACES, documents, events
from tests.standards.epcis.gs1_files import gs1_schema, gs1_verdict, needs_gs1_files

pytestmark = needs_gs1_files
Verdict = Callable[[Any], bool]
_STEADY = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))

_PLACES_OF_WORDS: dict[vocabulary.Kind, str] = {
    "bizStep": "bizStep",
    "disposition": "disposition",
    "bizTransaction": "bizTransaction-type",
    "sourceDestination": "source-dest-type",
    "errorReason": "error-reason",
    "measurement": "measurementType",
    "component": "component",
    "alert": "sensorAlertType",
}
_ODD: list[Any] = [
    None,
    True,
    0,
    -1.5,
    "1.5",
    "",
    "a",
    "a b:c",
    "http://[x",
    "ex:thing",
    "shipping",
    "active",
    "urn:epcglobal:cbv:bizstep:shipping",
    "https://ref.gs1.org/cbv/BizStep-shipping",
    "https://ref.gs1.org/cbv/Disp-active",
    "https://ns.gs1.org/cbv/BizStep-shipping",
    "https://gs1.org/voc/Temperature",
    "gs1:Temperature",
    "2026-05-28T20:33:31Z",
    "2016-12-31T23:59:60Z",
    "2026-02-30T20:33:31Z",
    "+14:01",
    "-14:00",
    "ADD",
    "OBSERVE",
    "DELETE",
    "KGM",
    "kg",
    [],
    {},
    [{}],
    ["urn:a:b", "urn:a:b"],
    ["urn:a:b", 1],
    {"id": "urn:a:b"},
    {"set": []},
    {"set": ["active"], "unset": []},
]
_NAMES = """
    ex:own x-y.1:own https://other.example.com/name own ilmd action parentID * uom quantity set epcList childEPCs
    transformationID sensorReport value id type reason
""".split()
_EVENTS = events()


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return gs1_verdict()


def test_the_words_are_those_of_the_schema() -> None:
    definitions = gs1_schema()["definitions"]
    for kind, name in _PLACES_OF_WORDS.items():
        assert vocabulary.WORDS[kind] == set(definitions[name]["anyOf"][1]["enum"])


@_STEADY
@given(event=_EVENTS)
def test_each_event_written_is_right_by_the_schema(verdict: Verdict, event: AnyEvent) -> None:
    assert verdict(json.loads(write_event(event)))


@settings(_STEADY, max_examples=50)
@given(document=documents(), query=st.sampled_from(["", "SimpleEventQuery"]))
def test_each_document_written_is_right_by_the_schema(verdict: Verdict, document: Document, query: str) -> None:
    written = Document(
        creation_date=document.creation_date,
        events=document.events,
        vocabularies=document.vocabularies,
        query_name=query,
    )
    assert verdict(json.loads(write_document(written)))


def _holders(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Objects and lists of the standard in an event, with the way to them; not what others added."""
    if isinstance(value, dict | list):
        yield value, at
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("@context", "ilmd") and ":" not in name:
                yield from _holders(inner, (*at, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _holders(inner, at)


@st.composite
def _bent(draw: st.DrawFn) -> dict[str, Any]:
    """A right event with one to three things done to it."""
    value: dict[str, Any] = plain_json(write_event(draw(_EVENTS)))
    value["@context"] = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", NAMESPACES]
    for _ in range(draw(st.integers(1, 3))):
        holder, at = draw(st.sampled_from(list(_holders(value))))
        keys = [key for key in (holder if isinstance(holder, dict) else range(len(holder))) if key != "@context"]
        match draw(st.sampled_from(["change", "change", "drop", "name", "twice"])):
            case "change" if keys:
                holder[draw(st.sampled_from(keys))] = deepcopy(draw(st.sampled_from(_ODD)))
            case "drop" if keys:
                del holder[draw(st.sampled_from(keys))]
            case "name" if isinstance(holder, dict):
                known = _NAMES if not at or at[-1] not in ("readPoint", "bizLocation") else _NAMES[:3]
                holder[draw(st.sampled_from(known))] = deepcopy(draw(st.sampled_from(_ODD)))
            case "twice" if keys and isinstance(holder, list):
                holder.append(deepcopy(holder[draw(st.sampled_from(keys))]))
    return value


def _as_text(value: Any) -> str:
    return json.dumps(value, default=float)


@settings(_STEADY, max_examples=500)
@given(value=_bent(), escaped=st.booleans())
def test_of_a_bent_event_we_think_as_the_schema_does(verdict: Verdict, value: dict[str, Any], escaped: bool) -> None:
    text = json.dumps(value, default=float, ensure_ascii=escaped).encode()
    reading = read_document(text)
    expected = verdict(json.loads(text)) and _is_one_of_the_five(value)
    assert reading.is_right == expected, [fault.sentence for fault in reading.faults]


@settings(_STEADY, max_examples=500)
@given(value=_bent())
def test_the_quick_look_passes_nothing_that_the_rules_refuse(value: dict[str, Any]) -> None:
    text = json.dumps(value, default=float, ensure_ascii=False).encode()
    assert read_document(text).is_right == (not judge(plain_json(text)))


def _is_one_of_the_five(value: dict[str, Any]) -> bool:
    """We read only events of the standard's types; the schema lets others pass unread."""
    kind = value.get("type")
    return isinstance(kind, str) and kind.endswith("Event") and ":" not in kind


_CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
_FRAME = {"@context": _CONTEXT, "schemaVersion": "2.0", "creationDate": "2026-05-28T20:33:31Z"}
_LIST: dict[str, Any] = {"eventList": []}
_RESULTS = {"queryName": "q", "resultsBody": _LIST}
_PLACES = {"type": "urn:epcglobal:epcis:vtype:ReadPoint"}


def _document(**changed: Any) -> dict[str, Any]:
    return {"type": "EPCISDocument", **_FRAME, "epcisBody": _LIST, **changed}


def _answer(results: Any = _RESULTS, **changed: Any) -> dict[str, Any]:
    return {"type": "EPCISQueryDocument", **_FRAME, "epcisBody": {"queryResults": results}, **changed}


def _described(*kinds: Any) -> dict[str, Any]:
    return _document(epcisHeader={"epcisMasterData": {"vocabularyList": list(kinds)}})


@pytest.mark.parametrize(
    "given_value",
    [
        _document(),
        _document(creationDate="yesterday"),
        _document(schemaVersion="two"),
        _document(schemaVersion=2.0),
        _document(id="urn:uuid:1", sender="a", receiver="b", instanceIdentifier="c"),
        _document(id="no"),
        _document(sender=5),
        _document(epcisBody=[]),
        _document(epcisBody={}),
        _document(epcisBody={"eventList": {}}),
        _document(epcisBody={"eventList": [1]}),
        _document(epcisBody={"eventList": [{}]}),
        _document(epcisHeader={}),
        _document(epcisHeader=[]),
        _document(epcisHeader={"other": 1}),
        _document(epcisHeader={"epcisMasterData": 1}),
        _document(**{"gs1:own": 1}),
        _document(own=1),
        _described(),
        _described(_PLACES),
        _described({}),
        _described({**_PLACES, "vocabularyElementList": [{"id": "urn:a:b"}]}),
        _described({**_PLACES, "vocabularyElementList": [{"id": "b"}]}),
        _described({**_PLACES, "vocabularyElementList": [{"id": "urn:a:b", "children": ["x"]}]}),
        _described({**_PLACES, "vocabularyElementList": [{"id": "urn:a:b", "attributes": [{"id": "urn:a:c"}]}]}),
        *(
            _described(
                {
                    **_PLACES,
                    "vocabularyElementList": [{"id": "urn:a:b", "attributes": [{"id": "urn:a:c", "attribute": value}]}],
                }
            )
            for value in ("x", 1.5, {"a": 1}, [1], True, None)
        ),
        _answer(),
        _answer(creationDate="x"),
        _answer(sender="x"),
        _answer({"queryName": "q"}),
        _answer({"resultsBody": _LIST}),
        _answer({**_RESULTS, "subscriptionID": 5}),
        _answer({**_RESULTS, "own": 5}),
        _answer({**_RESULTS, "gs1:own": 5}),
        _answer({**_RESULTS, "resultsBody": {**_LIST, "vocabularyList": [_PLACES]}}),
        _answer({**_RESULTS, "resultsBody": {**_LIST, "vocabularyList": [{}]}}),
        _answer({**_RESULTS, "resultsBody": {**_LIST, "own": 5}}),
        _answer({**_RESULTS, "resultsBody": 5}),
        _answer([]),
        _answer(epcisBody={"own": 1}),
        *({name: value for name, value in _document().items() if name != left_out} for left_out in _document()),
        *({name: value for name, value in _answer().items() if name != left_out} for left_out in _answer()),
    ],
    ids=_as_text,
)
def test_of_a_document_we_think_as_the_schema_does(verdict: Verdict, given_value: dict[str, Any]) -> None:
    reading = read_document(_as_text(given_value).encode())
    assert reading.is_right == verdict(given_value), [fault.sentence for fault in reading.faults]
