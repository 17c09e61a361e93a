"""The one signature rule, frozen by its edge cases, and the identifiers that keys have.

The edge cases are built here, with forty lines of textbook Ed25519, after the twelve cases of Chalkias, Garillot and
Nikolaenko, "Taming the many EdDSAs" (SSR 2020), and every small-order encoding there is. Sources of the other numbers:
RFC 8032 section 7.1; bif-rfcs RFC-003 and RFC-005.
"""

from hashlib import sha256, sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core import base58, keys
from sogdia.core.keys import EDDSA, MalformedIdentifier, SigningKey, verify

# --- textbook Ed25519, for building signatures that no honest signer makes -------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1)
Point = tuple[int, int]


def add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    k = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + y1 * x2) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def times(number: int, point: Point) -> Point:
    total = NEUTRAL
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def with_y(y: int) -> Point:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    assert (x * x - square) % P == 0, "no point has this y"
    return (x if x % 2 == 0 else P - x), y


def encoded(point: Point) -> bytes:
    return little(point[1] | (point[0] & 1) << 255)


def little(number: int) -> bytes:
    return number.to_bytes(32, "little")


def challenge(r: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(sha512(r + public + message).digest(), "little") % L


BASE = with_y(4 * pow(5, -1, P) % P)
TORSION = [times(i, times(L, with_y(3))) for i in range(8)]
SECRET, NONCE = (int.from_bytes(sha512(word).digest(), "little") % L for word in (b"secret", b"nonce"))
KEY_POINT, NONCE_POINT = times(SECRET, BASE), times(NONCE, BASE)

SMALL_ORDER = {encoded(point) for point in TORSION}
SMALL_ORDER_NOT_CANONICAL = {
    little(y | sign << 255) for y, sign in [(P, 0), (P, 1), (P + 1, 0), (P + 1, 1), (1, 1), (P - 1, 1)]
}
"""Second spellings of small-order points: y not below p, or a sign bit on an x of zero."""


def crafted(public: bytes, r: bytes, secret: int, nonce: int, residue: int | None = None) -> tuple[bytes, bytes, bytes]:
    """Public key, message and signature that fulfil the equation up to torsion; the challenge mod 8 is chosen."""
    for count in range(1000):
        message = b"message %d" % count
        h = challenge(r, public, message)
        if residue is None or h % 8 == residue:
            return public, message, r + little((nonce + h * secret) % L)
    raise AssertionError("no message found")


def mixed(key_torsion: int, nonce_torsion: int, residue: int) -> tuple[bytes, bytes, bytes]:
    """A signature by a key and with an R that carry these multiples of the torsion point."""
    public, r = encoded(add(KEY_POINT, TORSION[key_torsion])), encoded(add(NONCE_POINT, TORSION[nonce_torsion]))
    return crafted(public, r, SECRET, NONCE, residue)


def with_s_plus(amount: int) -> tuple[bytes, bytes, bytes]:
    public, message, signature = mixed(0, 0, 0)
    return public, message, signature[:32] + little(int.from_bytes(signature[32:], "little") + amount)


def hashed_over_canonical(public: bytes, r: bytes, true_public: bytes, true_r: bytes) -> tuple[bytes, bytes, bytes]:
    """A signature whose challenge was computed over the canonical spelling of what is sent."""
    secret = 0 if public in SMALL_ORDER_NOT_CANONICAL else SECRET
    nonce = 0 if r in SMALL_ORDER_NOT_CANONICAL else NONCE
    _, message, signature = crafted(true_public, true_r, secret, nonce, 0)
    return public, message, r + signature[32:]


PURE_KEY, PURE_R = encoded(KEY_POINT), encoded(NONCE_POINT)
MIXED_KEY = encoded(add(KEY_POINT, TORSION[1]))
MINUS_ZERO = little(1 | 1 << 255)

VERDICTS = [
    # what, (public key, message, signature), whether it is accepted
    ("an ordinary signature", mixed(0, 0, 0), True),
    ("0: small-order key and R, S = 0", crafted(encoded(TORSION[1]), encoded(TORSION[1]), 0, 0, 7), False),
    (
        "1: small-order key, mixed R, S below L",
        crafted(encoded(TORSION[1]), encoded(add(NONCE_POINT, TORSION[1])), 0, NONCE, 7),
        False,
    ),
    ("2: mixed key, small-order R", crafted(MIXED_KEY, encoded(TORSION[1]), SECRET, 0, 7), False),
    ("3: mixed key and R, exact equation holds", mixed(1, 1, 7), True),
    ("4: mixed key and R, holds only times the cofactor", mixed(1, 1, 1), False),
    ("5: mixed key, pure R, holds only times the cofactor", mixed(1, 0, 3), False),
    ("6: S above L", with_s_plus(L), False),
    ("7: S far above L", with_s_plus(15 * L), False),
    ("8: non-canonical small-order R, hashed as sent", crafted(MIXED_KEY, MINUS_ZERO, SECRET, 0, 0), False),
    (
        "9: non-canonical small-order R, hashed as canonical",
        hashed_over_canonical(MIXED_KEY, MINUS_ZERO, MIXED_KEY, encoded(NEUTRAL)),
        False,
    ),
    ("10: non-canonical small-order key, hashed as sent", crafted(MINUS_ZERO, PURE_R, 0, NONCE, 0), False),
    (
        "11: non-canonical small-order key, hashed as canonical",
        hashed_over_canonical(MINUS_ZERO, PURE_R, encoded(NEUTRAL), PURE_R),
        False,
    ),
    ("pure key, R with torsion, holds only times the cofactor", mixed(0, 1, 0), False),
    ("pure key, R with torsion of order two", mixed(0, 4, 0), False),
    ("mixed key, pure R, challenge a multiple of eight: exact equation holds", mixed(1, 0, 0), True),
    ("key with torsion of order two, even challenge: exact equation holds", mixed(4, 0, 2), True),
    ("R is the neutral point, exact equation holds", crafted(PURE_KEY, encoded(NEUTRAL), SECRET, 0), False),
    ("key that is no point", (little(2), b"message", mixed(0, 0, 0)[2]), False),
    ("all zero", (bytes(32), b"message", bytes(64)), False),
]


@pytest.mark.parametrize(("what", "case", "accepted"), VERDICTS, ids=[row[0] for row in VERDICTS])
def test_the_verdict_on_each_edge_case_never_changes(what: str, case: tuple[bytes, bytes, bytes], accepted: bool):
    assert verify(EDDSA, *case) is accepted, what


def test_the_edge_cases_themselves_never_change():
    text = b"".join(b"%s%s%s" % case for _, case, _ in VERDICTS)
    assert sha256(text).hexdigest() == "4963600414f8429be040fbc088b6ee796818d39236c1ca0c87c4f67bcfec9142"


def test_there_are_fourteen_spellings_of_small_order_points():
    assert len(SMALL_ORDER) == 8
    assert len(SMALL_ORDER | SMALL_ORDER_NOT_CANONICAL) == 14


@pytest.mark.parametrize("spelling", sorted(SMALL_ORDER | SMALL_ORDER_NOT_CANONICAL), ids=bytes.hex)
def test_no_small_order_point_is_a_key_or_an_r_in_any_spelling(spelling: bytes):
    for residue in range(8):
        assert not verify(EDDSA, *crafted(spelling, PURE_R, 0, NONCE, residue))
        assert not verify(EDDSA, *crafted(PURE_KEY, spelling, SECRET, 0, residue))
        assert not verify(EDDSA, *crafted(spelling, spelling, 0, 0, residue))


def test_the_exact_equation_decides_for_every_pair_of_torsions():
    for key_torsion in range(8):
        for nonce_torsion in range(8):
            for residue in (0, 1, 6):
                exact = (nonce_torsion + residue * key_torsion) % 8 == 0
                assert verify(EDDSA, *mixed(key_torsion, nonce_torsion, residue)) is exact


def test_the_library_in_use_follows_the_rule_at_start():
    keys.check_rule()


def test_a_library_with_another_rule_is_not_started_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "crypto_sign_open", lambda signed, public_key: signed[64:])
    with pytest.raises(RuntimeError, match="another signature rule"):
        keys.check_rule()


# --- ordinary signatures --------------------------------------------------------------------------------------------

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_the_published_signatures_come_out_and_verify(seed: str, public: str, message: str, signature: str):
    key = SigningKey(bytes.fromhex(seed))
    assert key.public.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert verify(EDDSA, key.public, bytes.fromhex(message), bytes.fromhex(signature))


def test_another_message_key_or_scheme_is_refused():
    key, other = SigningKey(bytes(32)), SigningKey(bytes([1]) * 32)
    signature = key.sign(b"pay 100 CNY")
    assert verify(EDDSA, key.public, b"pay 100 CNY", signature)
    assert not verify(EDDSA, key.public, b"pay 900 CNY", signature)
    assert not verify(EDDSA, other.public, b"pay 100 CNY", signature)
    assert not verify("none", key.public, b"pay 100 CNY", signature)
    assert not verify("eddsa", key.public, b"pay 100 CNY", signature)


def test_a_seed_of_another_length_makes_no_key_and_the_seed_is_never_printed():
    with pytest.raises(ValueError, match="32 bytes, got 31"):
        SigningKey(bytes(31))
    seed = bytes(range(32))
    shown = repr(SigningKey(seed))
    assert seed.hex() not in shown
    assert SigningKey(seed).public.hex() in shown


@given(st.binary(max_size=70), st.binary(max_size=100), st.binary(max_size=130))
def test_no_bytes_whatever_make_verification_raise(public: bytes, message: bytes, signature: bytes):
    assert verify(EDDSA, public, message, signature) is False


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300), st.integers(0, 511))
def test_one_flipped_bit_breaks_a_signature(seed: bytes, message: bytes, place: int):
    key = SigningKey(seed)
    signature = bytearray(key.sign(message))
    assert verify(EDDSA, key.public, message, bytes(signature))
    signature[place // 8] ^= 1 << place % 8
    assert not verify(EDDSA, key.public, message, bytes(signature))


# --- identifiers ----------------------------------------------------------------------------------------------------

PRIVATE = "priSPKt2hVqYmUoyJ24vYb8uzhu7VCab9X9BHz8K68sQZ61Yy5"
PUBLIC = "b06566da9b97a860598e14469cb1dd3af1bf6c5cb88d549379d49d83b5b0bb23d63bff"
DID = "did:bid:efdPP4ympm36RxTYQJPber1PRKmLWZE"


def test_the_published_private_key_gives_the_published_public_key_and_identifier():
    key_type, seed = keys.decode_private(PRIVATE)
    key = SigningKey(seed)
    assert key_type == "e"
    assert keys.encode_public(key.public) == PUBLIC
    assert keys.decode_public(PUBLIC) == ("e", key.public)
    assert keys.identifier("", key.public) == DID
    assert keys.identifier("sgd1", key.public) == "did:bid:sgd1:" + DID.removeprefix("did:bid:")
    assert keys.encode_private(seed) == PRIVATE


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["", "sgd1", "0000"]))
def test_every_identifier_parses_to_the_parts_it_was_made_of(public: bytes, network_code: str):
    did = keys.identifier(network_code, public)
    parts = keys.parse_identifier(did)
    assert (parts.network_code, parts.key_type, parts.encoding) == (network_code, "e", "f")
    assert base58.decode(parts.body) == sha256(public).digest()[10:]
    assert str(parts) == did
    assert keys.is_did(did)
    assert keys.parse_key_id(keys.key_id(did, 2)) == (did, "key-2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did:bid:",
        "did:bid:sgd:" + DID[8:],
        "did:bid:SGD1:" + DID[8:],
        DID.replace("ef", "xf", 1),
        DID + "\n",
        DID.replace("W", "0"),
        DID[:-8],
        "did:bid:sgd1:",
        "did:web:example.com",
        DID + "#key-1",
        "did:bid:ef" + "1" * 30,
    ],
)
def test_a_malformed_identifier_is_refused_with_a_sentence(text: str):
    with pytest.raises(MalformedIdentifier, match=r"identifier's body|expected did:bid"):
        keys.parse_identifier(text)


@pytest.mark.parametrize(
    "text",
    [
        DID,
        DID + "#",
        DID + "#a b",
        "#key-1",
        "did:bid:short#key-1",
        DID + "#a#b",
        DID + "#key-1\n",
        "did:web:" + "a" * 300 + "#key-1",
    ],
)
def test_a_malformed_key_id_is_refused(text: str):
    with pytest.raises(MalformedIdentifier):
        keys.parse_key_id(text)


def test_keys_of_other_methods_are_named_by_did_urls_too():
    assert keys.parse_key_id("did:web:shop.example#2026") == ("did:web:shop.example", "2026")


def test_a_wrong_network_code_makes_no_identifier():
    with pytest.raises(MalformedIdentifier, match="four lower-case"):
        keys.identifier("SGD1", bytes(32))
    with pytest.raises(ValueError, match="got 33"):
        keys.identifier("sgd1", bytes(33))


@given(st.text(max_size=90) | st.from_regex(r"did:bid:([a-z0-9]{4}:)?[ezs]f[0-9A-Za-z]{20,40}(#key-1)?"))
def test_parsing_any_text_gives_parts_or_the_one_error(text: str):
    sentences: list[str] = []
    for parse in (keys.parse_identifier, keys.parse_key_id, keys.decode_private, keys.decode_public):
        try:
            parse(text)
        except MalformedIdentifier as error:
            sentences.append(str(error))
    assert all(" " in sentence for sentence in sentences)


def test_the_error_about_a_private_key_never_repeats_it():
    for wrong in (PRIVATE[:-1], PRIVATE + "1", PRIVATE.replace("t", "0")):
        with pytest.raises(MalformedIdentifier) as caught:
            keys.decode_private(wrong)
        assert wrong not in str(caught.value)


@pytest.mark.parametrize("text", ["b0 65" + PUBLIC[4:], PUBLIC[:-2], "b1" + PUBLIC[2:], "b07866" + PUBLIC[6:], "xyz"])
def test_a_malformed_public_key_text_is_refused(text: str):
    with pytest.raises(MalformedIdentifier):
        keys.decode_public(text)


@given(st.binary(max_size=64), st.sampled_from([base58.BIF, base58.BITCOIN]))
def test_base58_gives_the_bytes_back(raw: bytes, alphabet: str):
    assert base58.decode(base58.encode(raw, alphabet), alphabet) == raw


def test_base58_of_bitcoin_and_of_the_xinghuo_network_differ_in_four_letters():
    # draft-msporny-base58-03, section 5.
    assert base58.encode(b"Hello World!", base58.BITCOIN) == "2NEpo7TZRRrLZSi2U"
    assert base58.encode(bytes.fromhex("0000287fb4cd"), base58.BITCOIN) == "11233QC4"
    assert {a + b for a, b in zip(base58.BIF, base58.BITCOIN, strict=True) if a != b} == {"bB", "Bb", "uU", "Uu"}


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "é", "1" * 701])
def test_text_outside_base58_is_refused(text: str):
    with pytest.raises(base58.MalformedBase58):
        base58.decode(text)


def test_bytes_beyond_the_limit_are_not_encoded():
    with pytest.raises(base58.MalformedBase58, match="at most 512"):
        base58.encode(bytes(513))
