"""Cases, members and terms: how votes stand, what silence means, and a vote that is signed in the browser."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from sogdia.core.state import Committed
from sogdia.domains.governance.messages import HaltNetwork, Propose, ResumeNetwork, SetParameters, Vote, Withdraw
from sogdia.domains.governance.state import CASES, DOCKET, SCOPE
from sogdia.interfaces.console import governing_cases
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.governed_town import ADMISSION, MEMBERS, ROLE, enter, flaws, governed_house, text_of
from tests.interfaces.console.house import House
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CARRIER, CUSTOMS, PLATFORM, REGISTRAR, SELLER, Caller, Town

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]
DAY_SECONDS = 86_400


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with governed_house(tmp_path_factory.mktemp("governance")) as found:
        yield found


def seen(house: House, path: str, by: Caller, language: str = "en") -> str:
    """A page as somebody of this party reads it."""
    with house.signed_in(house.person(by)) as client:
        return text_of(client.get(f"/console/governance{path}", headers={"accept-language": language}))


def opened(house: House, what: HaltNetwork | ResumeNetwork | SetParameters) -> str:
    """The number of a case that the registrar opened."""
    assert house.town.submit(Propose(member=REGISTRAR.did, what=what), by=REGISTRAR).accepted
    docket = DOCKET.get(Committed(house.town.node.store, cached=0), SCOPE)
    assert docket is not None
    return f"{docket.last:06}"


def voted(house: House, case_no: str, *members: Caller) -> None:
    """These members have voted yes."""
    for one in members:
        assert house.town.submit(Vote(member=one.did, case_no=case_no, choice="yes"), by=one).accepted


def test_an_open_case_tells_its_votes_its_deadline_and_what_silence_means(house: House) -> None:
    page = seen(house, "", by=PLATFORM)
    case = page.partition("Case 000001")[2].partition("Case 000002")[0]
    assert "Admission of a member · Samarkand Customs Brokers" in case
    assert "0 yes, 1 no of 4; 3 yes needed" in case
    assert "in 6 days" in case
    assert "It lapses and nothing changes." in case
    assert "Not yet" in case


def test_a_member_is_told_how_many_cases_wait_for_its_vote(house: House) -> None:
    assert "Wait for your vote 1 " in seen(house, "", by=PLATFORM)
    assert "Wait for your vote 0 " in seen(house, "", by=SELLER)


def test_who_is_no_member_reads_the_case_and_has_no_vote(house: House) -> None:
    page = seen(house, f"/{ADMISSION}", by=SELLER)
    assert "carrier No" in page
    assert "trade licence" in page
    assert "0 in order; 1 needed beside the votes" in page
    assert "Vote yes" not in page


def test_an_action_is_told_in_words_in_both_languages(house: House) -> None:
    assert "Role Warehouse Change Given" in seen(house, f"/{ROLE}", by=SELLER)
    assert "角色 仓储企业 变更 授予" in seen(house, f"/{ROLE}", by=SELLER, language="zh")


def test_members_and_terms_stand_beside_the_cases(house: House) -> None:
    page = seen(house, "?tab=members", by=SELLER)
    for one in MEMBERS:
        assert f"https://{one.name}.example" in page
    assert page.count("Validates, power 10") == 3
    terms = seen(house, "?tab=terms", by=SELLER)
    assert "Days that a case is open 7" in terms
    assert "Longest halt 24 hours" in terms


def test_a_case_that_passed_stands_among_the_past_ones(house: House) -> None:
    case_no = opened(house, SetParameters(case_days=9))
    voted(house, case_no, PLATFORM, CARRIER)
    past = seen(house, "", by=SELLER).partition("Past cases")[2]
    assert f"{case_no} What New parameters Outcome Passed" in past
    assert "Days that a case is open 9" in seen(house, "?tab=terms", by=SELLER)
    assert "Passed" in seen(house, f"/{case_no}", by=SELLER)


def test_a_case_that_was_withdrawn_says_so(house: House) -> None:
    case_no = opened(house, SetParameters(reviews_needed=2))
    assert "Withdraw the case" in seen(house, f"/{case_no}", by=REGISTRAR)
    withdrawn = Withdraw(party=REGISTRAR.did, case_no=case_no)
    assert house.town.submit(withdrawn, by=REGISTRAR).accepted
    assert "Withdrawn" in seen(house, f"/{case_no}", by=SELLER)


def test_a_halt_is_told_on_top_until_it_ends(house: House) -> None:
    until_ms = int(time.time() * 1000) + 3_600_000
    halted = opened(house, HaltNetwork(until_ms=until_ms, reason="a validator lost its key"))
    voted(house, halted, PLATFORM, CARRIER)
    page = seen(house, "", by=SELLER)
    assert "The network stands still until" in page
    assert "a validator lost its key" in page
    resumed = opened(house, ResumeNetwork())
    voted(house, resumed, PLATFORM, CARRIER)
    assert "The network stands still" not in seen(house, "", by=SELLER)


def test_past_cases_are_leafed_through_without_a_gap(house: House) -> None:
    view, before, numbers = Committed(house.town.node.store, cached=0), 0, list[str]()
    for _ in range(20):
        rows, before = governing_cases.past_cases(view, int(time.time() * 1000), None, before, 1)
        numbers += [one.case.case_no for one in rows]
        if not before:
            break
    closed = [case.case_no for case in CASES.under(view) if case.status != "open"]
    assert numbers == sorted(closed, reverse=True)
    assert len(numbers) > 2


def test_when_the_deadline_is_past_silence_has_decided(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        monkeypatch.setattr(house.console, "clock", lambda: time.time() + 10 * DAY_SECONDS)
        page = text_of(client.get("/console/governance"))
        case = text_of(client.get(f"/console/governance/{ADMISSION}"))
    assert "No case is open" in page
    assert f"{ADMISSION} What Admission of a member" in page.partition("Past cases")[2]
    assert "Lapsed" in case
    assert "Vote yes" not in case


def test_there_is_no_page_for_a_case_that_nobody_opened(house: House) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        assert client.get("/console/governance/009999").status_code == 404


def test_a_record_of_one_operator_says_that_nobody_votes(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        assert "This record has no members who vote" in seen(House(town), "", by=CUSTOMS)


@pytest.mark.parametrize(
    "language, party, button, sign", [("en", CUSTOMS, "Vote yes", "Sign"), ("zh", REGISTRAR, "投赞成票", "签名")]
)
def test_a_member_votes_with_its_own_key_in_the_browser(
    house: House, visit: Visiting, tmp_path: Path, language: str, party: Caller, button: str, sign: str
) -> None:
    one = visit(language=language)
    SigningDesk(house, one, party).with_key(tmp_path)
    one.page.goto(f"{house.local}/console/governance/{ADMISSION}")
    one.page.get_by_role("button", name=button).click()
    dialog = one.page.locator("dialog.signing")
    dialog.get_by_role("button", name=sign).click()
    dialog.locator(".alert.good").wait_for()
    dialog.locator(".actions button").click()
    dialog.wait_for(state="detached")
    voters = one.page.locator("ul.rows li").filter(has_text=party.name)
    expect(voters.locator(".badge.good")).to_be_visible()
    case = CASES.get(Committed(house.town.node.store, cached=0), ADMISSION)
    assert case is not None
    assert {ballot.voter: ballot.choice for ballot in case.ballots}[party.did] == "yes"


def test_without_scripts_the_command_line_does_the_same(house: House, visit: Visiting) -> None:
    one = enter(house, visit(scripts=False), house.person(CARRIER))
    one.page.goto(f"{house.local}/console/governance/{ROLE}")
    assert not one.page.get_by_role("button", name="Vote yes").is_visible()
    one.page.get_by_text("With the command line").click()
    line = one.page.locator("details code").inner_text()
    assert line.startswith(f"sogdia governance vote --member {CARRIER.did} --case-no {ROLE} --choice yes")


def test_cases_that_were_voted_on_are_open_to_everyone(house: House, browser: Browser) -> None:
    pages = {
        "governance-with-past-cases": "/console/governance",
        "governance-admission-voted": f"/console/governance/{ADMISSION}",
    }
    assert flaws(house, browser, house.person(PLATFORM), pages) == []
