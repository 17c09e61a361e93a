"""Reads a journal without touching it, beside the node that writes it.

`engines.journal.Journal` opens a folder to go on writing and cuts off a torn end. Here a torn end is only told: it is
what a crash leaves, or a block that is on its way to the disk at this very moment.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import msgspec

from sogdia.engines.journal import JournalBlock, JournalDamaged
from sogdia.interfaces.cli.terminal import Failure

_FRAME = struct.Struct(">II")
_decode = msgspec.msgpack.Decoder(JournalBlock).decode


class JournalReader:
    """The blocks of a journal as it stood when this was made; `torn` says where it ends in an unfinished block."""

    def __init__(self, folder: Path) -> None:
        self._segments = [(path, path.stat().st_size) for path in sorted(folder.glob("*.blocks"))]
        if not self._segments:
            raise Failure("no_journal", folder=folder)
        self.size_bytes = sum(size for _, size in self._segments)
        self.read_bytes = 0
        self.torn: tuple[Path, int] | None = None

    def blocks(self) -> Iterator[JournalBlock]:
        """Every whole block in order; JournalDamaged when anything but the very end cannot be read."""
        for number, (path, size) in enumerate(self._segments, 1):
            yield from self._frames(path, size, last=number == len(self._segments))

    def _frames(self, path: Path, size: int, last: bool) -> Iterator[JournalBlock]:
        offset = 0
        with path.open("rb") as segment:
            while offset < size:
                body, end = _body(segment, offset, size)
                if body is None and last and end >= size:
                    self.torn = (path, offset)
                    return
                if body is None:
                    raise JournalDamaged(f"{path}: damaged at offset {offset}; restore this file from a copy")
                yield _decode(body)
                self.read_bytes += end - offset
                offset = end


def _body(segment: BinaryIO, offset: int, size: int) -> tuple[bytes | None, int]:
    """The body of the frame at this offset, or None, and where the frame ends or would end."""
    head = segment.read(_FRAME.size) if size - offset >= _FRAME.size else b""
    if len(head) < _FRAME.size:
        return None, size
    length, check = _FRAME.unpack(head)
    end = offset + _FRAME.size + length
    body = segment.read(length) if end <= size else b""
    sound = len(body) == length > 0 and crc32(body) == check
    return (body if sound else None), (end if length else size)
