"""Public keys as Multikey text (`z6Mk…`) and as JSON Web Keys, and the did:key identifiers made of them.

Sources: W3C Controlled Identifiers 1.0, section 2.2.2 (Multikey); the multicodec table; RFC 8037 (OKP keys).
"""

from base64 import urlsafe_b64encode
from enum import StrEnum
from typing import Any, Final

import msgspec

from sogdia.core import base58
from sogdia.core.keys import MalformedIdentifier


class KeyKind(StrEnum):
    """Kinds of public keys that documents here carry."""

    ED25519 = "Ed25519"
    X25519 = "X25519"
    SM2 = "SM2"


class PublicKey(msgspec.Struct, frozen=True):
    """A public key: raw 32 bytes, or for SM2 the 33 bytes of the compressed point."""

    kind: KeyKind
    raw: bytes


_CODECS: Final = {
    # multicodec code as unsigned varint -> kind, bytes of the raw key
    b"\xed\x01": (KeyKind.ED25519, 32),
    b"\xec\x01": (KeyKind.X25519, 32),
    b"\x86\x24": (KeyKind.SM2, 33),
}
_PREFIXES: Final = {kind: (prefix, length) for prefix, (kind, length) in _CODECS.items()}
_DID_KEY: Final = "did:key:"


def encode(key: PublicKey) -> str:
    """The key as Multikey text: multibase `z`, multicodec prefix, raw bytes."""
    prefix, length = _PREFIXES[key.kind]
    if len(key.raw) != length:
        raise MalformedIdentifier(f"a public key of kind {key.kind.value} has {length} bytes, got {len(key.raw)}")
    return "z" + base58.encode(prefix + key.raw, base58.BITCOIN)


def decode(text: str) -> PublicKey:
    """The key in Multikey text; raises `MalformedIdentifier`."""
    try:
        raw = base58.decode(text[1:], base58.BITCOIN) if text[:1] == "z" else b""
    except base58.MalformedBase58:
        raw = b""
    kind, length = _CODECS.get(raw[:2], (None, -1))
    if kind is None or len(raw) != 2 + length:
        raise MalformedIdentifier("expected an Ed25519, X25519 or SM2 key as Multikey: z, then Base58 (Bitcoin)")
    return PublicKey(kind, raw[2:])


def did_key(key: PublicKey) -> str:
    """The did:key identifier of a public key."""
    return _DID_KEY + encode(key)


def parse_did_key(did: str) -> PublicKey:
    """The public key that a did:key identifier is; raises `MalformedIdentifier`."""
    if not did.startswith(_DID_KEY):
        raise MalformedIdentifier("expected did:key:z…")
    return decode(did.removeprefix(_DID_KEY))


def jwk(key: PublicKey) -> dict[str, Any]:
    """The key as a JSON Web Key, for the kinds that RFC 8037 knows."""
    if key.kind is KeyKind.SM2:
        raise MalformedIdentifier("no registered JSON Web Key form exists for SM2: use Multikey")
    return {"kty": "OKP", "crv": key.kind.value, "x": urlsafe_b64encode(key.raw).rstrip(b"=").decode()}
