"""Keys at rest: made once, read by their owner only, never shown."""

import json
import os
import re
import stat
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_scalarmult_base

from sogdia.client.keyring import MODERATE, Keyring, KeyringError, Work
from sogdia.core import keys
from sogdia.core.keys import EDDSA, SigningKey, verify

QUICK = Work(passes=1, memory_bytes=8192)  # libsodium's least, so that tests do not wait
PASSPHRASE = "samarkand 1900"
PRIVATE = "priSPKt2hVqYmUoyJ24vYb8uzhu7VCab9X9BHz8K68sQZ61Yy5"  # published by the Xinghuo network


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keys", QUICK)


def file_of(ring: Keyring, name: str = "shop") -> Path:
    return ring.directory / f"{name}.keys.json"


def secrets_in(text: str, seed: bytes, agreement: bytes) -> bool:
    forms = [form for raw in (seed, agreement) for form in (raw.hex(), b64encode(raw).decode(), repr(raw))]
    return any(form in text for form in [*forms, keys.encode_private(seed)])


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_new_identity_signs_and_others_can_verify_it(ring: Keyring, passphrase: str | None):
    identity = ring.create("shop", "sgd1", passphrase)
    unlocked = ring.load("shop", passphrase)
    signature = unlocked.signer.sign(b"order 1")
    assert verify(EDDSA, identity.signing_public, b"order 1", signature)
    assert identity.did == keys.identifier("sgd1", identity.signing_public)
    assert identity.kid == unlocked.kid == identity.did + "#key-1"
    assert crypto_scalarmult_base(unlocked.agreement_private) == identity.agreement_public
    assert identity.agreement_public != identity.signing_public


def test_two_identities_share_nothing(ring: Keyring):
    one, other = ring.create("shop", "sgd1"), ring.create("bank", "sgd1")
    assert one.did != other.did
    assert one.agreement != other.agreement
    assert list(ring.list()) == ["bank", "shop"]
    assert ring.list()["shop"] == one


def test_the_file_and_its_directory_belong_to_the_owner_alone(ring: Keyring):
    ring.create("shop", "sgd1")
    assert stat.S_IMODE(file_of(ring).stat().st_mode) == 0o600
    assert stat.S_IMODE(ring.directory.stat().st_mode) == 0o700
    assert [path.name for path in ring.directory.iterdir()] == ["shop.keys.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
def test_a_file_that_others_can_touch_is_refused_with_the_remedy(ring: Keyring, mode: int):
    ring.create("shop", "sgd1")
    path = file_of(ring)
    path.chmod(mode)
    with pytest.raises(KeyringError, match=re.escape(f"run  chmod 600 {path}")):
        ring.load("shop")
    path.chmod(0o600)
    ring.load("shop")


def test_with_a_passphrase_nothing_secret_lies_in_the_file(ring: Keyring):
    ring.create("shop", "sgd1", PASSPHRASE)
    unlocked = ring.load("shop", PASSPHRASE)
    _, seed = keys.decode_private(unlocked.export_private())
    assert not secrets_in(file_of(ring).read_text(), seed, unlocked.agreement_private)
    assert PASSPHRASE not in file_of(ring).read_text()


@pytest.mark.parametrize(
    ("given_one", "sentence"), [(None, "is locked: give its passphrase"), ("wrong", "does not open")]
)
def test_without_the_right_passphrase_the_file_stays_shut(ring: Keyring, given_one: str | None, sentence: str):
    ring.create("shop", "sgd1", PASSPHRASE)
    with pytest.raises(KeyringError, match=sentence) as caught:
        ring.load("shop", given_one)
    assert "wrong" not in str(caught.value)
    assert ring.identity("shop").kid.endswith("#key-1")


def test_an_empty_passphrase_is_not_taken_for_none(ring: Keyring):
    with pytest.raises(KeyringError, match="the passphrase is empty"):
        ring.create("shop", "sgd1", "")
    assert not file_of(ring).exists()


def test_nothing_printed_holds_a_secret(ring: Keyring):
    identity = ring.create("shop", "sgd1")
    unlocked = ring.load("shop")
    _, seed = keys.decode_private(unlocked.export_private())
    shown = [unlocked, unlocked.signer, unlocked._secrets, ring, identity, ring._read("shop"), vars(ring)]
    assert not secrets_in(" ".join(f"{thing!r} {thing}" for thing in shown), seed, unlocked.agreement_private)
    assert not secrets_in(ring.export_public("shop").decode(), seed, unlocked.agreement_private)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_rotation_gives_the_next_key_id_and_keeps_the_old_key_as_retired(ring: Keyring, passphrase: str | None):
    before = ring.create("shop", "sgd1", passphrase)
    old = ring.load("shop", passphrase)
    after = ring.rotate("shop", passphrase)
    new = ring.load("shop", passphrase)
    assert after.did == before.did
    assert after.agreement == before.agreement
    assert [(key.kid, key.retired) for key in after.signing_keys] == [
        (before.did + "#key-1", True),
        (before.did + "#key-2", False),
    ]
    assert after.signing_keys[0].public == before.signing_keys[0].public
    assert new.kid.endswith("#key-2")
    assert new.signer.public == after.signing_public != old.signer.public
    assert new.agreement_private == old.agreement_private
    assert ring.rotate("shop", passphrase).kid.endswith("#key-3")


def test_rotation_under_a_wrong_passphrase_changes_nothing(ring: Keyring):
    ring.create("shop", "sgd1", PASSPHRASE)
    before = file_of(ring).read_bytes()
    with pytest.raises(KeyringError):
        ring.rotate("shop", "wrong")
    assert file_of(ring).read_bytes() == before


def test_a_crash_while_writing_leaves_the_old_keys(ring: Keyring, monkeypatch: pytest.MonkeyPatch):
    ring.create("shop", "sgd1")
    before = file_of(ring).read_bytes()

    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(KeyringError, match="cannot be written: No space left on device"):
        ring.rotate("shop")
    assert file_of(ring).read_bytes() == before
    assert len(list(ring.directory.iterdir())) == 1


def test_an_existing_name_is_never_overwritten(ring: Keyring):
    first = ring.create("shop", "sgd1")
    for attempt in (lambda: ring.create("shop", "sgd1"), lambda: ring.import_private("shop", "sgd1", PRIVATE)):
        with pytest.raises(KeyringError, match="exists: choose another name"):
            attempt()
    assert ring.identity("shop") == first


def test_a_key_of_the_xinghuo_network_comes_in_and_goes_out_as_the_same_text(ring: Keyring):
    identity = ring.import_private("shop", "", PRIVATE, PASSPHRASE)
    assert identity.did == "did:bid:efdPP4ympm36RxTYQJPber1PRKmLWZE"
    assert ring.load("shop", PASSPHRASE).export_private() == PRIVATE


def test_a_key_that_cannot_be_imported_is_refused_and_never_repeated(ring: Keyring):
    sm2 = "priSrrk31MhNGEGAmnmZPH5K8fnuqTKLuLMvWd6E7TEdEjWkcQ"
    for text, sentence in [(sm2, "only Ed25519"), (PRIVATE[:-1], "not a private key")]:
        with pytest.raises(KeyringError, match=sentence) as caught:
            ring.import_private("shop", "sgd1", text)
        assert text not in str(caught.value)
    with pytest.raises(KeyringError, match="four lower-case"):
        ring.create("shop", "SGD1")


@pytest.mark.parametrize("name", ["", "../shop", "Shop", "a/b", ".shop", "x" * 65, "shop\n"])
def test_a_name_cannot_lead_out_of_the_directory(ring: Keyring, name: str):
    with pytest.raises(KeyringError, match="a name in the keyring"):
        ring.create(name, "sgd1")


def test_the_public_document_holds_what_others_need(ring: Keyring):
    identity = ring.create("shop", "sgd1")
    shown = json.loads(ring.export_public("shop"))
    assert shown["did"] == identity.did
    assert shown["signing_keys"] == [{"kid": identity.kid, "public": identity.signing_public.hex(), "retired": False}]
    assert shown["agreement"] == identity.agreement
    assert set(shown) == {"did", "signing_keys", "agreement"}


def test_a_file_whose_public_half_was_exchanged_is_refused(ring: Keyring):
    ring.create("shop", "sgd1", PASSPHRASE)
    ring.create("thief", "sgd1")
    mine, theirs = json.loads(file_of(ring).read_text()), json.loads(file_of(ring, "thief").read_text())
    for exchanged in (
        theirs["identity"],
        {**mine["identity"], "agreement": theirs["identity"]["agreement"]},
        {**mine["identity"], "did": theirs["identity"]["did"]},
        {**mine["identity"], "did": "did:web:x"},
    ):
        file_of(ring).write_text(json.dumps({**mine, "identity": exchanged}))
        with pytest.raises(KeyringError, match="was altered"):
            ring.load("shop", PASSPHRASE)


def test_a_file_cannot_order_a_gigabyte_of_work(ring: Keyring):
    ring.create("shop", "sgd1", PASSPHRASE)
    text = json.loads(file_of(ring).read_text())
    text["lock"]["memory_bytes"] = 1 << 40
    file_of(ring).write_text(json.dumps(text))
    with pytest.raises(KeyringError, match="more work than any setting"):
        ring.load("shop", PASSPHRASE)
    assert MODERATE.memory_bytes == 256 << 20


def test_a_missing_a_huge_and_a_foreign_file_are_each_told_apart(ring: Keyring):
    with pytest.raises(KeyringError, match="create the keys first"):
        ring.load("shop")
    ring.create("shop", "sgd1")
    for raw, sentence in [(b"{}", "not a key file"), (b"\xff", "not a key file"), (b" " * 300_000, "larger than any")]:
        file_of(ring).write_bytes(raw)
        with pytest.raises(KeyringError, match=sentence):
            ring.load("shop")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_damaged_byte_never_gives_other_keys(ring: Keyring, place: int, byte: int):
    if not file_of(ring).exists():
        ring.import_private("shop", "sgd1", PRIVATE)
    whole = file_of(ring).read_bytes()
    damaged = bytearray(whole)
    damaged[place % len(whole)] = byte
    file_of(ring).write_bytes(bytes(damaged))
    try:
        unlocked = ring.load("shop")
        assert unlocked.signer.public == SigningKey(keys.decode_private(PRIVATE)[1]).public
        assert unlocked.identity.signing_public == unlocked.signer.public
    except KeyringError as error:
        assert secrets_in(str(error), keys.decode_private(PRIVATE)[1], b"-" * 32) is False  # noqa: PT017
    finally:
        file_of(ring).write_bytes(whole)
