"""The scan page in a real browser on a phone: whole numbers, a picture when asked for, a proof that is checked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.interfaces.console.chromium import Visit, launched
from tests.interfaces.http.town import Town
from tests.interfaces.resolver.market import LANTERN, at, born, captured, described, item, on_record, story_path

pytestmark = [pytest.mark.browser, pytest.mark.node]
PICTURE = "https://pictures.example/lantern.png"
SERIAL = "SM00000004.2.1"
UNNAMED = "https://id.gs1.org/414/9506000138619"
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def market(town: Town) -> Town:
    """A lantern with a picture, seen at a yard that has no name."""
    on_record(town, described(f"https://id.gs1.org/01/{LANTERN}", descriptionShort="Lantern", gs1_relatedImage=PICTURE))
    on_record(town, captured(born("born", at(2), item(SERIAL), readPoint={"id": UNNAMED})))
    return town


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture(params=["en", "zh"])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    one = Visit(browser, 390, request.param)
    yield one
    one.context.close()
    assert one.said == []


def test_no_number_is_broken_in_two_and_nothing_is_wider_than_a_phone(market: Town, phone: Visit) -> None:
    phone.page.goto(market.url + story_path(item(SERIAL)))
    lines = phone.page.eval_on_selector_all(
        ".number", "all => all.map(one => [one.textContent, one.getClientRects().length])"
    )
    assert [LANTERN, 1] in lines
    assert ["GLN 9506000138619", 1] in lines
    assert all(count == 1 for _, count in lines)
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_picture_is_asked_for_when_the_reader_opens_it_and_not_before(market: Town, phone: Visit) -> None:
    asked: list[str] = []

    def answered(route: Route) -> None:
        asked.append(route.request.url)
        assert "referer" not in route.request.headers
        route.fulfill(body=_PIXEL, content_type="image/png")

    phone.context.route("https://pictures.example/**", answered)
    phone.page.goto(market.url + story_path(item(SERIAL)), wait_until="networkidle")
    assert (asked, phone.elsewhere) == ([], [])
    phone.page.locator("summary").click()
    expect(phone.page.locator("details img")).to_be_visible()
    phone.page.wait_for_function("document.querySelector('details img').naturalWidth === 1")
    assert asked == [PICTURE]


def test_the_proof_of_an_event_is_opened_and_checked_in_the_same_browser(market: Town, phone: Visit) -> None:
    phone.page.goto(market.url + story_path(item(SERIAL)))
    phone.page.locator(".way a").first.click()
    phone.page.wait_for_url("**/verify?evidence=*")
    phone.page.locator("#node-key").click()
    phone.page.locator("#go").click()
    verdict = phone.page.wait_for_selector("#verdict.good, #verdict.bad", timeout=30_000)
    assert verdict is not None
    assert "good" in (verdict.get_attribute("class") or "")
