"""Orders as people look for them: filters in the address, saved views, pages, and the whole result to take away."""

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
import pytest
from playwright.sync_api import expect

from sogdia.insight.orders import EXPORTED, Filter, Trade
from sogdia.insight.timeline import Stage
from sogdia.insight.trade import Whole
from sogdia.interfaces.console import orders_views, users
from sogdia.interfaces.console.order_drawn import steps_of
from sogdia.interfaces.console.orders_asked import COLUMNS, USUAL, address, asked
from sogdia.interfaces.console.orders_export import as_csv, as_excel, guarded
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import come_in, declared, shipped
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CUSTOMS, OTHER_PLATFORM, PLATFORM, SELLER

Visiting = Callable[..., Visit]
NOTHING: dict[str, Any] = dict.fromkeys(EXPORTED)
TRADE = Trade(**{**NOTHING, "platform": "did:x", "order": "=1+1", "began_at_ms": 0, "troubles": ("unpaid",)})

# --- the address ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(text="2026-00", state="declared", trouble="late_parcel", reached="paid"),
        Filter(ship_from="CN", ship_to="FR", carrier="did:bid:sogd:ef1"),
        Filter(currency="EUR", value_from=1_050, value_to=2_000),
        Filter(currency="JPY", value_from=1_050),
        Filter(placed_from_ms=1_795_363_200_000, placed_to_ms=1_795_449_600_000),
    ],
)
def test_a_filter_comes_back_from_its_address(wanted: Filter) -> None:
    assert asked(parse_qsl(urlencode(address(wanted)))).filter == wanted


def test_a_value_is_written_in_units_of_its_currency_and_needs_one() -> None:
    assert asked([("currency", "eur"), ("value_from", "1,284.5")]).filter.value_from == 128_450
    assert asked([("currency", "JPY"), ("value_from", "500")]).filter.value_from == 500
    assert asked([("value_from", "5")]).wrong == ("value_from",)
    assert asked([("currency", "JPY"), ("value_from", "5.5")]).wrong == ("value_from",)


@pytest.mark.parametrize(
    "name, text",
    [
        ("state", "gone"), ("trouble", "'"), ("ship_to", "FRA"), ("currency", "€"), ("placed_from", "2026-02-30"),
        ("value_to", "NaN"), ("value_to", "-1"), ("value_to", "1e99"), ("reached", "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_named_and_left_out(name: str, text: str) -> None:
    found = asked([("currency", "EUR"), (name, text)] if name != "currency" else [(name, text)])
    assert found.wrong == (name,)
    assert msgspec.structs.replace(found.filter, currency="") == Filter()


def test_columns_stand_in_their_own_order_whatever_the_address_says() -> None:
    assert asked([]).columns == USUAL
    assert asked([("col", "troubles"), ("col", "state"), ("col", "nonsense")]).columns == ("state", "troubles")
    assert set(USUAL) <= set(COLUMNS)


# --- taking away ----------------------------------------------------------------------------------------------------


def test_no_spreadsheet_takes_a_text_for_a_formula() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"):
        assert guarded(text) == f"'{text}"
    assert guarded("SM-1") == "SM-1"
    rows = list(csv.reader(io.StringIO(b"".join(as_csv(iter([TRADE]), EXPORTED)).decode("utf-8-sig"))))
    assert rows[0] == list(EXPORTED)
    assert rows[1][EXPORTED.index("order")] == "'=1+1"


def test_money_is_written_in_units_and_nothing_stays_empty() -> None:
    sold = msgspec.structs.replace(TRADE, order="1", paid_minor=2_534, currency="EUR", placed_at_ms=1_780_000_000_000)
    rows = list(csv.reader(io.StringIO(b"".join(as_csv(iter([sold]), EXPORTED)).decode("utf-8-sig"))))
    found = dict(zip(EXPORTED, rows[1], strict=True))
    assert (found["paid_minor"], found["placed_at_ms"]) == ("25.34", "2026-05-28 20:26:40")
    assert (found["seller"], found["troubles"], found["declared_minor"]) == ("", "unpaid", "")


def test_excel_gets_texts_as_texts_and_numbers_as_numbers() -> None:
    sold = msgspec.structs.replace(TRADE, paid_minor=2_534, currency="EUR")
    whole = zipfile.ZipFile(io.BytesIO(b"".join(as_excel(iter([sold]), EXPORTED, "Orders"))))
    sheet = whole.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<t>=1+1</t>" in sheet
    assert "<v>25.34</v>" in sheet


# --- planned and actual -------------------------------------------------------------------------------------------


def test_a_stage_is_late_by_what_was_expected_and_by_now_while_something_is_waited_for() -> None:
    def steps(trade: Trade, now_ms: int) -> list[int | None]:
        stages = (Stage("paid", 7, 5, 9), Stage("shipped", None, 10, 9), Stage("declared", None, None, 0))
        whole = Whole(trade, {}, (), (), stages, None, (), (), (), (), ())
        return [one.later_ms for one in steps_of(whole, now_ms)]

    waiting = msgspec.structs.replace(TRADE, waits_for="waybill")
    assert steps(waiting, 30) == [2, 20, None]
    assert steps(waiting, 8) == [2, None, None], "it is not late yet"
    assert steps(TRADE, 30) == [2, None, None], "it has ended: nothing more is waited for"


# --- saved views ----------------------------------------------------------------------------------------------------


def test_a_view_is_its_users_own_and_forgets_the_place_of_a_page(house: House) -> None:
    notebook = house.console.notebook
    one, other = (users.by_name(notebook, house.person().name) for _ in range(2))
    assert one is not None
    assert other is not None
    assert orders_views.save(notebook, one.id, "orders", "  Late  to France ", "trouble=late_parcel&after=x|y")
    found = orders_views.views_of(notebook, one.id, "orders")
    assert [(view.name, view.query) for view in found] == [("Late to France", "trouble=late_parcel")]
    assert orders_views.views_of(notebook, other.id, "orders") == []
    assert not orders_views.save(notebook, one.id, "orders", " ", "a=b")
    assert not orders_views.save(notebook, one.id, "orders", "x" * 61, "a=b")
    orders_views.forget(notebook, one.id, "orders", "Late to France")
    assert orders_views.views_of(notebook, one.id, "orders") == []


# --- with a node ----------------------------------------------------------------------------------------------------


def test_a_party_finds_its_own_orders_and_nobody_elses(house: House) -> None:
    mine, other = house.town.placed(), house.town.placed(OTHER_PLATFORM)
    house.town.mirrored()
    with house.signed_in(house.person(PLATFORM)) as client:
        page = client.get("/console/orders", params={"text": mine.order}).text
        assert mine.order in page
        assert f">{other.order}</a>" not in client.get("/console/orders", params={"text": other.order}).text
        table = client.get("/console/orders/export.csv").content.decode("utf-8-sig")
        assert mine.order in table
        assert other.order not in table


def test_one_order_is_shown_to_its_parties_alone_with_evidence_that_leaves_out_the_rest(house: House) -> None:
    mine = shipped(house.town)
    house.town.mirrored()
    key = {"platform": mine.platform, "order": mine.order}
    with house.signed_in(house.person(SELLER)) as client:
        assert mine.order in client.get("/console/orders/order", params=key).text
        found = client.get("/console/orders/evidence", params=key)
        assert found.headers["content-disposition"] == 'attachment; filename="evidence.json"'
        assert found.json()["subject"]["key"] == f"{mine.platform} {mine.order}"
    with house.signed_in(house.person(OTHER_PLATFORM)) as client:
        for path in ("/console/orders/order", "/console/orders/evidence"):
            assert client.get(path, params=key).status_code == 404
            assert client.get(path, params={**key, "order": "none"}).status_code == 404


def test_an_export_with_a_filter_that_cannot_be_read_is_refused(house: House) -> None:
    with house.signed_in(house.person()) as client:
        assert client.get("/console/orders/export.csv?state=gone").status_code == 400
        assert client.get("/console/orders/export.pdf").status_code == 404


@pytest.mark.browser
def test_a_person_searches_saves_the_view_opens_an_order_and_reads_its_match(house: House, visit: Visiting) -> None:
    listed = declared(house.town)
    house.town.mirrored()
    one = visit()
    come_in(house, one, CUSTOMS, "/console/orders")
    one.page.get_by_label("Number or SKU").fill(listed.list_no)
    one.page.get_by_role("button", name="Search").click()
    expect(one.page.locator("tbody tr")).to_have_count(1)
    one.page.get_by_label("Save this view as").fill("My list")
    one.page.get_by_role("button", name="Save view").click()
    expect(one.page.get_by_role("link", name="My list")).to_have_attribute("aria-current", "page")
    one.page.get_by_role("link", name=listed.order).click()
    expect(one.page.get_by_role("heading", level=1)).to_have_text(f"Order {listed.order}")
    match = one.page.locator("section.match")
    expect(match).to_contain_text("agree")
    assert match.get_by_text("Differs").count() == 0
    expect(match.get_by_role("row").filter(has_text="Gross weight")).to_contain_text("2,900 g")
    with one.page.expect_download() as file:
        one.page.get_by_role("link", name="Download evidence").click()
    assert file.value.suggested_filename == "evidence.json"


@pytest.mark.browser
def test_the_same_is_read_in_chinese_on_a_phone(house: House, visit: Visiting) -> None:
    listed = declared(house.town)
    house.town.mirrored()
    one = visit(width=390, language="zh")
    come_in(house, one, CUSTOMS, f"/console/orders?text={listed.list_no}")
    one.page.get_by_role("link", name=listed.order).click()
    expect(one.page.get_by_role("heading", level=1)).to_have_text(f"订单 {listed.order}")
    expect(one.page.locator("main")).to_contain_text("订单、支付单、运单、清单比对")
    assert not one.page.evaluate("document.documentElement.scrollWidth > innerWidth")
