"""What somebody tries who would know or spoil what is another party's: over EPCIS there is no way to it."""

import json
import time
from base64 import urlsafe_b64decode
from pathlib import Path
from threading import Event
from urllib.parse import quote

import pytest

from sogdia.interfaces.epcis.company_prefixes import CompanyPrefixes
from sogdia.interfaces.epcis.destinations import require_fit
from sogdia.interfaces.epcis.jobs import ERRORS_KEPT, ERRORS_LISTED
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.settings import Settings
from sogdia.standards.gs1.identifiers import translated
from tests.interfaces.epcis.repository import JSON, Listener, Repository, document, event, exception, serial
from tests.interfaces.epcis.test_named_queries import named, subscribed
from tests.interfaces.http.town import PLATFORM, SELLER

LINK = "https://id.gs1.org/01/09506000134352/21/6789"


def test_a_page_token_says_nothing_and_is_of_no_use_to_another_party(repository: Repository) -> None:
    lot = serial()
    repository.captured(*[event(epcList=[lot]) for _ in range(3)], Sogdia_Audience="everyone")
    path = f"/epcis/events?MATCH_epc={lot}&perPage=1"
    following = repository.get(path).links["next"]["url"]
    assert repository.get(following).status_code == 200
    for other in (SELLER, None):
        assert exception(repository.get(following, other)) == (400, "QueryParameterException")
    token = following.rpartition("nextPageToken=")[2]
    second = repository.get(path).links["next"]["url"].rpartition("nextPageToken=")[2]
    assert token != second, "it is sealed anew each time"
    seen = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert seen[:16] != urlsafe_b64decode(second + "=" * (-len(second) % 4))[:16]
    spoilt = ("B" if token[60] == "A" else "A").join((token[:60], token[61:]))
    for wrong in (spoilt, token[:-4], "é", "A" * 9_000):
        answer = repository.get(f"{path}&nextPageToken={quote(wrong)}")
        assert exception(answer) == (400, "QueryParameterException")


def test_a_hidden_event_and_one_that_is_not_there_answer_alike(repository: Repository) -> None:
    asked = event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0aa1")
    repository.captured(asked)
    for by in (SELLER, None):
        hidden = repository.get(f"/epcis/events/{asked['eventID']}", by)
        missing = repository.get("/epcis/events/urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0aa2", by)
        assert exception(hidden) == (404, "NoSuchResourceException")
        assert hidden.content == missing.content
        assert dict(hidden.headers, date="") == dict(missing.headers, date="")


def test_the_same_id_under_another_party_is_no_sign_of_it(repository: Repository) -> None:
    asked = event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0aa3")
    repository.captured(asked)
    for behaviour in ("rollback", "proceed"):
        mine = {**asked, "eventID": asked["eventID"] if behaviour == "rollback" else "urn:x:other"}
        repository.captured(mine, by=SELLER, GS1_Capture_Error_Behaviour=behaviour)


def test_a_query_and_its_subscriptions_are_nobody_elses(repository: Repository) -> None:
    named(repository, "mine")
    made = subscribed(repository, "mine", dest="http://127.0.0.1:9/x", schedule={"hour": "1"})
    place = made.headers["location"]
    named(repository, "mine", SELLER)
    for method in ("GET", "DELETE"):
        answer = repository.call(method, place, SELLER)
        assert exception(answer) == (404, "NoSuchResourceException")
    assert repository.get("/epcis/queries/mine/subscriptions", SELLER).json() == []
    assert repository.call("DELETE", "/epcis/queries/mine", SELLER).status_code == 204
    assert repository.get(place).status_code == 200


# --- webhooks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dest",
    [
        "https://[2002:7f00:1::1]/hook",
        "https://[2002:a00:1::]/hook",
        "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/hook",
        "https://[64:ff9b::7f00:1]/hook",
        "https://[::7f00:1]/hook",
        "https://[fec0::1]/hook",
        "https://[fd00::1]/hook",
        "https://100.64.0.1/hook",
        "https://exa\tmple.com/hook",
        "https://exa\0mple.com/hook",
        "https://example.com/a b",
        "https://example.com/\r\nx-header: 1",
        "https://exámple.com/",
    ],
)
def test_no_way_of_writing_an_address_leads_inside(dest: str) -> None:
    with pytest.raises(EpcisProblem):
        require_fit(dest, Settings())


def test_a_name_that_nobody_can_look_up_waits_longer_each_time(repository: Repository) -> None:
    lot = serial()
    named(repository, "nowhere", MATCH_epc=[lot])
    made = subscribed(repository, "nowhere", dest="https://a..b/hook", stream=True)
    assert made.status_code == 201, made.text
    repository.captured(event(epcList=[lot]))
    until, asked = time.monotonic() + 15, "SELECT failures, due_ms > created_ms FROM subscription WHERE id = ?"
    while time.monotonic() < until:
        [(failures, is_later)] = repository.station.notebook.rows(asked, made.json()["subscriptionID"])
        if failures:
            break
        time.sleep(0.05)
    assert (failures > 0, is_later) == (True, 1)
    repository.call("DELETE", made.headers["location"], PLATFORM)


def test_the_slow_servers_of_one_party_hold_up_nobody_else(repository: Repository) -> None:
    lot, go_on = serial(), Event()
    for by in (PLATFORM, SELLER):
        named(repository, "crowd", by, MATCH_epc=[lot])

    def slowly(_: int) -> int:
        go_on.wait(15)
        return 200

    with Listener(slowly) as slow, Listener() as quick:
        for _ in range(20):
            assert subscribed(repository, "crowd", dest=slow.url, stream=True).status_code == 201
        repository.captured(event(epcList=[lot]), Sogdia_Shared_With=SELLER.did)
        slow.heard(1)
        subscribed(repository, "crowd", SELLER, dest=quick.url, stream=True, initialRecordTime="2020-01-01T00:00:00Z")
        assert len(quick.heard(1, 10)[0]) == 1
        go_on.set()
        slow.heard(20)
        for by in (PLATFORM, SELLER):
            repository.call("DELETE", "/epcis/queries/crowd", by)


# --- what grows -----------------------------------------------------------------------------------------------------


def test_the_errors_of_a_job_that_are_kept_and_listed_are_bounded(repository: Repository) -> None:
    bad = [event(eventTime="yesterday") for _ in range(ERRORS_KEPT + 5)]
    answer = repository.capture(document(event(), *bad), GS1_Capture_Error_Behaviour="proceed")
    job = repository.finished(answer)
    assert len(job["errors"]) == ERRORS_KEPT + 1
    assert job["errors"][-1]["detail"] == "and more"
    listed = repository.get("/epcis/capture?perPage=1000").json()
    assert max(len(one["errors"]) for one in listed) == ERRORS_LISTED + 1
    assert len(listed) <= 100


def test_a_party_may_name_so_many_readers(repository: Repository) -> None:
    answer = repository.capture(document(event()), Sogdia_Shared_With=",".join(f"did:x:{n}" for n in range(2_000)))
    assert exception(answer) == (400, "ValidationException")


# --- what is learnt from others -------------------------------------------------------------------------------------


def test_a_company_prefix_on_which_urns_disagree_is_not_used_unless_the_operator_knows() -> None:
    prefixes = CompanyPrefixes(())
    prefixes.see("urn:epc:id:sgtin:9506000.013435.1")
    assert translated(LINK, "Always_EPC_URN", prefixes) == "urn:epc:id:sgtin:9506000.013435.6789"
    prefixes.see("urn:epc:id:sgtin:950600013.0435.1")
    assert translated(LINK, "Always_EPC_URN", prefixes) is None
    told = CompanyPrefixes(("9506000",))
    told.see("urn:epc:id:sgtin:950600013.0435.1")
    assert translated(LINK, "Always_EPC_URN", told) == "urn:epc:id:sgtin:9506000.013435.6789"


def test_what_was_learnt_is_known_after_a_start(tmp_path: Path) -> None:
    with Repository(tmp_path) as repository:
        repository.captured(event(epcList=["urn:epc:id:sgtin:9506000.013435.1"]))
        assert repository.station.notebook.rows("SELECT prefix FROM prefix") == [("9506000",)]


def test_a_body_that_is_no_text_is_refused_where_names_are_taken(repository: Repository) -> None:
    for body in (
        b'{"name": "\\ud800", "query": {}}',
        b'{"name": "a\\u0000b", "query": {}}',
        b'{"name": "' + b"x" * 201,
    ):
        assert repository.call("POST", "/epcis/queries", PLATFORM, body, JSON).status_code == 400
    named(repository, "plain")
    for secret in (5, "x" * 501, None):
        answer = subscribed(repository, "plain", dest="http://127.0.0.1:9/x", stream=True, signatureToken=secret)
        assert exception(answer) == (400, "SubscriptionControlsException")


def test_either_name_of_a_subscribers_secret_signs_what_is_sent(repository: Repository) -> None:
    lot = serial()
    named(repository, "either", MATCH_epc=[lot])
    with Listener() as listener:
        made = subscribed(repository, "either", dest=listener.url, stream=True, secret="a secret")
        repository.captured(event(epcList=[lot]))
        listener.heard(1)
        assert listener.calls[0][0]["gs1-signature"].startswith("sha256=")
        assert "a secret" not in json.dumps(repository.get(made.headers["location"]).json())
        repository.call("DELETE", made.headers["location"], PLATFORM)
