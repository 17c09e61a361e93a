"""The two encodings: one text for one value, the same bytes on every node."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.codec import base64url, from_base64url, json_bytes, record_bytes


@given(st.binary(max_size=100))
def test_base64url_is_that_of_the_standard_library_without_padding(data: bytes) -> None:
    assert base64url(data) == base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    assert from_base64url(base64url(data)) == data


@given(st.text(alphabet="AQgwzZ09-_+/= \n\u00e9", max_size=12))
def test_each_byte_string_has_one_text(text: str) -> None:
    try:
        data = from_base64url(text)
    except ValueError:
        return
    assert base64url(data) == text


@pytest.mark.parametrize(
    "text", ["A", "AA=", "AA==", "AAA=", "+AAA", "/AAA", "AA A", "AAAA\n", "é", "AB", "AAB", "\0AAA", "="]
)
def test_padding_other_alphabets_and_spare_bits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        from_base64url(text)


def test_the_vector_of_rfc_7515_appendix_c() -> None:
    assert base64url(bytes([3, 236, 255, 224, 193])) == "A-z_4ME"
    assert from_base64url("A-z_4ME") == bytes([3, 236, 255, 224, 193])


def test_sets_and_dicts_are_encoded_in_one_order() -> None:
    letters = {"b", "a", "c"}
    assert json_bytes({"z": 1, "a": letters}) == b'{"a":["a","b","c"],"z":1}'
    assert record_bytes({"z": 1, "a": 2}) == record_bytes({"a": 2, "z": 1})


def test_a_record_is_the_array_of_its_fields() -> None:
    class Pair(msgspec.Struct, array_like=True):
        one: int
        other: str = "new field"

    assert record_bytes(Pair(1)) == b"\x92\x01\xa9new field"
    assert msgspec.msgpack.decode(b"\x91\x01", type=Pair) == Pair(1), "a record written before the field came"
