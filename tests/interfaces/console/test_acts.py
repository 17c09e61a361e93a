"""Work by rows, and the form of a single act: what a person meets on a phone, and while the page is being made."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.interfaces.console.axe import is_wider_than_its_window
from tests.interfaces.console.chromium import Held, Visit
from tests.interfaces.console.desks_town import come_in, shipped
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CARRIER, PLATFORM

Visiting = Callable[..., Visit]
ACTION = "/console/actions/orders/cancel"
THREE_LINES_PX = 110
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language, words", [("en", ("Waybill", "Seller")), ("zh", ("运单", "卖家"))])
def test_a_row_of_work_is_three_lines_on_a_phone_and_says_all_that_a_wide_row_says(
    house: House, visit: Visiting, language: str, words: tuple[str, str]
) -> None:
    asked = shipped(house.town)
    house.town.mirrored()
    wide, phone = visit(language=language), visit(width=390, language=language)
    told = []
    for one in (wide, phone):
        come_in(house, one, CARRIER, f"/console/acts/report?order={asked.order}")
        told.append([cell.inner_text() for cell in one.page.locator("tbody tr").first.locator("td .is").all()])
    assert told[0] == told[1]
    row = phone.page.locator("tbody tr").first
    box = row.bounding_box()
    assert box is not None
    assert box["height"] < THREE_LINES_PX
    for word in words:
        expect(row.get_by_text(word, exact=True)).to_be_in_viewport()
    assert not is_wider_than_its_window(phone)


def test_a_form_says_that_it_is_being_made_until_it_stands_there(house: House, visit: Visiting) -> None:
    one = visit(width=390)
    come_in(house, one, PLATFORM)
    held = Held(one.page, "**/console/signing/words/*")
    one.page.goto(house.local + ACTION)
    expect(one.page.locator("form[data-message]").get_by_role("status")).to_have_text("One moment.")
    expect(one.page.get_by_role("button", name="Check and sign")).to_have_count(0)
    held.let_go()
    expect(one.page.locator("form[data-message] button.primary")).to_be_visible()
    expect(one.page.get_by_text("One moment.")).to_have_count(0)


def test_a_form_that_cannot_be_made_says_why(house: House, visit: Visiting) -> None:
    one = visit(width=390)
    come_in(house, one, PLATFORM)
    refusal = {"detail": "Too many requests. Try again in 3 seconds."}
    one.page.route("**/console/signing/context", lambda route: route.fulfill(status=429, json=refusal))
    one.page.goto(house.local + ACTION)
    expect(one.page.locator("form[data-message]").get_by_role("alert")).to_contain_text("Try again in 3 seconds.")


def test_without_scripts_an_action_names_its_command_and_shows_no_empty_form(house: House, visit: Visiting) -> None:
    one = visit(scripts=False)
    come_in(house, one, PLATFORM, ACTION)
    assert not one.page.locator("form[data-message]").is_visible()
    expect(one.page.get_by_text("sogdia orders cancel --help")).to_be_visible()
