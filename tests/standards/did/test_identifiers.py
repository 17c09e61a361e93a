"""DIDs of several methods: read, refused, and found.

Examples: did:web method specification (w3c-ccg); the did:key vector of the all-zero Ed25519 seed; RFC 8037 appendix A;
SM2 identifiers published with the kits of the Xinghuo network; GB/T 32918.5 and GM/T 0003.5 for the SM2 curve.
"""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_sign_ed25519_pk_to_curve25519

from sogdia.core import keys
from sogdia.core.keys import MalformedIdentifier, SigningKey
from sogdia.standards.did import multikey, sm2
from sogdia.standards.did.bif import is_identifier_of
from sogdia.standards.did.identifiers import DidUrl, parse, web_url
from sogdia.standards.did.multikey import KeyKind, PublicKey, did_key, jwk, parse_did_key

ZERO_SEED_ED25519 = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
ZERO_SEED_X25519 = "did:key:z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW"


def test_a_did_url_falls_into_its_parts():
    did = "did:bid:sgd1:efdPP4ympm36RxTYQJPber1PRKmLWZE"
    assert parse(did) == DidUrl(did, "bid", "sgd1:efdPP4ympm36RxTYQJPber1PRKmLWZE")
    assert parse(did + "/orders/1?versionId=2#key-1") == DidUrl(
        did, "bid", "sgd1:efdPP4ympm36RxTYQJPber1PRKmLWZE", "/orders/1", "versionId=2", "key-1"
    )
    assert parse("did:weid:1:0x0106595955ce4713fd169bfa68e599eb99ca2e9f").method == "weid"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did",
        "did:",
        "did:x",
        "did:x:",
        "DID:x:y",
        "did:X:y",
        "did:x:y\n",
        "did:x:y z",
        "did:x:%zz",
        "did:x:y:",
        "did:x:" + "y" * 2000,
        "did:x:é",
    ],
)
def test_what_is_no_did_is_refused(text: str):
    with pytest.raises(MalformedIdentifier, match="expected a DID"):
        parse(text)


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:localhost%3a8443", "https://localhost:8443/.well-known/did.json"),
    ],
)
def test_a_did_web_lies_where_its_specification_says(did: str, url: str):
    assert web_url(did) == url


@pytest.mark.parametrize(
    "did",
    ["did:web:", "did:web:a..b", "did:web:-a.com", "did:web:a.com%3A0", "did:web:a.com%3A99999", "did:web:a.com:..:x",
     "did:web:a.com::x", "did:web:a.com%2Fx", "did:web:a@b.com", "did:key:z6Mk", "did:web:a.com#key-1",
     "did:web:A.com", "did:web:" + "a" * 64 + ".com"],
)  # fmt: skip
def test_a_did_web_cannot_lead_to_another_place(did: str):
    with pytest.raises(MalformedIdentifier):
        web_url(did)


@given(st.text(max_size=60) | st.from_regex(r"did:(web|key|bid):[A-Za-z0-9.%:#/?_-]{0,60}", fullmatch=True))
def test_any_text_gives_an_answer_or_the_one_error(text: str):
    for read in (parse, web_url, parse_did_key, multikey.decode):
        try:
            read(text)
        except MalformedIdentifier:
            continue


def test_the_all_zero_seed_gives_the_published_did_key_for_signing_and_for_agreement():
    public = SigningKey(bytes(32)).public
    assert did_key(PublicKey(KeyKind.ED25519, public)) == ZERO_SEED_ED25519
    agreement = crypto_sign_ed25519_pk_to_curve25519(public)
    assert did_key(PublicKey(KeyKind.X25519, agreement)) == ZERO_SEED_X25519
    assert parse_did_key(ZERO_SEED_ED25519) == PublicKey(KeyKind.ED25519, public)
    assert parse_did_key(ZERO_SEED_X25519).kind is KeyKind.X25519


def test_the_json_web_key_is_that_of_rfc_8037_appendix_a():
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert jwk(PublicKey(KeyKind.ED25519, public)) == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
    with pytest.raises(MalformedIdentifier, match="use Multikey"):
        jwk(PublicKey(KeyKind.SM2, bytes(33)))


@pytest.mark.parametrize("kind", list(KeyKind))
def test_every_kind_of_key_comes_back_from_its_text(kind: KeyKind):
    key = PublicKey(kind, bytes(range(33 if kind is KeyKind.SM2 else 32)))
    assert multikey.decode(multikey.encode(key)) == key
    with pytest.raises(MalformedIdentifier, match="bytes, got 5"):
        multikey.encode(PublicKey(kind, b"short"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "z6Mk",
        "Z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
        "z0MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
        "zQ3s" + "1" * 44,
    ],
)
def test_text_that_is_no_multikey_is_refused(text: str):
    with pytest.raises(MalformedIdentifier, match="expected an Ed25519"):
        multikey.decode(text)


# --- SM2 -----------------------------------------------------------------------------------------------------------

SM2_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM2_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
"""Prime and base point of GB/T 32918.5; a = p - 3."""

Point = tuple[int, int]


def sm2_add(one: Point | None, other: Point | None) -> Point | None:
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and (one[1] + other[1]) % SM2_P == 0:
        return None
    if one == other:
        slope = 3 * (one[0] ** 2 - 1) * pow(2 * one[1], -1, SM2_P) % SM2_P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, SM2_P) % SM2_P
    x = (slope**2 - one[0] - other[0]) % SM2_P
    return x, (slope * (one[0] - x) - one[1]) % SM2_P


def sm2_public(private: bytes) -> bytes:
    number, total, point = int.from_bytes(private, "big"), None, SM2_G
    while number:
        if number & 1:
            total = sm2_add(total, point)
        number, point = number >> 1, sm2_add(point, point)
    return b"\x04" + total[0].to_bytes(32, "big") + total[1].to_bytes(32, "big")


SM2_VECTORS = [
    ("priSrrk31MhNGEGAmnmZPH5K8fnuqTKLuLMvWd6E7TEdEjWkcQ", "did:bid:zf2AoXhJsmr1aaUMxhnKeMAX42G9Ck526"),
    ("priSrrfxxMAvnify3iRtTEW2zy87qo4N4B2gwhXSN4WFbXFJUs", "did:bid:zf2bbxDwdzm4g4fJNTH2ah6gbHu6PdAX2"),
]


@pytest.mark.parametrize(("private", "did"), SM2_VECTORS)
def test_a_published_sm2_key_gives_its_published_identifier(private: str, did: str):
    key_type, secret = keys.decode_private(private)
    public = sm2_public(secret)
    assert key_type == "z"
    assert keys.encode_private(secret, "z") == private
    assert sm2.identifier("", public) == did == sm2.identifier("", public[1:])
    assert keys.decode_public(keys.encode_public(public, "z")) == ("z", public)
    assert keys.parse_identifier(did).key_type == "z"


@pytest.mark.parametrize(("private", "did"), SM2_VECTORS)
def test_an_old_sm2_identifier_is_recognised_and_never_made(private: str, did: str):
    public = sm2_public(keys.decode_private(private)[1])
    old = sm2.legacy_identifier("", public)
    assert old != did
    assert is_identifier_of(did, "z", public)
    assert is_identifier_of(old, "z", public)
    assert not is_identifier_of(did, "z", public[:-1] + bytes([public[-1] ^ 1]))
    assert not is_identifier_of(did, "e", public)


def test_the_old_identifier_in_the_kits_comment_reads_as_an_sm2_identifier():
    assert keys.parse_identifier("did:bid:zfAKvFU7N6SazT3DsDG8YMZ13oxFF9ba").key_type == "z"


def test_a_compressed_sm2_point_carries_the_parity_of_y():
    public = sm2_public(keys.decode_private(SM2_VECTORS[0][0])[1])
    assert sm2.compressed(public) == bytes([2 + public[-1] % 2]) + public[1:33]
    for wrong in (b"", public[:-2], b"\x05" + public[1:]):
        with pytest.raises(MalformedIdentifier, match="04 and 64 bytes"):
            sm2.identifier("", wrong)


# GM/T 0003.5, appendix A: key, message "message digest", user id 1234567812345678.
GMT_PRIVATE = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
GMT_SIGNATURE = (
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


def test_the_signature_of_the_chinese_standard_verifies():
    pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")
    public, signature = sm2_public(bytes.fromhex(GMT_PRIVATE)), bytes.fromhex(GMT_SIGNATURE)
    assert sm2.verify(public, b"message digest", signature)
    assert not sm2.verify(public, b"another digest", signature)
    assert not sm2.verify(public, b"message digest", signature[:-1])
    assert not sm2.verify(public, b"message digest", bytes(64))


def test_without_the_extra_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    with pytest.raises(sm2.Sm2Unavailable, match=r"pip install sogdia\[gm\]"):
        sm2.verify(bytes(64), b"", bytes(64))
