"""The server: where it listens, what it logs, and how long it waits for a header."""

import json
import logging
import re
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


@pytest.mark.parametrize("begun", [b"", b"GET /status HT", b"GET /checkpoint HTTP/1.1\r\nHost: x\r\n\r\nGET /sta"])
def test_a_header_that_does_not_come_ends_the_connection(
    second: Town, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.1)
    made, address, thread = running(second)
    host, port = address.removeprefix("http://").split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=10) as wire:
            wire.sendall(begun)
            while wire.recv(65_536):
                pass
    finally:
        stop(made, thread)


def test_a_slow_answer_is_not_taken_for_a_slow_header(second: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.05)
    slow = second.node.checkpoint
    monkeypatch.setattr(second.node, "checkpoint", lambda: time.sleep(0.3) or slow())
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


def test_what_the_interface_says_is_in_both_catalogues() -> None:
    """Every name of a problem in the code has words, and every word has a name."""
    import tomllib

    from sogdia.interfaces import http, words

    source = "".join(path.read_text() for path in Path(http.__file__).parent.glob("*.py"))
    from sogdia.client import request_signing

    source += Path(request_signing.__file__).read_text()
    folder = Path(words.__file__).parent
    english, chinese = (tomllib.loads((folder / f"http_{tongue}.toml").read_text()) for tongue in ("en", "zh"))
    assert {table: set(english[table]) for table in english} == {table: set(chinese[table]) for table in chinese}
    for table in english:
        for name in english[table]:
            fields = [set(re.findall(r"\{(\w+)", text[table][name])) for text in (english, chinese)]
            assert fields[0] == fields[1], name
    named = set(
        re.findall(r'(?:Problem\(\s*\d+, |busy\(|UnfitSignature\(|else |return |name: str = )"([a-z_]+)"', source)
    )
    missing = {name for name in named if name not in english["http"]} - {"feed"}
    assert not missing & {
        name for name in re.findall(r'(?:Problem\(\s*\d+, |busy\(|UnfitSignature\()"([a-z_]+)"', source)
    }
    assert {name for name in english["http"] if f'"{name}"' not in source} == set()


def test_every_status_of_a_problem_has_a_title() -> None:
    import tomllib

    from sogdia.interfaces import http, words

    source = "".join(path.read_text() for path in Path(http.__file__).parent.glob("*.py"))
    titles = tomllib.loads((Path(words.__file__).parent / "http_en.toml").read_text())["http_title"]
    assert set(re.findall(r"Problem\(\s*(\d{3}), ", source)) <= set(titles)
