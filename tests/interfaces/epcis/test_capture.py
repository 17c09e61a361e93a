"""Documents come in and become jobs; what is wrong with them is said by event, and nothing is captured twice."""

import json
from pathlib import Path

import pytest

from sogdia.interfaces.epcis.jobs import Job
from tests.interfaces.epcis.repository import (
    JSON,
    PLACE,
    XML,
    Repository,
    document,
    event,
    exception,
    master_data,
    serial,
)
from tests.interfaces.http.town import CARRIER, PLATFORM, SELLER, STRANGER
from tests.standards.epcis.xml_samples import OLD


def test_a_document_becomes_a_job_whose_events_can_be_found_when_it_is_done(repository: Repository) -> None:
    one, two = event(), event()
    answer = repository.capture(document(one, two))
    assert answer.status_code == 202
    job = repository.finished(answer)
    assert job["success"]
    assert not job["running"]
    assert job["captureErrorBehaviour"] == "rollback"
    assert job["errors"] == []
    assert job["captureID"] == answer.headers["location"].rpartition("/")[2]
    assert job["createdAt"] <= job["finishedAt"]
    for asked in (one, two):
        [found] = repository.found(f"/epcis/events?MATCH_epc={asked['epcList'][0]}")
        assert found["epcList"] == asked["epcList"]
        assert found["eventID"].startswith("urn:uuid:")
        assert found["recordTime"]


def test_an_event_is_on_record_as_it_was_sent_but_for_its_id(repository: Repository) -> None:
    asked = event(
        eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a01", epcList=["urn:epc:id:sgtin:0614141.112345.7"]
    )
    repository.captured(asked)
    record = repository.node.record("trace.event", PLATFORM.did, asked["eventID"], "")
    assert json.loads(record.text) == asked


@pytest.mark.parametrize("kind", [JSON, "application/ld+json", "application/json; charset=utf-8"])
def test_json_goes_by_both_of_its_names(repository: Repository, kind: str) -> None:
    assert repository.finished(repository.capture(document(event()), kind=kind))["success"]


def test_xml_of_version_1_2_is_captured(repository: Repository) -> None:
    job = repository.finished(repository.capture(OLD, kind=XML))
    assert job["success"], job


def test_a_query_document_is_captured_as_well(repository: Repository) -> None:
    asked = event()
    repository.captured(asked)
    answer = repository.get(f"/epcis/events?MATCH_epc={asked['epcList'][0]}")
    assert repository.finished(repository.capture(answer.content, SELLER), SELLER)["success"]


def test_with_rollback_one_bad_event_keeps_all_out_and_is_named(repository: Repository) -> None:
    good, bad = event(), event(eventTime="yesterday")
    answer = repository.capture(document(good, bad))
    assert exception(answer) == (400, "ValidationException")
    [error] = answer.json()["errors"]
    assert error["event"] == 2
    assert error["field"] == "eventTime"
    assert "2026-05-28T20:33:31.116Z" in error["detail"], "it says how to write it"
    assert repository.found(f"/epcis/events?MATCH_epc={good['epcList'][0]}") == []


def test_with_proceed_the_good_events_go_in_and_the_bad_ones_are_listed(repository: Repository) -> None:
    good, bad, again = (
        event(),
        event(eventTime="yesterday"),
        event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a02"),
    )
    repository.captured(again)
    job = repository.finished(repository.capture(document(bad, again, good), GS1_Capture_Error_Behaviour="proceed"))
    assert not job["success"]
    assert job["captureErrorBehaviour"] == "proceed"
    assert [(error["event"], error["type"]) for error in job["errors"]] == [
        (1, "epcisException:ValidationException"),
        (2, "epcisException:ResourceAlreadyExistsException"),
    ]
    assert len(repository.found(f"/epcis/events?MATCH_epc={good['epcList'][0]}")) == 1


def test_an_event_that_is_on_record_fails_a_job_that_is_all_or_nothing(repository: Repository) -> None:
    known, fresh = event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a03"), event()
    repository.captured(known)
    job = repository.finished(repository.capture(document(fresh, known)))
    assert not job["success"]
    assert job["errors"][0]["event"] == 2
    assert repository.found(f"/epcis/events?MATCH_epc={fresh['epcList'][0]}") == []


def test_two_events_of_a_document_with_one_id_are_told_apart(repository: Repository) -> None:
    twins = [event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a04") for _ in range(2)]
    answer = repository.capture(document(*twins))
    assert exception(answer) == (400, "ValidationException")
    assert "event 1" in answer.json()["errors"][0]["detail"]


def test_what_does_not_fit_into_one_transaction_is_one_job_of_several_and_counts_as_a_whole(
    repository: Repository,
) -> None:
    lot = serial()
    events = [
        event(epcList=[lot], **{"@context": {"ex": "https://ns.example.com/"}, "ex:number": n}) for n in range(2_500)
    ]
    job = repository.finished(repository.capture(document(*events)))
    assert job["success"]
    parts = repository.node.record("trace.job", PLATFORM.did, job["captureID"])
    assert parts.status == "complete"
    assert parts.of > 1
    assert exception(repository.get(f"/epcis/events?MATCH_epc={lot}&maxEventCount=2499")) == (
        413,
        "QueryTooLargeException",
    )
    assert len(repository.found(f"/epcis/events?MATCH_epc={lot}&maxEventCount=2500&perPage=1000")) == 1_000


def test_a_large_job_with_one_event_that_stands_already_is_withdrawn(repository: Repository) -> None:
    known = event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a05")
    repository.captured(known)
    lot = serial()
    events = [event(epcList=[lot]) for _ in range(2_500)]
    job = repository.finished(repository.capture(document(*events, known)))
    assert not job["success"]
    assert job["errors"][0]["event"] == 2_501
    assert repository.node.record("trace.job", PLATFORM.did, job["captureID"]).status == "withdrawn"
    assert repository.found(f"/epcis/events?MATCH_epc={lot}") == []
    assert repository.finished(repository.capture(document(*events)))["success"], "they can be captured again"


def test_master_data_come_on_record_with_the_events(repository: Repository) -> None:
    site = {"id": PLACE, "attributes": [{"id": "urn:epcglobal:cbv:mda#countryCode", "attribute": "CN"}]}
    empty = {"id": "https://id.gs1.org/414/9506000138619"}
    repository.finished(repository.capture(document(event(), epcisHeader=master_data(site, empty))))
    vocabulary = "urn:epcglobal:epcis:vtype:BusinessLocation"
    record = repository.node.record("trace.description", PLATFORM.did, vocabulary, PLACE)
    assert [(one.id, one.value) for one in record.attributes] == [("urn:epcglobal:cbv:mda#countryCode", "CN")]
    assert repository.node.record("trace.description", PLATFORM.did, vocabulary, empty["id"]) is None


def test_a_party_captures_through_the_one_that_it_let(repository: Repository) -> None:
    asked = event(eventID="urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a06")
    repository.captured(asked, by=SELLER)
    assert repository.node.record("trace.event", SELLER.did, asked["eventID"], "") is not None
    assert repository.found(f"/epcis/events?EQ_eventID={asked['eventID']}", SELLER)
    assert repository.found(f"/epcis/events?EQ_eventID={asked['eventID']}", CARRIER) == []


def test_a_party_that_let_nobody_is_told_how(repository: Repository) -> None:
    answer = repository.capture(document(event()), CARRIER)
    assert exception(answer) == (403, "SecurityException")
    assert f"sogdia identity delegate --principal {CARRIER.did} --agent {PLATFORM.did}" in answer.json()["detail"]


def test_events_are_shared_with_whom_the_request_names(repository: Repository) -> None:
    shared, open_one = event(), event()
    repository.captured(shared, Sogdia_Shared_With=CARRIER.did)
    repository.captured(open_one, Sogdia_Audience="everyone")
    assert len(repository.found(f"/epcis/events?MATCH_epc={shared['epcList'][0]}", CARRIER)) == 1
    assert repository.found(f"/epcis/events?MATCH_epc={shared['epcList'][0]}", None) == []
    assert len(repository.found(f"/epcis/events?MATCH_epc={open_one['epcList'][0]}", None)) == 1
    assert exception(repository.capture(document(event()), Sogdia_Shared_With=STRANGER.did))[0] == 400
    assert exception(repository.capture(document(event()), Sogdia_Audience="some"))[0] == 400


def test_a_job_is_shown_to_its_party_alone(repository: Repository) -> None:
    answer = repository.capture(document(event()))
    repository.finished(answer)
    assert exception(repository.get(answer.headers["location"], SELLER)) == (404, "NoSuchResourceException")
    assert exception(repository.get(answer.headers["location"], None)) == (401, "SecurityException")


def test_jobs_are_listed_page_by_page_the_newest_first(repository: Repository) -> None:
    made = [repository.capture(document(event())) for _ in range(3)]
    names = [repository.finished(one)["captureID"] for one in made]
    first = repository.get("/epcis/capture?perPage=2")
    assert [one["captureID"] for one in first.json()] == names[:0:-1]
    assert first.headers["gs1-next-page-token-expires"]
    following = repository.get(first.links["next"]["url"])
    assert following.json()[0]["captureID"] == names[0]


def test_one_event_is_captured_at_once_and_leads_to_itself(repository: Repository) -> None:
    asked = {"@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", **event()}
    answer = repository.call("POST", "/epcis/events", PLATFORM, json.dumps(asked).encode(), JSON)
    assert answer.status_code == 201
    assert answer.json()["eventID"].startswith("urn:uuid:")
    repository.mirrored()
    [found] = repository.found(answer.headers["location"])
    assert found["epcList"] == asked["epcList"]
    again = repository.call("POST", "/epcis/events", PLATFORM, answer.content, JSON)
    assert exception(again) == (409, "ResourceAlreadyExistsException")


def test_a_document_of_several_events_is_no_single_event(repository: Repository) -> None:
    one, two = event(), event()
    answer = repository.call("POST", "/epcis/events", PLATFORM, document(one, two), JSON)
    assert exception(answer) == (400, "ValidationException")
    assert repository.found(f"/epcis/events?MATCH_epc={one['epcList'][0]}") == []


@pytest.mark.parametrize(
    "content, kind, expected",
    [
        (b"<a/>", XML, (400, "ValidationException")),
        (b"{", JSON, (400, "ValidationException")),
        (b"[]", JSON, (400, "ValidationException")),
        (b"", JSON, (400, "ValidationException")),
        (b"\xff\xfe", JSON, (400, "ValidationException")),
        (b"{}", "text/csv", (415, "UnsupportedMediaTypeException")),
        (b"{}", "", (415, "UnsupportedMediaTypeException")),
        (document(*[event(epcList=[PLACE])] * 6_001), JSON, (413, "CaptureLimitExceededException")),
        (b" " * 4_000_001, JSON, (413, "CaptureLimitExceededException")),
        (b"[" * 100_000, JSON, (400, "ValidationException")),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_in_the_standards_terms(
    repository: Repository, content: bytes, kind: str, expected: tuple[int, str]
) -> None:
    answer = repository.capture(content, kind=kind)
    assert exception(answer) == expected
    if expected[0] == 413:
        assert answer.headers["gs1-epcis-capture-limit"] == "6000"
        assert answer.headers["gs1-epcis-capture-file-size-limit"] == "4000000"


@pytest.mark.parametrize(
    "header, said, status",
    [
        ("GS1_EPCIS_Version", "3.0", 406),
        ("GS1_EPCIS_Version", "1.2", 202),
        ("GS1_CBV_Version", "9", 406),
        ("GS1_CBV_Version", "new", 406),
        ("GS1_Capture_Error_Behaviour", "ignore", 400),
    ],
)
def test_headers_that_this_node_cannot_follow_are_refused(
    repository: Repository, header: str, said: str, status: int
) -> None:
    assert repository.capture(document(event()), **{header: said}).status_code == status


def test_a_node_without_a_key_to_capture_with_says_how_it_gets_one(tmp_path: Path) -> None:
    with Repository(tmp_path, agent=None) as repository:
        answer = repository.capture(document(event()))
        assert exception(answer) == (501, "ImplementationException")
        assert "--capture-as" in answer.json()["detail"]


def test_a_party_may_have_so_many_jobs_running(tmp_path: Path) -> None:
    with Repository(tmp_path, jobs_per_party=1) as repository:
        now_ms = 1_780_000_000_000
        stuck = Job(id="stuck", party=PLATFORM.did, behaviour="rollback", created_ms=now_ms)
        part = repository.station.jobs
        repository.station.capturing.stop()
        part.put(stuck, (), 30)
        answer = repository.capture(document(event()))
        assert exception(answer) == (429, "SecurityException")
        assert answer.headers["retry-after"] == "1"
