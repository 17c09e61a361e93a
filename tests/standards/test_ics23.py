"""ICS-23: the bytes of a proof, written and read by hand. That others accept them: see conformance/ics23."""

from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.store import MemoryStore
from sogdia.core.tree import Absence, Membership, Tree, leaf_hash, verify_absence, verify_membership
from sogdia.standards.ics23 import MalformedProof, decode, encode

PAIRS = {b"order-%d" % number: b"placed %d" % number for number in range(300)}


def a_tree(pairs: dict[bytes, bytes]) -> Tree:
    store = MemoryStore()
    tree = Tree(store, cut=8)
    staged = tree.stage(pairs)
    store.write(staged.puts)
    tree.apply(staged)
    return tree


TREE = a_tree(PAIRS)
PRESENT = TREE.prove(b"order-7", PAIRS.get)
ABSENT = TREE.prove(b"never seen", PAIRS.get)
assert isinstance(PRESENT, Membership)
assert isinstance(ABSENT, Absence)


def test_a_proof_of_one_leaf_is_the_protobuf_message_byte_for_byte() -> None:
    # CommitmentProof{exist{key, value, leaf{SHA256, SHA256, SHA256, NO_PREFIX, 00}}}, worked out by hand.
    expected = bytes.fromhex("0a110a0161120262631a090801100118012a0100").replace(b"\x0a\x11", b"\x0a\x12")
    assert encode(Membership(b"a", b"bc", ())) == expected


def test_a_step_to_the_left_and_a_step_to_the_right_put_the_sibling_where_it_stands() -> None:
    below, above = b"\x11" * 32, b"\x22" * 32
    key = next(b"%d" % number for number in range(99) if sha256(b"%d" % number).digest()[0] >> 6 == 0b01)
    data = encode(Membership(key, b"v", (below, above)))
    assert data.endswith(
        bytes.fromhex("2225080112 2101".replace(" ", "")) + below + bytes.fromhex("222708011201011a20") + above
    )


@pytest.mark.parametrize("key", [*list(PAIRS)[:50], *(b"absent-%d" % number for number in range(50))])
def test_what_is_written_is_read_back_and_still_proves(key: bytes) -> None:
    proof = TREE.prove(key, PAIRS.get)
    again = decode(encode(proof))
    assert again == proof
    if key in PAIRS:
        assert verify_membership(TREE.root, again)
    else:
        assert verify_absence(TREE.root, key, again)


def test_with_hashed_keys_the_leaf_hash_and_so_the_root_stay_the_same() -> None:
    data = encode(Membership(b"a", b"bc", ()), hashed_keys=True)
    place = sha256(b"a").digest()
    assert data == bytes.fromhex("0a2f0a20") + place + bytes.fromhex("120262631a070801180 12a0100".replace(" ", ""))
    assert sha256(b"\x00" + place + sha256(b"bc").digest()).digest() == leaf_hash(b"a", b"bc")


def test_nothing_can_be_shown_absent_from_an_empty_tree_in_this_form() -> None:
    with pytest.raises(MalformedProof, match="empty tree"):
        encode(Absence(b"order-1", None, None))


@pytest.mark.parametrize("proof", [PRESENT, ABSENT])
def test_no_altered_bit_gives_another_encoding_of_the_same_proof(proof: Membership | Absence) -> None:
    data = encode(proof)
    for bit in range(8 * len(data)):
        altered = bytearray(data)
        altered[bit // 8] ^= 1 << bit % 8
        try:
            assert decode(bytes(altered)) != proof
        except MalformedProof:
            continue


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "field 1 is missing"),
        (encode(PRESENT)[:-1], "cut off"),
        (encode(PRESENT) + b"\x00", "cut off"),
        (encode(PRESENT) + b"\x18\x01", "differ from SmtSpec"),
        (encode(PRESENT) + encode(PRESENT), "differ from SmtSpec"),
        (encode(PRESENT, hashed_keys=True), "differ from SmtSpec"),
        (encode(PRESENT).replace(b"\x1a\x09\x08\x01", b"\x1a\x09\x08\x02"), "differ from SmtSpec"),
        (b"\x12\x03\x0a\x01k", "no proof without"),
        (b"\x08\x01", "field 1 is missing"),
        (b"\x0d\x01\x02\x03\x04", "type that no proof has"),
        (b"\xff" * 9, "too large"),
        (b"\x0a" + b"\xff" * 4 + b"\x0f", "cut off"),
        (b"\x0a\x0c\x0a\x01k\x12\x01v\x22\x04\x12\x02\x01\x00", "32 bytes, got 1"),
        (bytes(8_000_001), "at most 8000000"),
        (encode(Membership(b"k", b"v", (bytes(32),) * 256)), None),
    ],
)
def test_what_is_no_proof_of_this_tree_is_refused_with_the_reason(data: bytes, why: str | None) -> None:
    if why is None:
        assert isinstance(decode(data), Membership), "256 levels are the most there can be"
        return
    with pytest.raises(MalformedProof, match=why):
        decode(data)


@given(st.binary(max_size=200))
def test_bytes_from_a_stranger_are_read_or_refused_and_never_crash(data: bytes) -> None:
    with suppress(MalformedProof):
        assert encode(decode(data)) == data
