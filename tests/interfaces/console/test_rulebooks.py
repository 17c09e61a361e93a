"""Rulebooks: every row with its days and source, what nobody has checked, what ends, and how it was on another day."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from sogdia.core.state import Committed
from sogdia.core.values import day_of
from sogdia.domains.customs.messages import PublishLimits
from sogdia.domains.customs.state import LEGAL_DAY_OFFSET_HOURS, LIMITS_BOOK
from sogdia.interfaces.console.rulebooks_rows import Value, books_of, every_row, source_parts, tables_of, values_of
from sogdia.primitives.rulebooks import RuleRow
from sogdia.standards import seed
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.governed_town import enter, flaws, governed_house, text_of
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CUSTOMS, SELLER

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]
ROWS = (*seed.rows("customs_cn_limits"), *seed.rows("catalog_bans"))
"""What the founding agreement put on record."""
SINGLE = {"table": "customs.rulebook", "book": LIMITS_BOOK, "key": "single_fen"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with governed_house(tmp_path_factory.mktemp("rulebooks")) as found:
        yield found


def seen(house: House, path: str, language: str = "en", **asked: str) -> str:
    """A page as a seller reads it."""
    with house.signed_in(house.person(SELLER)) as client:
        address = f"/console/rulebooks{path}" + (f"?{urlencode(asked)}" if asked else "")
        return text_of(client.get(address, headers={"accept-language": language}))


def holding(day: str) -> list[RuleRow]:
    """Of the rows that were founded, those that hold on a day."""
    return [row for row in ROWS if row.valid_from <= day <= row.valid_to]


def test_every_book_is_counted_with_what_nobody_has_checked(house: House) -> None:
    today = day_of(house.console.now_ms(), LEGAL_DAY_OFFSET_HOURS)
    unchecked = [row for row in holding(today) if row.certainty in ("memory", "suggestion")]
    page = seen(house, "")
    assert f"Rows in force {len(holding(today))} " in page
    assert f"Unchecked {len(unchecked)} " in page
    assert "China: limits of retail import" in page
    assert "Bans by destination" in page


def test_unchecked_rows_are_marked_and_listed_alone(house: House) -> None:
    page = seen(house, "/rows", show="unchecked")
    today = day_of(house.console.now_ms(), LEGAL_DAY_OFFSET_HOURS)
    assert page.count("Unchecked: from memory") == len([row for row in holding(today) if row.certainty == "memory"])
    assert "Second-hand source" not in page


@pytest.mark.parametrize(
    "day, limit, other", [("2018-06-01", "2,000.00", "5,000.00"), ("2024-06-01", "5,000.00", "2,000.00")]
)
def test_on_another_day_another_row_held(house: House, day: str, limit: str, other: str) -> None:
    page = seen(house, "/rows", book=LIMITS_BOOK, day=day, q="per order")
    assert f"One order Value {limit} CNY" in page
    assert other not in page.partition("Source Caiguanshui")[0]


def test_before_the_first_row_nothing_held(house: House) -> None:
    assert "No row is in force" in seen(house, "/rows", day="1999-01-01")


def test_a_code_that_no_rate_ever_covered_is_said_to_be_refused_and_not_to_be_a_matter_of_the_day(house: House) -> None:
    page = seen(house, "/rows", q="0409")
    assert "Nothing was ever published for “0409”" in page
    assert "No rate on record covers HS code 0409, on any day. Import lists with such goods are refused" in page
    assert "Choose another day" not in page
    assert "含此类商品的进口清单一律被拒绝" in seen(house, "/rows", "zh", q="0409")
    assert "a ban that is not published forbids nothing" in seen(house, "/rows", q="0409", book="catalog.bans")


def test_what_holds_on_other_days_alone_leads_to_them(house: House) -> None:
    page = seen(house, "/rows", day="1999-01-01", q="per order")
    assert "Choose another day or book" in page
    assert "All 2 rows of now, before and later" in page


def test_a_code_is_found_under_the_beginning_that_covers_it(house: House) -> None:
    assert "SG/170410" in seen(house, "/rows", q="1704100000")
    assert "SG/170410" not in seen(house, "/rows", q="1704900000")


def test_an_unchecked_row_says_what_is_unchecked_and_its_source_says_so_in_the_language(house: House) -> None:
    assert "Not compared with the text: value and days" in seen(house, "/rows", show="unchecked")
    page = seen(house, "/rows", "zh", show="unchecked")
    assert "未与原文核对：数值和日期" in page
    assert "Act 42 of 2019（凭记忆填写）" in page


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("Act 42 of 2019", ("Act 42 of 2019", "", "")),
        ("GG 49/2018, https://www.gov.cn/x?a=1.", ("GG 49/2018, ", "https://www.gov.cn/x?a=1", ".")),
        ("javascript:alert(1)", ("javascript:alert(1)", "", "")),
    ],
)
def test_a_source_is_linked_where_it_gives_an_address(source: str, parts: tuple[str, str, str]) -> None:
    assert source_parts(source) == parts


def test_what_is_no_day_is_today(house: House) -> None:
    assert "which is today" in seen(house, "/rows", day="2026-02-31")


def test_rows_that_end_soon_and_are_not_followed_are_told_with_the_days_that_are_left(house: House) -> None:
    ending = [row for row in ROWS if row.valid_to == "2027-12-31"]
    page = seen(house, "/rows", show="ending", day="2027-12-10")
    assert page.count("Ends in 21 days") == len(ending) > 0
    assert "Nothing ends soon" in seen(house, "/rows", show="ending", day="2027-11-20")


def test_the_numbers_of_a_book_are_those_of_its_rows(house: House) -> None:
    node = house.town.node
    rows = list(every_row(Committed(node.store, cached=0), tables_of(node.machine.tables.values()), "2027-12-10"))
    limits, bans = sorted((book for book in books_of(rows) if book.rows), key=lambda book: book.name, reverse=True)
    assert (limits.name, limits.keys, limits.ends) == (LIMITS_BOOK, 3, "2029-12-31")
    assert (bans.name, bans.holding, bans.ending, bans.ends) == ("catalog.bans", 6, 6, "2027-12-31")


def test_a_key_shows_all_it_ever_said_and_who_published_it(house: House) -> None:
    page = seen(house, "/row", **SINGLE)
    assert "2016-04-08" in page
    assert "Caiguanshui 49/2018" in page
    assert "Founding agreement" in page
    newer = RuleRow(
        book=LIMITS_BOOK,
        key="yearly_fen",
        valid_from=(date(2026, 11, 23) + timedelta(days=400)).isoformat(),
        valid_to="2035-12-31",
        value="3000000",
        source="announcement of the test",
        certainty="verified",
    )
    assert house.town.submit(PublishLimits(authority=CUSTOMS.did, rows=(newer,)), by=CUSTOMS).accepted
    page = seen(house, "/row", **{**SINGLE, "key": "yearly_fen"})
    assert "Coming Value 30,000.00 CNY Certainty Checked" in page
    assert "Publish customs limits" in page
    assert "Signed by customs" in page


def test_a_day_that_no_row_covers_is_said_to_be_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        monkeypatch.setattr(house.console, "clock", lambda: 2_200_000_000.0)
        page = text_of(client.get(f"/console/rulebooks/row?{urlencode(SINGLE)}"))
    assert "No row holds on 2039-09-19" in page
    assert "refused until the authority publishes one" in page


@pytest.mark.parametrize("missing", [{"table": "orders.order"}, {"book": "no.such.book"}, {"key": "none"}])
def test_what_is_on_no_shelf_has_no_page(house: House, missing: dict[str, str]) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        assert client.get(f"/console/rulebooks/row?{urlencode(SINGLE | missing)}").status_code == 404


SEVENTY = Value("vat", "70 %")
PER_UNIT = Value("consumption_per_unit_fen", "220", "CNY")


@pytest.mark.parametrize(
    "book, key, value, told",
    [
        ("tax.cn.retail_import.rates", "0402", '{"vat":"0.13"}', [Value("vat", "13 %")]),
        (
            "tax.cn.retail_import.share",
            "within",
            '{"duty":"0","vat":"0.7"}',
            [Value("duty", "0 %"), Value("vat", "70 %")],
        ),
        ("tax.cn.retail_import.rates", "2203", '{"consumption_per_unit_fen":"22000"}', [PER_UNIT]),
        (LIMITS_BOOK, "single_fen", "500000", [Value("", "5,000.00", "CNY")]),
        ("catalog.bans", "AU/2404", "Act of 2024", [Value("", "Act of 2024")]),
        ("book.of.later", "x", '{"what":"ever"}', [Value("what", "ever")]),
        ("book.of.later", "x", "17", [Value("", "17")]),
    ],
)
def test_a_value_is_read_in_its_units(book: str, key: str, value: str, told: list[Value]) -> None:
    row = RuleRow(book, key, "2026-01-01", "2026-12-31", value, "the test", "verified")
    assert values_of(row) == told


def test_an_officer_looks_up_how_a_limit_was_on_a_day(house: House, visit: Visiting) -> None:
    one = enter(house, visit(width=390, language="zh"), house.person(CUSTOMS))
    one.page.goto(f"{house.local}/console/rulebooks")
    one.page.get_by_role("link", name="中国：跨境零售进口限额").click()
    one.page.fill("#day", "2018-06-01")
    one.page.locator("form.filters button").click()
    assert "2018-06-01 的条目状态" in one.page.locator(".heading").inner_text()
    one.page.get_by_role("link", name="单次交易").click()
    assert one.page.get_by_text("2,000.00").is_visible()
    assert one.page.get_by_text("未核对：凭记忆").is_visible()


def test_rows_of_any_day_are_open_to_everyone(house: House, browser: Browser) -> None:
    pages = {
        "rulebooks-all": "/console/rulebooks/rows?show=all",
        "rulebooks-ending": "/console/rulebooks/rows?show=ending&day=2027-12-10",
        "rulebooks-none": "/console/rulebooks/rows?day=1999-01-01",
        "rulebooks-row": f"/console/rulebooks/row?{urlencode(SINGLE)}",
    }
    assert flaws(house, browser, house.person(SELLER), pages) == []


def test_the_day_of_a_rule_is_the_same_in_every_zone(house: House) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        pages = []
        for zone in ("Pacific/Kiritimati", "America/Los_Angeles", "UTC"):
            client.cookies.set("sogdia_zone", zone)
            page = client.get("/console/rulebooks/rows?show=all").text
            pages.append(re.findall(r'<time datetime="(\d{4}-\d\d-\d\d)">(\d{4}-\d\d-\d\d)</time>', page))
    assert pages[0]
    assert pages[0] == pages[1] == pages[2]
    assert all(datetime == shown for datetime, shown in pages[0])
