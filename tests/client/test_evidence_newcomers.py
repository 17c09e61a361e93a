"""Who applies for membership signs with a key that is on no record: it counts, for its party is named after it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sogdia.client.newcomers import newcomers_keys
from sogdia.core.codec import base64url, from_base64url
from sogdia.core.keys import key_id
from tests.client.newcomer_case import NewcomerCase, in_file
from tests.interfaces.http.town import STRANGER


@pytest.fixture
def case(tmp_path: Path) -> Iterator[NewcomerCase]:
    made = NewcomerCase(tmp_path / "node")
    yield made
    made.node.close()


def test_an_application_is_proved_by_the_key_that_its_party_is_named_after(case: NewcomerCase) -> None:
    assert in_file(case.raw, STRANGER.kid) == []
    assert case.fails(case.raw) == []


def test_it_still_is_when_the_key_came_on_record_later(case: NewcomerCase) -> None:
    raw = case.admitted()
    assert len(in_file(raw, STRANGER.kid)) <= 1
    assert case.fails(raw) == []


def test_taking_it_back_is_proved_by_the_same_key(case: NewcomerCase) -> None:
    assert case.fails(case.withdrawn()) == []


def test_what_was_refused_is_not_believed_to_be_the_newcomers(case: NewcomerCase) -> None:
    """A key that was retired could sign an old application anew; the rules refuse it, and so it proves nobody."""
    file = json.loads(case.raw)
    receipt = json.loads(file["transactions"][0]["receipt"])
    assert receipt["code"] == 0
    file["transactions"][0]["receipt"] = json.dumps({**receipt, "code": 1002}, separators=(",", ":"))
    assert f"no proof that {STRANGER.kid} is on record" in case.fails(json.dumps(file).encode())


@pytest.mark.parametrize("what", ["another key", "another name of the key", "another party", "no key", "not a list"])
def test_only_the_key_that_makes_the_identifier_is_brought(case: NewcomerCase, what: str) -> None:
    def change(organisation: dict[str, Any]) -> None:
        key = organisation["keys"][0]
        changes = {
            "another key": lambda: key.update(public="66" * 32),
            "another name of the key": lambda: key.update(id=key_id(STRANGER.did, 2)),
            "another party": lambda: key.update(id="did:bid:sgdt:efdPP4ympm36RxTYQJPber1PRKmLWZE#key-1"),
            "no key": lambda: organisation.update(keys=[]),
            "not a list": lambda: organisation.update(keys=7),
        }
        changes[what]()

    envelope = json.loads(json.loads(case.raw)["transactions"][0]["envelope"])
    payload = json.loads(from_base64url(envelope["payload"]))
    assert set(newcomers_keys([json.dumps(envelope)])) == {STRANGER.kid}
    change(payload["messages"][0]["organisation"])
    envelope["payload"] = base64url(json.dumps(payload).encode())
    assert STRANGER.kid not in newcomers_keys([json.dumps(envelope)])


@pytest.mark.parametrize("envelope", ["", "{}", '{"payload":"","signatures":[]}', "[" * 5_000])
def test_what_cannot_be_read_brings_no_key(envelope: str) -> None:
    assert newcomers_keys([envelope]) == {}
