"""The customs desk: the queue, what may be decided, decisions signed in the officer's own browser, release in bulk."""

import re
from collections.abc import Callable
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from playwright.sync_api import expect

from sogdia.app.answers import CODE_OF, decisions
from sogdia.domains.customs.messages import Answer, DeclareExport, DeclareImport
from sogdia.insight.queue import Wanted
from sogdia.interfaces.console import customs_desk
from sogdia.interfaces.console.customs_desk_answers import wish_of
from sogdia.interfaces.console.customs_desk_asked import queue_asked, queue_of
from tests.interfaces.console.axe import AXE, WITHOUT, is_wider_than_its_window, judged
from tests.interfaces.console.chromium import Held, Visit
from tests.interfaces.console.desks_town import answered, come_in, declared, imported, numbers_in, standing, subject_of
from tests.interfaces.console.house import House, token_of
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CUSTOMS, SELLER

Visiting = Callable[..., Visit]


def decided(house: House, decision: str, *lists: DeclareExport | DeclareImport, **more: Any) -> Any:
    """What the node prepares for an officer."""
    house.town.mirrored()
    names = [[subject_of(one), one.broker, one.list_no] for one in lists]
    with house.signed_in(house.person(CUSTOMS)) as client:
        token = token_of(client.get("/console/account").text)
        headers = {"x-sogdia-token": token, "accept": "application/json"}
        given = {"decision": decision, "lists": names, **more}
        return client.post("/console/customs/answers", json=given, headers=headers)


# --- what may be decided --------------------------------------------------------------------------------------------


def test_what_may_follow_is_what_the_rules_let_follow() -> None:
    assert decisions("export_list", "declared") == ("accept", "refuse")
    assert decisions("import_list", "accepted") == ("review", "inspect", "approve", "release", "refuse", "return")
    assert decisions("export_list", "accepted") == ("review", "inspect", "approve", "release", "refuse")
    assert decisions("import_list", "released") == ("close",)
    assert decisions("import_list", "rejected") == ()
    assert set(CODE_OF.values()) == {120, 300, 500, 399, 800, 100, 700, 899}


def test_conditions_are_read_from_the_address_and_what_is_no_condition_is_named() -> None:
    found = queue_asked([("ship_to", "fr"), ("currency", "EUR"), ("below", "25.5"), ("calm", "yes"), ("phase", "gone")])
    assert found.wanted == Wanted(ship_to="FR", currency="EUR", below_minor=2_550, risk_most=0)
    assert queue_asked([("below", "25.5")]).wrong == ("below",)
    assert queue_asked([("currency", "EUR"), ("below", "x")]).wrong == ("below",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision": "burn"}, {"lists": []}, {"lists": [["export_list", "x"]]}, {"reason": 800},
        {"person": "zz" * 32}, {"persons": {"x": {"y": "ab"}}},
        {"person": "ab" * 32, "lists": [["import_list", "x", "y"], ["import_list", "x", "z"]]},
        {"note": "x" * 1_001}, {"lists": [["export_list", "x", "y"]] * 1_001},
    ],
)  # fmt: skip
def test_a_wish_that_does_not_fit_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        wish_of({"decision": "accept", "lists": [["export_list", "x", "y"]], **wrong})


# --- what is prepared -----------------------------------------------------------------------------------------------


def test_release_of_an_export_that_was_never_answered_accepts_it_first_each_under_numbers_of_its_own(
    house: House,
) -> None:
    lists = [declared(house.town), declared(house.town)]
    told = decided(house, "release", *lists).json()
    assert told["aside"] == []
    assert [[one["code"] for one in group] for group in told["groups"]] == [[120, 800], [120, 800]]
    numbers = [group[1]["invt_no"] for group in told["groups"]]
    assert len(set(numbers)) == 2
    assert all(one.startswith("2925") and "E" in one for one in numbers)
    assert len({group[0]["pre_no"] for group in told["groups"]}) == 2


def test_a_list_on_which_the_decision_cannot_follow_is_set_aside_with_its_reason(house: House) -> None:
    waiting, accepted, refused = (declared(house.town) for _ in range(3))
    answered(house.town, accepted, 120, pre_no="B20260601000000001")
    answered(house.town, refused, 100)
    told = decided(house, "accept", waiting, accepted, refused).json()
    assert [group[0]["number"] for group in told["groups"]] == [waiting.list_no]
    assert [(one["list_no"], one["why"]) for one in told["aside"]] == [
        (accepted.list_no, "not_next"),
        (refused.list_no, "gone"),
    ]


def test_a_refusal_carries_the_reason_that_the_officer_chose(house: House) -> None:
    told = decided(house, "refuse", declared(house.town), reason=-621027, note="line 1 stands twice").json()
    assert [(one["code"], one["note"]) for one in told["groups"][0]] == [(-621027, "line 1 stands twice")]


def test_imports_are_accepted_and_released_with_the_pseudonyms_that_came_for_them(house: House) -> None:
    lists = [imported(house.town) for _ in range(3)]
    pseudonyms = {one.list_no: sha256(one.list_no.encode()).hexdigest() for one in lists[:2]}
    told = decided(house, "release", *lists, persons={SELLER.did: pseudonyms}).json()
    assert [(one["list_no"], one["why"]) for one in told["aside"]] == [(lists[2].list_no, "person")]
    assert [[one["code"] for one in group] for group in told["groups"]] == [[120, 800], [120, 800]]
    assert [group[0]["person"] for group in told["groups"]] == list(pseudonyms.values())
    assert all("I" in group[1]["invt_no"] for group in told["groups"])


def test_a_number_that_an_officer_gave_is_not_given_again_and_the_record_sees_to_it(house: House) -> None:
    first, second = declared(house.town), declared(house.town)
    answer = decided(house, "accept", first).json()["groups"][0][0]
    answered(house.town, first, 120, pre_no=answer["pre_no"])
    again = decided(house, "accept", second).json()["groups"][0][0]
    assert again["pre_no"] == f"{answer['pre_no'][:9]}{int(answer['pre_no'][9:]) + 1:09d}"
    taken = msgspec.convert({**again, "pre_no": answer["pre_no"]}, Answer)
    reply = house.town.submit(taken, by=CUSTOMS)
    assert (reply.code, reply.fields["field"], reply.fields["list_no"]) == (6020, "pre_no", first.list_no)


# --- turning pages --------------------------------------------------------------------------------------------------


def links(text: str) -> dict[str, str]:
    """The addresses of a page's links by what they lead to."""
    found = re.findall(r'<a[^>]* href="([^"]+)"[^>]* rel="(\w+)"', text)
    return {name: unescape(path) for path, name in found}


def test_the_queue_is_turned_forward_and_back_and_to_its_first_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        declared(house.town, district="7777")
    monkeypatch.setattr(customs_desk, "_ROWS", 2)
    house.town.mirrored()
    with house.signed_in(house.person()) as client:
        first = client.get("/console/customs?direction=export").text
        assert links(first).keys() == {"next"}
        second = client.get(links(first)["next"]).text
        third = client.get(links(second)["next"]).text
        assert links(third).keys() >= {"first", "prev"}
        back = client.get(links(third)["prev"]).text
        assert numbers_in(back) == numbers_in(second)
        assert numbers_in(client.get(links(back)["prev"]).text) == numbers_in(first)
        assert numbers_in(client.get(links(back)["next"]).text) == numbers_in(third)
        assert numbers_in(client.get(links(third)["first"]).text) == numbers_in(first)
        assert "direction=export" in links(back)["prev"]


def test_from_a_list_one_goes_on_to_the_next_of_the_same_queue_though_it_was_decided_meanwhile(house: House) -> None:
    lists = [declared(house.town, country="FR", list_no=f"QUEUE{number}") for number in range(3)]
    house.town.mirrored()
    queue = {"list_no": "QUEUE", "order": "waiting"}
    with house.signed_in(house.person()) as client:
        shown = client.get("/console/customs", params=queue).text
        assert numbers_in(shown) == [one.list_no for one in lists]
        path = next(unescape(one) for one in re.findall(r'href="([^"]+)"', shown) if "list_no=QUEUE1" in one)
        page = client.get(path).text
        answered(house.town, lists[1], 100)
        house.town.mirrored()
        further = client.get(links(page)["next"])
        assert (further.status_code, "list_no=QUEUE2" in further.headers["location"]) == (303, True)
        last = client.get(further.headers["location"]).text
        assert "list_no=QUEUE0" in client.get(links(last)["prev"]).headers["location"], "QUEUE1 waits no longer"
        assert client.get(links(last)["next"]).headers["location"] == f"/console/customs?{urlencode(queue)}"


def test_what_is_no_queue_is_the_whole_queue() -> None:
    assert queue_of("phase=declared&after=x&%%%&evil=1").here == "phase=declared&after=x"
    assert queue_of("&".join(["a=1"] * 40)).here == ""


def test_what_is_no_decision_is_refused_in_words(house: House) -> None:
    answer = decided(house, "burn")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:sogdia:problem:desks_answers_unfit")


def test_the_desk_is_for_customs_alone(house: House) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        for path in ("", "/bulk", "/list?subject=export_list&broker=x&list_no=y"):
            assert client.get(f"/console/customs{path}").status_code == 403
        assert "/console/customs" not in client.get("/console/").text


def test_a_list_that_waits_no_longer_is_told_so(house: House) -> None:
    listed = declared(house.town)
    answered(house.town, listed, 100)
    house.town.mirrored()
    with house.signed_in(house.person()) as client:
        params = {"subject": "export_list", "broker": listed.broker, "list_no": listed.list_no}
        found = client.get("/console/customs/list", params=params)
    assert found.status_code == 404
    assert listed.list_no in found.text


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.node
def test_an_officer_reads_a_list_and_signs_its_acceptance(house: House, visit: Visiting, tmp_path: Path) -> None:
    listed = declared(house.town)
    house.town.mirrored()
    at = SigningDesk(house, visit(), CUSTOMS).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/customs?list_no={listed.list_no}")
    at.page.get_by_role("link", name=listed.list_no).click()
    expect(at.page.get_by_role("heading", level=1)).to_have_text(f"List {listed.list_no}")
    at.page.locator("input[name=decision][value=accept]").check()
    at.page.get_by_role("button", name="Show and sign").click()
    dialog = at.page.get_by_role("dialog")
    expect(dialog).to_contain_text(listed.list_no)
    assert standing(house, listed) is None
    dialog.get_by_role("button", name="Sign and send").click()
    expect(dialog.get_by_role("status").first).to_contain_text("On record at height")
    dialog.get_by_role("button", name="Close").click()
    at.page.wait_for_url(f"**/console/customs?list_no={listed.list_no}")
    assert standing(house, listed).code == 120


@pytest.mark.browser
@pytest.mark.node
def test_after_a_decision_the_officer_is_led_to_the_next_list_of_the_same_queue(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    lists = [declared(house.town, list_no=f"LED{number}") for number in range(3)]
    house.town.mirrored()
    at = SigningDesk(house, visit(), CUSTOMS).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/customs?list_no=LED&order=waiting")
    at.page.get_by_role("link", name="LED1").click()
    at.page.get_by_role("radio", name="Reject").check()
    at.page.get_by_role("button", name="Show and sign").click()
    dialog = at.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Sign and send").click()
    dialog.get_by_role("button", name="Close").click(timeout=30_000)
    expect(at.page.get_by_role("heading", level=1)).to_have_text("List LED2")
    assert standing(house, lists[1]).code == 100
    at.page.get_by_role("link", name="Customs desk").last.click()
    at.page.wait_for_url("**/console/customs?list_no=LED&order=waiting")
    expect(at.page.locator("tbody tr")).to_have_count(2)


@pytest.mark.browser
def test_the_queue_is_worked_by_the_keyboard_alone(house: House, visit: Visiting) -> None:
    for number in range(3):
        declared(house.town, list_no=f"KEYS{number}")
    house.town.mirrored()
    one = visit()
    come_in(house, one, CUSTOMS, "/console/customs?list_no=KEYS&order=waiting")
    page = one.page
    boxes = page.get_by_role("checkbox", name="Choose list")
    keys = page.locator("[data-keyboard]")
    expect(keys).to_be_visible()
    for key in ("j", "j", "Space", "ArrowDown", "Space", "k"):
        page.keyboard.press(key)
    assert [box.is_checked() for box in boxes.all()] == [False, True, True]
    expect(page.locator(".chosen")).to_have_text("2 chosen.")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("List KEYS1")
    expect(keys).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=1)).to_have_text("List KEYS2")
    page.get_by_label("Note to the broker").press_sequentially("just looking")
    expect(page.get_by_label("Note to the broker")).to_have_value("just looking")
    page.locator("body").click(position={"x": 5, "y": 5})
    expect(keys).to_be_visible()
    page.keyboard.press("u")
    page.wait_for_url("**/console/customs?list_no=KEYS&order=waiting")
    page.get_by_text("Keyboard", exact=True).click()
    page.get_by_label("Use these keys in this browser").uncheck()
    page.reload()
    expect(keys).to_be_visible()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body"), "the keys are off"


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.parametrize("width, language, dark", [(1280, "en", True), (390, "zh", False)])
def test_imports_and_taxes_are_open_to_everyone(
    house: House,
    visit: Visiting,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    language: str,
    dark: bool,
) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    monkeypatch.setattr(customs_desk, "_DRAWN", 1)
    imported(house.town)
    listed = imported(house.town)
    house.town.mirrored()
    one = visit(width=width, language=language, dark=dark)
    come_in(house, one, CUSTOMS)
    name = urlencode({"subject": "import_list", "broker": listed.broker, "list_no": listed.list_no, "queue": "calm=1"})
    for path in ("customs/bulk?direction=import&decision=accept", f"customs/list?{name}", "taxes", "taxes?day_to=x"):
        one.page.goto(f"{house.local}/console/{path}")
        if "bulk" in path:
            file = tmp_path / "pseudonyms.csv"
            file.write_text(f"{listed.list_no},{'ab' * 32}\nNOWHERE,x\n")
            one.page.set_input_files("#pseudonyms", str(file))
            one.page.locator("[data-told] li").first.wait_for()
            one.page.locator(".further-lists summary").click()
        if "list?" in path:
            one.page.locator("details.keys summary").click()
        assert not is_wider_than_its_window(one), path
        assert judged(one, AXE.read_text(encoding="utf-8")) == [], path


@pytest.mark.parametrize("language, released, last", [("en", "Released", "901"), ("zh", "放行", "902")])
def test_what_was_decided_is_looked_back_on_with_its_reason_and_numbers(
    house: House, language: str, released: str, last: str
) -> None:
    one, other = declared(house.town), declared(house.town)
    answered(house.town, one, 120, pre_no=f"B20260303000000{last}")
    answered(house.town, one, 800, invt_no=f"29252026E000000{last}")
    answered(house.town, other, 100)
    with house.signed_in(house.person(CUSTOMS)) as officer:
        officer.headers["accept-language"] = language
        page = officer.get("/console/customs").text
        assert 'href="/console/customs/decided"' in page
        text = officer.get("/console/customs/decided").text
        for told in (one.list_no, other.list_no, released, f"B20260303000000{last}", f"29252026E000000{last}"):
            assert told in text
        alone = officer.get("/console/customs/decided", params={"phase": "rejected"}).text
        assert other.list_no in alone
        assert one.list_no not in alone
        none = officer.get("/console/customs/decided", params={"list_no": "none"}).text
        assert one.list_no not in none
    with house.signed_in(house.person(SELLER)) as seller:
        assert seller.get("/console/customs/decided").status_code == 403


@pytest.mark.browser
def test_without_scripts_the_queue_is_read_and_the_page_says_why_nothing_is_decided(
    house: House, visit: Visiting
) -> None:
    listed = declared(house.town)
    house.town.mirrored()
    one = visit(scripts=False)
    come_in(house, one, CUSTOMS, f"/console/customs?list_no={listed.list_no}")
    expect(one.page.get_by_role("link", name=listed.list_no)).to_be_visible()
    expect(one.page.get_by_text("Deciding needs JavaScript")).to_be_visible()
    assert not one.page.get_by_role("button", name="Show and sign").is_visible()


@pytest.mark.browser
def test_what_an_officer_types_before_the_script_has_come_stays_out_of_the_address(
    house: House, visit: Visiting
) -> None:
    listed = imported(house.town)
    house.town.mirrored()
    one = visit()
    script = Held(one.page, "**/desks/customs.js")
    named = urlencode({"subject": "import_list", "broker": listed.broker, "list_no": listed.list_no})
    come_in(house, one, CUSTOMS)
    one.page.goto(f"{house.local}/console/customs/list?{named}", wait_until="commit")
    one.page.locator("input[name=decision][value=accept]").check()
    sends = one.page.get_by_role("button", name="Show and sign")
    expect(sends).to_be_disabled()
    one.page.fill("#person", "ab" * 32)
    one.page.locator("#person").press("Enter")
    one.page.evaluate("document.getElementById('decide').requestSubmit()")
    script.let_go()
    expect(sends).to_be_enabled()
    assert one.page.url == f"{house.local}/console/customs/list?{named}"
    expect(one.page.locator("#person")).to_have_value("ab" * 32)
