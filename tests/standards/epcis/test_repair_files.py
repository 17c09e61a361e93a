"""However a sloppy file is put together, its events are found; the same event twice is taken once, never guessed at."""

import json
from typing import Any

import pytest

from sogdia.standards.epcis.contexts import STANDARD_CONTEXT
from sogdia.standards.epcis.repairing.keys import Role, repaired_key
from sogdia.standards.epcis.repairing.sifting import Sifted, Sifter, sift
from sogdia.standards.epcis.repairing.told import Tolerance, zone_of
from sogdia.standards.gs1.errors import BadIdentifier
from tests.standards.epcis.xml_samples import OBSERVED, sheet

LINK = "https://id.gs1.org/01/09506000134352"


WITH_THING = """<ObjectEvent><eventTime>2026-05-28T20:33:31Z</eventTime>
<eventTimeZoneOffset>+08:00</eventTimeZoneOffset><epcList>%s</epcList><action>OBSERVE</action></ObjectEvent>"""


def event(**fields: Any) -> dict[str, Any]:
    made = {
        "type": "ObjectEvent",
        "eventTime": "2026-05-28T20:33:31+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "epcList": [f"{LINK}/21/A1"],
        **fields,
    }
    return {name: value for name, value in made.items() if value is not None}


def other(**fields: Any) -> dict[str, Any]:
    return event(epcList=[f"{LINK}/21/A2"], **fields)


def sifted(content: bytes | Any, zone: str = "") -> tuple[Sifter, list[Sifted]]:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return sift(text, Tolerance(zone=zone_of(zone) if zone else None), lambda text: f"urn:x:{hash(text)}")


def document(events: Any, **fields: Any) -> dict[str, Any]:
    return {"@context": STANDARD_CONTEXT, "type": "EPCISDocument", "epcisBody": {"eventList": events}, **fields}


TWO = [event(), other()]
LINES = "\n".join(map(json.dumps, TWO)).encode()
FORMS: dict[str, Any] = {
    "document": document(TWO),
    "list": TWO,
    "lines": LINES,
    "lines with marks": b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n\r\n\xef\xbb\xbf"),
    "documents on lines": "\n".join(json.dumps(document([one])) for one in TWO).encode(),
    "UTF-16": json.dumps(document(TWO)).encode("utf-16"),
    "names of 1.x": {"EPCISBody": {"EventList": TWO}, "schemaVersion": 1.2},
    "XML as JSON": {"epcis:EPCISDocument": {"EPCISBody": {"EventList": {"ObjectEvent": TWO}}}},
    "no body": {"eventList": TWO},
    "answer": {"epcisBody": {"queryResults": {"resultsBody": {"eventList": TWO}}}},
    "no head": {"epcisBody": {"eventList": TWO}},
}


@pytest.mark.parametrize("form", FORMS)
def test_events_are_found_however_the_file_is_put_together(form: str) -> None:
    sifter, found = sifted(FORMS[form])
    assert sifter.faults == []
    assert [one.event.epc_list[0][-2:] for one in found] == ["A1", "A2"]  # type: ignore[union-attr]
    assert (form == "document") == (sifter.repairs == [])
    assert all(repair.kind == "document" and repair.event == 0 for repair in sifter.repairs)


@pytest.mark.parametrize("alone", [event(), document(event()), document({"ObjectEvent": event(type=None)})])
def test_one_event_alone_is_a_list_of_one(alone: Any) -> None:
    assert len(sifted(alone)[1]) == 1


@pytest.mark.parametrize(
    "text", [b"", b"[", b"hello", b'{"type":', b"\xff\xfe\x00", b"null", b"7", b"[{}", b"<a>", b"<"]
)
def test_what_is_no_file_of_events_is_said_and_never_raises(text: bytes) -> None:
    sifter, found = sifted(text)
    assert [one.event for one in found] == [None] * len(found)
    assert sifter.faults or found[0].faults


def test_a_broken_line_costs_itself_and_its_text_is_kept() -> None:
    broken = b'{"type": "ObjectEvent", "epcList": ['
    _, found = sifted(LINES + b"\n" + broken + b"\n" + json.dumps(event(bizStep="shipping")).encode())
    assert [one.event is None for one in found] == [False, False, True, False]
    assert (found[2].number, found[2].original) == (3, broken)
    assert found[2].faults[0].event == 3


def test_prefixes_of_the_document_hold_and_a_context_that_means_otherwise_costs_all() -> None:
    named = document([event(**{"ex:batch": 7})])
    assert sifted(named)[1][0].faults[0].field == "ex:batch"
    named["@context"] = [STANDARD_CONTEXT, {"ex": "https://ns.example.com/"}]
    assert sifted(named)[1][0].event.context == {"ex": "https://ns.example.com/"}  # type: ignore[union-attr]
    named["@context"] = {"epcList": "https://ns.example.com/"}
    sifter, found = sifted(named)
    assert (found, sifter.faults[0].field) == ([], "@context.epcList")


def test_a_field_under_two_names_counts_where_one_says_nothing_or_both_the_same() -> None:
    time = event()["eventTime"]
    both = [event(eventTime=None, EventTime=time), {"EventTime": None, **event()}, event(event_time=time)]
    assert all(one.event is not None or one.same_as for one in sifted(both)[1])
    assert sifted([event(event_time="2026-05-29T20:33:31+08:00")])[1][0].faults[0].field == "eventTime"


def test_the_same_event_twice_is_taken_once_and_told() -> None:
    _, found = sifted([event(), other(), event(), event(eventID="urn:x:1"), event(eventID="urn:x:1", action="observe")])
    assert [(one.event is not None, one.same_as) for one in found] == [
        (True, 0),
        (True, 0),
        (False, 1),
        (True, 0),
        (False, 4),
    ]
    assert found[2].repairs[-1].kind == "duplicate"
    assert not any(one.faults for one in found)


def test_of_two_events_with_one_id_that_say_different_things_neither_is_taken() -> None:
    _, found = sifted([event(eventID="urn:x:1"), other(eventID="urn:x:1"), other(eventID="urn:x:2")])
    assert [one.event is None for one in found] == [True, True, False]
    assert [one.faults[0].sentence.partition(";")[0] for one in found[:2]] == [
        "event 1, eventID: urn:x:1 stands in event 2 too, which says something else",
        "event 2, eventID: urn:x:1 stands in event 1 too, which says something else",
    ]


def test_so_much_of_a_class_may_have_gone_by_twice_and_that_is_not_guessed() -> None:
    amount = event(epcList=None, quantityList=[{"epcClass": f"{LINK}/10/L1", "quantity": 5}])
    _, found = sifted([amount, amount])
    assert [one.event is None for one in found] == [False, True]
    assert "says what event 1 says, and has no ID" in found[1].faults[0].sentence


def test_element_strings_of_xml_are_read_and_wrong_ones_set_aside() -> None:
    epc = "<epc>(01)9506000134352(21)A1</epc>"
    _, found = sift(sheet(WITH_THING % epc + WITH_THING % epc.replace("352", "353")))
    assert found[0].event.epc_list == (f"{LINK}/21/A1",)  # type: ignore[union-attr]
    assert [one.kind for one in found[0].repairs] == ["key"]
    assert found[1].event is None
    assert b"(01)9506000134353" in found[1].original


def test_xml_is_put_right_by_the_same_rules() -> None:
    good = OBSERVED % ""
    changes = {"+08:00</eventTimeZoneOffset>": "+8</eventTimeZoneOffset>"}
    sloppy = good
    for old, new in changes.items():
        assert old in sloppy
        sloppy = sloppy.replace(old, new)
    hopeless = good.replace("<eventTime>", "<eventTime>about ")
    text = sheet(sloppy + hopeless + good)
    sifter, found = sift(text, Tolerance())
    assert [one.event is None for one in found] == [False, True, False]
    assert [(one.kind, one.new) for one in found[0].repairs] == [("offset", "+08:00")]
    assert found[1].original.startswith(b"<ObjectEvent")
    assert b"about" in found[1].original
    assert found[1].faults[0].event == 2
    assert sifter.faults == []


@pytest.mark.parametrize(
    "text, role, read_as",
    [
        ("(01)9506000134352(21)A1", "thing", f"{LINK}/21/A1"),
        ("(01)09506000134352(21)A1(10)L1(17)261231", "thing", f"{LINK}/10/L1/21/A1?17=261231"),
        ("(00)395060001343520001", "thing", "https://id.gs1.org/00/395060001343520001"),
        ("(414)9506000138602(254)12", "place", "https://id.gs1.org/414/9506000138602/254/12"),
        ("395060001343520001", "thing", "https://id.gs1.org/00/395060001343520001"),
        ("9506000138602", "place", "https://id.gs1.org/414/9506000138602"),
        ("9506000138602", "party", "https://id.gs1.org/417/9506000138602"),
        (
            "https://shop.example.com/x/01/9506000134352/21/A?q=1",
            "thing",
            "https://shop.example.com/x/01/09506000134352/21/A?q=1",
        ),
        ("https://example.com/2024/01/12345678/news", "other", "https://example.com/2024/01/12345678/news"),
    ],
)
def test_identifiers_are_read_where_they_leave_no_doubt(text: str, role: Role, read_as: str) -> None:
    assert repaired_key(text, role) == read_as


@pytest.mark.parametrize(
    "text, role",
    [
        ("(01)09506000134353(21)A1", "thing"),
        ("(21)A1(01)09506000134352", "thing"),
        ("(01)09506000134352(21)A1(21)A2", "thing"),
        ("(01)09506000134352(00)395060001343520001", "thing"),
        ("(01)09506000134352(21)", "thing"),
        ("(01)09506000134352(99", "thing"),
        ("9506000138603", "place"),
        ("9506000138602", "thing"),
        ("09506000134352", "class"),
        ("395060001343520001", "other"),
    ],
)
def test_identifiers_in_doubt_are_refused(text: str, role: Role) -> None:
    with pytest.raises(BadIdentifier):
        repaired_key(text, role)
