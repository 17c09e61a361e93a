"""SM2 in did:bid: identifiers of SM2 keys, and signatures if the optional extra `gm` is installed.

Sources: GB/T 32918.2 (SM2), GB/T 32905 (SM3), bif-rfcs RFC-003. Not part of the ledger's signature rule.
"""

from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sogdia.core.keys import MalformedIdentifier, identifier_of_digest

SIGNER_ID: Final = b"1234567812345678"
"""User id that goes into every SM2 signature, the default of GM/T 0009."""

COORDINATES_BYTES: Final = 64
_UNCOMPRESSED: Final = b"\x04"


class Sm2Unavailable(RuntimeError):
    """SM2 signatures need the extra: pip install sogdia[gm]."""


def coordinates(public_key: bytes) -> bytes:
    """X and Y, 64 bytes, of a public key given with or without the leading 0x04."""
    if len(public_key) == COORDINATES_BYTES + 1 and public_key[:1] == _UNCOMPRESSED:
        return public_key[1:]
    if len(public_key) != COORDINATES_BYTES:
        raise MalformedIdentifier("an SM2 public key is 04 and 64 bytes of coordinates")
    return public_key


def compressed(public_key: bytes) -> bytes:
    """The 33-byte compressed point: 02 or 03 by the parity of Y, then X."""
    point = coordinates(public_key)
    return bytes([2 + (point[-1] & 1)]) + point[:32]


def identifier(network_code: str, public_key: bytes) -> str:
    """The did:bid identifier of an SM2 public key: from SM3 of 04, X, Y."""
    return identifier_of_digest(network_code, "z", _sm3(_UNCOMPRESSED + coordinates(public_key)))


def legacy_identifier(network_code: str, public_key: bytes) -> str:
    """What one older kit made: SM3 without the leading 04. To recognise old identifiers; never to make new ones."""
    return identifier_of_digest(network_code, "z", _sm3(coordinates(public_key)))


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64-byte signature (r, s) is good; raises `Sm2Unavailable` without the extra."""
    try:
        import gmssl_pyx
    except ImportError:
        raise Sm2Unavailable("to check SM2 signatures install the extra: pip install sogdia[gm]") from None
    if len(signature) != 64:
        return False
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        return bool(gmssl_pyx.sm2_verify(coordinates(public_key), message, der, SIGNER_ID))
    except gmssl_pyx.GmsslInnerError:
        return False


def _sm3(raw: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(raw)
    return digest.finalize()
