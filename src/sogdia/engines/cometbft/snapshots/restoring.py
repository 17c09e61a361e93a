"""Restoring a snapshot into an empty store: what came is written, and at the end everything is compared with the seal.

The seal is vouched for by the network. The state tree and the log are built again from what came, so proved records and
the log can only be the network's. Working notes and ids stand in no root; the snapshot's own hash covers them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import islice, pairwise
from typing import Any, Final

import msgspec

from sogdia.core.codec import record_bytes
from sogdia.core.log import TILE_WIDTH, CorruptLog, Log, root_of
from sogdia.core.machine import Machine
from sogdia.core.receipt import Outcome, Seal
from sogdia.core.state import Table
from sogdia.core.store import Reader, Store
from sogdia.core.tree import Tree
from sogdia.engines.cometbft.snapshots.form import (
    IDS,
    LOG_SIZE_KEY,
    RECORDS,
    TILES,
    Metadata,
    SnapshotDamaged,
    WrongChunk,
    decode_entries,
    unpacked,
)

PASS_RECORDS: Final = 200_000
"""Records that go into the tree at once, so that memory stays below 600 MB; more records take more passes over them."""
SLICE_RECORDS: Final = 2_000
"""Records in an outcome that stands for a part of the snapshot, unless there are too few heights."""
_HASH_BYTES: Final = 32
_TILE_KEY_BYTES: Final = 10
_ID_KEY_BYTES: Final = 33


class Restore:
    """A snapshot on its way into the store of a machine that has none of its own. One thread."""

    def __init__(self, machine: Machine, metadata: Metadata) -> None:
        self.metadata = metadata
        self.next = 0
        self._machine = machine
        self._store = machine.store
        self._counts = Counter[bytes]()
        self._last = b""
        self._log_size = b""

    @property
    def is_whole(self) -> bool:
        """Whether all chunks have come."""
        return self.next == len(self.metadata.chunks)

    def take(self, index: int, chunk: bytes) -> None:
        """Write the next chunk to the store.

        WrongChunk when it is another one, SnapshotDamaged when no right snapshot has such a chunk. One that was taken
        already may come again.
        """
        if index < self.next:
            return
        if index > self.next or self.is_whole:
            raise SnapshotDamaged(f"chunk {index} came in place of chunk {self.next}")
        body = unpacked(chunk)
        if sha256(body).digest() != self.metadata.chunks[index]:
            raise WrongChunk("its hash is not the one that the snapshot names")
        try:
            entries = decode_entries(body)
        except msgspec.MsgspecError as wrong:
            raise SnapshotDamaged(f"chunk {index} holds no entries: {wrong}") from None
        puts: dict[bytes, bytes | None] = dict(entries)
        self._check([key for key, _ in entries], puts)
        self._log_size = puts.pop(LOG_SIZE_KEY, None) or self._log_size
        self._store.write(puts)
        self.next += 1

    def finish(self) -> tuple[int, dict[bytes, bytes]]:
        """Compare everything with the seal, and write what followers read.

        Returns the first height that has an outcome, and what is still to be written beside the seal. SnapshotDamaged
        when the snapshot is not what the network sealed.
        """
        said, seal = self.metadata, self.metadata.seal
        expected = {TILES: said.tiles, RECORDS: said.records, IDS: said.ids}
        if any(self._counts[kind] != count for kind, count in expected.items()):
            raise SnapshotDamaged(f"it says that it holds {expected}, it holds {dict(self._counts)}")
        if _built_root(self._store, self._machine.tables, said.records) != seal.state_root:
            raise SnapshotDamaged("its records do not give the state root that the network has sealed")
        _check_log(self._store, self._log_size, seal, said.tiles - 1)
        return _write_outcomes(self._store, seal, said.records), {LOG_SIZE_KEY: self._log_size}

    def _check(self, keys: list[bytes], puts: Mapping[bytes, bytes | None]) -> None:
        tables = self._machine.tables
        for before, key in pairwise([self._last, *keys]):
            kind = key[:1]
            if kind == RECORDS:
                fits = key[1 : key.find(b"\x00") + 1] in tables
            elif kind == IDS:
                fits = len(key) == _ID_KEY_BYTES
            else:
                fits = kind == TILES and (len(key) == _TILE_KEY_BYTES or key == LOG_SIZE_KEY)
            if not fits or key <= before or not puts[key]:
                raise SnapshotDamaged(f"it holds what no snapshot does: {key[:80]!r}; or this program is too old")
            self._counts[kind] += 1
        self._last = keys[-1] if keys else self._last


def _built_root(store: Store, tables: Mapping[bytes, Table[Any]], records: int) -> bytes:
    """Build the state tree over all proved records; each pass takes a part of their places, so whole buckets."""
    tree = Tree(store)
    passes = min(256, -(-records // PASS_RECORDS) or 1)
    for one in range(passes):
        changes: dict[bytes, bytes | None] = {}
        for prefix, table in tables.items():
            if table.proved:
                for key, value in store.scan(RECORDS + prefix):
                    if passes == 1 or sha256(key[1:]).digest()[0] * passes >> 8 == one:
                        changes[key[1:]] = value
        staged = tree.stage(changes)
        store.write(staged.puts)
        tree.apply(staged)
    return tree.root


class _Sized:
    """The store with the log's size, which is written only when all is well: a log without its tiles cannot open."""

    def __init__(self, below: Reader, log_size: bytes) -> None:
        self._below = below
        self._log_size = log_size

    def get(self, key: bytes) -> bytes | None:
        return self._log_size if key == LOG_SIZE_KEY else self._below.get(key)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        return self._below.scan(prefix)


def _check_log(store: Store, log_size: bytes, seal: Seal, tiles: int) -> None:
    """The tiles of each level follow from those below, the right edge gives the root, and there are no others."""
    if log_size != seal.log_size.to_bytes(8, "big"):
        raise SnapshotDamaged("its log has not the size that the network has sealed")
    try:
        log = Log(_Sized(store, log_size))
    except CorruptLog as wrong:
        raise SnapshotDamaged(str(wrong)) from None
    if log.root != seal.log_root:
        raise SnapshotDamaged("its log is not the one that the network has sealed")
    level, above, seen = 0, b"", 0
    while count := log.size >> 8 * level:
        rows, roots = list[bytes](), list[bytes]()
        for index in range(-(-count // TILE_WIDTH)):
            width = min(TILE_WIDTH, count - TILE_WIDTH * index)
            tile = log.tile(level, index) or b""
            if len(tile) != _HASH_BYTES * width:
                raise SnapshotDamaged(f"tile {index} of level {level} of its log has {len(tile)} bytes")
            if width == TILE_WIDTH:
                roots.append(root_of([tile[at : at + _HASH_BYTES] for at in range(0, len(tile), _HASH_BYTES)]))
            if level:
                rows.append(tile)
            seen += 1
        if level and b"".join(rows) != above:
            raise SnapshotDamaged(f"level {level} of its log does not follow from the level below")
        level, above = level + 1, b"".join(roots)
    if seen != tiles:
        raise SnapshotDamaged(f"it holds {tiles} tiles, a log of {log.size} entries has {seen}")


def _write_outcomes(store: Store, seal: Seal, records: int) -> int:
    """Lay the records out as outcomes without transactions, ending at the seal, for followers that begin here.

    Returns the height of the first.
    """
    heights = max(1, min(seal.height, -(-records // SLICE_RECORDS)))
    per_height = max(1, -(-records // heights))
    first = seal.height - max(1, -(-records // per_height)) + 1
    scan = store.scan(RECORDS)
    for height in range(first, seal.height + 1):
        changes = tuple([(key[1:], value) for key, value in islice(scan, per_height)])
        outcome = Outcome(msgspec.structs.replace(seal, height=height), (), changes)
        store.write({b"O%016x" % height: record_bytes(outcome)})
    return first
