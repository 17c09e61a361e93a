"""Whatever a caller makes grow has its limit, hostile bodies end in a problem, and errors are said in two languages."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from sogdia.core.transaction import ENVELOPE_LIMIT_BYTES
from sogdia.engines.embedded import Busy, EngineStopped
from sogdia.interfaces.http.desk import JSON, NDJSON
from sogdia.interfaces.http.limits import HEADER_LIMIT_BYTES, Limits
from sogdia.interfaces.http.transactions import JOSE
from tests.interfaces.http.town import PLATFORM, Town, envelope, order, problem, transaction

LIMITS = Limits(body_bytes=1_000_000, in_flight_bytes=1_500_000, lines=50, body_seconds=0.5, answer_seconds=0.5)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Town(tmp_path_factory.mktemp("town"), LIMITS) as made:
        yield made


def status_line(town: Town, sent: bytes) -> bytes:
    """The first line of what the server answers to these very bytes."""
    host, port = town.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(sent)
        return wire.recv(65_536).split(b"\r\n")[0]


def test_a_batch_has_a_limit_of_lines(town: Town) -> None:
    answer = town.call("POST", "/transactions", body=b"{}\n" * 51, kind=NDJSON)
    assert problem(answer) == (413, "too_many_lines")
    assert (answer.json()["lines"], answer.json()["limit"]) == (51, 50)


def test_a_body_has_a_limit_of_bytes(town: Town) -> None:
    assert problem(town.call("POST", "/transactions", body=b"x" * 1_000_001, kind=NDJSON)) == (413, "body_too_large")


def test_one_transaction_has_a_limit_of_its_own(town: Town) -> None:
    body = b" " * (ENVELOPE_LIMIT_BYTES + 1)
    assert problem(town.call("POST", "/transactions", body=body, kind=JOSE)) == (413, "body_too_large")


def test_a_body_without_a_length_has_the_same_limit(town: Town) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = b"POST /transactions HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
    head += b"Transfer-Encoding: chunked\r\n\r\n"
    assert b" 413 " in status_line(town, head + chunk * 16 + b"0\r\n\r\n")


def test_bodies_of_all_callers_share_one_room(town: Town) -> None:
    desk = town.server.application.state.desk
    desk._in_flight_bytes += 1_400_000
    try:
        answer = town.call("POST", "/transactions", body=b"x" * 200_000, kind=NDJSON)
    finally:
        desk._in_flight_bytes -= 1_400_000
    assert problem(answer) == (503, "busy")
    assert answer.headers["retry-after"] == "1"
    assert desk._in_flight_bytes == 0


def test_a_body_that_does_not_come_is_not_waited_for(town: Town) -> None:
    head = (
        b"POST /transactions HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100\r\n\r\n{"
    )
    assert b" 408 " in status_line(town, head)


def test_a_header_that_goes_on_and_on_is_refused(town: Town) -> None:
    head = b"GET /status HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * HEADER_LIMIT_BYTES
    assert b" 400 " in status_line(town, head)


def test_a_parameter_that_is_too_long_is_refused(town: Town) -> None:
    assert problem(town.call("GET", f"/records/orders.order?key={'x' * 1_001}&key=1")) == (400, "parameter_bad")


def test_an_engine_that_is_full_says_to_come_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(raws: Any) -> Any:
        raise Busy("50000 wait")

    monkeypatch.setattr(town.node, "submit_all", full)
    answer = town.call("POST", "/transactions", body=b"{}", kind=JOSE)
    assert problem(answer) == (503, "engine_busy")
    assert answer.headers["retry-after"] == "1"


def test_an_engine_that_stopped_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(raws: Any) -> Any:
        raise EngineStopped("a secret in the message")

    monkeypatch.setattr(town.node, "submit_all", stopped)
    answer = town.call("POST", "/transactions", body=b"{}", kind=JOSE)
    assert problem(answer) == (503, "engine_stopped")
    assert "secret" not in answer.text


def test_an_engine_that_stops_meanwhile_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopping(raws: Any) -> Any:
        future: Future[Any] = Future()
        future.set_exception(EngineStopped("it is closing"))
        return [future for _ in raws]

    monkeypatch.setattr(town.node, "submit_all", stopping)
    assert problem(town.call("POST", "/transactions", body=b"{}", kind=JOSE)) == (503, "engine_stopped")


def test_an_answer_that_does_not_come_is_not_waited_for(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(town.node, "submit_all", lambda raws: [Future() for _ in raws])
    assert problem(town.call("POST", "/transactions", body=b"{}", kind=JOSE)) == (503, "answer_late")


def test_a_mistake_of_ours_shows_no_value(town: Town, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def broken(*_: Any) -> Any:
        raise ValueError("Jeanne Martin")

    monkeypatch.setattr(town.node, "checkpoint", broken)
    answer = town.call("GET", "/checkpoint")
    assert problem(answer) == (500, "bug")
    assert "Jeanne" not in answer.text + caplog.text + str([record.__dict__ for record in caplog.records])
    assert [record.said["error"] for record in caplog.records if record.name == "sogdia.http"] == ["ValueError"]


@pytest.mark.parametrize(
    "path, kind",
    [
        ("/transactions", JOSE),
        ("/transactions", NDJSON),
        ("/records/lookup", JSON),
        ("/sealed", NDJSON),
        ("/messages/orders/place", JSON),
        ("/session", JSON),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"\x00" * 1_000,
        b"\xff\xfe{}",
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b'{"payload": "\\ud800", "signatures": []}',
        b"1e999999",
        b'"' + b"\\u0000" * 1_000 + b'"',
        json.dumps({"payload": "A" * 1_000, "signatures": [{"protected": "=", "signature": "="}] * 10}).encode(),
    ],
    ids=["nul", "no text", "deep list", "deep object", "surrogate", "number", "escapes", "signatures"],
)
def test_a_hostile_body_ends_in_a_plain_no(town: Town, path: str, kind: str, body: bytes) -> None:
    answer = town.call("POST", path, by=PLATFORM, body=body, kind=kind)
    assert answer.status_code in (200, 201, 400, 422)
    if answer.status_code == 200:
        assert all(json.loads(line)["code"] for line in answer.text.splitlines())
    assert town.submit(order(), by=PLATFORM).accepted


@pytest.mark.parametrize("path", ["/nothing", "/transactions/1/2", "/%00", "/..%2f..%2fetc", "/records"])
def test_an_unknown_route_is_a_problem_too(town: Town, path: str) -> None:
    answer = town.call("GET", path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem(answer) == (404, "no_route")


def test_a_wrong_method_names_the_right_ones(town: Town) -> None:
    answer = town.call("DELETE", "/transactions")
    assert problem(answer) == (405, "wrong_method")
    assert answer.headers["allow"] == "POST"


def test_problems_are_said_in_the_language_asked_for(town: Town) -> None:
    english, chinese = (town.call("GET", "/nothing", accept_language=tongue) for tongue in ("fr,en;q=0.5", "zh-TW"))
    assert english.headers["content-language"] == "en"
    assert chinese.headers["content-language"] == "zh"
    assert chinese.json()["title"] == "未找到"
    assert english.json()["type"] == chinese.json()["type"]


@pytest.mark.parametrize("path", ["/status", "/nothing", "/checkpoint", "/schema"])
def test_every_answer_has_the_security_fields(town: Town, path: str) -> None:
    headers = town.call("GET", path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_sealed_envelopes_have_a_limit_of_lines(town: Town) -> None:
    line = envelope(f"{PLATFORM.did}/1", PLATFORM)
    answer = town.call("POST", "/sealed", by=PLATFORM, body=b"\n".join([line] * 51), kind=NDJSON)
    assert problem(answer) == (413, "too_many_lines")


def test_a_full_batch_is_taken(town: Town) -> None:
    lines = [transaction(order(), by=PLATFORM) for _ in range(50)]
    answer = town.call("POST", "/transactions", body=b"\n".join(lines), kind=NDJSON)
    assert [json.loads(line)["code"] for line in answer.text.splitlines()] == [0] * 50
