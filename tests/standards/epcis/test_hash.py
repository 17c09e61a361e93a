"""The event hash: the reference's published vector, and each point in which the two profiles differ."""

import hashlib
import json
from typing import Any

from hypothesis import given
from msgspec.structs import replace

from sogdia.standards.epcis.event_hash import hash_id, pre_hash
from sogdia.standards.epcis.model import AnyEvent
from sogdia.standards.epcis.reading import read_event
from sogdia.standards.epcis.writing import normal
from tests.standards.epcis.events import events

_EVENTS = events()
_FRAME: dict[str, Any] = {
    "type": "ObjectEvent",
    "@context": {"example": "https://ns.example.com/epcis/"},
    "eventID": "urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a55",
    "eventTime": "2020-03-04T11:00:30.000+01:00",
    "eventTimeZoneOffset": "+01:00",
    "action": "OBSERVE",
    "epcList": [],
}


def _event(**fields: Any) -> AnyEvent:
    return read_event(json.dumps({**_FRAME, **fields}).encode())


def _own(**fields: Any) -> dict[str, Any]:
    return {f"example:{name}": value for name, value in fields.items()}


def _both(**fields: Any) -> tuple[str, str]:
    """What follows the time of an event in each profile: canonical, reference."""
    event = _event(**fields)
    canonical, reference = (pre_hash(event, "canonical"), pre_hash(event, "reference"))
    head = "eventTimeZoneOffset=+01:00"
    return canonical.partition(head)[2], reference.partition(head)[2]


def test_the_first_vector_of_the_reference_implementation_comes_out() -> None:
    """Source: epcis-event-hash-generator, tests/examples/ReferenceEventHashAlgorithm.hashes."""
    event = _event(
        recordTime="2020-03-04T11:00:30.999+01:00",
        epcList=[f"urn:epc:id:sscc:4012345.0000000{serial}" for serial in (333, 111, 222)],
        bizStep="departing",
        readPoint={"id": "urn:epc:id:sgln:4012345.00011.987"},
        **_own(
            myField1=_own(mySubField1="2", mySubField2="5"),
            myField2="0",
            myField3=_own(mySubField3=["3", "1"]),
        ),
    )
    expected = "ni:///sha-256;6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7?ver=CBV2.0"
    assert hash_id(event, "canonical") == expected
    assert hash_id(event, "reference") == expected


def test_the_hash_is_sha_256_of_the_pre_hash() -> None:
    event = _event()
    assert pre_hash(event) == (
        "eventType=ObjectEventeventTime=2020-03-04T10:00:30.000ZeventTimeZoneOffset=+01:00action=OBSERVE"
    )
    assert hash_id(event) == f"ni:///sha-256;{hashlib.sha256(pre_hash(event).encode()).hexdigest()}?ver=CBV2.0"


def test_parent_and_things_change_places() -> None:
    pallet, box = "https://id.gs1.org/00/040123450000001112", "https://id.gs1.org/00/040123450000002225"
    order = [{"bizTransaction": "urn:example:po:1"}]
    event = {"type": "TransactionEvent", "parentID": pallet, "epcList": [box], "bizTransactionList": order}
    tail = "action=OBSERVEbizTransactionListbizTransaction=urn:example:po:1"
    assert _both(**event) == (f"epcListepc={box}parentID={pallet}{tail}", f"parentID={pallet}epcListepc={box}{tail}")


def test_lists_of_business_data_fall_to_the_tail_in_the_reference() -> None:
    sensed = [{"sensorReport": [{"type": "Temperature", "value": 26.10, "uom": "CEL"}]}]
    sensor = "sensorElementListsensorElementsensorReporttype=https://gs1.org/voc/Temperaturevalue=26.1uom=CEL"
    source = [{"type": "owning_party", "source": "https://id.gs1.org/417/4012345000122"}]
    ended = "sourceListtype=https://ref.gs1.org/cbv/SDT-owning_partysource=https://id.gs1.org/417/4012345000122"
    order = [{"type": "po", "bizTransaction": "urn:example:po:1"}]
    ordered = "bizTransactionListtype=https://ref.gs1.org/cbv/BTT-pobizTransaction=urn:example:po:1"
    ilmd, canonical_name = {"cbvmda:lotNumber": "AB"}, "{urn:epcglobal:cbv:mda:}lotNumber=AB"
    found = _both(
        action="ADD", sensorElementList=sensed, sourceList=source, bizTransactionList=order, ilmd=ilmd, **_own(a="b")
    )
    own = "{https://ns.example.com/epcis/}a=b"
    assert found == (
        f"action=ADD{ordered}{ended}{sensor}ilmd{canonical_name}{own}",
        f"action=ADD{sensor}{ordered}ilmdcbvmda:lotNumber=AB{ended}{own}",
    )


def test_certification_counts_in_the_reference_alone() -> None:
    with_it = _both(certificationInfo=["https://b.example/2", "https://a.example/1"])
    listed = "certificationInfo=https://a.example/1certificationInfo=https://b.example/2"
    assert with_it == ("action=OBSERVE", f"{listed}action=OBSERVE")


def test_values_of_others_are_told_apart_by_type_in_the_canonical_profile_alone() -> None:
    own = "{https://ns.example.com/epcis/}"
    assert _both(**_own(a="007", b=True, c=1.50, d="1e3", e=0.00001)) == (
        f"action=OBSERVE{own}a=007{own}b=true{own}c=1.5{own}d=1e3{own}e=0.00001",
        f"action=OBSERVE{own}a=7{own}b=True{own}c=1.5{own}d=1000{own}e=1e-05",
    )


def test_half_a_millisecond_goes_up_or_to_the_even_one() -> None:
    event = _event(eventTime="2026-05-28T20:33:31.1165+08:00")
    assert "eventTime=2026-05-28T12:33:31.117Z" in pre_hash(event, "canonical")
    assert "eventTime=2026-05-28T12:33:31.116Z" in pre_hash(event, "reference")
    later = _event(eventTime="2026-12-31T23:59:59.9996Z")
    assert "eventTime=2027-01-01T00:00:00.000Z" in pre_hash(later)


def test_every_form_of_an_identifier_has_one_hash() -> None:
    forms = (
        "urn:epc:id:sgtin:4012345.011111.9876",
        "https://id.gs1.org/01/04012345111118/21/9876",
        "https://shop.example.com/x/01/04012345111118/10/L1/21/9876?17=261231",
    )
    assert len({hash_id(_event(epcList=[form])) for form in forms}) == 1


@given(event=_EVENTS)
def test_identity_record_time_and_declarations_do_not_change_the_hash(event: AnyEvent) -> None:
    other = replace(event, event_id="urn:example:other", record_time=None, error_declaration=None)
    for profile in ("canonical", "reference"):
        assert hash_id(other, profile) == hash_id(event, profile)
        assert hash_id(read_event(normal(event)), profile) == hash_id(event, profile)


@given(event=_EVENTS)
def test_another_time_is_another_hash(event: AnyEvent) -> None:
    moved = replace(event, event_time="1980-01-01T00:00:00Z")
    assert hash_id(moved) != hash_id(event)
