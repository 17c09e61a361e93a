"""Signing keys, THE signature rule, and the identifiers that keys have.

The rule is consensus: Ed25519 as libsodium verifies it, frozen by the table of edge cases in `tests/core/test_keys.py`.
Libraries disagree on odd signatures (small-order points, non-canonical encodings), and two nodes that disagree on one
signature are two ledgers. So there is no fallback to another library, and `check_rule` refuses to start on a libsodium
that answers differently. Pure: seeds are given, nothing here draws randomness.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

import msgspec
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from sogdia.core import base58

EDDSA: Final = "EdDSA"
SEED_BYTES: Final = 32
PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


class MalformedIdentifier(ValueError):
    """The text is not a DID, a key id, or an encoded key."""


# --- the signature rule ---------------------------------------------------------------------------------------------


def _verify_eddsa(public_key: bytes, message: bytes, signature: bytes) -> bool:
    # libsodium reads 32 and 64 bytes whatever it is given, so the lengths are part of the rule.
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True


SCHEMES: Final[Mapping[str, Callable[[bytes, bytes, bytes], bool]]] = MappingProxyType({EDDSA: _verify_eddsa})
"""Scheme id, as it stands in a signature's `alg` header, and the check of (public key, message, signature)."""


def verify(scheme: str, public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is good under the scheme. Never raises on bytes; an unknown scheme is False.

    Releases the GIL while it computes, so threads verify in parallel.
    """
    check = SCHEMES.get(scheme)
    return check is not None and check(public_key, message, signature)


_RULE: Final = (
    # public key, message, signature, verdict; cases of the table in tests/core/test_keys.py
    (
        "ff6f43ab4e72e31b78049fcc5f97455becdd0ea428c1fd6c7a0fc66e991c7cb9", b"message 2",
        "b31b20f50426242514d81b383548bd90de72fd0b8cf2382a88f9f52ce5076b23"
        "0b694ad0cb025126a0a4ae3f8f9b385348efce5fe402fe8c9eda05ef6b257406", True,
    ),  # an ordinary signature
    (
        "bf0897a61d855442ee8ea10d40d5e4295cf6a0f9a153daecf3f162db13f2950a", b"message 1",
        "186ed2bdbd1a36f6437c5168b0221914018ea4f32a1c3fcd1c1794d64fbd596e"
        "63693d0bb431ba12df2ca3e137672037905914536b3e69babf697494df13990f", False,
    ),  # holds only times the cofactor
    (
        "ff6f43ab4e72e31b78049fcc5f97455becdd0ea428c1fd6c7a0fc66e991c7cb9", b"message 2",
        "b31b20f50426242514d81b383548bd90de72fd0b8cf2382a88f9f52ce5076b23"
        "f83c402de665637e7641a6e26d95176848efce5fe402fe8c9eda05ef6b257416", False,
    ),  # S above the group order
    (
        "0100000000000000000000000000000000000000000000000000000000000080", b"message 29",
        "b31b20f50426242514d81b383548bd90de72fd0b8cf2382a88f9f52ce5076b23"
        "e878dca548664051e5e695d8c157b538a506f9a3dd9f0e9cfed7f4de62238207", False,
    ),  # small-order key, not canonical
    (
        "ff6f43ab4e72e31b78049fcc5f97455becdd0ea428c1fd6c7a0fc66e991c7cb9", b"message 0",
        "0100000000000000000000000000000000000000000000000000000000000000"
        "c0adccffacdc0397370fd6f520e65cc2afeaa43ce57570cb205ce6f8d5200f04", False,
    ),  # R is the neutral point
)  # fmt: skip


def check_rule() -> None:
    """Raise `RuntimeError` unless the installed libsodium follows the rule. For the start of a node; under 1 ms."""
    for public_key, message, signature, accepted in _RULE:
        if _verify_eddsa(bytes.fromhex(public_key), message, bytes.fromhex(signature)) is not accepted:
            raise RuntimeError("the installed libsodium follows another signature rule: install the pinned PyNaCl")


class SigningKey:
    """An Ed25519 key that signs, from its 32-byte seed. Never shows the seed when printed."""

    __slots__ = ("_secret", "public")

    scheme: Final = EDDSA

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError(f"a signing key is made from a seed of {SEED_BYTES} bytes, got {len(seed)}")
        self.public, self._secret = crypto_sign_seed_keypair(seed)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature; the same message always gives the same signature (RFC 8032)."""
        return crypto_sign(message, self._secret)[:SIGNATURE_BYTES]

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.hex()})"


# --- identifiers ----------------------------------------------------------------------------------------------------

NETWORK_CODE: Final = re.compile(r"[a-z0-9]{4}")
"""The chain code (acsn) of a sub-chain: four lower-case letters or digits."""

_BID: Final = re.compile(r"did:bid:(?:([a-z0-9]{4}):)?([ezs])([fst])([0-9A-Za-z]{20,40})")
_DID: Final = re.compile(r"did:[a-z0-9]+:(?:[A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})")
_FRAGMENT: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_MAX_DID_CHARS: Final = 256
_BODY_BYTES: Final = 22


class BidIdentifier(msgspec.Struct, frozen=True):
    """The parts of a did:bid identifier."""

    network_code: str
    """Four characters, or empty for the main chain."""
    key_type: str
    """e = Ed25519, z = SM2, s = secp256k1."""
    encoding: str
    """f = Base58 (BIF alphabet), s = Base64, t = Bech32."""
    body: str
    """The last 22 bytes of the digest of the public key, encoded."""

    def __str__(self) -> str:
        chain = f"{self.network_code}:" if self.network_code else ""
        return f"did:bid:{chain}{self.key_type}{self.encoding}{self.body}"


def identifier(network_code: str, public_key: bytes) -> str:
    """The did:bid identifier of an Ed25519 public key on this network; an empty code is the main chain.

    Source: BID Protocol Specification 2.0.0 and bif-rfcs RFC-003: last 22 bytes of SHA-256, in Base58 (BIF).
    """
    if len(public_key) != PUBLIC_KEY_BYTES:
        raise ValueError(f"an Ed25519 public key has {PUBLIC_KEY_BYTES} bytes, got {len(public_key)}")
    return identifier_of_digest(network_code, "e", sha256(public_key).digest())


def identifier_of_digest(network_code: str, key_type: str, digest: bytes) -> str:
    """The did:bid identifier for the 32-byte digest of a public key of this type (`e`, `z` or `s`)."""
    if network_code and not NETWORK_CODE.fullmatch(network_code):
        raise MalformedIdentifier(f"a network code is four lower-case letters or digits, got {network_code!r}")
    return str(BidIdentifier(network_code, key_type, "f", base58.encode(digest[-_BODY_BYTES:])))


def parse_identifier(did: str) -> BidIdentifier:
    """The parts of a did:bid identifier, checked; raises `MalformedIdentifier`."""
    found = _BID.fullmatch(did)
    if not found:
        raise MalformedIdentifier("expected did:bid:<network code>:<key type><encoding><body>, e.g. did:bid:sgd1:ef…")
    parts = BidIdentifier(found[1] or "", found[2], found[3], found[4])
    if parts.encoding == "f" and not _is_base58_body(parts.body):
        raise MalformedIdentifier("the identifier's body is not 22 bytes of Base58 in the alphabet of did:bid")
    return parts


def _is_base58_body(body: str) -> bool:
    try:
        return len(base58.decode(body)) == _BODY_BYTES
    except base58.MalformedBase58:
        return False


def is_did(text: str) -> bool:
    """Whether the text is a DID of any method, at most 256 characters (W3C DID Core 1.0, 3.1)."""
    return len(text) <= _MAX_DID_CHARS and _DID.fullmatch(text) is not None


def key_id(did: str, number: int = 1) -> str:
    """The id of a party's n-th key: `<did>#key-<n>`."""
    return f"{did}#key-{number}"


def parse_key_id(text: str) -> tuple[str, str]:
    """The DID and the key's name, from a DID URL like `did:bid:…#key-1`; raises `MalformedIdentifier`."""
    did, mark, fragment = text.partition("#")
    if not mark or not _FRAGMENT.fullmatch(fragment) or not is_did(did):
        raise MalformedIdentifier("a key id is a DID, the sign # and the key's name, e.g. did:bid:sgd1:ef…#key-1")
    if did.startswith("did:bid:"):
        parse_identifier(did)
    return did, fragment


# --- keys as text, in the form of the Xinghuo network ---------------------------------------------------------------

_PRIVATE_PREFIX: Final = bytes.fromhex("189e99")
_PUBLIC_PREFIX: Final = 0xB0
_BASE58_MARK: Final = ord("f")
_KEY_TYPES: Final = "ezs"
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}){1,70}")


def encode_private(seed: bytes, key_type: str = "e") -> str:
    """A 32-byte private key as text that begins with `priS` (bif-rfcs RFC-003). A secret: never log it."""
    return base58.encode(_PRIVATE_PREFIX + bytes([ord(key_type), _BASE58_MARK]) + seed)


def decode_private(text: str) -> tuple[str, bytes]:
    """The key type (`e`, `z`, `s`) and the 32-byte private key. The error never repeats the text."""
    try:
        raw = base58.decode(text)
    except base58.MalformedBase58:
        raw = b""
    if len(raw) != 5 + SEED_BYTES or raw[:3] != _PRIVATE_PREFIX or raw[4] != _BASE58_MARK:
        raise MalformedIdentifier("not a private key of the Xinghuo network: expected about 50 characters from priS on")
    if chr(raw[3]) not in _KEY_TYPES:
        raise MalformedIdentifier("the private key is of no known type: expected Ed25519, SM2 or secp256k1")
    return chr(raw[3]), raw[5:]


def encode_public(public_key: bytes, key_type: str = "e") -> str:
    """A public key as hexadecimal text that begins with `b0`, then the key type and the encoding."""
    return bytes([_PUBLIC_PREFIX, ord(key_type), _BASE58_MARK]).hex() + public_key.hex()


def decode_public(text: str) -> tuple[str, bytes]:
    """The key type and the raw public key; raises `MalformedIdentifier`."""
    raw = bytes.fromhex(text) if _HEX.fullmatch(text) else b""
    if len(raw) < 35 or raw[0] != _PUBLIC_PREFIX or raw[2] != _BASE58_MARK or chr(raw[1]) not in _KEY_TYPES:
        raise MalformedIdentifier("not a public key of the Xinghuo network: expected b0, a key type, 66 and the key")
    if chr(raw[1]) == "e" and len(raw) != 3 + PUBLIC_KEY_BYTES:
        raise MalformedIdentifier("an Ed25519 public key has 32 bytes")
    return chr(raw[1]), raw[3:]
