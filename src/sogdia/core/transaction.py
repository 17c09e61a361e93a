"""A transaction: messages of one or several parties, as a JWS in General JSON form (RFC 7515, section 7.2.1).

The payload is JSON: network, valid_until_ms, nonce, messages. Each party that must sign adds one signature over the
ASCII bytes `protected "." payload` as they were received; nothing is ever encoded again to be checked. The id is the
SHA-256 of the payload bytes, so the same payload under other signatures is the same transaction.
"""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Annotated, Any, Protocol, Union

import msgspec
from msgspec import Meta

from sogdia.core.codec import base64url, from_base64url, json_bytes
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.values import Instant

ENVELOPE_LIMIT_BYTES = 512 * 1024
MESSAGES_LIMIT = 100
SIGNATURES_LIMIT = 10
NESTING_LIMIT = 100
"""How deep objects and lists may stand in one another: far above what is said, far below what a stack holds."""
VALIDITY_LIMIT_MS = 24 * 3600 * 1000
"""A transaction may be valid for at most a day beyond the block that takes it."""


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What a party asks for. The tag `<domain>.<verb>` is its first field on the wire."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What a rule announces: `parties` and `roles` say who may hear it."""

    parties: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One party's signature with its protected header {"alg", "kid"}, both base64url."""

    protected: str
    signature: str


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The JWS as it travels."""

    payload: str
    signatures: Annotated[tuple[Signature, ...], Meta(max_length=SIGNATURES_LIMIT)]


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The protected header: the scheme and the key, nothing else."""

    alg: str
    kid: str


class Signed(msgspec.Struct, frozen=True):
    """One signature made ready to check: whose key, over which bytes."""

    scheme: str
    kid: str
    signing_input: bytes
    signature: bytes


class Payload(Protocol):
    """The decoded payload; `messages` are instances of the network's message types."""

    network: str
    valid_until_ms: int
    nonce: str
    messages: Sequence[Message]


class Transaction(msgspec.Struct, frozen=True):
    """A parsed transaction: its bytes as received, its id, and what it says. Nothing here is verified yet."""

    raw: bytes
    id: str
    payload: Any
    signatures: tuple[Signed, ...]


class Signer(Protocol):
    """Someone who can sign for a key."""

    @property
    def kid(self) -> str:
        """The id of the key, a DID URL."""
        ...

    @property
    def scheme(self) -> str:
        """The scheme of the signature, such as EdDSA."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The raw signature over these bytes."""
        ...


_envelope = msgspec.json.Decoder(Envelope).decode
_header = msgspec.json.Decoder(Header).decode


_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def _require_shallow(payload: bytes) -> None:
    """ValueError when the payload is nested too deep: a decoder's own limit differs from thread to thread."""
    if payload.count(b"[") + payload.count(b"{") <= NESTING_LIMIT:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", payload)):
        depth += 1 if bracket in b"[{" else -1
        if depth > NESTING_LIMIT:
            raise ValueError(f"JSON nested deeper than {NESTING_LIMIT}")


class Codec:
    """Reads transactions of a network whose message types are known."""

    def __init__(self, messages: Iterable[type[Message]]) -> None:
        kinds = tuple(messages)
        body = Annotated[tuple[Union[kinds], ...], Meta(min_length=1, max_length=MESSAGES_LIMIT)]  # type: ignore[valid-type]
        fields: list[Any] = [("network", str), ("valid_until_ms", Instant)]
        fields += [("nonce", Annotated[str, Meta(min_length=8, max_length=64)]), ("messages", body)]
        self.payload_type = msgspec.defstruct("Payload", fields, frozen=True, forbid_unknown_fields=True)
        self._payload = msgspec.json.Decoder(self.payload_type).decode
        self._messages = msgspec.json.Decoder(tuple[Union[kinds], ...]).decode  # type: ignore[valid-type]
        self._headers: dict[str, Header] = {}

    def parse(self, raw: bytes) -> Transaction:
        """The transaction in these bytes; Refusal MALFORMED, TOO_LARGE or UNSIGNED says what is wrong with them."""
        if len(raw) > ENVELOPE_LIMIT_BYTES:
            raise Refusal(Refused.TOO_LARGE, bytes=len(raw), limit_bytes=ENVELOPE_LIMIT_BYTES)
        try:
            envelope = _envelope(raw)
            payload = from_base64url(envelope.payload)
            _require_shallow(payload)
            said = self._payload(payload)
            signatures = tuple([self._signed(one, envelope.payload) for one in envelope.signatures])
        except (ValueError, RecursionError) as wrong:
            raise Refusal(Refused.MALFORMED, detail=str(wrong)[:200]) from None
        if not signatures or len({one.kid for one in signatures}) != len(signatures):
            raise Refusal(Refused.UNSIGNED, signatures=len(signatures))
        return Transaction(raw, sha256(payload).hexdigest(), said, signatures)

    def messages(self, raw: bytes) -> tuple[Message, ...]:
        """The messages in a JSON array: a founding agreement, for example."""
        found: tuple[Message, ...] = self._messages(raw)
        return found

    def _signed(self, one: Signature, payload: str) -> Signed:
        header = self._headers.get(one.protected)
        if header is None:
            header = _header(from_base64url(one.protected))
            if len(self._headers) > 10_000:
                self._headers.clear()
            self._headers[one.protected] = header
        signing_input = f"{one.protected}.{payload}".encode("ascii")
        return Signed(header.alg, header.kid, signing_input, from_base64url(one.signature))


def payload_bytes(network: str, valid_until_ms: int, nonce: str, messages: Sequence[Message]) -> bytes:
    """The bytes to sign for these messages."""
    return json_bytes({"network": network, "valid_until_ms": valid_until_ms, "nonce": nonce, "messages": messages})


def sign(payload: bytes, signers: Sequence[Signer]) -> bytes:
    """The transaction: this payload with one signature of each signer."""
    encoded = base64url(payload)
    made = []
    for signer in signers:
        protected = base64url(json_bytes({"alg": signer.scheme, "kid": signer.kid}))
        signature = signer.sign(f"{protected}.{encoded}".encode("ascii"))
        made.append(Signature(protected, base64url(signature)))
    return json_bytes(Envelope(encoded, tuple(made)))
