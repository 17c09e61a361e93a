"""Sloppy files are refused event by event, or put right where that is asked for, and every repair is told."""

import pytest

from sogdia.standards.epcis.repairing.values import repaired_offset, repaired_time
from sogdia.standards.epcis.xml import Limits, Repair, Tolerance, read
from tests.standards.epcis.xml_samples import OBSERVED, sheet

GAME = sheet(
    """<ObjectEvent>
<eventTime>1950-1-5T3:04:05</eventTime>
<eventTimeZoneOffset>+1:00</eventTimeZoneOffset>
<epcList><epc>epc:id:sgtin:9506000.013435.1</epc></epcList>
<action>OBSERVE</action>
<bizStep/>
<disposition>epcglobal:cbv:disp:in_transit</disposition>
<bizLocation>Fort Frundsen</bizLocation>
</ObjectEvent>""",
    version="1.2",
)


def test_without_leave_nothing_is_put_right() -> None:
    reading = read(GAME)
    assert (reading.events, reading.repairs) == ([], [])
    assert "bizStep at line 8: is empty" in reading.faults[0].sentence


def test_with_leave_times_urns_and_places_are_put_right_and_told() -> None:
    reading = read(GAME, tolerance=Tolerance(base="https://example.com/place/"))
    assert reading.faults == []
    ((_, event),) = reading.events
    assert (event.event_time, event.event_time_zone_offset) == ("1950-01-05T03:04:05+01:00", "+01:00")
    assert event.epc_list == ("urn:epc:id:sgtin:9506000.013435.1",)  # type: ignore[union-attr]
    assert event.disposition == "in_transit"
    assert event.biz_location is not None
    assert event.biz_location.id == "https://example.com/place/Fort%20Frundsen"
    assert reading.repairs == [
        Repair(1, "eventTime at line 4", "1950-1-5T3:04:05", "1950-01-05T03:04:05+01:00"),
        Repair(1, "eventTimeZoneOffset at line 5", "+1:00", "+01:00"),
        Repair(1, "epc at line 6", "epc:id:sgtin:9506000.013435.1", "urn:epc:id:sgtin:9506000.013435.1"),
        Repair(1, "bizStep at line 8", "", "nothing"),
        Repair(1, "disposition at line 9", "epcglobal:cbv:disp:in_transit", "urn:epcglobal:cbv:disp:in_transit"),
        Repair(1, "bizLocation at line 10", "Fort Frundsen", "https://example.com/place/Fort%20Frundsen"),
    ]
    assert reading.repairs[0].sentence == (
        "event 1, eventTime at line 4: '1950-1-5T3:04:05' was read as '1950-01-05T03:04:05+01:00'"
    )


def test_a_name_of_a_place_is_no_uri_where_no_base_is_given() -> None:
    reading = read(GAME, tolerance=Tolerance())
    assert 'bizLocation.id in the event at line 3: "Fort Frundsen" is no URI' in reading.faults[0].sentence


def test_all_repairs_are_counted_and_the_first_are_told() -> None:
    sloppy = sheet((OBSERVED % "").replace("+08:00</eventTimeZoneOffset>", "+8</eventTimeZoneOffset>") * 30)
    reading = read(sloppy, tolerance=Tolerance(), limits=Limits(repairs_max=5))
    assert (len(reading.events), len(reading.repairs), reading.repaired) == (30, 5, 30)


def test_the_namespace_that_only_the_first_element_has_is_taken_off_the_others() -> None:
    xml = sheet(OBSERVED % "<extension/>").replace(b"xmlns:ex", b'xmlns="urn:epcglobal:epcis:xsd:2" xmlns:ex')
    reading = read(xml, tolerance=Tolerance())
    assert (reading.faults, len(reading.events)) == ([], 1)
    (repair,) = reading.repairs
    assert (repair.event, repair.old, repair.new) == (0, "{urn:epcglobal:epcis:xsd:2}EventList", "EventList")


def test_a_right_document_is_read_the_same_with_leave() -> None:
    xml = sheet(OBSERVED % "<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>")
    reading = read(xml, tolerance=Tolerance(base="https://example.com/"))
    assert reading.repairs == []
    assert reading.document == read(xml).document


@pytest.mark.parametrize(
    "given, offset, read_as",
    [
        ("2026-5-8T1:2:3Z", "", "2026-05-08T01:02:03Z"),
        ("2026-05-08 01:02", "+08:00", "2026-05-08T01:02:00+08:00"),
        ("2026-05-08T01:02:03.5+8", "", "2026-05-08T01:02:03.5+08:00"),
        ("2026-05-08T01:02:03-0530", "", "2026-05-08T01:02:03-05:30"),
        ("8 May 2026", "+08:00", "8 May 2026"),
    ],
)
def test_times_are_put_right_from_what_stands_there(given: str, offset: str, read_as: str) -> None:
    assert repaired_time(given, offset) == read_as


@pytest.mark.parametrize("given, read_as", [("Z", "+00:00"), ("8", "+08:00"), ("-530", "-05:30"), ("east", "east")])
def test_offsets_are_put_right_from_what_stands_there(given: str, read_as: str) -> None:
    assert repaired_offset(given) == read_as
