"""The log: roots as RFC 6962 has them, and proofs that leave no room for rewriting."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.log import (
    EMPTY_ROOT,
    CorruptLog,
    Log,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from sogdia.core.store import MemoryStore

# The eight inputs of Certificate Transparency's reference test and the roots over the first n of them.
# Source: google/certificate-transparency merkle_tree_test, kept by transparency-dev/merkle as testonly vectors.
INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(131)]


# --- an independent picture: the definitions of RFC 6962 section 2.1, word for word -----------------------------------


def mth(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_below(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def largest_power_below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def appended(leaves: Sequence[bytes], *, batch: int = 50) -> tuple[Log, MemoryStore]:
    store = MemoryStore()
    log = Log(store)
    for at in range(0, len(leaves), batch):
        append(log, store, leaves[at : at + batch])
    return log, store


def append(log: Log, store: MemoryStore, leaves: Sequence[bytes]) -> None:
    staged = log.stage(leaves)
    store.write(staged.puts)
    log.apply(staged)
    assert (log.size, log.root) == (staged.size, staged.root)


# --- roots ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ROOTS)
def test_the_roots_are_those_of_the_published_vectors(size: int) -> None:
    leaves = [leaf_hash(entry) for entry in INPUTS[:size]]
    log, _ = appended(leaves, batch=1)
    assert log.root.hex() == root_of(leaves).hex() == ROOTS[size]


def test_a_log_without_entries_has_the_hash_of_nothing_as_its_root() -> None:
    assert Log(MemoryStore()).root == root_of([]) == EMPTY_ROOT == sha256(b"").digest()


@pytest.mark.parametrize("batch", [1, 7, 64, 131])
def test_the_root_does_not_depend_on_how_the_entries_were_batched(batch: int) -> None:
    log, store = appended(LEAVES, batch=batch)
    assert log.root == root_of(LEAVES) == mth(LEAVES)
    assert dict(store.scan(b"")) == dict(appended(LEAVES, batch=13)[1].scan(b""))


# --- proofs -----------------------------------------------------------------------------------------------------------


def test_every_entry_of_every_size_up_to_130_is_proved_by_the_path_of_the_rfc() -> None:
    log, _ = appended(LEAVES)
    for size in range(1, 131):
        root = root_of(LEAVES[:size])
        for index in range(size):
            proof = log.inclusion(index, size)
            assert verify_inclusion(root, size, index, LEAVES[index], proof)
            if size % 9 == 0 or size < 20:
                assert list(proof) == path(index, LEAVES[:size])


def test_every_two_sizes_up_to_130_are_joined_by_the_proof_of_the_rfc() -> None:
    log, _ = appended(LEAVES)
    roots = [root_of(LEAVES[:size]) for size in range(131)]
    for new in range(131):
        for old in range(new + 1):
            proof = log.consistency(old, new)
            assert verify_consistency(old, roots[old], new, roots[new], proof)
            if old and (new % 9 == 0 or new < 20):
                assert list(proof) == subproof(old, LEAVES[:new], True)


def test_no_other_index_leaf_size_or_root_passes_with_an_inclusion_proof() -> None:
    log, _ = appended(LEAVES)
    for size in (1, 2, 7, 8, 100, 128, 130):
        root = root_of(LEAVES[:size])
        for index in range(0, size, 5):
            proof = log.inclusion(index, size)
            good = [at for at in range(-1, size + 2) if verify_inclusion(root, size, at, LEAVES[index], proof)]
            assert good == [index]
            assert not verify_inclusion(root, size, index, LEAVES[index + 1], proof)
            assert not verify_inclusion(root_of(LEAVES[: size + 1]), size, index, LEAVES[index], proof)
            assert not verify_inclusion(root, size, index, LEAVES[index], (*proof, LEAVES[0]))
            assert not verify_inclusion(root, size, index, LEAVES[index], proof[:-1]) or not proof


def test_no_other_root_and_no_altered_path_passes_with_a_consistency_proof() -> None:
    log, _ = appended(LEAVES)
    roots = [root_of(LEAVES[:size]) for size in range(131)]
    for new in (2, 7, 8, 100, 128, 130):
        for old in range(1, new):
            proof = log.consistency(old, new)
            assert not verify_consistency(old, roots[old - 1], new, roots[new], proof)
            assert not verify_consistency(old, roots[old], new, roots[new - 1], proof)
            assert not verify_consistency(old, roots[old], new, roots[new], proof[1:])
            assert not verify_consistency(old, roots[old], new, roots[new], proof[:-1])
            assert not verify_consistency(old, roots[old], new, roots[new], (*proof, LEAVES[0]))
            assert not verify_consistency(old, roots[old], new, roots[new], tuple(reversed(proof))) or len(proof) < 2


def test_logs_that_differ_in_one_early_entry_cannot_be_joined() -> None:
    rewritten = [leaf_hash(b"another entry"), *LEAVES[1:]]
    log, _ = appended(rewritten)
    for old in range(1, 130):
        proof = log.consistency(old, 130)
        assert not verify_consistency(old, root_of(LEAVES[:old]), 130, root_of(rewritten[:130]), proof)


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_800])
def test_proofs_hold_where_tiles_fill_up(size: int) -> None:
    leaves = [sha256(b"%d" % number).digest() for number in range(size)]
    log, store = appended(leaves, batch=777)
    assert log.root == root_of(leaves)
    for index in {0, 1, 254, size // 2, size - 2, size - 1}:
        assert verify_inclusion(log.root, size, index, leaves[index], log.inclusion(index, size))
    for old in {1, 200, 254, 255, size // 2, size - 1, size}:
        assert verify_consistency(old, root_of(leaves[:old]), size, log.root, log.consistency(old, size))
    restarted = Log(store)
    assert (restarted.size, restarted.root) == (log.size, log.root)


# --- the store --------------------------------------------------------------------------------------------------------


@given(batches=st.lists(st.integers(0, 300), max_size=6))
def test_a_restart_after_any_batch_goes_on_as_if_nothing_had_happened(batches: list[int]) -> None:
    store, leaves = MemoryStore(), list[bytes]()
    for count in batches:
        fresh = [leaf_hash(b"%d" % (len(leaves) + number)) for number in range(count)]
        append(Log(store), store, fresh)
        leaves += fresh
        assert Log(store).root == root_of(leaves)


def test_a_tile_holds_the_hashes_of_its_level_and_full_tiles_stay_as_they_are() -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(700)]
    log, store = appended(leaves[:600])
    before = log.tile(0, 1)
    assert before == b"".join(leaves[256:512])
    assert log.tile(0, 2) == b"".join(leaves[512:600])
    assert log.tile(1, 0) == root_of(leaves[:256]) + root_of(leaves[256:512])
    append(log, store, leaves[600:])
    assert log.tile(0, 1) == before
    assert log.tile(0, 3) is None
    assert log.tile(-1, 0) is None


def test_a_staged_batch_that_is_dropped_changes_nothing() -> None:
    log, store = appended(LEAVES[:60])
    assert log.stage(LEAVES[60:]).root == root_of(LEAVES)
    assert (log.size, log.root) == (60, root_of(LEAVES[:60]))
    append(log, store, LEAVES[70:80])
    assert log.root == root_of(LEAVES[:60] + LEAVES[70:80])


def test_a_batch_staged_on_an_earlier_state_is_refused() -> None:
    log, store = appended([])
    late = log.stage(LEAVES[:3])
    append(log, store, LEAVES[:2])
    with pytest.raises(ValueError, match="earlier state"):
        log.apply(late)


def test_staging_nothing_puts_nothing() -> None:
    log, _ = appended(LEAVES[:60])
    staged = log.stage([])
    assert (staged.size, staged.root, staged.puts) == (60, log.root, {})


def test_a_leaf_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Log(MemoryStore()).stage([b"an entry, not its hash"])


def test_proofs_beyond_the_log_are_refused() -> None:
    log, _ = appended(LEAVES[:10])
    for index, size in ((10, 10), (3, 11), (-1, 5), (0, 0)):
        with pytest.raises(ValueError, match="not within"):
            log.inclusion(index, size)
    for old, new in ((5, 11), (6, 5), (-1, 5)):
        with pytest.raises(ValueError, match="not those"):
            log.consistency(old, new)


def test_a_store_that_lost_a_tile_stops_the_machine() -> None:
    log, store = appended([leaf_hash(b"%d" % number) for number in range(600)])
    store.write({b"L\x00" + (1).to_bytes(8, "big"): None})
    with pytest.raises(CorruptLog, match="tile 1 of level 0"):
        log.inclusion(300, 600)
    store.write({b"L\x00" + (2).to_bytes(8, "big"): b"too short"})
    with pytest.raises(CorruptLog, match="tile 2 of level 0"):
        Log(store)


# --- hostile claims ---------------------------------------------------------------------------------------------------

junk = st.none() | st.integers() | st.text(max_size=3) | st.binary(max_size=40) | st.lists(st.binary(max_size=33))
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


@given(a=junk, b=junk, c=junk, d=junk, proof=junk | hashes)
def test_no_claim_however_odd_makes_the_checks_raise(a: object, b: object, c: object, d: object, proof: object) -> None:
    assert not verify_inclusion(a, b, c, d, proof)  # type: ignore[arg-type]
    assert not verify_consistency(a, b, c, d, proof) or (a == 0 and b == EMPTY_ROOT) or (a == c and b == d)  # type: ignore[arg-type]


@given(index=st.integers(0, 2**65), size=st.integers(0, 2**65), proof=hashes)
def test_sizes_of_any_magnitude_are_answered_at_once(index: int, size: int, proof: list[bytes]) -> None:
    assert not verify_inclusion(EMPTY_ROOT, size, index, LEAVES[0], proof)
    assert not verify_consistency(index + 1, LEAVES[0], size, LEAVES[1], proof)
