"""What XML leaves out or has as bare digits is put right by the same rules as in JSON, and only where that is asked."""

import pytest

from sogdia.standards.epcis.repairing.sifting import Sifted, sift
from sogdia.standards.epcis.repairing.told import Tolerance, zone_of
from sogdia.standards.epcis.xml import read
from tests.standards.epcis.xml_samples import EPC, OBSERVED, sheet

OFFSET = "<eventTimeZoneOffset>+08:00</eventTimeZoneOffset>"
SSCC = "395060001343520001"
GLN = "9506000138602"


def one(xml: bytes, zone: str = "") -> Sifted:
    _, [found] = sift(xml, Tolerance(zone=zone_of(zone) if zone else None))
    return found


@pytest.mark.parametrize("left", ["", "<eventTimeZoneOffset/>"])
def test_an_offset_that_the_time_tells_is_added(left: str) -> None:
    xml = sheet((OBSERVED % "").replace(OFFSET, left))
    found = one(xml)
    assert found.event is not None
    assert found.event.event_time_zone_offset == "+08:00"
    assert [(told.kind, told.new) for told in found.repairs][-1] == ("offset", "+08:00")
    assert found.repairs[-1].field == "eventTimeZoneOffset in the event at line 3"
    assert read(xml).events == []


def test_a_time_in_z_does_not_say_where_it_was_taken_and_the_operator_may() -> None:
    xml = sheet((OBSERVED % "").replace(OFFSET, "").replace("116+08:00", "116Z"))
    assert "has no eventTimeZoneOffset" in one(xml).faults[0].sentence
    event = one(xml, "Asia/Shanghai").event
    assert event is not None
    assert event.event_time_zone_offset == "+08:00"


@pytest.mark.parametrize(
    "old, new, link",
    [
        (EPC, SSCC, f"https://id.gs1.org/00/{SSCC}"),
        ("</action>", f"</action><readPoint><id>{GLN}</id></readPoint>", f"https://id.gs1.org/414/{GLN}"),
        ("</action>", f"</action><bizLocation>{GLN}</bizLocation>", f"https://id.gs1.org/414/{GLN}"),
        (
            "</action>",
            f'</action><sourceList><source type="urn:epcglobal:cbv:sdt:owning_party">{GLN}</source></sourceList>',
            f"https://id.gs1.org/417/{GLN}",
        ),
    ],
)
def test_bare_numbers_become_the_one_key_that_they_may_be(old: str, new: str, link: str) -> None:
    xml = sheet((OBSERVED % "").replace(old, new))
    found = one(xml)
    assert found.event is not None, found.faults
    assert [(told.kind, told.new) for told in found.repairs] == [("key", link)]
    assert read(xml).events == []


@pytest.mark.parametrize("number", [GLN, f"{SSCC[:-1]}2", "12"])
def test_numbers_that_may_be_several_things_or_are_wrong_stay_refused(number: str) -> None:
    found = one(sheet((OBSERVED % "").replace(EPC, number)))
    assert found.event is None
    assert number.encode() in found.original
