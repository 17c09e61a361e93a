"""Digital Links of any domain: read with all their parts, written in one form, refused when they break a rule."""

import itertools
import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.gs1.digital_link import DigitalLink, checked, find, parse, write
from sogdia.standards.gs1.errors import BadIdentifier
from tests.standards.gs1.strategies import serials

GTIN = "09506000134352"  # the example of GS1's Digital Link standard
WHOLE = f"https://id.gs1.org/01/{GTIN}/22/2A/10/ABC123/21/5671"


def test_a_link_is_read_into_key_qualifiers_attributes_and_the_rest():
    link = parse(f"http://shop.example:8080/some/stem/01/{GTIN}/10/ABC%2F1/21/5671?17=270401&utm=a%20b;3103=000195&x")
    assert link == DigitalLink(
        "01",
        GTIN,
        (("10", "ABC/1"), ("21", "5671")),
        (("17", "270401"), ("3103", "000195")),
        (("utm", "a b"), ("x", "")),
    )
    assert link.uri == f"https://id.gs1.org/01/{GTIN}/10/ABC%2F1/21/5671"
    assert link.finest.uri == f"https://id.gs1.org/01/{GTIN}/21/5671"


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        WHOLE + "/",
        WHOLE + "?",
        WHOLE + "#top",
        WHOLE.replace("https", "HTTP"),
        WHOLE.replace("id.gs1.org", "Shop.Example"),
        WHOLE.replace("id.gs1.org", "shop.example/2024/01/15"),
        WHOLE.replace("id.gs1.org", "[2001:db8::1]:443/a//b"),
        WHOLE.replace("/09506000134352", "/9506000134352"),
        WHOLE.replace("5671", "%35671"),
    ],
)
def test_every_way_to_write_a_link_has_one_canonical_uri(text: str):
    assert parse(text).uri == WHOLE


@pytest.mark.parametrize(
    ("short", "gtin"),
    [("95200002", "00000095200002"), ("614141123452", "00614141123452"), ("9506000134352", "09506000134352")],
)
def test_short_gtins_are_filled_up_to_14_digits(short: str, gtin: str):
    assert parse(f"https://shop.example/01/{short}").value == gtin


@pytest.mark.parametrize(
    "names", [names for size in range(4) for names in itertools.permutations(("22", "10", "21"), size)]
)
def test_qualifiers_are_right_in_their_fixed_order_only(names: tuple[str, ...]):
    text = f"https://shop.example/01/{GTIN}" + "".join(f"/{name}/x" for name in names)
    if list(names) == [name for name in ("22", "10", "21") if name in names]:
        assert [ai for ai, _ in parse(text).qualifiers] == list(names)
    else:
        with pytest.raises(BadIdentifier, match="no such qualifiers after 01; expected 22/10/21 or 235"):
            parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"https://x.example/01/{GTIN}/22/2A/235/T", "no such qualifiers after 01"),
        (f"https://x.example/01/{GTIN}/21/1/21/2", "no such qualifiers after 01"),
        ("https://x.example/414/0614141123452/254/1/7040/1ABC", "expected 254 or 7040"),
        ("https://x.example/402/61414112345678901/10/A", "check digit"),
        ("https://x.example/253/0614141123452/10/A", "expected nothing"),
        (f"https://x.example/01/{GTIN[:-1]}3", "the check digit is 3, 2 was expected"),
        ("https://x.example/01/123", "it has 3 characters, 14 were expected"),
        ("https://x.example/01/1234567089012400", "it has 16 characters"),
        (f"https://x.example/01/{GTIN}/10/{'A' * 21}", "1 to 20 were expected"),
        (f"https://x.example/01/{GTIN}/10/%20", "no blank"),
        (f"https://x.example/01/{GTIN}/10/%zz", "without two hexadecimal digits"),
        (f"https://x.example/01/{GTIN}/10/%ff", "no UTF-8"),
        (f"https://x.example/01/{GTIN}/10/%E6%89%B9", "82 characters"),
        (f"https://x.example/01/{GTIN}/10/%00", "82 characters"),
        (f"https://x.example/01/{GTIN}/10//21/1", "it has 0 characters"),
        (f"https://x.example/01/{GTIN}/10", "no GS1 key with its value"),
        (f"https://x.example/01/{GTIN}/414/0614141123452", "two keys, one after the other"),
        (f"https://x.example/gtin/{GTIN}", "no GS1 key"),
        ("https://x.example/", "no GS1 key"),
        ("https://x.example", "no GS1 key"),
        (f"https://x.example/01/{GTIN}?17=270431", "no day of the calendar"),
        (f"https://x.example/01/{GTIN}?17=270401&17=270401", "stands twice"),
        (f"https://x.example/01/{GTIN}/10/A?10=B", "stands twice"),
        (f"https://x.example/01/{GTIN}?21=5", "no data attribute"),
        (f"https://x.example/01/{GTIN}?12345=5", "no data attribute"),
        (f"https://x.example/01/{GTIN}?%D9%A1%D9%A7=270401", "no data attribute"),
        (f"https://x.example/01/{GTIN}?255=0614141123452", "never stand together"),
        (f"ftp://x.example/01/{GTIN}", "no web URI"),
        (f"https:///01/{GTIN}", "no web URI"),
        (f"https://x.example/01/{GTIN} ", "no web URI"),
        (f"https://x.example/01/{GTIN}\n", "no web URI"),
        (f"https://x.example/01/{GTIN}?{'a' * 5000}", "at most 4096"),
    ],
)
def test_a_link_that_breaks_a_rule_is_refused_with_the_reason(text: str, words: str):
    with pytest.raises(BadIdentifier) as caught:
        parse(text)
    assert words in str(caught.value)


def test_the_compressed_form_is_refused_with_a_sentence():
    for text in ("https://id.gs1.org/ARHKVAdpQg", "https://x.example/ARHKVAdpQg"):
        with pytest.raises(BadIdentifier, match="compressed form, that is not read here; expand it first"):
            parse(text)
    with pytest.raises(BadIdentifier, match="compressed form"):
        find("https://id.gs1.org/ARHKVAdpQg")
    assert find("https://x.example/ARHKVAdpQg") is None


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example/2024/01/15",
        "https://shop.example/2024/01/15/article",
        "https://shop.example/archive/00/20240115",
        "https://shop.example/archive/01/20240115",
        f"https://shop.example/01/{GTIN}/reviews",
        "https://shop.example/orders/401/12345",
        "https://shop.example/8004/A1",
        "https://shop.example/8010/abc",
        "https://shop.example/8013/12345",
        "https://shop.example/",
        "https://id.gs1.org/.well-known/gs1resolver",
        "https://id.gs1.org",
        "https://id.gs1.org/",
        "https://user@shop.example/orders/1",
        "https:///x",
        "httpx://shop.example/01/" + GTIN,
        "urn:epc:id:sgtin:0614141.112345.400",
        "not a uri",
    ],
)
def test_an_ordinary_uri_is_no_digital_link(text: str):
    assert find(text) is None


@pytest.mark.parametrize(
    "text",
    [
        f"https://shop.example/a/b/01/{GTIN}",
        "https://shop.example/01/95200002",
        "https://shop.example/401/0614141ABC",
        "https://shop.example/8004/061414112345400",
        "https://shop.example/8013/1987654Ad4X4bL5ttr2310c2K",
    ],
)
def test_a_digital_link_is_found_on_any_domain(text: str):
    assert find(text) == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f"https://shop.example/a/01/{GTIN[:-1]}3",
        "https://shop.example/01/95200003",
        "https://shop.example/a/00/12345678901",
        "https://id.gs1.org/01/123",
        "https://id.gs1.org/01",
        "https://id.gs1.org/8004/A1",
        "http://ID.gs1.org/8004/A1",
    ],
)
def test_a_uri_that_is_meant_as_a_digital_link_must_be_right(text: str):
    with pytest.raises(BadIdentifier):
        find(text)


@given(serials(), serials())
def test_lot_and_serial_of_any_allowed_characters_come_back(lot: str, serial: str):
    link = DigitalLink("01", GTIN, (("10", lot), ("21", serial)))
    assert parse(link.uri) == link
    assert write(link) == link.uri
    assert set(link.uri.removeprefix("https:")) <= set(string.ascii_letters + string.digits + "-._/%")


@given(st.text())
def test_any_text_is_read_or_refused_and_nothing_else_happens(text: str):
    for whole in (text, "https://id.gs1.org/" + text, f"https://x.example/01/{GTIN}/{text}", WHOLE + "?" + text):
        with suppress(BadIdentifier):
            link = find(whole)
            assert link is None or find(link.uri) == DigitalLink(link.key, link.value, link.qualifiers)


def test_a_gln_extension_of_a_single_zero_is_none():
    assert parse("https://x.example/414/0614141123452/254/0").uri == "https://id.gs1.org/414/0614141123452"
    assert parse("https://x.example/414/0614141123452/254/00").uri == "https://id.gs1.org/414/0614141123452/254/00"


def test_a_link_made_by_hand_is_held_to_the_same_rules():
    with pytest.raises(BadIdentifier, match="no key of a Digital Link"):
        checked(DigitalLink("10", "ABC"))
    with pytest.raises(BadIdentifier, match="no such qualifiers"):
        write(DigitalLink("01", GTIN, (("21", "1"), ("10", "A"))))
    with pytest.raises(BadIdentifier, match="check digit"):
        write(DigitalLink("01", "09506000134351"))
