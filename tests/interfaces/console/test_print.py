"""On paper: officers and courts get what stands on the page, black on white, with where and when it was read."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.lived_in import LivedIn, lived_in
from tests.interfaces.console.test_axe import PAGES

pytestmark = pytest.mark.browser
PRINTED: Final = ("order", "declaration", "rulebook", "recalled-things", "recalled-holder", "case", "transaction")
SEEN: Final = """() => {
  const seen = (one) => one.checkVisibility();
  const all = (what) => [...document.querySelectorAll(what)];
  const shades = all("main *").filter(seen).flatMap((one) => {
    const style = getComputedStyle(one);
    return one.textContent.trim() ? [style.color, style.backgroundColor] : [];
  });
  return {
    pressed: all("nav, button, .button, input:not([type=checkbox])").filter(seen).map((one) => one.outerHTML),
    shades: [...new Set(shades)],
    links: all("main a").map((one) => getComputedStyle(one).textDecorationLine),
    headings: all("thead").map((one) => getComputedStyle(one).display),
    scrolled: all(".table").map((one) => getComputedStyle(one).overflowY),
    cut: all(".table").filter((one) => one.scrollHeight > one.clientHeight + 2).length,
    margin: document.adoptedStyleSheets.map((one) => [...one.cssRules].map((rule) => rule.cssText).join("")).join(""),
    height: document.querySelector(".foot .figure").textContent,
    time: document.querySelector(".foot time").title,
  };
}"""
GREY: Final = re.compile(r"rgba?\((\d+), \1, \1(?:, [\d.]+)?\)")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedIn]:
    with lived_in(tmp_path_factory.mktemp("house")) as found:
        yield found


def printed(house: LivedIn, browser: Browser, name: str, language: str) -> tuple[Visit, dict[str, Any], str]:
    """The page as it goes to paper, and its address."""
    party, path = PAGES[name]
    one = house.visit(browser, party, 1280, language)
    address = house.local + path.format(**house.places)
    one.page.goto(address)
    one.page.wait_for_function("document.adoptedStyleSheets.length > 0")
    one.page.emulate_media(media="print", color_scheme="dark")
    return one, one.page.evaluate(SEEN), address


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PRINTED)
def test_a_page_goes_to_paper_whole_and_says_where_and_when(
    house: LivedIn, browser: Browser, name: str, language: str
) -> None:
    one, seen, address = printed(house, browser, name, language)
    assert seen["pressed"] == [], "there is nothing to press on paper"
    assert [shade for shade in seen["shades"] if not GREY.fullmatch(shade)] == [], "black on white"
    assert set(seen["links"]) <= {"none"}
    assert set(seen["headings"]) <= {"table-header-group"}, "a heading stands on each sheet"
    assert set(seen["scrolled"]) <= {"visible"}
    assert seen["cut"] == 0
    foot = re.sub(r"\\\\a ?", " ", seen["margin"])
    assert seen["height"] in foot
    assert seen["time"] in foot
    assert set(re.split("[?&]", address)) <= set(re.split('[?& "]', foot)), "the address, in whatever order it says it"
    assert one.page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
    one.close()


def test_what_is_folded_on_the_screen_is_open_on_paper(house: LivedIn, browser: Browser) -> None:
    one, _, _ = printed(house, browser, "transaction", "en")
    folded = one.page.locator("main details:not([open]) > :not(summary)")
    for at in range(folded.count()):
        assert folded.nth(at).evaluate("(one) => one.getBoundingClientRect().height") > 0
    one.close()


def test_without_scripts_the_foot_stands_at_the_end(house: LivedIn, browser: Browser) -> None:
    one = Visit(browser, scripts=False)
    one.page.goto(f"{house.local}/verify")
    one.page.emulate_media(media="print")
    assert one.page.get_by_text(f"{house.local}/verify", exact=True).is_visible()
    one.close()
