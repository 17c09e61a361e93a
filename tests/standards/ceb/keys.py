"""Keys and certificates for tests, made once a run; the SM2 pair was made with OpenSSL for this purpose alone."""

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sogdia.standards.ceb import Sm2PrivateKey

BORN = datetime(2020, 1, 1, tzinfo=UTC)
DEAD = datetime(2040, 1, 1, tzinfo=UTC)


def rsa_key(owner: str = "carrier", bits: int = 2048) -> rsa.RSAPrivateKey:
    """The key of an owner, the same throughout a run."""
    return _made(owner, bits)


@cache
def _made(owner: str, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def certificate(
    owner: str = "carrier", issuer: str = "", *, authority: bool = False, bits: int = 2048
) -> x509.Certificate:
    """A certificate of an owner, self-signed or by an issuer."""
    signer = issuer or owner
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(owner))
        .issuer_name(_name(signer))
        .public_key(rsa_key(owner, bits).public_key())
        .serial_number(1)
        .not_valid_before(BORN)
        .not_valid_after(DEAD)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return builder.sign(rsa_key(signer, 2048 if issuer else bits), hashes.SHA256())


def _name(owner: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"invented {owner}")])


SM2_CERTIFICATE = x509.load_pem_x509_certificate(b"""-----BEGIN CERTIFICATE-----
MIIB0DCCAXWgAwIBAgIUNbpdpG/YlY+hO/KK63ydcX6GDy0wCgYIKoEcz1UBg3Uw
PDELMAkGA1UEBhMCWloxGTAXBgNVBAoMEEludmVudGVkIENhcnJpZXIxEjAQBgNV
BAMMCVRlc3Qgb25seTAgFw0yNjExMjIxMzU0MjdaGA8yMTI2MTAyOTEzNTQyN1ow
PDELMAkGA1UEBhMCWloxGTAXBgNVBAoMEEludmVudGVkIENhcnJpZXIxEjAQBgNV
BAMMCVRlc3Qgb25seTBZMBMGByqGSM49AgEGCCqBHM9VAYItA0IABJofnmagOxUw
qdX0ogU8SSUKklPvmbBNo6+EjqV5ZJqjrQLkq3g2HZUYIEgH29J8dR01LVvoEgz7
TL+3aQk5tNejUzBRMB0GA1UdDgQWBBS1PegVulVi9wWfni+Eu2bkb3fe7jAfBgNV
HSMEGDAWgBS1PegVulVi9wWfni+Eu2bkb3fe7jAPBgNVHRMBAf8EBTADAQH/MAoG
CCqBHM9VAYN1A0kAMEYCIQCgAV77fO+5+RyX8tpXoUHdUrGEGZ6IVJdSvtUKz8YM
JgIhAPBBSu4bYgzIhR/E+e1NgIsVD/2SXjdnb4HZDvSM9+dE
-----END CERTIFICATE-----""")
SM2_KEY = Sm2PrivateKey(
    scalar=bytes.fromhex("4c7287b519df7be4d6a852097477a7f5ed443f18527a1d655baf564ae1382022"),
    point=bytes.fromhex(
        "9a1f9e66a03b1530a9d5f4a2053c49250a9253ef99b04da3af848ea579649aa3"
        "ad02e4ab78361d9518204807dbd27c751d352d5be8120cfb4cbfb7690939b4d7"
    ),
)
