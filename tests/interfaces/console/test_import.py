"""Import in a real browser with a real node: a file is dropped, mended, signed, and on record; nothing before that."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from sogdia.domains.trace.state import EVENTS
from sogdia.interfaces.console import users
from sogdia.interfaces.console.importing_drafts import DAYS, FILE, Choices, Drafts, Mending, Step
from sogdia.interfaces.console.importing_text import mended
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.standards.orders import shopify
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House, token_of
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.console.test_axe import AXE, WITHOUT, is_wider_than_its_window, judged, keep
from tests.interfaces.epcis.repository import document, event
from tests.interfaces.http.town import CARRIER, PLATFORM, SELLER, SKU, Caller

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]

COLUMNS = (
    "Name", "Email", "Financial Status", "Paid at", "Currency", "Subtotal", "Shipping", "Taxes", "Total",
    "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Billing Name",
    "Shipping Name", "Shipping Address1", "Shipping City", "Shipping Zip", "Shipping Country", "Payment ID",
)  # fmt: skip
"""What Shopify's export has of an order, as far as it is read."""


def order_row(number: str, country: str = "FR", **changes: str) -> dict[str, str]:
    """An order of two lanterns to Lyon."""
    cells = (
        number, "jeanne@example.org", "paid", "2026-05-01 10:00:00 +0200", "EUR", "6.78", "5.00", "0.00", "11.78",
        "2026-05-01 09:58:00 +0200", "2", "White metal lantern", "3.39", SKU, "Jeanne Martin", "Jeanne Martin",
        "1 Rue de la Soie", "Lyon", "69001", country, f"pay-{number}",
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True)) | changes


def file_of(*rows: dict[str, str], titles: Sequence[str] = COLUMNS) -> bytes:
    """Such rows as a file."""
    written = io.StringIO()
    write = csv.writer(written, lineterminator="\r\n")
    write.writerow(titles)
    write.writerows([row[name] for name in COLUMNS] for row in rows)
    return written.getvalue().encode()


class Desk:
    """A person who imports without a browser, as its scripts would."""

    def __init__(self, house: House, client: httpx.Client) -> None:
        self.house, self.client = house, client
        self.token = token_of(client.get("/console/account").text)

    def bring(self, content: bytes, name: str = "orders.csv") -> str:
        """Drop a file; the path of its draft."""
        headers = {"x-sogdia-token": self.token, "content-type": "application/octet-stream", "x-sogdia-name": name}
        answer = self.client.post("/console/import/file", content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["to"])

    def do(self, path: str, verb: str, **fields: str) -> httpx.Response:
        """Send a form of the draft's page."""
        return self.client.post(f"{path}/{verb}", data={"token": self.token, **fields})

    def choose(self, path: str, **parties: Caller) -> None:
        """Name who takes part."""
        named = {f"party {part}": one.did for part, one in parties.items()}
        given = {"format": "shopify", "home": "CN", "direction": "export", "view": "choices", **named}
        assert self.do(path, "choices", **given).status_code == 303

    def groups(self, path: str) -> list[list[dict[str, Any]]]:
        """What is still to be signed."""
        headers = {"x-sogdia-token": self.token, "content-type": "application/json"}
        answer = self.client.post(f"{path}/groups", content=b"{}", headers=headers)
        assert answer.status_code == 200, answer.text
        found: list[list[dict[str, Any]]] = answer.json()["groups"]
        return found

    def send(self, groups: Sequence[Any], by: Caller) -> list[int]:
        """Sign and send these as the browser would; the codes of the answers."""
        codec = self.house.town.node.machine.codec
        return [self.house.town.submit(*codec.messages(json.dumps(one).encode()), by=by).code for one in groups]


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
    dialog = at.page.locator("dialog.signing")
    dialog.locator(".actions .primary").click()
    dialog.locator(".actions button").last.wait_for()
    expect(dialog.locator(".actions .primary")).to_have_count(0)
    dialog.locator(".actions button").last.click()
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
        assert "1 rows taken back" in page
        assert "1 left out" in page
        desk.do(path, "take-in", view="aside")
        assert "taken back" not in client.get(path).text


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
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#95", **{"Lineitem sku": "NOT-ON-SALE"}), order_row("#96")))
        desk.choose(path, platform=PLATFORM, seller=SELLER)
        desk.do(path, "ready")
        codes = desk.send(desk.groups(path), PLATFORM)
        assert codes == [2002, 0]
        answers = [{"number": 1, "code": 2002, "fields": {"seller": SELLER.did, "sku": "NOT-ON-SALE"}}]
        headers = {"x-sogdia-token": desk.token, "content-type": "application/json"}
        client.post(f"{path}/told", content=json.dumps({"answers": answers}), headers=headers)
        page = client.get(path).text
        assert "NOT-ON-SALE" in page
        assert "1 are on record, 1 are not" in page


def test_a_seller_signs_the_articles_and_nobody_elses_part(house: House) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#97", **{"Lineitem sku": "LAMP-7", "Lineitem name": "Lamp"})))
        described = {"sku": "LAMP-7", "description": "Lamp", "hs_code": "9405.50", "origin": "CN", "grams": "300"}
        assert desk.do(path, "article", **described, unit="piece", view="articles").status_code == 303
        desk.choose(path, platform=PLATFORM, seller=SELLER)
        desk.do(path, "ready")
        groups = desk.groups(path)
        assert [(one["type"], one["sku"], one["hs_code"]) for (one,) in groups] == [
            ("catalog.list_product", "LAMP-7", "940550")
        ]
        assert desk.send(groups, SELLER) == [0]
        assert "All 1 transactions are on record." in client.get(path).text


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
        assert "All 1 transactions are on record." in client.get(path).text


def test_a_file_without_the_pages_token_is_not_taken(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        headers = {"content-type": "application/octet-stream", "x-sogdia-name": "x.csv"}
        assert client.post("/console/import/file", content=b"a,b\n", headers=headers).status_code == 403


# --- open to everyone -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language, dark, width", [("en", False, 1280), ("zh", True, 1280), ("zh", False, 390)])
def test_the_pages_are_open_to_everyone(
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
    views = [f"?view={name}" for name in ("aside", "orders", "articles", "columns", "choices")]
    for path in (f"{house.local}/console/import", f"{place}/row/2", *(place + view for view in views)):
        at.page.goto(path)
        assert judged(one, axe) == [], path
        assert not is_wider_than_its_window(one), path
    at.page.goto(place)
    at.page.locator(".actions button.primary").click()
    at.page.locator("[data-signs]").wait_for()
    keep(one, "import-ready", language, dark, width)
    assert judged(one, axe) == []
    assert not is_wider_than_its_window(one)
