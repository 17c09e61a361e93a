"""Import in a real browser with a real node: a file is dropped, mended, signed, and on record; nothing before that."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import expect

from sogdia.domains.trace.state import EVENTS
from sogdia.interfaces.console import users
from sogdia.interfaces.console.importing_drafts import DAYS, FILE, Choices, Drafts, Mending, Step
from sogdia.interfaces.console.importing_text import mended
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.standards.orders import shopify
from tests.interfaces.console.axe import AXE, WITHOUT, is_wider_than_its_window, judged, keep
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.import_desk import COLUMNS, Desk, file_of, order_row
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.epcis.repository import document, event
from tests.interfaces.http.town import CARRIER, LANTERN, PLATFORM, SELLER

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]

# --- the whole way, in a browser ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "language, width, ready, sign",
    [("en", 1280, "Go on to sign", "Sign and send 2"), ("zh", 390, "去签名", "签名并发送 2 笔")],
)
def test_a_file_is_dropped_mended_signed_in_one_go_and_on_record(
    house: House, visit: Visiting, tmp_path: Path, language: str, width: int, ready: str, sign: str
) -> None:
    at = SigningDesk(house, visit(language=language, width=width), PLATFORM).with_key(tmp_path)
    good, bad = f"#{language}1", f"#{language}2"
    before = house.town.node.machine.seal.log_size
    content = file_of(order_row(good), order_row(bad, country=""))
    at.page.goto(f"{house.local}/console/import")
    at.page.set_input_files("#file", {"name": "may.csv", "mimeType": "text/csv", "buffer": content})
    row = at.page.locator("tbody tr").filter(has_text=bad).first
    row.locator("input[name='cell 19']").fill("DE")
    row.locator("form").first.locator("button").click()
    expect(at.page.locator(".cards .value").first).to_have_text("2")
    at.page.goto(at.page.url.partition("?")[0] + "?view=choices")
    at.page.select_option("#party-seller", SELLER.did)
    at.page.select_option("#party-carrier", CARRIER.did)
    at.page.locator("main form button.primary").last.click()
    at.page.get_by_role("button", name=ready).click()
    at.page.get_by_role("button", name=sign).wait_for()
    assert house.town.node.machine.seal.log_size == before, "nothing was sent before the person said so"

    at.page.get_by_role("button", name=sign).click()
    at.sign_to_the_end()
    expect(at.page.locator(".cards .value").nth(1)).to_have_text("2")
    expect(at.page.locator(".alert.good")).to_be_visible()

    order = house.town.node.record("orders.order", PLATFORM.did, bad)
    assert (order.ship_to, order.seller, order.paid_minor) == ("DE", SELLER.did, 1178)
    sealed = house.town.server.application.state.desk.shelf.get(f"{PLATFORM.did}/{bad}", CARRIER.did, order.sealed)
    persons, _ = envelopes.open_envelope(envelopes.from_bytes(sealed[0]), CARRIER.did, CARRIER.agreement_private)
    assert persons["buyer_name"] == "Jeanne Martin"


# --- mending --------------------------------------------------------------------------------------------------------


def test_a_row_is_taken_back_an_order_left_out_and_all_of_it_comes_again(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#31"), order_row("#32", country=""), order_row("#33")))
        assert desk.do(path, "leave-out", row="2", view="aside").status_code == 303
        assert desk.do(path, "leave-out", order="#33", view="orders").status_code == 303
        page = client.get(path).text
        assert "1 row left out" in page
        assert "1 left out" in page
        desk.do(path, "take-in", view="aside")
        assert "row left out" not in client.get(path).text


def test_columns_under_other_names_are_told_apart_by_hand(house: House) -> None:
    titles = ["Ship to land" if one == "Shipping Country" else one for one in COLUMNS]
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#41"), titles=titles))
        assert "no format that is known" in client.get(path).text
        desk.do(path, "columns", format="shopify")
        assert "needed and were not found" in client.get(path).text
        desk.do(path, "columns", **{"format": "shopify", "column country": "Ship to land"})
        assert "#41" in client.get(f"{path}?view=orders").text


def test_a_cell_with_a_mistake_that_stays_one_is_set_aside_again_with_its_new_text(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#51", country="")))
        desk.do(path, "mend", **{"row": "1", "cell 19": "Atlantis", "view": "aside"})
        assert 'value="Atlantis"' in client.get(path).text


def test_what_was_not_touched_keeps_its_bytes_and_only_a_mended_row_is_written_anew() -> None:
    content = file_of(order_row("#1"), order_row("#2"), order_row("#3")).replace(b'"', b"")
    untouched = mended("f", content, shopify.LAYOUT, {}, Mending({}, frozenset(), frozenset(), {}))
    assert untouched.content == content
    change = Mending({(2, 19): "DE"}, frozenset((1,)), frozenset(), {})
    found = mended("f", content, shopify.LAYOUT, {}, change)
    lines = content.split(b"\r\n")
    assert found.content == b"\r\n".join([lines[0], lines[2].replace(b",FR,", b",DE,"), lines[3], b""])
    assert found.numbers == [2, 3]


# --- drafts ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_its_users_alone_in_a_file_that_only_the_node_reads(house: House) -> None:
    person = house.person(PLATFORM)
    with house.signed_in(person) as client, house.signed_in(house.person(PLATFORM)) as other:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#61", **{"Billing Name": "Very Seldom Name"})))
        assert other.get(path).status_code == 404
        file = house.town.node.folder / FILE
        assert file.stat().st_mode & 0o777 == 0o600
        assert b"Very Seldom Name" in file.read_bytes()
        assert f"kept on this node for {DAYS} days" in client.get("/console/import").text
        user = users.by_name(house.console.notebook, person.name)
        assert user is not None
        (draft,) = Drafts(house.town.node.folder).of(user.id, house.console.now_ms())
        assert draft.until_ms - draft.created_ms == DAYS * 86_400_000
        assert desk.do(path, "forget").status_code == 303
        assert client.get(path).status_code == 404
        assert b"Very Seldom Name" not in file.read_bytes()


def test_after_the_days_nothing_of_a_draft_is_left(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    content = file_of(order_row("#71", **{"Billing Name": "Very Seldom Name"}))
    id = drafts.add("user", "party", "may.csv", "orders", content, Choices(), 1_000)
    assert drafts.get(id, "user", "party", 1_000 + DAYS * 86_400_000) is None
    assert drafts.of("user", 1_000 + DAYS * 86_400_000) == []
    assert b"Very Seldom Name" not in (tmp_path / FILE).read_bytes()


_CHILD = """
import sys
from pathlib import Path
from sogdia.interfaces.console import users
from sogdia.interfaces.console.importing_drafts import Choices, Drafts, Step
drafts = Drafts(Path(sys.argv[1]))
id = drafts.add("user", "party", "may.csv", "orders", b"x", Choices(), 1)
drafts.make_ready(id, [Step(number, b"[]", (b"sealed",)) for number in range(1, 601)])
drafts.tell(id, [Step(1, b"[]", (), "done")])
print(id, flush=True)
sys.stdin.read()
"""


def test_what_is_ready_to_sign_survives_a_kill(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin, child.stdout:
        id = child.stdout.readline().decode().strip()
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    steps = Drafts(tmp_path).steps(id)
    assert [one.number for one in steps] == list(range(1, 601))
    assert [one.number for one in steps if one.status == "done"] == [1]
    assert steps[0] == Step(1, b"[]", (b"sealed",), "done")


# --- sending --------------------------------------------------------------------------------------------------------


def test_what_was_cut_off_in_the_middle_goes_on_without_doubles(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(*(order_row(f"#8{number}") for number in range(5))))
        desk.choose(path, platform=PLATFORM, seller=SELLER, carrier=CARRIER)
        assert desk.do(path, "ready").status_code == 303
        first = desk.groups(path)
        assert [one[0]["order"] for one in first] == [f"#8{number}" for number in range(5)]
        assert desk.send(first[:2], PLATFORM) == [0, 0]  # and then the browser is gone, without a word

        assert "2 are on record, 3 are not" in client.get(path).text
        left = desk.groups(path)
        assert left == first[2:]
        assert desk.send(left, PLATFORM) == [0, 0, 0]
        assert "All 5 transactions are on record." in client.get(path).text
        assert desk.groups(path) == []


def test_the_same_file_again_sends_nothing(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk, content = Desk(house, client), file_of(order_row("#90"))
        path = desk.bring(content)
        desk.choose(path, platform=PLATFORM, seller=SELLER, carrier=CARRIER)
        desk.do(path, "ready")
        assert desk.send(desk.groups(path), PLATFORM) == [0]
        again = desk.bring(content)
        desk.choose(again, platform=PLATFORM, seller=SELLER, carrier=CARRIER)
        answer = desk.do(again, "ready")
        assert answer.status_code == 409
        assert "stands on record already" in answer.text


def test_a_refusal_is_told_in_words_and_costs_no_other(house: House) -> None:
    only_there = msgspec.structs.replace(LANTERN, sku="ONLY-DE", markets=("DE",))
    assert house.town.submit(only_there, by=SELLER).code == 0
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#95", **{"Lineitem sku": "ONLY-DE"}), order_row("#96")))
        desk.choose(path, platform=PLATFORM, seller=SELLER)
        desk.do(path, "ready")
        codes = desk.send(desk.groups(path), PLATFORM)
        assert codes == [2007, 0]
        fields = {"seller": SELLER.did, "sku": "ONLY-DE", "country": "FR", "markets": ["DE"]}
        answers = [{"number": 1, "code": 2007, "fields": fields}]
        headers = {"x-sogdia-token": desk.token, "content-type": "application/json"}
        client.post(f"{path}/told", content=json.dumps({"answers": answers}), headers=headers)
        page = client.get(path).text
        assert "ONLY-DE" in page
        assert "1 is on record, 1 is not" in page


def test_events_of_a_file_come_on_record_and_a_faulty_one_costs_no_other(house: House) -> None:
    good, bad = event(eventID="urn:uuid:6f2a1c9e-1111-4222-8333-444455556666"), event(action="PERHAPS")
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(document(good, bad), "events.jsonld")
        page = client.get(path).text
        assert "PERHAPS" in page
        assert desk.do(path, "choices", audience="everyone", shared_with="").status_code == 303
        desk.do(path, "ready")
        groups = desk.groups(path)
        assert desk.send(groups, PLATFORM) == [0]
        kept = house.town.node.record(EVENTS.name, PLATFORM.did, good["eventID"], "")
        assert kept.audience == "everyone"
        page = client.get(path).text
        assert "1 transaction is on record. This draft is not finished" in page
        assert "faults keep events of the file from the record" in page


def test_a_file_without_the_pages_token_is_not_taken(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        headers = {"content-type": "application/octet-stream", "x-sogdia-name": "x.csv"}
        assert client.post("/console/import/file", content=b"a,b\n", headers=headers).status_code == 403


# --- open to everyone -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language, dark, width", [("en", False, 1280), ("zh", True, 1280), ("zh", False, 390)])
def test_what_is_ready_to_sign_is_open_to_everyone(
    house: House, visit: Visiting, tmp_path: Path, language: str, dark: bool, width: int
) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    axe, one = AXE.read_text(encoding="utf-8"), visit(language=language, width=width, dark=dark)
    at = SigningDesk(house, one, PLATFORM)
    at.page.goto(f"{house.local}/console/import")
    content = file_of(order_row("#a1"), order_row("#a2", country=""), order_row("#a3", **{"Lineitem sku": ""}))
    at.page.set_input_files("#file", {"name": "may.csv", "mimeType": "text/csv", "buffer": content})
    at.page.locator(".cards").wait_for()
    place = at.page.url
    at.page.goto(f"{place}?view=choices")
    at.page.select_option("#party-seller", SELLER.did)
    at.page.locator("main form button.primary").last.click()
    at.page.goto(place)
    at.page.locator(".actions button.primary").click()
    at.page.locator("[data-signs]").wait_for()
    keep(one, "import-ready", language, dark, width)
    assert judged(one, axe) == []
    assert not is_wider_than_its_window(one)
