"""Named queries are a party's own; subscriptions tell of what they find, at least once, signed, and nowhere else."""

import hmac
import json
import time
from hashlib import sha256
from typing import Any

import httpx
import pytest

from sogdia.interfaces.epcis.destinations import require_fit
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.settings import Settings
from tests.interfaces.epcis.repository import JSON, Listener, Repository, event, exception, serial
from tests.interfaces.http.town import PLATFORM, SELLER, Caller

SECRET = "13df38d8275b13f05704629e5f1cf3d45d6132d5"


def named(repository: Repository, name: str, by: Caller = PLATFORM, **query: Any) -> httpx.Response:
    body = json.dumps({"name": name, "query": query}).encode()
    return repository.call("POST", "/epcis/queries", by, body, JSON)


def subscribed(repository: Repository, name: str, by: Caller = PLATFORM, **wish: Any) -> httpx.Response:
    body = json.dumps(wish).encode()
    return repository.call("POST", f"/epcis/queries/{name}/subscriptions", by, body, JSON)


def test_a_query_is_kept_under_its_name_and_answers_like_its_parameters(repository: Repository) -> None:
    asked = event(bizStep="packing")
    repository.captured(asked)
    answer = named(repository, "my query", EQ_bizStep=["packing"], MATCH_epc=asked["epcList"])
    assert answer.status_code == 201
    assert answer.headers["location"] == "/epcis/queries/my%20query"
    kept = repository.get(answer.headers["location"]).json()
    assert kept["query"] == {"EQ_bizStep": ["packing"], "MATCH_epc": asked["epcList"]}
    found = repository.get(answer.headers["location"] + "/events").json()["epcisBody"]["queryResults"]
    assert found["queryName"] == "my query"
    assert len(found["resultsBody"]["eventList"]) == 1
    assert "my query" in [one["name"] for one in repository.get("/epcis/queries").json()]


def test_a_name_is_taken_once_by_each_party(repository: Repository) -> None:
    assert named(repository, "taken").status_code == 201
    assert exception(named(repository, "taken")) == (409, "ResourceAlreadyExistsException")
    assert named(repository, "taken", SELLER).status_code == 201
    assert exception(repository.get("/epcis/queries/other", SELLER)) == (404, "NoSuchNameException")


def test_a_query_that_is_forgotten_answers_no_more_and_its_subscriptions_end(repository: Repository) -> None:
    named(repository, "short")
    made = subscribed(repository, "short", dest="http://127.0.0.1:9/x", stream=True)
    assert made.status_code == 201, made.text
    assert repository.call("DELETE", "/epcis/queries/short", PLATFORM).status_code == 204
    assert exception(repository.get("/epcis/queries/short/events")) == (404, "NoSuchNameException")
    assert repository.station.notebook.rows("SELECT count(*) FROM subscription WHERE query = 'short'") == [(0,)]


@pytest.mark.parametrize(
    "body, expected",
    [
        (b'{"name": "x", "query": {"EQ_nothing": ["a"]}}', "QueryParameterException"),
        (b'{"name": "x", "query": 5}', "QueryValidationException"),
        (b'{"name": "", "query": {}}', "QueryValidationException"),
        (b'{"query": {}}', "QueryValidationException"),
        (b"[]", "ValidationException"),
        (b"{", "ValidationException"),
    ],
)
def test_a_query_that_is_wrong_is_refused_when_it_is_made(repository: Repository, body: bytes, expected: str) -> None:
    assert exception(repository.call("POST", "/epcis/queries", PLATFORM, body, JSON)) == (400, expected)


def test_the_public_has_no_queries(repository: Repository) -> None:
    assert exception(repository.get("/epcis/queries", None)) == (401, "SecurityException")


# --- subscriptions --------------------------------------------------------------------------------------------------


def test_a_stream_tells_each_new_event_once_signed_with_the_subscribers_token(repository: Repository) -> None:
    lot = serial()
    repository.captured(event(epcList=[lot]))
    named(repository, "stream", MATCH_epc=[lot])
    with Listener() as listener:
        made = subscribed(repository, "stream", dest=listener.url, signatureToken=SECRET, stream=True)
        assert made.status_code == 201
        assert "signatureToken" not in made.json(), "the secret is told to nobody"
        assert SECRET not in repository.get(made.headers["location"]).text
        repository.captured(event(epcList=[lot], bizStep="packing"))
        assert [one["bizStep"] for one in listener.heard(1)[0]] == ["packing"], "what came before is not new"
        repository.captured(event(epcList=[lot], bizStep="shipping"))
        assert [one["bizStep"] for one in listener.heard(2)[1]] == ["shipping"]
        headers, body = listener.calls[0]
        assert headers["gs1-signature"] == "sha256=" + hmac.new(SECRET.encode(), body, sha256).hexdigest()
        assert json.loads(body)["epcisBody"]["queryResults"]["subscriptionID"] == made.json()["subscriptionID"]
        shown = repository.get(made.headers["location"])
        assert shown.json()["lastNotifiedAt"]
        assert shown.headers["gs1-query-min-record-time"] == shown.json()["minRecordTime"]
        with Listener() as witness:
            other = subscribed(repository, "stream", dest=witness.url, stream=True)
            assert repository.call("DELETE", made.headers["location"], PLATFORM).status_code == 204
            repository.captured(event(epcList=[lot]))
            witness.heard(1)
            repository.call("DELETE", other.headers["location"], PLATFORM)
        assert len(listener.calls) == 2, "who ended its subscription hears no more"


def test_what_a_subscriber_did_not_take_is_sent_again_and_nothing_twice_after(repository: Repository) -> None:
    lot = serial()
    named(repository, "stubborn", MATCH_epc=[lot])
    with Listener(lambda number: 503 if number < 3 else 200) as listener:
        made = subscribed(repository, "stubborn", dest=listener.url, stream=True)
        repository.captured(event(epcList=[lot]))
        heard = listener.heard(3)
        assert heard[0] == heard[1] == heard[2]
        repository.captured(event(epcList=[lot], bizStep="shipping"))
        assert [one["bizStep"] for one in listener.heard(4)[3]] == ["shipping"]
        repository.call("DELETE", made.headers["location"], PLATFORM)


def test_a_subscriber_for_whom_it_is_too_much_gets_it_in_smaller_parts(repository: Repository) -> None:
    lot = serial()
    named(repository, "small", MATCH_epc=[lot])
    with Listener(lambda number: 413 if number == 1 else 200) as listener:
        made = subscribed(repository, "small", dest=listener.url, stream=True)
        repository.captured(*[event(epcList=[lot]) for _ in range(300)])
        sizes = [len(one) for one in listener.heard(3)]
        assert sizes[0] == 300
        assert sizes[1:3] == [250, 50]
        repository.call("DELETE", made.headers["location"], PLATFORM)


def test_a_schedule_tells_at_its_time_also_when_there_is_nothing_if_that_was_asked(repository: Repository) -> None:
    lot = serial()
    named(repository, "clock", MATCH_epc=[lot])
    with Listener() as listener:
        schedule = {"second": "[0-59]"}
        made = subscribed(repository, "clock", dest=listener.url, schedule=schedule, reportIfEmpty=True)
        assert made.json()["schedule"] == schedule
        assert listener.heard(2)[0] == []
        repository.captured(event(epcList=[lot]))
        until = time.monotonic() + 10
        while not any(listener.heard(1)) and time.monotonic() < until:
            time.sleep(0.1)
        assert sum(map(len, listener.heard(1))) == 1
        repository.call("DELETE", made.headers["location"], PLATFORM)


def test_a_record_time_to_begin_with_brings_what_is_on_record_already(repository: Repository) -> None:
    lot = serial()
    repository.captured(event(epcList=[lot]))
    named(repository, "past", MATCH_epc=[lot])
    with Listener() as listener:
        since = "2020-04-04T20:33:31.116-06:00"
        made = subscribed(repository, "past", dest=listener.url, stream=True, initialRecordTime=since)
        assert made.json()["initialRecordTime"] == "2020-04-05T02:33:31.116Z"
        assert len(listener.heard(1)[0]) == 1
        repository.call("DELETE", made.headers["location"], PLATFORM)


def test_a_subscriber_hears_only_what_its_party_may_read(repository: Repository) -> None:
    lot = serial()
    named(repository, "theirs", SELLER, MATCH_epc=[lot])
    with Listener() as listener:
        made = subscribed(repository, "theirs", SELLER, dest=listener.url, stream=True)
        repository.captured(event(epcList=[lot]))
        repository.captured(event(epcList=[lot], bizStep="shipping"), Sogdia_Shared_With=SELLER.did)
        assert [one["bizStep"] for one in listener.heard(1)[0]] == ["shipping"]
        repository.call("DELETE", made.headers["location"], SELLER)


def test_subscriptions_are_listed_with_their_query(repository: Repository) -> None:
    named(repository, "listed")
    made = [
        subscribed(repository, "listed", dest="http://127.0.0.1:9/x", schedule={"hour": str(n)}).json()[
            "subscriptionID"
        ]
        for n in range(3)
    ]
    first = repository.get("/epcis/queries/listed/subscriptions?perPage=2")
    assert [one["subscriptionID"] for one in first.json()] == made[:2]
    assert [one["subscriptionID"] for one in repository.get(first.links["next"]["url"]).json()] == made[2:]
    assert repository.get("/epcis/queries/listed/subscriptions/none").status_code == 404


@pytest.mark.parametrize(
    "wish",
    [
        {"dest": "http://127.0.0.1:9/x"},
        {"dest": "http://127.0.0.1:9/x", "stream": True, "schedule": {"hour": "1"}},
        {"dest": "http://127.0.0.1:9/x", "schedule": {"hour": "25"}},
        {"dest": "http://127.0.0.1:9/x", "schedule": {}},
        {"dest": "http://127.0.0.1:9/x", "schedule": "daily"},
        {"dest": "http://127.0.0.1:9/x", "stream": "yes"},
        {"dest": "http://127.0.0.1:9/x", "stream": True, "signatureToken": 5},
        {"dest": "http://127.0.0.1:9/x", "stream": True, "initialRecordTime": "yesterday"},
        {"dest": "http://127.0.0.1:9/x", "stream": True, "extra": 1},
        {"dest": "http://10.0.0.1/x", "stream": True},
        {"stream": True},
    ],
)
def test_a_subscription_that_is_wrong_is_refused(repository: Repository, wish: dict[str, Any]) -> None:
    named(repository, "wrong")
    assert exception(subscribed(repository, "wrong", **wish)) == (400, "SubscriptionControlsException")


@pytest.mark.parametrize(
    "dest",
    [
        "http://example.com/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.0.1/",
        "https://0.0.0.0/",
        "https://user:secret@example.com/",
        "https:///hook",
        "ftp://example.com/",
        "https://example.com:0/",
        "file:///etc/passwd",
    ],
)
def test_webhooks_go_to_public_hosts_by_tls_alone(dest: str) -> None:
    with pytest.raises(EpcisProblem):
        require_fit(dest, Settings())


def test_an_operator_may_allow_private_addresses() -> None:
    assert require_fit("https://10.1.2.3/hook", Settings(destinations_private=True))
    assert require_fit("https://example.com/hook", Settings())
    with pytest.raises(EpcisProblem):
        require_fit("http://10.1.2.3/hook", Settings(destinations_private=True))
