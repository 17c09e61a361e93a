"""Workbooks and interrupted sending in a real browser: what Excel spoiled is mended in place, and no row is lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Route, expect

from tests.interfaces.console.axe import AXE, is_wider_than_its_window, judged, keep
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.import_desk import COLUMNS, Desk, bring, file_of, finish, order_row, ready
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import LANTERN, PLATFORM, SELLER
from tests.standards.orders.books_made import written

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def cells(number: Any, **changes: Any) -> list[Any]:
    """An order's row as a seller's sheet has it: sums and quantities are numbers."""
    row: dict[str, Any] = dict(order_row("x")) | {"Name": number, "Lineitem quantity": 2, "Lineitem price": 3.39}
    row |= {"Subtotal": 6.78, "Shipping": 5, "Taxes": 0, "Total": 11.78, **changes}
    return [row[name] for name in COLUMNS]


def book(*rows: list[Any], name: str = "May", **more: list[list[Any]]) -> bytes:
    """A workbook with these orders in a sheet, after a row that is empty."""
    return written({"Notes": [["Orders of May"]], name: [list(COLUMNS), [], *rows], **more})


# --- workbooks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "language, width, dark, go_on, sheet",
    [
        ("en", 1280, False, "Go on to sign", "Read from the sheet May, by its row numbers. Not read: Notes."),
        ("zh", 390, True, "去签名", "读取的工作表：May；行号与工作表一致。未读取：Notes。"),
    ],
)
def test_a_workbook_with_faults_is_mended_in_place_signed_and_on_record(
    house: House, visit: Visiting, tmp_path: Path, language: str, width: int, dark: bool, go_on: str, sheet: str
) -> None:
    at = SigningDesk(house, visit(language=language, width=width, dark=dark), PLATFORM).with_key(tmp_path)
    good, rounded, wrong = (f"#x{language}{number}" for number in (1, 2, 3))
    rows = [cells(good), cells(9007199254740993), cells(wrong, **{"Shipping Country": "#N/A"})]
    bring(at, "may.xlsx", book(*rows), EXCEL)
    expect(at.page.locator(".alert.info").first).to_contain_text(sheet)
    expect(at.page.locator("main")).to_contain_text("[May!A4]")
    expect(at.page.locator("main")).to_contain_text("[May!T5]")
    if AXE.is_file():
        assert judged(at.one, AXE.read_text(encoding="utf-8")) == []
    assert not is_wider_than_its_window(at.one)
    keep(at.one, "import-workbook", language, dark, width)
    for row, column, text in ((4, 0, rounded), (5, 19, "DE")):
        form = at.page.locator(f"form[action$='/mend']:has(input[name=row][value='{row}'])").first
        form.locator(f"input[name='cell {column}']").fill(text)
        form.locator("button").click()
        expect(at.page.locator(f"form[action$='/mend'] input[name=row][value='{row}']")).to_have_count(0)
    expect(at.page.locator(".cards .value").first).to_have_text("3")
    ready(at, go_on)
    finish(at)
    for order, country in ((good, "FR"), (rounded, "FR"), (wrong, "DE")):
        found = house.town.node.record("orders.order", PLATFORM.did, order)
        assert (found.ship_to, found.paid_minor) == (country, 1178)


@pytest.mark.parametrize(("language", "read"), [("en", "Read this sheet"), ("zh", "读取这张工作表")])
def test_of_two_sheets_with_orders_the_page_asks_for_one(
    house: House, visit: Visiting, language: str, read: str
) -> None:
    at = SigningDesk(house, visit(language=language, width=390), PLATFORM)
    at.page.goto(f"{house.local}/console/import")
    content = book(cells("#1051"), June=[list(COLUMNS), cells("#1052")])
    at.page.set_input_files("#file", {"name": "may.xlsx", "mimeType": EXCEL, "buffer": content})
    at.page.select_option("#file-sheet", "June")
    if AXE.is_file():
        assert judged(at.one, AXE.read_text(encoding="utf-8")) == []
    assert not is_wider_than_its_window(at.one)
    at.page.get_by_role("button", name=read).click()
    at.page.locator(".cards").wait_for()
    at.page.goto(at.page.url.partition("?")[0] + "?view=orders")
    expect(at.page.locator("tbody").first).to_contain_text("#1052")
    expect(at.page.locator("main")).not_to_contain_text("#1051")


def test_a_workbook_and_the_text_of_its_sheet_give_the_same_evidence(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(book(cells("#e1"), cells("#e2", **{"Shipping Country": None})), "may.xlsx")
        text = client.get(f"{path}/file").content
        assert text.startswith(b"Name,Email,")
        assert b"11.78" in text
        assert desk.do(path, "leave-out", row="4", view="aside").status_code == 303
        assert "1 row left out" in client.get(path).text
        again = desk.bring(text, "mended.csv")
        assert "#e1" in client.get(f"{again}?view=orders").text


def test_a_workbook_under_other_names_of_columns_is_told_apart_by_hand(house: House) -> None:
    titles = ["Ship to land" if one == "Shipping Country" else one for one in COLUMNS]
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(written({"Mine": [titles, cells("#f1")]}), "may.xlsx")
        desk.do(path, "columns", **{"format": "shopify", "column country": "Ship to land"})
        assert "#f1" in client.get(f"{path}?view=orders").text


@pytest.mark.parametrize(
    "content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"PK\x03\x04" + bytes(90)], ids=["old", "zip"]
)
def test_what_is_no_workbook_is_refused_in_words_and_leaves_no_draft(house: House, content: bytes) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        headers = {"x-sogdia-token": desk.token, "content-type": "application/octet-stream", "x-sogdia-name": "a.xls"}
        headers["accept"] = "application/json"
        answer = client.post("/console/import/file", content=content, headers=headers)
        assert answer.status_code == 400
        assert "a.xls: found" in answer.json()["detail"]
        assert "a.xls" not in client.get("/console/import").text


# --- sending that was cut off ---------------------------------------------------------------------------------------


def test_what_was_left_out_before_sending_is_listed_and_goes_along_next_time(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    at = SigningDesk(house, visit(language="en", width=1280), PLATFORM).with_key(tmp_path)
    later = msgspec.structs.replace(LANTERN, sku="LATER-1", markets=("DE",))
    assert house.town.submit(later, by=SELLER).code == 0
    bring(at, "june.csv", file_of(order_row("#h1"), order_row("#h2", **{"Lineitem sku": "LATER-1"})))
    ready(at, "Go on to sign")
    finish(at)
    expect(at.page.locator("main")).to_contain_text("1 was left out before sending")
    row = at.page.locator("tbody tr").filter(has_text="#h2")
    expect(row.locator(".badge")).to_have_text("Left out")
    expect(row).to_contain_text("LATER-1")
    assert house.town.node.record("orders.order", PLATFORM.did, "#h2") is None

    assert house.town.submit(msgspec.structs.replace(later, markets=()), by=SELLER).code == 0
    at.page.get_by_role("button", name="Sign and send 1").wait_for()
    finish(at)
    expect(at.page.locator(".alert.good")).to_contain_text("All 2 transactions are on record.")
    assert house.town.node.record("orders.order", PLATFORM.did, "#h2") is not None


def test_what_was_sent_and_not_answered_is_listed_and_nothing_is_sent_twice(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    at = SigningDesk(house, visit(language="en", width=1280), PLATFORM).with_key(tmp_path)
    bring(at, "july.csv", file_of(order_row("#u1"), order_row("#u2")))
    ready(at, "Go on to sign")
    at.page.route("**/transactions", lambda route: route.abort())
    finish(at)
    expect(at.page.locator("main")).to_contain_text("2 were sent and not answered")
    at.page.unroute("**/transactions")
    at.one.said.clear()  # the connection that failed
    before = house.town.node.machine.seal.log_size
    finish(at)
    expect(at.page.locator(".alert.good")).to_contain_text("All 2 transactions are on record.")
    assert house.town.node.machine.seal.log_size == before + 2


def test_a_browser_that_dies_in_the_middle_goes_on_where_it_was(house: House, visit: Visiting, tmp_path: Path) -> None:
    one = visit(language="en", width=1280)
    at = SigningDesk(house, one, PLATFORM).with_key(tmp_path)
    bring(at, "august.csv", file_of(*(order_row(f"#k{number}") for number in range(60))))
    ready(at, "Go on to sign")
    place, before = at.page.url, house.town.node.machine.seal.log_size
    sent: list[str] = []

    def first_part_only(route: Route) -> None:
        sent.append(route.request.method)
        if len(sent) == 1:
            route.continue_()
        else:
            route.abort()

    at.page.route("**/transactions", first_part_only)
    at.page.locator("[data-signs]").click()
    dialog = at.page.locator("dialog.signing")
    dialog.locator(".actions .primary").click()
    expect(dialog.locator(".signing-body .alert.warn")).to_be_visible(timeout=60_000)
    context = at.page.context
    at.page.close(run_before_unload=False)  # and with it all that this browser could have told
    one.said.clear()
    assert house.town.node.machine.seal.log_size == before + 50

    at.page = context.new_page()
    at.page.goto(place)
    expect(at.page.locator("main")).to_contain_text("50 are on record, 10 are not")
    finish(at)
    expect(at.page.locator(".alert.good")).to_contain_text("All 60 transactions are on record.")
    assert house.town.node.machine.seal.log_size == before + 60
