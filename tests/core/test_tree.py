"""The state tree: its root, its proofs, and what nobody can talk it into."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import count

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia.core.store import MemoryStore
from sogdia.core.tree import (
    DEPTH,
    EMPTY,
    Absence,
    CorruptTree,
    Membership,
    Tree,
    leaf_hash,
    verify_absence,
    verify_membership,
)

# --- an independent picture of the same tree --------------------------------------------------------------------------


def bits(key: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in sha256(key).digest())


def naive_root(pairs: Mapping[bytes, bytes]) -> bytes:
    """The root by the definition alone: split by one bit at a time, a subtree with one leaf is that leaf."""

    def node(keys: list[bytes], depth: int) -> bytes:
        if not keys:
            return bytes(32)
        if len(keys) == 1:
            place, value = sha256(keys[0]).digest(), sha256(pairs[keys[0]]).digest()
            return sha256(b"\x00" + place + value).digest()
        left = node([key for key in keys if bits(key)[depth] == "0"], depth + 1)
        right = node([key for key in keys if bits(key)[depth] == "1"], depth + 1)
        return sha256(b"\x01" + left + right).digest()

    return node(list(pairs), 0)


def keys_beginning(prefix: str, wanted: int) -> list[bytes]:
    """Keys found by search whose places begin with the same bits, so that they share a bucket and fork deep."""
    length, target = len(prefix), int(prefix, 2)
    found: Iterator[bytes] = (
        key
        for key in (b"near-%d" % number for number in count())
        if int.from_bytes(sha256(key).digest()[:4], "big") >> (32 - length) == target
    )
    return [next(found) for _ in range(wanted)]


NEAR_18 = [b"near-%d" % number for number in (815667, 1157548, 1215628, 1748550, 1995380)]
"""Keys whose places share 18 bits (here: all zero) and more, found by `keys_beginning`."""
NEAR_12 = keys_beginning("0" * 12, 6) + keys_beginning("1" * 12, 6) + keys_beginning("011111111111", 3)
FAR = [b"order-%d" % number for number in range(40)]
KEYS = NEAR_18 + NEAR_12 + FAR


def committed(pairs: Mapping[bytes, bytes | None], cut: int = 4) -> tuple[Tree, MemoryStore]:
    store = MemoryStore()
    tree = Tree(store, cut=cut)
    commit(tree, store, pairs)
    return tree, store


def commit(tree: Tree, store: MemoryStore, changes: Mapping[bytes, bytes | None]) -> None:
    staged = tree.stage(changes)
    store.write(staged.puts)
    tree.apply(staged)
    assert tree.root == staged.root


changes = st.dictionaries(st.sampled_from(KEYS), st.none() | st.sampled_from([b"1", b"2", b"paid"]), max_size=25)


# --- the root ---------------------------------------------------------------------------------------------------------


def test_the_keys_meant_to_be_near_are_near() -> None:
    assert len({bits(key)[:18] for key in NEAR_18}) == 1
    assert len({bits(key) for key in NEAR_18}) == len(NEAR_18)


def test_an_empty_tree_is_32_zero_bytes() -> None:
    assert Tree(MemoryStore(), cut=4).root == EMPTY == bytes(32)


def test_a_tree_of_one_leaf_is_that_leaf() -> None:
    tree, _ = committed({b"order-1": b"placed"})
    assert tree.root == leaf_hash(b"order-1", b"placed")


def test_the_root_of_three_orders_is_the_one_worked_out_by_hand() -> None:
    # Places begin with 0000, 0011 and 0010: root = H(H(H(order-1, H(order-3, order-2)), empty), empty), H = inner.
    tree, _ = committed({b"order-1": b"placed", b"order-2": b"paid", b"order-3": b"placed"})
    assert tree.root.hex() == "13f239188e5bed2d65d155919f6ccde933a46a12e8fc26bf065b07dc76d8ab25"


@settings(deadline=None, max_examples=300)
@given(batches=st.lists(changes, max_size=6), cut=st.sampled_from([1, 2, 4, 7, 12]))
def test_the_root_is_that_of_the_definition_after_any_history(
    batches: list[dict[bytes, bytes | None]], cut: int
) -> None:
    tree, store = committed({}, cut)
    pairs: dict[bytes, bytes] = {}
    for batch in batches:
        commit(tree, store, batch)
        for key, value in batch.items():
            pairs.pop(key, None) if value is None else pairs.update({key: value})
        assert tree.root == naive_root(pairs)
    assert Tree(store, cut=cut).root == tree.root, "and again after a restart"
    fresh, _ = committed(dict(reversed(pairs.items())), cut=3)
    assert fresh.root == tree.root, "and for whoever comes to the same pairs another way and cuts elsewhere"


@pytest.mark.parametrize("cut", [4, 18])
def test_leaves_that_share_18_bits_and_more_are_kept_apart_in_one_bucket(cut: int) -> None:
    tree, store = committed({}, cut)
    pairs: dict[bytes, bytes] = {}
    for key in NEAR_18 + FAR:
        pairs[key] = b"a record"
        commit(tree, store, {key: b"a record"})
        assert tree.root == naive_root(pairs)
    for key in NEAR_18 + FAR:
        del pairs[key]
        commit(tree, store, {key: None})
        assert tree.root == naive_root(pairs)
    assert list(store.scan(b"")) == [], "an emptied tree leaves nothing behind"


def test_a_thousand_records_at_the_cut_used_in_production() -> None:
    pairs = {b"record-%d" % number: b"%d" % number for number in range(1000)}
    tree, _ = committed(pairs, cut=18)
    assert tree.root == naive_root(pairs)


# --- staging ----------------------------------------------------------------------------------------------------------


def test_a_staged_batch_that_is_dropped_changes_nothing() -> None:
    tree, store = committed({b"order-1": b"placed"})
    before, kept = tree.root, dict(store.scan(b""))
    assert tree.stage({b"order-1": None, b"order-2": b"placed"}).root != before
    assert tree.root == before
    assert dict(store.scan(b"")) == kept
    commit(tree, store, {b"order-2": b"placed"})
    assert tree.root == naive_root({b"order-1": b"placed", b"order-2": b"placed"})


def test_a_batch_staged_on_an_earlier_state_is_refused() -> None:
    tree, store = committed({})
    late = tree.stage({b"order-1": b"placed"})
    commit(tree, store, {b"order-2": b"placed"})
    with pytest.raises(ValueError, match="earlier state"):
        tree.apply(late)


def test_writing_what_is_already_there_or_deleting_what_is_not_puts_nothing() -> None:
    tree, _ = committed(dict.fromkeys(KEYS, b"placed"))
    staged = tree.stage({KEYS[0]: b"placed", FAR[0]: b"placed", b"never seen": None})
    assert (staged.root, staged.puts) == (tree.root, {})


def test_empty_keys_and_values_are_refused_because_nothing_could_prove_them() -> None:
    tree, _ = committed({})
    with pytest.raises(ValueError, match="empty values"):
        tree.stage({b"order-1": b""})
    with pytest.raises(ValueError, match="empty key"):
        tree.stage({b"": b"placed"})


def test_a_bucket_read_long_ago_is_never_mistaken_for_the_present_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sogdia.core.tree._CACHED_BUCKETS", 3)
    tree, store = committed({}, cut=7)
    pairs: dict[bytes, bytes] = {}
    for number in range(400):
        batch: dict[bytes, bytes | None] = {
            KEYS[(number * step) % len(KEYS)]: None if number % 3 == 0 else b"%d" % number
            for step in range(1, 2 + number % 6)
        }
        commit(tree, store, batch)
        for key, value in batch.items():
            pairs.pop(key, None) if value is None else pairs.update({key: value})
    assert tree.root == naive_root(pairs)


def test_a_store_cut_elsewhere_is_refused_at_the_start() -> None:
    _, store = committed({b"order-1": b"placed"}, cut=4)
    with pytest.raises(ValueError, match="not cut at level 5"):
        Tree(store, cut=5)


@pytest.mark.parametrize("cut", [0, 25])
def test_a_cut_that_memory_or_proofs_cannot_bear_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="between level 1 and 24"):
        Tree(MemoryStore(), cut=cut)


def test_a_store_that_lost_a_bucket_stops_the_machine() -> None:
    _, store = committed({b"order-1": b"placed"})
    tree = Tree(store, cut=4)
    store.write({key: None for key, _ in store.scan(b"")})
    with pytest.raises(CorruptTree, match="lost"):
        tree.stage({b"order-1": b"paid"})


# --- proofs -----------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(held=st.sets(st.sampled_from(KEYS)), cut=st.sampled_from([1, 3, 4, 9, 12]))
def test_every_key_is_proved_present_or_absent(held: set[bytes], cut: int) -> None:
    pairs = {key: b"value of " + key for key in held}
    tree, _ = committed(pairs, cut)
    for key in KEYS:
        proof = tree.prove(key, pairs.get)
        if key in held:
            assert isinstance(proof, Membership)
            assert proof.value == pairs[key]
            assert verify_membership(tree.root, proof)
        else:
            assert isinstance(proof, Absence)
            assert verify_absence(tree.root, key, proof)


def test_an_absence_shows_the_nearest_leaf_on_either_side() -> None:
    tree, _ = committed(dict.fromkeys(KEYS, b"held"))
    order = sorted(KEYS, key=bits)
    proof = tree.prove(b"never seen", lambda _: b"held")
    assert isinstance(proof, Absence)
    after = next(at for at, key in enumerate(order) if bits(key) > bits(b"never seen"))
    assert (proof.left and proof.left.key, proof.right and proof.right.key) == (order[after - 1], order[after])


def test_nothing_at_all_is_provably_absent_from_an_empty_tree() -> None:
    tree, _ = committed({})
    proof = tree.prove(b"order-1", lambda _: None)
    assert proof == Absence(b"order-1", None, None)
    assert verify_absence(EMPTY, b"order-1", proof)
    assert not verify_absence(leaf_hash(b"order-1", b"placed"), b"order-1", proof)


def test_a_store_whose_value_is_not_the_one_in_the_tree_gives_no_proof() -> None:
    tree, _ = committed({b"order-1": b"placed"})
    for value in (b"paid", b"", None):
        with pytest.raises(CorruptTree, match="not the one"):
            tree.prove(b"order-1", lambda _, value=value: value)  # type: ignore[misc]


# --- hostile proofs ---------------------------------------------------------------------------------------------------

HELD = dict.fromkeys(FAR + NEAR_12[:4], b"held")


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_any_altered_bit_breaks_a_membership() -> None:
    tree, _ = committed(HELD)
    proof = tree.prove(FAR[7], HELD.get)
    assert isinstance(proof, Membership)
    assert not verify_membership(flipped(tree.root, 9), proof)
    for field in ("key", "value"):
        for bit in range(8 * len(getattr(proof, field))):
            altered = msgspec.structs.replace(proof, **{field: flipped(getattr(proof, field), bit)})
            assert not verify_membership(tree.root, altered)
    for at, sibling in enumerate(proof.path):
        path = (*proof.path[:at], flipped(sibling, 3 * at), *proof.path[at + 1 :])
        assert not verify_membership(tree.root, msgspec.structs.replace(proof, path=path))
    for path in ((), proof.path[1:], proof.path[:-1], (*proof.path, EMPTY), (EMPTY, *proof.path)):
        assert not verify_membership(tree.root, msgspec.structs.replace(proof, path=path))


def test_no_choice_of_true_neighbours_makes_a_held_key_absent() -> None:
    tree, _ = committed(HELD)
    proofs = [None, *(tree.prove(key, HELD.get) for key in HELD)]
    held = FAR[3]
    for left in proofs:
        for right in proofs:
            claim = Absence(held, left, right)  # type: ignore[arg-type]
            assert not verify_absence(tree.root, held, claim)


def test_neighbours_that_skip_a_leaf_or_stand_on_the_wrong_side_prove_nothing() -> None:
    tree, _ = committed(HELD)
    order = sorted(HELD, key=bits)
    members = {key: tree.prove(key, HELD.get) for key in order}
    for absent in (b"never seen", b"order-40", NEAR_12[5]):
        good = [
            (left, right)
            for left in (None, *order)
            for right in (None, *order)
            if verify_absence(tree.root, absent, Absence(absent, members.get(left), members.get(right)))  # type: ignore[arg-type]
        ]
        honest = tree.prove(absent, HELD.get)
        assert isinstance(honest, Absence)
        assert good == [(honest.left and honest.left.key, honest.right and honest.right.key)]


def test_an_absence_proof_speaks_of_its_own_key_only() -> None:
    tree, _ = committed(HELD)
    proof = tree.prove(b"never seen", HELD.get)
    assert not verify_absence(tree.root, FAR[0], proof)
    assert not verify_absence(tree.root, b"", proof)


def test_an_inner_node_cannot_pass_for_a_leaf_nor_a_leaf_for_an_inner_node() -> None:
    tree, _ = committed({FAR[0]: b"held", FAR[1]: b"held"})
    forged = Membership(FAR[0], b"held", ())
    assert not verify_membership(tree.root, forged)
    assert not verify_membership(leaf_hash(FAR[0], b"held"), Membership(FAR[0], b"held", (EMPTY,)))


junk = st.none() | st.integers() | st.text(max_size=3) | st.binary(max_size=40) | st.lists(st.binary(max_size=33))


@given(root=junk, key=junk, value=junk, path=junk | st.lists(st.binary(min_size=32, max_size=32)).map(tuple))
def test_no_proof_however_odd_makes_the_checks_raise(root: object, key: object, value: object, path: object) -> None:
    member = Membership(key, value, path)  # type: ignore[arg-type]
    assert not verify_membership(root, member)  # type: ignore[arg-type]
    for claim in (member, Absence(key, member, None), Absence(key, None, member), Absence(key, member, member)):  # type: ignore[arg-type]
        assert not verify_absence(root, key, claim)  # type: ignore[arg-type]
    assert not verify_membership(root, root)  # type: ignore[arg-type]


def test_a_path_longer_than_a_hash_has_bits_is_refused() -> None:
    assert not verify_membership(EMPTY, Membership(b"order-1", b"held", (EMPTY,) * (DEPTH + 1)))
    assert not verify_absence(
        EMPTY, b"order-1", Absence(b"order-1", Membership(b"k", b"v", (EMPTY,) * (DEPTH + 9)), None)
    )
