"""JSON, model, XML, model, JSON: the same text comes out as went in, in both versions; what is lost is named."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from sogdia.standards.epcis.model import EVENT_TYPES, AnyEvent, Document
from sogdia.standards.epcis.reading import read_event
from sogdia.standards.epcis.writing import normal, write_event
from sogdia.standards.epcis.xml import Version, read, write
from tests.standards.epcis import events as made
from tests.standards.epcis.gs1_files import needs_gs1_files
from tests.standards.epcis.whole_events import whole
from tests.standards.epcis.xml_judges import as_xml_has_it, xsd_faults
from tests.standards.epcis.xml_samples import OBSERVED, sheet

QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CREATED = "2026-05-28T20:33:31.116Z"
NEW_IN_2_0 = {"certificationInfo", "persistentDisposition", "sensorElementList"}
NO_ROOM = ("is one certificate more", "has parts, and stands where XML has attributes only", "becomes a text")


def through_xml(text: bytes, version: Version = "2.0") -> bytes:
    """An event's JSON after it was XML, nothing lost."""
    written = write(Document(creation_date=CREATED, events=(read_event(text),)), version)
    assert [loss for loss in written.losses if not loss.carried] == []
    reading = read(written.xml)
    assert reading.faults == []
    ((_, event),) = reading.events
    return normal(event)


@pytest.mark.parametrize("version", ["2.0", "1.2"])
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_a_whole_event_is_the_same_text_again(kind: str, version: Version) -> None:
    text = normal(read_event(json.dumps(whole(kind)).encode()))
    assert json.loads(text) == {**whole(kind), "@context": {"ex": "https://ns.example.com/epcis/"}}
    assert through_xml(text, version) == text


@needs_gs1_files
@pytest.mark.parametrize("version", ["2.0", "1.2"])
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_the_xsd_takes_a_whole_event(kind: str, version: Version) -> None:
    event = read_event(json.dumps(whole(kind)).encode())
    assert xsd_faults(write(Document(creation_date=CREATED, events=(event,)), version).xml, version) == []


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_1_2_names_all_that_came_with_2_0(kind: str) -> None:
    event = read_event(json.dumps(whole(kind)).encode())
    losses = write(Document(creation_date=CREATED, events=(event,)), "1.2").losses
    assert {loss.field for loss in losses} == NEW_IN_2_0 | ({kind} if kind == "AssociationEvent" else set())
    assert all(loss.event == 1 and loss.carried for loss in losses)


@QUICK
@given(made.events())
def test_any_event_is_the_same_text_again_but_for_what_is_named_as_lost(event: AnyEvent) -> None:
    text = write_event(event)
    for version in ("2.0", "1.2"):
        written = write(Document(creation_date=CREATED, events=(read_event(text),)), version)  # type: ignore[arg-type]
        lost = [loss for loss in written.losses if not loss.carried]
        assert all(loss.wrong.startswith(NO_ROOM) for loss in lost), lost
        reading = read(written.xml)
        assert reading.faults == []
        ((_, again),) = reading.events
        if lost:
            assert normal(of_the_standard(again)) == normal(of_the_standard(event))
        else:
            assert normal(again) == normal(as_xml_has_it(event))


def of_the_standard(event: AnyEvent) -> AnyEvent:
    """An event without what others added to it, and without certificates."""
    value = json.loads(normal(event))
    bare: AnyEvent = read_event(json.dumps(_without_names(value)).encode())
    return replace(bare, certification_info=None)


def _without_names(value: Any) -> Any:
    if isinstance(value, dict):
        left_out = ("@context", "ilmd")
        return {name: _without_names(one) for name, one in value.items() if ":" not in name and name not in left_out}
    return list(map(_without_names, value)) if isinstance(value, list) else value


@pytest.mark.parametrize(
    "inside",
    [
        '<ex:a ex:b="1" c="2">t</ex:a>',
        '<cbvmda:a><cbvmda:b xl:href="https://a.example/" xmlns:xl="http://www.w3.org/1999/xlink">t</cbvmda:b></cbvmda:a>',
        '<cbvmda:a xmlns:urn="https://a.example/" urn:b="1"/>',
        '<ex:a xml:lang="fr" xml:space="preserve">t</ex:a>',
    ],
)
def test_attributes_of_other_vocabularies_stay_where_they_are(inside: str) -> None:
    ((_, event),) = read(sheet(OBSERVED % inside)).events
    text = normal(event)
    assert normal(read_event(text)) == text
    assert through_xml(text) == text
    names = [name for name in str(json.loads(text)).split("'") if name.startswith("@") and ":" in name]
    assert names
    assert {name[1:].partition(":")[0] for name in names} <= {*event.context, "xml"}
