"""The customs desk: the queue, what may be decided, decisions signed in the officer's own browser, release in bulk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from sogdia.app.answers import CODE_OF, decisions
from sogdia.core.state import Committed
from sogdia.domains.customs.messages import DeclareExport
from sogdia.domains.customs.state import STANDINGS
from sogdia.insight.queue import Wanted
from sogdia.interfaces.console.customs_desk_answers import wish_of
from sogdia.interfaces.console.customs_desk_asked import queue_asked
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import answered, come_in, declared
from tests.interfaces.console.house import House, token_of
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CUSTOMS, SELLER

Visiting = Callable[..., Visit]


def standing(house: House, listed: DeclareExport) -> Any:
    """Customs' answer on a list, as the record has it."""
    return STANDINGS.get(Committed(house.town.node.store), "export_list", listed.broker, listed.list_no)


def decided(house: House, decision: str, *lists: DeclareExport, **more: Any) -> Any:
    """What the node prepares for an officer."""
    house.town.mirrored()
    names = [["export_list", one.broker, one.list_no] for one in lists]
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
        {"person": "zz" * 32}, {"note": "x" * 1_001}, {"lists": [["export_list", "x", "y"]] * 1_001},
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
    at.page.get_by_role("radio", name="Accept").check()
    at.page.get_by_role("button", name="Show and sign").click()
    dialog = at.page.get_by_role("dialog")
    expect(dialog).to_contain_text(listed.list_no)
    assert standing(house, listed) is None
    dialog.get_by_role("button", name="Sign and send").click()
    expect(dialog.get_by_role("status").first).to_contain_text("On record at height")
    dialog.get_by_role("button", name="Close").click()
    at.page.wait_for_url("**/console/customs")
    assert standing(house, listed).code == 120


@pytest.mark.browser
@pytest.mark.node
def test_an_officer_releases_what_fits_the_conditions_in_one_go_in_chinese(
    house: House, visit: Visiting, tmp_path: Path
) -> None:
    lists = [declared(house.town, district="2901", port="2901") for _ in range(3)]
    house.town.mirrored()
    at = SigningDesk(house, visit(language="zh"), CUSTOMS).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/customs?list_no=YW&currency=EUR&below=25&ship_to=FR&phase=declared")
    at.page.get_by_role("link", name="全部放行").click()
    for one in at.page.get_by_role("row").filter(has=at.page.get_by_role("checkbox")).all():
        if not any(listed.list_no in one.inner_text() for listed in lists):
            one.get_by_role("checkbox").uncheck()
    expect(at.page.locator(".chosen")).to_have_text("已选 3 份。")
    at.page.get_by_role("button", name="查看并签名").click()
    dialog = at.page.get_by_role("dialog")
    assert [standing(house, one) for one in lists] == [None] * 3
    dialog.locator(".actions .primary").click()
    dialog.get_by_role("button", name="关闭").click(timeout=30_000)
    assert [standing(house, one).phase for one in lists] == ["released"] * 3
    assert len({standing(house, one).invt_no for one in lists}) == 3


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
