"""Asks the CometBFT beside this node: JSON-RPC over HTTP, by its Unix socket or the loopback.

Threads may ask side by side; each question has a connection of its own, and connections are kept for the next one.
CometBFT closes what is idle for ten seconds, so one that has rested is opened anew. A question that a kept connection
loses is asked once more: nothing that is asked here does harm when it comes twice.
"""

import http.client
import socket
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import Any, Final

import msgspec

from sogdia.engines.cometbft.answers import (
    Block,
    BlockAnswer,
    CommitAnswer,
    ConsensusParams,
    Found,
    Hex,
    NetInfo,
    ParamsAnswer,
    SignedHeader,
    Status,
    Validator,
    ValidatorsPage,
    read_answer,
)

ANSWER_LIMIT_BYTES: Final = 64 * 1024 * 1024
TIMEOUT_SECONDS: Final = 30.0
REST_SECONDS: Final = 5.0
"""CometBFT closes after ten seconds without a request (`rpc/jsonrpc/server`, ReadTimeout)."""
PAGE_LIMIT: Final = 100
VALIDATORS_LIMIT: Final = 10_000


class RpcError(Exception):
    """A question to CometBFT had no good answer; the message names the method and what came back."""

    def __init__(self, method: str, what: str) -> None:
        super().__init__(f"CometBFT, {method}: {what}")
        self.method = method
        self.what = what


class RpcUnreachable(RpcError):
    """No answer: CometBFT is not there, or the connection broke. It may or may not have done what was asked."""


class RpcRefused(RpcError):
    """CometBFT answered with an error."""


class Broadcast(msgspec.Struct, frozen=True):
    """What became of one transaction that was sent: CheckTx's verdict, or why CometBFT's mempool did not take it.

    After a broadcast that does not wait for CheckTx, `code` is 0 and says nothing.
    """

    code: int = 0
    log: str = ""
    codespace: str = ""
    hash: Hex = Hex()
    not_taken: str = ""
    """CometBFT's own reason; empty when the application was asked."""

    @property
    def is_full(self) -> bool:
        """Whether the mempool has no room now; the transaction may be sent again."""
        return self.not_taken.startswith(("mempool is full", "mempool is still rechecking"))

    @property
    def is_known(self) -> bool:
        """Whether the mempool has seen these bytes before, in this block or an earlier one."""
        return self.not_taken == "tx already exists in cache"

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a refusal, which our application puts into the log as JSON; empty when there are none."""
        try:
            return msgspec.json.decode(self.log, type=dict[str, Any]) if self.log else {}
        except msgspec.MsgspecError:
            return {}


class _Problem(msgspec.Struct, frozen=True):
    code: int
    message: str
    data: str = ""

    def __str__(self) -> str:
        return self.data or f"{self.message} ({self.code})"


class _Answer(msgspec.Struct, frozen=True):
    id: int | None = None
    result: msgspec.Raw = msgspec.Raw()
    error: _Problem | None = None


# --- asking ----------------------------------------------------------------------------------------------------------


class Rpc:
    """Questions to one CometBFT at `unix:///path` or `tcp://host:port`. Threads may share it."""

    def __init__(
        self,
        address: str,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        answer_limit_bytes: int = ANSWER_LIMIT_BYTES,
    ) -> None:
        self.address = address
        self._timeout_seconds = timeout_seconds
        self._limit_bytes = answer_limit_bytes
        self._lock = Lock()
        self._kept: list[tuple[http.client.HTTPConnection, float]] = []
        self._closed = False

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            self._closed = True
            kept, self._kept = self._kept, []
        for connection, _ in kept:
            connection.close()

    def call(self, method: str, **params: Any) -> Any:
        """The result of any method as plain JSON. Integers go as text, bytes as base64, None not at all."""
        return self._ask(method, Any, **params)

    def broadcast(self, raws: Sequence[bytes], *, wait: bool = False) -> list[Broadcast]:
        """Send transactions in one batch, in this order; one answer for each.

        Without `wait`, an answer says only whether CometBFT's mempool took the bytes. With it, each waits for CheckTx
        before the next is handed in, up to 20 ms for each, so it is for a few. CometBFT's `max_request_batch_size` and
        `max_body_bytes` must allow the batch, or all is refused.
        """
        if not raws:
            return []
        method = "broadcast_tx_sync" if wait else "broadcast_tx_async"
        answers = self._exchange(method, [_request(method, n, {"tx": raw}) for n, raw in enumerate(raws)])
        if [answer.id for answer in answers] != list(range(len(raws))):
            what = next((str(one.error) for one in answers if one.error), f"{len(answers)} answers to {len(raws)}")
            raise RpcRefused(method, what)
        return [_broadcast(method, answer) for answer in answers]

    def status(self) -> Status:
        """Where the node stands."""
        return self._ask("status", Status)

    def has_seat(self) -> bool:
        """Whether the node votes now; False when it does not answer."""
        try:
            return self.status().validator_info.voting_power > 0
        except RpcError:
            return False

    def net_info(self) -> NetInfo:
        """Who is connected with it."""
        return self._ask("net_info", NetInfo)

    def commit(self, height: int | None = None) -> SignedHeader:
        """The header of a height and the votes for it; the last height when none is given."""
        return self._ask("commit", CommitAnswer, height=height).signed_header

    def block(self, height: int | None = None) -> Block:
        """A block with its transactions; the last one when no height is given."""
        block = self._ask("block", BlockAnswer, height=height).block
        if block is None:
            raise RpcRefused("block", f"there is no block of height {height}")
        return block

    def validators(self, height: int) -> tuple[Validator, ...]:
        """All validators of a height, in the order in which the set is hashed."""
        found: tuple[Validator, ...] = ()
        total = 1
        while len(found) < total:
            number = len(found) // PAGE_LIMIT + 1
            page = self._ask("validators", ValidatorsPage, height=height, page=number, per_page=PAGE_LIMIT)
            found, total = found + page.validators, page.total
            if not page.validators or total > VALIDATORS_LIMIT:
                raise RpcRefused("validators", f"{len(page.validators)} of {total} on a page")
        return found

    def whole_validators(self, height: int) -> dict[str, Any]:
        """All pages of `/validators` as one answer, as CometBFT spells it: for light clients."""
        whole: dict[str, Any] = self.call("validators", height=height, page=1, per_page=PAGE_LIMIT)
        for page in range(2, -(-min(int(whole["total"]), VALIDATORS_LIMIT) // PAGE_LIMIT) + 1):
            whole["validators"] += self.call("validators", height=height, page=page, per_page=PAGE_LIMIT)["validators"]
        return whole

    def consensus_params(self, height: int | None = None) -> ConsensusParams:
        """The chain's parameters at a height."""
        return self._ask("consensus_params", ParamsAnswer, height=height).consensus_params

    def _ask(self, method: str, kind: type[Found], **params: Any) -> Found:
        answers = self._exchange(method, _request(method, 0, params))
        if len(answers) != 1:
            raise RpcError(method, f"{len(answers)} answers to one question")
        answer = answers[0]
        if answer.error is not None:
            raise RpcRefused(method, str(answer.error))
        return _read(method, answer.result, kind)

    # -- HTTP ----------------------------------------------------------------------------------------------------

    def _exchange(self, method: str, request: Any) -> list[_Answer]:
        body = msgspec.json.encode(request)
        connection = self._take()
        try:
            status, answer = self._post(connection, body)
            if len(answer) > self._limit_bytes:
                raise RpcError(method, f"an answer of more than {self._limit_bytes} bytes")
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise RpcUnreachable(method, f"{type(error).__name__} at {self.address}: {error}") from error
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        try:
            return _read_answers(answer)
        except msgspec.MsgspecError as error:
            raise RpcError(method, f"HTTP {status}, {error}: {answer[:200]!r}") from error

    def _post(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, bytes]:
        is_kept = connection.sock is not None
        try:
            return self._post_once(connection, body)
        except (ConnectionError, http.client.BadStatusLine):
            connection.close()
            if not is_kept:
                raise
        return self._post_once(connection, body)

    def _post_once(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, bytes]:
        with suppress(BrokenPipeError):  # a body that is too large is answered before it has been read
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read(self._limit_bytes + 1)

    def _take(self) -> http.client.HTTPConnection:
        with self._lock:
            connection, used = self._kept.pop() if self._kept else (None, 0.0)
        if connection is None:
            return _connection(self.address, self._timeout_seconds)
        if monotonic() - used > REST_SECONDS:
            connection.close()
        return connection

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if not self._closed:
                self._kept.append((connection, monotonic()))
                return
        connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout_seconds: float) -> None:
        super().__init__("localhost", timeout=timeout_seconds)
        self._path = path

    def connect(self) -> None:
        """Called by http.client when there is no connection."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connection(address: str, timeout_seconds: float) -> http.client.HTTPConnection:
    scheme, _, rest = address.partition("://")
    if scheme == "unix":
        return _UnixConnection(rest, timeout_seconds)
    host, _, port = rest.rpartition(":")
    if scheme != "tcp" or not port.isdecimal():
        raise ValueError(f"{address}: give unix:///path or tcp://127.0.0.1:port")
    return http.client.HTTPConnection(host, int(port), timeout=timeout_seconds)


# --- JSON ------------------------------------------------------------------------------------------------------------


def _request(method: str, number: int, params: dict[str, Any]) -> dict[str, Any]:
    given = {name: _spelled(value) for name, value in params.items() if value is not None}
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": given}


def _spelled(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _broadcast(method: str, answer: _Answer) -> Broadcast:
    if answer.error is not None:
        return Broadcast(not_taken=str(answer.error))
    return _read(method, answer.result, Broadcast)


def _read(method: str, result: msgspec.Raw, kind: type[Found]) -> Found:
    try:
        return read_answer(bytes(result), kind)
    except msgspec.MsgspecError as error:
        raise RpcError(method, f"{error}: {bytes(result)[:200]!r}") from error


_decode_answers = msgspec.json.Decoder(list[_Answer]).decode
_decode_answer = msgspec.json.Decoder(_Answer).decode


def _read_answers(body: bytes) -> list[_Answer]:
    """CometBFT answers a batch of one with a single object."""
    return _decode_answers(body) if body.startswith(b"[") else [_decode_answer(body)]
