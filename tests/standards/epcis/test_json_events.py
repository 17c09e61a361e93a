"""One event in JSON: what is read, what is refused in which words, and that writing gives it back."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from sogdia.standards.epcis.faults import Refused
from sogdia.standards.epcis.model import AnyEvent, ObjectEvent
from sogdia.standards.epcis.reading import read_event
from sogdia.standards.epcis.spelling import with_identifiers
from sogdia.standards.epcis.writing import normal, write_event
from tests.standards.epcis.events import events, plain_event

_EVENTS = events()
_SEEN: dict[str, Any] = json.loads(plain_event(7, things=2))


def _text(**changed: Any) -> bytes:
    return json.dumps({name: value for name, value in {**_SEEN, **changed}.items() if value is not ...}).encode()


def _refusal(text: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_event(text, number=3)
    return str(refused.value)


@given(event=_EVENTS)
def test_what_is_written_is_read_again(event: AnyEvent) -> None:
    assert read_event(normal(event)) == event
    assert read_event(write_event(event)) == event


@given(event=_EVENTS)
def test_writing_what_was_read_changes_no_byte(event: AnyEvent) -> None:
    text = normal(event)
    assert normal(read_event(text)) == text


def test_a_plain_event_stays_as_it_is_but_for_order() -> None:
    assert json.loads(normal(read_event(_text()))) == _SEEN


def test_an_event_with_an_empty_list_of_things_keeps_it() -> None:
    event = read_event(_text(epcList=[]))
    assert json.loads(normal(event))["epcList"] == []


def test_numbers_are_exact() -> None:
    given = _text(epcList=..., quantityList=[{"epcClass": "urn:a:b", "quantity": 0}]).replace(
        b'"quantity": 0', b'"quantity": 12345678901234567890.10'
    )
    event = read_event(given)
    assert isinstance(event, ObjectEvent)
    assert event.quantity_list[0].quantity == Decimal("12345678901234567890.10")
    assert b'"quantity":12345678901234567890.10' in normal(event)


def test_words_of_cbv_come_out_bare() -> None:
    event = read_event(_text(bizStep="https://ref.gs1.org/cbv/BizStep-shipping", disposition="cbv:Disp-in_transit"))
    assert (event.biz_step, event.disposition) == ("shipping", "in_transit")


def test_names_of_others_keep_their_order_and_their_prefixes() -> None:
    spaces = {"ex": "https://ns.example.com/", "unused": "https://unused.example.com/"}
    event = read_event(_text(**{"@context": spaces, "ex:b": 1, "ex:a": {"ex:c": None}}))
    assert list(event.extensions.items()) == [("ex:b", 1), ("ex:a", {"ex:c": None})]
    assert event.context == {"ex": "https://ns.example.com/"}


def test_a_name_written_in_full_gets_a_prefix() -> None:
    spaces = {"ex": "https://ns.example.com/a/"}
    names = {"https://ns.example.com/a/own": 1, "https://other.example.com/b#own": 2}
    event = read_event(_text(**{"@context": spaces, "ex:x": 0, **names}))
    assert event.extensions == {"ex:x": 0, "ex:own": 1, "ns1:own": 2}
    assert event.context == {"ex": "https://ns.example.com/a/", "ns1": "https://other.example.com/b#"}
    assert read_event(normal(event)) == event


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"eventTime": "2026-05-28"}, 'event 3, eventTime: "2026-05-28" is no time with a zone; write it like 2026-05'),
        ({"eventTime": ...}, "event 3, eventTime: is missing; add it"),
        ({"epcList": ["urn:a:b", "no"]}, 'event 3, epcList[2]: "no" is no URI; write one like'),
        ({"epcList": ["urn:a:b", "urn:a:b"]}, 'epcList: "urn:a:b" stands there twice; name each once'),
        ({"epcList": ...}, "epcList: is missing; add epcList, quantityList, or sensorElementList with readPoint"),
        ({"bizStep": "selling"}, 'bizStep: "selling" is no word of CBV; write a word of CBV, or a URI'),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}, "is not how JSON says it; write shipping"),
        ({"bizStep": None}, "bizStep: null is no text"),
        ({"ilmd": {}}, "ilmd: {} does not go with action OBSERVE; leave it out, or write action ADD"),
        ({"own": 1}, "own: 1 is no field of the standard; give it a prefix that @context declares"),
        ({"ex:own": 1}, 'ex:own: "ex:own" has a prefix that is not declared; add "ex" and its namespace to @context'),
        ({"*": {"ex:own": 1}}, '*: {"ex:own":1} is no field of the standard'),
        ({"eventTimeZoneOffset": "+14:01"}, "write it like +08:00, from -14:00 to +14:00"),
        ({"action": "SEEN"}, "write OBSERVE, ADD, DELETE"),
        ({"type": "SaleEvent"}, "is no type of event that is read; write one of ObjectEvent, AggregationEvent"),
        ({"type": [1]}, "is no type of event that is read"),
        ({"readPoint": {"id": "urn:a:b", "name": "x"}}, "readPoint.name: "),
        ({"quantityList": [{"epcClass": "urn:a:b", "quantity": "5"}]}, '[1].quantity: "5" is no number; write it wit'),
        ({"gs1:a": {"@context": {}}}, "gs1:a.@context: is not read in the middle of an event"),
        ({"gs1:a": "\0"}, "contains the character NUL"),
    ],
)
def test_a_fault_names_event_field_value_and_remedy(changed: dict[str, Any], words: str) -> None:
    assert words in _refusal(_text(**changed))


def test_all_faults_of_an_event_are_told_at_once() -> None:
    sentence = _refusal(_text(eventTime="x", action="y", bizStep="z"))
    assert [line.split(":")[0] for line in sentence.splitlines()] == [
        "event 3, eventTime",
        "event 3, action",
        "event 3, bizStep",
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b"null",
        b'"ObjectEvent"',
        b"\xff\xfe{",
        b'{"type":"\xff"}',
        b'{"type":"\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"type":"ObjectEvent","gs1:a":' + b"9" * 5_000 + b"}",
        b'{"type":"ObjectEvent","gs1:a":1.' + b"9" * 5_000 + b"}",
        b'{"type":"ObjectEvent","gs1:a":1e99999999999999999999}',
        b'{"type":"ObjectEvent","quantityList":[{"quantity":1e99999999999999999999}]}',
        _text(quantityList=[{"epcClass": "urn:a:b", "quantity": 0}]).replace(b'ty": 0', b'ty": NaN'),
        _text(quantityList=[{"epcClass": "urn:a:b", "quantity": 0}]).replace(b'ty": 0', b'ty": ' + b"1" * 70),
        _text(**{"gs1:a": json.loads("[" * 30 + "]" * 30)}),
    ],
    ids=lambda text: str(text[:40]),
)
def test_hostile_bytes_are_refused_in_words(text: bytes) -> None:
    assert "event 3" in _refusal(text)


@given(event=_EVENTS)
def test_identifiers_translated_there_and_back_are_the_same(event: AnyEvent) -> None:
    there = with_identifiers(event, lambda uri: f"urn:moved:{uri}")
    assert with_identifiers(there, lambda uri: uri.removeprefix("urn:moved:")) == event
    assert there.event_id == event.event_id
    assert there.read_point is None or there.read_point.id.startswith("urn:moved:")


def test_every_identifier_of_an_event_is_translated() -> None:
    event = read_event(_text(sourceList=[{"type": "owning_party", "source": "urn:a:b"}]))
    moved = json.loads(normal(with_identifiers(event, lambda _: "urn:moved:1")))
    kept = json.loads(normal(event))
    assert {name for name in kept if moved[name] != kept[name]} == {
        "epcList",
        "readPoint",
        "bizTransactionList",
        "sourceList",
    }
