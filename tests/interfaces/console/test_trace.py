"""Trace in the console: a thing by any of its names, graph and list of the same, and what others may not read."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from sogdia.client import evidence
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.orders.messages import Place
from sogdia.interfaces.console import tracing
from sogdia.interfaces.console.tracing_graph import BOXES, drawn
from sogdia.interfaces.console.tracing_scan import thing_of
from tests.interfaces.console.axe import AXE, LOOKS, WITHOUT, is_wider_than_its_window, judged, keep
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House, Person
from tests.interfaces.console.traced import (
    BOTTLE,
    OIL,
    OLIVES,
    PALLET,
    PLACES,
    PRODUCTS,
    named_by,
    put,
    tell_chain,
    tell_sold,
    told,
)
from tests.interfaces.http.town import CARRIER, CUSTOMS, OTHER_PLATFORM, PLATFORM, SELLER

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]
S1 = BOTTLE.format(1)
HREFS = "links => links.map((link) => link.getAttribute('href'))"


@pytest.fixture(scope="module", autouse=True)
def chain(house: House) -> None:
    tell_chain(house)


@pytest.fixture(scope="module")
def sold(house: House, chain: None) -> Place:
    return tell_sold(house, 11, "#1420")


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


@pytest.mark.parametrize("text", ["(01)09506000134352(21)NOBODY", "NOBODY", "(10)NOBODY", "#", "x" * 400])
def test_a_number_of_which_nobody_told_is_said_to_be_unknown(house: House, text: str) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        page = client.get(asked(text))
        assert page.status_code == 200
        assert "Nothing is told of this" in page.text


@pytest.mark.parametrize("text, thing", [("S1", S1), ("(21)S1", S1), ("G7", OLIVES), ("(10)B", OIL), (" S1 ", S1)])
def test_a_serial_or_lot_as_printed_leads_to_the_one_thing_that_has_it(house: House, text: str, thing: str) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        assert f'<p class="whole"><code>{thing}</code></p>' in client.get(asked(text)).text


def test_a_lot_number_of_two_products_is_a_choice_of_what_the_asker_may_read(house: House) -> None:
    twin = [f"https://id.gs1.org/01/{product}/10/TWIN" for product in ("09506000134383", "09506000134390")]
    for number, (lot, by) in enumerate(zip(twin, (PLATFORM, CARRIER), strict=True), 20):
        event = told(number, 7, type="ObjectEvent", action="ADD", quantityList=[{"epcClass": lot, "quantity": 5}])
        put(house, by, event)
    house.town.mirrored()
    with house.signed_in(house.person(CUSTOMS)) as client:
        assert set(re.findall(r'class="uri" href="([^"]+)"', client.get(asked("TWIN")).text)) == set(map(asked, twin))
    with house.signed_in(house.person(PLATFORM)) as client:
        assert f"<code>{twin[0]}</code>" in client.get(asked("TWIN")).text, "of the other one it may read nothing"
    with house.signed_in(house.person(SELLER)) as client:
        assert "Nothing is told of this" in client.get(asked("TWIN")).text


@pytest.mark.parametrize("text", ["#1420", "1420", "WB-#1420", "wb-#1420"])
def test_an_order_or_a_waybill_leads_to_the_things_that_went_with_it(house: House, sold: Place, text: str) -> None:
    for party in (PLATFORM, CARRIER):
        with house.signed_in(house.person(party)) as client:
            page = client.get(asked(text)).text
            assert "Order #1420" in page
            assert "waybill WB-#1420" in page
            assert asked(BOTTLE.format(11)) in page
            order = re.findall(r'href="(/console/orders/order\?[^"]+)"', page)[0].replace("&amp;", "&")
            assert client.get(order).status_code == 200
    with house.signed_in(house.person(OTHER_PLATFORM)) as client:
        assert "Nothing is told of this" in client.get(asked(text)).text


# --- names ----------------------------------------------------------------------------------------------------------


def test_products_are_called_as_their_owner_calls_them_and_places_as_master_data_do(house: House) -> None:
    listing = ListProduct(
        seller=SELLER.did, sku="OIL-500", name="Oil of the catalogue", hs_code="1509200000", origin="FR", unit="007",
        net_weight_grams=500, gtin="9506000134352",
    )  # fmt: skip
    assert house.town.submit(listing, by=SELLER).accepted
    house.town.mirrored()
    house.town.server.application.state.resolver._next_look = float("-inf")
    with house.signed_in(house.person(PLATFORM)) as client:
        assert "<h1>Oil of the catalogue</h1>" in client.get(asked(S1)).text
    with house.signed_in(house.person(CARRIER)) as client:
        assert "catalogue" not in client.get(asked(S1)).text, "a carrier does not read the catalogue"

    product = S1.partition("/21/")[0]
    for by, name in ((SELLER, "Oil of Baux"), (CARRIER, "Poison")):
        reply = house.town.submit(named_by(by, product, PRODUCTS, descriptionShort=name), by=by)
        assert reply.accepted, reply
    house.town.mirrored()
    house.town.server.application.state.resolver._next_look = float("-inf")
    with house.signed_in(house.person(CARRIER)) as client:
        page = client.get(asked(S1)).text
        assert "<h1>Oil of Baux</h1>" in page
        assert "Poison" not in page, "it is not the carrier's product"


def test_a_place_without_a_name_is_its_gln_and_a_strangers_name_for_it_does_not_count(house: House) -> None:
    yard = "https://id.gs1.org/414/9506000138619"
    event = told(30, 9, type="ObjectEvent", action="OBSERVE", epcList=[BOTTLE.format(9)], readPoint={"id": yard})
    put(house, CARRIER, event, audience="everyone")
    house.town.mirrored()

    def shown() -> str:
        with house.signed_in(house.person(PLATFORM)) as client:
            return client.get(asked(BOTTLE.format(9))).text

    assert "GLN 9506000138619" in shown()
    for by, name in ((SELLER, "Nowhere"), (OTHER_PLATFORM, "Elsewhere")):
        assert house.town.submit(named_by(by, yard, PLACES, name=name), by=by).accepted
    house.town.mirrored()
    assert "GLN 9506000138619" in shown()
    assert house.town.submit(named_by(CARRIER, yard, PLACES, name="Yard of the carrier"), by=CARRIER).accepted
    house.town.mirrored()
    assert "Yard of the carrier" in shown()


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
    if tracing.has_asset("vendor/land-110m.json"):
        expect(one.page.locator("svg.moves .land path")).to_have_count(1)
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


def test_what_is_drawn_of_many_hangs_together() -> None:
    """Of twenty batches with twelve pieces each, ten batches are drawn, and of each of them a piece."""
    told = {"kind": "instance", "party": "", "is_redacted": False, "is_imprecise": False}
    batches = range(2, 22)
    pieces = {100 * batch + at: batch for batch in batches for at in range(12)}
    arrows = [{"src": 1, "dst": one, "kind": "used", "event": None} for one in batches]
    arrows += [{"src": batch, "dst": piece, "kind": "made", "event": None} for piece, batch in pieces.items()]
    nodes = [{"number": one, "uri": f"urn:x:{one}", **told} for one in (1, *batches, *pieces)]
    down = {"start": 1, "nodes": nodes, "arrows": arrows, "is_cut": False}
    found = drawn({"start": 1, "nodes": nodes[:1], "arrows": [], "is_cut": False}, down)
    by_layer = {layer: {one.number for one in found.boxes if one.layer == layer and one.number} for layer in (1, 2)}
    assert len(by_layer[1]) == len(by_layer[2]) == 10
    assert {pieces[one] for one in by_layer[2]} == by_layer[1]
    assert len(found.lines) == 20
    at = {one.number: one.y for one in found.boxes}
    assert all(at[one] == at[pieces[one]] for one in by_layer[2]), "beside each other, so that no lines cross"


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


def test_where_the_outline_of_land_is_absent_the_map_of_moves_goes_without(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "has_asset", lambda name: False)
    with house.signed_in(house.person(PLATFORM)) as client:
        page = client.get(asked(S1)).text
    assert 'class="moves"' in page
    assert "land.js" not in page
    assert "data-land" not in page


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language, dark", LOOKS)
def test_a_thing_a_choice_and_what_is_unclear_are_open_to_everyone(
    house: House, sold: Place, people: Callable[..., Visit], language: str, dark: bool, width: int
) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    axe, one = AXE.read_text(encoding="utf-8"), people(language, dark, width)
    for name, path in {"thing": asked(S1), "choice": asked("#1420")}.items():
        one.page.goto(house.local + path)
        keep(one, name, language, dark, width)
        assert judged(one, axe) == []
        assert not is_wider_than_its_window(one), name
    one.page.goto(f"{house.local}/console/recall")
    one.page.fill("#things", "(10)G7\nnothing")
    one.page.locator("main button.primary").click()
    one.page.locator(".unclear").first.wait_for()
    keep(one, "recall-unclear", language, dark, width)
    assert judged(one, axe) == []
