"""Trace in the console: a thing by any of its names, graph and list of the same, and what others may not read."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from sogdia.client import evidence
from sogdia.interfaces.console.tracing_graph import BOXES, drawn
from sogdia.interfaces.console.tracing_scan import thing_of
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House, Person
from tests.interfaces.console.test_axe import AXE, LOOKS, WITHOUT, is_wider_than_its_window, judged, keep
from tests.interfaces.console.traced import BOTTLE, OIL, OLIVES, PALLET, tell_chain
from tests.interfaces.http.town import CARRIER, PLATFORM

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]
S1 = BOTTLE.format(1)
HREFS = "links => links.map((link) => link.getAttribute('href'))"


@pytest.fixture(scope="module", autouse=True)
def chain(house: House) -> None:
    tell_chain(house)


def enter(house: House, one: Visit, person: Person) -> None:
    """Sign in."""
    one.page.goto(f"{house.local}/console/sign-in")
    for field, value in (("#name", person.name), ("#password", person.password), ("#code", person.codes.pop())):
        one.page.fill(field, value)
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/console/")


def asked(thing: str) -> str:
    """The path of a thing's page."""
    return f"/console/trace?q={quote(thing, safe='')}"


# --- finding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, thing",
    [
        ("https://example.org/01/09506000134352/21/S1", S1),
        ("urn:epc:id:sgtin:9506000.013435.S1", S1),
        ("(01)09506000134352(21)S1", S1),
        ("]d2010950600013435221S1", S1),
        ("\x1d010950600013435221S1\x1d10B", "https://id.gs1.org/01/09506000134352/10/B/21/S1"),
        ("9506000134352", "https://id.gs1.org/01/09506000134352"),
        ("(01)09506000134369(10)B", OIL),
        ("095060001343520000", PALLET),
        ("]C100095060001343520000", PALLET),
        ("urn:example:anything", "urn:example:anything"),
        ("lot 7 from the mill", "lot 7 from the mill"),
    ],
)
def test_what_is_typed_or_scanned_names_the_thing_however_it_is_written(text: str, thing: str) -> None:
    assert thing_of(text) == thing


def test_a_number_of_which_nobody_told_is_said_to_be_unknown(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        page = client.get(asked("(01)09506000134352(21)NOBODY"))
        assert page.status_code == 200
        assert "Nothing is told of this" in page.text


# --- the story ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "language, width, before, recall",
    [("en", 1280, "4 before", "Recall this"), ("zh", 390, "上游第 4 层", "召回此货物")],
)
def test_a_bottle_is_scanned_and_followed_back_to_the_grove_by_keyboard(
    house: House, visit: Visiting, language: str, width: int, before: str, recall: str
) -> None:
    one = visit(language=language, width=width)
    enter(house, one, house.person(PLATFORM))
    one.page.goto(f"{house.local}/console/trace")
    one.page.fill("#q", "]d2010950600013435221S1")
    one.page.keyboard.press("Enter")
    one.page.get_by_text(S1, exact=True).first.wait_for()
    drawn_things = one.page.eval_on_selector_all("svg.graph a.box", HREFS)
    listed = one.page.eval_on_selector_all("#list tbody td:nth-child(2) a", HREFS)
    assert set(drawn_things) == set(listed)
    assert {asked(OIL), asked(OLIVES), asked(S1)} == set(listed)
    expect(one.page.locator(".timeline")).to_contain_text("00/095060001343520000")
    expect(one.page.locator("#list tbody tr").first).to_contain_text(before)
    expect(one.page.locator(".timeline li")).to_have_count(3)
    expect(one.page.locator("svg.moves .leg")).to_have_count(1)
    expect(one.page.locator("svg.moves text")).to_have_text(["1", "2"])
    expect(one.page.locator("ol.steps li").first).to_have_text("Mill of Baux")
    expect(one.page.get_by_role("link", name=recall)).to_be_visible()

    one.page.locator(".canvas").first.focus()
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.closest('svg.graph') !== null")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url(f"**{asked(OLIVES)}")


def test_events_of_others_stand_there_with_whose_they_are_and_without_their_content(house: House) -> None:
    with house.signed_in(house.person(CARRIER)) as client:
        page = client.get(asked(S1)).text
        assert "An event of platform that is not yours to read" in page
        assert "09506000134369" not in page, "the oil is named by events of the platform alone"
        assert "Arrived" in page
    with house.signed_in(house.person(PLATFORM)) as client:
        assert "not yours to read" not in client.get(asked(S1)).text


def test_an_event_has_its_page_and_a_proof_that_anyone_checks(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        page = client.get(asked(OIL)).text
        link = re.findall(r'href="(/console/trace/event\?[^"]+)"', page)[0].replace("&amp;", "&")
        event = client.get(link).text
        assert "Mill of Baux" in event
        proof = re.findall(r'href="(/console/trace/proof\?[^"]+)"', event)[0].replace("&amp;", "&")
        file = client.get(proof)
        assert file.headers["content-disposition"].startswith("attachment")
        checks = evidence.verify(evidence.read(file.content), network_key=house.town.node.verifier_key)
        assert evidence.holds(checks), checks
    with house.signed_in(house.person(CARRIER)) as client:
        assert client.get(link).status_code == 404
        assert client.get(proof).status_code == 404


def test_of_very_many_things_eighty_are_drawn_and_the_others_counted() -> None:
    def node(number: int) -> dict[str, object]:
        told = {"number": number, "uri": f"urn:x:{number}", "kind": "instance", "party": ""}
        return told | {"is_redacted": False, "is_imprecise": False}

    layers = [range(1 + 100 * layer, 101 + 100 * layer) for layer in range(12)]
    arrows = [
        {"src": src, "dst": layers[at + 1][0], "kind": "used", "event": None} for at in range(11) for src in layers[at]
    ] + [
        {"src": layers[at][0], "dst": dst, "kind": "made", "event": None} for at in range(11) for dst in layers[at + 1]
    ]
    down = {"start": 1, "nodes": [node(one) for some in layers for one in some], "arrows": arrows, "is_cut": False}
    up = {"start": 1, "nodes": [node(1)], "arrows": [], "is_cut": False}
    found = drawn(up, down)
    assert len(found.boxes) <= BOXES
    assert len(found.steps) == 1200
    shown = {one.layer for one in found.boxes}
    drawn_here = sum(1 for one in found.boxes if not one.folded)
    assert drawn_here + found.folded == sum(one.layer in shown for one in found.steps)


# --- open to everyone -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def people(house: House, browser: Browser) -> Iterator[Callable[[str, bool, int], Visit]]:
    made: dict[tuple[str, bool, int], Visit] = {}

    def looking(language: str, dark: bool, width: int) -> Visit:
        if (language, dark, width) not in made:
            made[language, dark, width] = one = Visit(browser, width, language, dark)
            enter(house, one, house.person(PLATFORM))
        return made[language, dark, width]

    yield looking
    for one in made.values():
        one.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language, dark", LOOKS)
def test_the_pages_are_open_to_everyone(
    house: House, people: Callable[..., Visit], language: str, dark: bool, width: int
) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    axe, one = AXE.read_text(encoding="utf-8"), people(language, dark, width)
    for name, path in (("trace", "/console/trace"), ("thing", asked(S1)), ("recall", "/console/recall")):
        one.page.goto(house.local + path)
        keep(one, name, language, dark, width)
        assert judged(one, axe) == []
        assert not is_wider_than_its_window(one), name
    one.page.fill("#things", OLIVES)
    one.page.locator("main button.primary").click()
    one.page.wait_for_url("**/recall/*")
    place = one.page.url
    for view in ("?view=holders", "?view=things", "?view=documents", "?view=balances", "/holder/1"):
        one.page.goto(place + view)
        keep(one, f"recalled-{view.strip('?/').replace('=', '-').replace('/', '-')}", language, dark, width)
        assert judged(one, axe) == []
        assert not is_wider_than_its_window(one), view
