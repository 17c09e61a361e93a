"""The zip of a workbook, opened within bounds: nothing is unpacked to disk, and nothing is believed before it is read.

The directory is looked at before the zip module reads it (its own size is bounded), then every part's promised size
and ratio; while a part is read what comes out is counted, with the time it takes.
"""

from __future__ import annotations

import time
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

import msgspec

from sogdia.standards.orders.workbooks.refusals import WorkbookRefused

CHUNK = 1 << 16
_END = b"PK\x05\x06"
_END_LONG = b"PK\x06\x07"
_END_BYTES = 22
_MOST_COMMENT = 1 << 16
_DIRECTORY_BYTES = 1 << 20
_RATIO_FROM = 1 << 20
_RATIO = 250
_MARKUP_BYTES = 1 << 20
_ENCRYPTED = 0x1


class Bounds(msgspec.Struct, frozen=True):
    """What a workbook may cost. `unpacked_bytes` over all its parts, `seconds` of processor time.

    `cells` with a value in the sheets that are read, and `strings` of the table that cells share.
    """

    unpacked_bytes: int = 512 * 1024 * 1024
    strings_bytes: int = 96 * 1024 * 1024
    part_bytes: int = 16 * 1024 * 1024
    seconds: int = 30
    cells: int = 8_000_000
    strings: int = 2_000_000
    sheets: int = 200
    columns: int = 500
    cell_chars: int = 40_000
    text_bytes: int = 2 * 1024 * 1024 * 1024


class Package:
    """The parts of a workbook by name. WorkbookRefused for what cannot be one."""

    def __init__(self, stream: IO[bytes], bounds: Bounds) -> None:
        self.bounds = bounds
        self._left = bounds.unpacked_bytes
        self._until = time.thread_time() + bounds.seconds
        _check_directory(stream)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError) as error:
            raise WorkbookRefused("broken", why=str(error)[:100]) from None
        found = self._zip.infolist()
        self._parts = {one.filename: one for one in found}
        if len(self._parts) != len(found):
            raise WorkbookRefused("broken", why="a part twice")
        self._check_promises(found)

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def names(self) -> list[str]:
        """Names of all parts."""
        return list(self._parts)

    def chunks(self, name: str, most: int) -> Iterator[bytes]:
        """The bytes of a part, counted: at most `most` of them, and no markup longer than a megabyte."""
        if name not in self._parts:
            raise WorkbookRefused("broken", why=f"{name[:80]} is missing")
        since = 0
        try:
            with self._zip.open(self._parts[name]) as part:
                while chunk := part.read(CHUNK):
                    most -= len(chunk)
                    self._spend(len(chunk), most < 0)
                    at = chunk.rfind(b">")
                    since = since + len(chunk) if at < 0 else len(chunk) - at
                    if since > _MARKUP_BYTES:
                        raise WorkbookRefused("broken", why="a tag without an end")
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise WorkbookRefused("broken", why=str(error)[:100]) from None

    def _spend(self, bytes_read: int, is_over: bool) -> None:
        self._left -= bytes_read
        if self._left < 0 or is_over:
            raise WorkbookRefused("too_large", most=self.bounds.unpacked_bytes)
        if time.thread_time() > self._until:
            raise WorkbookRefused("too_slow", most=self.bounds.seconds)

    def _check_promises(self, found: list[zipfile.ZipInfo]) -> None:
        if any(one.flag_bits & _ENCRYPTED for one in found):
            raise WorkbookRefused("locked")
        if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in found):
            raise WorkbookRefused("broken", why="packed in a way that Excel does not use")
        if sum(one.file_size for one in found) > self.bounds.unpacked_bytes:
            raise WorkbookRefused("too_large", most=self.bounds.unpacked_bytes)
        if any(one.file_size > _RATIO_FROM and one.file_size > one.compress_size * _RATIO for one in found):
            raise WorkbookRefused("too_dense", most=_RATIO)


def _check_directory(stream: IO[bytes]) -> None:
    """Refuse a directory so long that reading it would cost: the zip module holds every entry of it."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _END_BYTES - _MOST_COMMENT))
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise WorkbookRefused("broken", why="the directory of the zip is missing")
    if tail[max(0, at - 20) : at].startswith(_END_LONG):
        raise WorkbookRefused("broken", why="a zip of the kind for more than 4 GB")
    if int.from_bytes(tail[at + 12 : at + 16], "little") > _DIRECTORY_BYTES:
        raise WorkbookRefused("broken", why="a directory of more than a megabyte")
    stream.seek(0)
