"""Signing in: a signature counts once, for one node and one request, with a key in force; a session is its stand-in."""

import secrets
import time
from typing import Any

import httpx
import pytest

from sogdia.client.request_signing import sign_request
from sogdia.core.keys import SigningKey, key_id
from sogdia.domains.identity.messages import NewKey, Reinstate, Rotate, Suspend
from sogdia.interfaces.http.limits import Limits
from sogdia.interfaces.http.sessions import Nonces, Sessions
from tests.interfaces.http.town import CARRIER, PLATFORM, REGISTRAR, SELLER, STRANGER, SUSPENDED, Town, problem


class Pen:
    """Another key of a party."""

    scheme = "EdDSA"

    def __init__(self, did: str, number: int) -> None:
        self.key = SigningKey(secrets.token_bytes(32))
        self.kid = key_id(did, number)

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


def fields(
    town: Town,
    method: str,
    path: str,
    signer: Any = PLATFORM,
    body: bytes = b"",
    age: int = 0,
    nonce: str = "",
    url: str = "",
) -> dict[str, str]:
    """The fields of a signed request, made some seconds ago."""
    return sign_request(
        method, (url or town.url) + path, body, signer, int(time.time()) - age, nonce or secrets.token_urlsafe(24)
    )


def send(town: Town, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> httpx.Response:
    return httpx.request(method, town.url + path, headers=headers, content=body, trust_env=False)


def session(town: Town, signer: Any = PLATFORM) -> dict[str, str]:
    """The field that a session gives."""
    answer = send(town, "POST", "/session", fields(town, "POST", "/session", signer))
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['token']}"}


def is_known(town: Town, headers: dict[str, str]) -> bool:
    """Whether the status shows what it shows to parties."""
    answer = send(town, "GET", "/status", headers)
    return answer.status_code == 200 and "mirror_height" in answer.json()


# --- signatures -----------------------------------------------------------------------------------------------------


def test_a_signed_request_is_its_signers(town: Town) -> None:
    assert is_known(town, fields(town, "GET", "/status"))
    assert not is_known(town, {})


def test_a_signature_is_good_once(town: Town) -> None:
    signed = fields(town, "GET", "/status")
    assert send(town, "GET", "/status", signed).status_code == 200
    assert problem(send(town, "GET", "/status", signed)) == (401, "signature_replayed")


def test_a_signature_with_a_used_nonce_is_no_new_one(town: Town) -> None:
    one, two = (fields(town, "GET", "/status", age=age, nonce="the same nonce as before") for age in (0, 1))
    assert send(town, "GET", "/status", one).status_code == 200
    assert problem(send(town, "GET", "/status", two)) == (401, "signature_replayed")


@pytest.mark.parametrize("age, name", [(400, "signature_expired"), (-120, "signature_from_future")])
def test_an_old_signature_and_one_from_the_future_are_refused(town: Town, age: int, name: str) -> None:
    assert problem(send(town, "GET", "/status", fields(town, "GET", "/status", age=age))) == (401, name)


@pytest.mark.parametrize("path", ["/checkpoint", "/status?x=1", "/evidence?table=orders.order&key=1&key=2"])
def test_a_signature_for_one_request_is_none_for_another(town: Town, path: str) -> None:
    signed = fields(town, "GET", "/status")
    answer = send(town, "GET", path, signed)
    assert path == "/checkpoint" or problem(answer) == (401, "signature_wrong")


def test_an_altered_body_is_refused(town: Town) -> None:
    path, body = "/records/lookup", b"[]"
    signed = fields(town, "POST", path, body=body) | {"content-type": "application/json"}
    assert send(town, "POST", path, signed, b"[ ]").json()["type"].endswith("digest_wrong")
    assert send(town, "POST", path, signed, body).json() == []


def test_a_body_must_be_covered(town: Town) -> None:
    signed = fields(town, "POST", "/records/lookup") | {"content-type": "application/json"}
    answer = send(town, "POST", "/records/lookup", signed, b"[]")
    assert problem(answer) == (401, "signature_covers_too_little")
    assert answer.json()["component"] == "content-digest"


def test_a_signature_of_another_key_does_not_hold(town: Town) -> None:
    forged = Pen(PLATFORM.did, 1)
    assert problem(send(town, "GET", "/status", fields(town, "GET", "/status", forged))) == (401, "signature_wrong")


def test_a_key_that_is_not_on_record_is_unknown(town: Town) -> None:
    answer = send(town, "GET", "/status", fields(town, "GET", "/status", STRANGER))
    assert problem(answer) == (401, "key_unknown")
    assert answer.json()["key"] == STRANGER.kid


def test_a_request_signed_for_another_node_is_refused_here(town: Town) -> None:
    """Else a node that was handed a signed request could open a session elsewhere in its signer's name."""
    other = "http://other.example:1234"
    signed = fields(town, "POST", "/session", url=other)
    answer = send(town, "POST", "/session", signed | {"host": "other.example:1234"})
    assert problem(answer) == (401, "signature_for_another")
    assert problem(send(town, "POST", "/session", signed)) == (401, "signature_wrong")


@pytest.mark.parametrize("name", ["signature", "signature-input"])
def test_half_a_signature_is_refused(town: Town, name: str) -> None:
    signed = fields(town, "GET", "/status")
    del signed[name]
    assert problem(send(town, "GET", "/status", signed)) == (401, "signature_missing")


@pytest.mark.parametrize("value", ["", "sogdia", "sogdia=()", 'sogdia=("@method")', "((((", "a=1, b=2", "x" * 8_000])
def test_hostile_fields_are_refused_and_do_no_harm(town: Town, value: str) -> None:
    signed = fields(town, "GET", "/status") | {"signature-input": value}
    assert send(town, "GET", "/status", signed).status_code == 401


# --- keys and parties -----------------------------------------------------------------------------------------------


def test_a_retired_key_and_its_sessions_are_out_at_once(town: Town) -> None:
    second = Pen(SELLER.did, 2)
    new = NewKey(id=second.kid, public=second.key.public.hex())
    assert town.submit(Rotate(party=SELLER.did, add=(new,)), by=SELLER).accepted
    opened = session(town, second)
    assert is_known(town, opened)
    assert town.submit(Rotate(party=SELLER.did, retire=(second.kid,)), by=SELLER).accepted
    assert problem(send(town, "GET", "/status", opened)) == (401, "key_retired")
    assert problem(send(town, "GET", "/status", fields(town, "GET", "/status", second))) == (401, "key_retired")


def test_a_recovery_key_signs_no_requests(town: Town) -> None:
    recovery = Pen(CARRIER.did, 9)
    new = NewKey(id=recovery.kid, public=recovery.key.public.hex(), purpose="recover")
    assert town.submit(Rotate(party=CARRIER.did, add=(new,)), by=CARRIER).accepted
    assert problem(send(town, "GET", "/status", fields(town, "GET", "/status", recovery))) == (401, "key_purpose")


def test_a_suspended_party_is_out_at_once_and_in_again_when_reinstated(town: Town) -> None:
    opened = session(town, SUSPENDED)
    town.submit(Suspend(party=SUSPENDED.did, reason="licence expired", registrar=REGISTRAR.did), by=REGISTRAR)
    assert problem(send(town, "GET", "/status", opened)) == (403, "party_suspended")
    assert problem(send(town, "POST", "/session", fields(town, "POST", "/session", SUSPENDED))) == (
        403,
        "party_suspended",
    )
    town.submit(Reinstate(party=SUSPENDED.did, registrar=REGISTRAR.did), by=REGISTRAR)
    assert is_known(town, opened)


# --- sessions -------------------------------------------------------------------------------------------------------


def test_a_session_stands_in_for_signatures_until_it_is_closed(town: Town) -> None:
    opened = session(town)
    assert is_known(town, opened)
    assert is_known(town, opened)
    assert send(town, "DELETE", "/session", opened).status_code == 204
    assert problem(send(town, "GET", "/status", opened)) == (401, "session_unknown")


def test_a_session_is_opened_by_a_signature_only(town: Town) -> None:
    assert problem(send(town, "POST", "/session", {})) == (401, "signature_missing")
    assert problem(send(town, "POST", "/session", session(town))) == (401, "signature_missing")


@pytest.mark.parametrize("given", ["Bearer", "Bearer wrong", "Basic dTpw", "wrong"])
def test_a_token_that_is_none_is_refused_even_where_the_public_may_read(town: Town, given: str) -> None:
    answer = send(town, "GET", "/status", {"authorization": given})
    assert problem(answer) == (401, "session_unknown")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_answer_of_a_session_is_not_kept_by_caches(town: Town) -> None:
    answer = send(town, "POST", "/session", fields(town, "POST", "/session"))
    assert answer.headers["cache-control"] == "no-store"


# --- what is remembered ---------------------------------------------------------------------------------------------


class Clock:
    """Seconds that a test moves."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_session_ends_after_its_time() -> None:
    clock = Clock()
    sessions = Sessions(Limits(session_seconds=3_600), clock)
    token = sessions.open("key", "party") or ""
    clock.now += 3_599
    assert sessions.find(token) is not None
    clock.now += 1
    assert sessions.find(token) is None


def test_a_partys_oldest_session_makes_room_for_its_newest() -> None:
    sessions = Sessions(Limits(sessions_per_party=2), Clock())
    tokens = [sessions.open("key", "party") or "" for _ in range(3)]
    assert [sessions.find(token) is not None for token in tokens] == [False, True, True]


def test_sessions_have_a_limit_until_some_have_ended() -> None:
    clock = Clock()
    sessions = Sessions(Limits(sessions=2), clock)
    assert all(sessions.open("key", f"party {number}") for number in range(2))
    assert sessions.open("key", "another") is None
    clock.now += 3_601
    assert sessions.open("key", "another") is not None
    assert len(sessions) == 1


def test_a_token_does_not_stand_in_memory() -> None:
    sessions = Sessions(Limits(), Clock())
    token = sessions.open("key", "party") or ""
    assert len(token) >= 43
    assert token not in repr(vars(sessions))


def test_a_nonce_is_remembered_as_long_as_its_signature_is_good_and_no_longer() -> None:
    clock = Clock()
    nonces = Nonces(Limits(), clock)
    assert nonces.use("key", "n") == ""
    clock.now += 329
    assert nonces.use("key", "n") == "signature_replayed"
    assert nonces.use("other key", "n") == ""
    clock.now += 2
    assert nonces.use("key", "n") == ""


def test_one_key_cannot_fill_the_memory_of_nonces() -> None:
    clock = Clock()
    nonces = Nonces(Limits(nonces=5, nonces_per_key=3), clock)
    assert [nonces.use("key", str(number)) for number in range(4)] == ["", "", "", "too_many_signatures"]
    assert nonces.use("other", "0") == ""
    clock.now += 331
    assert nonces.use("key", "new") == ""


def test_the_memory_of_nonces_has_a_limit_in_all() -> None:
    nonces = Nonces(Limits(nonces=5), Clock())
    given = [nonces.use(f"key {number}", "n") for number in range(6)]
    assert given == [""] * 5 + ["too_many_signatures"]


def test_two_sessions_at_once_each_see_their_own(town: Town) -> None:
    one, two = session(town, PLATFORM), session(town, SUSPENDED)
    placed = town.placed()
    path = f"/records/orders.order?key={placed.platform}&key={placed.order}"
    assert send(town, "GET", path, one).status_code == 200
    assert send(town, "GET", path, two).status_code == 404
