"""How the network does, and its log: blocks, transactions with their signatures and receipts, evidence to take away."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from sogdia import app
from sogdia.client import evidence
from sogdia.core.receipt import Receipt
from sogdia.interfaces.http import health
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.governed_town import ADMISSION, ROLE, enter, flaws, governed_house, text_of
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CARRIER, CUSTOMS, OTHER_PLATFORM, PLATFORM, SELLER, Caller, Town, order

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with governed_house(tmp_path_factory.mktemp("network")) as found:
        yield found


@pytest.fixture(scope="module")
def accepted(house: House) -> Receipt:
    """The receipt of an order that is on record."""
    return receipt_of(house, order())


@pytest.fixture(scope="module")
def refused(house: House) -> Receipt:
    """The receipt of an order whose sums are wrong."""
    return receipt_of(house, order(paid_minor=1))


def receipt_of(house: House, placed: object) -> Receipt:
    reply = house.town.submit(placed, by=PLATFORM)  # type: ignore[arg-type]
    house.town.mirrored()
    assert reply.receipt is not None
    return reply.receipt


def seen(house: House, path: str, by: Caller = SELLER, language: str = "en") -> str:
    """A page as somebody of this party reads it."""
    with house.signed_in(house.person(by)) as client:
        return text_of(client.get(f"/console/network{path}", headers={"accept-language": language}))


# --- health ---------------------------------------------------------------------------------------------------------


def test_anyone_sees_how_far_the_record_is_and_who_validates(house: House) -> None:
    page, seal = seen(house, ""), house.town.node.machine.seal
    assert "This node is well." in page
    assert f"Height {seal.height} " in page
    assert seal.state_root.hex() in page
    assert house.town.node.verifier_key in page
    assert page.count("Validates, power 10") == 3


@pytest.mark.parametrize("by, may", [(PLATFORM, True), (CARRIER, True), (SELLER, False), (OTHER_PLATFORM, False)])
def test_disk_and_courier_are_for_members(house: House, by: Caller, may: bool) -> None:
    page = seen(house, "", by=by)
    assert ("Disk used by this node" in page) == may
    assert ("are for members and the operator" in page) == (not may)


def test_members_see_what_was_refused_most(house: House, refused: Receipt) -> None:
    assert "3005 Name PAID_WRONG Times 1" in seen(house, "", by=PLATFORM)


@pytest.mark.parametrize(
    "language, told", [("en", "Less than 1 GiB is free on its disk."), ("zh", "磁盘剩余空间不足 1 GiB。")]
)
def test_a_node_that_is_not_well_says_why(
    house: House, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    monkeypatch.setattr(health, "DISK_BYTES", 2**62)
    assert told in seen(house, "", language=language)


def test_a_record_of_one_operator_has_no_members(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Town(tmp_path_factory.mktemp("alone")) as town:
        assert "One operator keeps this record" in seen(House(town), "")


# --- the log --------------------------------------------------------------------------------------------------------


def test_the_log_begins_with_the_latest_block_and_counts_what_is_ones_own(house: House, accepted: Receipt) -> None:
    for by, own in ((SELLER, 1), (OTHER_PLATFORM, 0)):
        page = seen(house, f"/log?before={accepted.height + 1}", by=by)
        first = page.partition("Block ")[2].partition("State root …")[0]
        assert f"Transactions 1 Yours to read {own}" in page.partition(f"Block {accepted.height} ")[2], first


def test_blocks_are_leafed_through_to_the_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.signed_in(house.person()) as client:
        page = client.get("/console/network/log?before=3").text
    assert "/network/log/2" in page
    assert "/network/log/1" in page
    assert 'rel="next"' not in page
    assert 'rel="prev"' in page


def test_a_block_shows_ones_own_transactions_and_counts_the_others(house: House, accepted: Receipt) -> None:
    assert "Place an order" in seen(house, f"/log/{accepted.height}")
    other = seen(house, f"/log/{accepted.height}", by=OTHER_PLATFORM)
    assert "1 further transaction is between other parties." in other
    assert "Place an order" not in other
    founding = seen(house, "/log/1", by=OTHER_PLATFORM)
    assert "The founding agreement stands here." in founding
    assert "other parties" not in founding


def test_a_transaction_is_read_out_with_its_signature_and_receipt(house: House, accepted: Receipt) -> None:
    page = seen(house, f"/log/transaction/{accepted.transaction}")
    assert f"Accepted in block {accepted.height}" in page
    assert "Holds, EdDSA" in page
    assert "Paid paid_minor 25.34 EUR 2534" in page
    assert "Placed at placed_at_ms 2026-05-28 20:26 UTC 1780000000000" in page
    assert "Price of one unit price_e5 3.39000 339000" in page
    assert f"seller {SELLER.did}" in page
    assert "orders.order" in page.partition("Records that it wrote")[2]


@pytest.mark.parametrize("language, told", [("en", "Correct the sums."), ("zh", "拒绝")])
def test_a_refused_one_says_why(house: House, refused: Receipt, language: str, told: str) -> None:
    page = seen(house, f"/log/transaction/{refused.transaction}", by=PLATFORM, language=language)
    assert told in page
    assert "Records that it wrote" not in page


@pytest.mark.parametrize(
    "by, status", [(PLATFORM, 200), (SELLER, 200), (CARRIER, 200), (CUSTOMS, 200), (OTHER_PLATFORM, 404)]
)
def test_a_transaction_is_for_those_whom_its_records_name(
    house: House, accepted: Receipt, by: Caller, status: int
) -> None:
    path = f"/console/network/log/transaction/{accepted.transaction}"
    with house.signed_in(house.person(by)) as client:
        answer = client.get(path)
    assert answer.status_code == status
    wanted = house.town.call("GET", f"/transactions/{accepted.transaction}", by=by)
    assert wanted.status_code == status, "as the API has it"


@pytest.mark.parametrize("path", ["log/0", "log/999999", "log/transaction/" + "0" * 64, "log/transaction/x"])
def test_what_is_not_on_record_is_not_found(house: House, path: str) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        assert client.get(f"/console/network/{path}").status_code == 404


# --- evidence -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table, key",
    [("identity.key", (SELLER.did + "#key-2",)), ("identity.party", (SELLER.did,)), ("governance.case", (ROLE,))],
)
def test_evidence_of_a_record_holds_under_the_networks_key(house: House, table: str, key: tuple[str, ...]) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        answer = client.get("/console/network/evidence", params={"table": table, "key": list(key)})
    checks = evidence.verify(evidence.read(answer.content), house.town.node.verifier_key, app.FIELDS)
    assert evidence.holds(checks)
    assert answer.headers["content-disposition"] == 'attachment; filename="evidence.json"'


@pytest.mark.parametrize("language, told", [("en", "once the applicant is admitted"), ("zh", "申请方获接纳后")])
def test_there_is_no_evidence_yet_of_what_a_key_wrote_that_is_not_on_record(
    house: House, language: str, told: str
) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        asked = {"table": "governance.case", "key": ADMISSION}
        answer = client.get("/console/network/evidence", params=asked, headers={"accept-language": language})
        case = client.get(f"/console/governance/{ADMISSION}")
    assert answer.status_code == 404
    assert told in answer.text
    assert "/network/evidence" not in case.text


def test_evidence_of_an_order_is_for_those_who_may_see_it(house: House, accepted: Receipt) -> None:
    found = {}
    for by in (SELLER, OTHER_PLATFORM):
        with house.signed_in(house.person(by)) as client:
            page = client.get(f"/console/network/log/{accepted.height}").text
            number = order_number(house, accepted)
            asked = {"table": "orders.order", "key": [PLATFORM.did, number]}
            found[by.name] = client.get("/console/network/evidence", params=asked)
        assert (accepted.transaction in page) == (by is SELLER)
    assert found[OTHER_PLATFORM.name].status_code == 404
    checks = evidence.verify(evidence.read(found[SELLER.name].content), house.town.node.verifier_key, app.FIELDS)
    assert evidence.holds(checks)


def order_number(house: House, accepted: Receipt) -> str:
    said = house.town.call("GET", f"/transactions/{accepted.transaction}", by=PLATFORM).json()["says"]
    return str(said["messages"][0]["order"])


# --- stories --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language, wrong", [("en", "Give the number of a block"), ("zh", "请输入区块号")])
def test_a_seller_finds_what_became_of_a_transaction(
    house: House, visit: Visiting, accepted: Receipt, language: str, wrong: str
) -> None:
    one = enter(house, visit(width=390, language=language), house.person(SELLER))
    one.page.goto(f"{house.local}/console/network/log")
    one.page.fill("#find", "my order")
    one.page.keyboard.press("Enter")
    one.page.get_by_text(wrong).wait_for()
    one.page.fill("#find", f" {accepted.transaction.upper()} ")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url(f"**/console/network/log/transaction/{accepted.transaction}")
    with one.page.expect_download() as taken:
        one.page.locator("a[download]").first.click()
    checks = evidence.verify(evidence.read(taken.value.path().read_bytes()), house.town.node.verifier_key, app.FIELDS)
    assert evidence.holds(checks)


def test_a_search_in_vain_and_the_founding_are_open_to_everyone(house: House, browser: Browser) -> None:
    pages = {"log-nothing": "/console/network/log?find=nothing", "block-founding": "/console/network/log/1"}
    assert flaws(house, browser, house.person(PLATFORM), pages) == []
