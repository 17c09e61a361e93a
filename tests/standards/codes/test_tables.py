"""Customs' code tables: found both ways, sourced row by row, and silent about nothing."""

import pytest

from sogdia.standards import codes
from sogdia.standards.codes.tables import table


@pytest.mark.parametrize(
    "alpha2, code",
    [("CN", "142"), ("US", "502"), ("CA", "501"), ("GB", "303"), ("DE", "304"), ("FR", "305"), ("HK", "110"),
     ("JP", "116"), ("AU", "601")],
)  # fmt: skip
def test_a_country_is_found_both_ways(alpha2, code):
    assert codes.country_code(alpha2).code == code
    assert codes.country_of(code).key == alpha2


@pytest.mark.parametrize(
    "iso, code", [("CNY", "142"), ("USD", "502"), ("EUR", "300"), ("GBP", "303"), ("JPY", "116"), ("CAD", "501")]
)
def test_a_currency_is_found_both_ways(iso, code):
    assert codes.currency_code(iso).code == code
    assert codes.currency_of(code).key == iso


@pytest.mark.parametrize("code, name", [("007", "piece"), ("011", "item"), ("035", "kilogram"), ("025", "pair")])
def test_units_have_their_names(code, name):
    assert codes.unit(code).name == name


def test_air_is_transport_mode_5():
    assert codes.transport_mode("5").name == "air"


def test_what_a_table_lacks_is_named_with_its_remedy_and_is_not_taken_for_a_row():
    missing = codes.currency_code("XCD")
    assert not missing
    assert missing.explain() == (
        "customs' table of currencies has no row for XCD; add its row, with a source, to currencies.csv"
    )


def test_a_place_without_an_iso_code_of_its_own_is_no_country_of_ours():
    assert table("countries").of_code("207").name == "Canary Islands"
    assert not codes.country_of("207")


@pytest.mark.parametrize("name", codes.TABLES)
def test_every_row_has_a_source_and_a_certainty(name):
    rows = table(name).by_code.values()
    assert all(row.source and row.certainty in ("verified", "secondary", "memory") for row in rows)
    assert all(row.certainty == "memory" for row in rows if "memory" in row.source)


@pytest.mark.parametrize("name", codes.TABLES)
def test_no_key_stands_twice(name):
    rows = table(name).by_code.values()
    assert len(table(name).by_key) == sum(bool(row.key) for row in rows)


def test_only_what_was_read_is_not_from_memory():
    known = [row.code for name in codes.TABLES for row in table(name).by_code.values() if row.certainty != "memory"]
    assert sorted(known) == ["142", "142", "501", "501", "502", "502"]
