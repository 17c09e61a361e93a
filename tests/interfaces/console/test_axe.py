"""Every page, in both languages and themes, judged by axe-core (WCAG 2.2 AA): nothing serious, nothing critical.

With SOGDIA_SCREENSHOTS set to a folder, each page is also kept there as a picture at 390 and 1280 px.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser

from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House, Person

pytestmark = [pytest.mark.browser, pytest.mark.node]

AXE: Final = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
WITHOUT: Final = "axe-core is not there: run npm ci in tests/interfaces/console"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES: Final = {
    "overview": "/console/",
    "account": "/console/account",
    "password": "/console/account/password",
    "style": "/console/style",
    "not-found": "/console/no-such-page",
}
OPEN: Final = ("sign-in", "invitation")
LOOKS: Final = [(language, dark) for language in ("en", "zh") for dark in (False, True)]


@pytest.fixture(scope="module", autouse=True)
def axe() -> str:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def person(house: House) -> Person:
    return house.person()


@pytest.fixture(scope="module")
def look(house: House, browser: Browser, person: Person) -> Iterator[Callable[[str, bool, int], Visit]]:
    """Signed-in visits, one for each look and width, used by all tests."""
    made: dict[tuple[str, bool, int], Visit] = {}

    def looking(language: str, dark: bool, width: int) -> Visit:
        key = (language, dark, width)
        if key not in made:
            made[key] = one = Visit(browser, width, language, dark)
            one.page.goto(f"{house.local}/console/sign-in")
            for field, value in (("#name", person.name), ("#password", person.password), ("#code", person.codes.pop())):
                one.page.fill(field, value)
            one.page.keyboard.press("Enter")
            one.page.wait_for_url("**/console/")
        return made[key]

    yield looking
    for one in made.values():
        one.close()


def judged(one: Visit, axe: str) -> list[str]:
    """What axe finds that is serious or critical, and where."""
    one.page.evaluate(axe)
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = one.page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['html'][:150]} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def keep(one: Visit, name: str, language: str, dark: bool, width: int) -> None:
    """The page as a picture, when asked for."""
    folder = os.environ.get("SOGDIA_SCREENSHOTS", "")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        theme = "dark" if dark else "light"
        one.page.screenshot(path=str(Path(folder) / f"{name}-{width}-{language}-{theme}.png"), full_page=True)


def is_wider_than_its_window(one: Visit) -> bool:
    """Whether a person would have to scroll sideways."""
    return bool(one.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language, dark", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_for_users_is_open_to_everyone(
    house: House, look: Callable[..., Visit], axe: str, name: str, language: str, dark: bool, width: int
) -> None:
    one = look(language, dark, width)
    one.page.goto(house.local + PAGES[name])
    keep(one, name, language, dark, width)
    assert not is_wider_than_its_window(one)
    assert judged(one, axe) == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language, dark", LOOKS)
@pytest.mark.parametrize("name", OPEN)
def test_a_page_for_visitors_is_open_to_everyone(
    house: House, browser: Browser, axe: str, name: str, language: str, dark: bool, width: int
) -> None:
    one = Visit(browser, width, language, dark)
    one.page.goto(house.local + ("/console/sign-in" if name == "sign-in" else house.invited(name="Officer Li")))
    keep(one, name, language, dark, width)
    assert not is_wider_than_its_window(one)
    assert judged(one, axe) == []
    one.page.locator("details.menu summary").click()
    assert judged(one, axe) == [], "with its menu open"
    one.close()
