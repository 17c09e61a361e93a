"""Signing in with a password, from invitation to the end of a session, as a browser without scripts does it."""

import logging
import re

import httpx
import pytest

from sogdia.domains.identity.messages import GrantRole, RevokeRole, Suspend
from sogdia.interfaces.console import users
from sogdia.interfaces.console.attempts import FREE_FOR_ADDRESS, Attempts
from sogdia.interfaces.console.notebook import FILE
from sogdia.interfaces.console.sessions import FRESH_SECONDS, IDLE_SECONDS
from sogdia.interfaces.http.proxies import Proxies
from tests.interfaces.console.house import House, Person, sign_in, token_of
from tests.interfaces.http.town import CARRIER, CUSTOMS, OTHER_PLATFORM, REGISTRAR, SELLER

# --- invitations ----------------------------------------------------------------------------------------------------


def test_an_invitation_is_good_once(house: House) -> None:
    path = house.invited()
    token = path.rpartition("/")[2]
    with house.client() as client:
        assert client.get(path).status_code == 200
        invitation = users.invitation_of(house.console.notebook, token, house.console.now_ms())
        assert invitation is not None
        user = users.new_user(invitation, "Somebody faster", house.console.now_ms(), password="kept")
        assert users.accept(house.console.notebook, token, user, None, [])
        assert not users.accept(house.console.notebook, token, user, None, [])
        late = client.get(path)
    assert late.status_code == 410
    assert "used or has ended" in late.text


def test_an_invitation_becomes_a_user_with_password_codes_and_recovery_codes(house: House) -> None:
    path, password = house.invited(SELLER), "lanterns on the river"
    with house.client() as client:
        page = client.get(path).text
        secret = "".join(re.findall(r'<code class="secret">([A-Z2-7 ]+)</code>', page)).replace(" ", "")
        given = {"name": "Lin 林", "password": password, "again": password, "token": token_of(page)}
        done = client.post(path, data={**given, "code": Person("", "", secret, []).code()})
        codes = re.findall(r"<code>([0-9a-f-]{23})</code>", done.text)
        assert (done.status_code, len(codes)) == (200, users.RECOVERY_CODES)
        assert SELLER.did in client.get("/console/").text, "and is signed in"
    with house.signed_in(Person("lin 林", password, secret, codes), codes[7]) as client:
        assert SELLER.did in client.get("/console/").text


def test_an_invitation_ends_after_three_days(house: House) -> None:
    token = users.invite(house.console.notebook, CUSTOMS.did, "", house.console.now_ms() - users.INVITATION_MS)
    with house.client() as client:
        assert client.get(f"/console/invitation/{token}").status_code == 410


def test_a_form_with_mistakes_comes_back_with_words_and_without_the_password(house: House) -> None:
    path = house.invited()
    with house.client() as client:
        given = {"name": "Lea", "password": "short", "again": "other", "code": "000000"}
        page = client.post(path, data={**given, "token": token_of(client.get(path).text)})
    assert page.status_code == 422
    for said in ("Shorter than 12 characters", "Not the same as above", "Not the code of now"):
        assert said in page.text
    assert 'value="Lea"' in page.text
    assert "short" not in page.text.replace("Shorter", "")


def test_two_people_cannot_have_one_name(house: House) -> None:
    person = house.person()
    token = house.invited().rpartition("/")[2]
    invitation = users.invitation_of(house.console.notebook, token, house.console.now_ms())
    assert invitation is not None
    twin = users.new_user(invitation, f"  {person.name.upper()} ", house.console.now_ms(), password="kept")
    with pytest.raises(users.NameTaken):
        users.accept(house.console.notebook, token, twin, None, [])
    assert users.invitation_of(house.console.notebook, token, house.console.now_ms()), "the invitation stays good"


def test_the_file_of_users_is_its_owners_alone_and_holds_no_password(house: House) -> None:
    person = house.person()
    path = house.town.node.folder / FILE
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_bytes() + path.with_name(f"{FILE}-wal").read_bytes()
    assert person.name.encode() in kept
    assert person.password.encode() not in kept
    assert not any(code.replace("-", "").encode() in kept for code in person.codes)


# --- in -------------------------------------------------------------------------------------------------------------


def test_name_password_and_code_open_a_session(house: House) -> None:
    with house.signed_in(house.person()) as client:
        home = client.get("/console/")
    assert home.status_code == 200
    assert CUSTOMS.did in home.text
    cookie = next(one for one in client.cookies.jar if one.name.startswith("sogdia_console"))
    assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == ("/console", True)
    assert cookie.get_nonstandard_attr("SameSite").lower() == "strict"


def test_a_code_is_good_once(house: House) -> None:
    person = house.person()
    code = person.code()
    with house.signed_in(person, code):
        pass
    with house.client() as client:
        assert sign_in(client, person, code).status_code == 403


def test_a_recovery_code_stands_in_once(house: House) -> None:
    person = house.person()
    with house.signed_in(person, person.codes[0].upper()) as client:
        assert "Recovery codes left: 7" in client.get("/console/account").text
    with house.client() as client:
        assert sign_in(client, person, person.codes[0]).status_code == 403


@pytest.mark.parametrize("what", ["name", "password", "code"])
def test_whatever_is_wrong_the_answer_is_the_same(house: House, what: str) -> None:
    person = house.person()
    wrong = {"name": "nobody at all", "password": "grey heron over the brook", "code": "000000"}
    with house.client() as client:
        given = {"name": person.name, "password": person.password, "code": person.code(), what: wrong[what]}
        found = client.post("/console/sign-in", data={**given, "token": token_of(client.get("/console/sign-in").text)})
    assert found.status_code == 403
    main = found.text.partition("</main>")[0]
    assert re.findall(r'<div class="alert bad".*?<p>(.*?)</p>', main) == [
        "Name, password or code is wrong. A code is good once; wait for the next one."
    ]
    assert not any(name.startswith("sogdia_console") for name in found.cookies)


def test_after_three_failures_one_waits_even_with_the_right_code(house: House) -> None:
    person = house.person()
    with house.client() as client:
        for _ in range(3):
            assert sign_in(client, person, "000000").status_code == 403
        waiting = sign_in(client, person, person.code())
        strangers = [sign_in(client, person, "1", name="no such user").status_code for _ in range(4)]
    assert waiting.status_code == 429
    assert "Try again in 2 seconds" in waiting.text or "Try again in 1 second." in waiting.text
    assert strangers == [403, 403, 403, 429], "a name that nobody has waits as long"


# --- attacks from behind a proxy ------------------------------------------------------------------------------------


@pytest.fixture
def behind_a_proxy(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The node as if it had been started with --proxy 127.0.0.1."""
    monkeypatch.setattr(house.town.server.application.state.desk, "proxies", Proxies(["127.0.0.1"]))
    return house


def guessing(house: House, times: int, **headers: str) -> int:
    """Somebody who tries one name after another; the last status."""
    with house.client(**headers) as client:
        last = [sign_in(client, Person(f"guess {one}", "x", "", []), "1").status_code for one in range(times)]
    return last[-1]


def test_behind_a_proxy_one_who_guesses_locks_nobody_else_out(behind_a_proxy: House) -> None:
    house, person = behind_a_proxy, behind_a_proxy.person()
    house.console.attempts = strained(house, "198.51.100.7")
    assert guessing(house, 1, x_forwarded_for="192.0.2.1, 198.51.100.7") == 429, "whatever stands before its address"
    with house.client(x_forwarded_for="203.0.113.9") as client:
        assert sign_in(client, person, person.code()).status_code == 303


def test_without_a_trusted_proxy_nobody_chooses_the_address_that_is_counted(house: House) -> None:
    house.console.attempts = strained(house, "127.0.0.1")
    for forged in ({"x_forwarded_for": "203.0.113.9"}, {"forwarded": "for=203.0.113.9"}):
        assert guessing(house, 1, **forged) == 429


def strained(house: House, address: str) -> Attempts:
    """All that this address may try for nothing is used up."""
    made = Attempts(house.console.clock)
    for number in range(FREE_FOR_ADDRESS + 5):
        made.failed(f"guess before {number}", address)
    return made


def test_whoever_fails_in_somebodys_name_does_not_lock_them_out_where_they_signed_in_before(house: House) -> None:
    person = house.person()
    with house.signed_in(person, person.codes[0]) as known, house.client() as stranger:
        known.post("/console/sign-out", data={"token": token_of(known.get("/console/account").text)})
        for _ in range(4):
            last = sign_in(stranger, person, "000000").status_code
        assert last == 429
        assert sign_in(stranger, person, person.codes[1]).status_code == 429, "a stranger waits, right code or not"
        assert sign_in(known, person, person.codes[2]).status_code == 303


def test_what_says_that_a_browser_is_known_lets_nobody_in_and_is_nobody_elses(house: House) -> None:
    person, other = house.person(), house.person()
    with house.signed_in(person, person.codes[0]) as client:
        name, value = next((one.name, one.value) for one in client.cookies.jar if one.name.startswith("sogdia_known"))
    with house.client() as thief:
        thief.cookies.set(name, value or "")
        assert not is_in(thief)
        for _ in range(4):
            last = sign_in(thief, other, "000000").status_code
        assert last == 429, "it counts for its own user alone"


def test_a_wrong_password_uses_up_no_code(house: House) -> None:
    person = house.person()
    with house.client() as client:
        assert sign_in(client, person, person.codes[0], password="grey heron over the brook").status_code == 403
        assert sign_in(client, person, person.code(), password="grey heron over the brook").status_code == 403
        assert sign_in(client, person, person.codes[0]).status_code == 303


def test_the_log_names_neither_people_nor_what_they_typed(house: House, caplog: pytest.LogCaptureFixture) -> None:
    person = house.person()
    with caplog.at_level(logging.INFO, logger="sogdia.http"), house.client() as client:
        sign_in(client, person, "000000")
        sign_in(client, person, person.code())
    said = "".join(str(vars(record)) for record in caplog.records)
    assert "sign_in_wrong" in said
    assert "signed_in" in said
    assert not any(one in said for one in (person.name, person.password, person.totp))


# --- forms of others --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "null", "sec-fetch-site": ""},
        {"host": "evil.example"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_is_refused(house: House, headers: dict[str, str]) -> None:
    with house.signed_in(house.person()) as client:
        token = token_of(client.get("/console/account").text)
        found = client.post("/console/account/sessions/close", data={"token": token}, headers=headers)
        assert found.status_code in (303, 403)
        assert "sogdia_console" not in str(found.headers.get("set-cookie", ""))
        assert client.get("/console/account").status_code == 200, "still signed in"


@pytest.mark.parametrize("given", ["", "0" * 64, "another's"])
def test_a_form_without_this_sessions_token_is_refused(house: House, given: str) -> None:
    with house.signed_in(house.person()) as client, house.signed_in(house.person()) as other:
        token = token_of(other.get("/console/account").text) if given == "another's" else given
        found = client.post("/console/sign-out", data={"token": token})
        assert found.status_code == 403
        assert "out of date" in found.text
        assert client.get("/console/account").status_code == 200


def test_a_sign_in_form_of_another_visit_is_refused(house: House) -> None:
    person = house.person()
    with house.client() as client, house.client() as thief:
        token = token_of(thief.get("/console/sign-in").text)
        client.get("/console/sign-in")
        given = {"name": person.name, "password": person.password, "code": person.code(), "token": token}
        assert client.post("/console/sign-in", data=given).status_code == 403


def test_a_page_without_a_form_sets_no_cookie(house: House) -> None:
    with house.client() as client:
        assert "set-cookie" not in client.get("/console/nowhere").headers
        first = client.get("/console/sign-in")
        assert first.headers["set-cookie"].startswith("sogdia_visit")
        assert "set-cookie" not in client.get("/console/sign-in").headers, "the visit goes on"


# --- out ------------------------------------------------------------------------------------------------------------


def is_in(client: httpx.Client) -> bool:
    """Whether this client still has a session."""
    return client.get("/console/account").status_code == 200


def test_signing_out_ends_the_session_on_the_node(house: House) -> None:
    with house.signed_in(house.person()) as client:
        cookies = dict(client.cookies)
        client.post("/console/sign-out", data={"token": token_of(client.get("/console/account").text)})
    with house.client() as thief:
        thief.cookies.update(cookies)
        assert not is_in(thief)


def test_signing_out_everywhere_ends_them_all(house: House) -> None:
    person = house.person()
    with house.signed_in(person) as here, house.signed_in(person, person.codes[0]) as there:
        here.post("/console/account/sessions/close", data={"token": token_of(here.get("/console/account").text)})
        assert [is_in(here), is_in(there)] == [False, False]


def test_whoever_is_not_signed_in_comes_back_to_where_they_wanted(house: House) -> None:
    person = house.person()
    with house.client() as client:
        sent = client.get("/console/account")
        assert sent.headers["location"] == "/console/sign-in?next=/console/account"
        assert sign_in(client, person, person.code(), next="/console/account").headers["location"] == "/console/account"


def test_a_session_nobody_uses_ends_and_the_page_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.signed_in(house.person()) as client:
        later = house.console.clock() + IDLE_SECONDS
        monkeypatch.setattr(house.console.sessions, "_clock", lambda: later)
        assert not is_in(client)
        assert "session has ended" in client.get("/console/sign-in").text


def test_ways_to_sign_in_change_only_shortly_after_signing_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with house.signed_in(house.person()) as client:
        assert client.get("/console/account/password").status_code == 200
        later = house.console.clock() + FRESH_SECONDS
        monkeypatch.setattr(house.console.sessions, "_clock", lambda: later)
        assert is_in(client)
        refused = client.get("/console/account/password")
        assert refused.status_code == 403
        assert "within 15 minutes" in refused.text


def test_a_new_password_ends_the_old_one_and_every_other_session(house: House) -> None:
    person = house.person()
    with house.signed_in(person) as here, house.signed_in(person, person.codes[0]) as there:
        page = here.get("/console/account/password").text
        secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', page)
        assert secret is not None
        person.totp = secret[1]
        given = {"secret": secret[1], "password": "lanterns from Yiwu", "again": "lanterns from Yiwu"}
        done = here.post("/console/account/password", data={**given, "code": person.code(), "token": token_of(page)})
        assert done.status_code == 200
        assert [is_in(here), is_in(there)] == [True, False]
    with house.client() as client:
        assert sign_in(client, person, person.code(1), password=person.password).status_code == 403
        assert sign_in(client, person, person.code(1), password="lanterns from Yiwu").status_code == 303


def test_a_suspended_party_is_out_at_once(house: House) -> None:
    person = house.person(CARRIER)
    with house.signed_in(person) as client:
        assert is_in(client)
        suspension = Suspend(party=CARRIER.did, reason="licence lapsed", registrar=REGISTRAR.did)
        assert house.town.submit(suspension, by=REGISTRAR).accepted
        assert not is_in(client)
        assert sign_in(client, person, person.codes[0]).status_code == 403


def test_a_role_that_is_taken_away_closes_its_pages_at_once(house: House) -> None:
    party = {"party": OTHER_PLATFORM.did, "role": "customs", "registrar": REGISTRAR.did}
    with house.signed_in(house.person(OTHER_PLATFORM)) as client:
        assert client.get("/console/customs").status_code == 403
        assert house.town.submit(GrantRole(**party), by=REGISTRAR).accepted
        assert client.get("/console/customs").status_code == 200
        assert house.town.submit(RevokeRole(**party), by=REGISTRAR).accepted
        assert client.get("/console/customs").status_code == 403


def test_a_user_who_was_removed_is_out_at_once(house: House) -> None:
    person = house.person(SELLER)
    with house.signed_in(person) as client:
        assert is_in(client)
        user = users.by_name(house.console.notebook, person.name)
        assert user is not None
        assert users.remove(house.console.notebook, user.id)
        assert not is_in(client)


def test_another_partys_invitation_makes_another_partys_user(house: House) -> None:
    with house.signed_in(house.person(OTHER_PLATFORM)) as client:
        home = client.get("/console/").text
    assert OTHER_PLATFORM.did in home
    assert "Platform" in home
