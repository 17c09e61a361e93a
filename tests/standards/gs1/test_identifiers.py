"""The front door: one canonical URI for each thing, its kind, its classes, the form a reader asks for."""

from collections.abc import Callable
from typing import get_args
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.gs1 import digital_link, epc_urn, identifiers
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import Kind, canonical, identity, kind_of, parents, translated
from sogdia.standards.gs1.prefixes import PrefixLengths
from tests.standards.gs1.strategies import digits, prefixes, serials, urns

HOME = "https://id.gs1.org/"
ITEM = HOME + "01/10614141123459/21/400"
KNOWN = PrefixLengths(["0614141", "4012345"])
FOREIGN = [
    "https://shop.example/orders/12345",
    "urn:uuid:f3a4b1c2-0000-4000-8000-000000000000",
    "urn:epcglobal:cbv:bt:0614141073467:1152",
    "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
    "urn:epc:id:gid:95100000.12345.400",
    "urn:epc:id:imovn:9176187",
    "urn:epc:idpat:sgtin:0614141.*.*",
    "did:bid:ef18F9AVK4SQLZPRrPkrVWwp9kbpdXHx",
    "geo:41.3,69.2",
]


@pytest.mark.parametrize(
    "text",
    [
        ITEM,
        "urn:epc:id:sgtin:0614141.112345.400",
        "URN:EPC:id:sgtin:0614141.112345.400",
        "urn:epc:id:sgtin:0614141.112345.%34%30%30",
        "http://shop.example/p/01/10614141123459/21/400/?17=270401&ref=mail#top",
        "https://id.gs1.org/01/10614141123459/21/%3400",
    ],
)
def test_an_item_has_one_canonical_uri_however_it_is_written(text: str):
    assert canonical(text) == ITEM


@pytest.mark.parametrize("text", FOREIGN)
def test_a_uri_without_a_digital_link_stands_as_it_is(text: str):
    assert canonical(text) == text
    assert translated(text, "Always_EPC_URN", KNOWN) == text
    assert parents(text) == ()


def test_the_scheme_of_an_epc_without_a_digital_link_is_written_small():
    assert canonical("URN:EPC:id:gid:95100000.12345.400") == "urn:epc:id:gid:95100000.12345.400"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "400",
        "a b:c",
        "urn:",
        "urn:x\n",
        "urn:批",
        "urn:" + "a" * 4_093,
        HOME + "01/10614141123458/21/400",
        HOME + "01/10614141123458",
        HOME + "00/106141412345678907",
        HOME + "01/1061414112345/21/400",
        HOME + "01/10614141123459/21/" + "1" * 21,
        HOME + "01/10614141123459/21/a b",
        HOME + "01/10614141123459/21/400/10/L",
        HOME + "01/10614141123459\n",
        "https://shop.example/01/10614141123458",
        "urn:epc:id:sgtin:0614141.12345.400",
        "urn:epc:id:sgtin:0614141.112345.",
        "urn:epc:id:sgtin:0614141.112345.400\n",
        "urn:epc:id:sgtin:٠٦١٤١٤١.112345.400",
        "urn:epc:id:nosuch:1",
    ],
)
def test_a_malformed_identifier_is_refused_in_any_form(text: str):
    for form in ("Always_GS1_Digital_Link", "Always_EPC_URN"):
        with pytest.raises(BadIdentifier):
            translated(text, form, KNOWN)
    with pytest.raises(BadIdentifier):
        canonical(text)


@given(urns())
def test_what_is_canonical_stays(drawn: tuple[str, str]):
    once = canonical(drawn[0])
    assert once.startswith(HOME)
    assert canonical(once) == once
    assert canonical(once.replace("id.gs1.org", "shop.example")) == once


@given(prefixes, digits(1, 7), st.sampled_from(["id:sgtin", "class:lgtin"]), serials())
def test_the_short_way_gives_what_the_long_way_gives(prefix: str, item: str, scheme: str, serial: str):
    plain = "".join(char for char in serial if char.isalnum() or char in "._-") or "0"
    for text in (f"urn:epc:{scheme}:{prefix}.{item}.{plain}", f"{HOME}01/{prefix}{item}/21/{plain}"):
        assert outcome(canonical, text) == outcome(long_way, text)


@given(digits(14, 14), digits(18, 18), serials(3), serials(3))
def test_the_short_way_of_links_refuses_what_the_long_way_refuses(gtin: str, sscc: str, lot: str, serial: str):
    for path in (f"01/{gtin}/10/{lot}/21/{serial}", f"01/{gtin}/10/{lot}", f"01/{gtin}", f"00/{sscc}"):
        assert outcome(canonical, HOME + path) == outcome(long_way, HOME + path)


def outcome(read: Callable[[str], str], text: str) -> str:
    try:
        return read(text)
    except BadIdentifier:
        return "refused"


def long_way(text: str) -> str:
    read = epc_urn.to_digital_link if text.startswith("urn:") else digital_link.parse
    return read(text).uri


@given(st.text(max_size=40))
def test_any_text_is_brought_to_a_uri_or_refused(text: str):
    for whole in (text, "urn:epc:id:" + text, "urn:epc:id:sgtin:0614141.112345." + text, HOME + text):
        found = outcome(canonical, whole)
        assert found == "refused" or (canonical(found) == found and found.isascii())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("urn:epc:id:sgtin:0614141.112345.400", "instance"),
        (HOME + "01/10614141123459/10/L/21/400", "instance"),
        ("urn:epc:class:lgtin:4012345.012345.X", "lot_class"),
        ("urn:epc:idpat:sgtin:4012345.098765.*", "product_class"),
        (HOME + "01/10614141123459/22/A", "product_class"),
        (HOME + "01/10614141123459/235/T", "instance"),
        ("urn:epc:id:sscc:0614141.1234567890", "logistic_unit"),
        ("urn:epc:id:sgln:0614141.12345.400", "place"),
        ("urn:epc:id:sgln:0614141.12345.0", "place"),
        (HOME + "414/0614141123452/7040/1ABC", "place"),
        ("urn:epc:id:pgln:0614141.12345", "party"),
        ("urn:epc:id:gsrn:0614141.1234567890", "party"),
        (HOME + "8017/061414112345678902/8019/1", "party"),
        (HOME + "415/0614141123452/8020/X1", "document"),
        ("urn:epc:id:gdti:0614141.12345.400", "document"),
        ("urn:epc:idpat:gdti:0614141.12345.*", "document"),
        ("urn:epc:id:grai:0614141.12345.400", "instance"),
        ("urn:epc:idpat:grai:0614141.12345.*", "product_class"),
        ("urn:epc:id:giai:0614141.12345400", "instance"),
        ("urn:epc:id:sgcn:4012345.67890.04711", "instance"),
        ("urn:epc:idpat:sgcn:0614141.12345.*", "product_class"),
        ("urn:epc:id:cpi:0614141.5PQ7%2FZ43.12345", "instance"),
        ("urn:epc:idpat:cpi:0614141.5PQ7%2FZ43.*", "product_class"),
        ("urn:epc:id:itip:4012345.012345.01.02.987", "instance"),
        (HOME + "8006/040123451234560102/10/L", "lot_class"),
        (HOME + "8013/1987654Ad4X4bL5ttr2310c2K", "product_class"),
        ("urn:epc:id:ginc:0614141.xyz47%2F11", "other"),
        ("urn:epc:id:gsin:0614141.123456789", "other"),
        ("urn:epc:id:gid:95100000.12345.400", "instance"),
        ("urn:epc:idpat:sgtin:0614141.*.*", "other"),
        ("https://shop.example/orders/12345", "other"),
        (HOME + ".well-known/gs1resolver", "other"),
    ],
)
def test_an_identifier_says_what_kind_of_thing_it_names(text: str, kind: Kind):
    assert kind in get_args(Kind)
    assert kind_of(canonical(text)) == kind


@given(urns())
def test_every_digital_link_of_a_scheme_has_a_kind(drawn: tuple[str, str]):
    expected_other = drawn[0].split(":")[3] in ("ginc", "gsin")
    assert (kind_of(canonical(drawn[0])) == "other") == expected_other


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("01/10614141123459/10/L/21/400", ["01/10614141123459/10/L", "01/10614141123459"]),
        ("01/10614141123459/21/400", ["01/10614141123459"]),
        (
            "01/10614141123459/22/A/10/L/21/4",
            ["01/10614141123459/22/A/10/L", "01/10614141123459/22/A", "01/10614141123459"],
        ),
        ("01/10614141123459", []),
        ("00/106141412345678908", []),
        ("414/0614141123452/254/400", ["414/0614141123452"]),
        ("8003/00614141123452400", ["8003/00614141123452"]),
        ("253/0614141123452400", ["253/0614141123452"]),
        ("255/401234567890104711", ["255/4012345678901"]),
        ("8010/06141415PQ7%2FZ43/8011/12345", ["8010/06141415PQ7%2FZ43"]),
    ],
)
def test_the_way_up_goes_from_serial_to_lot_to_product(path: str, above: list[str]):
    assert parents(HOME + path) == tuple(HOME + each for each in above)


@given(urns())
def test_whatever_stands_above_is_canonical_itself(drawn: tuple[str, str]):
    for above in parents(canonical(drawn[0])):
        assert canonical(above) == above


@pytest.mark.parametrize(
    ("path", "finest"),
    [
        ("01/10614141123459/22/A/10/L/21/4", "01/10614141123459/21/4"),
        ("01/10614141123459/10/L/21/4", "01/10614141123459/21/4"),
        ("01/10614141123459/21/4", "01/10614141123459/21/4"),
        ("01/10614141123459/22/A/10/L", "01/10614141123459/10/L"),
        ("01/10614141123459", "01/10614141123459"),
        ("414/0614141123452/254/400", "414/0614141123452/254/400"),
    ],
)
def test_an_item_is_the_same_with_and_without_its_lot_in_the_path(path: str, finest: str):
    assert identity(HOME + path) == HOME + finest
    assert identity(HOME + path) == digital_link.parse(HOME + path).finest.uri


def test_other_uris_are_their_own_identity():
    assert identity("https://shop.example/a/b/c/d/e/f") == "https://shop.example/a/b/c/d/e/f"


@pytest.mark.parametrize(
    ("text", "link", "urn"),
    [
        ("urn:epc:id:sgtin:0614141.112345.400", ITEM, "urn:epc:id:sgtin:0614141.112345.400"),
        (ITEM, ITEM, "urn:epc:id:sgtin:0614141.112345.400"),
        ("https://shop.example/01/10614141123459/10/L?17=270401", HOME + "01/10614141123459/10/L",
         "urn:epc:class:lgtin:0614141.112345.L"),
        (HOME + "01/09506000134352/21/1", HOME + "01/09506000134352/21/1", None),
        ("urn:epc:id:sgtin:9506000.013435.1", HOME + "01/09506000134352/21/1", "urn:epc:id:sgtin:9506000.013435.1"),
        (HOME + "8013/1987654Ad4X4bL5ttr2310c2K", HOME + "8013/1987654Ad4X4bL5ttr2310c2K", None),
    ],
)  # fmt: skip
def test_a_reader_gets_the_form_it_asks_for_or_hears_that_there_is_none(text: str, link: str, urn: str | None):
    assert translated(text, "Always_GS1_Digital_Link", KNOWN) == link
    assert translated(text, "Always_EPC_URN", KNOWN) == urn
    assert translated(text, "Never_Translates", KNOWN) == text
    assert translated(text, "No_Preference", KNOWN) == text


def test_what_is_remembered_is_bounded():
    assert identifiers._long_way.cache_info().maxsize == 4_096


@given(serials())
def test_a_serial_stands_in_the_canonical_uri_as_it_was_printed(serial: str):
    link = digital_link.DigitalLink("01", "10614141123459", (("21", serial),))
    assert unquote(canonical(link.uri).rpartition("/")[2]) == serial
