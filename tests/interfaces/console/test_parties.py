"""The directory of parties and each party's page: keys with who put them there, delegations as far as one may see."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from sogdia.core.query import PUBLIC
from sogdia.domains.identity.messages import Rotate
from sogdia.interfaces.console import parties
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.governed_town import enter, flaws, governed_house, second_of, text_of
from tests.interfaces.console.house import House
from tests.interfaces.http.town import (
    CARRIER,
    CUSTOMS,
    ON_RECORD,
    OTHER_PLATFORM,
    PLATFORM,
    SELLER,
    STRANGER,
    SUSPENDED,
    Caller,
)

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with governed_house(tmp_path_factory.mktemp("parties")) as found:
        yield found


def page_of(house: House, party: Caller, by: Caller) -> str:
    """A party's page as somebody of another party reads it."""
    with house.signed_in(house.person(by)) as client:
        return text_of(client.get(f"/console/parties/{quote(party.did)}"))


def test_the_directory_names_every_party_with_its_roles_and_standing(house: House) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        page = text_of(client.get("/console/parties"))
    for one in ON_RECORD:
        assert one.name in page
    assert page.count("Suspended") == 2, "one party, and the choice of the filter"


@pytest.mark.parametrize(
    "asked, names",
    [
        ("q=other", {OTHER_PLATFORM.name}),
        ("role=carrier", {CARRIER.name}),
        ("standing=suspended", {SUSPENDED.name}),
        ("role=platform&standing=active", {PLATFORM.name, OTHER_PLATFORM.name}),
        (f"q={quote(CUSTOMS.did)}", {CUSTOMS.name}),
    ],
)
def test_it_is_searched_by_name_identifier_role_and_standing(house: House, asked: str, names: set[str]) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        page = client.get(f"/console/parties?{asked}")
    listed = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert {one.name for one in ON_RECORD if f">{one.name}</a>" in listed} == names


def test_whoever_finds_nobody_is_told_what_to_try(house: House) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        assert "No party like this" in text_of(client.get("/console/parties?q=nobody+at+all"))


def test_pages_of_the_directory_hold_everybody_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parties, "_ROWS", 2)
    monkeypatch.setattr(parties, "_AT_ONCE", 3)
    after, seen = "", list[str]()
    for _ in range(10):
        rows, after = parties.listed(house.town.picture, PUBLIC, parties.Asked(), after)
        seen += [row["did"] for row in rows]
        if not after:
            break
    assert seen == sorted(one.did for one in ON_RECORD)


def test_a_search_that_has_looked_long_enough_goes_on_where_it_stopped(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parties, "_AT_ONCE", 2)
    monkeypatch.setattr(parties, "_STEPS", 1)
    rows, after = parties.listed(house.town.picture, PUBLIC, parties.Asked(text="nobody"), "")
    assert (rows, after) == ([], sorted(one.did for one in ON_RECORD)[1])


def test_a_key_tells_when_it_came_on_record_and_who_signed_that(house: House) -> None:
    page = page_of(house, SELLER, by=CUSTOMS)
    keys = page.partition("Keys")[2].partition("Delegations given")[0]
    assert "key-1 State Signs Put on record" in keys
    assert "Founding agreement" in keys
    assert "key-2" in keys
    assert "Signed by seller" in keys


def test_a_retired_key_says_when_and_by_whom(house: House) -> None:
    retired = Rotate(party=CARRIER.did, add=(second_of(CARRIER),), retire=(CARRIER.kid,))
    assert house.town.submit(retired, by=CARRIER).accepted
    keys = page_of(house, CARRIER, by=CUSTOMS).partition("Keys")[2].partition("Delegations given")[0]
    first = keys.partition("key-2")[0]
    assert "Retired" in first
    assert first.rindex("Signed by carrier") > first.index("Founding agreement")


@pytest.mark.parametrize(
    "by, agents", [(SELLER, {"carrier", "platform"}), (CUSTOMS, {"carrier", "platform"}), (PLATFORM, {"platform"})]
)
def test_delegations_are_seen_by_those_who_gave_or_hold_them_and_by_customs(
    house: House, by: Caller, agents: set[str]
) -> None:
    page = page_of(house, SELLER, by=by)
    given = page.partition("Delegations given")[2].partition("Delegations held")[0]
    assert {one for one in ("carrier", "platform") if f"May sign for it {one}" in given} == agents
    assert ("you see those that your own party" in page) == (by is PLATFORM)
    assert ("this party signs for nobody else" in page) == (by is not PLATFORM), "only who sees all can say so"


def test_a_delegation_that_ends_soon_is_marked(house: House) -> None:
    given = page_of(house, SELLER, by=SELLER).partition("Delegations given")[2].partition("Delegations held")[0]
    assert given.count("In force") == 1
    assert given.count("Ends soon") == 1
    assert "2100-01-01 00:00 UTC" in given


def test_who_is_not_on_record_has_no_page(house: House) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        assert client.get(f"/console/parties/{STRANGER.did}").status_code == 404


@pytest.mark.parametrize(
    "language, choice, why",
    [("en", "Suspended", "Suspended: licence expired"), ("zh", "已暂停", "已暂停：licence expired")],
)
def test_a_bank_officer_finds_who_is_suspended_and_why(
    house: House, visit: Visiting, language: str, choice: str, why: str
) -> None:
    one = enter(house, visit(width=390, language=language), house.person(CUSTOMS))
    one.page.goto(f"{house.local}/console/parties")
    one.page.select_option("#standing", label=choice)
    one.page.locator("form.filters button").click()
    one.page.get_by_role("link", name=SUSPENDED.name).click()
    assert why in one.page.get_by_role("alert").inner_text()


def test_the_page_of_a_member_is_open_to_everyone(house: House, browser: Browser) -> None:
    assert flaws(house, browser, house.person(CUSTOMS), {"party-member": f"/console/parties/{PLATFORM.did}"}) == []
