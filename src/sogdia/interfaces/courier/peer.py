"""Another member's node as the courier asks it: signed requests, and answers that are bounded in size and time.

The other side is an organisation of its own and may answer anything, so nothing of an answer is believed here: an
envelope is known by its digest, a receipt by its signature.
"""

import time
from collections.abc import Sequence
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from sogdia.client.request_signing import sign_request
from sogdia.core.transaction import Envelope
from sogdia.interfaces.courier.errands import Errand
from sogdia.interfaces.courier.settings import Settings
from sogdia.interfaces.http.sealed_shelf import Confirmation, NotGiven, Pair

_RECEIPTS_LIMIT_BYTES: Final = 256 * 1024


class PeerFailed(Exception):
    """The member gave no answer that can be used; the text says why in a word or two."""


class Answer(msgspec.Struct, frozen=True):
    """What a member said to a request for envelopes: those with the right digest, and why not, by envelope id."""

    given: dict[str, bytes]
    withheld: dict[str, str]
    forged: int
    """Lines that are neither what was asked for nor a word on it."""


_read_not_given = msgspec.json.Decoder(NotGiven).decode
_read_confirmations = msgspec.json.Decoder(list[Confirmation]).decode


class Peer:
    """One member's node, at the address that it has on record. Raises `PeerFailed` for whatever goes wrong."""

    def __init__(self, url: str, settings: Settings) -> None:
        self.url = url.rstrip("/")
        self._settings = settings
        timeout = httpx.Timeout(settings.answer_seconds, connect=settings.connect_seconds)
        self._http = httpx.Client(timeout=timeout, trust_env=False, headers={"user-agent": "sogdia-courier"})

    def close(self) -> None:
        """Let go of the network."""
        self._http.close()

    def fetch(self, errands: Sequence[Errand]) -> Answer:
        """Ask for envelopes."""
        body = msgspec.json.encode([Pair(one.trade, one.envelope) for one in errands])
        raw = self._send("POST", "/sealed/fetch", body, self._settings.answer_limit_bytes)
        return _sorted_out(raw, {one.envelope for one in errands})

    def confirmation(self, trade: str, member: str) -> Envelope | None:
        """The receipt of erasure that this member's node has signed, as it gives it; None when it has not yet."""
        raw = self._send("GET", f"/sealed/receipts?trade={quote(trade, safe='')}", b"", _RECEIPTS_LIMIT_BYTES)
        try:
            found = _read_confirmations(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise PeerFailed("unreadable") from None
        return next((one.receipt for one in found if one.member == member), None)

    def _send(self, method: str, path: str, body: bytes, limit_bytes: int) -> bytes:
        url = self.url + path
        if not _is_address(url):
            raise PeerFailed("no address")
        headers = sign_request(method, url, body, self._settings.signer, int(time.time()), token_urlsafe(24))
        if body:
            headers["content-type"] = "application/json"
        try:
            with self._http.stream(method, url, content=body or None, headers=headers) as answer:
                if answer.status_code != 200:
                    raise PeerFailed(f"status {answer.status_code}")
                return self._read(answer, limit_bytes)
        except httpx.InvalidURL:
            raise PeerFailed("no address") from None
        except (httpx.HTTPError, RuntimeError):  # a RuntimeError: the courier is stopping and closed the connection
            raise PeerFailed("unreachable") from None

    def _read(self, answer: httpx.Response, limit_bytes: int) -> bytes:
        # Raw, so that a few compressed bytes cannot become a great many.
        until, chunks, size = time.monotonic() + self._settings.answer_seconds, list[bytes](), 0
        for chunk in answer.iter_raw():
            chunks.append(chunk)
            size += len(chunk)
            if size > limit_bytes:
                raise PeerFailed("too much")
            if time.monotonic() > until:
                raise PeerFailed("too slow")
        return b"".join(chunks)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _sorted_out(raw: bytes, wanted: set[str]) -> Answer:
    given, withheld, forged = dict[str, bytes](), dict[str, str](), 0
    for line in filter(None, raw.split(b"\n")):
        digest = sha256(line).hexdigest()
        if digest in wanted:
            given[digest] = line
            continue
        try:
            said = _read_not_given(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            forged += 1
            continue
        if said.envelope in wanted:
            withheld[said.envelope] = said.reason
    return Answer(given, withheld, forged)
