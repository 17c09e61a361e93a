"""The state tree: one root over all records, with proofs that a key is there or is not there.

A compact sparse Merkle tree in the form of ICS-23's SmtSpec, so that verifiers written by others check its proofs:
leaf = sha256(00 | sha256(key) | sha256(value)), inner = sha256(01 | left | right), an empty subtree is 32 zero bytes, a
subtree with one leaf IS that leaf, and a key's place is the bits of sha256(key), most significant first. The root
depends on the pairs alone: not on the order of changes, on the past, or on where the tree is cut.

Memory is bounded by cutting the tree at a level: above it, 33 bytes per node in two bytearrays (17 MB at the default
cut of 18, whatever the number of keys); below it, one bucket per node in the store, read when it is touched. Nodes are
numbered as in a heap: the root is 1, the children of n are 2n and 2n + 1, the sibling of n is n ^ 1.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import pairwise
from struct import Struct
from typing import Final, TypeGuard

import msgspec

from sogdia.core.store import Reader

EMPTY: Final = bytes(32)
"""The hash of a subtree without leaves, and so the root of an empty tree."""
DEPTH: Final = 256
"""Bits in a key's place; no proof is longer."""
CUT: Final = 18
"""Default level of the cut: 262,144 buckets, measured with 100 thousand and with 1 million keys."""
MAX_CUT: Final = 24

_NOTHING, _LEAF, _INNER = 0, 1, 2  # kinds of node; adding those of two children tells the kind of their parent
_LEAF_MARK, _INNER_MARK = b"\x00", b"\x01"
_SINGLE, _SEVERAL = b"\x01", b"\x02"  # first byte of a stored bucket, its kind
_CACHED_BUCKETS: Final = 8192  # per generation; about 10 MB for both at a million keys
_LOAD_BATCH: Final = 4096
_DIGEST: Final = Struct("32s")  # writes into a bytearray three times as fast as a slice does

_Entry = tuple[bytes, bytes, bytes]  # place, leaf hash, key: what a bucket lists, ascending
_Change = tuple[bytes, bytes | None, bytes]  # the same, no leaf hash for a deletion
_Level = tuple[list[int], list[bytes], list[int]]  # node numbers ascending, their hashes, their kinds


class CorruptTree(RuntimeError):
    """The store does not hold what the tree wrote to it: a disk fault, or two writers."""


class Membership(msgspec.Struct, frozen=True, tag="membership"):
    """Evidence that the tree holds a key with a value."""

    key: bytes
    value: bytes
    path: tuple[bytes, ...]
    """Sibling hashes from the leaf to the root; which side each stands on follows from the bits of sha256(key)."""


class Absence(msgspec.Struct, frozen=True, tag="absence"):
    """Evidence that the tree does not hold a key: the nearest leaves left and right of its place, with no room between.

    One neighbour alone when the key's place is before the first leaf or after the last; none when the tree is empty.
    """

    key: bytes
    left: Membership | None
    right: Membership | None


class Staged(msgspec.Struct, frozen=True):
    """What a batch of changes would make of the tree. Dropping it undoes everything."""

    root: bytes
    puts: dict[bytes, bytes | None]
    """Buckets for the store; to be written before `Tree.apply`, in one atomic write with what belongs together."""
    levels: list[_Level]
    base: int
    """How many batches had been applied when this one was staged."""


# --- hashing --------------------------------------------------------------------------------------------------------


def leaf_hash(key: bytes, value: bytes) -> bytes:
    """The hash of the leaf for a key and its value."""
    return sha256(_LEAF_MARK + sha256(key).digest() + sha256(value).digest()).digest()


def _inner(left: bytes, right: bytes) -> bytes:
    return sha256(_INNER_MARK + left + right).digest()


def _bit(place: bytes, depth: int) -> int:
    return place[depth >> 3] >> (7 - (depth & 7)) & 1


def _shared_bits(left: bytes, right: bytes) -> int:
    return DEPTH - (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).bit_length()


def _forks(entries: list[_Entry]) -> list[int]:
    # For each entry but the last, the depth at which the next one takes another turn.
    places = [int.from_bytes(entry[0], "big") for entry in entries]
    return [DEPTH - (left ^ right).bit_length() for left, right in pairwise(places)]


def _subtree(entries: list[_Entry], forks: list[int], low: int, high: int, depth: int) -> bytes:
    # The hash of the node at this depth over entries[low:high], which share their first `depth` bits.
    if high - low == 1:
        return entries[low][1]
    fork = min(forks[low : high - 1])
    middle = forks.index(fork, low) + 1
    left, right = _subtree(entries, forks, low, middle, fork + 1), _subtree(entries, forks, middle, high, fork + 1)
    node = sha256(_INNER_MARK + left + right).digest()
    for level in range(fork - 1, depth - 1, -1):
        node = _inner(EMPTY, node) if _bit(entries[low][0], level) else _inner(node, EMPTY)
    return node


def _siblings(entries: list[_Entry], at: int, depth: int) -> list[bytes]:
    # What stands beside the way from the leaf of entries[at] up to the node at this depth.
    beside: list[bytes] = []
    forks, low, high = _forks(entries), 0, len(entries)
    while high - low > 1:
        fork = min(forks[low : high - 1])
        middle = forks.index(fork, low) + 1
        beside += [EMPTY] * (fork - depth)
        depth = fork + 1
        if at < middle:
            beside.append(_subtree(entries, forks, middle, high, depth))
            high = middle
        else:
            beside.append(_subtree(entries, forks, low, middle, depth))
            low = middle
    return beside[::-1]


# --- buckets --------------------------------------------------------------------------------------------------------

_encode_entries = msgspec.msgpack.Encoder().encode
_decode_entries = msgspec.msgpack.Decoder(list[_Entry]).decode


def _entries_of(bucket: bytes | None) -> list[_Entry]:
    # A stored bucket is 01 | leaf hash | key for a single entry, 02 | root | msgpack list of entries for several.
    if bucket is None:
        return []
    if bucket[0] == _LEAF:
        key = bucket[33:]
        return [(sha256(key).digest(), bucket[1:33], key)]
    return _decode_entries(bucket[33:])


def _merged(bucket: bytes | None, changes: list[_Change], cut: int) -> bytes | None:
    # The bucket after the changes; its bytes 1 to 33 are its hash.
    entries = _entries_of(bucket)
    for place, leaf, key in changes:
        at = bisect_left(entries, (place,))
        found = at < len(entries) and entries[at][0] == place
        entries[at : at + found] = [] if leaf is None else [(place, leaf, key)]
    if len(entries) > 1:
        return _SEVERAL + _subtree(entries, _forks(entries), 0, len(entries), cut) + _encode_entries(entries)
    return _SINGLE + entries[0][1] + entries[0][2] if entries else None


# --- the tree -------------------------------------------------------------------------------------------------------


class Tree:
    """The tree over a store: stage changes, write the staged puts, apply; or drop them. For one thread.

    `reader` is the committed store, `prefix` where the buckets stand in it, `cut` the level of the cut: how this node
    keeps its tree, not what the tree is. A store is read with the cut it was written with.
    """

    def __init__(self, reader: Reader, prefix: bytes = b"T", cut: int = CUT) -> None:
        if not 1 <= cut <= MAX_CUT:
            raise ValueError(f"a state tree is cut between level 1 and {MAX_CUT}, got {cut}")
        self._reader, self._prefix, self._cut = reader, prefix + bytes([cut]), cut
        self._first = 1 << cut
        self._hashes = bytearray(64 << cut)
        self._kinds = bytearray(2 << cut)
        self._recent: dict[bytes, bytes | None] = {}
        self._older: dict[bytes, bytes | None] = {}
        self._applied = 0
        self._load(prefix)

    @property
    def root(self) -> bytes:
        """The hash of the whole committed tree, 32 bytes."""
        return bytes(self._hashes[32:64])

    def stage(self, changes: Mapping[bytes, bytes | None]) -> Staged:
        """What these changes would make of the tree; None deletes, deleting what is not there changes nothing.

        Neither keys nor values may be empty (ICS-23 has no proof for them): `ValueError`.
        """
        puts: dict[bytes, bytes | None] = {}
        levels = [self._stage_buckets(self._by_bucket(changes), puts)]
        if not levels[0][0]:
            return Staged(self.root, puts, [], self._applied)
        while levels[-1][0][0] > 1:
            levels.append(self._parents(levels[-1]))
        return Staged(levels[-1][1][0], puts, levels, self._applied)

    def apply(self, staged: Staged) -> None:
        """Makes a staged batch the committed state; its puts must be in the store by now."""
        if staged.base != self._applied:
            raise ValueError("this batch was staged on an earlier state of the tree; stage it again")
        for level in staged.levels:
            self._keep(level)
        self._remember(staged.puts)
        self._applied += 1

    def prove(self, key: bytes, value_of: Callable[[bytes], bytes | None]) -> Membership | Absence:
        """Evidence for the committed state that the key is there with its value, or that it is not there.

        `value_of` gives the value of this key or of a neighbour from the same committed state; a value that is not the
        one in the tree raises `CorruptTree`.
        """
        place = sha256(key).digest()
        bucket = self._bucket_of(place)
        entries = self._entries(bucket)
        at = bisect_left(entries, (place,))
        if at < len(entries) and entries[at][0] == place:
            return self._membership(bucket, entries, at, value_of)
        return Absence(
            key,
            self._membership(bucket, entries, at - 1, value_of) if at else self._nearest(bucket, 0, value_of),
            self._membership(bucket, entries, at, value_of)
            if at < len(entries)
            else self._nearest(bucket, 1, value_of),
        )

    # --- staging

    def _by_bucket(self, changes: Mapping[bytes, bytes | None]) -> dict[int, list[_Change]]:
        shift, number, digest_of = 32 - self._cut, int.from_bytes, sha256
        wanted: dict[int, list[_Change]] = {}
        for key, value in changes.items():
            place = digest_of(key).digest()
            if value:
                leaf: bytes | None = digest_of(_LEAF_MARK + place + digest_of(value).digest()).digest()
            elif value is None:
                leaf = None
            else:
                raise ValueError(f"the value of key {key.hex()} is empty; the state tree holds no empty values")
            bucket = number(place[:4], "big") >> shift
            if bucket in wanted:
                wanted[bucket].append((place, leaf, key))
            else:
                wanted[bucket] = [(place, leaf, key)]
        if b"" in changes:
            raise ValueError("the state tree holds no empty key")
        return wanted

    def _stage_buckets(self, wanted: dict[int, list[_Change]], puts: dict[bytes, bytes | None]) -> _Level:
        # The lowest level kept in memory, where something changes; adds the changed buckets to `puts`.
        nodes: list[int] = []
        hashes: list[bytes] = []
        kinds: list[int] = []
        first, prefix, cut, kept_kinds = self._first, self._prefix, self._cut, self._kinds
        for bucket in sorted(wanted):
            changes = wanted[bucket]
            name = prefix + bucket.to_bytes(4, "big")
            old = self._stored(name) if kept_kinds[first + bucket] else None
            _, leaf, key = changes[0]
            if len(changes) > 1 or (old is not None and (old[0] != _LEAF or old[33:] != key)):
                new = _merged(old, changes, cut)
            else:  # nobody else in the bucket: by far the most frequent case
                new = None if leaf is None else _SINGLE + leaf + key
            if new == old:
                continue
            puts[name] = new
            nodes.append(first + bucket)
            hashes.append(EMPTY if new is None else new[1:33])
            kinds.append(_NOTHING if new is None else new[0])
        return nodes, hashes, kinds

    def _parents(self, level: _Level) -> _Level:
        # The level above, where something changes. What is not in `level` stands as committed.
        nodes, hashes, kinds = level
        kept, kept_kinds, digest_of, mark = self._hashes, self._kinds, sha256, _INNER_MARK
        up_nodes: list[int] = []
        up_hashes: list[bytes] = []
        up_kinds: list[int] = []
        at, end = 0, len(nodes)
        while at < end:
            node, kind = nodes[at], kinds[at]
            left: bytes | bytearray = hashes[at]
            right: bytes | bytearray
            if node & 1:
                left, right = kept[(node - 1) << 5 : node << 5], left
                kind += kept_kinds[node - 1]
            elif at + 1 < end and nodes[at + 1] == node + 1:
                at += 1
                right = hashes[at]
                kind += kinds[at]
            else:
                right = kept[(node + 1) << 5 : (node + 2) << 5]
                kind += kept_kinds[node + 1]
            at += 1
            up_nodes.append(node >> 1)
            if kind > _LEAF:
                up_hashes.append(digest_of(mark + left + right).digest())
                up_kinds.append(_INNER)
            else:  # a lone leaf rises, and nothing beside nothing is nothing
                up_hashes.append(bytes(right if left == EMPTY else left))
                up_kinds.append(kind)
        return up_nodes, up_hashes, up_kinds

    def _keep(self, level: _Level) -> None:
        kept, kept_kinds, put = self._hashes, self._kinds, _DIGEST.pack_into
        for node, digest, kind in zip(*level, strict=True):
            put(kept, node << 5, digest)
            kept_kinds[node] = kind

    # --- buckets in the store

    def _stored(self, name: bytes) -> bytes:
        # The bucket under this key of the store; only for a bucket that holds something.
        found = self._recent.get(name)
        if found is None:
            found = self._older.get(name) or self._reader.get(name)
            if found is None:
                raise CorruptTree(f"the store has lost {name.hex()}, a bucket of the state tree")
            if len(self._recent) >= _CACHED_BUCKETS:
                self._older, self._recent = self._recent, {}
            self._recent[name] = found
        return found

    def _remember(self, buckets: dict[bytes, bytes | None]) -> None:
        # Two generations: when the younger is full it becomes the older, and the older is forgotten.
        if len(self._recent) + len(buckets) > _CACHED_BUCKETS:
            self._older, self._recent = self._recent, {}
        if len(buckets) > _CACHED_BUCKETS:
            self._older = {}
        else:
            self._recent.update(buckets)

    def _entries(self, bucket: int) -> list[_Entry]:
        if not self._kinds[self._first + bucket]:
            return []
        return _entries_of(self._stored(self._prefix + bucket.to_bytes(4, "big")))

    def _bucket_of(self, place: bytes) -> int:
        return int.from_bytes(place[:4], "big") >> (32 - self._cut)

    def _load(self, prefix: bytes) -> None:
        # Ascending batches share little above the cut, so each is raised as if it had been staged.
        batch: _Level = ([], [], [])
        for key, value in self._reader.scan(prefix):
            if not key.startswith(self._prefix) or len(key) != len(self._prefix) + 4:
                raise ValueError(f"the store's state tree is not cut at level {self._cut}: found key {key.hex()}")
            batch[0].append(self._first + int.from_bytes(key[-4:], "big"))
            batch[1].append(value[1:33])
            batch[2].append(value[0])
            if len(batch[0]) == _LOAD_BATCH:
                self._raise(batch)
                batch = ([], [], [])
        self._raise(batch)

    def _raise(self, level: _Level) -> None:
        while level[0]:
            self._keep(level)
            level = self._parents(level) if level[0][0] > 1 else ([], [], [])

    # --- proving

    def _membership(
        self, bucket: int, entries: list[_Entry], at: int, value_of: Callable[[bytes], bytes | None]
    ) -> Membership:
        _, leaf, key = entries[at]
        value = value_of(key)
        if not value or leaf_hash(key, value) != leaf:
            raise CorruptTree(f"the value of key {key.hex()} is not the one that the state tree was given")
        path = _siblings(entries, at, self._cut)
        node = self._first + bucket
        while node > 1 and self._kinds[node >> 1] == _LEAF:
            node >>= 1
        while node > 1:
            path.append(bytes(self._hashes[(node ^ 1) << 5 : ((node ^ 1) + 1) << 5]))
            node >>= 1
        return Membership(key, value, tuple(path))

    def _nearest(self, bucket: int, side: int, value_of: Callable[[bytes], bytes | None]) -> Membership | None:
        # The closest leaf in another bucket, to the left (side 0) or to the right (side 1).
        kinds, node = self._kinds, self._first + bucket
        while node > 1 and (node & 1 == side or not kinds[node ^ 1]):
            node >>= 1
        if node == 1:
            return None
        node ^= 1
        while node < self._first:
            near = 2 * node + 1 - side
            node = near if kinds[near] else near ^ 1
        entries = self._entries(node - self._first)
        return self._membership(node - self._first, entries, 0 if side else len(entries) - 1, value_of)


# --- checking, for anyone -------------------------------------------------------------------------------------------


def verify_membership(root: bytes, proof: object) -> bool:
    """Whether the proof is a `Membership` and shows that the tree with this root holds its key with its value.

    Never raises, whatever the proof holds.
    """
    return _is_well_formed(proof) and _root_of(proof) == root


def verify_absence(root: bytes, key: bytes, proof: object) -> bool:
    """Whether the proof is an `Absence` and shows that the tree with this root does not hold the key. Never raises."""
    if not isinstance(proof, Absence) or not _is_filled(key) or proof.key != key:
        return False
    left, right = proof.left, proof.right
    if left is None and right is None:
        return root == EMPTY
    place = sha256(key).digest()
    if left is not None and not (verify_membership(root, left) and sha256(left.key).digest() < place):
        return False
    if right is not None and not (verify_membership(root, right) and sha256(right.key).digest() > place):
        return False
    return _are_neighbours(left, right)


def _is_well_formed(proof: object) -> TypeGuard[Membership]:
    # Structs built by hand hold anything: only decoding checks their types.
    if not isinstance(proof, Membership) or not _is_filled(proof.key) or not _is_filled(proof.value):
        return False
    path: object = proof.path
    return isinstance(path, tuple) and len(path) <= DEPTH and all(_is_filled(one) and len(one) == 32 for one in path)


def _is_filled(found: object) -> TypeGuard[bytes]:
    return isinstance(found, bytes) and len(found) > 0


def _root_of(proof: Membership) -> bytes:
    place, depth = sha256(proof.key).digest(), len(proof.path)
    node = leaf_hash(proof.key, proof.value)
    for sibling in proof.path:
        depth -= 1
        node = _inner(sibling, node) if _bit(place, depth) else _inner(node, sibling)
    return node


def _are_neighbours(left: Membership | None, right: Membership | None) -> bool:
    # Below the fork of two neighbours, all to the right of the left one and to the left of the right one is empty.
    below = 0
    if left is not None and right is not None:
        below = _shared_bits(sha256(left.key).digest(), sha256(right.key).digest()) + 1
        if below > min(len(left.path), len(right.path)):
            return False
    return (left is None or _is_edge(left, 0, below)) and (right is None or _is_edge(right, 1, below))


def _is_edge(proof: Membership, turn: int, below: int) -> bool:
    # Whether, from this depth down, every sibling is empty where the way to the leaf takes this turn (0 left, 1 right).
    place, last = sha256(proof.key).digest(), len(proof.path) - 1
    return all(proof.path[last - depth] == EMPTY for depth in range(below, last + 1) if _bit(place, depth) == turn)
