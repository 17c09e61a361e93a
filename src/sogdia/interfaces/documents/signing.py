"""The key that signs documents for customs: an RSA key with its certificate, from PEM files or made for a test."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from sogdia.standards.ceb import RSA_SHA256, Algorithm, sign

RSA_BITS = 2048
DAYS = 365


class UnfitKey(ValueError):
    """A file holds no RSA key or no certificate, or the two do not belong together."""


class DocumentKey(msgspec.Struct, frozen=True):
    """What documents are signed with. Customs' own networks ask for SM2; RSA is for partners and rehearsals."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    algorithm: Algorithm = RSA_SHA256

    def sign(self, xml: bytes) -> bytes:
        """The message with its signature."""
        return sign(xml, self.key, self.certificate, self.algorithm)

    def __repr__(self) -> str:
        return f"DocumentKey({self.certificate.subject.rfc4514_string()}, key hidden)"


def load_key(key: Path, certificate: Path, passphrase: bytes | None = None) -> DocumentKey:
    """A key and its certificate from PEM files. UnfitKey says which of them is wrong."""
    try:
        private = load_pem_private_key(key.read_bytes(), passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise UnfitKey(f"{key}: no private key in PEM that opens: {wrong}") from None
    if not isinstance(private, rsa.RSAPrivateKey):
        raise UnfitKey(f"{key}: not an RSA key")
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except ValueError as wrong:
        raise UnfitKey(f"{certificate}: no certificate in PEM: {wrong}") from None
    if found.public_key() != private.public_key():
        raise UnfitKey(f"{certificate}: not the certificate of {key}")
    return DocumentKey(private, found)


def self_signed(name: str, from_moment: datetime, days: int = DAYS) -> DocumentKey:
    """A fresh key with a certificate that it signed itself: for tests and rehearsals, trusted by nobody.

    `from_moment` is aware; the certificate holds so many days from then.
    """
    key = rsa.generate_private_key(65537, RSA_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(from_moment)
        .not_valid_after(from_moment + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return DocumentKey(key, builder.sign(key, hashes.SHA256()))
