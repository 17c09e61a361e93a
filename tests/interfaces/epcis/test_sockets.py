"""Named queries over WebSockets: what is new is told once, to whom may read it, and to nobody without bounds."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

from sogdia import app
from sogdia.domains.identity.messages import Suspend
from sogdia.interfaces.epcis import api_keys
from sogdia.interfaces.http import websocket
from tests.interfaces.epcis.repository import JSON, Repository, event, serial
from tests.interfaces.epcis.socket_client import SocketClient
from tests.interfaces.http.town import CARRIER, PLATFORM, REGISTRAR, SELLER, Caller

STREAM = "stream=true"


def named(repository: Repository, name: str, by: Caller = PLATFORM, **query: Any) -> str:
    """A query is kept; gives the place of its events."""
    body = json.dumps({"name": name, "query": query}).encode()
    answer = repository.call("POST", "/epcis/queries", by, body, JSON)
    assert answer.status_code == 201, answer.text
    return f"{answer.headers['location']}/events"


def listening(
    repository: Repository, place: str, asked: str = STREAM, by: Caller | None = PLATFORM, **headers: str
) -> SocketClient:
    return SocketClient(repository.url, f"{place}?{asked}", by, **headers)


def key(repository: Repository, by: Caller = PLATFORM) -> tuple[str, str]:
    """An API key: its number and its token."""
    now_ms = app.milliseconds()
    made, token = api_keys.new(repository.station.notebook, by.did, "erp", ["query"], now_ms, now_ms + 3_600_000)
    return made.id, f"Bearer {token}"


def steps(found: list[dict[str, Any]]) -> list[str]:
    return [one["bizStep"] for one in found]


def test_a_stream_tells_each_new_event_that_the_query_finds(repository: Repository) -> None:
    lot = serial()
    repository.captured(event(epcList=[lot]))
    place = named(repository, "a stream", MATCH_epc=[lot])
    with listening(repository, place) as client:
        assert client.status == 101
        assert client.headers["gs1-epcis-version"] == "2.0.0"
        assert client.headers["gs1-query-min-record-time"].endswith("Z")
        repository.captured(event(), event(epcList=[lot], bizStep="packing"))
        document = client.document()
        assert document["type"] == "EPCISQueryDocument"
        results = document["epcisBody"]["queryResults"]
        assert results["queryName"] == "a stream"
        assert steps(results["resultsBody"]["eventList"]) == ["packing"], "what came before is not new"
        repository.captured(event(epcList=[lot], bizStep="shipping"))
        assert steps(client.events()) == ["shipping"]
        client.ping()
        client.leave()
        assert client.ended()[0] == 1000


def test_a_record_time_to_begin_with_brings_what_is_there_in_parts_of_the_size_that_is_asked(
    repository: Repository,
) -> None:
    lot = serial()
    repository.captured(*[event(epcList=[lot]) for _ in range(5)])
    place = named(repository, "from the past", MATCH_epc=[lot])
    asked = f"{STREAM}&perPage=2&initialRecordTime={quote('2020-04-04T20:33:31.116-06:00')}"
    with listening(repository, place, asked) as client:
        assert client.headers["gs1-query-min-record-time"] == "2020-04-05T02:33:31.116Z"
        assert [len(client.events()) for _ in range(3)] == [2, 2, 1]


def test_a_schedule_tells_at_its_time_also_when_there_is_nothing_if_that_was_asked(repository: Repository) -> None:
    lot = serial()
    place = named(repository, "by the clock", MATCH_epc=[lot])
    with listening(repository, place, f"second={quote('[0-59]')}&reportIfEmpty=true") as client:
        assert client.events() == []
        repository.captured(event(epcList=[lot]))
        heard = [client.events() for _ in range(3)]
        assert sorted(map(len, heard)) == [0, 0, 1]


def test_who_listens_hears_only_what_its_party_may_read(repository: Repository) -> None:
    lot = serial()
    place = named(repository, "theirs alone", SELLER, MATCH_epc=[lot])
    with listening(repository, place, by=SELLER) as client:
        repository.captured(event(epcList=[lot]))
        repository.captured(event(epcList=[lot], bizStep="shipping"), Sogdia_Shared_With=SELLER.did)
        assert steps(client.events()) == ["shipping"]


def test_identifiers_and_words_come_in_the_form_that_was_asked_for(repository: Repository) -> None:
    urn = "urn:epc:id:sgtin:9506000.013435.WS1"
    repository.station.prefixes.tell("9506000")
    place = named(repository, "in xml", MATCH_epc=[urn])
    forms = {"gs1_epc_format": "Always_EPC_URN", "gs1_cbv_xml_format": "Always_Web_URI", "accept": "application/xml"}
    with listening(repository, place, **forms) as client:
        repository.captured(event(epcList=["https://id.gs1.org/01/09506000134352/21/WS1"]))
        with pytest.raises(json.JSONDecodeError) as said:
            client.document()
    assert f"<epc>{urn}</epc>" in said.value.doc
    assert "https://ref.gs1.org/cbv/BizStep-commissioning" in said.value.doc


@pytest.mark.parametrize(
    "asked, expected",
    [
        ("", "SubscriptionControlsException"),
        ("stream=yes", "SubscriptionControlsException"),
        ("stream=true&stream=true", "SubscriptionControlsException"),
        ("stream=true&hour=1", "SubscriptionControlsException"),
        ("hour=25", "SubscriptionControlsException"),
        ("stream=true&EQ_bizStep=shipping", "SubscriptionControlsException"),
        ("stream=true&initialRecordTime=yesterday", "SubscriptionControlsException"),
        ("stream=true&perPage=0", "QueryParameterException"),
    ],
)
def test_a_socket_that_is_asked_for_wrongly_is_refused_in_words(
    repository: Repository, asked: str, expected: str
) -> None:
    place = "/epcis/queries/asked%20wrongly/events"
    if repository.get(place).status_code == 404:
        named(repository, "asked wrongly")
    with listening(repository, place, asked) as client:
        assert client.problem() == (400, expected)


def test_nobody_listens_to_what_is_not_its_own(repository: Repository) -> None:
    place = named(repository, "not yours")
    for by, expected in ((SELLER, (404, "NoSuchNameException")), (None, (401, "SecurityException"))):
        with listening(repository, place, by=by) as client:
            assert client.problem() == expected
    with listening(repository, place, by=None, authorization="Bearer sogdia_made-up") as client:
        assert client.problem() == (401, "SecurityException")
        assert client.headers["www-authenticate"].startswith("Bearer")


def test_a_signed_request_opens_one_socket_and_no_second_one(repository: Repository) -> None:
    place = named(repository, "once")
    with listening(repository, place) as client:
        sent = client.asked
    with SocketClient(repository.url, f"{place}?{STREAM}", None, **sent) as again:
        assert again.problem() == (401, "SecurityException")


def test_elsewhere_the_wish_for_a_socket_is_passed_over(repository: Repository) -> None:
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    fields = upgrade | {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for path in ("/status", "/epcis", "/epcis/events"):
        answer = httpx.get(repository.url + path, headers=fields, trust_env=False)
        assert answer.status_code == 200, path
    posted = httpx.post(repository.url + "/epcis/queries/x/events", headers=fields, trust_env=False)
    assert posted.status_code == 405
    with listening(repository, "/epcis/queries/x") as client:
        assert client.problem() == (404, "NoSuchResourceException")
    assert repository.get("/epcis/events?perPage=1").status_code == 200


def test_a_handshake_that_is_none_is_refused(repository: Repository) -> None:
    with socket.create_connection(("127.0.0.1", int(repository.url.rpartition(":")[2])), 10) as raw:
        raw.sendall(b"GET /epcis/queries/x/events HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n")
        raw.sendall(b"upgrade: websocket\r\n\r\n")
        assert raw.recv(1_000).startswith(b"HTTP/1.1 4")


# --- ends -----------------------------------------------------------------------------------------------------------


def test_who_speaks_where_only_listening_is_asked_is_let_go_of(repository: Repository) -> None:
    place = named(repository, "speaker")
    with listening(repository, place) as client:
        client.say("hello")
        assert client.ended()[0] == 1003
    with listening(repository, place) as client:
        client.say("x" * (websocket.MESSAGE_LIMIT_BYTES + 1))
        assert client.ended()[0] == 1009


def test_a_key_that_is_revoked_and_a_query_that_is_deleted_end_the_socket(repository: Repository) -> None:
    lot = serial()
    place, (number, token) = named(repository, "revoked", MATCH_epc=[lot]), key(repository)
    with listening(repository, place, by=None, authorization=token) as client:
        repository.captured(event(epcList=[lot]))
        assert len(client.events()) == 1
        assert api_keys.revoke(repository.station.notebook, number, app.milliseconds())
        repository.captured(event(epcList=[lot]))
        assert client.ended()[0] == 1008
    with listening(repository, place) as client:
        assert repository.call("DELETE", place.removesuffix("/events"), PLATFORM).status_code == 204
        repository.captured(event(epcList=[lot]))
        assert client.ended() == (1008, "the query was deleted")


def test_a_party_that_is_suspended_hears_no_more(repository: Repository) -> None:
    lot = serial()
    place = named(repository, "suspended", CARRIER, MATCH_epc=[lot])
    with listening(repository, place, by=CARRIER) as client:
        repository.submit(Suspend(party=CARRIER.did, registrar=REGISTRAR.did, reason="test"), by=REGISTRAR)
        repository.captured(event(epcList=[lot]), Sogdia_Audience="everyone")
        assert client.ended()[0] == 1008


def test_a_party_may_keep_so_many_sockets_open(repository: Repository) -> None:
    place, most = named(repository, "many", SELLER), repository.station.desk.limits.streams_per_party
    opened = [listening(repository, place, by=SELLER) for _ in range(most)]
    try:
        assert {one.status for one in opened} == {101}
        with listening(repository, place, by=SELLER) as client:
            assert client.problem() == (429, "SecurityException")
    finally:
        for one in opened:
            one.leave()
            one.ended()
            one.socket.close()
    until = time.monotonic() + 10
    while repository.station.desk.listening[SELLER.did] and time.monotonic() < until:
        time.sleep(0.02)
    with listening(repository, place, by=SELLER) as client:
        assert client.status == 101, "who leaves makes room"


def test_beyond_the_nodes_connections_a_socket_is_answered_as_http(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = named(repository, "crowded out")
    monkeypatch.setattr(repository.server.config, "limit_concurrency", 1)
    with listening(repository, place) as client:
        assert client.status == 503


def test_a_socket_opened_by_a_signed_request_ends_as_streams_do_for_keys_may_be_retired(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = named(repository, "for a time")
    desk = repository.station.desk
    monkeypatch.setattr(desk, "limits", msgspec.structs.replace(desk.limits, stream_seconds=0.0))
    with listening(repository, place) as client:
        assert client.ended()[0] == 1008
    with listening(repository, place, by=None, authorization=key(repository)[1]) as client:
        assert client.status == 101
        client.leave()
        assert client.ended()[0] == 1000, "a token is looked at each time"


def test_who_does_not_read_is_let_go_of_and_told_why_and_costs_nobody_else(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket.BoundedSocket, "stall_seconds", 3.0)
    monkeypatch.setattr(websocket, "LINGER_SECONDS", 30.0)
    lot = serial()
    place = named(repository, "slow", MATCH_epc=[lot])
    bulky = {"@context": {"ex": "https://ns.example.com/"}, "ex:said": "x" * 30_000}
    with listening(repository, place) as slow, listening(repository, place) as quick:
        heard: list[int] = []
        reader = Thread(target=lambda: heard.extend(_heard(quick, 400)))
        reader.start()
        for _ in range(4):
            repository.captured(*[event(epcList=[lot], **bulky) for _ in range(100)])
        reader.join()
        assert sum(heard) == 400
        deadline = time.monotonic() + 20
        while repository.station.desk.listening[PLATFORM.did] > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert repository.station.desk.listening[PLATFORM.did] == 1
        code, reason = slow.ended()
        assert (code, "too slow" in reason) == (1008, True)


def _heard(client: SocketClient, events: int) -> Iterator[int]:
    """The sizes of the documents in which so many events come."""
    while events > 0:
        size = len(client.events())
        events -= size
        yield size


def test_the_sockets_of_a_node_that_stops_are_closed(tmp_path: Path) -> None:
    with Repository(tmp_path) as repository:
        client = listening(repository, named(repository, "until the end"))
        assert client.status == 101
    assert client.ended()[0] == 1012
    client.socket.close()
