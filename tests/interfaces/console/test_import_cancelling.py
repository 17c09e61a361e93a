"""Cancellations of a file: seen before anything is sent, signed with the orders, sent after them, and never twice."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.interfaces.console.axe import AXE, WITHOUT, is_wider_than_its_window, judged
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.import_desk import Desk
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CARRIER, PLATFORM, SELLER, SKU, Caller

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]
COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")


def invoice(number: str, units: int = 6, day: int = 1, **changes: str) -> tuple[str, ...]:
    """A row of the Online Retail layout: lanterns at 3.39 to France."""
    when = f"2025-12-{day:02} 08:26"
    row = dict(zip(COLUMNS, (number, SKU, "Lantern", str(units), when, "3.39", "17850", "France"), strict=True))
    return tuple((row | changes).values())


def file_of(*rows: tuple[str, ...]) -> bytes:
    """Such rows as a file."""
    written = io.StringIO()
    csv.writer(written).writerows([COLUMNS, *rows])
    return written.getvalue().encode()


def choose(desk: Desk, path: str, **parties: Caller) -> None:
    """Name who takes part in British invoices."""
    named = {f"party {part}": one.did for part, one in parties.items()}
    given = {"format": "online-retail", "home": "GB", "direction": "export", "view": "choices", **named}
    assert desk.do(path, "choices", **given).status_code == 303


def brought(desk: Desk, *rows: tuple[str, ...]) -> str:
    """A file of these, its parties named; the path of its draft."""
    path = desk.bring(file_of(*rows), "invoices.csv")
    choose(desk, path, platform=PLATFORM, seller=SELLER, carrier=CARRIER)
    return path


@pytest.mark.parametrize(
    "language, width, ready, sign",
    [("en", 1280, "Go on to sign", "Sign and send 2"), ("zh", 390, "去签名", "签名并发送 2 笔")],
)
def test_an_order_and_its_cancellation_of_one_file_are_seen_signed_and_on_record_in_that_order(
    house: House, visit: Visiting, tmp_path: Path, language: str, width: int, ready: str, sign: str
) -> None:
    at = SigningDesk(house, visit(language=language, width=width), PLATFORM).with_key(tmp_path)
    order, cancellation = f"{width}65", f"C{width}79"
    before = house.town.node.machine.seal.log_size
    at.page.goto(f"{house.local}/console/import")
    content = file_of(invoice(order), invoice(cancellation, -2, 2))
    at.page.set_input_files("#file", {"name": "invoices.csv", "mimeType": "text/csv", "buffer": content})
    at.page.locator(".cards").wait_for()
    place = at.page.url.partition("?")[0]
    at.page.goto(f"{place}?view=choices")
    at.page.select_option("#party-seller", SELLER.did)
    at.page.locator("main form button.primary").last.click()
    at.page.goto(f"{place}?view=cancellations")
    row = at.page.locator("tbody tr").filter(has_text=cancellation).first
    for told in (order, f"2 × {SKU}", "6.78"):
        expect(row).to_contain_text(told)
    assert not is_wider_than_its_window(at.one)
    at.page.get_by_role("button", name=ready).click()
    expect(at.page.locator("tbody tr").filter(has_text=f"{cancellation} · {order}")).to_have_count(1)
    assert house.town.node.machine.seal.log_size == before, "nothing was sent before the person said so"

    at.page.get_by_role("button", name=sign).click()
    at.sign_to_the_end()
    expect(at.page.locator(".cards .value").nth(1)).to_have_text("2")
    expect(at.page.locator(".alert.good")).to_be_visible()

    kept = house.town.node.record("orders.cancellation", PLATFORM.did, order, cancellation)
    assert (kept.lines, kept.cancelled_minor, kept.currency) == (((1, 2),), 678, "GBP")
    assert house.town.node.record("orders.order", PLATFORM.did, order).cancelled == (2,)


def test_the_same_file_again_sends_no_cancellation_twice_and_a_later_one_only(house: House) -> None:
    first = (invoice("7001"), invoice("C7002", -2, 2))
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = brought(desk, *first)
        assert desk.do(path, "ready").status_code == 303
        groups = desk.groups(path)
        assert [one[0]["type"] for one in groups] == ["orders.place", "orders.cancel"]
        assert desk.send(groups, PLATFORM) == [0, 0]

        again = brought(desk, *first)
        assert "cancellations are on record already, the same; skipped" in client.get(again).text
        assert desk.do(again, "ready").status_code == 409, "there is nothing left to say"

        later = brought(desk, *first, invoice("C7003", -1, 3))
        assert desk.do(later, "ready").status_code == 303
        ((said,),) = desk.groups(later)
        assert (said["cancellation"], said["lines"]) == ("C7003", [{"line": 1, "quantity": 1}])
        assert desk.send([[said]], PLATFORM) == [0]
    assert house.town.node.record("orders.order", PLATFORM.did, "7001").cancelled == (3,)


def test_what_was_cut_off_between_an_order_and_its_cancellation_goes_on(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = brought(desk, invoice("7101"), invoice("C7102", -6, 2))
        desk.do(path, "ready")
        groups = desk.groups(path)
        assert desk.send(groups[:1], PLATFORM) == [0]  # and then the browser is gone, without a word
        assert "1 is on record, 1 is not" in client.get(path).text
        assert desk.groups(path) == groups[1:]

        assert desk.do(path, "again").status_code == 303, "also when the draft is opened again"
        assert desk.do(path, "ready").status_code == 303
        assert desk.groups(path) == groups[1:]
        assert desk.send(desk.groups(path), PLATFORM) == [0]
        assert desk.groups(path) == []
        assert "1 transaction is on record" in client.get(path).text


def test_cancellations_are_left_out_one_by_one_or_all_and_taken_in_again(house: House) -> None:
    rows = (invoice("7201"), invoice("C7202", -1, 2), invoice("C7203", -1, 3))
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = brought(desk, *rows)
        desk.do(path, "leave-out", cancellation="C7202 7201", view="cancellations")
        page = client.get(path).text
        assert "cancellations were left out by you" in page
        assert _ready(desk, path) == ["7201", "C7203"]
        desk.do(path, "leave-out", cancellation="*", view="cancellations")
        assert "All 2 cancellations of the file" in client.get(f"{path}?view=cancellations").text
        assert _ready(desk, path) == ["7201"]
        desk.do(path, "take-in", cancellation="*", view="cancellations")
        assert _ready(desk, path) == ["7201", "C7203"], "what was left out by itself stays out"
        desk.do(path, "take-in", cancellation="C7202 7201", view="cancellations")
        assert _ready(desk, path) == ["7201", "C7202", "C7203"]


def _ready(desk: Desk, path: str) -> list[str]:
    """What would be signed, by number; the draft is open again afterwards."""
    assert desk.do(path, "ready").status_code == 303
    found = [one[0].get("cancellation") or one[0]["order"] for one in desk.groups(path)]
    desk.do(path, "again")
    return found


def test_what_fits_no_order_is_set_aside_and_what_cannot_be_said_is_told_with_its_reason(house: House) -> None:
    postage = {"StockCode": "POST", "Description": "POSTAGE", "UnitPrice": "18.00"}
    rows = (
        invoice("7301"), invoice("7301", 1, **postage), invoice("C7302", -1, 2, **postage),
        invoice("7303", CustomerID="12583"), invoice("C7304", -1, 2, CustomerID="12583"),
        invoice("C7305", -1, 2, CustomerID="99999"),
    )  # fmt: skip
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = brought(desk, *rows)
        desk.do(path, "leave-out", order="7303", view="orders")
        page = client.get(f"{path}?view=cancellations").text
        assert "Shipping only: the payment institution refunds it" in page
        assert "cancellations are of orders that are not on record; not sent" in page
        assert "C7305" in client.get(f"{path}?view=aside").text
        assert _ready(desk, path) == ["7301"]


def test_one_refused_is_named_with_its_order_and_the_others_go_on(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = brought(desk, invoice("7401"), invoice("C7402", -4, 2), invoice("C7403", -2, 3))
        desk.do(path, "ready")
        order, first, second = desk.groups(path)
        assert desk.send([order], PLATFORM) == [0]
        elsewhere = first[0] | {"cancellation": "SHOP-1", "lines": [{"line": 1, "quantity": 3}]}
        assert desk.send([[elsewhere], first, second], PLATFORM) == [0, 3007, 0]
        fields = {"order": "7401", "line": 1, "asked": 4, "left": 3}
        answers = [{"number": 2, "code": 3007, "fields": fields}]
        client.post(f"{path}/told", json={"answers": answers}, headers={"x-sogdia-token": desk.token})
        page = client.get(path).text
        assert "C7402 · 7401" in page
        assert "2 are on record, 1 is not" in page


def test_a_seller_hands_them_over_and_the_platform_finds_them_as_the_seller_left_them(house: House) -> None:
    rows = (invoice("7501"), invoice("C7502", -1, 2), invoice("C7503", -1, 3))
    with house.signed_in(house.person(SELLER)) as client:
        desk = Desk(house, client)
        path = brought(desk, *rows)
        page = client.get(path).text
        assert "cancellations are the platform&#39;s to sign; not on record yet" in page
        desk.do(path, "leave-out", cancellation="C7503 7501", view="cancellations")
        answer = client.get(f"{path}/hand-over")
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        assert _ready(desk, desk.bring(answer.content, "whatever.json")) == ["7501", "C7502"]


@pytest.mark.parametrize("language, dark, width", [("en", False, 390), ("zh", True, 1280)])
def test_the_page_of_cancellations_is_open_to_everyone(
    house: House, visit: Visiting, language: str, dark: bool, width: int
) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    one = visit(language=language, width=width, dark=dark)
    at = SigningDesk(house, one, PLATFORM)
    at.page.goto(f"{house.local}/console/import")
    content = file_of(invoice("7601"), invoice("C7602", -1, 2), invoice("C7603", -1, 3))
    at.page.set_input_files("#file", {"name": "invoices.csv", "mimeType": "text/csv", "buffer": content})
    at.page.locator(".cards").wait_for()
    at.page.goto(f"{at.page.url.partition('?')[0]}?view=cancellations")
    at.page.locator("tbody form button").first.click()
    at.page.locator("section.card li").first.wait_for()
    assert judged(one, AXE.read_text(encoding="utf-8")) == []
    assert not is_wider_than_its_window(one)
