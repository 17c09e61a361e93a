"""Keys and signatures in a real browser, against a real node: what is shown is what the bytes say that are signed."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from sogdia.client import evidence
from sogdia.core.state import Committed
from sogdia.domains.identity.state import KEYS
from sogdia.domains.logistics.messages import ReportStatus
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.signing_desk import SigningDesk, plain
from tests.interfaces.http.town import CARRIER, CUSTOMS, PLATFORM, SELLER, order

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]


@pytest.fixture
def desk(house: House, visit: Visiting, tmp_path: Path) -> SigningDesk:
    """The platform's person, with the founding key in the browser."""
    return SigningDesk(house, visit(), PLATFORM).with_key(tmp_path)


def tampered(page: Page, change: Callable[[bytes], bytes]) -> None:
    """From now on the node's prepared payloads arrive otherwise than it made them."""

    def forged(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        for one in told["prepared"]:
            raw = urlsafe_b64decode(one["payload"] + "==")
            one["payload"] = urlsafe_b64encode(change(raw)).rstrip(b"=").decode()
        route.fulfill(response=answer, body=json.dumps(told))

    page.route("**/console/prepare", forged)


def keys_of(house: House, did: str) -> dict[str, Any]:
    """The party's keys on record, by name."""
    return {one.id.partition("#")[2]: one for one in KEYS.starting(Committed(house.town.node.store), did + "#")}


# --- keys -----------------------------------------------------------------------------------------------------------


def test_a_key_is_made_put_on_record_by_the_carried_one_signs_and_is_retired(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    at = SigningDesk(house, visit(), CARRIER).with_key(tmp_path)
    at.page.fill("#key_name", "office")
    at.page.get_by_role("button", name="Make a key").click()
    at.page.get_by_role("button", name="Put it on record").click()
    dialog = at.page.get_by_role("dialog")
    expect(dialog.locator(".says")).to_contain_text(f"carrier {CARRIER.did} changes its keys: 1 added, 0 retired.")
    expect(dialog).to_contain_text(f"{CARRIER.did}#office")
    dialog.get_by_role("button", name="Sign and send: change keys of carrier").click()
    expect(dialog.get_by_role("status").first).to_contain_text("On record at height")
    dialog.get_by_role("button", name="Close").click()
    row = at.page.locator("[data-here] li").filter(has_text="office")
    expect(row.locator(".badge")).to_have_text("Active")
    shown = row.locator("code").nth(1).inner_text()
    assert keys_of(house, CARRIER.did)["office"].public == shown

    at.page.get_by_role("button", name="Retire office").click()
    at.page.get_by_role("dialog").get_by_label("Key", exact=True).select_option(label="office")
    at.page.get_by_role("button", name="Sign and send").click()
    at.page.get_by_role("button", name="Close").click()
    expect(row.locator(".badge")).to_have_text("Retired")
    assert keys_of(house, CARRIER.did)["office"].retired_height


def test_a_key_of_this_browser_cannot_be_read_out_of_it(desk: SigningDesk) -> None:
    found = desk.page.evaluate(
        """async ([store, words]) => {
          const [one] = await (await import(store)).keysHere(await (await import(words)).room());
          const formats = ["raw", "pkcs8", "jwk"].map((format) => crypto.subtle.exportKey(format, one.key));
          const told = await Promise.allSettled(formats);
          return [one.key.extractable, one.key.usages, told.map((each) => each.status)];
        }""",
        [desk.module("store.js"), desk.module("words.js")],
    )
    assert found == [False, ["sign"], ["rejected"] * 3]


def test_a_wrong_password_or_another_partys_key_is_not_taken_in(house: House, visit: Visiting, tmp_path: Path) -> None:
    at = SigningDesk(house, visit(), SELLER)
    at.carry_in(at.file(tmp_path), "another password")
    expect(at.page.get_by_role("alert")).to_have_text("The password is wrong, or the file was changed.")
    at.carry_in(at.file(tmp_path, CUSTOMS))
    expect(at.page.get_by_role("alert")).to_contain_text("belongs to another party")
    (tmp_path / "carried.json").write_text('{"type": "something else"}')
    at.carry_in(tmp_path / "carried.json")
    expect(at.page.get_by_role("alert")).to_contain_text("no key that sogdia console carry wrote")
    expect(at.page.locator("[data-here]")).to_contain_text("None yet.")


def test_without_a_key_the_page_gives_the_command_line_and_nothing_is_sent(house: House, visit: Visiting) -> None:
    at = SigningDesk(house, visit(), SELLER)
    at.page.get_by_role("button", name="Make a key").click()
    expect(at.page.locator(".command code")).to_contain_text(f"sogdia identity rotate --party {SELLER.did} --add '[{{")
    dialog = at.ask([order()])
    expect(dialog).to_contain_text("No key of seller in this browser that may sign now")
    expect(dialog.locator(".command code")).to_contain_text("sogdia orders place --json message.json --key NAME")
    dialog.get_by_role("button", name="Close").click()
    assert at.results() is None


def test_another_user_of_the_same_browser_has_keys_of_their_own(desk: SigningDesk) -> None:
    desk.page.locator("details.menu").last.locator("summary").click()
    desk.page.get_by_role("button", name="Sign out").click()
    desk.page.wait_for_url("**/console/sign-in")
    other = SigningDesk(desk.house, desk.one, PLATFORM)
    expect(other.page.locator("[data-here]")).to_contain_text("None yet.")


def test_a_browser_without_ed25519_says_so_and_reads_on(house: House, visit: Visiting) -> None:
    one = visit()
    one.page.add_init_script("SubtleCrypto.prototype.generateKey = () => Promise.reject(new Error('unknown'))")
    at = SigningDesk(house, one, PLATFORM)
    expect(at.page.locator("[data-here]")).to_contain_text("This browser cannot sign")
    expect(at.page.get_by_role("heading", name="On record")).to_be_visible()
    expect(at.ask([order()])).to_contain_text("use the command line")


# --- signing --------------------------------------------------------------------------------------------------------


def test_an_order_is_read_signed_and_on_record_with_evidence_that_holds(desk: SigningDesk) -> None:
    asked = order()
    dialog = desk.ask([asked], title="One order")
    expect(dialog.locator(".says")).to_have_text(
        f"Order {asked.order} on shopify: seller {SELLER.did} sells 1 line from China (CN) to France (FR), 25.34 EUR "
        f"paid. Put on record by platform {PLATFORM.did}."
    )
    expect(dialog).to_contain_text("3.39 EUR")
    expect(dialog).to_contain_text("2026-05-28 20:26:40 UTC")
    dialog.get_by_role("button", name=f"Sign and send: place order {asked.order}").click()
    with desk.page.expect_download() as download:
        dialog.get_by_role("link", name="Download the evidence").click()
    dialog.get_by_role("button", name="Close").click()
    (result,) = desk.results()
    assert result["accepted"]
    assert desk.house.town.node.record("orders.order", asked.platform, asked.order) is not None
    found = evidence.read(Path(download.value.path()).read_bytes())
    checks = evidence.verify(found, network_key=desk.house.town.node.verifier_key)
    assert all(check.holds for check in checks)
    assert result["receipt"]["transaction"] == result["transaction"]


def test_whoever_says_no_has_signed_nothing(desk: SigningDesk) -> None:
    asked = order()
    dialog = desk.ask([asked])
    dialog.get_by_role("button", name="Cancel").click()
    assert desk.results() is None
    assert desk.house.town.node.record("orders.order", asked.platform, asked.order) is None


@pytest.mark.parametrize(
    "language, would, sent, why",
    [
        ("en", "The rules would refuse this now", "Refused", "Correct the sums"),
        ("zh", "按现行规则，此项将被拒绝", "被拒绝", "请"),
    ],
)
def test_a_refusal_is_told_in_words_before_and_after(
    house: House, visit: Visiting, tmp_path: Path, language: str, would: str, sent: str, why: str
) -> None:
    desk = SigningDesk(house, visit(language=language), PLATFORM).with_key(tmp_path)
    dialog = desk.ask([order(paid_minor=1)])
    expect(dialog).to_contain_text(would)
    expect(dialog).to_contain_text(why)
    go = dialog.locator("button.primary")
    expect(go).to_be_disabled()
    dialog.get_by_role("checkbox").check()
    go.click()
    expect(dialog.get_by_role("alert")).to_contain_text(sent)
    expect(dialog.get_by_role("alert")).to_contain_text(why)
    dialog.locator(".actions button").last.click()
    (result,) = desk.results()
    assert (result["accepted"], result["code"]) == (False, 3005)


def test_the_words_come_from_the_bytes_and_not_from_what_was_asked(desk: SigningDesk) -> None:
    """The node changes the payload on its way: the person reads what they would sign, and says no."""
    tampered(desk.page, lambda raw: raw.replace(b'"paid_minor":2534', b'"paid_minor":253400'))
    dialog = desk.ask([order()])
    expect(dialog.locator(".says")).to_contain_text("2,534.00 EUR paid")
    expect(dialog.locator(".says")).not_to_contain_text("25.34 EUR")
    dialog.get_by_role("button", name="Cancel").click()
    assert desk.results() is None


@pytest.mark.parametrize(
    "given, shown",
    [
        (b'"currency":"JPY"', "2,534 JPY paid"),
        (b'"currency":"BHD"', "2.534 BHD paid"),
        (b'"currency":"euros"', "2,534 (smallest units"),
    ],
)
def test_money_has_the_decimals_of_its_currency(desk: SigningDesk, given: bytes, shown: str) -> None:
    tampered(desk.page, lambda raw: raw.replace(b'"currency":"EUR"', given))
    expect(desk.ask([order()]).locator(".says")).to_contain_text(shown)


def test_a_large_number_keeps_every_digit_and_a_wrong_kind_is_shown_as_it_stands(desk: SigningDesk) -> None:
    tampered(desk.page, lambda raw: raw.replace(b'"paid_minor":2534', b'"paid_minor":9007199254740993'))
    expect(desk.ask([order()]).locator(".says")).to_contain_text("90,071,992,547,409.93 EUR paid")
    desk.page.keyboard.press("Escape")
    assert desk.results() is None
    tampered(desk.page, lambda raw: raw.replace(b'"paid_minor":2534', b'"paid_minor":25.34'))
    expect(desk.ask([order()]).locator(".says")).to_contain_text("25.34 paid")


def test_another_message_than_was_asked_is_seen_on_the_button(desk: SigningDesk) -> None:
    parcel = ReportStatus(carrier=CARRIER.did, waybill="SF1", status="delivered", reported_at_ms=1_780_000_000_000)
    other = json.dumps(plain(parcel)).encode()
    tampered(desk.page, lambda raw: raw[: raw.index(b"[")] + b"[" + other + raw[raw.index(b'],"network"') :])
    dialog = desk.ask([order()], title="Place an order")
    expect(dialog.locator("button.primary")).to_have_text("Sign and send: report SF1 delivered")
    expect(dialog.locator(".says")).to_contain_text(f"{CARRIER.did} reports waybill SF1")


def test_what_has_no_words_is_shown_as_it_stands(desk: SigningDesk) -> None:
    tampered(
        desk.page,
        lambda raw: raw.replace(b'"rounding_minor":0', b'"rounding_minor":0,"also_to":{"everyone":[1.50,"<b>"]}'),
    )
    dialog = desk.ask([order()])
    row = dialog.locator(".facts > div").filter(has_text="also_to (unknown field)")
    expect(row.locator("pre")).to_contain_text('"everyone"')
    expect(row.locator("pre")).to_contain_text("1.50")
    expect(row.locator("pre")).to_contain_text('"<b>"')


def test_signs_that_cannot_be_seen_are_told_by_their_number(desk: SigningDesk) -> None:
    asked = plain(order()) | {"channel": "sho\u202epify\u200b"}
    expect(desk.ask([asked]).locator(".says")).to_contain_text("sho⟨U+202E⟩pify⟨U+200B⟩")


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b'"paid_minor":2534', b'"paid_minor":1,"paid_minor":2534'),
        lambda raw: raw.replace(b'"network":"sogdia-test"', b'"network":"sogdia-main"'),
        lambda raw: raw[:-1],
        lambda raw: b'{"messages":[]}',
    ],
    ids=["a name twice", "another network", "cut short", "nothing"],
)
def test_bytes_that_two_could_read_in_two_ways_are_not_signed(
    desk: SigningDesk, change: Callable[[bytes], bytes]
) -> None:
    tampered(desk.page, change)
    dialog = desk.ask([order()])
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing was signed")
    expect(dialog.locator("button.primary")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    assert desk.results() is None


# --- many at a time -------------------------------------------------------------------------------------------------


def test_many_are_signed_in_one_go_with_their_sums_and_the_bad_ones_left_out(desk: SigningDesk) -> None:
    asked = [order(paid_minor=2_534) for _ in range(60)]
    bad = order(paid_minor=7)
    dialog = desk.ask(*([one] for one in [*asked[:30], bad, *asked[30:]]))
    expect(dialog.locator(".terms").first).to_contain_text("Place an order")
    expect(dialog.locator(".terms").first).to_contain_text("1,520.40 EUR")
    dialog.get_by_role("checkbox").check()
    expect(dialog.locator(".terms").first).to_contain_text("1,520.47 EUR")
    dialog.get_by_role("checkbox").uncheck()
    expect(dialog).to_contain_text("The rules would refuse 1 of 61 now")
    dialog.get_by_text("Each one").click()
    expect(dialog.locator(".acts > li")).to_have_count(50)
    dialog.get_by_role("button", name="Show 11 more").click()
    dialog.locator(".acts > li").nth(30).locator("summary").first.click()
    expect(dialog.locator(".acts > li").nth(30)).to_contain_text("0.07 EUR")
    dialog.get_by_role("button", name="Sign and send 60 transactions").click()
    expect(dialog).to_contain_text("60 of 60 on record")
    dialog.get_by_role("button", name="Close").click()
    results = desk.results()
    assert [one["accepted"] for one in results] == [True] * 30 + [False] + [True] * 30
    assert (results[30]["receipt"], results[30]["expected"]["code"]) == (None, 3005)
    for one in asked:
        assert desk.house.town.node.record("orders.order", one.platform, one.order) is not None


def test_what_got_no_answer_is_sent_again_and_counts_once(desk: SigningDesk) -> None:
    asked, sent = [order() for _ in range(120)], list[int]()

    def lost_on_the_way_back(route: Route) -> None:
        sent.append((route.request.post_data or "").count("\n"))
        if len(sent) == 2:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    desk.page.route("**/transactions", lost_on_the_way_back)
    dialog = desk.ask(*([one] for one in asked))
    dialog.get_by_role("button", name="Sign and send 120 transactions").click()
    expect(dialog).to_contain_text("50 of 120 on record")
    expect(dialog).to_contain_text("No answer for 70")
    desk.one.said.clear()  # the browser tells of the lost answer, as it should
    before = desk.house.town.node.machine.seal.log_size
    dialog.get_by_role("button", name="Send again").click()
    expect(dialog).to_contain_text("120 of 120 on record")
    dialog.get_by_role("button", name="Close").click()
    assert sent == [50, 50, 50, 20]
    assert desk.house.town.node.machine.seal.log_size == before + 20, "those that had arrived took no second place"
    assert all(one["accepted"] for one in desk.results())
