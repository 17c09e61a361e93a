"""The journal: every block in order, durable before any receipt is given. It alone is enough to rebuild everything.

Segment files hold frames: length (4 bytes), CRC-32 of the body (4 bytes), body. A torn frame at the very end of the
last segment is what a crash leaves, cut short or filled with zeros; nobody holds a receipt from it, and the next block
takes its place. Damage anywhere else, which is to say with a whole frame behind it, is not repaired: the journal
refuses to open and says where. Opening and reading change nothing on the disk.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import msgspec

from sogdia.core.codec import record_bytes
from sogdia.core.receipt import Seal

SEGMENT_BYTES = 128 * 1024 * 1024
_FRAME = struct.Struct(">II")
_BODY_BEGINS = (0x95, 0x96)
"""The first byte of every body: a MessagePack array of the fields of `JournalBlock`, once five, now six."""


class JournalDamaged(Exception):
    """A frame before the end cannot be read; the message names file and offset."""


class JournalBlock(msgspec.Struct, frozen=True, array_like=True):
    """One block as it was ordered: the bytes as received, and the seal that executing them gave.

    `told` holds messages that no party signed, as JSON: the founding agreement in the first block, in others what the
    engine itself saw. They stand under one receipt in front of the transactions. `ordered` is the block's height in the
    count of the engine that ordered it, 0 when that is the machine's own.
    """

    height: int
    time_ms: int
    transactions: tuple[bytes, ...]
    seal: Seal
    told: bytes = b""
    ordered: int = 0

    def envelope(self, index: int) -> bytes | None:
        """The transaction behind the receipt with this index in its block; None for what no party signed."""
        index -= bool(self.told)
        return None if index < 0 else self.transactions[index]


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a block's frame begins."""

    segment: str
    offset: int


_decode = msgspec.msgpack.Decoder(JournalBlock).decode
decode_place = msgspec.msgpack.Decoder(Place).decode


class Journal:
    """Appends blocks to segment files in a folder and reads them back.

    Nothing is written before the first `append`, so a reader may open the folder beside the node that writes it; what
    lies behind the last whole block then is `torn`: left by a crash, or on its way to the disk.
    """

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._segment_bytes = segment_bytes
        self._name = ""
        self._file: int | None = None
        self._size = 0
        self.height = 0
        self.torn: Place | None = None
        segments = self._segments()
        if segments:
            self._name = segments[-1]
            self._size, self.height = _sound_end(folder / self._name)
            if (folder / self._name).stat().st_size > self._size:
                self.torn = Place(self._name, self._size)

    def append(self, block: JournalBlock) -> Place:
        """Make the block durable; when this returns, it is on the disk."""
        if self._file is None and self._name:
            self._open(self._name, self._size)
        if not self._name or self._size >= self._segment_bytes:
            self._open(f"{block.height:016d}.blocks", 0)
        body = record_bytes(block)
        place = Place(self._name, self._size)
        assert self._file is not None
        _write_all(self._file, _FRAME.pack(len(body), crc32(body)) + body)
        _sync(self._file)
        self._size += _FRAME.size + len(body)
        self.height = block.height
        return place

    def read(self, place: Place) -> JournalBlock:
        """The block whose frame begins here."""
        path = self.folder / place.segment
        with path.open("rb") as segment:
            segment.seek(place.offset)
            body = _body(segment.read(_FRAME.size), segment, path.stat().st_size - place.offset)
        if body is None:
            raise JournalDamaged(f"{place.segment}: the block at offset {place.offset} is damaged")
        return _decode(body)

    def blocks(self, after_height: int = 0) -> Iterator[tuple[Place, JournalBlock]]:
        """All blocks above a height, in order."""
        segments = self._segments()
        for number, name in enumerate(segments):
            following = segments[number + 1] if number + 1 < len(segments) else None
            if following is not None and int(following.partition(".")[0]) <= after_height + 1:
                continue
            for offset, block in self._frames(name):
                if block.height > after_height:
                    yield Place(name, offset), block

    def bytes_before(self, place: Place) -> int:
        """How much of the journal lies before this place."""
        earlier = [name for name in self._segments() if name < place.segment]
        return sum((self.folder / name).stat().st_size for name in earlier) + place.offset

    @property
    def size_bytes(self) -> int:
        """How much the journal holds, without a torn end."""
        return self.bytes_before(Place(self._name, self._size)) if self._name else 0

    def close(self) -> None:
        """Let go of the files."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _segments(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.blocks"))

    def _frames(self, name: str) -> Iterator[tuple[int, JournalBlock]]:
        path = self.folder / name
        size = self._size if name == self._name else path.stat().st_size
        with path.open("rb") as segment:
            offset = 0
            while offset < size:
                body = _body(segment.read(_FRAME.size), segment, size - offset)
                if body is None:
                    raise JournalDamaged(f"{path}: damaged at offset {offset}; restore this file from a copy")
                yield offset, _decode(body)
                offset += _FRAME.size + len(body)

    def _open(self, name: str, size: int) -> None:
        self.close()
        path = self.folder / name
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self._file).st_size > size:
            os.ftruncate(self._file, size)
        os.lseek(self._file, size, os.SEEK_SET)
        os.fsync(self._file)
        _sync_folder(self.folder)
        self._name, self._size = name, size


def _body(head: bytes, segment: BinaryIO, left: int) -> bytes | None:
    if len(head) < _FRAME.size:
        return None
    length, check = _FRAME.unpack(head)
    if not 0 < length <= left - _FRAME.size:
        return None
    body = segment.read(length)
    return body if crc32(body) == check else None


def _sound_end(path: Path) -> tuple[int, int]:
    """How much of the last segment is whole, and its last height; a torn end is allowed, blocks behind it are not."""
    size = path.stat().st_size
    offset, height = 0, int(path.name.partition(".")[0]) - 1
    with path.open("rb") as segment:
        while offset < size:
            body = _body(segment.read(_FRAME.size), segment, size - offset)
            if body is None:
                break
            offset += _FRAME.size + len(body)
            height = _decode(body).height
        segment.seek(offset)
        if _has_whole_frame(segment.read()):
            raise JournalDamaged(f"{path}: damaged at offset {offset} with blocks behind it; restore it from a copy")
    return offset, height


def _has_whole_frame(tail: bytes) -> bool:
    """Whether a frame lies anywhere in what follows the sound part: a damaged length does not say where the next is."""
    view = memoryview(tail)
    for offset in range(1, len(tail) - _FRAME.size):
        length, check = _FRAME.unpack_from(tail, offset)
        start = offset + _FRAME.size
        if not 0 < length <= len(tail) - start or tail[start] not in _BODY_BEGINS:
            continue
        if crc32(view[start : start + length]) == check:
            return True
    return False


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


_sync = getattr(os, "fdatasync", os.fsync)
"""Data to the disk; systems without fdatasync take the longer road."""


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
