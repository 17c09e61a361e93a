"""Canonical JSON: within the profile byte for byte RFC 8785, outside it a refusal that says where."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.did.jcs import MAX_SAFE_INTEGER, NotCanonical, canonical

LEAVES = (
    st.none() | st.booleans() | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | st.text(st.characters(codec="utf-8"))
)
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5))


@given(VALUES)
def test_the_bytes_are_those_of_another_rfc_8785_library(value: object):
    assert canonical(value) == rfc8785.dumps(value)
    assert json.loads(canonical(value)) == value


def test_the_escapes_are_those_of_rfc_8785_section_3_2_2_2():
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/\x7f\b\f\t\r"
    assert canonical(text) == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\\b\\f\\t\\r"'.encode()


def test_keys_are_sorted_at_every_level():
    value = {"b": [{"z": 1, "A": None}], "B": True, "": False}
    assert canonical(value) == b'{"":false,"B":true,"b":[{"A":null,"z":1}]}'


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"price": [1, 2.5]}, r"\$\.price\[1\]: float has no canonical form"),
        ({"n": 2**53}, r"\$\.n: whole numbers go up to 2\^53-1"),
        (-(2**53), r"whole numbers go up"),
        ({"名": 1}, "keys are ASCII"),
        ({1: 1}, "keys are ASCII"),
        ("\ud800", "half a character"),
        (b"raw", "bytes has no canonical form"),
        ({1, 2}, "set has no canonical form"),
    ],
)
def test_what_lies_outside_the_profile_is_refused_with_its_place(value: object, sentence: str):
    with pytest.raises(NotCanonical, match=sentence):
        canonical(value)


def test_nesting_has_a_limit():
    value: object = "x"
    for _ in range(32):
        value = [value]
    assert canonical(value) == b"[" * 32 + b'"x"' + b"]" * 32
    with pytest.raises(NotCanonical, match="nested deeper than 32"):
        canonical([value])
