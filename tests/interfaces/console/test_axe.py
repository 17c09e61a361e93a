"""Every page, in both languages and themes, judged by axe-core (WCAG 2.2 AA): nothing serious, nothing critical.

With SOGDIA_SCREENSHOTS set to a folder, each page is also kept there as a picture at 390 and 1280 px.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page
from pyotp import TOTP

from sogdia.interfaces.console import mounting
from sogdia.interfaces.console.attempts import Attempts
from tests.interfaces.console.axe import AXE, WITHOUT, flaws, judged
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import PASSWORD
from tests.interfaces.console.lived_in import LivedIn, lived_in
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CARRIER, CUSTOMS, PLATFORM, Caller, order

pytestmark = [pytest.mark.browser, pytest.mark.node]

PAGES: Final[Mapping[str, tuple[Caller | None, str]]] = {
    # what a merchant sees
    "front": (PLATFORM, "/console/"),
    "exceptions": (PLATFORM, "/console/tower/exceptions?kind=transaction_refused"),
    "orders-merchant": (PLATFORM, "/console/orders"),
    "orders-none": (PLATFORM, "/console/orders?text=nothing"),
    "import": (PLATFORM, "/console/import"),
    "draft": (PLATFORM, "{draft}"),
    "draft-aside": (PLATFORM, "{draft}?view=aside"),
    "draft-orders": (PLATFORM, "{draft}?view=orders"),
    "draft-articles": (PLATFORM, "{draft}?view=articles"),
    "draft-columns": (PLATFORM, "{draft}?view=columns"),
    "draft-choices": (PLATFORM, "{draft}?view=choices"),
    "draft-row": (PLATFORM, "{draft}/row/2"),
    "trace": (PLATFORM, "/console/trace"),
    "trace-found": (PLATFORM, "/console/trace?{thing}"),
    "trace-none": (PLATFORM, "/console/trace?q=09506000134000"),
    "event": (PLATFORM, "/console/trace/event?{event}"),
    "recall": (PLATFORM, "/console/recall"),
    "recalled": (PLATFORM, "{recall}"),
    "recalled-things": (PLATFORM, "{recall}?view=things"),
    "recalled-orders": (PLATFORM, "{recall}?view=orders"),
    "recalled-documents": (PLATFORM, "{recall}?view=documents"),
    "recalled-balances": (PLATFORM, "{recall}?view=balances"),
    "recalled-holder": (PLATFORM, "{recall}/holder/1"),
    "recalled-notices": (PLATFORM, "{recall}/notices"),
    "recalled-platform": (PLATFORM, "{recall}/platform/1"),
    "governance": (PLATFORM, "/console/governance"),
    "governance-members": (PLATFORM, "/console/governance?tab=members"),
    "governance-terms": (PLATFORM, "/console/governance?tab=terms"),
    "case": (PLATFORM, "/console/governance/{admission}"),
    "case-role": (PLATFORM, "/console/governance/{role}"),
    "network": (PLATFORM, "/console/network"),
    "log": (PLATFORM, "/console/network/log"),
    "block": (PLATFORM, "/console/network/log/{height}"),
    "transaction": (PLATFORM, "/console/network/log/transaction/{accepted}"),
    "transaction-refused": (PLATFORM, "/console/network/log/transaction/{refused}"),
    "keys": (PLATFORM, "/console/keys"),
    "actions": (PLATFORM, "/console/actions"),
    "action": (PLATFORM, "/console/actions/orders/place"),
    "acts-report": (CARRIER, "/console/acts/report"),
    "handed": (PLATFORM, "/console/actions/handed"),
    "account": (PLATFORM, "/console/account"),
    "password": (PLATFORM, "/console/account/password"),
    "style": (PLATFORM, "/console/style"),
    "forbidden": (PLATFORM, "/console/customs"),
    "not-found": (PLATFORM, "/console/no-such-page"),
    # what an officer sees
    "tower": (CUSTOMS, "/console/tower"),
    "taxes": (CUSTOMS, "/console/taxes"),
    "orders": (CUSTOMS, "/console/orders"),
    "order": (CUSTOMS, "/console/orders/order?{order}"),
    "customs": (CUSTOMS, "/console/customs"),
    "customs-none": (CUSTOMS, "/console/customs?list_no=none"),
    "customs-decided": (CUSTOMS, "/console/customs/decided"),
    "customs-bulk": (CUSTOMS, "/console/customs/bulk?ship_to=FR"),
    "declaration": (CUSTOMS, "/console/customs/list?{declaration}"),
    "parties": (CUSTOMS, "/console/parties"),
    "parties-none": (CUSTOMS, "/console/parties?q=nobody"),
    "party": (CUSTOMS, "/console/parties/{party}"),
    "party-suspended": (CUSTOMS, "/console/parties/{suspended}"),
    "rulebooks": (CUSTOMS, "/console/rulebooks"),
    "rulebook": (CUSTOMS, "/console/rulebooks/rows"),
    "rulebook-row": (CUSTOMS, "/console/rulebooks/row?{row}"),
    # what everyone sees
    "sign-in": (None, "/console/sign-in"),
    "invitation-over": (None, "/console/invitation/none"),
    "not-found-to-visitors": (None, "/console/sign-in/none"),
    "join": (None, "/join"),
    "verify": (None, "/verify"),
    "story": (None, "{story}"),
    "story-untold": (None, "/story/00/095060001343529997"),
}
"""Who looks, and where; `LivedIn.places` fills in what is known only then."""
NO_PAGES: Final = (
    "/console/orders/export", "/console/orders/evidence", "/console/trace/proof", "/console/network/evidence",
    "/console/signing/", "/console/customs/next", "/console/acts", "/console/find", "/console/recall/{job:str}/list",
    "/console/import/{draft:str}/file", "/console/import/{draft:str}/hand-over",
    "/console/taxes/evidence",
)  # fmt: skip
"""What is sent to programs or kept as a file, and what leads on to a page that stands above."""
STATUS: Final = {
    "forbidden": 403, "not-found": 404, "not-found-to-visitors": 404, "invitation-over": 410, "story-untold": 404,
}  # fmt: skip
SIZES: Final = (("zh", 390), ("en", 1280))
"""Each language and each width is judged once; whether the page fits is asked in all four."""
Looking = Callable[[Caller | None, str, int], Visit]


@pytest.fixture(scope="module", autouse=True)
def axe() -> str:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedIn]:
    with lived_in(tmp_path_factory.mktemp("house")) as found:
        yield found


@pytest.fixture(scope="module")
def look(house: LivedIn, browser: Browser) -> Iterator[Looking]:
    """Visits, one for each person, language and width, used by all tests."""
    made: dict[tuple[Caller | None, str, int], Visit] = {}

    def looking(party: Caller | None, language: str, width: int) -> Visit:
        key = (party, language, width)
        if key not in made:
            made[key] = house.visit(browser, party, width, language)
        return made[key]

    yield looking
    for one in made.values():
        one.close()


@pytest.mark.parametrize("language, width", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_open_to_everyone(
    house: LivedIn, look: Looking, axe: str, name: str, language: str, width: int
) -> None:
    who, path = PAGES[name]
    one = look(who, language, width)
    answer = one.page.goto(house.local + path.format(**house.places))
    assert answer is not None
    assert answer.status == STATUS.get(name, 200)
    assert flaws(one, axe, name, language, width) == []


def test_no_page_is_forgotten() -> None:
    """Whoever adds a page adds it to `PAGES`, or says in `NO_PAGES` that it is none."""
    known = [path.partition("?")[0] for _, path in PAGES.values()]
    routes = [
        f"/console{path}".rstrip("/")
        for subject in mounting.SUBJECTS
        for handler in subject.ROUTES
        if "GET" in handler.http_methods
        for path in handler.paths
    ]
    public = [path for handler in mounting.PUBLIC if "GET" in handler.http_methods for path in handler.paths]
    filled = {"{draft}": "/console/import/x", "{recall}": "/console/recall/x"}
    given = [re.sub(r"^\{\w+\}", lambda found: filled.get(found[0], "/"), path).rstrip("/") for path in known]
    forgotten = [
        route
        for route in [*routes, *public]
        if not route.startswith(NO_PAGES)
        and not any(re.fullmatch(re.sub(r"\{\w+:\w+\}", "[^/]+", route), one) for one in given)
    ]
    assert forgotten == []


# --- what opens over a page, or comes after a form ------------------------------------------------------------------


@pytest.mark.parametrize("language, width", SIZES)
def test_open_menus_are_open_to_everyone(house: LivedIn, look: Looking, axe: str, language: str, width: int) -> None:
    one = look(CUSTOMS, language, width)
    one.page.goto(f"{house.local}/console/parties")
    for menu in one.page.locator("details.menu > summary").all():
        menu.click()
        assert judged(one, axe, "header") == []
    if width == 390:
        one.page.locator("button.opener").click()
        assert flaws(one, axe, "navigation", language, width) == []


@pytest.mark.parametrize("language, width", SIZES)
def test_an_invitation_and_its_codes_are_open_to_everyone(
    house: LivedIn, browser: Browser, axe: str, language: str, width: int
) -> None:
    one = Visit(browser, width, language)
    one.page.goto(house.local + house.invited(name=f"Officer Li {language} {width}"))
    assert flaws(one, axe, "invitation", language, width) == []
    secret = "".join(one.page.locator("code.secret").all_inner_texts()).replace(" ", "")
    for field, value in (("#password", PASSWORD), ("#again", PASSWORD), ("#code", str(TOTP(secret).now()))):
        one.page.fill(field, value)
    one.page.locator("#code").press("Enter")
    one.page.locator(".codes").wait_for()
    assert flaws(one, axe, "recovery-codes", language, width) == []
    one.close()


@pytest.mark.parametrize("language, width", SIZES)
def test_a_form_with_mistakes_is_open_to_everyone(
    house: LivedIn, look: Looking, axe: str, language: str, width: int
) -> None:
    one = look(None, language, width)
    one.page.goto(f"{house.local}/console/sign-in")
    for field in ("#name", "#password", "#code"):
        one.page.fill(field, "nobody")
    one.page.locator("#code").press("Enter")
    one.page.get_by_role("alert").wait_for()
    assert flaws(one, axe, "sign-in-wrong", language, width) == []
    house.console.attempts = Attempts(house.console.clock)


@pytest.mark.parametrize("language, width", SIZES)
def test_the_sheet_that_is_signed_is_open_to_everyone(
    house: LivedIn, browser: Browser, axe: str, tmp_path: Path, language: str, width: int
) -> None:
    one = Visit(browser, width, language)
    at = SigningDesk(house, one, PLATFORM).with_key(tmp_path)
    assert flaws(one, axe, "keys-one", language, width) == []
    at.ask([order()], [order()])
    assert flaws(one, axe, "sheet", language, width) == []
    one.close()


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("language, width", SIZES)
def test_what_evidence_proves_is_open_to_everyone(
    house: LivedIn, look: Looking, axe: str, language: str, width: int, holds: bool
) -> None:
    one = look(None, language, width)
    one.page.goto(f"{house.local}/verify")
    one.page.locator("form[data-ready]").wait_for(state="attached")
    content = house.evidence() if holds else house.altered()
    one.page.fill("#trust", house.town.node.verifier_key)
    one.page.set_input_files("#file", {"name": "e.json", "mimeType": "application/json", "buffer": content})
    one.page.locator(f"#verdict.{'good' if holds else 'bad'}").wait_for()
    opened(one.page)
    assert flaws(one, axe, f"verified-{'good' if holds else 'bad'}", language, width) == []


def opened(page: Page) -> None:
    """With nothing folded away."""
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true;")
