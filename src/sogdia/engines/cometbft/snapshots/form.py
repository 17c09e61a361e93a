"""What a snapshot is: the records, the ids and the log's tiles at one height, in chunks, and metadata about them.

Every node makes the same one. What must be the same are the metadata and the chunks as they are before compression: the
hashes are over those, because another zlib may compress otherwise. The bytes on the wire are ours alone to judge.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, Protocol

import msgspec

from sogdia.core.codec import record_bytes
from sogdia.core.receipt import Seal

FORMAT: Final = 1
TILES, RECORDS, IDS = b"L", b"S", b"X"
KINDS: Final = (TILES, RECORDS, IDS)
"""The store's letters that a snapshot holds, ascending."""
LOG_SIZE_KEY: Final = b"Lsize"
CHUNK_BYTES: Final = 10_000_000
"""A chunk before compression, as all nodes cut it. CometBFT carries at most 16 MB in one."""
CHUNK_LIMIT_BYTES: Final = 15_900_000
METADATA_LIMIT_BYTES: Final = 3_900_000
"""CometBFT carries at most 4 MB with what stands around them: enough for 114,000 chunks."""
_ENTRY_FRAME_BYTES: Final = 11
"""What msgpack puts around a key and a value, at most."""

Entry = tuple[bytes, bytes]
decode_entries = msgspec.msgpack.Decoder(list[Entry]).decode


class WrongChunk(Exception):
    """Bytes that are not the chunk that the metadata name: another peer may have it."""


class SnapshotDamaged(Exception):
    """A snapshot that holds together with its own hashes and still is none of this ledger; the message says why."""


class Metadata(msgspec.Struct, frozen=True, array_like=True):
    """What a snapshot says of itself. `ordered` is its height in CometBFT's count, `chunks` the SHA-256 of each."""

    format: int
    network: str
    seal: Seal
    ordered: int
    tiles: int
    records: int
    ids: int
    chunks: tuple[bytes, ...]

    def hash(self) -> bytes:
        """The snapshot's name: it fixes every byte of it, so an operator may ask another one for it and compare."""
        return sha256(record_bytes(self)).digest()


decode_metadata = msgspec.msgpack.Decoder(Metadata).decode


class Scanned(Protocol):
    """The store at one instant."""

    def scan(self, prefix: bytes) -> Iterator[Entry]: ...


def bodies(store: Scanned, counts: Counter[bytes], chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
    """The chunks before compression, in order; `counts` learns how many entries there are of each kind."""
    entries, size = list[Entry](), 0
    for kind in KINDS:
        for entry in store.scan(kind):
            more = len(entry[0]) + len(entry[1]) + _ENTRY_FRAME_BYTES
            if entries and size + more > chunk_bytes:
                yield record_bytes(entries)
                entries, size = [], 0
            entries.append(entry)
            size += more
            counts[kind] += 1
    yield record_bytes(entries)


def packed(body: bytes) -> bytes:
    """A chunk as it is kept and sent."""
    return zlib.compress(body, 1)


def unpacked(chunk: bytes) -> bytes:
    """A chunk before compression; WrongChunk when it is none, or would be larger than any of ours."""
    unzip = zlib.decompressobj()
    try:
        body = unzip.decompress(chunk, CHUNK_LIMIT_BYTES)
    except zlib.error as wrong:
        raise WrongChunk(str(wrong)) from None
    if not unzip.eof or unzip.unused_data:
        raise WrongChunk("it is cut short, too large, or something follows it")
    return body
