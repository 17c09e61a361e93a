"""What MATCH parameters look for: things by any of their spellings, and patterns of them."""

import pytest

from sogdia.standards.epcis.query.conditions import Pattern
from sogdia.standards.epcis.query.names import thing
from sogdia.standards.epcis.query.patterns import patterns_of
from sogdia.standards.gs1.errors import BadIdentifier

SERIAL = "urn:epc:id:sgtin:9506000.013435.400"
OTHER_ITEM = "urn:epc:id:sgtin:9506000.113435.400"
OTHER_COMPANY = "urn:epc:id:sgtin:4012345.012345.400"
WITH_LOT = "https://shop.example.com/01/09506000134352/10/L1/21/400"
LOT = "urn:epc:class:lgtin:9506000.013435.L1"
GTIN = "urn:epc:idpat:sgtin:9506000.013435.*"
PALLET = "urn:epc:id:sscc:9506000.1234567890"
GATE = "urn:epc:id:sgln:9506000.13860.7"
HOUSE = "urn:epc:id:sgln:9506000.13860.0"
CRATE = "urn:epc:id:grai:0614141.12345.400"
ALL = (SERIAL, OTHER_ITEM, OTHER_COMPANY, LOT, GTIN, PALLET, GATE, HOUSE, CRATE, "urn:epc:id:gid:95100000.12345.400")


def meets(pattern: str, *, classes: bool = False) -> set[str]:
    """Those of ALL that the pattern is met by."""
    patterns = patterns_of(pattern, classes=classes)
    return {one for one in ALL if any(_meets(thing(one), asked) for asked in patterns)}


def _meets(uri: str, asked: Pattern) -> bool:
    rest = uri[len(asked.prefix) :]
    return uri == asked.prefix + rest and asked.part in rest and asked.length in (None, len(uri))


@pytest.mark.parametrize("one", ALL[:-1])
def test_a_thing_is_met_by_itself_alone(one: str) -> None:
    assert meets(one, classes=True) == {one}
    (pattern,) = patterns_of(one, classes=True)
    assert pattern.is_one


def test_a_serial_is_the_same_thing_with_its_lot_in_the_path() -> None:
    assert patterns_of(WITH_LOT) == patterns_of(SERIAL)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("urn:epc:idpat:sgtin:9506000.013435.*", {SERIAL}),
        ("urn:epc:idpat:sgtin:9506000.*.*", {SERIAL, OTHER_ITEM}),
        ("urn:epc:idpat:sgtin:*.*.*", {SERIAL, OTHER_ITEM, OTHER_COMPANY}),
        ("urn:epc:idpat:sgtin:9506000.013435.400", {SERIAL}),
        ("urn:epc:idpat:lgtin:9506000.013435.*", {LOT}),
        ("urn:epc:idpat:lgtin:9506000.*.*", {LOT}),
        ("urn:epc:idpat:sscc:9506000.*", {PALLET}),
        ("urn:epc:idpat:sscc:*.*", {PALLET}),
        ("urn:epc:idpat:sgln:9506000.13860.*", {GATE, HOUSE}),
        ("urn:epc:idpat:sgln:9506000.*.*", {GATE, HOUSE}),
        ("urn:epc:idpat:grai:0614141.12345.*", {CRATE}),
        ("urn:epc:idpat:grai:0614141.*.*", {CRATE}),
        ("urn:epc:idpat:gid:95100000.*.*", {"urn:epc:id:gid:95100000.12345.400"}),
        ("https://id.gs1.org/01/09506000134352/*", {SERIAL, LOT}),
        ("https://shop.example.com/a/01/09506000134352/21/*", {SERIAL}),
        ("https://id.gs1.org/414/*", {GATE, HOUSE}),
    ],
)
def test_a_pattern_of_items_is_met_by_what_it_leaves_open(pattern: str, found: set[str]) -> None:
    assert meets(pattern) == found


def test_among_classes_a_pattern_is_met_by_products_and_not_by_lots() -> None:
    assert meets("urn:epc:idpat:sgtin:9506000.013435.*", classes=True) == {GTIN}
    assert meets("urn:epc:idpat:sgtin:9506000.*.*", classes=True) == {GTIN}
    assert meets("urn:epc:idpat:lgtin:9506000.*.*", classes=True) == {LOT}


@pytest.mark.parametrize(
    "pattern",
    [
        "urn:epc:idpat:sgtin:9506000.*.400",
        "urn:epc:idpat:sgtin:*.013435.*",
        "urn:epc:idpat:sgtin:9506000.0134*.*",
        "urn:epc:idpat:sgtin:9506000.*",
        "urn:epc:idpat:sgtin:95060.*.*",
        "urn:epc:idpat:sgtin:9506000.13435.*",
        "urn:epc:idpat:nothing:9506000.*",
        "https://id.gs1.org/01/09506000134353/*",
        "https://id.gs1.org/01/09506000134352/10/L1/*",
    ],
)
def test_a_pattern_that_can_be_met_by_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(BadIdentifier):
        patterns_of(pattern)


def test_an_identifier_with_a_wrong_check_digit_stands_for_its_text() -> None:
    wrong = "https://id.gs1.org/01/09506000134353/21/1"
    assert patterns_of(wrong) == (Pattern(wrong, len(wrong)),)
