"""The tables beside the code: countries, currencies, reasons, headings; amounts and times; the catalogue."""

import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sogdia.standards.orders
from sogdia.standards.orders import OrderFileRefused, SetAside, read_catalogue, suggest
from sogdia.standards.orders.amounts import SCALE, atoms_of, exponent_of, minor_of, text_of, unit_price_text, whole_of
from sogdia.standards.orders.countries import country_of
from sogdia.standards.orders.reasons import reasons
from sogdia.standards.orders.tables import rows_of
from sogdia.standards.orders.times import instant_of

PACKAGE = Path(sogdia.standards.orders.__file__).parent


def test_the_list_of_countries_has_249_entries_each_code_once() -> None:
    listed = [row for row in rows_of("countries.csv") if row["alpha3"]]
    assert len(listed) == 249
    for column in ("name", "alpha2", "alpha3"):
        assert len({row[column] for row in listed}) == 249
    codes = {row["alpha2"] for row in listed}
    assert all(row["alpha2"] in codes or (not row["alpha2"] and row["note"]) for row in rows_of("countries.csv"))


def test_no_name_stands_for_two_countries() -> None:
    names = [" ".join(row["name"].casefold().replace(".", "").split()) for row in rows_of("countries.csv")]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    "name, alpha2",
    [
        ("united kingdom", "GB"),
        (" GBR ", "GB"),
        ("gb", "GB"),
        ("EIRE", "IE"),
        ("U.S.A.", "US"),
        ("Czech Republic", "CZ"),
        ("Côte d'Ivoire", "CI"),
        ("Viet Nam", "VN"),
        ("中国", "CN"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
    ],
)
def test_a_country_is_known_by_its_names_and_codes(name: str, alpha2: str) -> None:
    country = country_of(name)
    assert country is not None
    assert country.alpha2 == alpha2


@pytest.mark.parametrize("name", ["Channel Islands", "European Community", "Unspecified", "XK"])
def test_a_name_that_is_no_single_country_says_why(name: str) -> None:
    country = country_of(name)
    assert country is not None
    assert country.alpha2 is None
    assert country.note


def test_currencies_have_their_minor_units() -> None:
    assert [exponent_of(code) for code in ("EUR", "JPY", "KWD", "XXX", "", "eur")] == [2, 0, 3, None, None, None]


def test_every_reason_has_words_in_both_languages_and_a_remedy() -> None:
    for reason in reasons().values():
        assert all(reason), reason.code
        for words in (reason.en, reason.zh):
            assert re.fullmatch(r"(?:[^{}]|\{[a-z]+\})*", words)
        facts = set(re.findall(r"\{[a-z]+\}", reason.en)) - {"{row}", "{field}", "{value}"}
        for remedy in (reason.remedy, reason.remedy_zh):
            assert set(re.findall(r"\{.*?\}", remedy)) <= facts, reason.code


def test_every_reason_in_the_code_is_in_the_table_and_the_other_way_round() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py") if path.name != "examples.py")
    code += "\n".join(row["reason"] for row in rows_of("statuses.csv"))
    used = {name for name in reasons() if re.search(rf"\b{name}\b", code)}
    assert set(reasons()) == used
    named = set(re.findall(r'Fault\(\s*"([a-z_0-9]+)"', code)) | {row["reason"] for row in rows_of("statuses.csv")}
    assert named - {""} <= set(reasons())


def test_a_row_set_aside_says_what_and_what_to_do_in_english_and_chinese() -> None:
    item = SetAside(7, "A1", "Country", "Mars", "country_unknown", "1.00", "GBP")
    assert item.sentence() == "Row 7: Mars is no country in the table."
    assert item.sentence("zh") == "第 7 行：Mars 不在国家表中。"
    assert item.remedy().startswith("Use the ISO code")


def test_what_to_do_names_the_other_row() -> None:
    item = SetAside(7, "A1", "Quantity", "2", "order_incomplete", "1.00", "GBP", (("other", "5"),))
    assert (item.remedy(), item.remedy("zh")) == ("Correct row 5 first.", "先更正第 5 行。")


def test_a_sentence_with_a_missing_fact_is_still_a_sentence() -> None:
    item = SetAside(7, "", "", "{x}", "duplicate", "", "")
    assert item.sentence() == "Row 7 repeats row (first) in every field."


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=8))
def test_amounts_keep_every_decimal(value: Decimal) -> None:
    atoms = atoms_of(f"{value:f}")
    assert atoms is not None
    assert Decimal(atoms) / SCALE == value == Decimal(text_of(atoms))


@pytest.mark.parametrize(
    "text", ["", "1,5", "1.", ".5", "1e3", "NaN", "٣", "--1", "1 000", "0.000000001", "£1", "9" * 16]
)
def test_what_is_no_plain_decimal_is_no_amount(text: str) -> None:
    assert atoms_of(text) is None


@pytest.mark.parametrize("text, whole", [("6", 6), ("-3", -3), ("2.0", 2), ("2.5", None), ("1" * 10, None), ("", None)])
def test_quantities_are_whole(text: str, whole: int | None) -> None:
    assert whole_of(text) == whole


def test_minor_units_are_whole_or_nothing() -> None:
    assert minor_of(atoms_of("2.55") or 0, 2) == 255
    assert minor_of(atoms_of("0.001") or 0, 2) is None
    assert minor_of(atoms_of("0.001") or 0, 3) == 1


@given(st.integers(1, 10**9), st.integers(1, 1000))
def test_a_price_of_one_times_the_quantity_is_the_total_within_a_rounding(minor: int, quantity: int) -> None:
    price = Decimal(unit_price_text(minor * SCALE // 100, quantity))
    assert abs(price * quantity - Decimal(minor) / 100) <= Decimal("0.000005") * quantity


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2024-05-01T11:12:13Z", datetime(2024, 5, 1, 11, 12, 13, tzinfo=UTC)),
        ("2024-05-01 11:12:13 -0400", datetime(2024, 5, 1, 15, 12, 13, tzinfo=UTC)),
        ("2024-05-01T11:12:13.250+05:30", datetime(2024, 5, 1, 5, 42, 13, 250_000, tzinfo=UTC)),
        ("2024-05-01 11:12:13 UTC", datetime(2024, 5, 1, 11, 12, 13, tzinfo=UTC)),
        ("2024-05-01 9:12", datetime(2024, 5, 1, 7, 12, tzinfo=UTC)),
        ("2024/5/1 9:12", datetime(2024, 5, 1, 7, 12, tzinfo=UTC)),
        ("2024/05/01 9:12:30", datetime(2024, 5, 1, 7, 12, 30, tzinfo=UTC)),
        ("2024/11/20 09:12:13 +0800", datetime(2024, 11, 20, 1, 12, 13, tzinfo=UTC)),
        ("2024/11/20", datetime(2024, 11, 19, 23, 0, tzinfo=UTC)),
        ("2024-5-1", datetime(2024, 4, 30, 22, 0, tzinfo=UTC)),
    ],
)
def test_times_with_and_without_an_offset(text: str, moment: datetime) -> None:
    assert instant_of(text, ZoneInfo("Europe/Berlin")) == round(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    "text", ["", "soon", "2024-02-30 10:00:00", "0001-01-01 00:00:00Z", "2024/13/01", "9999-12-31 23:59:59-23:00"]
)
def test_what_is_no_time(text: str) -> None:
    assert instant_of(text, ZoneInfo("Europe/Berlin")) == "time_unreadable"


@pytest.mark.parametrize("text", ["2024/11-20 10:00", "2024/1/2/3", "24/11/20", "2024/11/200", "x2024/11/20 10:00"])
def test_what_only_looks_like_a_day_is_no_time(text: str) -> None:
    assert instant_of(text, ZoneInfo("Asia/Shanghai")) == "time_unreadable"


def test_a_day_without_a_time_still_needs_the_files_zone() -> None:
    assert instant_of("2024/11/20", None) == "time_no_offset"


@pytest.mark.parametrize(
    "description, heading",
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "940550"),
        ("SET/10 RED POLKADOT PARTY CANDLES", "340600"),
        ("RED RETROSPOT MUG", "691200"),
        ("SET/20 RED RETROSPOT PAPER NAPKINS", "481830"),
        ("SPACEBOY BIRTHDAY CARD", "490900"),
        ("WOODEN PICTURE FRAME WHITE FINISH", "4414"),
        ("PLEASE ONE PERSON METAL SIGN", "831000"),
        ("RED RETROSPOT UMBRELLA", "6601"),
        ("ALARM CLOCK BAKELIKE GREEN", "9105"),
        ("FELTCRAFT CUSHION OWL", "940490"),
        ("PINK SWEETHEART BRACELET", "711719"),
        ("CHOCOLATE HOT WATER BOTTLE", "401490"),
        ("HAND OVER THE CHOCOLATE   SIGN", "831000"),
    ],
)
def test_the_most_specific_words_suggest_the_heading(description: str, heading: str) -> None:
    suggestion = suggest(description)
    assert suggestion is not None
    assert (suggestion.heading, suggestion.certainty) == (heading, "suggestion")
    assert suggestion.reason
    assert suggestion.keyword


def test_what_matches_nothing_or_several_equally_waits() -> None:
    assert suggest("ASSORTED THINGUMMIES") is None
    assert suggest("") is None
    assert suggest("MUG CUP") is not None  # two words, one heading
    assert suggest("MUG PEN") is None  # two words of three letters, two headings


def test_every_row_of_headings_is_a_suggestion_with_a_heading_of_four_or_six_digits() -> None:
    table = list(rows_of("online_retail_headings.csv"))
    codes = {row["alpha2"] for row in rows_of("countries.csv")}
    for row in table:
        assert re.fullmatch(r"[0-9]{4}([0-9]{2})?", row["heading"])
        assert 1 <= int(row["heading"][:2]) <= 97
        assert row["heading"][:2] != "77"  # kept free in the nomenclature
        assert row["certainty"] == "suggestion"
        assert row["origin"] in codes
        assert int(row["net_weight_grams"]) > 0
        assert row["reason"]
        assert all(len(keyword) > 2 for keyword in row["keywords"].split("|")), row


CATALOGUE = "sku,description,hs_code,origin,unit,net_weight_grams,colour\n"


def test_a_catalogue_says_what_each_article_is_for_customs() -> None:
    rows = "MUG,Red mug,6912.00,China,piece,350.5,red\nBAG,Bag,42029298,IN,,120,\n"
    found = read_catalogue(io.BytesIO((CATALOGUE + rows).encode()))
    mug, bag = found.items["MUG"], found.items["BAG"]
    assert (mug.hs_code, mug.origin, mug.net_weight_milligrams) == ("691200", "CN", 350_500)
    assert (bag.hs_code, bag.unit) == ("42029298", "piece")
    assert found.columns_unknown == ("colour",)
    assert found.rows_in == 2


@pytest.mark.parametrize(
    "row, reason",
    [
        ("MUG,Again,691200,CN,piece,350,", "duplicate_sku"),
        (",Mug,691200,CN,piece,350,", "sku_blank"),
        ("A,,691200,CN,piece,350,", "description_blank"),
        ("A,Mug,69,CN,piece,350,", "hs_code_unreadable"),
        ("A,Mug,691200,Atlantis,piece,350,", "country_unknown"),
        ("A,Mug,691200,CN,piece,0,", "number_unreadable"),
        ("A,Mug,691200,CN,piece,0.0001,", "number_unreadable"),
        ("A,Mug", "columns_wrong"),
    ],
)
def test_a_bad_row_of_the_catalogue_waits(row: str, reason: str) -> None:
    text = f"{CATALOGUE}MUG,Mug,691200,CN,piece,350,\n{row}\n"
    found = read_catalogue(io.BytesIO(text.encode()))
    assert [item.reason for item in found.set_aside] == [reason]
    assert list(found.items) == ["MUG"]
    assert found.set_aside[0].remedy()


def test_a_file_that_is_no_catalogue_is_refused() -> None:
    with pytest.raises(OrderFileRefused, match="a catalogue"):
        read_catalogue(io.BytesIO(b"a,b\n1,2\n"))


@pytest.mark.parametrize("table", ["reasons.csv", "refusals.csv", "workbooks.csv"])
def test_chinese_sentences_have_chinese_marks(table: str) -> None:
    for row in rows_of(table):
        for text in (row[name] for name in row if "zh" in name):
            assert not re.search(r"[\u4e00-\u9fff}][,:;()]", text), text
            assert not re.search(r"[:,;][\u4e00-\u9fff]", text), text
