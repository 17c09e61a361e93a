"""What the trace index knows is asked over HTTP, with the way to the proof of each event."""

from urllib.parse import quote

from tests.interfaces.epcis.repository import JSON, Repository, event, serial
from tests.interfaces.http.town import PLATFORM, SELLER

FLOUR, BREAD = "https://id.gs1.org/01/09506000134369/10/FLOUR1", "https://id.gs1.org/01/09506000134376/10/BREAD1"


def baked(repository: Repository) -> None:
    made = {
        "type": "TransformationEvent",
        "eventTime": "2026-06-01T10:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "inputQuantityList": [{"epcClass": FLOUR, "quantity": 10, "uom": "KGM"}],
        "outputQuantityList": [{"epcClass": BREAD, "quantity": 400}],
        "eventID": "urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0d01",
    }
    if repository.node.record("trace.event", PLATFORM.did, str(made["eventID"]), "") is None:
        repository.captured(made)


def test_the_history_of_a_thing_leads_to_proofs_that_a_stranger_can_check(repository: Repository) -> None:
    asked = event(epcList=[serial()])
    repository.captured(asked)
    found = repository.get(f"/trace/{quote(asked['epcList'][0], safe='')}/history").json()
    [passage] = found["passages"]
    assert passage["roles"] == ["epc"]
    assert passage["event"]["biz_step"] == "commissioning"
    evidence = repository.get(passage["event"]["evidence"])
    assert evidence.status_code == 200
    assert passage["event"]["event"] in evidence.text


def test_a_thing_is_traced_up_and_down(repository: Repository) -> None:
    baked(repository)
    up = repository.get(f"/trace/{quote(BREAD, safe='')}?direction=up").json()
    assert FLOUR in [one["uri"] for one in up["up"]["nodes"]]
    assert [one["kind"] for one in up["up"]["arrows"]] == ["made", "used"]
    both = repository.get(f"/trace/{quote(FLOUR, safe='')}").json()
    assert BREAD in [one["uri"] for one in both["down"]["nodes"]]
    assert both["up"]["arrows"] == []


def test_a_recall_names_everything_affected(repository: Repository) -> None:
    baked(repository)
    body = b'{"things": ["%s"]}' % FLOUR.encode()
    found = repository.call("POST", "/recall", PLATFORM, body, JSON).json()
    assert {one["thing"] for one in found["affected"]} >= {BREAD}
    assert found["confidence"]["is_cut"] is False


def test_who_may_not_read_an_event_learns_that_it_is_there_and_whose_it_is(repository: Repository) -> None:
    baked(repository)
    found = repository.get(f"/trace/{quote(FLOUR, safe='')}?direction=down", SELLER).json()["down"]
    hidden = [one for one in found["nodes"] if one["is_redacted"]]
    assert {one["party"] for one in hidden} == {PLATFORM.did}
    assert all("event" not in one["event"] for one in found["arrows"])


def test_what_is_asked_wrongly_is_said(repository: Repository) -> None:
    cases = {
        f"/trace/{quote(serial(), safe='')}": 404,
        f"/trace/{quote(FLOUR, safe='')}?direction=sideways": 400,
        f"/trace/{quote(FLOUR, safe='')}?depth=0": 400,
        f"/trace/{quote(FLOUR, safe='')}?colour=red": 400,
        f"/trace/{quote(FLOUR, safe='')}/history?since=yesterday": 400,
    }
    for path, status in cases.items():
        answer = repository.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), path
    for body in (b"{", b"[]", b'{"things": 5}', b'{"nothing": 1}'):
        assert repository.call("POST", "/recall", PLATFORM, body, JSON).status_code == 400
