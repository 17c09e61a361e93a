"""Identifiers made to deceive: each is the thing that it names byte for byte, or is refused; none becomes another."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.gs1.digital_link import parse
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical, identity, kind_of, parents

GTIN = "09506000134352"
ITEM = f"https://id.gs1.org/01/{GTIN}/21/"
ARABIC, WIDE = ("".join(chr(zero + int(digit)) for digit in GTIN) for zero in (0x660, 0xFF10))


@pytest.mark.parametrize(
    ("serial", "is_same_as"),
    [
        ("%2541", "%2541"),
        ("%252F", "%252F"),
        ("%25252F", "%25252F"),
        ("a%2fb", "a%2Fb"),
        ("%41", "A"),
        ("%2E%2E", ".."),
    ],
)
def test_percent_signs_are_decoded_once_and_never_again(serial: str, is_same_as: str) -> None:
    assert canonical(ITEM + serial) == ITEM + is_same_as
    assert canonical(canonical(ITEM + serial)) == ITEM + is_same_as


def test_an_encoded_slash_is_no_slash() -> None:
    assert parse(ITEM + "a%2F10%2Fb").qualifiers == (("21", "a/10/b"),)
    assert parents(canonical(ITEM + "a%2F10%2Fb")) == (ITEM.removesuffix("/21/"),)
    assert canonical(f"https://id.gs1.org/01%2F{GTIN}") == f"https://id.gs1.org/01%2F{GTIN}"


@pytest.mark.parametrize("path", [f"%30%31/{GTIN}", f"0%31/{GTIN}/21/a", f"01%2F{GTIN}"])
def test_a_key_that_is_encoded_is_no_key_and_the_uri_names_no_product(path: str) -> None:
    assert kind_of(canonical(f"https://id.gs1.org/{path}")) == "other"


@pytest.mark.parametrize(
    "text",
    [
        ITEM + "%FF",
        ITEM + "%C0%AF",
        ITEM + "%ED%A0%80",
        ITEM + "%",
        ITEM + "%4",
        ITEM + "%GG",
        ITEM + "%00",
        ITEM + "%0A",
        ITEM + "%20",
        ITEM + "%7F",
        ITEM + "%C2%A0",
        ITEM + quote("é"),
        ITEM + "é",
        ITEM + "a\u200b",
        ITEM + "a/10/b",
        ITEM + "a/21/b",
        ITEM + "../21/b",
        ITEM + "a" * 2_000,
        ITEM + "%41" * 21,
        ITEM.replace("/21/", "/%32%31/") + "a",
        ITEM.replace("/01/", "/01//") + "a",
        f"https://id.gs1.org/01/{GTIN}?{quote(ARABIC[:2])}=260101",
        f"https://id.gs1.org/01/{ARABIC}",
        f"https://id.gs1.org/01/{WIDE}",
        f"https://id.gs1.org/01/{quote(ARABIC)}",
        f"https://id.gs1.org/01/{quote(WIDE)}/21/a",
        f"https://id.gs1.org/01/{GTIN}?17={quote(ARABIC[:6])}",
        f"https://id.gs1.org/01/{GTIN}?17=260101&17=260101",
        f"https://id.gs1.org/01/{GTIN}?01={GTIN}",
        "urn:epc:id:sgtin:0614141.11234٥.1",
        "urn:epc:id:sgtin:0614141.11234%EF%BC%95.1",
        "urn:epc:id:sgtin:%30614141.112345.1",
        "urn:epc:id:itip:4012345.012345.%D9%A0%D9%A1.02.987",
        "urn:epc:id:sgcn:4012345.67890.%D9%A1",
        "urn:epc:id:cpi:0614141.5PQ7.%D9%A1",
        "urn:epc:id:sgtin:0614141.112345.a/b",
        "urn:epc:id:sgtin:0614141.112345." + "1" * 2_000,
        "https://x.example/" + f"01/{GTIN}/" * 100,
        "urn:x:" + "a" * 5_000,
    ],
    ids=lambda text: ascii(text[:70]),
)
def test_what_deceives_is_refused(text: str) -> None:
    with pytest.raises(BadIdentifier):
        canonical(text)


@pytest.mark.parametrize(
    "text",
    [
        f"https://id.gs1.org@evil.example/01/{GTIN}",
        f"https://user:pw@id.gs1.org/01/{GTIN}",
        f"https://id.gs1.org\\01\\{GTIN}",
        f"https:///01/{GTIN}",
        f"https://evil.example/?u=https://id.gs1.org/01/{GTIN}",
        f"https://evil.example/#/01/{GTIN}",
        f"javascript:'/01/{GTIN}'",
    ],
)
def test_what_only_looks_like_a_link_stays_what_it_is(text: str) -> None:
    assert canonical(text) == text
    assert kind_of(text) == "other"


def test_a_gtin_of_zeros_is_right_by_the_rules_of_gs1_and_stays_itself() -> None:
    assert canonical("urn:epc:id:sgtin:000000.0000000.0") == f"https://id.gs1.org/01/{'0' * 14}/21/0"


@given(st.text(st.sampled_from("%20123456789/aF.:?#&=;@é٣\0\n 🥖"), max_size=40))
def test_no_text_after_a_key_makes_another_product_of_it(rest: str) -> None:
    for text in (f"https://id.gs1.org/01/{GTIN}/21/{rest}", f"https://x.example/01/{GTIN}/21/{rest}"):
        try:
            found = canonical(text)
        except BadIdentifier:
            continue
        assert found == text or found.startswith(f"https://id.gs1.org/01/{GTIN}/21/") or "/01/" in rest
        assert canonical(found) == found
        assert identity(found).isascii()


@pytest.mark.parametrize(
    "text", ["https://x/" + "01/" * 1_400, "https://x/" + "%25" * 1_400, "urn:epc:id:sgtin:" + "1." * 2_100]
)
def test_identifiers_without_end_are_refused(text: str) -> None:
    for whole in (text, text * 1_000):
        with pytest.raises(BadIdentifier):
            canonical(whole)
