"""The vault keeps values for named parties, and erases them so that no guess can be tested any more."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia.core.store import MemoryStore
from sogdia.primitives.sealed.commitments import commit, matches
from sogdia.primitives.sealed.envelope import Envelope, open_envelope, seal, to_bytes
from sogdia.primitives.sealed.errors import BrokenEnvelope, Erased, SealedError, UnfitValue
from sogdia.primitives.sealed.vault import Vault

TRADE, OTHER_TRADE = "order 2026-11-0001", "order 2026-11-0002"
SHOP, BANK = "did:bid:sgd1:efshop", "did:bid:sgd1:efbank"
PRIVATE = {did: sha256(did.encode()).digest() for did in (SHOP, BANK)}
PUBLIC = {did: X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw() for did, key in PRIVATE.items()}
SECRET, OTHER_SECRET, VAULT_KEY = bytes(range(32)), bytes(range(1, 33)), bytes(range(2, 34))
TELEPHONE = "+8613912345678"
AT_MS = 1_795_000_000_000


def sealed(trade: str = TRADE, secret: bytes = SECRET) -> Envelope:
    return seal({"telephone": TELEPHONE}, secret, PUBLIC, trade)


def filled(store: MemoryStore) -> Vault:
    vault = Vault(store, VAULT_KEY)
    vault.put_secret(TRADE, SECRET)
    vault.put(TRADE, SHOP, sealed())
    vault.put_secret(OTHER_TRADE, OTHER_SECRET)
    vault.put(OTHER_TRADE, SHOP, sealed(OTHER_TRADE, OTHER_SECRET))
    return vault


def everything_in(store: MemoryStore) -> dict[bytes, bytes]:
    return dict(store.scan(b""))


def test_a_party_finds_its_envelopes_again_and_the_trades_secret():
    vault, envelope = Vault(MemoryStore(), VAULT_KEY), sealed()
    vault.put(TRADE, SHOP, envelope)
    vault.put(TRADE, SHOP, envelope)
    vault.put_secret(TRADE, SECRET)
    assert vault.get(TRADE, SHOP) == (envelope,)
    assert vault.get(TRADE, BANK) == ()
    assert vault.get(OTHER_TRADE, SHOP) == ()
    assert vault.secret(TRADE) == SECRET
    assert vault.secret(OTHER_TRADE) is None


def test_a_second_envelope_of_the_trade_is_kept_beside_the_first():
    vault, both = Vault(MemoryStore(), VAULT_KEY), [sealed(), sealed()]
    for envelope in both:
        vault.put(TRADE, SHOP, envelope)
    assert vault.get(TRADE, SHOP) == tuple(sorted(both, key=lambda envelope: envelope.id))


def test_nothing_readable_lies_in_the_store():
    store = MemoryStore()
    filled(store)
    at_rest = b"".join(key + value for key, value in everything_in(store).items())
    for hidden in (SECRET, TELEPHONE.encode(), TRADE.encode(), SHOP.encode(), b"sogdia.envelope"):
        assert hidden not in at_rest


def test_before_erasure_commitments_compare_and_after_it_a_right_guess_cannot_be_tested():
    store = MemoryStore()
    vault, on_the_ledger = filled(store), commit(SECRET, "telephone", TELEPHONE)
    secret = vault.secret(TRADE)
    assert secret is not None
    assert matches(secret, "telephone", "+86 139 1234 5678", on_the_ledger)

    before = everything_in(store)
    vault.erase(TRADE, AT_MS, "buyer's request")

    # The attacker has the ledger, the store, the vault key, the party's private key and the right number.
    left = everything_in(store)
    kept_of_the_other_trade = {key: value for key, value in left.items() if before.get(key) == value}
    new = {key: value for key, value in left.items() if key not in before}
    assert len(kept_of_the_other_trade) + len(new) == len(left)
    assert len(new) == 1
    secrets_left = [vault.secret(OTHER_TRADE), VAULT_KEY, PRIVATE[SHOP]]
    secrets_left += [open_envelope(e, SHOP, PRIVATE[SHOP])[1] for e in vault.get(OTHER_TRADE, SHOP)]
    secrets_left += [window for raw in left.values() for window in windows(raw)]
    assert not any(matches(candidate, "telephone", TELEPHONE, on_the_ledger) for candidate in secrets_left if candidate)
    # What the ledger holds stays what it was: the commitment still proves to whoever kept the secret elsewhere.
    assert commit(SECRET, "telephone", TELEPHONE) == on_the_ledger


def windows(raw: bytes) -> list[bytes]:
    return [raw[start : start + 32] for start in range(len(raw) - 31)]


def test_the_receipt_says_what_was_destroyed_and_holds_nothing_personal():
    vault = filled(MemoryStore())
    (envelope,) = vault.get(TRADE, SHOP)
    vault.put(TRADE, BANK, envelope)
    receipt = vault.erase(TRADE, AT_MS, "end of the retention period")
    assert (receipt.trade, receipt.erased_at_ms, receipt.reason) == (TRADE, AT_MS, "end of the retention period")
    assert receipt.envelopes == (envelope.id,)
    assert receipt.had_secret
    assert vault.receipt(TRADE) == receipt
    assert vault.receipt(OTHER_TRADE) is None


def test_erasing_twice_gives_the_first_receipt():
    vault = filled(MemoryStore())
    first = vault.erase(TRADE, AT_MS, "buyer's request")
    assert vault.erase(TRADE, AT_MS + 1, "another reason") == first


def test_an_erased_trade_answers_so_and_cannot_be_put_back_even_after_a_restart():
    store = MemoryStore()
    filled(store).erase(TRADE, AT_MS, "buyer's request")
    vault = Vault(store, VAULT_KEY)
    for attempt in (
        lambda: vault.put(TRADE, SHOP, sealed()),
        lambda: vault.put_secret(TRADE, SECRET),
        lambda: vault.get(TRADE, SHOP),
        lambda: vault.secret(TRADE),
    ):
        with pytest.raises(Erased, match=r"trade order 2026-11-0001 were erased .* cannot come back"):
            attempt()


def test_a_trade_can_be_erased_before_anything_of_it_arrives():
    vault = Vault(MemoryStore(), VAULT_KEY)
    assert vault.erase(TRADE, AT_MS, "buyer's request").envelopes == ()
    with pytest.raises(Erased):
        vault.put(TRADE, SHOP, sealed())


def test_the_other_trade_is_untouched_by_an_erasure():
    vault = filled(MemoryStore())
    vault.erase(TRADE, AT_MS, "buyer's request")
    assert vault.secret(OTHER_TRADE) == OTHER_SECRET
    (envelope,) = vault.get(OTHER_TRADE, SHOP)
    assert open_envelope(envelope, SHOP, PRIVATE[SHOP])[0] == {"telephone": TELEPHONE}


def test_an_erasure_is_one_atomic_write():
    class Counted(MemoryStore):
        writes = 0

        def write(self, changes):
            self.writes += 1
            super().write(changes)

    store = Counted()
    vault = filled(store)
    before = store.writes
    vault.erase(TRADE, AT_MS, "buyer's request")
    assert store.writes == before + 1


def test_another_vault_key_reads_nothing_and_an_altered_entry_is_noticed():
    store = MemoryStore()
    filled(store)
    with pytest.raises(BrokenEnvelope, match="another vault key"):
        Vault(store, bytes(32)).secret(TRADE)
    for place, value in list(everything_in(store).items()):
        store.write({place: value[:-1] + bytes([value[-1] ^ 1])})
    with pytest.raises(BrokenEnvelope):
        Vault(store, VAULT_KEY).get(TRADE, SHOP)


def test_entries_of_two_trades_cannot_be_exchanged():
    store = MemoryStore()
    filled(store)
    (one, first), (two, second) = store.scan(b"vault/secret/")
    store.write({one: second, two: first})
    with pytest.raises(BrokenEnvelope):
        Vault(store, VAULT_KEY).secret(TRADE)


def test_what_does_not_belong_is_refused():
    vault = Vault(MemoryStore(), VAULT_KEY)
    vault.put_secret(TRADE, SECRET)
    vault.put_secret(TRADE, SECRET)
    with pytest.raises(UnfitValue, match="already has another secret"):
        vault.put_secret(TRADE, OTHER_SECRET)
    with pytest.raises(UnfitValue, match="32 bytes, got 5"):
        vault.put_secret(TRADE, b"short")
    with pytest.raises(UnfitValue, match="belongs to trade order 2026-11-0002"):
        vault.put(TRADE, SHOP, sealed(OTHER_TRADE))
    with pytest.raises(UnfitValue, match="not sealed for did:bid:sgd1:efother"):
        vault.put(TRADE, "did:bid:sgd1:efother", sealed())
    with pytest.raises(UnfitValue, match="at most 250 characters"):
        vault.erase(TRADE, AT_MS, "x" * 251)
    with pytest.raises(UnfitValue, match="32 bytes, got 0"):
        Vault(MemoryStore(), b"")
    assert VAULT_KEY.hex() not in repr(vault)


def test_a_trade_has_at_most_256_envelopes_in_a_vault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sogdia.primitives.sealed.vault.MAX_ENVELOPES_PER_TRADE", 2)
    vault = Vault(MemoryStore(), VAULT_KEY)
    for _ in range(2):
        vault.put(TRADE, SHOP, sealed())
    with pytest.raises(UnfitValue, match="already has 2 envelopes"):
        vault.put(TRADE, SHOP, sealed())


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["put", "secret", "erase"]), st.sampled_from("ABC")), max_size=12))
def test_any_order_of_keeping_and_erasing_leaves_erased_trades_empty(steps: list[tuple[str, str]]):
    store, erased = MemoryStore(), set[str]()
    vault = Vault(store, VAULT_KEY)
    for step, trade in steps:
        try:
            if step == "put":
                vault.put(trade, SHOP, sealed(trade))
            elif step == "secret":
                vault.put_secret(trade, SECRET)
            else:
                vault.erase(trade, AT_MS, "request")
                erased.add(trade)
        except SealedError:
            assert trade in erased
    for trade in erased:
        marks = [key for key in everything_in(store) if sha256(trade.encode()).digest() in key]
        assert [key.split(b"/")[1] for key in marks] == [b"erased"]


def test_the_envelope_comes_back_byte_for_byte():
    vault, envelope = Vault(MemoryStore(), VAULT_KEY), sealed()
    vault.put(TRADE, SHOP, envelope)
    assert to_bytes(vault.get(TRADE, SHOP)[0]) == to_bytes(envelope)
