"""The did:bid document: signed, verified, refused when altered, and shown in both views."""

import json

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core import base58, keys
from sogdia.core.keys import SigningKey
from sogdia.standards.did import bif, sm2, w3c
from sogdia.standards.did.bif import BadDocument, Document, check_update, new_document, read, sign, to_json, verify
from sogdia.standards.did.multikey import KeyKind, PublicKey, encode
from sogdia.standards.did.resolution import bif_answer, failure, resolve, resolved_web

# bif-rfcs RFC-005, section 5.6.4: this key signs the example document of this id.
RFC005_PRIVATE = "priSPKp8oiiAXGZaXFBMKEAoL2b6J6UDQCw4x39ereXYtyAejM"
RFC005_DID = "did:bid:ef18F9AVK4SQLZPRrPkrVWwp9kbpdXHx"
SIGNER = SigningKey(keys.decode_private(RFC005_PRIVATE)[1])
DID, KID = RFC005_DID, RFC005_DID + "#key-1"
AGREEMENT = bytes(range(32))
OTHER = SigningKey(bytes(32))
CREATED = "2026-11-22T08:00:00Z"
DOCUMENT = new_document(DID, {KID: SIGNER.public}, CREATED, AGREEMENT)
SIGNED = sign(DOCUMENT, KID, SIGNER)
RAW = to_json(SIGNED)


def altered(**fields: object) -> bytes:
    return json.dumps(json.loads(RAW) | fields).encode()


def changed(**fields: object) -> Document:
    return msgspec.structs.replace(DOCUMENT, **fields)


def test_the_key_of_the_published_document_gives_its_published_id():
    assert keys.identifier("", SIGNER.public) == RFC005_DID
    assert bif.is_identifier_of(RFC005_DID, "e", SIGNER.public)


def test_a_signed_document_verifies_as_received_in_any_spelling_of_its_json():
    assert verify(RAW) == SIGNED
    assert verify(json.dumps(json.loads(RAW), indent=4, ensure_ascii=True).encode()) == SIGNED
    assert read(RAW) == SIGNED


def test_the_signature_is_over_canonical_json_without_the_proof_in_the_networks_base58():
    plain = json.loads(RAW)
    proof = plain.pop("proof")
    message = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert proof["creator"] == KID
    assert keys.verify("EdDSA", SIGNER.public, message, base58.decode(proof["signatureValue"]))


def test_the_fields_are_those_of_the_specification():
    plain = json.loads(RAW)
    assert set(plain) == {
        "@context",
        "version",
        "id",
        "publicKey",
        "authentication",
        "extension",
        "created",
        "updated",
        "proof",
    }
    assert plain["publicKey"] == [
        {"id": KID, "type": "Ed25519", "controller": DID, "publicKeyHex": "b06566" + SIGNER.public.hex()}
    ]
    assert plain["extension"]["type"] == 102
    assert plain["authentication"] == [KID]


@pytest.mark.parametrize(
    "fields",
    [
        {"updated": "2027-01-01T00:00:00Z"},
        {"authentication": []},
        {"unknown": "field"},
        {"version": "2.0.0"},
        {"service": [{"id": "x", "type": "y", "serviceEndpoint": "https://z.example"}]},
    ],
)
def test_an_altered_document_is_refused_even_in_fields_unknown_here(fields: dict[str, object]):
    with pytest.raises(BadDocument, match="signature does not hold"):
        verify(altered(**fields))


def test_unknown_fields_that_were_signed_are_passed_over():
    plain = msgspec.to_builtins(DOCUMENT) | {"unknown": {"nested": [1, None]}}
    signature = base58.encode(SIGNER.sign(bif.signed_bytes(plain)))
    raw = json.dumps(plain | {"proof": {"creator": KID, "signatureValue": signature}}).encode()
    assert verify(raw).id == DID


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (to_json(DOCUMENT), "has no proof"),
        (b"[]", "not a JSON object"),
        (b"{}", "not a DID document of the Xinghuo network"),
        (altered(id="did:web:shop.example"), "expected did:bid"),
        (altered(proof={"creator": DID + "#key-9", "signatureValue": "1"}), "which the document lacks"),
        (altered(proof={"creator": KID, "signatureValue": "0OIl"}), "signature does not hold"),
        (altered(publicKey=[{"id": KID, "type": "Ed25519", "publicKeyHex": "00"}]), "not a public key of the Xinghuo"),
        (altered(ratio=0.5), "no canonical form"),
        (altered(publicKey=[{"id": str(n), "type": "x"} for n in range(101)]), "at most 100 keys, got 101"),
        (b" " * 300_000, "at most 262144 bytes"),
    ],
)
def test_a_document_that_cannot_be_trusted_is_refused_with_the_reason(raw: bytes, sentence: str):
    with pytest.raises(BadDocument, match=sentence):
        verify(raw)


def test_a_stranger_cannot_sign_a_document_for_this_identifier_with_a_key_of_their_own():
    forged = sign(new_document(DID, {KID: OTHER.public}, CREATED), KID, OTHER)
    with pytest.raises(BadDocument, match="not the one that the identifier is made of"):
        verify(to_json(forged))
    with pytest.raises(BadDocument, match="signature does not hold"):
        verify(to_json(forged), trusted=SIGNED)


def test_an_update_is_signed_by_a_key_of_the_last_accepted_document():
    both = new_document(DID, {KID: SIGNER.public, DID + "#key-2": OTHER.public}, CREATED)
    trusted = msgspec.structs.replace(both, authentication=(KID,))
    later = msgspec.structs.replace(trusted, updated="2026-12-01T00:00:00Z")
    assert verify(to_json(sign(later, KID, SIGNER)), trusted).updated == later.updated
    with pytest.raises(BadDocument, match="may neither authenticate nor recover"):
        verify(to_json(sign(later, DID + "#key-2", OTHER)), trusted)
    recoverable = msgspec.structs.replace(trusted, extension=bif.Extension(recovery=(DID + "#key-2",)))
    assert verify(to_json(sign(later, DID + "#key-2", OTHER)), recoverable).id == DID
    with pytest.raises(BadDocument, match="expected did:bid:efother"):
        verify(RAW, changed(id="did:bid:efother"))


def test_an_update_leaves_id_creation_and_authentication():
    check_update(DOCUMENT, changed(updated="2026-12-01T00:00:00Z"))
    for field, value in (("id", "x"), ("created", "x"), ("authentication", ())):
        with pytest.raises(BadDocument, match=f"may not change {field}"):
            check_update(DOCUMENT, changed(**{field: value}))


def test_a_document_signed_with_sm2_verifies_where_the_extra_is_installed():
    gmssl_pyx = pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")
    public, private = gmssl_pyx.sm2_key_generate()
    did = sm2.identifier("sgd1", public)
    entry = bif.PublicKey(did + "#key-1", "SM2", did, keys.encode_public(b"\x04" + public, "z"))
    document = Document(id=did, public_key=(entry,), authentication=(entry.id,), created=CREATED)
    der = gmssl_pyx.sm2_sign(private, public, bif.signed_bytes(msgspec.to_builtins(document)))
    signature = b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(der))
    proof = bif.Proof(entry.id, base58.encode(signature))
    assert verify(to_json(msgspec.structs.replace(document, proof=proof))).id == did
    with pytest.raises(BadDocument, match="signature does not hold"):
        verify(to_json(msgspec.structs.replace(document, proof=proof, updated="x")))
    (method,) = w3c.view(document)["verificationMethod"]
    assert method["publicKeyMultibase"] == encode(PublicKey(KeyKind.SM2, sm2.compressed(public)))
    assert "verificationMethod" not in w3c.view(document, "JsonWebKey")


@given(st.binary(max_size=200) | st.integers(0, len(RAW) - 1).map(lambda at: RAW[:at] + b"\\ud800" + RAW[at + 1 :]))
def test_reading_any_bytes_gives_a_document_or_the_one_error(raw: bytes):
    for attempt in (read, verify):
        try:
            attempt(raw)
        except BadDocument:
            continue


NAMES = st.sampled_from(list(json.loads(RAW)))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
)


@given(ANY_JSON)
def test_any_json_in_any_field_gives_a_document_or_the_one_error(value: object):
    for field in json.loads(RAW):
        try:
            verify(altered(**{field: value}))
        except BadDocument:
            continue


# --- the W3C view ---------------------------------------------------------------------------------------------------


def test_the_w3c_view_names_each_key_by_what_it_may_do():
    document = w3c.view(SIGNED)
    signing, agreement = document["verificationMethod"]
    assert signing == {
        "id": KID,
        "type": "Multikey",
        "controller": DID,
        "publicKeyMultibase": encode(PublicKey(KeyKind.ED25519, SIGNER.public)),
    }
    assert agreement["publicKeyMultibase"] == encode(PublicKey(KeyKind.X25519, AGREEMENT))
    assert document["authentication"] == document["assertionMethod"] == [KID]
    assert document["keyAgreement"] == [agreement["id"]]
    assert document["@context"][0] == "https://www.w3.org/ns/did/v1"
    assert "publicKey" not in document
    assert "proof" not in document


def test_the_same_keys_can_be_shown_as_json_web_keys():
    signing, agreement = w3c.view(SIGNED, "JsonWebKey")["verificationMethod"]
    assert signing["publicKeyJwk"]["crv"] == "Ed25519"
    assert agreement["publicKeyJwk"]["crv"] == "X25519"


def test_other_names_become_uris_and_services_stay_as_they_are():
    document = w3c.view(changed(
        also_known_as=(bif.AlsoKnownAs(102, "did:web:shop.example"), bif.AlsoKnownAs(103, "shop.example"),
                       bif.AlsoKnownAs(103, "bad host/"), bif.AlsoKnownAs(105, "handle")),
        service=(bif.Service(DID + "#resolver", "DIDSubResolver", "r.example", "1.0.0", 3, 0, 443),),
    ))  # fmt: skip
    assert document["alsoKnownAs"] == ["did:web:shop.example", "https://shop.example/"]
    assert document["service"] == [{
        "id": DID + "#resolver", "type": "DIDSubResolver", "serviceEndpoint": "r.example", "version": "1.0.0",
        "protocol": 3, "serverType": 0, "port": 443,
    }]  # fmt: skip


def test_a_key_that_cannot_be_read_is_left_out_and_the_others_stay():
    broken = (bif.PublicKey("x", "Ed25519", DID, "zz"), *DOCUMENT.public_key)
    attributes = (bif.Attribute("keyAgreement", "garbage"), bif.Attribute("note", "x"))
    document = w3c.view(changed(public_key=broken, extension=bif.Extension(attributes=attributes)))
    assert [method["id"] for method in document["verificationMethod"]] == [KID]


# --- resolution -----------------------------------------------------------------------------------------------------


def known(did: str) -> Document | None:
    return SIGNED if did == DID else None


def test_a_did_on_record_resolves_in_the_shape_of_the_universal_resolver():
    result = resolve(DID, known)
    assert result.http_status == 200
    assert msgspec.to_builtins(result) == {
        "@context": "https://w3id.org/did-resolution/v1",
        "didDocument": w3c.view(SIGNED),
        "didResolutionMetadata": {"contentType": "application/did+ld+json"},
        "didDocumentMetadata": {"created": CREATED, "updated": CREATED},
    }


@pytest.mark.parametrize(
    ("did", "error", "status"),
    [
        ("did:bid:sgd1:efdPP4ympm36RxTYQJPber1PRKmLWZE", "notFound", 404),
        ("did:bid:xyz", "invalidDid", 400),
        ("did:key:zzz", "invalidDid", 400),
        ("not a did", "invalidDid", 400),
        ("did:web:shop.example", "methodNotSupported", 501),
        ("did:ethr:0x1", "methodNotSupported", 501),
    ],
)
def test_what_does_not_resolve_says_why(did: str, error: str, status: int):
    result = resolve(did, known)
    assert result.did_document is None
    assert result.did_resolution_metadata["error"] == error
    assert result.http_status == status


def test_an_emptied_document_resolves_as_deactivated():
    result = resolve(DID, lambda did: Document(id=did))
    assert result.http_status == 410
    assert result.did_document_metadata == {"deactivated": True}


def test_a_did_key_resolves_by_itself():
    did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    document = resolve(did, known).did_document
    assert document is not None
    assert document["id"] == did
    assert document["assertionMethod"] == [f"{did}#{did.removeprefix('did:key:')}"]
    agreement = resolve("did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc", known).did_document
    assert agreement is not None
    assert "keyAgreement" in agreement
    assert "authentication" not in agreement


def test_a_did_web_document_must_be_about_its_did():
    did = "did:web:shop.example"
    assert resolved_web(did, b'{"id":"did:web:shop.example"}').did_document == {"id": did}
    for raw in (b'{"id":"did:web:other.example"}', b"<html>", b"[]", b"\xff"):
        assert resolved_web(did, raw).http_status == 404
    assert resolved_web("did:web:..", b"{}").http_status == 400


def test_the_networks_own_resolver_answers_with_the_bif_form():
    answer = bif_answer(SIGNED)
    assert (answer["errorCode"], answer["data"]["didDocument"]["publicKey"][0]["id"]) == (0, KID)
    assert bif_answer(None)["errorCode"] != 0
    assert failure("notFound", "x").http_status == 404


@given(st.text(max_size=80))
def test_resolving_any_text_never_raises(text: str):
    assert resolve(text, known).http_status in (200, 400, 404, 501)
