"""The server: where it listens, what it logs, and how long it waits for a header."""

import json
import logging
import secrets
import socket
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from sogdia.client.http import HttpConnection
from sogdia.interfaces.http import server
from sogdia.interfaces.http.limits import Limits
from sogdia.interfaces.http.server import JsonLines, configure
from tests.interfaces.http.town import NETWORK, PLATFORM, Town


def running(town: Town, **given: Any) -> tuple[server.Server, str, Thread]:
    """A second server of the same node; its shelf is another folder's."""
    ready: list[str] = []
    made = configure(town.node, town.picture, on_ready=ready.append, **given)
    thread = Thread(target=made.run, daemon=True)
    thread.start()
    while not ready:
        assert thread.is_alive()
        time.sleep(0.005)
    return made, ready[0], thread


def stop(made: server.Server, thread: Thread) -> None:
    made.should_exit = True
    thread.join()


@pytest.fixture
def second(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(town.node, "folder", tmp_path)
    return town


def test_it_listens_on_the_loopback_interface_unless_told_otherwise(town: Town) -> None:
    assert town.url.startswith("http://127.0.0.1:")


def test_it_listens_on_a_unix_socket(second: Town, tmp_path: Path) -> None:
    made, address, thread = running(second, socket=tmp_path / "node.socket")
    try:
        assert address == str(tmp_path / "node.socket")
        with HttpConnection("http://localhost", NETWORK.network, PLATFORM, socket=address) as connection:
            assert connection.status()["mirror_height"] is not None
    finally:
        stop(made, thread)


def test_behind_a_proxy_it_goes_by_the_address_that_it_was_told(second: Town) -> None:
    from sogdia.client.request_signing import sign_request

    made, address, thread = running(second, urls=("https://node.example",))
    try:

        def signed_for(url: str) -> int:
            headers = sign_request("GET", f"{url}/status", b"", PLATFORM, int(time.time()), secrets.token_urlsafe(24))
            host = url.partition("://")[2]
            return httpx.get(f"{address}/status", headers=headers | {"host": host}, trust_env=False).status_code

        assert signed_for("https://node.example") == 200
        assert signed_for("https://other.example") == 401
        assert signed_for(address) == 401
    finally:
        stop(made, thread)


def test_more_connections_than_the_limit_are_told_to_come_again(second: Town) -> None:
    made, address, thread = running(second, limits=Limits(connections=2))
    host, port = address.removeprefix("http://").split(":")
    try:
        with socket.create_connection((host, int(port))), socket.create_connection((host, int(port))):
            while len(made.server_state.connections) < 2:
                time.sleep(0.005)
            assert httpx.get(f"{address}/checkpoint", trust_env=False).status_code == 503
    finally:
        stop(made, thread)


@pytest.mark.parametrize("begun", [b"", b"GET /status HT"])
@pytest.mark.parametrize("before", [b"", b"GET /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["first", "second"])
def test_a_header_that_does_not_come_ends_the_connection(
    second: Town, before: bytes, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.1)
    monkeypatch.setattr(server, "KEEP_ALIVE_SECONDS", 1)
    made, address, thread = running(second)
    host, port = address.removeprefix("http://").split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=10) as wire:
            if before:
                wire.sendall(before)
                assert wire.recv(65_536)
            wire.sendall(begun)
            while wire.recv(65_536):
                pass
    finally:
        stop(made, thread)


def test_the_rest_of_a_refused_body_is_not_waited_for(second: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.1)
    made, address, thread = running(second, limits=Limits(body_seconds=0.1))
    host, port = address.removeprefix("http://").split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=10) as wire:
            wire.sendall(b"POST /transactions HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n")
            wire.sendall(b"Content-Length: 1000\r\n\r\n{")
            assert b" 408 " in wire.recv(65_536)
            wire.sendall(b"{")
            while wire.recv(65_536):
                pass
    finally:
        stop(made, thread)


def test_a_slow_answer_is_not_taken_for_a_slow_header(second: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.05)
    quick = second.node.checkpoint

    def slow() -> str:
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            time.sleep(0.01)
        return quick()

    monkeypatch.setattr(second.node, "checkpoint", slow)
    made, address, thread = running(second)
    try:
        assert httpx.get(f"{address}/checkpoint", trust_env=False).status_code == 200
    finally:
        stop(made, thread)


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JsonLines().format(record))
    return found


def test_the_log_is_one_json_object_a_line() -> None:
    record = logging.LogRecord("sogdia.http", logging.WARNING, "", 0, "refused", (), None)
    record.said = {"why": "signature_wrong", "key": "did:bid:sgdt:ef#key-1"}
    found = line_of(record)
    assert (found["said"], found["why"], found["level"]) == ("refused", "signature_wrong", "warning")


def test_the_log_names_an_exception_and_keeps_its_message_to_itself() -> None:
    try:
        raise ValueError("Jeanne Martin")
    except ValueError:
        record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "%s failed", ("Jeanne",), sys.exc_info())
    found = line_of(record)
    assert found["error"] == "ValueError"
    assert "Jeanne" not in json.dumps(found)
