"""What stands at the door, each by itself and with a clock of its own: sessions, attempts, challenges, passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.pwhash import argon2id
from pyotp import TOTP

from sogdia.interfaces.console import attempts, passwords, sessions, users
from sogdia.interfaces.console.attempts import Attempts
from sogdia.interfaces.console.challenges import GOOD_SECONDS, Challenges
from sogdia.interfaces.console.entering import own_path
from sogdia.interfaces.console.sessions import UserSessions
from sogdia.interfaces.http.limits import Limits


class Clock:
    """Stands still unless moved."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


# --- sessions -------------------------------------------------------------------------------------------------------


def test_a_session_that_is_used_lasts_a_working_day_and_no_longer(clock: Clock) -> None:
    open_sessions = UserSessions(Limits(), clock)
    token = open_sessions.open("wei", "did:p", "passkey", "browser")
    assert token is not None
    began = clock.now
    while clock.now - began < sessions.LONGEST_SECONDS - sessions.IDLE_SECONDS:
        clock.now += sessions.IDLE_SECONDS - 1
        assert open_sessions.use(token) is not None
    clock.now = began + sessions.LONGEST_SECONDS
    assert open_sessions.use(token) is None


def test_a_session_that_nobody_uses_ends_after_half_an_hour(clock: Clock) -> None:
    open_sessions = UserSessions(Limits(), clock)
    token = open_sessions.open("wei", "did:p", "passkey", "browser")
    assert token is not None
    clock.now += sessions.IDLE_SECONDS
    assert open_sessions.use(token) is None
    clock.now -= sessions.IDLE_SECONDS
    assert open_sessions.use(token) is None, "what has ended does not come back"


def test_signing_out_elsewhere_leaves_this_session_and_other_people(clock: Clock) -> None:
    open_sessions = UserSessions(Limits(), clock)
    here, there, other = (open_sessions.open(who, "did:p", "password", "") or "" for who in ("wei", "wei", "lea"))
    kept = open_sessions.use(here)
    assert kept is not None
    open_sessions.close("wei", but=kept.id)
    assert [open_sessions.use(token) is not None for token in (here, there, other)] == [True, False, True]


def test_sessions_that_were_closed_push_nobody_out(clock: Clock) -> None:
    open_sessions = UserSessions(Limits(), clock)
    mine = open_sessions.open("lea", "did:p", "passkey", "") or ""
    for _ in range(sessions.PER_PARTY + 1):
        own = open_sessions.use(open_sessions.open("wei", "did:p", "passkey", "") or "")
        assert own is not None
        open_sessions.close("wei", own.id)
    assert open_sessions.use(mine) is not None


def test_no_more_sessions_than_the_node_has_room_for(clock: Clock) -> None:
    open_sessions = UserSessions(Limits(sessions=2), clock)
    tokens = [open_sessions.open(who, f"did:{who}", "password", "") for who in ("a", "b", "c")]
    assert [token is not None for token in tokens] == [True, True, False]


# --- attempts -------------------------------------------------------------------------------------------------------


def test_each_failure_makes_the_wait_longer_until_five_minutes(clock: Clock) -> None:
    tried, waits = Attempts(clock), []
    for _ in range(14):
        tried.failed("wei", "10.0.0.1")
        waits.append(tried.wait_seconds("wei", "10.0.0.2"))
        clock.now += 301
    assert waits == [0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]


def test_an_address_that_tries_many_names_waits_as_well(clock: Clock) -> None:
    tried = Attempts(clock)
    for number in range(attempts.FREE_FOR_ADDRESS):
        tried.failed(f"name {number}", "10.0.0.1")
    assert tried.wait_seconds("another", "10.0.0.1") == 2
    assert tried.wait_seconds("another", "10.0.0.2") == 0


def test_one_subscriber_of_ipv6_cannot_try_from_address_after_address(clock: Clock) -> None:
    tried = Attempts(clock)
    for number in range(attempts.FREE_FOR_ADDRESS):
        tried.failed(f"name {number}", f"2001:db8:1:2::{number:x}")
    assert tried.wait_seconds("another", "2001:db8:1:2:ffff::1") == 2
    assert tried.wait_seconds("another", "2001:db8:1:3::1") == 0


def test_whoever_fails_in_somebodys_name_does_not_lock_them_out_of_a_browser_they_know(clock: Clock) -> None:
    tried = Attempts(clock)
    for _ in range(attempts.FREE_FOR_ADDRESS):
        tried.failed("wei", "10.0.0.1")
    assert tried.wait_seconds("wei", "10.0.0.1") > 0
    assert tried.wait_seconds("wei", "10.0.0.1", "browser one") == 0
    for _ in range(4):
        tried.failed("wei", "10.0.0.1", "browser one")
    assert tried.wait_seconds("wei", "10.0.0.1", "browser one") == 4, "it is counted by itself"
    assert tried.wait_seconds("lea", "10.0.0.9", "browser one") == 0
    tried.succeeded("wei", "10.0.0.1", "browser one")
    assert tried.wait_seconds("wei", "10.0.0.1", "browser one") == 0
    assert tried.wait_seconds("wei", "10.0.0.2") > 0, "strangers go on waiting"


def test_success_clears_the_name_and_an_hour_clears_everything(clock: Clock) -> None:
    tried = Attempts(clock)
    for _ in range(5):
        tried.failed("wei", "10.0.0.1")
    assert tried.wait_seconds("wei", "10.0.0.1") > 0
    tried.succeeded("wei", "10.0.0.1")
    assert tried.wait_seconds("wei", "10.0.0.1") == 0
    for _ in range(50):
        tried.failed("lea", "10.0.0.1")
    clock.now += attempts.KEPT_SECONDS
    assert tried.wait_seconds("lea", "10.0.0.1") == 0


# --- challenges -----------------------------------------------------------------------------------------------------


def test_a_challenge_is_good_once_for_its_purpose_and_for_five_minutes(clock: Clock) -> None:
    given_out = Challenges(clock)
    first, second, third = (given_out.new("sign in here") for _ in range(3))
    assert given_out.use(first, "sign in here")
    assert not given_out.use(first, "sign in here")
    assert not given_out.use(second, "register wei")
    clock.now += GOOD_SECONDS
    assert not given_out.use(third, "sign in here")
    assert not given_out.use(b"made up", "sign in here")


# --- passwords and codes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password, why",
    [
        ("short", "password_short"),
        ("x" * 257, "password_long"),
        ("Officer Li 1", "password_is_name"),
        ("OFFICER  LI!!!!", "password_is_name"),
        ("ababababababab", "password_repeats"),
        ("grey heron over the bridge", ""),
        ("灰鹭飞过桥上的灯笼和雨水去", ""),
    ],
)
def test_a_password_is_long_and_not_the_name(password: str, why: str) -> None:
    assert passwords.why_unfit(password, "Officer Li") == why


def test_nobody_has_no_password_and_is_compared_with_the_same_work() -> None:
    kept = passwords.hashed("grey heron over the bridge")
    assert kept.split("$")[:4] == passwords._NOBODYS.split("$")[:4], "same algorithm, version, memory and passes"
    assert not passwords.is_password_of(None, "grey heron over the bridge")
    assert argon2id.verify(kept.encode(), b"grey heron over the bridge")


def test_codes_follow_rfc_6238_and_a_clock_may_be_half_a_minute_off() -> None:
    """The secret and times of RFC 6238, appendix B; the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for at, code in ((59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")):
        assert passwords.step_of(secret, code, at) == at // 30
        assert passwords.step_of(secret, f"{code[:3]} {code[3:]}", at + 30) == at // 30
        assert passwords.step_of(secret, code, at + 90) == 0
    assert passwords.step_of("", str(TOTP("A" * 32).at(59)), 59) == 0, "who has no secret has no code"


def test_recovery_codes_are_many_and_read_in_any_spelling() -> None:
    codes = users.new_codes()
    assert len(set(codes)) == users.RECOVERY_CODES
    assert users.code_digest(codes[0]) == users.code_digest(f" {codes[0].upper().replace('-', ' ')}")


# --- where a sign-in leads ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/console/",
        "/\\evil.example",
        "/consoles/",
        "",
        "/console",
        "/console/\n",
        "/console/../01/09506000134352",
        "/console/orders/%2e%2E/%2e%2e/01/09506000134352",
        "http://[evil",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(wanted: str) -> None:
    assert own_path(wanted) == "/console/"


@given(st.text())
def test_whatever_a_link_says_the_way_stays_within_the_console(wanted: str) -> None:
    assert own_path(wanted).startswith("/console/")


def test_a_path_of_the_console_is_kept() -> None:
    assert own_path("/console/orders/2026-000412?tab=money") == "/console/orders/2026-000412?tab=money"
