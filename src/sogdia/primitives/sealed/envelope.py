"""Envelopes: personal values and the trade's secret, readable by named parties only, carried outside the ledger.

The payload is encrypted once (AES-256-GCM under a fresh content key); for each recipient the content key is wrapped by
HPKE (RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM). Trade and recipients are bound into both, so an envelope
can neither be moved to another trade nor be given another reader. Sender authentication is the ledger's matter: whoever
puts the commitments there signs them, and `open_envelope` gives what to compare with them.

For clients: it draws randomness, so no rule may call it.
"""

import os
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from sogdia.core.keys import is_did
from sogdia.primitives.sealed.commitments import MAX_VALUE_CHARS, SECRET_BYTES
from sogdia.primitives.sealed.errors import BrokenEnvelope, NotARecipient, UnfitValue

MAX_RECIPIENTS: Final = 32
MAX_VALUES: Final = 64
MAX_CONTEXT_CHARS: Final = 120
MAX_PAYLOAD_BYTES: Final = 160 * 1024
MAX_ENVELOPE_BYTES: Final = 256 * 1024
_PAD_BYTES: Final = 256
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LABEL: Final = b"sogdia sealed envelope 1"


class Envelope(msgspec.Struct, frozen=True, tag_field="type", tag="sogdia.envelope.1", forbid_unknown_fields=True):
    """Sealed values of one trade."""

    trade: str
    """Reference of the trade, the context that the encryption is bound to."""
    ciphertext: bytes
    """Nonce, then the encrypted payload and its tag."""
    keys: dict[str, bytes]
    """DID of each recipient, and the content key wrapped for that party."""

    @property
    def id(self) -> str:
        """SHA-256 of the canonical bytes, in hexadecimal."""
        return sha256(to_bytes(self)).hexdigest()


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    secret: bytes
    values: dict[str, str]


_read_envelope: Final = msgspec.json.Decoder(Envelope).decode
_read_payload: Final = msgspec.json.Decoder(_Payload).decode
_write: Final = msgspec.json.Encoder(order="sorted").encode


def to_bytes(envelope: Envelope) -> bytes:
    """The canonical bytes: JSON with sorted keys, no white space, binary parts in Base64."""
    return _write(envelope)


def from_bytes(raw: bytes) -> Envelope:
    """The envelope in these canonical bytes; any other spelling is refused, so an id stands for one byte string."""
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise BrokenEnvelope(f"an envelope has at most {MAX_ENVELOPE_BYTES} bytes, got {len(raw)}")
    try:
        envelope = _read_envelope(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BrokenEnvelope("not a sealed envelope: expected the JSON of type sogdia.envelope.1") from None
    if to_bytes(envelope) != raw:
        raise BrokenEnvelope("the envelope is not in its canonical spelling: pass its bytes on as they were received")
    return envelope


def seal(values: Mapping[str, str], secret: bytes, recipients: Mapping[str, bytes], context: str) -> Envelope:
    """Seal values and the trade's secret for the recipients (DID to X25519 public key); context is the trade reference.

    Raises `UnfitValue`. Payload length is rounded up to 256 bytes, so that it does not tell short names from long ones.
    """
    _check(values, secret, recipients, context)
    content_key = new_key()
    text = _write(_Payload(secret=secret, values=dict(values)))
    if len(text) > MAX_PAYLOAD_BYTES:
        raise UnfitValue(f"the values take at most {MAX_PAYLOAD_BYTES} bytes as JSON, got {len(text)}")
    padded = text.ljust(-(-len(text) // _PAD_BYTES) * _PAD_BYTES)
    return Envelope(
        trade=context,
        ciphertext=encrypt(content_key, padded, _bound_to(context, *sorted(recipients))),
        keys={did: _wrap(content_key, did, key, context) for did, key in recipients.items()},
    )


def open_envelope(envelope: Envelope, did: str, private_key: bytes) -> tuple[dict[str, str], bytes]:
    """The values and the trade's secret, for the recipient who holds this X25519 private key.

    Raises `NotARecipient` for anybody else, `BrokenEnvelope` if a byte was altered.
    """
    content_key = _unwrap(envelope, did, private_key)
    bound_to = _bound_to(envelope.trade, *sorted(envelope.keys))
    try:
        payload = _read_payload(decrypt(content_key, envelope.ciphertext, bound_to))
    except (InvalidTag, ValueError, msgspec.DecodeError):
        raise BrokenEnvelope("the envelope was altered after it was sealed: ask the sender for it again") from None
    return payload.values, payload.secret


def new_key() -> bytes:
    """A fresh random 32-byte key."""
    return os.urandom(_KEY_BYTES)


def encrypt(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """AES-256-GCM under a random nonce, which comes first in the result."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """The plain bytes behind `encrypt`; raises `cryptography.exceptions.InvalidTag` or `ValueError`."""
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)


def _check(values: Mapping[str, str], secret: bytes, recipients: Mapping[str, bytes], context: str) -> None:
    if len(secret) != SECRET_BYTES:
        raise UnfitValue(f"the secret of a trade has {SECRET_BYTES} bytes, got {len(secret)}")
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise UnfitValue(f"an envelope has 1 to {MAX_RECIPIENTS} recipients, got {len(recipients)}")
    if len(values) > MAX_VALUES:
        raise UnfitValue(f"an envelope carries at most {MAX_VALUES} values, got {len(values)}")
    if not 1 <= len(context) <= MAX_CONTEXT_CHARS:
        raise UnfitValue(f"the trade reference has 1 to {MAX_CONTEXT_CHARS} characters, got {len(context)}")
    for number, value in enumerate(values.values(), 1):
        if len(value) > MAX_VALUE_CHARS:
            raise UnfitValue(f"value {number}: at most {MAX_VALUE_CHARS} characters, got {len(value)}")
    if not all(map(is_did, recipients)):
        raise UnfitValue("recipients are named by their DID, at most 256 characters")
    _check_text([context, *values, *values.values()])


def _check_text(texts: list[str]) -> None:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raise UnfitValue("a value or reference contains half a character (a lone surrogate)") from None


def _bound_to(*parts: str) -> bytes:
    """Label and parts with their lengths, so that no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return _LABEL + b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _wrap(content_key: bytes, did: str, public_key: bytes, context: str) -> bytes:
    try:
        return _SUITE.encrypt(content_key, X25519PublicKey.from_public_bytes(public_key), info=_bound_to(context, did))
    except ValueError:
        raise UnfitValue(f"the X25519 public key of {did} is unusable: expected the 32 bytes of its key") from None


def _unwrap(envelope: Envelope, did: str, private_key: bytes) -> bytes:
    wrapped = envelope.keys.get(did)
    if wrapped is None:
        raise NotARecipient(f"the envelope of trade {envelope.trade} was not sealed for {did}")
    try:
        private = X25519PrivateKey.from_private_bytes(private_key)
    except ValueError:
        raise NotARecipient(f"an X25519 private key has 32 bytes, got {len(private_key)}") from None
    try:
        content_key = _SUITE.decrypt(wrapped, private, info=_bound_to(envelope.trade, did))
    except (InvalidTag, ValueError):
        raise NotARecipient(f"this is not the key of {did}, or its part of the envelope was altered") from None
    if len(content_key) != _KEY_BYTES:
        raise BrokenEnvelope("the envelope's content key has a wrong length: ask the sender for it again")
    return content_key
