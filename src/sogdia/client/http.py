"""A node behind HTTP, as a `Connection`: one session, retries where a second sending does no harm.

Sending the same transaction twice is harmless by design, because its id goes on record once; so is leaving the same
envelope twice. Everything that this client sends may therefore be sent again after a broken connection or a 503.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from secrets import randbelow, token_urlsafe
from threading import Lock
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec

from sogdia.client.connection import Reply
from sogdia.client.request_signing import sign_request
from sogdia.core.transaction import Signer
from sogdia.primitives.sealed.errors import Erased

LINES_LIMIT: Final = 2_000
SEALED_LIMIT: Final = 500
"""Envelopes asked for at a time."""
BATCH_LIMIT_BYTES: Final = 12 * 1024 * 1024
"""A batch is cut here; the node takes 16 MiB."""
TIMEOUT_SECONDS: Final = 60.0
EVENT_SILENCE_SECONDS: Final = 45.0
"""A node sends something at least every 15 seconds; after this silence the stream is opened again."""
EVENT_LINE_LIMIT_BYTES: Final = 1_000_000
ATTEMPTS: Final = 6
LONGEST_WAIT_SECONDS: Final = 20.0
NDJSON: Final = "application/x-ndjson"
JOSE: Final = "application/jose+json"


class HttpProblem(Exception):
    """The node answered with a problem (RFC 9457); the sentence is the node's own, in the language asked for."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.status = status
        self.title = title
        self.detail = detail


class NodeUnreachable(Exception):
    """No answer after several attempts; what was sent may or may not be on record, and may be sent again."""


class Heard(msgspec.Struct, frozen=True):
    """An event as a party hears it; `id` is where to go on after it."""

    id: str
    type: str
    transaction: str
    height: int
    time_ms: int
    event: dict[str, Any]


class _Told(msgspec.Struct, frozen=True):
    transaction: str
    height: int
    time_ms: int
    event: dict[str, Any]


class _SealedLine(msgspec.Struct, frozen=True):
    type: str
    envelope: str = ""
    reason: str = ""


class _Session(msgspec.Struct, frozen=True):
    token: str
    expires_in_seconds: int


class _Problem(msgspec.Struct, frozen=True):
    title: str = ""
    detail: str = ""


_read_reply = msgspec.json.Decoder(Reply).decode
_read_told = msgspec.json.Decoder(_Told).decode
_read_records = msgspec.json.Decoder(list[dict[str, Any] | None]).decode
_read_session = msgspec.json.Decoder(_Session).decode


class HttpConnection:
    """A node at this address as one party sees it, or as the public does when no signer is given.

    `socket` is the path of a Unix socket to reach it by. Threads may share a connection.
    """

    def __init__(
        self,
        base_url: str,
        network: str,
        signer: Signer | None = None,
        *,
        socket: str | None = None,
        language: str = "en",
        timeout_seconds: float = TIMEOUT_SECONDS,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.network = network
        self._base = base_url.rstrip("/")
        self._signer = signer
        self._attempts = attempts
        self._session: tuple[str, float] = ("", 0.0)
        self._lock = Lock()
        self._http = httpx.Client(
            base_url=self._base,
            transport=httpx.HTTPTransport(uds=socket, limits=httpx.Limits(max_connections=20)),
            timeout=httpx.Timeout(timeout_seconds, connect=10.0),
            headers={"accept-language": language, "user-agent": "sogdia"},
            trust_env=False,
        )

    def __enter__(self) -> "HttpConnection":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the session back and let go of the network."""
        token, _ = self._session
        if token:
            with suppress(httpx.TransportError):  # it ends by itself within the hour
                self._http.delete("/session", headers={"authorization": f"Bearer {token}"})
        self._http.close()

    # -- transactions --------------------------------------------------------------------------------------------

    def submit(self, raws: Sequence[bytes]) -> list[Reply]:
        """Send signed transactions, to be taken in this order, and wait for every answer."""
        replies: list[Reply] = []
        for batch in _batches(raws):
            replies += self._submit(batch)
        return replies

    def _submit(self, batch: Sequence[bytes]) -> list[Reply]:
        if len(batch) == 1:  # sent as it is, so that it may hold line feeds
            answer = self._send("POST", "/transactions", content=batch[0], kind=JOSE, fine=(422,))
            return [_read_reply(answer.content)]
        answer = self._send("POST", "/transactions", content=b"\n".join(batch), kind=NDJSON)
        replies = [_read_reply(line) for line in answer.content.split(b"\n") if line]
        if len(replies) != len(batch):
            raise HttpProblem(502, "incomplete answer", f"{len(replies)} replies to {len(batch)} transactions")
        return replies

    def receipt(self, transaction: str) -> dict[str, Any] | None:
        """Receipt and envelope of a transaction under these names; None when it is unknown or not the asker's."""
        try:
            answer = self._send("GET", f"/transactions/{transaction}", signed_in=True)
        except HttpProblem as problem:
            _require_absence(problem)
            return None
        found: dict[str, Any] = msgspec.json.decode(answer.content)
        return found

    # -- reading -------------------------------------------------------------------------------------------------

    def lookup(self, wanted: Sequence[tuple[str, ...]]) -> list[dict[str, Any] | None]:
        """Records by table and key fields, in the order asked; None for absent ones and those not the asker's."""
        found: list[dict[str, Any] | None] = []
        for start in range(0, len(wanted), LINES_LIMIT):
            body = msgspec.json.encode(wanted[start : start + LINES_LIMIT])
            answer = self._send("POST", "/records/lookup", content=body, kind="application/json", signed_in=True)
            found += _read_records(answer.content)
        return found

    def query(self, name: str, **parameters: Any) -> Any:
        """A domain's answer, `<domain>/<query>`."""
        given = {key: _as_text(value) for key, value in parameters.items() if value is not None}
        return msgspec.json.decode(self._send("GET", f"/queries/{name}", params=given, signed_in=True).content)

    def trace(self, thing: str, direction: str = "both") -> dict[str, Any]:
        """Where a thing came from (`up`) and what became of it (`down`); `HttpProblem` 404 when no event names it."""
        return self._asked("GET", f"/trace/{quote(thing, safe='')}", params={"direction": direction})

    def history(self, thing: str) -> dict[str, Any]:
        """What happened to a thing, with the orders that it met; `HttpProblem` 404 when no event names it."""
        return self._asked("GET", f"/trace/{quote(thing, safe='')}/history")

    def recall(self, **asked: Any) -> dict[str, Any]:
        """Everything that a defect may have reached; fields as `POST /recall` has them (`things`, `excursion` ...)."""
        return self._asked("POST", "/recall", content=msgspec.json.encode(asked), kind="application/json")

    def status(self) -> dict[str, Any]:
        """Height, time, roots, lag of the mirror."""
        found: dict[str, Any] = msgspec.json.decode(self._send("GET", "/status", signed_in=True).content)
        return found

    def checkpoint(self) -> str:
        """The network's signed note on the latest block."""
        return self._send("GET", "/checkpoint").text

    def evidence(self, table: str, *key: str) -> bytes | None:
        """Evidence for a record and what wrote it, as a file for `sogdia verify`; None when it is not the asker's."""
        try:
            return self._send("GET", "/evidence", params={"table": table, "key": list(key)}, signed_in=True).content
        except HttpProblem as problem:
            _require_absence(problem)
            return None

    def evidence_of_order(self, platform: str, order: str) -> bytes:
        """Evidence for a whole trade; `HttpProblem` 404 when the order is not the asker's."""
        wanted = {"table": "orders.order", "key": [platform, order]}
        return self._send("GET", "/evidence", params=wanted, signed_in=True).content

    # -- sealed values -------------------------------------------------------------------------------------------

    def put_sealed(self, envelopes: Sequence[bytes]) -> None:
        """Leave sealed envelopes with the node; durable when this returns, and the same one twice is kept once."""
        for batch in _batches(envelopes):
            self._send("POST", "/sealed", content=b"\n".join(batch), kind=NDJSON, signed_in=True)

    def get_sealed(self, trade: str, envelope: str) -> bytes | None:
        """The envelope of a trade with this id, for one of its recipients; `Erased` when the trade's are gone."""
        found = self._sealed({"trade": trade, "envelope": envelope})
        return found[0] if found else None

    def all_sealed(self, trade: str) -> list[bytes]:
        """Every envelope of a trade that was sealed for the asker; `Erased` when they are gone."""
        return self._sealed({"trade": trade})

    def lookup_sealed(self, wanted: Sequence[tuple[str, str]]) -> dict[str, bytes]:
        """Envelopes by id, of those asked for by trade and id; without what is absent, erased or not the asker's."""
        found, left = dict[str, bytes](), list(wanted)
        while left:
            asked, left = left[:SEALED_LIMIT], left[SEALED_LIMIT:]
            body = msgspec.json.encode([{"trade": trade, "envelope": one} for trade, one in asked])
            answer = self._send("POST", "/sealed/lookup", content=body, kind="application/json", signed_in=True)
            given, later = _given_and_later(answer.content)
            if len(later) >= len(asked):
                raise HttpProblem(502, "incomplete answer", f"none of {len(asked)} envelopes")
            found |= given
            left[:0] = [one for one in asked if one[1] in later]
        return found

    def _sealed(self, wanted: dict[str, str]) -> list[bytes]:
        try:
            answer = self._send("GET", "/sealed", params=wanted, signed_in=True)
        except HttpProblem as problem:
            if problem.status == 410:
                raise Erased(problem.detail) from None
            _require_absence(problem)
            return []
        return [line for line in answer.content.split(b"\n") if line]

    def erase_sealed(self, trade: str, reason: str) -> dict[str, Any]:
        """Erase the sealed values of one's own trade; the receipt names what was destroyed."""
        given = {"trade": trade, "reason": reason}
        found: dict[str, Any] = msgspec.json.decode(
            self._send("DELETE", "/sealed", params=given, signed_in=True).content
        )
        return found

    # -- events --------------------------------------------------------------------------------------------------

    def follow(self, after: str = "") -> Iterator[Heard]:
        """Every event that concerns the asker after this id, for ever, each once and in order.

        When the connection breaks it is opened again after the last event that was handed out. Raises `HttpProblem`
        when the node refuses, `NodeUnreachable` when it cannot be reached for long.
        """
        last, failures = after, 0
        while True:
            try:
                for cursor, told in self._stream(last):
                    failures = 0
                    fresh = _place(cursor) > _place(last)
                    last = cursor if fresh else last
                    if told is not None and fresh:
                        yield told
                _pause(1)  # it ended in good order, as each does after an hour
            except httpx.TransportError as broken:
                failures += 1
                if failures >= self._attempts:
                    raise NodeUnreachable(f"{self._base} sends no events: {type(broken).__name__}") from None
                _pause(failures)

    def _stream(self, after: str) -> Iterator[tuple[str, Heard | None]]:
        headers = {"accept": "text/event-stream", **({"last-event-id": after} if after else {}), **self._signed_in()}
        timeout = httpx.Timeout(EVENT_SILENCE_SECONDS, connect=10.0)
        with self._http.stream("GET", "/events", headers=headers, timeout=timeout) as answer:
            if answer.status_code == 401:
                self._forget(headers["authorization"].removeprefix("Bearer "))
                raise httpx.ReadError("the session has ended")
            if answer.status_code == 503:
                raise httpx.ReadError("the node is busy")
            if answer.status_code != 200:
                answer.read()
                raise _problem(answer)
            yield from _heard(_lines(answer.iter_bytes()))

    # -- inside --------------------------------------------------------------------------------------------------

    def _asked(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self._send(method, path, signed_in=True, **given).content)
        return found

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        content: bytes = b"",
        kind: str = "",
        signed_in: bool = False,
        fine: tuple[int, ...] = (),
    ) -> httpx.Response:
        """One request, again after a broken connection, a 503 or an ended session; `HttpProblem` for any other no."""
        problem, is_renewed = "no attempt", False
        for attempt in range(1, self._attempts + 1):
            asked = None
            try:
                headers = {"content-type": kind} if kind else {}
                headers |= self._signed_in() if signed_in else {}
                answer = self._http.request(method, path, params=params, content=content or None, headers=headers)
            except httpx.TransportError as broken:
                problem = type(broken).__name__
            else:
                if answer.is_success or answer.status_code in fine:
                    return answer
                if answer.status_code == 401 and "authorization" in headers and not is_renewed:
                    is_renewed = True
                    self._forget(headers["authorization"].removeprefix("Bearer "))
                    continue
                if answer.status_code != 503:
                    raise _problem(answer)
                problem, asked = f"503 {_problem(answer)}", answer.headers.get("retry-after")
            _pause(attempt, asked, last=attempt == self._attempts)
        raise NodeUnreachable(f"{self._base} gives no answer after {self._attempts} attempts: {problem}")

    def _signed_in(self) -> dict[str, str]:
        if self._signer is None:
            return {}
        with self._lock:
            token, until = self._session
            if not token or time.monotonic() > until:
                token = self._sign_in(self._signer)
        return {"authorization": f"Bearer {token}"}

    def _sign_in(self, signer: Signer) -> str:
        """A new session; renewed a minute before it ends."""
        signed = sign_request("POST", f"{self._base}/session", b"", signer, int(time.time()), token_urlsafe(24))
        answer = self._http.post("/session", headers=signed)
        if answer.status_code == 503:
            raise httpx.ReadError("the node is too busy for a new session")
        if not answer.is_success:
            raise _problem(answer)
        session = _read_session(answer.content)
        self._session = (session.token, time.monotonic() + max(1, session.expires_in_seconds - 60))
        return session.token

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._session[0] == token:
                self._session = ("", 0.0)


# --- one step each --------------------------------------------------------------------------------------------------


def _batches(raws: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The raws cut into requests, in order; one that holds a line feed travels alone."""
    batch: list[bytes] = []
    size = 0
    for raw in raws:
        alone = b"\n" in raw
        if batch and (alone or len(batch) >= LINES_LIMIT or size + len(raw) > BATCH_LIMIT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(raw)
        size += len(raw) + 1
        if alone:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _given_and_later(answer: bytes) -> tuple[dict[str, bytes], set[str]]:
    """The envelopes in an answer by id, and the ids that did not fit into it."""
    given, later = dict[str, bytes](), set[str]()
    for line in filter(None, answer.split(b"\n")):
        said = msgspec.json.decode(line, type=_SealedLine)
        if said.type == "sogdia.not_given.1":
            later |= {said.envelope} if said.reason == "later" else set()
        else:
            given[sha256(line).hexdigest()] = line
    return given, later


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return [_as_text(one) for one in value] if isinstance(value, list | tuple) else str(value)


def _problem(answer: httpx.Response) -> HttpProblem:
    try:
        said = msgspec.json.decode(answer.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = _Problem(answer.reason_phrase)
    return HttpProblem(answer.status_code, said.title, said.detail)


def _require_absence(problem: HttpProblem) -> None:
    if problem.status != 404:
        raise problem


def _pause(failures: int, asked: str | None = None, last: bool = False) -> None:
    """Twice as long after each failure, with some chance in it so that many clients do not come back at once."""
    if last:
        return
    wait = 0.1 * 2.0**failures
    if asked is not None and asked.isdigit():
        wait = max(wait, float(asked))
    time.sleep(min(wait, LONGEST_WAIT_SECONDS) * (0.75 + randbelow(500) / 1000))


def _place(cursor: str) -> tuple[float, ...]:
    """Where an id stands: height, index and position; a height alone stands behind everything in its block."""
    numbers = [float(part) for part in cursor.split("-")] if cursor else [0.0]
    return tuple(numbers) if len(numbers) == 3 else (numbers[0], float("inf"), float("inf"))


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """The whole lines of a stream; half a line at its end is none, and one without end is not held."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > EVENT_LINE_LIMIT_BYTES:
            raise httpx.ReadError("the stream holds a line that is too long")
        yield from (line.removesuffix(b"\r").decode("utf-8", "replace") for line in whole)


def _heard(lines: Iterable[str]) -> Iterator[tuple[str, Heard | None]]:
    """The blocks of an event stream that carry an id, as (id, event or nothing)."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "id" in fields:
            yield fields["id"], _event(fields) if "data" in fields else None
        fields = {}


def _event(fields: dict[str, str]) -> Heard:
    told = _read_told(fields["data"])
    return Heard(fields["id"], fields.get("event", ""), told.transaction, told.height, told.time_ms, told.event)
