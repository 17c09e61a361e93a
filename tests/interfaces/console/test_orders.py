"""Orders as people look for them: filters in the address, saved views, pages, and the whole result to take away."""

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
import pytest
from playwright.sync_api import expect

from sogdia.insight.orders import EXPORTED, Filter, Trade
from sogdia.insight.sight import STATES
from sogdia.insight.timeline import Stage
from sogdia.insight.trade import Whole
from sogdia.interfaces.console import orders_views, users
from sogdia.interfaces.console.order_drawn import steps_of
from sogdia.interfaces.console.orders_asked import COLUMNS, TROUBLE_KINDS, USUAL, address, asked
from sogdia.interfaces.console.orders_export import (
    EXCEL_AT_A_TIME,
    Telling,
    TooMuch,
    TurnsTaken,
    as_csv,
    excel_file,
    guarded,
    sent,
)
from sogdia.interfaces.words import LANGUAGES, has_words, say
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import BANK, TAX, answered, come_in, declared, imported, joined, shipped
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CARRIER, CUSTOMS, OTHER_PLATFORM, PLATFORM, SELLER, order

Visiting = Callable[..., Visit]
NOTHING: dict[str, Any] = dict.fromkeys(EXPORTED)
TRADE = Trade(**{**NOTHING, "platform": "did:x", "order": "=1+1", "began_at_ms": 0, "troubles": ("unpaid",)})
TELLING = Telling(lambda key, **fields: say(key, "en", **fields), lambda parties: {})

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
    rows = list(csv.reader(io.StringIO(b"".join(as_csv(iter([TRADE]), TELLING)).decode("utf-8-sig"))))
    assert rows[0] == TELLING.heading()
    assert rows[1][rows[0].index("Order")] == "'=1+1"


def test_money_is_written_in_units_and_nothing_stays_empty() -> None:
    sold = msgspec.structs.replace(TRADE, order="1", paid_minor=2_534, currency="EUR", placed_at_ms=1_780_000_000_000)
    rows = list(csv.reader(io.StringIO(b"".join(as_csv(iter([sold]), TELLING)).decode("utf-8-sig"))))
    found = dict(zip(*rows, strict=True))
    assert (found["Value"], found["Placed (ISO 8601, UTC)"]) == ("25.34", "2026-05-28T20:26:40Z")
    assert (found["Seller"], found["Trouble"], found["Declared value"]) == ("", "Payment missing", "")


def test_parties_are_told_by_name_and_states_in_words_with_identifier_and_code_beside_them() -> None:
    asked: list[set[str]] = []

    def names_of(parties: Iterable[str]) -> dict[str, str]:
        asked.append(set(parties))
        return {"did:seller": "义乌灯具"}

    sold = msgspec.structs.replace(TRADE, seller="did:seller", carrier="did:unseen", state="paid", direction="import")
    telling = Telling(lambda key, **fields: say(key, "zh", **fields), names_of)
    rows = list(csv.reader(io.StringIO(b"".join(as_csv(iter([sold] * 1_200), telling)).decode("utf-8-sig"))))
    found = dict(zip(*rows[:2], strict=True))
    assert (found["卖家"], found["卖家（DID）"]) == ("义乌灯具", "did:seller")
    assert (found["物流企业"], found["物流企业（DID）"]) == ("", "did:unseen"), "whom the reader may not know by name"
    assert (found["状态"], found["状态（代码）"]) == ("已付款", "paid")
    assert (found["进出口"], found["进出口（代码）"]) == ("进口", "import")
    assert len(rows) == 1_201
    assert asked == [{"did:seller", "did:unseen", TRADE.platform}], "each party is looked up once"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_an_export_can_hold_has_words(language: str) -> None:
    known = {"desks_state": STATES, "desks_trouble": TROUBLE_KINDS, "desks_direction": ("import", "export")}
    for where, codes in known.items():
        assert [one for one in codes if not has_words(f"{where}.{one}", language)] == []


def test_excel_gets_texts_as_texts_and_numbers_as_numbers() -> None:
    sold = msgspec.structs.replace(TRADE, paid_minor=2_534, currency="EUR")
    whole = zipfile.ZipFile(io.BytesIO(b"".join(sent(excel_file(iter([sold]), TELLING, "Orders")))))
    sheet = whole.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<t>=1+1</t>" in sheet
    assert "<v>25.34</v>" in sheet


@pytest.fixture
def left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for files that do not last."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_workbook_leaves_nothing_on_disk_whoever_reads_it_or_goes_away(left_behind: Path) -> None:
    file = excel_file(iter([TRADE] * 1_000), TELLING, "Orders")
    assert list(left_behind.iterdir()) == [], "it is sent from a file without a name"
    reading = sent(file)
    next(reading)
    reading.close()
    assert file.closed


def test_a_workbook_is_bounded_in_rows_and_bytes_and_what_was_written_is_gone(left_behind: Path) -> None:
    for bound in ({"rows": 999}, {"most_bytes": 1_000}):
        with pytest.raises(TooMuch, match=r"999 rows|1,000 bytes"):
            excel_file(iter([TRADE] * 1_000), TELLING, "Orders", **bound)
    with pytest.raises(ZeroDivisionError):
        excel_file((TRADE for one in (1, 0) if 1 / one), TELLING, "Orders")
    assert list(left_behind.iterdir()) == []
    assert excel_file(iter([TRADE] * 999), TELLING, "Orders", rows=999).close() is None


def test_so_many_workbooks_are_made_at_a_time_and_a_further_one_is_told_to_wait() -> None:
    def begun(more: int) -> Iterator[Trade]:
        """While a workbook is being written, the next one is asked for."""
        yield TRADE
        if more:
            excel_file(begun(more - 1), TELLING, "Orders").close()

    excel_file(begun(EXCEL_AT_A_TIME - 1), TELLING, "Orders").close()
    with pytest.raises(TurnsTaken):
        excel_file(begun(EXCEL_AT_A_TIME), TELLING, "Orders")
    excel_file(begun(0), TELLING, "Orders").close()


def test_a_long_result_takes_no_more_memory_than_a_short_one() -> None:
    def taken(rows: int) -> int:
        tracemalloc.start()
        with excel_file(iter([TRADE] * rows), TELLING, "Orders"):
            most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    taken(10)
    assert taken(10_000) - taken(1_000) < 1_000_000, "100,000 rows would take 10 MB more at most"


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


def test_a_dash_is_explained_once_for_the_table_and_a_lane_is_read_in_words(house: House) -> None:
    house.town.placed()
    house.town.mirrored()
    with house.signed_in(house.person(PLATFORM)) as client:
        page = client.get("/console/orders?col=carrier&col=list_no&col=lane").text
        table = client.get("/console/orders/export.csv").content.decode("utf-8-sig")
    assert page.count("a dash is nothing, or not yours to see") == 2, "the caption, and the name of the region"
    assert page.count("or not yours to see") == 2
    assert "CN to FR" in re.sub(r"<[^>]+>", "", page)
    row = next(csv.DictReader(io.StringIO(table)))
    assert (row["Platform"], row["Platform (DID)"]) == (PLATFORM.name, PLATFORM.did)
    assert (row["State"], row["State (code)"]) == ("Placed", "placed")


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


# --- those who have no part in trades of their own -----------------------------------------------------------------


def test_a_tax_authority_reads_what_was_billed_and_takes_its_evidence_away(house: House, tmp_path: Path) -> None:
    lists = [imported(house.town) for _ in range(2)]
    for one in lists:
        answered(house.town, one, 120, pre_no=f"B2026112390000{one.list_no[-4:]}", person="ab" * 32)
        answered(house.town, one, 800, invt_no=f"29252026I90000{one.list_no[-4:]}")
    house.town.mirrored()
    with house.signed_in(house.person(TAX)) as client:
        assert "/console/taxes" in client.get("/console/tower").text
        text = client.get("/console/taxes").text
        rows = [text.index(one.list_no) for one in reversed(lists)]
        assert rows == sorted(rows), "the newest first"
        assert client.get("/console/taxes?day_from=2099-01-01").text.count("29252026I9") == 0
        key = {"broker": lists[0].broker, "list_no": lists[0].list_no}
        file = tmp_path / "bill.json"
        file.write_bytes(client.get("/console/taxes/evidence", params=key).content)
        assert client.get("/console/taxes/evidence", params={**key, "list_no": "none"}).status_code == 404
    assert verified(file, house.town.node.verifier_key) == 0
    with house.signed_in(house.person(OTHER_PLATFORM)) as client:
        assert client.get("/console/taxes/evidence", params=key).status_code == 404
        assert lists[0].list_no not in client.get("/console/taxes").text
    with house.signed_in(house.person(CARRIER)) as client:
        assert client.get("/console/taxes").status_code == 403


def test_days_that_are_none_are_named(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        assert (
            "could not be read" in client.get("/console/taxes?day_from=2026-02-30&lang=en", follow_redirects=True).text
        )


@pytest.mark.parametrize(("language", "words"), [("en", "named your party"), ("zh", "指明贵方可见")])
def test_a_bank_is_told_what_comes_to_it_and_from_whom_and_sees_what_names_it(
    house: House, language: str, words: str
) -> None:
    joined(house.town, BANK)
    asked = msgspec.structs.replace(order(), shared_with=(CARRIER.did, BANK.did))
    with house.signed_in(house.person(BANK)) as client:
        assert words in client.get("/console/tower", headers={"accept-language": language}).text
        assert asked.order not in client.get("/console/orders").text
        assert house.town.submit(asked, by=PLATFORM).accepted
        house.town.mirrored()
        assert asked.order in client.get("/console/orders").text
        key = {"platform": asked.platform, "order": asked.order}
        assert client.get("/console/orders/order", params=key).status_code == 200
        assert client.get("/console/orders/evidence", params=key).json()["subject"]["table"] == "orders.order"


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


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_evidence_of_an_order_is_verified_in_the_browser_and_by_a_process_of_its_own(
    house: House, visit: Visiting, tmp_path: Path, language: str
) -> None:
    listed = declared(house.town)
    house.town.mirrored()
    one = visit(language=language)
    query = urlencode({"platform": listed.platform, "order": listed.order})
    come_in(house, one, CUSTOMS, f"/console/orders/order?{query}")
    with one.page.expect_download() as download:
        one.page.get_by_role("link", name=say("desks_order.evidence", language)).click()
    file = tmp_path / "evidence.json"
    download.value.save_as(file)
    one.page.get_by_role("link", name=say("desks_order.verify", language)).click()
    one.page.locator("#file-name.has").wait_for()
    one.page.locator("#node-key").click()
    verdict = one.page.locator("#verdict")
    expect(verdict).to_have_class(re.compile(r"\bgood\b"), timeout=30_000)
    assert verified(file, house.town.node.verifier_key) == 0
    told = json.loads(file.read_text())
    told["subject"]["key"] = told["subject"]["key"].replace(listed.order, "2026-999999")
    file.write_text(json.dumps(told))
    assert verified(file, house.town.node.verifier_key) != 0, "it is evidence of this order and of no other"


def verified(file: Path, key: str) -> int:
    """What `sogdia verify` ends with, in a process that knows nothing but the file and the network's key."""
    command = [sys.executable, "-m", "sogdia.interfaces.cli", "verify", str(file), "--network-key", key]
    return subprocess.run(command, capture_output=True, timeout=120).returncode
