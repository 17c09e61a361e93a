"""What XML of 1.2 and 2.0 says is read as JSON would have said it."""

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from sogdia.standards.epcis.model import (
    BizTransaction,
    ErrorDeclaration,
    ObjectEvent,
    PersistentDisposition,
    Place,
    QuantityElement,
    SensorElement,
    SensorMetadata,
    SensorReport,
    Source,
    TransformationEvent,
    VocabularyAttribute,
)
from sogdia.standards.epcis.xml import Version, XmlReader, read, write
from tests.standards.epcis.gs1_files import FOLDER, needs_gs1_files
from tests.standards.epcis.xml_judges import xsd_faults
from tests.standards.epcis.xml_samples import EPC, NEW, OBSERVED, OLD, TIME, sheet

STATEMENT = Path("/proc/self/statm")
VERSIONS: Final[tuple[Version, ...]] = ("1.2", "2.0")
EX = {"ex": "https://ns.example.com/epcis/"}


@needs_gs1_files
@pytest.mark.parametrize("version, xml", [("1.2", OLD), ("2.0", NEW)])
def test_the_samples_are_what_the_xsd_asks_for(version: str, xml: bytes) -> None:
    assert xsd_faults(xml, version) == []


def test_what_1_2_wraps_is_read_where_2_0_has_it() -> None:
    reading = read(OLD)
    assert (reading.faults, reading.version, reading.count) == ([], "1.2", 3)
    first, second, third = reading.document.events
    assert first == ObjectEvent(
        context=EX,
        event_id="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a55",
        event_time="2026-05-28T20:33:31.116+08:00",
        event_time_zone_offset="+08:00",
        error_declaration=ErrorDeclaration(
            declaration_time="2026-05-29T00:00:00Z",
            reason="incorrect_data",
            corrective_event_ids=("urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8",),
        ),
        action="ADD",
        biz_step="commissioning",
        disposition="active",
        read_point=Place(id="urn:epc:id:sgln:9506000.13860.0", extensions={"ex:gate": {"@nr": "4", "#text": "north"}}),
        biz_transaction_list=(
            BizTransaction(type="po", biz_transaction="urn:epcglobal:cbv:bt:9506000138602:12"),
            BizTransaction(biz_transaction="urn:x:without"),
        ),
        quantity_list=(
            QuantityElement(epc_class="urn:epc:class:lgtin:9506000.013435.L1", quantity=Decimal("200.50"), uom="KGM"),
        ),
        source_list=(Source(type="owning_party", source="urn:epc:id:pgln:9506000.13860"),),
        ilmd={"cbvmda:lotNumber": "L1", "ex:analysis": {"ex:fat": "3.5", "ex:by": ["A", "B"]}},
        extensions={"ex:vessel": "Star"},
    )
    assert isinstance(second, ObjectEvent)
    assert (second.action, second.biz_step) == ("OBSERVE", "storing")
    assert second.quantity_list == (
        QuantityElement(epc_class="urn:epc:idpat:sgtin:9506000.013435.*", quantity=Decimal(3)),
    )
    assert isinstance(third, TransformationEvent)
    assert (third.input_epc_list, third.transformation_id) == ((EPC,), "urn:epc:id:gdti:9506000.13860.9")


def test_master_data_stand_in_the_header() -> None:
    (places,) = read(OLD).document.vocabularies
    (place,) = places.elements
    assert places.type == "urn:epcglobal:epcis:vtype:BusinessLocation"
    assert place.id == "urn:epc:id:sgln:9506000.13860.0"
    assert place.children == ("urn:epc:id:sgln:9506000.13860.1",)
    assert place.attributes == (
        VocabularyAttribute("urn:epcglobal:cbv:mda#name", "Warehouse & dock"),
        VocabularyAttribute(
            "https://ns.example.com/address", (("ex:Address", (("street", "Nauta 1"), ("street", "left"))),)
        ),
    )


def test_sensors_are_read_from_attributes_with_exact_numbers() -> None:
    reading = read(NEW)
    assert reading.faults == []
    (event,) = reading.document.events
    assert event.sensor_element_list == (
        SensorElement(
            sensor_metadata=SensorMetadata(
                time="2026-05-28T12:00:00Z",
                device_id="urn:epc:id:giai:9506000.111",
                extensions={"ex:place": "roof"},
            ),
            sensor_report=(
                SensorReport(type="Temperature", value=Decimal("26.0"), uom="CEL", exception="ALARM_CONDITION"),
                SensorReport(
                    type="Angle",
                    component="x",
                    value=Decimal("-0.0015"),
                    boolean_value=True,
                    extensions={"own:k": "v"},
                ),
            ),
            extensions={"ex:note": "calm"},
        ),
    )
    assert event.certification_info == "https://accreditation.example.org/certificate/7"
    assert event.biz_step == "sensor_reporting"
    assert event.persistent_disposition == PersistentDisposition(
        set=("completeness_verified",), unset=("completeness_inferred",)
    )
    assert event.context == {**EX, "own": "https://own.example.com/"}


@needs_gs1_files
def test_gs1s_own_example_is_read_and_stays_the_same_through_both_versions() -> None:
    described = (FOLDER / "openapi.json").read_text(encoding="utf-8")
    (example,) = {text for text in texts_in(json.loads(described)) if "<epcis:EPCISDocument" in text}
    reading = read(example.encode())
    assert (reading.faults, reading.count) == ([], 2)
    for version in VERSIONS:
        written = write(reading.document, version)
        assert xsd_faults(written.xml, version) == []
        assert read(written.xml).document.events == reading.document.events


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_in(inner)


def test_the_answer_to_a_query_names_its_query() -> None:
    xml = (
        sheet(OBSERVED % "")
        .replace(b"epcis:EPCISDocument", b"q:EPCISQueryDocument")
        .replace(b'xmlns:epcis="urn:epcglobal:epcis:xsd:2"', b'xmlns:q="urn:epcglobal:epcis-query:xsd:2"')
        .replace(
            b"<EPCISBody>",
            b"<EPCISBody><q:QueryResults><queryName>all</queryName><subscriptionID>17</subscriptionID><resultsBody>",
        )
        .replace(b"</EPCISBody>", b"</resultsBody></q:QueryResults></EPCISBody>")
    )
    reading = read(xml)
    assert reading.faults == []
    assert (reading.document.query_name, reading.document.subscription_id) == ("all", "17")
    assert len(reading.document.events) == 1


def test_types_of_xml_schema_tell_numbers_from_texts_and_say_nothing_else() -> None:
    xml = sheet(
        OBSERVED
        % """<ex:a xsi:type="xsd:decimal">26.50</ex:a><ex:b xsi:type="xsd:string">26.50</ex:b>
        <ex:c xsi:nil="true"/><ex:d xsi:type="ex:Own">x</ex:d><ex:e xsi:type="xsd:boolean">true</ex:e>
        <ex:f xsi:type="xsd:decimal">many</ex:f>""",
        declarations='xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema"',
    )
    (event,) = read(xml).document.events
    assert event.extensions == {
        "ex:a": Decimal("26.50"),
        "ex:b": "26.50",
        "ex:c": None,
        "ex:d": "x",
        "ex:e": True,
        "ex:f": "many",
    }


def test_an_event_without_an_id_gets_one_where_one_is_given() -> None:
    (event,) = read(sheet(OBSERVED % ""), lambda: "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8").document.events
    assert event.event_id == "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8"


@pytest.mark.parametrize(
    "broken, told",
    [
        (OBSERVED % "<bizStep/>", "event 2, bizStep at line 4: is empty; give it a value or leave it out"),
        (OBSERVED % "<colour>red</colour>", "event 2, colour at line 4: is not of the standard here; take it out"),
        (OBSERVED % "<action>ADD</action>", "event 2, action at line 4: stands twice; take it out"),
        (OBSERVED % "<parentID>urn:x:y</parentID>", "event 2, parentID at line 4: is nothing that ObjectEvent has"),
        (OBSERVED % "<bizStep a='1'>urn:x:y</bizStep>", 'event 2, bizStep at line 4: "a" is no attribute of it'),
        (OBSERVED % "<bizStep><b/></bizStep>", "event 2, bizStep at line 4: has elements in it"),
        (OBSERVED % "<sourceList><source>urn:x:y</source></sourceList>", 'source at line 4: "urn:x:y" has no type'),
        (
            OBSERVED % "<quantityList><quantityElement><epcClass>urn:x:y</epcClass><quantity>1e3</quantity>"
            "</quantityElement></quantityList>",
            'quantity at line 4: "1e3" is no decimal number',
        ),
        (
            OBSERVED % "<readPoint><id>nowhere</id></readPoint>",
            'readPoint.id in the event at line 4: "nowhere" is no URI',
        ),
        (OBSERVED.replace("OBSERVE", "SEE") % "", 'event 2, action at line 4: "SEE" is no action'),
        (f"<ObjectEvent>{TIME}<epcList/></ObjectEvent>", "event 2, ObjectEvent at line 4: has no action; add it"),
        ("<PaymentEvent/>", "event 2, PaymentEvent at line 4: is no event that is read"),
        (OBSERVED % "<ilmd><ex:lot>1</ex:lot></ilmd>", "event 2, ilmd in the event at line 4"),
        (
            OBSERVED % '<sensorElementList><sensorElement><sensorReport type="gs1:Temperature" value="INF"/>'
            "</sensorElement></sensorElementList>",
            'sensorReport @value at line 4: "INF" is no decimal number',
        ),
    ],
)
def test_a_fault_names_event_element_and_line_and_keeps_no_other_event_out(broken: str, told: str) -> None:
    reading = read(sheet(f"{OBSERVED % ''}\n{broken}\n{OBSERVED % ''}"))
    assert [number for number, _ in reading.events] == [1, 3]
    (fault,) = reading.faults
    assert told in fault.sentence
    assert fault.event == 2


@pytest.mark.skipif(not STATEMENT.exists(), reason="/proc is not here, so nobody looked at the memory")
def test_memory_does_not_grow_with_the_number_of_events() -> None:
    xml = sheet(many(12_000))
    reader = iter(XmlReader(xml))
    for _ in range(2_000):
        next(reader)
    before = resident_bytes()
    assert sum(1 for _ in reader) == 10_000
    assert resident_bytes() - before < 5_000_000 < len(xml) / 2


def resident_bytes() -> int:
    return int(STATEMENT.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def many(count: int) -> str:
    return "\n".join(
        f"<ObjectEvent>{TIME}<eventID>urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-{number:012x}</eventID><epcList>"
        + "".join(f"<epc>https://id.gs1.org/01/09506000134352/21/{number}-{thing}</epc>" for thing in range(10))
        + "</epcList><action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>"
        "<disposition>urn:epcglobal:cbv:disp:in_transit</disposition><readPoint>"
        "<id>https://id.gs1.org/414/9506000138602</id></readPoint></ObjectEvent>"
        for number in range(count)
    )
