"""Signatures: made, checked by us and by others, and refused when a byte or their shape is wrong."""

import base64
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from sogdia.standards.ceb import (
    RSA_SHA1,
    RSA_SHA256,
    SM2_SM3,
    Algorithm,
    Extension,
    MissingExtra,
    SignatureReport,
    SignRefused,
    XmlRefused,
    build,
    example,
    parse,
    sign,
    validate,
    verify,
)
from tests.standards.ceb.keys import SM2_CERTIFICATE, SM2_KEY, certificate, rsa_key

DS = "http://www.w3.org/2000/09/xmldsig#"
PLAIN = build(example(621, lines=2))


@pytest.fixture(scope="module")
def signed() -> bytes:
    return sign(PLAIN, rsa_key(), certificate())


def changed(signed: bytes, old: str, new: str) -> SignatureReport:
    assert old.encode() in signed
    return verify(signed.replace(old.encode(), new.encode(), 1), [certificate()])


def element(signed: bytes, name: str) -> str:
    """The text of an element of the signature."""
    return etree.fromstring(signed).findtext(f".//{{{DS}}}{name}") or ""


def signed_info(signed: bytes) -> bytes:
    """What the signature value was made over."""
    (info,) = etree.fromstring(signed).iter(f"{{{DS}}}SignedInfo")
    return etree.tostring(info, method="c14n")


@pytest.mark.parametrize("algorithm", [RSA_SHA256, RSA_SHA1], ids=lambda each: each.name)
@pytest.mark.parametrize("number", [311, 621, 303, 603])
def test_a_signed_message_is_intact_and_still_says_the_same(number: int, algorithm: Algorithm) -> None:
    document = example(number, lines=2)
    xml = sign(build(document), rsa_key(), certificate(), algorithm)
    report = verify(xml, [certificate()])
    assert report
    assert (report.code, report.algorithm, report.weak) == ("ok", algorithm.name, algorithm is RSA_SHA1)
    assert report.subject == "CN=invented carrier"
    assert report.fingerprint == certificate().fingerprint(hashes.SHA256()).hex()
    assert parse(xml) == msgspec.structs.replace(document, signed=True)
    assert validate(xml) == []


def test_another_implementation_accepts_our_signature(signed: bytes) -> None:
    signxml = pytest.importorskip("signxml", reason="signxml gives the second opinion on our signatures")
    result = signxml.XMLVerifier().verify(signed, x509_cert=certificate())
    assert etree.QName(result.signed_xml).localname == "CEB621Message"


def test_we_accept_the_signature_of_another_implementation() -> None:
    signxml = pytest.importorskip("signxml", reason="signxml gives the second opinion on our signatures")
    signer = signxml.XMLSigner(c14n_algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315")
    root = signer.sign(etree.fromstring(PLAIN), key=rsa_key(), cert=[certificate()])
    for pretty in (False, True):
        if pretty:
            root.append(etree.Comment("not signed, and not read either"))
        assert verify(etree.tostring(root), [certificate()]).code == "ok"


def test_digest_and_signature_are_what_the_standard_says(signed: bytes) -> None:
    canonical = etree.tostring(etree.fromstring(PLAIN), method="c14n")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(canonical)
    assert base64.b64decode(element(signed, "DigestValue")) == digest.finalize()
    info = signed_info(signed)
    value = base64.b64decode(element(signed, "SignatureValue"))
    rsa_key().public_key().verify(value, info, padding.PKCS1v15(), hashes.SHA256())


def test_every_altered_byte_of_the_message_is_found(signed: bytes) -> None:
    end = signed.index(b"<ds:Signature ")
    for at in range(signed.index(b"<ceb:Inventory>"), end, 7):
        if not chr(signed[at]).isalnum():
            continue
        other = signed[:at] + (b"1" if signed[at : at + 1] != b"1" else b"2") + signed[at + 1 :]
        try:
            assert not verify(other, [certificate()]).intact, at
        except XmlRefused:
            continue  # a tag was hit


def test_every_altered_character_of_the_signed_values_is_found(signed: bytes) -> None:
    for name in ("DigestValue", "SignatureValue"):
        text = element(signed, name).rstrip("=")[:-1]
        begin = signed.index(text.encode())
        for at in range(begin, begin + len(text), 5):
            other = b"A" if signed[at : at + 1] != b"A" else b"B"
            assert verify(signed[:at] + other + signed[at + 1 :], [certificate()]).code == "bad_signature"


def test_a_stranger_with_an_intact_signature_is_not_trusted() -> None:
    xml = sign(PLAIN, rsa_key("stranger"), certificate("stranger"))
    report = verify(xml, [certificate()])
    assert (report.intact, report.trusted, bool(report), report.code) == (True, False, False, "untrusted")
    assert not verify(xml)
    assert verify(xml).intact


def test_a_certificate_issued_by_a_trusted_authority_is_trusted_one_by_anyone_else_is_not() -> None:
    issued = certificate("seller", "authority")
    xml = sign(PLAIN, rsa_key("seller"), issued)
    assert verify(xml, [certificate("authority", authority=True)])
    assert verify(xml, [certificate("authority", authority=False)]).code == "untrusted"
    assert verify(xml, [certificate("carrier", authority=True)]).code == "untrusted"


@pytest.mark.parametrize(("year", "code"), [(2019, "expired"), (2026, "ok"), (2041, "expired")])
def test_a_certificate_counts_only_within_its_dates(signed: bytes, year: int, code: str) -> None:
    assert verify(signed, [certificate()], at=datetime(year, 6, 1, tzinfo=UTC)).code == code


def test_a_caller_may_refuse_sha1() -> None:
    xml = sign(PLAIN, rsa_key(), certificate(), RSA_SHA1)
    assert verify(xml, [certificate()], algorithms=(RSA_SHA256,)).code == "bad_algorithm"


def test_a_short_rsa_key_is_called_weak() -> None:
    report = verify(sign(PLAIN, rsa_key("old", 1024), certificate("old", bits=1024)))
    assert (report.intact, report.weak) == (True, True)


@pytest.mark.parametrize("number", [311, 303])
def test_the_signature_stands_behind_the_extension_on_import_and_before_it_on_export(number: int) -> None:
    document = msgspec.structs.replace(example(number), extension=Extension("a", "1", "text"))
    xml = sign(build(document), rsa_key(), certificate())
    assert (xml.index(b"ExtendMessage") < xml.index(b"ds:Signature")) == (number == 311)
    assert verify(xml, [certificate()])
    assert parse(xml).findings == ()


def test_blanks_around_the_signature_belong_to_the_message() -> None:
    pretty = PLAIN.replace(b"><ceb:BaseTransfer>", b">\n  <ceb:BaseTransfer>").replace(
        b"</ceb:CEB621Message>", b"\n</ceb:CEB621Message>"
    )
    xml = sign(pretty, rsa_key(), certificate())
    assert verify(xml, [certificate()])
    moved = xml.replace(b"</ds:Signature></ceb:", b"</ds:Signature> </ceb:")
    assert verify(moved, [certificate()]).code == "bad_digest"


def test_a_token_may_sign_without_giving_its_key_out() -> None:
    def token(data: bytes) -> bytes:
        return rsa_key().sign(data, padding.PKCS1v15(), hashes.SHA256())

    assert verify(sign(PLAIN, token, certificate()), [certificate()])


# --- what is not signed -----------------------------------------------------------------------------------------------


def test_a_message_is_signed_once(signed: bytes) -> None:
    with pytest.raises(SignRefused) as refused:
        sign(signed, rsa_key(), certificate())
    assert refused.value.code == "already_signed"


@pytest.mark.parametrize(
    ("key", "holder", "algorithm"),
    [("stranger", "carrier", RSA_SHA256), ("carrier", "carrier", SM2_SM3), ("carrier", "sm2", RSA_SHA256)],
)
def test_key_certificate_and_algorithm_must_belong_together(key: str, holder: str, algorithm: Algorithm) -> None:
    held = SM2_CERTIFICATE if holder == "sm2" else certificate(holder)
    with pytest.raises(SignRefused) as refused:
        sign(PLAIN, rsa_key(key), held, algorithm)
    assert refused.value.code == "wrong_key"


def test_an_unsigned_message_is_called_so() -> None:
    report = verify(PLAIN, [certificate()])
    assert (bool(report), report.code) == (False, "unsigned")


# --- wrapping and other tricks ----------------------------------------------------------------------------------------


def test_a_signature_of_another_element_is_refused(signed: bytes) -> None:
    assert changed(signed, 'URI=""', 'URI="#x"').code == "bad_reference"
    assert changed(signed, ' URI=""', "").code == "bad_reference"


def test_other_transforms_are_refused(signed: bytes) -> None:
    transform = f'<ds:Transform Algorithm="{DS}enveloped-signature"/>'
    xpath = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/>'
    exclusive = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
    for bad in (xpath, transform + xpath, transform + exclusive, transform * 2, ""):
        assert changed(signed, transform, bad).code == "bad_transform"
    inner = f'<ds:Transform Algorithm="{DS}enveloped-signature"><ds:XPath>x</ds:XPath></ds:Transform>'
    assert changed(signed, transform, inner).code == "bad_shape"


def test_other_canonical_forms_and_algorithms_are_refused(signed: bytes) -> None:
    c14n = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    assert changed(signed, c14n, c14n + "#WithComments").code == "bad_canonicalization"
    assert changed(signed, RSA_SHA256.signature_uri, f"{DS}hmac-sha1").code == "bad_algorithm"
    assert changed(signed, RSA_SHA256.digest_uri, RSA_SHA1.digest_uri).code == "bad_algorithm"


def test_two_signatures_are_refused(signed: bytes) -> None:
    begin, end = signed.index(b"<ds:Signature "), signed.index(b"</ceb:CEB621Message>")
    twice = signed[:end] + signed[begin:end] + signed[end:]
    assert verify(twice, [certificate()]).code == "several_signatures"


def test_a_signature_moved_into_the_message_is_refused(signed: bytes) -> None:
    begin, end = signed.index(b"<ds:Signature "), signed.index(b"</ceb:CEB621Message>")
    signature = signed[begin:end]
    hidden = signed[:begin].replace(b"</ceb:Inventory>", signature + b"</ceb:Inventory>") + signed[end:]
    assert verify(hidden, [certificate()]).code == "misplaced_signature"


def test_the_signed_message_wrapped_in_another_is_refused(signed: bytes) -> None:
    inner = signed.split(b"?>\n", 1)[1]
    forged = PLAIN.replace(
        b"</ceb:CEB621Message>", b"<ceb:ExtendMessage>" + inner + b"</ceb:ExtendMessage></ceb:CEB621Message>"
    )
    assert verify(forged, [certificate()]).code == "nested_message"


def test_a_second_business_node_beside_the_signed_one_is_found(signed: bytes) -> None:
    begin, end = signed.index(b"<ceb:Inventory>"), signed.index(b"<ceb:BaseTransfer>")
    assert verify(signed[:end] + signed[begin:end] + signed[end:], [certificate()]).code == "bad_digest"


@pytest.mark.parametrize("where", ["SignedInfo", "KeyInfo", "Signature"])
def test_nothing_may_be_added_to_the_signature(signed: bytes, where: str) -> None:
    extra = "<ds:Object>x</ds:Object>"
    report = changed(signed, f"</ds:{where}>", f"{extra}</ds:{where}>")
    assert report.code == ("ok" if where == "KeyInfo" else "bad_shape")


def test_exactly_one_readable_certificate_must_be_enclosed(signed: bytes) -> None:
    enclosed = f"<ds:X509Certificate>{element(signed, 'X509Certificate')}</ds:X509Certificate>"
    assert changed(signed, enclosed, "").code == "bad_certificate"
    assert changed(signed, enclosed, enclosed * 2).code == "bad_certificate"
    assert changed(signed, enclosed, "<ds:X509Certificate>AAAA</ds:X509Certificate>").code == "bad_certificate"
    assert changed(signed, enclosed, "<ds:X509Certificate>!</ds:X509Certificate>").code == "bad_base64"


def test_an_attribute_that_canonical_form_hands_down_is_refused(signed: bytes) -> None:
    assert changed(signed, "<ceb:Inventory>", '<ceb:Inventory xml:base="x">').code == "xml_attribute"


def test_a_comment_cannot_shorten_a_signed_value(signed: bytes) -> None:
    with pytest.raises(XmlRefused):
        verify(signed.replace(b"INVENTED-ORDER-1", b"INVENTED<!-- -->-ORDER-1"), [certificate()])


# --- SM2 --------------------------------------------------------------------------------------------------------------


def test_an_sm2_signature_is_made_and_checked() -> None:
    pytest.importorskip("gmssl_pyx", reason="SM2 needs the extra 'gm'")
    xml = sign(PLAIN, SM2_KEY, SM2_CERTIFICATE, SM2_SM3)
    assert b"http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3" in xml
    assert b"http://www.chinaport.gov.cn/2022/04/xmldsig#sm3" in xml
    report = verify(xml, [SM2_CERTIFICATE])
    assert report
    assert (report.algorithm, report.weak) == ("sm2-sm3", False)
    assert verify(xml, [certificate()]).code == "untrusted"
    assert verify(xml.replace(b"INVENTED-ORDER-1", b"INVENTED-ORDER-2"), [SM2_CERTIFICATE]).code == "bad_digest"
    assert (
        verify(xml.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA"), [SM2_CERTIFICATE]).code
        == "bad_signature"
    )


def test_openssl_accepts_our_sm2_signature(tmp_path: Path) -> None:
    pytest.importorskip("gmssl_pyx", reason="SM2 needs the extra 'gm'")
    openssl = shutil.which("openssl") or pytest.skip("openssl gives the second opinion on SM2 signatures")
    xml = sign(PLAIN, SM2_KEY, SM2_CERTIFICATE, SM2_SM3)
    value = base64.b64decode(element(xml, "SignatureValue"))
    r, s = int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big")
    (tmp_path / "signature").write_bytes(encode_dss_signature(r, s))
    (tmp_path / "data").write_bytes(signed_info(xml))
    (tmp_path / "certificate").write_bytes(SM2_CERTIFICATE.public_bytes(Encoding.PEM))
    how = "-verify -certin -inkey certificate -rawin -digest sm3 -in data -sigfile signature"
    command = [openssl, "pkeyutl", *how.split(), "-pkeyopt", "distid:1234567812345678"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in result.stdout, result.stderr


def test_an_sm2_signature_in_der_is_read_too() -> None:
    gmssl = pytest.importorskip("gmssl_pyx", reason="SM2 needs the extra 'gm'")

    def token(data: bytes) -> bytes:
        return bytes(gmssl.sm2_sign(SM2_KEY.scalar, SM2_KEY.point, data))

    assert verify(sign(PLAIN, token, SM2_CERTIFICATE, SM2_SM3), [SM2_CERTIFICATE])


def test_without_its_library_sm2_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    with pytest.raises(MissingExtra, match=r"sogdia\[gm\]"):
        sign(PLAIN, SM2_KEY, SM2_CERTIFICATE, SM2_SM3)


def test_a_private_key_does_not_show_itself() -> None:
    assert SM2_KEY.scalar.hex() not in repr(SM2_KEY)
    assert repr(SM2_KEY) == "Sm2PrivateKey(hidden)"
