"""The words of every room keep their limits, and money is counted in the units of ISO 4217."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core import values
from sogdia.core.values import day_of, is_line_total, minor_digits, minor_to_e5

GOOD = {
    values.PartyId: ["did:bid:sogd:ef", "x" * 64],
    values.Reference: ["2026-1", "订单 1", "x" * 60, " "],
    values.CountryCode: ["CN"],
    values.Currency: ["CNY"],
    values.Digest: ["ab" * 32],
    values.Instant: [0, 253_402_300_799_999],
    values.Minor: [0, 10**15],
    values.Count: [1, 10**12],
}
BAD = {
    values.PartyId: ["", "x" * 65],
    values.Reference: ["", "x" * 61, "a\nb", "a\x00", "a\n", "\x7f", "tab\t"],
    values.CountryCode: ["cn", "CHN", "C1", "", "CN\n"],
    values.Currency: ["cny", "CN", "CNYY", "CNY\n"],
    values.Digest: ["AB" * 32, "ab" * 31, "ab" * 33, "ab" * 32 + "\n", "zz" * 32],
    values.Instant: [-1, 253_402_300_800_000, 1.5, "1", True],
    values.Minor: [-1, 10**15 + 1, 0.5],
    values.Count: [0, -1, 10**12 + 1],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, good in GOOD.items() for value in good])
def test_a_value_within_its_limits_is_taken(kind: object, value: object) -> None:
    assert msgspec.json.decode(msgspec.json.encode(value), type=kind) == value


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, bad in BAD.items() for value in bad])
def test_a_value_beyond_its_limits_is_not(kind: object, value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(value), type=kind)


def test_minor_units_are_those_of_iso_4217() -> None:
    assert [minor_digits(code) for code in ("CNY", "EUR", "JPY", "KWD", "CLF")] == [2, 2, 0, 3, 4]
    assert [minor_to_e5(code, 1) for code in ("CNY", "JPY", "KWD", "CLF")] == [1_000, 100_000, 100, 10]


def test_a_line_total_may_differ_from_quantity_times_price_by_half_a_minor_unit() -> None:
    assert is_line_total("CNY", 3, 33_333, 100), "3 x 0.33333 = 0.99999, told as 1.00"
    assert is_line_total("CNY", 1, 1_500, 1)
    assert is_line_total("CNY", 1, 1_500, 2), "exactly half may go either way"
    assert not is_line_total("CNY", 1, 1_501, 1)
    assert is_line_total("JPY", 2, 150_000, 3)
    assert not is_line_total("JPY", 2, 150_000, 300)


@given(st.sampled_from(["CNY", "JPY", "KWD"]), st.integers(1, 10**12), st.integers(0, 10**16))
def test_the_nearest_total_is_always_right_and_its_second_neighbour_never(
    currency: str, quantity: int, price_e5: int
) -> None:
    unit = minor_to_e5(currency, 1)
    nearest = (2 * quantity * price_e5 + unit) // (2 * unit)
    assert is_line_total(currency, quantity, price_e5, nearest)
    assert not is_line_total(currency, quantity, price_e5, nearest + 2)


def test_chinas_day_begins_eight_hours_early() -> None:
    new_year = 1_798_732_800_000  # 2026-12-31T16:00:00Z
    assert (day_of(new_year), day_of(new_year, 8), day_of(new_year - 1, 8)) == (
        "2026-12-31",
        "2027-01-01",
        "2026-12-31",
    )
    assert day_of(253_402_300_799_999) == "9999-12-31"


def test_the_last_instant_of_all_has_no_day_in_china() -> None:
    """An instant is what a message may say; a block's own time is the clock's and never comes near."""
    with pytest.raises(OverflowError):
        day_of(253_402_300_799_999, 8)
