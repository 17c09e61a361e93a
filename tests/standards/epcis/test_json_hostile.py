"""JSON that says one thing twice, hides what it says or is too much: rule and reader see one meaning, or refuse it."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.refusal import Refusal
from sogdia.domains.trace.state import head_of
from sogdia.standards.epcis.documents import read_document
from sogdia.standards.epcis.faults import Refused
from sogdia.standards.epcis.reading import read_event
from sogdia.standards.epcis.writing import normal
from sogdia.standards.epcis.xml import read as read_xml
from tests.standards.epcis.whole_events import CONTEXT, whole
from tests.standards.epcis.xml_samples import OBSERVED, sheet

REST = '"eventTime":"2026-05-28T20:33:31Z","eventTimeZoneOffset":"+08:00","action":"OBSERVE","epcList":["urn:a:b"]'
SAID = (
    ('"type":"ObjectEvent"', '"type":"TransformationEvent"', '"\\u0074ype":"ObjectEvent"'),
    ('"eventID":"urn:x:1"', '"eventID":"urn:x:2"', '"event\\u0049D":"urn:x:3"', '"eventID":"urn:x:\\u0034"'),
    (
        '"errorDeclaration":{"declarationTime":"2026-05-28T20:33:31Z"}',
        '"errorDeclaration":{"declarationTime":"2026-05-28T20:33:31Z","declarationTime":"2027-05-28T20:33:31Z"}',
        '"gs1:a":{"eventID":"urn:x:9","type":"SaleEvent"}',
        '"gs1:a":"}],\\"eventID\\":\\"urn:x:8\\""',
    ),
)


def refusal(text: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_event(text)
    return str(refused.value)


def seen(**changed: Any) -> bytes:
    return json.dumps({**json.loads(f"{{{REST}}}"), "type": "ObjectEvent", "eventID": "urn:x:1", **changed}).encode()


@given(st.permutations([said for group in SAID for said in group]), st.integers(2, 9))
def test_rule_and_reader_find_the_same_event_in_what_is_said_twice(said: list[str], count: int) -> None:
    text = ("{" + ",".join([*said[:count], REST]) + "}").encode()
    head = event = None
    try:
        head = head_of(text, 1)
        event = read_event(text)
    except (Refusal, Refused):
        pass
    if event is None:
        return
    assert head is not None, "what is read could not stand on record"
    declared = event.error_declaration.declaration_time if event.error_declaration else ""
    assert (head.type, head.event, head.declared) == (type(event).__name__, event.event_id, declared)


def both_ways(name: str, value: Any = 1) -> tuple[bytes, bytes]:
    """An event that nothing else is wrong with, and one that is looked at with more care."""
    return seen(**{name: value}), seen(**{name: value, "gs1:none": None})


@pytest.mark.parametrize(
    "name", ["gs1:a b", "gs1:é", "gs1:%zz", "gs1:<a>", "gs1:a\n", "gs1:{a}", "https://a.example/é"]
)
def test_a_name_of_others_is_a_uri_whichever_way_it_is_read(name: str) -> None:
    for text in both_ways(name):
        assert "has a name that is no URI; write signs other than letters, digits and -._~ as %XX" in refusal(text)


@pytest.mark.parametrize("inside", [{}, {"gs1:in": 1}])
def test_a_name_in_two_spellings_loses_none_of_its_values(inside: Any) -> None:
    twice = {"https://gs1.org/voc/a": 1, "gs1:a": inside}
    assert "has one name in two spellings" in refusal(seen(**twice))
    assert "gs1:own: has one name in two spellings" in refusal(seen(**{"gs1:own": twice}))
    assert "ilmd: has one name in two spellings" in refusal(seen(action="ADD", ilmd=twice))
    assert json.loads(normal(read_event(seen(**{"https://gs1.org/voc/a": inside}))))["gs1:a"] == inside


def test_names_in_a_thousand_namespaces_are_refused_and_a_hundred_are_not() -> None:
    def named(most: int) -> dict[str, int]:
        return {f"https://a.example/{number}/x": number for number in range(most)}

    assert len(read_event(seen(**{"gs1:own": named(100)})).context) == 100
    for most in (101, 1_200):
        assert "is of one namespace more than 100; declare prefixes in @context" in refusal(seen(**named(most)))
        assert "is of one namespace more than 100" in refusal(seen(**{"gs1:own": [named(most)]}))


@pytest.mark.parametrize("where", ["eventID", "bizStep", "gs1:a", "epcList"])
@pytest.mark.parametrize("sign", ["\\u0000", "\\ud800", "\\udc00\\ud800", "\ud800", "\x01", "\\x41"])
def test_signs_that_no_text_has_are_refused(where: str, sign: str) -> None:
    if where == "eventID" or where == "bizStep" or sign != "\\u0000":
        value = f'["urn:x:{sign}"]' if where == "epcList" else f'"urn:x:{sign}"'
        given_text = f'{{"type":"ObjectEvent","eventID":"urn:x:1",{REST},"{where}":{value}}}'
        assert refusal(given_text.encode(errors="surrogatepass"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "cp037"])
def test_other_encodings_than_utf_8_are_refused_but_for_its_mark(encoding: str) -> None:
    document = json.dumps(whole("AggregationEvent", **{"ex:note": "é"}), ensure_ascii=False).encode(encoding)
    reading = read_document(document)
    assert reading.is_right is (encoding == "utf-8-sig")
    assert len(reading.events) == reading.is_right


@pytest.mark.parametrize(
    "text",
    [
        seen(**{"gs1:a": "x" * 10_000_000}),
        seen(epcList=[f"urn:x:{number}" for number in range(200_000)]),
        seen(epcList=["urn:x:" + "%41" * 3_000_000]),
        seen(**{f"gs1:a{number}": 1 for number in range(300_000)}),
        seen().replace(b"urn:a:b", b"urn:a:" + b"[" * 1_000_000),
        seen().replace(b'"urn:a:b"', b"[" * 1_000_000),
        seen().replace(b'"urn:a:b"', b'{"a":' * 1_000_000),
        seen().replace(b'"urn:a:b"', b"1" * 1_000_000),
        seen(**{"@context": {f"p{number}": "https://a.example/" for number in range(100_000)}}),
        seen(**{"@context": [[]] * 100_000}),
    ],
    ids=itertools.count(),
)
def test_what_is_too_much_is_refused(text: bytes) -> None:
    reading = read_document(text.replace(b"{", f'{{"@context":"{CONTEXT}",'.encode(), 1))
    assert not reading.is_right


@pytest.mark.parametrize("number", ["1E999999999", "-1E-999999999", "1e400", "-0", "-0.0", "0.10", "9" * 60, "1.0E+2"])
def test_numbers_of_others_keep_their_value_however_large(number: str) -> None:
    event = read_event(seen(**{"gs1:a": 0}).replace(b'"gs1:a": 0', f'"gs1:a": {number}'.encode()))
    assert read_event(normal(event)) == event
    assert len(normal(event)) < 400


@pytest.mark.parametrize(
    "context",
    [
        {"type": "https://evil.example/type"},
        {"epcList": {"@id": "https://evil.example/list", "@container": "@set"}},
        {"cbv": "https://evil.example/cbv/"},
        {"gs1": None},
        {"ex": {"@id": "https://a.example/", "@prefix": True, "@protected": False}},
        {"@vocab": "https://evil.example/"},
        {"@base": "https://evil.example/"},
        {"@propagate": False},
        {"@import": "https://evil.example/context.jsonld"},
        {"ex": "gs1:../cbv/"},
        {"ex": "ex:self/"},
        {"@id": "https://evil.example/"},
        [None],
        None,
        "file:///etc/passwd\n",
    ],
    ids=json.dumps,
)
def test_a_context_gives_no_term_of_the_standard_another_meaning(context: Any) -> None:
    for text in (seen(**{"@context": context}), seen(**{"@context": [CONTEXT, context], "gs1:a": 1})):
        reading = read_document(text)
        assert all("@context" in fault.field for fault in reading.faults)
        for _, event in reading.events:
            assert set(event.context) <= {"ex"}
            assert event.context.get("ex", "") not in ("https://ref.gs1.org/cbv/", "https://gs1.org/voc/")


@pytest.mark.parametrize("inside", ['<ex:a b="%s"/>', "<ex:a>%s</ex:a>", "<!-- %s -->", "<?x %s?>", "<ex:%s/>"])
def test_ten_megabytes_in_one_place_of_xml_cost_an_event_or_the_document(inside: str) -> None:
    reading = read_xml(sheet(OBSERVED % (inside % ("x" * 10_000_000)) + OBSERVED % ""))
    assert all(len(normal(event)) < 64 * 1024 for _, event in reading.events)
    assert reading.faults or inside.startswith(("<!", "<?"))


def test_a_crowd_of_attributes_costs_its_event_alone() -> None:
    crowd = " ".join(f'a{number}="1"' for number in range(50_000))
    for inside in (
        f"<ex:a {crowd}/>",
        f"<ex:a><ex:b {crowd}/></ex:a>",
        f"<readPoint {crowd}><id>urn:a:b</id></readPoint>",
    ):
        reading = read_xml(sheet(OBSERVED % inside + OBSERVED % ""))
        assert "has more than 200 attributes in one element" in reading.faults[0].sentence
        assert [number for number, _ in reading.events] == [2]


def test_an_event_of_xml_that_is_too_long_for_the_record_is_told_when_it_is_read() -> None:
    reading = read_xml(sheet(OBSERVED % f"<ex:word>{'x' * 66_000}</ex:word>" + OBSERVED % ""))
    assert "bytes as JSON; at most 65536 are taken; split it in several" in reading.faults[0].sentence
    assert [number for number, _ in reading.events] == [2]
