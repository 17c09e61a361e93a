"""SM2 signatures and SM3 digests (GB/T 32918, GB/T 32905), for the signature that customs prefers since 2022.

SM3 comes with `cryptography`; SM2 needs the extra `gm` (gmssl-pyx). Signatures travel as r || s, 64 bytes, as XMLDSig
writes ECDSA; DER is read too, since the form customs uses was not in what we could read.
"""

from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from sogdia.standards.ceb.errors import MissingExtra, SignRefused

_CURVE_OID = bytes.fromhex("06082a811ccf5501822d")
_SPKI_PLACE = 6
"""In a TBSCertificate after version, serial, algorithm, issuer, validity and subject (RFC 5280, section 4.1)."""


class Sm2PrivateKey(msgspec.Struct, frozen=True):
    """A private key: the scalar, 32 bytes, and its point x || y, 64 bytes."""

    scalar: bytes
    point: bytes

    def __repr__(self) -> str:
        return "Sm2PrivateKey(hidden)"


def library() -> Any:
    """gmssl-pyx, or `MissingExtra` with the command that brings it."""
    try:
        import gmssl_pyx
    except ImportError:
        words = "SM2 signatures need the extra 'gm': pip install 'sogdia[gm]'"
        raise MissingExtra("missing_extra", words, extra="gm") from None
    return gmssl_pyx


def sign_sm2(key: Sm2PrivateKey, data: bytes) -> bytes:
    """r || s over the data, with the standard signer id 1234567812345678."""
    gmssl = library()
    try:
        der = gmssl.sm2_sign(key.scalar, key.point, data)
    except gmssl.GmsslInnerError as error:
        raise SignRefused("bad_key", f"the SM2 key cannot sign: {error}") from None
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify_sm2(point: bytes, data: bytes, signature: bytes) -> bool:
    """Whether r || s (or DER) is a signature of the data by the key of this point."""
    gmssl = library()
    if len(signature) == 64:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        signature = encode_dss_signature(r, s)
    try:
        return bool(gmssl.sm2_verify(point, data, signature))
    except gmssl.GmsslInnerError:
        return False


def sm2_point(certificate: x509.Certificate) -> bytes | None:
    """The public point x || y of an SM2 certificate, None for another kind: `cryptography` has no such curve."""
    place, end = _contents(certificate.tbs_certificate_bytes, 0)
    tbs = certificate.tbs_certificate_bytes
    if tbs[place] != 0xA0:  # version 1 certificates leave the version out
        return None
    for _ in range(_SPKI_PLACE):
        _, place = _contents(tbs, place)
    start, end = _contents(tbs, place)
    spki = tbs[start:end]
    if _CURVE_OID not in spki[:32] or len(spki) < 65 or spki[-65] != 0x04:
        return None
    return spki[-64:]


def _contents(der: bytes, place: int) -> tuple[int, int]:
    """Where the contents of the DER element at `place` begin and end."""
    length, start = der[place + 1], place + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(der[start : start + size], "big"), start + size
    return start, start + length
