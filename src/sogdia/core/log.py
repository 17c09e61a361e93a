"""The log: every accepted entry in order, under one root, with proofs of inclusion and of nothing rewritten.

The Merkle tree of RFC 6962 section 2.1: leaf = sha256(00 | entry), inner = sha256(01 | left | right), the root of no
entries = sha256 of nothing. Kept as the tiles that C2SP tlog-tiles publishes: tile (level, n) holds up to 256 hashes of
32 bytes, its hash i being the root of the 256**level leaves from (256 * n + i) * 256**level on. The last tile of a
level is partial and is written anew with every batch; full tiles never change. Memory holds the right edge only.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec

from sogdia.core.store import Reader

EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a log without entries."""
TILE_WIDTH: Final = 256
"""Hashes in a full tile."""
MAX_SIZE: Final = 2**63 - 1
"""Most entries that a log, or a claim about one, may have."""

_HASH_BYTES: Final = 32
_LEAF_MARK, _INNER_MARK = b"\x00", b"\x01"
_SIZE_KEY: Final = b"size"


class CorruptLog(RuntimeError):
    """The store does not hold what the log wrote to it: a disk fault, or two writers."""


class Staged(msgspec.Struct, frozen=True):
    """What a batch of leaves would make of the log. Dropping it undoes everything."""

    size: int
    root: bytes
    puts: dict[bytes, bytes | None]
    """Tiles and size for the store; to be written before `Log.apply`, in one atomic write with the rest."""
    peaks: list[bytes]
    tiles: list[bytes]
    base: int
    """Size of the log when this batch was staged."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash under which an entry stands in the log."""
    return sha256(_LEAF_MARK + entry).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, for whoever holds all of them."""
    return _join(_add([], 0, leaves)) if leaves else EMPTY_ROOT


def _inner(left: bytes, right: bytes) -> bytes:
    return sha256(_INNER_MARK + left + right).digest()


def _add(peaks: list[bytes], size: int, leaves: Sequence[bytes]) -> list[bytes]:
    # Peaks are the roots of the full subtrees that the bits of `size` stand for, the largest first.
    peaks, digest_of, mark = peaks.copy(), sha256, _INNER_MARK
    push, pop = peaks.append, peaks.pop
    for node in leaves:
        carry = size
        while carry & 1:
            node = digest_of(mark + pop() + node).digest()
            carry >>= 1
        push(node)
        size += 1
    return peaks


def _join(peaks: Sequence[bytes]) -> bytes:
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = _inner(peak, root)
    return root


def _full_root(hashes: bytes) -> bytes:
    # The root over a whole power of two of hashes that stand one after another.
    row = [hashes[at : at + _HASH_BYTES] for at in range(0, len(hashes), _HASH_BYTES)]
    while len(row) > 1:
        row = [_inner(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _split(size: int) -> int:
    # The largest power of two smaller than size.
    return 1 << (size - 1).bit_length() - 1


class Log:
    """The log over a store: stage leaf hashes, write the staged puts, apply; or drop them. For one thread."""

    def __init__(self, reader: Reader, prefix: bytes = b"L") -> None:
        self._reader, self._prefix = reader, prefix
        self._size = int.from_bytes(reader.get(prefix + _SIZE_KEY) or b"", "big")
        self._tiles = self._partial_tiles()
        self._peaks = self._peaks_of_tiles()

    @property
    def size(self) -> int:
        """How many entries the committed log has."""
        return self._size

    @property
    def root(self) -> bytes:
        """The root of the committed log, 32 bytes."""
        return _join(self._peaks) if self._peaks else EMPTY_ROOT

    def stage(self, leaf_hashes: Sequence[bytes]) -> Staged:
        """What appending these leaf hashes, in this order, would make of the log."""
        if not leaf_hashes:
            return Staged(self._size, self.root, {}, self._peaks, self._tiles, self._size)
        size = self._size + len(leaf_hashes)
        puts: dict[bytes, bytes | None] = {self._prefix + _SIZE_KEY: size.to_bytes(8, "big")}
        tiles = self._tiles.copy()
        row, level = b"".join(leaf_hashes), 0
        if len(row) != _HASH_BYTES * len(leaf_hashes):
            raise ValueError(f"a leaf hash has {_HASH_BYTES} bytes, see leaf_hash")
        while row:
            row = self._extend(tiles, level, row, puts)
            level += 1
        peaks = _add(self._peaks, self._size, leaf_hashes)
        return Staged(size, _join(peaks), puts, peaks, tiles, self._size)

    def apply(self, staged: Staged) -> None:
        """Makes a staged batch the committed state; its puts must be in the store by now."""
        if staged.base != self._size:
            raise ValueError("this batch was staged on an earlier state of the log; stage it again")
        self._size, self._peaks, self._tiles = staged.size, staged.peaks, staged.tiles

    def tile(self, level: int, index: int) -> bytes | None:
        """The hashes of a tile as committed, 32 to 8,192 bytes; None when the log does not reach it."""
        return self._reader.get(self._key(level, index)) if level >= 0 and index >= 0 else None

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The audit path of the leaf at `index` in the log as it was at `size` (RFC 6962, 2.1.1)."""
        if not 0 <= index < size <= self._size:
            raise ValueError(f"entry {index} at size {size} is not within a log of {self._size} entries")
        path: list[bytes] = []
        start, end, tiles = 0, size, dict[bytes, bytes]()
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._range_root(middle, end, tiles))
                end = middle
            else:
                path.append(self._range_root(start, middle, tiles))
                start = middle
        return tuple(reversed(path))

    def consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """The proof that the log at `new_size` begins with the log at `old_size` (RFC 6962, 2.1.2).

        Empty when the sizes are equal or the older log has no entries: then there is nothing to show.
        """
        if not 0 <= old_size <= new_size <= self._size:
            raise ValueError(f"sizes {old_size} and {new_size} are not those of a log of {self._size} entries")
        path: list[bytes] = []
        start, end, tiles = 0, new_size, dict[bytes, bytes]()
        while old_size and old_size != end:
            middle = start + _split(end - start)
            if old_size <= middle:
                path.append(self._range_root(middle, end, tiles))
                end = middle
            else:
                path.append(self._range_root(start, middle, tiles))
                start = middle
        if start:
            path.append(self._range_root(start, end, tiles))
        return tuple(reversed(path))

    # --- tiles

    def _key(self, level: int, index: int) -> bytes:
        return self._prefix + bytes([level]) + index.to_bytes(8, "big")

    def _extend(self, tiles: list[bytes], level: int, row: bytes, puts: dict[bytes, bytes | None]) -> bytes:
        # Appends hashes to a level; returns the roots of the tiles that became full, for the level above.
        if level == len(tiles):
            tiles.append(b"")
        index = self._size >> 8 * (level + 1)
        row = tiles[level] + row
        full: list[bytes] = []
        while len(row) >= TILE_WIDTH * _HASH_BYTES:
            whole, row = row[: TILE_WIDTH * _HASH_BYTES], row[TILE_WIDTH * _HASH_BYTES :]
            puts[self._key(level, index)] = whole
            full.append(_full_root(whole))
            index += 1
        if row:
            puts[self._key(level, index)] = row
        tiles[level] = row
        return b"".join(full)

    def _partial_tiles(self) -> list[bytes]:
        # The last tile of each level, empty where the level ends with a full one.
        tiles: list[bytes] = []
        level, rest = 0, self._size
        while rest:
            index, width = divmod(rest, TILE_WIDTH)
            tiles.append(self._read(level, index, width) if width else b"")
            level, rest = level + 1, index
        return tiles

    def _peaks_of_tiles(self) -> list[bytes]:
        # The partial tile of level l gives the peaks that bits 8l to 8l + 7 of the size stand for.
        peaks: list[bytes] = []
        for tile in reversed(self._tiles):
            at = 0
            for bit in range(7, -1, -1):
                length = _HASH_BYTES << bit
                if len(tile) - at >= length:
                    peaks.append(_full_root(tile[at : at + length]))
                    at += length
        return peaks

    def _read(self, level: int, index: int, width: int) -> bytes:
        found = self.tile(level, index)
        if found is None or len(found) < width * _HASH_BYTES:
            raise CorruptLog(f"the store has lost tile {index} of level {level} of the log")
        return found

    def _range_root(self, start: int, end: int, tiles: dict[bytes, bytes]) -> bytes:
        # The root over the leaves from start to end; start is a multiple of a power of two not below end - start.
        peaks: list[bytes] = []
        while start < end:
            height = (end - start).bit_length() - 1
            peaks.append(self._node(height, start >> height, tiles))
            start += 1 << height
        return _join(peaks)

    def _node(self, height: int, index: int, tiles: dict[bytes, bytes]) -> bytes:
        # The root of the full subtree of 2**height leaves with this number, out of its tile.
        level, within = divmod(height, 8)
        tile, at = divmod(index << within, TILE_WIDTH)
        end = at + (1 << within)
        key = self._key(level, tile)
        if key not in tiles:
            tiles[key] = self._read(level, tile, end)
        return _full_root(tiles[key][at * _HASH_BYTES : end * _HASH_BYTES])


# --- checking, for anyone -------------------------------------------------------------------------------------------


def verify_inclusion(root: bytes, size: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path shows that the log with this root and size has this leaf hash at this index. Never raises.

    Source: RFC 9162, 2.1.3.2.
    """
    if not (_is_size(size) and _is_size(index) and index < size and _are_hashes([leaf]) and _are_hashes(path)):
        return False
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = _inner(sibling, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = _inner(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path shows that the newer log begins with all entries of the older one. Never raises.

    Source: RFC 9162, 2.1.4.2; every log begins with the one of no entries, by the empty path.
    """
    if not (_is_size(old_size) and _is_size(new_size) and old_size <= new_size and _are_hashes(path)):
        return False
    if old_size == 0:
        return len(path) == 0 and old_root == EMPTY_ROOT and _are_hashes([new_root])
    if old_size == new_size:
        return len(path) == 0 and old_root == new_root and _are_hashes([old_root])
    steps = list(path) if old_size & old_size - 1 else [old_root, *path]
    return bool(steps) and _are_hashes(steps) and _climb(old_size - 1, new_size - 1, steps) == (old_root, new_root)


def _climb(place: int, last: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    # The older and the newer root that the steps lead to, or None when there are too many or too few.
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = _inner(sibling, old), _inner(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = _inner(new, sibling)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else None


def _is_size(found: object) -> bool:
    return isinstance(found, int) and 0 <= found <= MAX_SIZE


def _are_hashes(found: object) -> bool:
    if not isinstance(found, (list, tuple)) or len(found) > MAX_SIZE.bit_length() + 1:
        return False
    return all(isinstance(one, bytes) and len(one) == _HASH_BYTES for one in found)
