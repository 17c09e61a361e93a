"""A node that captures for its platform, events and documents for it, and somebody who listens for webhooks."""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any

import httpx

from sogdia import app
from sogdia.core.keys import EDDSA
from sogdia.domains.identity.messages import Delegate
from sogdia.interfaces.cli.keyrings import Pen
from sogdia.interfaces.epcis.signing import ACTIONS, Agent
from sogdia.interfaces.epcis.station import Station
from sogdia.standards.epcis.contexts import STANDARD_CONTEXT
from tests.interfaces.http.town import NETWORK, PLATFORM, SELLER, Caller, Town

JSON = "application/json"
XML = "application/xml"
SETTINGS: dict[str, Any] = {"document_bytes": 4_000_000, "document_events": 6_000, "destinations_loopback": True}
GTIN = "https://id.gs1.org/01/09506000134352"
PLACE = "https://id.gs1.org/414/9506000138602"
_serials = count(1)


def agent_of(caller: Caller) -> Agent:
    """The caller's key as the node would hold it."""
    return Agent(Pen(caller.kid, caller.did, caller.key, EDDSA), NETWORK.network)


def serial() -> str:
    """A new item."""
    return f"{GTIN}/21/S{next(_serials)}"


def event(**fields: Any) -> dict[str, Any]:
    """An item is commissioned; fields of None are left out."""
    made = {
        "type": "ObjectEvent",
        "eventTime": "2026-05-28T20:33:31.116Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "epcList": [serial()],
        "readPoint": {"id": PLACE},
        **fields,
    }
    return {name: value for name, value in made.items() if value is not None}


def document(*events: dict[str, Any], **fields: Any) -> bytes:
    """A document of these events."""
    made = {
        "@context": STANDARD_CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-05-28T20:34:00Z",
        **fields,
        "epcisBody": {"eventList": list(events)},
    }
    return json.dumps(made).encode()


def master_data(*elements: dict[str, Any]) -> dict[str, Any]:
    """A header with elements of one vocabulary."""
    vocabulary = {"type": "urn:epcglobal:epcis:vtype:BusinessLocation", "vocabularyElementList": list(elements)}
    return {"epcisMasterData": {"vocabularyList": [vocabulary]}}


def exception(answer: httpx.Response) -> tuple[int, str]:
    """Status and name of the standard's exception that an answer is."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["title"]
    assert said["detail"]
    return answer.status_code, said["type"].removeprefix("epcisException:")


class Repository(Town):
    """The node, with PLATFORM's key to capture with; SELLER has let PLATFORM capture for it."""

    def __init__(self, folder: Path, agent: Caller | None = PLATFORM, **settings: Any) -> None:
        (folder / "node").mkdir(parents=True)
        (folder / "node" / "epcis.json").write_text(json.dumps(SETTINGS | settings))
        super().__init__(folder)
        self.station: Station = self.server.application.state.epcis
        self.station.capturing.agent = agent_of(agent) if agent else None

    def __enter__(self) -> "Repository":
        super().__enter__()
        until_ms = app.milliseconds() + 3_600_000
        let = Delegate(principal=SELLER.did, agent=PLATFORM.did, actions=ACTIONS, until_ms=until_ms)
        assert self.submit(let, by=SELLER).accepted
        return self

    def capture(self, content: bytes, by: Caller = PLATFORM, kind: str = JSON, **headers: str) -> httpx.Response:
        """Send a document."""
        return self.call("POST", "/epcis/capture", by, content, kind, **headers)

    def finished(self, answer: httpx.Response, by: Caller = PLATFORM) -> dict[str, Any]:
        """The job that an answer names, once it is finished."""
        assert answer.status_code == 202, answer.text
        until = time.monotonic() + 30
        while time.monotonic() < until:
            job: dict[str, Any] = self.get(answer.headers["location"], by).json()
            if not job["running"]:
                return job
            time.sleep(0.02)
        raise AssertionError(f"the job still runs: {job}")

    def captured(self, *events: dict[str, Any], by: Caller = PLATFORM, **headers: str) -> None:
        """Put events on record and wait until they can be found."""
        job = self.finished(self.capture(document(*events), by, **headers), by)
        assert job["success"], job

    def get(self, path: str, by: Caller | None = PLATFORM, **headers: str) -> httpx.Response:
        """Ask."""
        return self.call("GET", path, by, **headers)

    def found(self, path: str, by: Caller | None = PLATFORM, **headers: str) -> list[dict[str, Any]]:
        """The events of an answer."""
        answer = self.get(path, by, **headers)
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        return events


class Listener:
    """A subscriber's server on a loopback port; `answers` gives the status of each call."""

    def __init__(self, answers: Callable[[int], int] = lambda number: 200) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                listener.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(answers(len(listener.calls)))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def heard(self, calls: int, seconds: float = 15) -> list[list[dict[str, Any]]]:
        """The events of each call, once there were so many."""
        until = time.monotonic() + seconds
        while len(self.calls) < calls and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.calls) >= calls, f"{len(self.calls)} calls, {calls} were awaited"
        return [
            json.loads(body)["epcisBody"]["queryResults"]["resultsBody"]["eventList"] for _, body in list(self.calls)
        ]
