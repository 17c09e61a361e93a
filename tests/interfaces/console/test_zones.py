"""Times on pages, in forms and in what is signed: in the zone of the browser, with the instant of UTC beside it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sogdia.interfaces.console.forms import Form
from sogdia.interfaces.console.recalling_asked import NotAsked, asked_of
from sogdia.interfaces.words import clock
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CUSTOMS, PLATFORM, order

pytestmark = pytest.mark.node
Visiting = Callable[..., Visit]
SHANGHAI = "Asia/Shanghai"


def _form(given: dict[str, str]) -> Form:
    return Form({name: [value] for name, value in given.items()})


def there(one: Visit, zone: str) -> Visit:
    """The browser stands in this zone."""
    one.context.new_cdp_session(one.page).send("Emulation.setTimezoneOverride", {"timezoneId": zone})
    return one


def foot_of(house: House, cookie: str = "", language: str = "en") -> str:
    """The foot of the page that somebody sees who is not signed in."""
    with house.client(accept_language=language) as client:
        if cookie:
            client.cookies.set("sogdia_zone", cookie)
        page = client.get("/console/sign-in").text
    return re.findall(r'<footer class="foot">.*?</footer>', page, re.DOTALL)[0]


def test_the_foot_says_in_which_zone_times_are_told(house: House) -> None:
    assert "Times: UTC+8 (Asia/Shanghai)" in foot_of(house, SHANGHAI)
    assert "时间：UTC+8（Asia/Shanghai）" in foot_of(house, SHANGHAI, "zh")
    assert "UTC+8 = 20" in foot_of(house, SHANGHAI), "the checkpoint's instant in the zone and in UTC"


@pytest.mark.parametrize("cookie", ["", "Asia/Jinhua", "../../etc/passwd", "<b>", "UTC+8"])
def test_without_a_zone_that_exists_times_are_utc_and_the_foot_says_so(house: House, cookie: str) -> None:
    assert "<span>Times: UTC</span>" in foot_of(house, cookie)


def test_a_page_tells_times_in_the_zone_and_keeps_the_instant_of_utc(house: House) -> None:
    with house.signed_in(house.person(CUSTOMS)) as client:
        for zone, shown in ((SHANGHAI, r"UTC\+8"), ("", "UTC")):
            client.cookies.set("sogdia_zone", zone)
            page = client.get("/console/network/log").text
            assert re.search(rf'<time datetime="[\d-]+T[\d:]+Z" title="[^"]* UTC">[\d-]+ [\d:]+ {shown}</time>', page)


def test_a_recall_from_ten_in_china_is_a_recall_from_two_in_utc(house: House) -> None:
    form = {"supplier": "acme", "since": "2026-05-28T10:00", "until": "2026-05-28T12:00:00Z"}
    clock.read_in(clock.zone_named(SHANGHAI))
    try:
        asked = asked_of(_form(form), [])
        with pytest.raises(NotAsked):
            asked_of(_form({**form, "since": "2026-13-28T10:00"}), [])
    finally:
        clock.read_in(None)
    assert asked["since"].startswith("2026-05-28T02:00:00")
    assert asked["until"] == "2026-05-28T12:00:00Z"


@pytest.mark.browser
def test_a_browser_in_jinhua_reads_the_clock_of_jinhua_from_the_second_page_on(house: House, visit: Visiting) -> None:
    one = there(visit(), SHANGHAI)
    one.page.goto(f"{house.local}/console/sign-in")
    expect(one.page.locator(".foot")).to_contain_text("Times: UTC")
    one.page.reload()
    expect(one.page.locator(".foot")).to_contain_text("Times: UTC+8 (Asia/Shanghai)")
    (kept,) = [each for each in one.context.cookies() if each["name"] == "sogdia_zone"]
    assert (kept["value"], kept["sameSite"], kept["path"]) == (SHANGHAI, "Lax", "/")


@pytest.mark.browser
def test_what_is_signed_shows_its_times_in_the_zone_and_in_utc(house: House, visit: Visiting, tmp_path: Path) -> None:
    at = SigningDesk(house, there(visit(), SHANGHAI), PLATFORM).with_key(tmp_path)
    expect(at.ask([order()])).to_contain_text("2026-05-29 04:26:40 UTC+8 (2026-05-28 20:26:40 UTC)")


@pytest.mark.browser
def test_a_form_takes_an_instant_of_the_zone_and_says_so(house: House, visit: Visiting) -> None:
    at = SigningDesk(house, there(visit(), "Europe/Berlin"), PLATFORM)
    at.page.goto(f"{house.local}/console/actions/orders/place")
    placed = at.page.locator("[name='placed_at_ms']")
    hint = at.page.locator(f"#{placed.get_attribute('aria-describedby')}".split()[0])
    expect(hint).to_contain_text("Time of Europe/Berlin (now UTC+")
    read = at.page.evaluate(
        "(module) => import(module).then(({millisecondsOf}) =>"
        " ['2026-11-22 03:35', '2026-11-22 02:35Z', '2026-10-25 02:30', '2026-03-29 02:30', '2026-02-30 10:00']"
        ".map((text) => millisecondsOf(text) ?? null))",
        at.module("sign.js").replace("signing/sign.js", "clock.js"),
    )
    assert read == [1_795_314_900_000, 1_795_314_900_000, 1_792_888_200_000, None, None]
