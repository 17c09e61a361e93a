"""Check digits and check pairs: published numbers hold, and no single mistake gets through."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.gs1.check_digits import check_digit, check_pair, holds, pair_holds
from tests.standards.gs1.strategies import CSET_82, digits

MODEL = "1987654Ad4X4bL5ttr2310c"  # GS1 General Specifications, section 7.9.5; its pair is 2K


@pytest.mark.parametrize(
    ("payload", "digit"),
    [
        ("690123456789", "2"),
        ("10614141234567890", "8"),
        ("061414112345", "2"),
        ("1061414112345", "9"),
        ("401234512345", "6"),
        ("0950600013435", "2"),
        ("", "0"),
    ],
)
def test_published_numbers_have_their_check_digit(payload: str, digit: str):
    assert check_digit(payload) == digit
    assert holds(payload + digit)


@given(digits(1, 30), st.data())
def test_one_wrong_digit_is_always_noticed(payload: str, data: st.DataObject):
    number = payload + check_digit(payload)
    at = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from(sorted(set(string.digits) - {number[at]})))
    assert not holds(number[:at] + other + number[at + 1 :])


@given(digits(1, 30), digits(1, 10))
def test_zeros_in_front_change_nothing(payload: str, zeros: str):
    assert check_digit("0" * len(zeros) + payload) == check_digit(payload)


def test_the_model_number_of_the_specification_has_its_pair():
    assert check_pair(MODEL) == "2K"
    assert pair_holds(MODEL + "2K")


@given(st.text(CSET_82, min_size=1, max_size=23), st.data())
def test_one_wrong_character_of_a_model_number_is_always_noticed(model: str, data: st.DataObject):
    at = data.draw(st.integers(0, len(model) - 1))
    other = data.draw(st.sampled_from(sorted(set(CSET_82) - {model[at]})))
    assert not pair_holds(model[:at] + other + model[at + 1 :] + check_pair(model))


@given(st.text(CSET_82, min_size=2, max_size=23), st.data())
def test_neighbours_that_change_places_are_always_noticed(model: str, data: st.DataObject):
    at = data.draw(st.integers(0, len(model) - 2))
    swapped = model[:at] + model[at + 1] + model[at] + model[at + 2 :]
    assert pair_holds(swapped + check_pair(model)) == (swapped == model)


@pytest.mark.parametrize("model", ["", "a" * 24, "a b", "名"])
def test_what_can_be_no_model_number_is_refused(model: str):
    with pytest.raises(ValueError, match="1 to 23 characters"):
        check_pair(model)
