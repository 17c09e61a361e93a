"""Without a mouse: every control is reached in the order of reading, is seen when it has the focus, and is left.

Axe cannot judge this (WCAG 2.2: 2.1.1, 2.1.2, 2.4.1, 2.4.3, 2.4.7, 2.4.11).
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import pytest

from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import come_in, declared
from tests.interfaces.console.house import House

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]

CONTROLS: Final = """() => {
  const found = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const seen = found.filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled
    && one.type !== "hidden");
  seen.forEach((one, place) => { one.dataset.place = place; });
  return seen.length;
}"""
HAS_FOCUS: Final = """() => {
  const one = document.activeElement;
  if (one === document.body || one.dataset.place === undefined) { return null; }
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const on_top = document.elementFromPoint(box.x + Math.min(box.width, innerWidth) / 2, box.y + box.height / 2);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return {
    place: Number(one.dataset.place),
    region: one.className === "skip" ? "skip" : one.closest("header, nav.side, main, footer").className || "main",
    is_seen: ring && on_top !== null && (one.contains(on_top) || on_top.contains(one)),
    is_tall: box.height > innerHeight / 2,
    text: one.outerHTML.slice(0, 120),
  };
}"""


def walked(one: Visit) -> list[dict[str, Any]]:
    """Press Tab from the top until the focus leaves the page; what had it, in turn."""
    count = one.page.evaluate(CONTROLS)
    found = list[dict[str, Any]]()
    for _ in range(count + 5):
        one.page.keyboard.press("Tab")
        now = one.page.evaluate(HAS_FOCUS)
        if now is None:
            break
        found.append(now)
    assert [stop["place"] for stop in found] == list(range(count)), [stop["text"] for stop in found]
    return found


def focused(one: Visit) -> str:
    """The words of what has the focus."""
    found: str = one.page.evaluate("document.activeElement.innerText || document.activeElement.id")
    return found.strip()


@pytest.fixture(scope="module", autouse=True)
def lists(house: House) -> None:
    for _ in range(3):
        declared(house.town)
    house.town.mirrored()


@pytest.mark.parametrize(
    "width, regions", [(1280, ["skip", "top", "side", "main"]), (390, ["skip", "top", "main"])], ids=["desk", "phone"]
)
@pytest.mark.parametrize("path", ["/console/orders", "/console/customs", "/console/parties"])
def test_tab_reaches_every_control_in_the_order_of_reading(
    house: House, visit: Visiting, path: str, width: int, regions: list[str]
) -> None:
    one = visit(width=width)
    come_in(house, one, path=path)
    stops = walked(one)
    assert list(dict.fromkeys(stop["region"] for stop in stops)) == regions
    assert sum(a["region"] != b["region"] for a, b in pairwise(stops)) == len(regions) - 1
    hidden = [stop["text"] for stop in stops if not stop["is_seen"] and not stop["is_tall"]]
    assert hidden == []


def test_what_is_folded_away_is_reached_once_it_is_open(house: House, visit: Visiting) -> None:
    one = visit()
    come_in(house, one, path="/console/orders")
    folded = len(walked(one))
    one.page.reload()
    for further in one.page.locator("main details > summary").all():
        further.press("Enter")
    one.page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    one.page.locator("a.skip").evaluate("(link) => { link.focus(); link.blur(); }")
    assert one.page.evaluate(CONTROLS) > folded + 10, "the further conditions and the columns"
    while one.page.evaluate("document.activeElement.name") != "value_to":
        one.page.keyboard.press("Tab")
    one.page.keyboard.type("50")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**value_to=50**")


def test_the_skip_link_leads_past_the_navigation(house: House, visit: Visiting) -> None:
    one = visit()
    come_in(house, one, path="/console/orders")
    one.page.keyboard.press("Tab")
    assert focused(one) == "Go to the content"
    assert one.page.locator("a.skip").bounding_box()["y"] >= 0  # type: ignore[index]
    one.page.keyboard.press("Enter")
    assert one.page.evaluate("document.activeElement.id") == "main"
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.closest('main') !== null")


def test_escape_closes_a_menu_and_the_focus_is_where_it_was(house: House, visit: Visiting) -> None:
    one = visit()
    come_in(house, one, path="/console/orders")
    for menu in one.page.locator("details.menu").all():
        summary = menu.locator("summary")
        summary.focus()
        one.page.keyboard.press("Enter")
        one.page.keyboard.press("Tab")
        assert menu.evaluate("(one) => one.open && one.contains(document.activeElement)")
        one.page.keyboard.press("Escape")
        assert menu.get_attribute("open") is None
        assert summary.evaluate("(one) => one === document.activeElement")


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_the_navigation_is_one_key_away_and_escape_puts_it_back(
    house: House, visit: Visiting, scripts: bool
) -> None:
    one = visit(width=390, scripts=scripts)
    come_in(house, one, path="/console/orders")
    side = one.page.locator("nav.side")
    assert not side.is_visible()
    for key in ("Tab", "Tab", "Enter"):
        one.page.keyboard.press(key)
    assert side.is_visible()
    one.page.keyboard.press("Tab")
    assert one.page.locator("nav.side a:focus").inner_text() == "Control tower"
    one.page.keyboard.press("Escape")
    assert not side.is_visible()
    assert one.page.locator("button.opener:focus").count() == 1
    for key in ("Enter", "Tab", "Tab", "Tab", "Enter"):
        one.page.keyboard.press(key)
    one.page.wait_for_url("**/console/customs")
