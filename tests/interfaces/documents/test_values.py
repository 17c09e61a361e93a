"""Values between the record and customs' formats, both ways."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.interfaces.documents import values

INSTANTS = st.integers(0, 253_402_214_400_000)


@given(INSTANTS)
def test_a_time_with_milliseconds_comes_back(instant_ms):
    assert values.instant_of(values.time17(instant_ms)) == instant_ms


@given(INSTANTS)
def test_a_time_to_the_second_comes_back_to_the_second(instant_ms):
    assert values.instant_of(values.time14(instant_ms)) == instant_ms // 1000 * 1000


@given(st.integers(0, 10**15), st.sampled_from(["EUR", "JPY", "BHD", "CNY"]))
def test_an_amount_comes_back(minor, currency):
    assert values.minor_of(currency, values.amount(currency, minor)) == minor


@given(st.integers(0, 10**16))
def test_a_price_comes_back(price_e5):
    assert values.e5_of(values.from_e5(price_e5)) == price_e5


@given(st.integers(0, 10**12))
def test_a_weight_comes_back(grams):
    assert values.grams_of(values.kilograms(grams)) == grams


def test_china_is_eight_hours_ahead_all_year():
    assert values.time14(1_772_424_000_000) == "20260302120000"
    assert values.day8(1_772_467_199_000) == "20260302"
    assert values.day8(1_772_467_200_000) == "20260303"


@pytest.mark.parametrize("text", ["", "2026", "20260231120000", "20260302250000", "2026030212000O", "202603021200001"])
def test_what_is_no_time_is_none(text):
    assert values.instant_of(text) is None


def test_nothing_is_ever_rounded():
    assert values.minor_of("EUR", Decimal("1.001")) is None
    assert values.minor_of("JPY", Decimal("1.5")) is None
    assert values.e5_of(Decimal("0.000001")) is None
    assert values.grams_of(Decimal("0.0005")) is None


def test_a_guid_depends_on_network_message_and_key_and_is_upper_case():
    one = values.guid("sogd", 303, "orders.order", "p", "1")
    assert one == values.guid("sogd", 303, "orders.order", "p", "1")
    others = {
        values.guid("other", 303, "orders.order", "p", "1"),
        values.guid("sogd", 311, "orders.order", "p", "1"),
        values.guid("sogd", 303, "orders.order", "p", "2"),
    }
    assert one == one.upper()
    assert len(others | {one}) == 4
