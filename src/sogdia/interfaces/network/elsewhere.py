"""Questions to another organisation's node over HTTP: who the network is, how it began, its signed headers.

The other side may answer anything. Its answers are bounded in size, and its headers are believed only as far as their
signatures and the hash that a person confirmed carry.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from types import TracebackType
from typing import Any, Final, TypeVar

import httpx
import msgspec

from sogdia.app.organisation import NetworkError
from sogdia.client.light.blocks import LightBlock
from sogdia.client.light.rpc import from_rpc
from sogdia.interfaces.http.ledger_light import NetworkAnswer

ANSWER_SECONDS: Final = 15.0
WHOLE_ANSWER_SECONDS: Final = 60.0
ANSWER_BYTES: Final = 64 * 1024 * 1024
PAGE: Final = 100
VALIDATORS_LIMIT: Final = 10_000
_HEADERS: Final = {"user-agent": "sogdia", "accept-encoding": "identity"}
"""Uncompressed, so that a few bytes cannot become a great many."""

T = TypeVar("T")


class _RpcProblem(msgspec.Struct):
    message: str
    data: str = ""


class _RpcAnswer(msgspec.Struct):
    result: dict[str, Any] | None = None
    error: _RpcProblem | None = None


class Elsewhere:
    """One member's node at its URL. Raises NetworkError, which says what was asked and what came back."""

    def __init__(self, url: str, seconds: float = ANSWER_SECONDS) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(timeout=seconds, trust_env=False, headers=_HEADERS)

    def __enter__(self) -> "Elsewhere":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    @property
    def rpc_url(self) -> str:
        """Where CometBFT's light client asks for headers."""
        return f"{self.url}/network/rpc"

    def network(self) -> NetworkAnswer:
        """What it says of the network."""
        return self._read("/network", self._get("/network"), NetworkAnswer)

    def genesis(self, digest: str) -> bytes:
        """The genesis file with this SHA-256; NetworkError when it gives another."""
        found = self._get("/network/genesis")
        if sha256(found).hexdigest() != digest:
            raise NetworkError(f"{self.url} gives a genesis file with another digest than it said. Ask another member")
        return found

    def last_height(self) -> int:
        """CometBFT's height there."""
        with self._understood("commit"):
            return int(self._call("commit")["signed_header"]["header"]["height"])

    def light_block(self, height: int) -> LightBlock:
        """The signed header of a height with its validators."""
        with self._understood("validators"):
            commit = self._call("commit", height=height)
            whole = self._call("validators", height=height, page=1, per_page=PAGE)
            total = min(int(whole["total"]), VALIDATORS_LIMIT)
            for page in range(2, -(-total // PAGE) + 1):
                whole["validators"] += self._call("validators", height=height, page=page, per_page=PAGE)["validators"]
        return from_rpc(commit, whole)

    @contextmanager
    def _understood(self, method: str) -> Iterator[None]:
        try:
            yield
        except (KeyError, TypeError, ValueError) as wrong:
            raise NetworkError(f"{self.url} answers {method} otherwise than CometBFT does: {wrong!r}") from None

    def _call(self, method: str, **params: int) -> dict[str, Any]:
        asked = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
        raw = self._send("POST", "/network/rpc", msgspec.json.encode(asked))
        answer = self._read(f"/network/rpc {method}", raw, _RpcAnswer)
        if answer.result is None:
            said = answer.error.data or answer.error.message if answer.error else "nothing"
            raise NetworkError(f"{self.url} does not answer {method}: {said}")
        return answer.result

    def _get(self, path: str) -> bytes:
        return self._send("GET", path, b"")

    def _send(self, method: str, path: str, body: bytes) -> bytes:
        chunks, size, until = list[bytes](), 0, time.monotonic() + WHOLE_ANSWER_SECONDS
        try:
            with self._http.stream(method, self.url + path, content=body or None) as answer:
                for chunk in answer.iter_raw():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > ANSWER_BYTES or time.monotonic() > until:
                        raise NetworkError(f"{self.url}{path}: too large or too slow, {size} bytes so far")
        except (httpx.HTTPError, httpx.InvalidURL) as broken:
            raise NetworkError(
                f"{self.url} does not answer ({type(broken).__name__}). Is this a member's node?"
            ) from None
        if answer.status_code != 200:
            raise NetworkError(f"{self.url}{path} answers with status {answer.status_code}. Is this a member's node?")
        return b"".join(chunks)

    def _read(self, what: str, raw: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
            raise NetworkError(f"{self.url}{what} answers what is not expected: {wrong}") from None
