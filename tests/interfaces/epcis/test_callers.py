"""Clients that cannot sign call with a key of their party, for what it is made for, as often as is allowed."""

import json
from pathlib import Path

import httpx
import pytest

from sogdia import app
from sogdia.app.organisation import NetworkError
from sogdia.interfaces.epcis import api_keys
from sogdia.interfaces.epcis.api_keys import Scope
from sogdia.interfaces.epcis.settings import FILE, Settings
from sogdia.interfaces.http.settings_files import read_settings
from tests.interfaces.epcis.repository import JSON, Repository, document, event, exception
from tests.interfaces.http.town import PLATFORM, STRANGER, Caller


def token(repository: Repository, by: Caller = PLATFORM, *scopes: Scope, hours: int = 1) -> str:
    now_ms = app.milliseconds()
    until_ms = now_ms + hours * 3_600_000
    return api_keys.new(repository.station.notebook, by.did, "erp", scopes or api_keys.SCOPES, now_ms, until_ms)[1]


def call(repository: Repository, method: str, path: str, key: str, body: bytes = b"") -> httpx.Response:
    return repository.call(method, path, None, body, JSON if body else "", authorization=f"Bearer {key}")


def test_a_key_captures_and_asks_as_its_party(repository: Repository) -> None:
    key, asked = token(repository), event()
    answer = call(repository, "POST", "/epcis/capture", key, document(asked))
    job = repository.finished(answer)
    assert call(repository, "GET", f"/epcis/capture/{job['captureID']}", key).json()["success"]
    found = call(repository, "GET", f"/epcis/events?MATCH_epc={asked['epcList'][0]}", key).json()
    assert len(found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 1


def test_the_node_keeps_of_a_token_only_its_hash(repository: Repository) -> None:
    key = token(repository)
    raw = (repository.node.folder / "epcis.sqlite").read_bytes() + (
        repository.node.folder / "epcis.sqlite-wal"
    ).read_bytes()
    assert api_keys.digest(key) in raw
    assert key.encode() not in raw


@pytest.mark.parametrize(
    "scope, method, path", [("query", "POST", "/epcis/capture"), ("capture", "GET", "/epcis/events")]
)
def test_a_key_does_what_it_is_made_for_alone(repository: Repository, scope: Scope, method: str, path: str) -> None:
    body = document(event()) if method == "POST" else b""
    answer = call(repository, method, path, token(repository, PLATFORM, scope), body)
    assert exception(answer) == (403, "SecurityException")


def test_a_key_that_is_over_revoked_or_made_up_is_refused(repository: Repository) -> None:
    revoked = token(repository)
    found = api_keys.find(repository.station.notebook, revoked)
    assert found is not None
    assert api_keys.revoke(repository.station.notebook, found.id, app.milliseconds())
    for key in (revoked, token(repository, hours=-1), api_keys.TOKEN_BEGINS + "made-up"):
        answer = call(repository, "GET", "/epcis/events", key)
        assert exception(answer) == (401, "SecurityException")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_of_a_party_that_is_on_no_record_opens_nothing(repository: Repository) -> None:
    assert exception(call(repository, "GET", "/epcis/events", token(repository, STRANGER)))[0] == 403


def test_a_session_of_the_house_opens_this_too(repository: Repository) -> None:
    session = repository.call("POST", "/session", PLATFORM).json()["token"]
    assert call(repository, "GET", "/epcis/queries", session).status_code == 200
    assert exception(call(repository, "GET", "/epcis/queries", "nonsense")) == (401, "SecurityException")


def test_a_key_may_call_so_often_a_minute(tmp_path: Path) -> None:
    with Repository(tmp_path, requests_per_minute=3) as repository:
        key = token(repository)
        codes = [call(repository, "GET", "/epcis/events", key).status_code for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        assert call(repository, "GET", "/epcis/events", token(repository)).status_code == 200


def test_settings_that_are_wrong_stop_the_node_in_words(tmp_path: Path) -> None:
    (tmp_path / "epcis.json").write_text(json.dumps({"document_byte": 5}))
    with pytest.raises(NetworkError, match="document_byte"):
        read_settings(tmp_path / FILE, Settings)
    (tmp_path / "epcis.json").write_text(json.dumps({"audience": "all"}))
    with pytest.raises(NetworkError, match="audience"):
        read_settings(tmp_path / FILE, Settings)
