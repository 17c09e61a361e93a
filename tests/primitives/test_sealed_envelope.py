"""Envelopes: named parties read them, nobody else does, and nobody alters them."""

import hmac
import json
from hashlib import sha256

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from sogdia.primitives.sealed import envelope as envelopes
from sogdia.primitives.sealed.commitments import commit_all
from sogdia.primitives.sealed.envelope import Envelope, from_bytes, open_envelope, seal, to_bytes
from sogdia.primitives.sealed.errors import BrokenEnvelope, NotARecipient, SealedError, UnfitValue

PLATFORM, PAYER, CUSTOMS, STRANGER = (f"did:bid:sgd1:ef{name}" for name in ("platform", "payer", "customs", "stranger"))
PRIVATE = {did: sha256(did.encode()).digest() for did in (PLATFORM, PAYER, CUSTOMS, STRANGER)}
PUBLIC = {did: X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw() for did, key in PRIVATE.items()}
READERS = {did: PUBLIC[did] for did in (PLATFORM, PAYER, CUSTOMS)}
SECRET = bytes(range(32))
BUYER = {"name": "王小明", "id_number": "11010519491231002X", "telephone": "+86 139 1234 5678"}
TRADE = "order 2026-11-0001"
SEALED = seal(BUYER, SECRET, READERS, TRADE)


def changed(**fields: object) -> Envelope:
    return msgspec.structs.replace(SEALED, **fields)


def test_every_recipient_reads_the_values_and_can_check_the_commitments_on_the_ledger():
    on_the_ledger = commit_all(SECRET, BUYER)
    for did in READERS:
        values, secret = open_envelope(SEALED, did, PRIVATE[did])
        assert values == BUYER
        assert commit_all(secret, values) == on_the_ledger


def test_a_stranger_reads_nothing_not_even_under_a_recipients_name():
    with pytest.raises(NotARecipient, match=f"not sealed for {STRANGER}"):
        open_envelope(SEALED, STRANGER, PRIVATE[STRANGER])
    with pytest.raises(NotARecipient, match=f"not the key of {PAYER}"):
        open_envelope(SEALED, PAYER, PRIVATE[STRANGER])
    with pytest.raises(NotARecipient, match="32 bytes, got 31"):
        open_envelope(SEALED, PAYER, bytes(31))


def test_nothing_of_the_values_or_the_secret_shows_in_the_bytes():
    raw = to_bytes(SEALED)
    for hidden in [*BUYER.values(), SECRET.hex()]:
        assert hidden.encode() not in raw
    assert SECRET not in SEALED.ciphertext


def test_short_and_long_names_make_envelopes_of_one_length():
    lengths = {len(to_bytes(seal({"name": name}, SECRET, READERS, TRADE))) for name in ("王", "Maria Anna " * 6)}
    assert len(lengths) == 1


def test_the_id_is_the_hash_of_the_canonical_bytes_and_the_bytes_give_the_envelope_back():
    raw = to_bytes(SEALED)
    assert SEALED.id == sha256(raw).hexdigest()
    assert from_bytes(raw) == SEALED
    assert SEALED.trade == TRADE


def test_sealing_twice_gives_two_envelopes_that_cannot_be_told_to_be_equal():
    again = seal(BUYER, SECRET, READERS, TRADE)
    assert again.id != SEALED.id
    assert again.ciphertext[12:] != SEALED.ciphertext[12:]


@pytest.mark.parametrize("place", range(0, len(SEALED.ciphertext), 23))
def test_an_altered_payload_is_refused(place: int):
    altered = bytearray(SEALED.ciphertext)
    altered[place] ^= 1
    with pytest.raises(BrokenEnvelope, match="altered after it was sealed"):
        open_envelope(changed(ciphertext=bytes(altered)), PAYER, PRIVATE[PAYER])


def test_an_envelope_cannot_be_moved_to_another_trade_or_given_another_reader():
    with pytest.raises(NotARecipient, match="was altered"):
        open_envelope(changed(trade="order 2026-11-0002"), PAYER, PRIVATE[PAYER])
    with pytest.raises(BrokenEnvelope):
        open_envelope(changed(keys={**SEALED.keys, STRANGER: SEALED.keys[PAYER]}), PAYER, PRIVATE[PAYER])
    with pytest.raises(BrokenEnvelope):
        open_envelope(changed(keys={PAYER: SEALED.keys[PAYER]}), PAYER, PRIVATE[PAYER])
    with pytest.raises(NotARecipient):
        open_envelope(changed(keys={**SEALED.keys, PAYER: SEALED.keys[CUSTOMS]}), PAYER, PRIVATE[PAYER])


@pytest.mark.parametrize("ciphertext", [b"", bytes(11), bytes(12), bytes(27), bytes(40)])
def test_a_cut_payload_is_refused(ciphertext: bytes):
    with pytest.raises(BrokenEnvelope):
        open_envelope(changed(ciphertext=ciphertext), PAYER, PRIVATE[PAYER])


@pytest.mark.parametrize(
    ("values", "secret", "recipients", "context", "sentence"),
    [
        (BUYER, bytes(31), READERS, TRADE, "32 bytes, got 31"),
        (BUYER, SECRET, {}, TRADE, "1 to 32 recipients, got 0"),
        (BUYER, SECRET, {f"did:web:{n}.cn": PUBLIC[PAYER] for n in range(33)}, TRADE, "1 to 32 recipients, got 33"),
        (BUYER, SECRET, {"the bank": PUBLIC[PAYER]}, TRADE, "named by their DID"),
        ({f"f{n}": "\x01" * 500 for n in range(64)}, SECRET, READERS, TRADE, "at most 163840 bytes"),
        (BUYER, SECRET, READERS, "", "1 to 120 characters, got 0"),
        (BUYER, SECRET, READERS, "x" * 121, "1 to 120 characters, got 121"),
        ({f"f{n}": "x" for n in range(65)}, SECRET, READERS, TRADE, "at most 64 values, got 65"),
        ({"name": "x", "address": "y" * 501}, SECRET, READERS, TRADE, "value 2: at most 500 characters, got 501"),
        ({"name": "\ud800"}, SECRET, READERS, TRADE, "half a character"),
        (BUYER, SECRET, {PAYER: bytes(31)}, TRADE, f"key of {PAYER} is unusable"),
        (BUYER, SECRET, {PAYER: bytes(32)}, TRADE, f"key of {PAYER} is unusable"),
    ],
)
def test_what_cannot_be_sealed_is_refused_with_its_limit(values, secret, recipients, context, sentence):
    with pytest.raises(UnfitValue, match=sentence) as caught:
        seal(values, secret, recipients, context)
    assert "王小明" not in str(caught.value)


def test_only_the_canonical_spelling_is_an_envelope():
    raw = to_bytes(SEALED)
    for other in (b" " + raw, raw.replace(b'","', b'", "', 1), raw[:-1], b"{}", b"", b"\xff", b"[" * 100_000):
        with pytest.raises(BrokenEnvelope):
            from_bytes(other)
    with pytest.raises(BrokenEnvelope, match="at most 262144 bytes"):
        from_bytes(raw + b" " * envelopes.MAX_ENVELOPE_BYTES)


@given(st.binary(max_size=300))
def test_no_bytes_whatever_make_reading_fail_otherwise(raw: bytes):
    with pytest.raises(BrokenEnvelope):
        from_bytes(raw)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=100), max_size=8), st.text(max_size=130))
def test_whatever_is_sealed_comes_out_as_it_went_in(values: dict[str, str], context: str):
    try:
        envelope = seal(values, SECRET, READERS, context)
    except SealedError:
        return
    assert open_envelope(from_bytes(to_bytes(envelope)), CUSTOMS, PRIVATE[CUSTOMS]) == (values, SECRET)


def test_rfc_9180_describes_the_wrapping_and_other_software_opens_it():
    # RFC 9180, base mode, written out with plain X25519, HMAC and AES-GCM: the suite 0x0020, 0x0001, 0x0002.
    content_key = unwrap_by_hand(SEALED.keys[PAYER], PRIVATE[PAYER], PUBLIC[PAYER], info_of(TRADE, PAYER))
    bound_to = info_of(TRADE, *sorted(READERS))
    payload = AESGCM(content_key).decrypt(SEALED.ciphertext[:12], SEALED.ciphertext[12:], bound_to)
    assert json.loads(payload)["values"] == BUYER


def info_of(*parts: str) -> bytes:
    return b"sogdia sealed envelope 1" + b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)


def extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + material, "sha256")


def expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, labelled + b"\x01", "sha256")[:length]


def unwrap_by_hand(wrapped: bytes, private: bytes, public: bytes, info: bytes) -> bytes:
    ephemeral, sealed = wrapped[:32], wrapped[32:]
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"
    shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(ephemeral))
    shared = expand(kem, extract(kem, b"", b"eae_prk", shared), b"shared_secret", ephemeral + public, 32)
    context = b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key, nonce = expand(suite, secret, b"key", context, 32), expand(suite, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, sealed, b"")
