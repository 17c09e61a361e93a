"""What the sly put on record harms nobody who looks at it: every page in a real browser, no script, no report.

The town is in `hostile_town`: names, numbers, notes, events that would run, break out of an attribute, read backwards.
"""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser

from sogdia.interfaces.console.plain_text import plainly
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.governed_town import enter
from tests.interfaces.console.hostile_town import LINK, NUMBER, SCRIPT, SLY, TURNED, hostile_house
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CUSTOMS, Caller

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STARTS = (
    "/console/",
    "/console/tower",
    "/console/tower/exceptions",
    "/console/orders",
    "/console/customs",
    "/console/parties",
    f"/console/parties/{SLY.did}",
    "/console/governance",
    "/console/rulebooks",
    "/console/network",
    "/console/network/log",
    "/console/log",
    "/console/trace",
    "/console/recall",
    "/console/import",
    "/console/actions",
    "/console/keys",
    "/console/account",
    "/verify",
    f"/console/orders?text={quote(NUMBER)}",
    f"/console/parties?q={quote(SCRIPT)}",
    f"/console/trace?q={quote(SCRIPT)}",
    f"/console/{quote(SCRIPT)}",
    f"/console/orders/{SLY.did}/{quote(NUMBER, safe='')}",
)
PAGES_LIMIT, OF_A_KIND = 90, 4
FOUND = """() => ({
  owned: window.owned !== undefined,
  marks: document.querySelectorAll(".hostile, img[src='x']").length,
  links: [...document.querySelectorAll("a[href], form[action]")]
    .map((one) => one.getAttribute("href") ?? one.getAttribute("action"))
    .filter((to) => /^\\s*(javascript|data|vbscript):/i.test(to)),
  handlers: [...document.querySelectorAll("*")]
    .flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on")),
  text: document.body.innerText,
  wide: document.documentElement.scrollWidth > innerWidth,
  to: [...document.querySelectorAll("a[href]:not([download])")].map((one) => one.href),
})"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with hostile_house(tmp_path_factory.mktemp("hostile")) as house:
        yield house


@pytest.mark.parametrize("who, width, language", [(CUSTOMS, 1280, "en"), (SLY, 390, "zh")], ids=["customs", "the sly"])
def test_whatever_stands_on_record_no_page_runs_it(
    hostile: House, browser: Browser, who: Caller, width: int, language: str
) -> None:
    one = enter(hostile, Visit(browser, width, language), hostile.person(who))
    flaws, seen, told = [], list[str](), ""
    for path in pages(hostile, one, seen):
        found = one.page.evaluate(FOUND)
        flaws += [
            f"{path}: {name} {found[name]}" for name in ("owned", "marks", "links", "handlers", "wide") if found[name]
        ]
        flaws += [f"{path}: {said}" for said in one.said]
        flaws += [f"{path}: turned" for sign in TURNED if sign in found["text"] and not sign.isalpha() and sign != "."]
        flaws += [f"{path}: a template within"] if re.search(r"(?<!\d)49(?!\d)\{%", found["text"]) else []
        told += found["text"]
        one.said.clear()
    one.close()
    assert flaws == []
    assert len(seen) > 40, seen
    for text in (SCRIPT, plainly(NUMBER), LINK, plainly(TURNED)):
        assert text in told, "it was shown, and as the text that it is"


def pages(house: House, one: Visit, seen: list[str]) -> Iterator[str]:
    """Every kind of page that can be reached by links, some of each, with what they were opened as."""
    waiting, known, kinds = [house.local + path for path in STARTS], set[str](), Counter[str]()
    while waiting and len(seen) < PAGES_LIMIT:
        url = waiting.pop(0)
        parts = urlsplit(url)
        kind = re.sub(r"did(:|%3A)[^/]*|[0-9]+|%[^/]*|[0-9a-f]{16,}", "", parts.path) + re.sub(
            r"=[^&]*", "", parts.query
        )
        is_start = url.removeprefix(house.local) in STARTS
        if url in known or not url.startswith(f"{house.local}/") or (kinds[kind] >= OF_A_KIND and not is_start):
            continue
        known.add(url)
        answer = one.page.goto(url)
        assert answer is not None
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        assert answer.status < 500, url
        kinds[kind] += 1
        path = url.removeprefix(house.local)
        seen.append(path)
        waiting += [to.partition("#")[0] for to in one.page.evaluate(FOUND)["to"] if leads_on(to)]
        yield path


def leads_on(to: str) -> bool:
    """Whether a link shows another page of ours: not a file, not another language or theme."""
    return not re.search(r"[?&](lang|theme)=|\.(csv|xlsx|json)\b|/evidence|/assets/", to)
