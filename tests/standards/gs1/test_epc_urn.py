"""EPC URNs and Digital Links say the same thing, both ways, wherever both forms exist."""

import pytest
from hypothesis import given

from sogdia.standards.gs1.digital_link import parse
from sogdia.standards.gs1.epc_urn import SCHEMES, SCHEMES_WITHOUT_LINK, is_identity, to_digital_link, to_urn
from sogdia.standards.gs1.errors import BadIdentifier, NoDigitalLink
from sogdia.standards.gs1.prefixes import PrefixLengths
from tests.standards.gs1.strategies import urns

# The first seven agree with epcpy 0.1.8, an independent implementation of the Tag Data Standard, as do 5,600 random
# ones of all schemes; the others follow the examples' shapes in sections 6.3 and 7 of that standard.
VECTORS = [
    ("id:sgtin:0614141.112345.400", "01/10614141123459/21/400"),
    ("id:sscc:0614141.1234567890", "00/106141412345678908"),
    ("id:sgln:0614141.12345.400", "414/0614141123452/254/400"),
    ("id:grai:0614141.12345.400", "8003/00614141123452400"),
    ("id:giai:0614141.12345400", "8004/061414112345400"),
    ("id:gdti:0614141.12345.400", "253/0614141123452400"),
    ("class:lgtin:4012345.012345.X", "01/04012345123456/10/X"),
    ("id:sgln:0614141.12345.0", "414/0614141123452"),
    ("id:sgln:061414112345..0", "414/0614141123452"),
    ("id:pgln:0614141.12345", "417/0614141123452"),
    ("id:gsrn:0614141.1234567890", "8018/061414112345678902"),
    ("id:gsrnp:0614141.1234567890", "8017/061414112345678902"),
    ("id:gsin:0614141.123456789", "402/06141411234567890"),
    ("id:ginc:0614141.xyz47%2F11", "401/0614141xyz47%2F11"),
    ("id:sgcn:4012345.67890.04711", "255/401234567890104711"),
    ("id:cpi:0614141.5PQ7%2FZ43.12345", "8010/06141415PQ7%2FZ43/8011/12345"),
    ("id:itip:4012345.012345.01.02.987", "8006/040123451234560102/21/987"),
    ("id:upui:1234567.089456.51qIgY)%3C%26Jp3*j7'SDB", "01/01234567894560/235/51qIgY%29%3C%26Jp3%2Aj7%27SDB"),
    ("id:sgtin:0614141.112345.a%2Fb.c", "01/10614141123459/21/a%2Fb.c"),
    ("id:sgtin:0614141.112345.*", "01/10614141123459/21/%2A"),
    ("idpat:sgtin:4012345.098765.*", "01/04012345987652"),
    ("idpat:grai:0614141.12345.*", "8003/00614141123452"),
    ("idpat:gdti:0614141.12345.*", "253/0614141123452"),
    ("idpat:sgcn:0614141.12345.*", "255/0614141123452"),
    ("idpat:cpi:0614141.5PQ7%2FZ43.*", "8010/06141415PQ7%2FZ43"),
    ("idpat:itip:4012345.012345.01.02.*", "8006/040123451234560102"),
]


@pytest.mark.parametrize(("urn", "path"), VECTORS)
def test_a_urn_becomes_its_digital_link(urn: str, path: str):
    assert to_digital_link("urn:epc:" + urn).uri == "https://id.gs1.org/" + path


@pytest.mark.parametrize(("urn", "path"), VECTORS)
def test_and_comes_back_where_the_company_prefix_is_known(urn: str, path: str):
    prefix = urn.split(":")[2].split(".")[0]
    link = parse("https://id.gs1.org/" + path)
    assert to_urn(link, PrefixLengths([prefix])) == "urn:epc:" + urn
    assert to_urn(link, PrefixLengths(["999999"])) is None


def test_every_scheme_has_a_vector():
    assert {urn.split(":")[1] for urn, _ in VECTORS} == {scheme.name for scheme in SCHEMES}


@given(urns())
def test_any_urn_comes_back_as_it_was(drawn: tuple[str, str]):
    urn, prefix = drawn
    link = to_digital_link(urn)
    assert parse(link.uri) == link
    assert to_urn(link, PrefixLengths([prefix])) == urn


@given(urns())
def test_without_the_prefix_nothing_is_guessed(drawn: tuple[str, str]):
    assert to_urn(to_digital_link(drawn[0]), PrefixLengths()) is None


def test_the_class_of_a_unique_pack_is_its_gtin():
    link = to_digital_link("urn:epc:idpat:upui:1234567.089456.*")
    assert link == to_digital_link("urn:epc:idpat:sgtin:1234567.089456.*")


def test_the_lot_beside_a_serial_is_not_part_of_the_urn():
    link = parse("https://x.example/01/10614141123459/10/LOT/21/400")
    assert to_urn(link, PrefixLengths(["0614141"])) == "urn:epc:id:sgtin:0614141.112345.400"


@pytest.mark.parametrize(
    "path",
    [
        "01/10614141123459/22/A",
        "8013/1987654Ad4X4bL5ttr2310c2K",
        "414/0614141123452/7040/1ABC",
        "415/0614141123452/8020/X1",
        "417/0614141123452/7040/1ABC",
        "8004/0614141A/7040/1ABC",
        "8006/040123451234560102/10/L",
        "8018/061414112345678902/8019/1",
        "8004/0614141",
    ],
)
def test_what_epc_has_no_scheme_for_cannot_be_translated(path: str):
    known = PrefixLengths(["0614141", "4012345", "1987654"])
    assert to_urn(parse("https://id.gs1.org/" + path), known) is None


@pytest.mark.parametrize(
    "urn",
    [
        "urn:epc:id:gid:95100000.12345.400",
        "urn:epc:id:usdod:2S194.12345",
        "urn:epc:id:adi:2S194..%23ABC",
        "urn:epc:id:bic:CSQU3054383",
        "urn:epc:id:imovn:9176187",
        "urn:epc:idpat:gid:95100000.12345.*",
    ],
)
def test_numbers_that_are_not_gs1s_have_no_digital_link(urn: str):
    assert urn.split(":")[3] in SCHEMES_WITHOUT_LINK
    with pytest.raises(NoDigitalLink, match="has no GS1 Digital Link"):
        to_digital_link(urn)


@pytest.mark.parametrize(
    "urn",
    [
        "urn:epc:idpat:sgtin:0614141.*.*",
        "urn:epc:idpat:sgtin:*.*.*",
        "urn:epc:idpat:sgtin:0614141.112345.400",
        "urn:epc:idpat:itip:4012345.012345.*.*.*",
        "urn:epc:idpat:sgln:0614141.12345.*",
        "urn:epc:idpat:sscc:0614141.*",
    ],
)
def test_a_pattern_of_many_classes_or_none_has_no_digital_link(urn: str):
    with pytest.raises(NoDigitalLink, match="pattern of one class"):
        to_digital_link(urn)


@pytest.mark.parametrize(
    ("urn", "words"),
    [
        ("urn:epc:id:sgtin:0614141.112345", "it has 2 fields; sgtin has 3"),
        ("urn:epc:id:sgtin:0614141.112345.", "a field is empty"),
        ("urn:epc:id:sgtin:0614141.12345.400", "sgtin has 13 digits in its first two fields"),
        ("urn:epc:id:sgtin:0614141.11234A.400", "not digits"),
        ("urn:epc:id:sgtin:0614.112345678.400", "expected 6 to 12 digits"),
        ("urn:epc:id:sgtin:061414111234..400", "wrong length"),
        ("urn:epc:id:sgtin:0614141.112345.a/b", "must be escaped"),
        ("urn:epc:id:sgtin:0614141.112345.a%", "must be escaped"),
        ("urn:epc:id:sgtin:0614141.112345.%20", "82 characters"),
        ("urn:epc:id:sgtin:0614141.112345.%ff", "82 characters"),
        ("urn:epc:id:sgtin:0614141.112345.123456789012345678901", "1 to 20 were expected"),
        ("urn:epc:id:sgtin:0614141.112345.a b", "not the shape"),
        ("urn:epc:id:sgtin:0614141.112345.1\n", "not the shape"),
        ("urn:epc:id:sgtn:0614141.112345.400", "sgtn is no EPC scheme"),
        ("urn:epc:id:SGTIN:0614141.112345.400", "not the shape"),
        ("urn:epc:id:lgtin:0614141.112345.400", "write urn:epc:class:lgtin"),
        ("urn:epc:class:sgtin:0614141.112345.400", "write urn:epc:id:sgtin"),
        ("urn:epc:id:sgcn:0614141.12345.A", "does not belong here"),
        ("urn:epc:id:cpi:0614141.abc.1", "capital letters"),
        ("urn:epc:id:cpi:0614141.ABC.01", "begins with a zero"),
        ("urn:epc:id:giai:0614141.", "a field is empty"),
        ("urn:epc:id:giai:0614141.123456789012345678901234", "1 to 30 were expected"),
        ("urn:epc:id:itip:4012345.012345.1.2.987", "piece or total is wrong"),
        ("urn:epc:id:itip:4012345.012345.03.02.987", "piece 03 of 02 cannot be"),
        ("urn:epc:id:sscc:0614141.12345678901", "sscc has 17 digits"),
        ("urn:epc:tag:sgtin-96:3.0614141.812345.6789", "not the shape"),
        ("", "not the shape"),
    ],
)
def test_a_malformed_urn_is_refused_with_the_reason(urn: str, words: str):
    with pytest.raises(BadIdentifier) as caught:
        to_digital_link(urn)
    assert words in str(caught.value)


def test_tags_and_foreign_uris_name_nothing_here():
    assert is_identity("URN:EPC:id:sgtin:0614141.112345.400")
    assert not is_identity("urn:epc:tag:sgtin-96:3.0614141.812345.6789")
    assert not is_identity("https://id.gs1.org/01/10614141123459")
