"""Enveloped XML signatures on CEB messages: made, checked, and refused when their shape is a trick.

One shape only: one ds:Signature, child of the root, one Reference with URI="" (the whole message), transforms
enveloped-signature and at most C14N 1.0 (2001-03-15), the signer's X.509 certificate in KeyInfo. So what is verified
is always all that is read. Sources: W3C XML-Signature 1.1; CEB 202205, section on signatures.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from sogdia.standards.ceb.errors import SignRefused
from sogdia.standards.ceb.facts import ROOTS
from sogdia.standards.ceb.fields import NAMESPACE
from sogdia.standards.ceb.parse import DS, message_of
from sogdia.standards.ceb.safe_xml import read_xml
from sogdia.standards.ceb.sm2 import Sm2PrivateKey, sign_sm2, sm2_point, verify_sm2

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{DS}enveloped-signature"
_CHINAPORT = "http://www.chinaport.gov.cn/2022/04/xmldsig#"
_XML = "{http://www.w3.org/XML/1998/namespace}"
RSA_BITS_MIN = 1024
RSA_BITS_GOOD = 2048


class Algorithm(msgspec.Struct, frozen=True):
    """A signature method with the digest method that belongs to it; another pairing is refused."""

    name: str
    signature_uri: str
    digest_uri: str
    weak: bool = False


RSA_SHA256 = Algorithm(
    "rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"
)
RSA_SHA1 = Algorithm("rsa-sha1", f"{DS}rsa-sha1", f"{DS}sha1", weak=True)
SM2_SM3 = Algorithm("sm2-sm3", f"{_CHINAPORT}sm2-sm3", f"{_CHINAPORT}sm3")
ALGORITHMS = (RSA_SHA256, RSA_SHA1, SM2_SM3)
"""RSA_SHA256 for our own use; RSA_SHA1 and SM2_SM3 as the customs package says, SM2_SM3 preferred there."""

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    RSA_SHA256.name: hashes.SHA256,
    RSA_SHA1.name: hashes.SHA1,
    SM2_SM3.name: hashes.SM3,
}

Key = rsa.RSAPrivateKey | Sm2PrivateKey | Callable[[bytes], bytes]
"""A private key, or a function that signs the canonical SignedInfo inside a token that never gives its key out."""


class SignatureReport(msgspec.Struct, frozen=True):
    """What a signature is worth. True only when it is intact AND its certificate is trusted.

    `intact`: the message is byte for byte (in canonical form) what the holder of the enclosed certificate signed.
    `trusted`: that certificate is one of the trusted ones, or was issued by one of them; never without any given.
    `weak`: SHA-1, or RSA under 2048 bits. `code` is "ok", "untrusted", or names what failed.
    """

    intact: bool
    trusted: bool
    code: str
    words: str
    algorithm: str = ""
    weak: bool = False
    subject: str = ""
    fingerprint: str = ""
    certificate: bytes = b""

    def __bool__(self) -> bool:
        return self.intact and self.trusted


def sign(xml: bytes, key: Key, certificate: x509.Certificate, algorithm: Algorithm = RSA_SHA256) -> bytes:
    """The message with its signature: after ExtendMessage on import, before it on export.

    Raises `SignRefused` when it is signed already or key, certificate and algorithm do not belong together,
    `MissingExtra` for SM2 without its library, `XmlRefused` for bytes that are no CEB message.
    """
    root = read_xml(xml)
    message = message_of(root)
    _refuse_tricks(root)
    if root.find(f".//{{{DS}}}*") is not None:
        raise SignRefused("already_signed", "the message carries a signature already")
    _check_key(key, certificate, algorithm)
    digest = base64.b64encode(_digest(algorithm, _canonical(root))).decode()
    signature = etree.fromstring(_skeleton(algorithm, digest, certificate))
    extension = root.find(f"{{{NAMESPACE}}}ExtendMessage")
    if message.flow == "export" and extension is not None:
        extension.addprevious(signature)
    else:
        root.append(signature)
    signature[1].text = base64.b64encode(_signature_value(key, _canonical(signature[0]), algorithm)).decode()
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)


def verify(
    xml: bytes,
    trusted: Iterable[x509.Certificate] | None = None,
    *,
    at: datetime | None = None,
    algorithms: tuple[Algorithm, ...] = ALGORITHMS,
) -> SignatureReport:
    """Checks the signature of a message; the report is true only for an intact one by a trusted certificate.

    `at` (aware) is the moment at which the certificate must be valid; without it its dates are not judged, nor ever
    revocation. An issuer is trusted one step up, for RSA; SM2 certificates must be among the trusted themselves.
    Raises `XmlRefused` for hostile bytes and `MissingExtra` for SM2 without its library; all else is in the report.
    """
    root = read_xml(xml)
    message_of(root)
    try:
        signed = _take_apart(root, algorithms)
        certificate = _certificate(signed.certificate)
        _check_signature(root, signed, certificate)
    except SignRefused as refused:
        return SignatureReport(False, False, refused.code, str(refused))
    code, words = _trust(certificate, list(trusted or ()), at)
    return SignatureReport(
        intact=True,
        trusted=code == "ok",
        code=code,
        words=words,
        algorithm=signed.algorithm.name,
        weak=signed.algorithm.weak or _bits(certificate) < RSA_BITS_GOOD,
        subject=_subject(certificate),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        certificate=signed.certificate,
    )


class _Signed(msgspec.Struct, frozen=True):
    """The parts of a signature whose shape was found good."""

    algorithm: Algorithm
    element: etree._Element
    info: etree._Element
    digest: bytes
    value: bytes
    certificate: bytes


def _take_apart(root: etree._Element, algorithms: tuple[Algorithm, ...]) -> _Signed:
    """Reads the one permitted shape; anything more, less or elsewhere is `SignRefused`."""
    _refuse_tricks(root)
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    if not signatures:
        raise SignRefused("unsigned", "the message carries no signature")
    if len(signatures) > 1:
        raise SignRefused("several_signatures", f"{len(signatures)} signatures; one is allowed")
    element = signatures[0]
    if element.getparent() is not root:
        raise SignRefused("misplaced_signature", "the signature is not a child of the root")
    info, value, key_info = _children(element, "SignedInfo", "SignatureValue", "KeyInfo")
    canonical, method, reference = _children(info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    transforms, digest_method, digest = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    _check_reference(canonical, reference, transforms)
    return _Signed(
        algorithm=_algorithm(_uri(method), _uri(digest_method), algorithms),
        element=element,
        info=info,
        digest=_base64(digest),
        value=_base64(value),
        certificate=_one_certificate(key_info),
    )


def _refuse_tricks(root: etree._Element) -> None:
    """A message inside a message, or xml: attributes, which C14N 1.0 hands down to SignedInfo."""
    for element in root.iter(f"{{{NAMESPACE}}}*"):
        if element is not root and etree.QName(element).localname in ROOTS:
            raise SignRefused("nested_message", f"a {etree.QName(element).localname} inside the message")
        if any(name.startswith(_XML) for name in map(str, element.attrib)):
            raise SignRefused("xml_attribute", "an xml: attribute; CEB messages have none")


def _children(parent: etree._Element, *names: str) -> list[etree._Element]:
    """The child elements, which must be exactly these, in this order."""
    found = [child for child in parent if isinstance(child.tag, str)]
    if [child.tag for child in found] != [f"{{{DS}}}{name}" for name in names]:
        shown = etree.QName(parent).localname
        raise SignRefused("bad_shape", f"{shown} must hold exactly {', '.join(names)}", element=shown)
    return found


def _check_reference(canonical: etree._Element, reference: etree._Element, transforms: etree._Element) -> None:
    if _uri(canonical) != C14N:
        raise SignRefused("bad_canonicalization", f"CanonicalizationMethod must be {C14N}")
    if reference.get("URI") != "":
        raise SignRefused("bad_reference", 'the Reference must have URI="", the whole message')
    found = [child for child in transforms if isinstance(child.tag, str)]
    named = [_uri(child) for child in found if child.tag == f"{{{DS}}}Transform"]
    if len(named) != len(found) or named not in ([ENVELOPED], [ENVELOPED, C14N]):
        raise SignRefused("bad_transform", "transforms must be enveloped-signature, then at most C14N 1.0")


def _uri(element: etree._Element) -> str:
    """The algorithm an element names; parameters inside it are refused."""
    if len(element):
        raise SignRefused("bad_shape", f"{etree.QName(element).localname} takes no parameters here")
    return element.get("Algorithm", "")


def _algorithm(signature_uri: str, digest_uri: str, algorithms: tuple[Algorithm, ...]) -> Algorithm:
    for algorithm in algorithms:
        if (algorithm.signature_uri, algorithm.digest_uri) == (signature_uri, digest_uri):
            return algorithm
    raise SignRefused("bad_algorithm", f"{signature_uri} with {digest_uri} is not accepted", algorithm=signature_uri)


def _one_certificate(key_info: etree._Element) -> bytes:
    found = list(key_info.iterfind(f"{{{DS}}}X509Data/{{{DS}}}X509Certificate"))
    if len(found) != 1:
        raise SignRefused("bad_certificate", f"{len(found)} certificates in KeyInfo; exactly one must stand there")
    return _base64(found[0])


def _base64(element: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        name = etree.QName(element).localname
        raise SignRefused("bad_base64", f"{name} is not base64", element=name) from None


def _certificate(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise SignRefused("bad_certificate", f"the certificate cannot be read: {error}") from None


def _check_signature(root: etree._Element, signed: _Signed, certificate: x509.Certificate) -> None:
    """Signature first, over SignedInfo in its place; then the digest, over the message without its signature."""
    if not _is_signed_by(certificate, signed.value, _canonical(signed.info), signed.algorithm):
        raise SignRefused("bad_signature", "the signature value does not fit the certificate and SignedInfo")
    _cut(signed.element)
    if _digest(signed.algorithm, _canonical(root)) != signed.digest:
        raise SignRefused("bad_digest", "the message was changed after it was signed")


def _is_signed_by(certificate: x509.Certificate, value: bytes, data: bytes, algorithm: Algorithm) -> bool:
    if algorithm == SM2_SM3:
        point = sm2_point(certificate)
        if point is None:
            raise SignRefused("wrong_key", "sm2-sm3 needs a certificate with an SM2 key")
        return verify_sm2(point, data, value)
    public = _rsa_key(certificate)
    try:
        public.verify(value, data, padding.PKCS1v15(), _HASHES[algorithm.name]())
    except InvalidSignature:
        return False
    return True


def _rsa_key(certificate: x509.Certificate) -> rsa.RSAPublicKey:
    try:
        public = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        public = None
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < RSA_BITS_MIN:
        raise SignRefused("wrong_key", f"the certificate holds no RSA key of at least {RSA_BITS_MIN} bits")
    return public


def _cut(signature: etree._Element) -> None:
    """Takes the signature out and nothing else: the text behind it stays (enveloped-signature transform)."""
    before, parent, behind = signature.getprevious(), signature.getparent(), signature.tail or ""
    assert parent is not None
    if before is None:
        parent.text = (parent.text or "") + behind
    else:
        before.tail = (before.tail or "") + behind
    signature.tail = None
    parent.remove(signature)


def _canonical(element: etree._Element) -> bytes:
    """C14N 1.0 without comments, with the namespaces that an inner element inherits."""
    return etree.tostring(element, method="c14n", exclusive=False, with_comments=False)


def _digest(algorithm: Algorithm, data: bytes) -> bytes:
    digest = hashes.Hash(_HASHES[algorithm.name]())
    digest.update(data)
    return digest.finalize()


def _check_key(key: Key, certificate: x509.Certificate, algorithm: Algorithm) -> None:
    """Key, certificate and algorithm must belong together; of a token's key only the certificate is known."""
    if algorithm == SM2_SM3:
        point = sm2_point(certificate)
        fits = point is not None and (not isinstance(key, Sm2PrivateKey) or key.point == point)
        if not fits or isinstance(key, rsa.RSAPrivateKey):
            raise SignRefused("wrong_key", "sm2-sm3 needs an SM2 key and its own certificate")
        return
    public = _rsa_key(certificate)
    if isinstance(key, Sm2PrivateKey) or (isinstance(key, rsa.RSAPrivateKey) and key.public_key() != public):
        raise SignRefused("wrong_key", f"{algorithm.name} needs an RSA key and its own certificate")


def _signature_value(key: Key, data: bytes, algorithm: Algorithm) -> bytes:
    if isinstance(key, Sm2PrivateKey):
        return sign_sm2(key, data)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), _HASHES[algorithm.name]())
    return key(data)


def _skeleton(algorithm: Algorithm, digest: str, certificate: x509.Certificate) -> str:
    """A ds:Signature without its value. No blanks inside: nothing for another implementation to read differently."""
    enclosed = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{C14N}"/><ds:SignatureMethod Algorithm="{algorithm.signature_uri}"/>'
        f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{ENVELOPED}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{algorithm.digest_uri}"/><ds:DigestValue>{digest}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo><ds:SignatureValue/>"
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{enclosed}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</ds:Signature>"
    )


def _trust(certificate: x509.Certificate, trusted: list[x509.Certificate], at: datetime | None) -> tuple[str, str]:
    if not any(certificate == known or _issued(known, certificate) for known in trusted):
        return "untrusted", "intact, but the certificate is none of the trusted ones nor issued by one"
    if at is not None and not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return "expired", "intact, but the certificate was not valid at that moment"
    return "ok", "intact, by a trusted certificate"


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether an authority's certificate signed this one. A certificate that is no authority issues nothing."""
    try:
        if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _bits(certificate: x509.Certificate) -> int:
    """Bits of the RSA key; an SM2 key of 256 bits counts as good."""
    return RSA_BITS_GOOD if sm2_point(certificate) is not None else _rsa_key(certificate).key_size


def _subject(certificate: x509.Certificate) -> str:
    try:
        return certificate.subject.rfc4514_string()
    except ValueError:
        return ""
