"""What is written is spelled as asked for, valid by the XSD, and tells what it cannot say."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from sogdia.standards.epcis import model
from sogdia.standards.epcis.faults import Refused
from sogdia.standards.epcis.model import Document, ObjectEvent
from sogdia.standards.epcis.vocabulary import Spelling
from sogdia.standards.epcis.xml import BusinessHeader, Loss, Version, read, write
from tests.standards.epcis.gs1_files import needs_gs1_files
from tests.standards.epcis.xml_judges import xsd_faults
from tests.standards.epcis.xml_samples import NEW, OLD

EVENT = ObjectEvent(
    event_id="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a55",
    event_time="2026-05-28T20:33:31.116Z",
    event_time_zone_offset="+08:00",
    action="OBSERVE",
    epc_list=("urn:epc:id:sgtin:9506000.013435.6789",),
    biz_step="shipping",
    context={"ex": "https://ns.example.com/epcis/"},
)
FULL = replace(
    EVENT,
    certification_info="https://accreditation.example.org/certificate/7",
    persistent_disposition=model.PersistentDisposition(set=("completeness_verified",)),
    sensor_element_list=(
        model.SensorElement(sensor_report=(model.SensorReport(type="Temperature", value=Decimal("26.0"), uom="CEL"),)),
    ),
)
HEADER = BusinessHeader(sender="urn:epc:id:pgln:9506000.13860", receiver="urn:epc:id:pgln:9506000.13861", document="7")


def document(*events: model.AnyEvent) -> Document:
    return Document(creation_date="2026-05-28T20:34:00Z", events=events)


@pytest.mark.parametrize(
    "spelling, step, kind",
    [
        ("Always_URN", b">urn:epcglobal:cbv:bizstep:shipping<", b'"https://gs1.org/voc/Temperature"'),
        ("Always_Web_URI", b">https://ref.gs1.org/cbv/BizStep-shipping<", b'"https://gs1.org/voc/Temperature"'),
        ("No_Preference", b">urn:epcglobal:cbv:bizstep:shipping<", b'"https://gs1.org/voc/Temperature"'),
    ],
)
def test_words_of_cbv_are_spelled_as_asked(spelling: Spelling, step: bytes, kind: bytes) -> None:
    xml = write(document(FULL), "2.0", spelling).xml
    assert step in xml
    assert kind in xml


def test_1_2_has_urns_whatever_is_asked_for() -> None:
    assert b">urn:epcglobal:cbv:bizstep:shipping<" in write(document(EVENT), "1.2", "Always_Web_URI").xml


def test_what_1_2_has_no_word_for_is_named_and_stands_where_its_readers_pass_over() -> None:
    written = write(document(EVENT, FULL), "1.2")
    assert [(loss.event, loss.field, loss.carried) for loss in written.losses] == [
        (2, "certificationInfo", True),
        (2, "persistentDisposition", True),
        (2, "sensorElementList", True),
    ]
    assert written.losses[0].sentence == "event 2, certificationInfo: came with 2.0; it stands in an extension"
    assert read(written.xml).document.events[1] == replace(FULL, context={})


def test_an_association_is_named_in_1_2() -> None:
    bound = model.AssociationEvent(
        event_time="2026-05-28T20:33:31Z",
        event_time_zone_offset="+08:00",
        action="ADD",
        parent_id="urn:epc:id:grai:9506000.13860.1",
        child_epcs=("urn:epc:id:giai:9506000.111",),
    )
    written = write(document(bound), "1.2")
    assert written.losses == (Loss(1, "AssociationEvent", "", "came with 2.0", carried=True),)
    assert read(written.xml).document.events == (bound,)
    assert write(document(bound), "2.0").losses == ()


@pytest.mark.parametrize(
    "change, field, wrong",
    [
        ({"extensions": {"ex:a": "bell \a"}}, "ex:a", "characters that XML cannot have"),
        ({"extensions": {"ex:1st": "x"}}, "ex:1st", "a name that XML cannot have"),
        ({"extensions": {"ex:a": {"@b": ["c"]}}}, "b", "attributes only"),
        ({"extensions": {"ex:a": {"@b": 5}}}, "b", "becomes a text"),
        ({"certification_info": ("https://a.example/", "https://b.example/")}, "certificationInfo", "more than"),
        ({"record_time": "2026-05-28T20:33:31+18:00"}, "recordTime", "is a time that XML does not know"),
    ],
)
def test_what_no_version_can_say_is_named_with_its_event(change: dict[str, object], field: str, wrong: str) -> None:
    written = write(document(EVENT, replace(EVENT, **change)), "2.0")
    (loss,) = written.losses
    assert (loss.event, loss.field, loss.carried) == (2, field, False)
    assert wrong in loss.sentence
    assert len(read(written.xml).events) == 2


def test_an_event_in_a_leap_second_is_left_out_and_named() -> None:
    written = write(document(replace(EVENT, event_time="2016-12-31T23:59:60Z"), EVENT))
    (loss,) = written.losses
    assert (loss.event, loss.field) == (1, "ObjectEvent")
    assert len(read(written.xml).events) == 1


def test_master_data_in_1_2_need_a_business_header() -> None:
    whole = replace(read(OLD).document, events=())
    without = write(whole, "1.2")
    assert [loss.field for loss in without.losses] == ["EPCISMasterData"]
    assert read(without.xml).document.vocabularies == ()
    written = write(whole, "1.2", business_header=HEADER)
    assert written.losses == ()
    assert read(written.xml).document.vocabularies == whole.vocabularies


@needs_gs1_files
@pytest.mark.parametrize("version", ["1.2", "2.0"])
@pytest.mark.parametrize("xml", [OLD, NEW])
def test_the_samples_are_valid_in_the_other_version_too(xml: bytes, version: Version) -> None:
    written = write(read(xml).document, version, business_header=HEADER)
    assert xsd_faults(written.xml, version) == []
    assert read(written.xml).document.events == read(xml).document.events


def test_a_document_without_a_date_of_creation_is_not_written() -> None:
    with pytest.raises(Refused, match="say when the document was made"):
        write(Document(events=(EVENT,)))
