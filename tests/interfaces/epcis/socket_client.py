"""The smallest client of a WebSocket: a socket and wsproto."""

import json
import secrets
import socket
import time
from collections import deque
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Message,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError

from sogdia.client.request_signing import sign_request
from tests.interfaces.http.town import Caller

WAIT_SECONDS = 20.0
Events = list[dict[str, Any]]


class SocketClient:
    """A connection that asks to become a WebSocket when it is opened; signed for itself when somebody makes it."""

    def __init__(self, url: str, target: str, by: Caller | None = None, **headers: str) -> None:
        parts = urlsplit(url)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if by is not None:
            fields |= sign_request("GET", url + target, b"", by, int(time.time()), secrets.token_urlsafe(24))
        self.socket = socket.create_connection((str(parts.hostname), int(parts.port or 80)), timeout=WAIT_SECONDS)
        self.closed: tuple[int, str] | None = None
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self._said: deque[str] = deque()
        self._text = ""
        self.asked = fields
        self._wire = WSConnection(ConnectionType.CLIENT)
        asked = [(name.encode(), value.encode()) for name, value in fields.items()]
        self.socket.sendall(self._wire.send(Request(host=parts.netloc, target=target, extra_headers=asked)))
        while not self.status and self._read():
            pass

    def __enter__(self) -> "SocketClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.socket.close()

    def document(self) -> dict[str, Any]:
        """The next document."""
        while not self._said and self._read():
            pass
        assert self._said, f"the node said no more: {self.closed or self.status}"
        found: dict[str, Any] = json.loads(self._said.popleft())
        return found

    def events(self) -> Events:
        """The events of the next document."""
        found: Events = self.document()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        return found

    def ended(self) -> tuple[int, str]:
        """Code and reason of the end, which is awaited."""
        while self.closed is None and self._read():
            pass
        assert self.closed is not None, "the connection ended without a word"
        return self.closed

    def say(self, text: str) -> None:
        """Send a message."""
        self.socket.sendall(self._wire.send(Message(data=text)))

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.socket.sendall(self._wire.send(Ping()))

    def leave(self) -> None:
        """Say goodbye."""
        self.socket.sendall(self._wire.send(CloseConnection(code=1000)))

    def _read(self) -> bool:
        """Take what came; False at the end of the connection."""
        data = self.socket.recv(65_536)
        if not data:
            return False
        self._wire.receive_data(data)
        for event in self._wire.events():
            self._take(event)
        return True

    def _take(self, event: Any) -> None:
        if isinstance(event, AcceptConnection):
            self.status, self.headers = 101, _named(event.extra_headers)
        elif isinstance(event, RejectConnection):
            self.status, self.headers = event.status_code, _named(event.headers)
        elif isinstance(event, RejectData):
            self.body += event.data
        elif isinstance(event, TextMessage):
            self._text += event.data
            if event.message_finished:
                self._said.append(self._text)
                self._text = ""
        elif isinstance(event, CloseConnection):
            self.closed = (event.code, event.reason or "")
            self._answer(event)
        elif isinstance(event, Ping):
            self._answer(event)

    def _answer(self, event: Any) -> None:
        try:
            self.socket.sendall(self._wire.send(event.response()))
        except (LocalProtocolError, OSError):
            return

    def problem(self) -> tuple[int, str]:
        """Status and name of the exception with which the node refused."""
        while not _is_whole(self.body, self.headers) and self._read():
            pass
        said = json.loads(self.body)
        assert self.headers["content-type"] == "application/problem+json"
        assert said["status"] == self.status
        return self.status, said["type"].removeprefix("epcisException:")


def _is_whole(body: bytes, headers: dict[str, str]) -> bool:
    return len(body) >= int(headers.get("content-length", "0"))


def _named(headers: Any) -> dict[str, str]:
    return {name.decode().lower(): value.decode() for name, value in headers}
