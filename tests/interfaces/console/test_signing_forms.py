"""Every message as a form, the keyboard, and axe on every page and dialog of signing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from sogdia.interfaces.console.signing_shapes import SENDERS
from tests.interfaces.console.axe import AXE, WITHOUT, is_wider_than_its_window, judged, keep
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CARRIER, PLATFORM, SELLER, order

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]
LOOKS: Final = [("en", False, 1280), ("zh", True, 390), ("zh", False, 1280), ("en", True, 390)]


def fill_an_order(at: SigningDesk, number: str, rest: dict[str, str]) -> None:
    """Write an order of lanterns to France into the form that places it, and go on to sign."""
    at.page.goto(f"{at.house.local}/console/actions/orders/place")
    given = {
        "order": number, "seller": SELLER.did, "channel": "shop", "ship_from": "CN", "ship_to": "FR",
        "currency": "EUR", "lines.1.sku": "71053", "lines.1.name": "White metal lantern",
    }  # fmt: skip
    for name, value in {**given, **rest}.items():
        at.page.locator(f"[name='{name}']").fill(value)
    at.page.get_by_role("button", name="Review and sign").click()


def test_a_product_is_listed_by_form_and_by_keyboard_alone(house: House, visit: Visiting, tmp_path: Path) -> None:
    at = SigningDesk(house, visit(), SELLER).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/actions/catalog/list_product")
    expect(at.page.get_by_label("Seller")).to_have_value(SELLER.did)
    at.page.get_by_label("Seller").focus()
    typed = ["", "L-77", "Paper lantern", "9405500000", None, "cn", "007", "1250"]
    for text in typed:
        if text:
            at.page.keyboard.type(text)
        at.page.keyboard.press("Tab")
    at.page.keyboard.press("Enter")
    dialog = at.page.get_by_role("dialog")
    expect(dialog.locator(".says")).to_contain_text(
        "puts Paper lantern on sale as L-77: HS code 9405500000, origin China (CN), 1.25 kg net."
    )
    go = dialog.get_by_role("button", name="Sign and send: list product L-77")
    for _ in range(6):
        at.page.keyboard.press("Tab")
        if go.evaluate("(button) => button === document.activeElement"):
            break
    at.page.keyboard.press("Enter")
    expect(dialog).to_contain_text("On record at height")
    at.page.keyboard.press("Escape")
    expect(at.page.locator("form [role=status]")).to_contain_text("On record at height")
    found = house.town.node.record("catalog.product", SELLER.did, "L-77")
    assert (found.name, found.net_weight_grams) == ("Paper lantern", 1250)


def test_an_order_with_lines_and_money_goes_through_its_form(house: House, visit: Visiting, tmp_path: Path) -> None:
    at, asked = SigningDesk(house, visit(), PLATFORM).with_key(tmp_path), order()
    rest = {
        "lines.1.quantity": "6", "lines.1.price_e5": "3.39", "lines.1.total_minor": "20.34", "goods_minor": "20.34",
        "freight_minor": "5", "paid_minor": "25.34", "shared_with": f"{CARRIER.did}\n{SELLER.did}",
    }  # fmt: skip
    fill_an_order(at, asked.order, rest)
    at.page.get_by_role("button", name=f"Sign and send: place order {asked.order}").click()
    at.page.get_by_role("button", name="Close").click()
    found = house.town.node.record("orders.order", PLATFORM.did, asked.order)
    assert (found.paid_minor, found.freight_minor) == (2_534, 500)
    assert found.lines[0].price_e5 == 339_000


@pytest.mark.parametrize(
    "name, value, why",
    [
        ("paid_minor", "25.345", "at most 2 decimals"),
        ("lines.1.quantity", "0", "Between 1 and"),
        ("lines.1.quantity", "1.5", "A whole number"),
        ("sealed", "abc", "Not of the form"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(house: House, visit: Visiting, name: str, value: str, why: str) -> None:
    at = SigningDesk(house, visit(), PLATFORM)
    at.page.goto(f"{house.local}/console/actions/orders/place")
    at.page.locator("form[data-message] button.primary").wait_for()
    for field in at.page.locator("form[data-message] input[required]").all():
        if not field.input_value():
            field.fill("1")
    at.page.locator("[name=currency]").fill("EUR")
    field = at.page.locator(f"[name='{name}']")
    field.fill(value)
    at.page.get_by_role("button", name="Review and sign").click()
    told = at.page.locator(".field.wrong").filter(has=field)
    expect(told.locator(".why")).to_contain_text(why)
    assert field.get_attribute("aria-invalid") == "true"
    assert told.locator(".why").get_attribute("id") in str(field.get_attribute("aria-describedby")).split()
    expect(at.page.locator("dialog.signing")).to_have_count(0)
    field.press("End")
    field.type("0")
    expect(told).to_have_count(0)


@pytest.mark.parametrize("language, why", [("en", "This is needed."), ("zh", "此项必填。")])
def test_everything_that_is_missing_is_told_at_once_in_the_language_of_the_page(
    house: House, visit: Visiting, language: str, why: str
) -> None:
    at = SigningDesk(house, visit(language=language), PLATFORM)
    at.page.goto(f"{house.local}/console/actions/orders/place")
    at.page.locator("form[data-message] button.primary").click()
    expect(at.page.locator(".field.wrong")).to_have_count(13)
    expect(at.page.locator(".why").first).to_have_text(why)
    expect(at.page.get_by_role("alert")).to_contain_text("13")
    expect(at.page.locator("[name=order]")).to_be_focused()


def test_an_instant_is_of_the_calendar_and_reads_the_same_in_every_browser(house: House, visit: Visiting) -> None:
    at = SigningDesk(house, visit(), PLATFORM)
    at.page.goto(f"{house.local}/console/actions/orders/cancel")
    field = at.page.locator("[name=cancelled_at_ms]")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", field.input_value())
    for given in ("2026-02-30 10:00", "11/23/2026", "2026-11-23 25:00"):
        field.fill(given)
        at.page.get_by_role("button", name="Review and sign").click()
        expect(at.page.locator(".field.wrong").filter(has=field).locator(".why")).to_contain_text("A day and a time")


def test_a_number_above_two_to_the_fifty_third_keeps_every_digit(house: House, visit: Visiting, tmp_path: Path) -> None:
    """9007199254740993 is the first whole number that a script's ordinary numbers cannot hold."""
    at, asked = SigningDesk(house, visit(), PLATFORM).with_key(tmp_path), order()
    rest = {
        "lines.1.quantity": "1", "lines.1.price_e5": "90071992547.40993", "lines.1.total_minor": "90071992547.41",
        "goods_minor": "90071992547.41", "paid_minor": "90071992547.41",
    }  # fmt: skip
    fill_an_order(at, asked.order, rest)
    dialog = at.page.get_by_role("dialog")
    expect(dialog).to_contain_text("90,071,992,547.40993 EUR")
    dialog.get_by_role("button", name="Sign and send").click()
    expect(dialog).to_contain_text("On record at height")
    found = house.town.node.record("orders.order", PLATFORM.did, asked.order)
    assert found.lines[0].price_e5 == 9_007_199_254_740_993


def test_typed_json_keeps_its_numbers_as_they_stand(house: House, visit: Visiting, tmp_path: Path) -> None:
    at = SigningDesk(house, visit(), SELLER).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/actions/trace/capture")
    expect(at.page.locator("[name='events']")).to_be_visible()
    given = {"job": "J-1", "part": "1", "of": "1", "events": '[{"count": 9007199254740993, "share": 1.50}]'}
    for name, value in given.items():
        field = at.page.locator(f"[name='{name}']")
        if field.count():
            field.fill(value)
    with at.page.expect_request("**/console/prepare") as sent:
        at.page.get_by_role("button", name="Review and sign").click()
    assert '{"count":9007199254740993,"share":1.50}' in (sent.value.post_data or "")


def test_a_proposal_changes_its_fields_with_what_is_proposed(house: House, visit: Visiting) -> None:
    at = SigningDesk(house, visit(), PLATFORM)
    at.page.goto(f"{house.local}/console/actions/governance/propose")
    at.page.get_by_label("What").select_option("upgrade")
    expect(at.page.get_by_label("Domain of the rules")).to_be_visible()
    at.page.get_by_label("What").select_option("change_role")
    expect(at.page.get_by_label("Domain of the rules")).to_have_count(0)
    expect(at.page.get_by_label("Role", exact=True)).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_message_has_a_form_without_a_mistake(house: House, visit: Visiting, language: str) -> None:
    at = SigningDesk(house, visit(language=language), PLATFORM)
    for tag in SENDERS:
        at.page.goto(f"{house.local}/console/actions/{tag.replace('.', '/')}")
        at.page.locator("form[data-message] button.primary").wait_for()
        names = at.page.locator("form[data-message] label").all_inner_texts()
        assert names, tag
        assert not [name for name in names if "_" in name], tag


@pytest.mark.parametrize("language, dark, width", LOOKS)
def test_the_pages_of_signing_are_open_to_everyone(
    house: House, visit: Visiting, tmp_path: Path, language: str, dark: bool, width: int
) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    axe, one = AXE.read_text(encoding="utf-8"), visit(width=width, language=language, dark=dark)
    at = SigningDesk(house, one, PLATFORM).with_key(tmp_path)
    at.page.locator("[data-make] button").click()
    at.page.locator("[data-here] .badge.warn").wait_for()
    pages = {"actions": "actions", "action": "actions/orders/place", "propose": "actions/governance/propose"}
    pages |= {"join": "../join", "handed": "actions/handed"}
    for name in ("keys", *pages):
        if name in pages:
            at.page.goto(f"{house.local}/console/{pages[name]}")
        at.page.wait_for_load_state("networkidle")
        keep(one, f"signing-{name}", language, dark, width)
        assert not is_wider_than_its_window(one), name
        assert judged(one, axe) == [], name
    groups = {"dialog": [[order()]], "dialog-many": [[order()], [order()], [order(paid_minor=1)]]}
    for name, asked in groups.items():
        dialog = at.ask(*asked, title="1")
        if name == "dialog-many":
            dialog.locator("summary").first.click()
        keep(one, f"signing-{name}", language, dark, width)
        assert judged(one, axe) == [], name
        dialog.locator("button.primary").click()
        dialog.locator(".alert.good").wait_for()
        keep(one, f"signing-{name}-done", language, dark, width)
        assert judged(one, axe) == [], f"{name} done"
        dialog.locator(".actions button").last.click()
