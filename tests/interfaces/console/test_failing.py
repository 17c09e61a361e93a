"""What a person meets when the network fails, a script does not come, or a hand is faster than the node."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest
from playwright.sync_api import Route, expect

from sogdia.interfaces.words import say
from tests.interfaces.console.chromium import Held, Visit
from tests.interfaces.console.desks_town import answered, come_in, declared, imported, standing
from tests.interfaces.console.house import House
from tests.interfaces.console.import_desk import bring, file_of, order_row, ready
from tests.interfaces.console.signing_desk import SIGN, SigningDesk, plain
from tests.interfaces.http.town import CARRIER, CUSTOMS, LANTERN, PLATFORM, SELLER, cancellation, order

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]


# --- the network ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_got_no_answer_is_not_called_refused_and_can_be_looked_up(
    house: House, visit: Visiting, tmp_path: Path, language: str
) -> None:
    at = SigningDesk(house, visit(language=language), SELLER).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/actions/catalog/list_product")
    given = {"sku": f"LOST-{language}", "name": "Lantern", "hs_code": "9405500000", "origin": "CN", "unit": "007"}
    for name, value in {**given, "net_weight_grams": "1250"}.items():
        at.page.locator(f"[name={name}]").fill(value)

    def lost_on_the_way_back(route: Route) -> None:
        route.fetch()
        route.abort()

    at.page.route("**/transactions", lost_on_the_way_back)
    at.page.locator("form[data-message] button.primary").click()
    at.sign_and_close()
    at.one.said.clear()  # the browser tells of the answer that was lost
    told = at.page.locator("form [role=status]")
    expect(told).to_contain_text(say("console_signing.unanswered", language, n=1))
    expect(told).to_contain_text(say("console_signing.not_anew", language))
    assert house.town.node.record("catalog.product", SELLER.did, f"LOST-{language}") is not None
    told.get_by_role("link", name=say("console_signing.look_up", language)).click()
    expect(at.page.locator("main")).to_contain_text(f"LOST-{language}")


def test_what_was_signed_and_sent_is_told_to_be_sent_though_the_page_could_not_be_told(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    at = SigningDesk(house, visit(), PLATFORM).with_key(tmp_path)
    bring(at, "a.csv", file_of(order_row("#t1"), order_row("#t2")))
    ready(at, "Go on to sign")
    asked: list[str] = []
    at.page.on("request", lambda one: asked.append(one.url.rpartition("/")[2]) if one.method == "POST" else None)
    at.page.route("**/told", lambda route: route.abort())
    at.page.locator("[data-signs]").click()
    at.sign_and_close()
    expect(at.page.locator("[data-said]")).to_have_text(re.compile("What you signed was sent, and stays sent"))
    at.one.said.clear()
    at.page.unroute("**/told")
    before = house.town.node.machine.seal.log_size
    at.page.locator("[data-signs]").click()
    expect(at.page.locator(".alert.good")).to_contain_text("All 2 transactions are on record.")
    assert house.town.node.machine.seal.log_size == before, "signed once"
    assert asked.count("groups") == 1


def test_what_was_sent_though_it_would_be_refused_and_got_no_answer_was_not_left_out(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    at = SigningDesk(house, visit(), CARRIER).with_key(tmp_path)
    at.page.route("**/transactions", lambda route: route.abort())
    dialog = at.ask([plain(cancellation(order(), "C-1"))])
    dialog.get_by_label("Sign and send it all the same").check()
    at.sign_and_close()
    at.one.said.clear()
    [done] = at.results()
    assert (done["code"], done["expected"]) == (None, None)


@pytest.mark.parametrize("page", ["keys", "actions/handed"])
def test_a_page_that_cannot_ask_the_node_says_so(house: House, visit: Visiting, page: str) -> None:
    at = SigningDesk(house, visit(language="zh"), PLATFORM)
    refusal = {"detail": "Too many requests. Try again in 3 seconds."}
    at.page.route("**/console/signing/context", lambda route: route.fulfill(status=429, json=refusal))
    at.page.goto(f"{house.local}/console/{page}")
    expect(at.page.get_by_role("alert")).to_contain_text("Try again in 3 seconds.")
    at.page.unroute("**/console/signing/context")
    at.page.route("**/console/signing/context", lambda route: route.abort())
    at.page.reload()
    expect(at.page.get_by_role("alert")).to_contain_text(say("console_work.failed", "zh"))
    at.one.said.clear()  # the browser's log says what failed


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_part_of_a_page_that_does_not_load_is_told(house: House, visit: Visiting, language: str) -> None:
    one = visit(language=language)
    one.page.route("**/desks/choosing.js", lambda route: route.abort())
    declared(house.town)
    house.town.mirrored()
    come_in(house, one, CUSTOMS, "/console/customs")
    expect(one.page.get_by_role("alert")).to_have_text(say("console.unloaded", language))
    one.said.clear()


# --- a hand that is faster ------------------------------------------------------------------------------------------


def test_whoever_cancels_while_it_is_signed_has_sent_nothing(house: House, visit: Visiting, tmp_path: Path) -> None:
    at = SigningDesk(house, visit(), SELLER).with_key(tmp_path)
    at.page.evaluate("""() => {
      const sign = crypto.subtle.sign.bind(crypto.subtle);
      const go = new Promise((resolve) => { window.go = resolve; });
      crypto.subtle.sign = (...given) => go.then(() => sign(...given));
    }""")
    sent: list[str] = []
    at.page.on("request", lambda one: sent.append(one.url) if one.url.endswith("/transactions") else None)
    dialog = at.ask([plain(msgspec.structs.replace(LANTERN, sku="THOUGHT-BETTER"))])
    dialog.locator(".actions .primary").click()
    dialog.get_by_role("button", name="Cancel").click()
    at.page.evaluate("window.go()")
    assert at.results() is None
    assert sent == []


def test_while_the_node_prepares_a_dialog_can_be_left(house: House, visit: Visiting, tmp_path: Path) -> None:
    at = SigningDesk(house, visit(language="zh"), SELLER).with_key(tmp_path)
    held = Held(at.page, "**/console/prepare")
    at.page.evaluate(SIGN, [at.module("sign.js"), [[plain(LANTERN)]], ""])
    dialog = at.page.locator("dialog.signing")
    expect(dialog.get_by_role("status")).to_have_text(say("console.one_moment", "zh"))
    dialog.get_by_role("button", name=say("console_signing.cancel", "zh")).click()
    assert at.results() is None
    held.let_go()


def test_rows_are_not_signed_twice_by_a_hand_that_is_faster_than_the_node(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    lists = [declared(house.town, list_no=f"TWICE{number}") for number in range(3)]
    house.town.mirrored()
    at = SigningDesk(house, visit(), CUSTOMS).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/customs/bulk?list_no=TWICE&decision=accept")
    held = Held(at.page, "**/console/customs/answers")
    sends = at.page.get_by_role("button", name="Show and sign")
    sends.click()
    box = at.page.get_by_role("checkbox", name=lists[2].list_no)
    box.uncheck()
    expect(sends).to_be_disabled()
    at.page.evaluate("document.getElementById('decide').requestSubmit()")
    held.let_go()
    dialog = at.page.locator("dialog.signing")
    expect(dialog.get_by_role("button", name="Sign and send 3")).to_be_visible()
    expect(dialog).to_have_count(1)
    at.page.keyboard.press("u")
    expect(dialog, "the keys of the desk mean nothing behind a dialog").to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(box).to_be_focused()
    expect(sends).to_be_enabled()


def test_what_was_set_aside_stays_to_be_read_until_the_officer_goes_on(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    lists = [declared(house.town, list_no=f"ASIDE{number}") for number in range(3)]
    house.town.mirrored()
    at = SigningDesk(house, visit(), CUSTOMS).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/customs/bulk?list_no=ASIDE&decision=accept")
    expect(at.page.locator(".chosen")).to_contain_text("3")
    answered(house.town, lists[1], 100)
    house.town.mirrored()
    at.page.get_by_role("button", name="Show and sign").click()
    at.sign_and_close()
    aside = at.page.locator(".aside")
    expect(aside).to_contain_text(lists[1].list_no)
    expect(at.page.get_by_role("button", name="Show and sign")).to_be_disabled()
    on = aside.get_by_role("button", name="Go on")
    expect(on).to_be_focused()
    at.page.wait_for_timeout(1_000)  # longer than it used to stand
    expect(aside).to_contain_text(lists[1].list_no)
    with at.page.expect_navigation():
        on.click()
    assert [standing(house, one).phase for one in lists] == ["accepted", "rejected", "accepted"]


def test_what_is_hidden_does_not_keep_a_decision_from_being_signed(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    listed = imported(house.town)
    house.town.mirrored()
    at = SigningDesk(house, visit(), CUSTOMS).with_key(tmp_path)
    named = urlencode({"subject": "import_list", "broker": listed.broker, "list_no": listed.list_no})
    at.page.goto(f"{house.local}/console/customs/list?{named}")
    at.page.locator("input[name=decision][value=accept]").check()
    at.page.fill("#person", "NO PSEUDONYM")
    at.page.locator("input[name=decision][value=refuse]").check()
    at.page.get_by_role("button", name="Show and sign").click()
    expect(at.page.locator("dialog.signing .actions .primary")).to_be_visible()


def test_a_file_is_taken_once_however_often_it_is_dropped(house: House, visit: Visiting) -> None:
    at = SigningDesk(house, visit(), PLATFORM)
    at.page.goto(f"{house.local}/console/import")
    taken: list[str] = []
    at.page.on("request", lambda one: taken.append(one.url) if one.method == "POST" else None)
    held = Held(at.page, "**/console/import/file")
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": file_of(order_row("#d1"))}
    at.page.set_input_files("#file", file)
    expect(at.page.locator("[data-busy]").first).to_be_visible()
    at.page.set_input_files("#file", file)
    held.let_go()
    at.page.wait_for_url("**/console/import/*")
    assert len(taken) == 1
