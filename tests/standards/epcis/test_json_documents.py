"""Documents in JSON: events by number, contexts that hold or are refused, master data, limits."""

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from sogdia.standards.epcis.contexts import STANDARD_CONTEXT
from sogdia.standards.epcis.documents import Limits, read_document
from sogdia.standards.epcis.model import Document
from sogdia.standards.epcis.writing import write_document
from tests.standards.epcis.events import documents, plain_event


def _document(*events: Any, context: Any = STANDARD_CONTEXT) -> bytes:
    head = {"@context": context, "schemaVersion": "2.0", "creationDate": "2026-05-28T20:33:31Z"}
    return json.dumps({"type": "EPCISDocument", **head, "epcisBody": {"eventList": list(events)}}).encode()


def _event(number: int = 1, **changed: Any) -> dict[str, Any]:
    return {**json.loads(plain_event(number, things=1)), **changed}


@given(document=documents())
def test_what_is_written_is_read_again(document: Document) -> None:
    reading = read_document(write_document(document))
    assert not reading.faults
    assert replace(reading.document, context={}) == document


@given(document=documents())
def test_the_answer_to_a_query_is_read_again(document: Document) -> None:
    answer = replace(document, query_name="SimpleEventQuery", subscription_id="nightly")
    reading = read_document(write_document(answer))
    assert not reading.faults
    assert replace(reading.document, context={}) == answer


def test_a_bad_event_costs_no_good_one() -> None:
    reading = read_document(_document(_event(1), _event(2, action="SEEN"), 5, _event(4)))
    assert [number for number, _ in reading.events] == [1, 4]
    assert [(fault.event, fault.field) for fault in reading.faults] == [(2, "action"), (3, "")]
    assert reading.count == 4


def test_an_event_alone_needs_a_context() -> None:
    assert read_document(json.dumps(_event()).encode()).document_faults[0].field == "@context"
    alone = read_document(json.dumps({"@context": STANDARD_CONTEXT, **_event()}).encode())
    assert [number for number, _ in alone.events] == [1]


def test_missing_event_ids_are_given_by_the_caller() -> None:
    unnamed = _event()
    del unnamed["eventID"]
    ids = count(1)
    reading = read_document(_document(unnamed, _event(2), unnamed), new_id=lambda: f"urn:uuid:{next(ids)}")
    assert [event.event_id for _, event in reading.events] == ["urn:uuid:1", _event(2)["eventID"], "urn:uuid:2"]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_document(b"\xef\xbb\xbf" + _document(_event())).is_right


def test_prefixes_of_event_and_document_add_up_and_the_nearer_counts() -> None:
    outer = [STANDARD_CONTEXT, {"a": "https://a.example/", "b": "https://b.example/"}, {"c": "a:deeper/"}]
    inner = {"b": "https://b.example/own#"}
    reading = read_document(_document(_event(**{"@context": inner, "a:x": 1, "b:x": 2, "c:x": 3}), context=outer))
    assert reading.events[0][1].context == {
        "a": "https://a.example/",
        "b": "https://b.example/own#",
        "c": "https://a.example/deeper/",
    }


def test_events_that_disagree_on_a_prefix_each_keep_their_own() -> None:
    events = [_event(number, **{"@context": {"ex": f"https://{number}.example/"}, "ex:a": 1}) for number in (1, 2)]
    reading = read_document(_document(*events))
    again = read_document(write_document(reading.document))
    assert again.document.events == reading.document.events
    assert {event.context["ex"] for event in again.document.events} == {"https://1.example/", "https://2.example/"}


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"type": "https://a.example/kind"}, '@context.type: "https://a.example/kind" changes a term of the standard'),
        ({"gs1": "https://a.example/"}, "changes a term of the standard, which is protected; take another prefix"),
        ({"@vocab": "https://a.example/"}, '@context.@vocab: "https://a.example/" is not read; name each vocabulary'),
        ({"own": {"@id": "https://a.example/own", "@type": "@id"}}, "defines a term, and only prefixes are read"),
        ({"own": {"@context": {}}}, "defines a term, and only prefixes are read"),
        ({"ex": "no namespace"}, "is no namespace; write a URI like https://ns.example.com/"),
        ({"my_own": "https://a.example/"}, "has a name that cannot be a prefix"),
        ([[STANDARD_CONTEXT]], "is no context"),
        ([STANDARD_CONTEXT, STANDARD_CONTEXT], "stands there twice"),
        (None, "is no context"),
        ("here", "is no web address"),
    ],
)
def test_a_context_that_is_not_read_is_refused_in_words(context: Any, words: str) -> None:
    (fault,) = read_document(_document(context=context)).document_faults
    assert words in fault.sentence
    (fault,) = read_document(_document(_event(**{"@context": context}))).faults
    assert (fault.event, words in fault.sentence) == (1, True)


@pytest.mark.parametrize(
    "context",
    [
        {"gs1": "https://gs1.org/voc/", "cbvmda": "urn:epcglobal:cbv:mda:", "id": "@id", "type": "@type"},
        {"@version": 1.1, "@protected": True},
        {"ex": {"@id": "https://a.example/", "@prefix": True}},
        "https://gs1.github.io/EPCIS/epcis-context.jsonld",
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        [],
    ],
)
def test_what_changes_nothing_may_be_said(context: Any) -> None:
    assert read_document(_document(_event(), context=context)).is_right


def test_a_context_elsewhere_is_not_fetched_and_missed_only_where_it_is_needed() -> None:
    elsewhere = [STANDARD_CONTEXT, "https://partner.example/context.jsonld"]
    assert read_document(_document(_event(), context=elsewhere)).is_right
    (fault,) = read_document(_document(_event(**{"p:a": 1}), context=elsewhere)).faults
    assert 'https://partner.example/context.jsonld is not fetched, so add "p" and its namespace' in fault.sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "is no JSON that can be read"),
        (b"[1]", "is no JSON that can be read"),
        (b'{"type":"Invoice"}', "is no type of event that is read"),
        (b'{"@context":{}}', "type: is missing; write EPCISDocument, EPCISQueryDocument or one of ObjectEvent"),
        (b'{"type":' + b"[" * 100_000, "nested too deep"),
        (b'{"type":"EPCISDocument","x":' + b"9" * 5_000 + b"}", "is no JSON that can be read"),
        (b'{"type":"EPCISDocument","epcisBody":[1]}', "epcisBody: is no object"),
    ],
)
def test_what_is_no_document_is_told(text: bytes, words: str) -> None:
    reading = read_document(text)
    assert not reading.events
    assert any(words in fault.sentence for fault in reading.faults)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(document_bytes=100), "at most 100 are read; send it in parts"),
        (Limits(events=1), "eventList: has 2 events; at most 1 are read"),
        (Limits(event_bytes=300), "event 1: has "),
    ],
)
def test_what_is_too_large_is_told(limits: Limits, words: str) -> None:
    reading = read_document(_document(_event(1), _event(2)), limits=limits)
    assert not reading.events
    assert words in reading.faults[0].sentence


def test_faults_are_told_up_to_a_number_and_at_least_one_for_each_event() -> None:
    reading = read_document(_document(*[_event(n, action=1, bizStep=2) for n in range(5)]), limits=Limits(faults=4))
    assert [fault.event for fault in reading.faults] == [1, 1, 2, 2, 3, 4, 5]


def test_parts_of_a_value_in_master_data_keep_their_names() -> None:
    value = {"street": "Road 1", "phone": ["1", "2"]}
    element = {"id": "urn:a:b", "attributes": [{"id": "urn:a:c", "attribute": value}]}
    kind = {"type": "urn:epcglobal:epcis:vtype:BusinessLocation", "vocabularyElementList": [element]}
    text = json.loads(_document())
    text["epcisHeader"] = {"epcisMasterData": {"vocabularyList": [kind]}}
    reading = read_document(json.dumps(text).encode())
    attribute = reading.document.vocabularies[0].elements[0].attributes[0]
    assert attribute.value == (("street", "Road 1"), ("phone", "1"), ("phone", "2"))
    written = json.loads(write_document(reading.document))
    assert written["epcisHeader"]["epcisMasterData"]["vocabularyList"] == [kind]
