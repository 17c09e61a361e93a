"""A file read strictly event by event says what the same file says that is read at once, and holds little of it."""

import json
import tracemalloc
from itertools import count
from typing import Any

import pytest

from sogdia.standards.epcis.documents import Limits, read_document
from sogdia.standards.epcis.strict import StrictEvents
from sogdia.standards.epcis.xml import read
from tests.interfaces.epcis.repository import document, event, master_data
from tests.standards.epcis.xml_samples import OBSERVED, sheet

MANY = 1_001
WRONG = {"eventTime": "yesterday"}


def numbered() -> Any:
    numbers = count(1)
    return lambda: f"urn:x:{next(numbers)}"


def answer(*events: dict[str, Any]) -> bytes:
    """An answer to a query."""
    whole = json.loads(document(*events))
    results = {"queryName": "mine", "resultsBody": whole["epcisBody"]}
    return json.dumps({**whole, "type": "EPCISQueryDocument", "epcisBody": {"queryResults": results}}).encode()


def made(number: int) -> dict[str, Any]:
    """Every seventh event is wrong."""
    return event(**WRONG) if number % 7 == 3 else event()


@pytest.mark.parametrize("whole", [document, answer])
def test_slices_of_a_document_say_what_the_whole_says(whole: Any) -> None:
    content = whole(*map(made, range(MANY)))
    once = read_document(content, numbered(), Limits())
    events = StrictEvents(content, numbered())
    found = list(events)
    assert [(one.number, one.event) for one in found if one.event is not None] == once.events
    assert [fault for one in found for fault in one.faults] == once.faults
    assert [one.number for one in found] == list(range(1, MANY + 1))
    assert json.loads(found[3].original)["eventTime"] == "yesterday"
    assert not events.is_void


def test_xml_event_by_event_says_what_the_whole_says() -> None:
    good = OBSERVED % ""
    content = sheet((good + good.replace("2026-05-28T", "yesterday ")) * 300)
    once = read(content, numbered())
    found = list(StrictEvents(content, numbered()))
    assert [(one.number, one.event) for one in found if one.event is not None] == once.events
    assert [fault for one in found for fault in one.faults] == once.faults
    assert b"yesterday" in found[1].original


def test_master_data_are_kept_and_one_event_is_a_file_too() -> None:
    content = document(
        event(), epcisHeader=master_data({"id": "urn:x:a", "attributes": [{"id": "urn:x:b", "attribute": "c"}]})
    )
    events = StrictEvents(content)
    assert len(list(events)) == 1
    assert tuple(events.vocabularies) == read_document(content).document.vocabularies
    whole = json.loads(document())
    alone = json.dumps({"@context": whole["@context"], **event()}).encode()
    assert [one.event for one in StrictEvents(alone)] == [read_document(alone).events[0][1]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"type": "EPCISDocument"}',
        document(event(), schemaVersion="two"),
        document(event()).replace(b'"eventList"', b'"events"'),
        document(event())[:-1],
        b"<a/>",
        sheet((OBSERVED % "") * 3).replace(b"</EventList>", b""),
    ],
)
def test_a_faulty_document_has_no_events_and_says_why(content: bytes) -> None:
    events = StrictEvents(content)
    list(events)
    assert events.is_void
    once = read(content) if content.startswith(b"<") else read_document(content)
    assert events.faults == once.faults
    assert once.events == []


def test_an_id_that_stands_in_a_file_twice_is_refused_the_second_time_but_for_its_declaration() -> None:
    named = event(eventID="urn:x:1")
    wrong = {**named, "errorDeclaration": {"declarationTime": "2026-05-29T00:00:00Z"}}
    found = list(StrictEvents(document(named, wrong, event(eventID="urn:x:1"))))
    assert [one.event is not None for one in found] == [True, True, False]
    assert found[2].faults[0].sentence == (
        "event 3, eventID: urn:x:1 stands there twice; give each event an ID of its own"
    )


def test_memory_does_not_grow_with_the_events_that_were_read() -> None:
    def peak(content: bytes) -> int:
        tracemalloc.start()
        for _ in StrictEvents(content, numbered()):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    some, many = document(*[event()] * 2_000), document(*[event()] * 12_000)
    assert peak(many) - peak(some) < (len(many) - len(some))
