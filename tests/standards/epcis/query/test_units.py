"""Measures in different units are the same measure; the pairs are those that everyone knows."""

from decimal import Decimal

import pytest

from sogdia.standards.epcis.query.units import UNITS, in_base_unit


@pytest.mark.parametrize(
    ("number", "uom", "other", "other_uom"),
    [
        ("0", "CEL", "273.15", "KEL"),
        ("100", "CEL", "212", "FAH"),
        ("-40", "CEL", "-40", "FAH"),
        ("25", "CEL", "77", "FAH"),
        ("1", "TNE", "1000", "KGM"),
        ("16", "ONZ", "1", "LBR"),
        ("12", "INH", "1", "FOT"),
        ("5280", "FOT", "1", "SMI"),
        ("3", "FOT", "1", "YRD"),
        ("231", "INQ", "1", "GLL"),
        ("1000", "MLT", "1", "LTR"),
        ("1", "ATM", "1013.25", "MBR"),
        ("1", "BAR", "100", "KPA"),
        ("36", "KMH", "10", "MTS"),
        ("1.852", "KMH", "1", "KNT"),
        ("1", "SMI", "1609.344", "MTR"),
        ("7", "DAY", "1", "WEE"),
        ("1", "KWH", "3600", "KJO"),
        ("144", "FTK", "13.3780377600", "MTK"),
    ],
)
def test_two_spellings_of_one_measure_are_equal(number: str, uom: str, other: str, other_uom: str) -> None:
    assert in_base_unit(Decimal(number), uom) == in_base_unit(Decimal(other), other_uom)


def test_a_spread_has_no_zero_point() -> None:
    assert in_base_unit(Decimal("1.8"), "FAH", is_spread=True) == (Decimal(1), "KEL")
    assert in_base_unit(Decimal(2), "CEL", is_spread=True) == (Decimal(2), "KEL")


def test_a_unit_that_is_not_known_is_its_own_base() -> None:
    assert in_base_unit(Decimal("5.50"), "A93") == (Decimal("5.50"), "A93")


def test_every_base_unit_is_its_own_base() -> None:
    for unit in UNITS.values():
        base = UNITS[unit.base]
        assert (base.base, base.factor, base.added) == (unit.base, 1, 0)


def test_a_long_number_stays_exact() -> None:
    number = Decimal("1234567890123456789012345.678901")
    assert in_base_unit(number, "KMT")[0] == Decimal("1234567890123456789012345678.901")
