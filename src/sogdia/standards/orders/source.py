"""A file or stream of bytes, looked over once before any row is read.

A workbook becomes text first: the one sheet of it that has the heading wanted, in a temporary file; what the reader
says of a row then names the sheet and the row in it.

The look-over (a survey) costs a fraction of a second for 200,000 rows and decides what can only be known from the
whole file: that gzip ends well, that limits hold, and which encoding it is. So a file that is refused for these is
refused at once, and the reading proper then streams.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from sogdia.standards.orders.encodings import EncodingGuess, Evidence
from sogdia.standards.orders.options import Limits
from sogdia.standards.orders.refused import OrderFileRefused, words_of
from sogdia.standards.orders.workbooks import Bounds, SheetRead, WorkbookRefused, is_workbook, sheet_as_text

CHUNK = 1 << 16
Binary = IO[bytes]


class Heading(NamedTuple):
    """By what the sheet of a workbook is found: a test of its first row, and what is told of it."""

    fits: Callable[[list[str]], bool]
    wanted: str


class Survey(msgspec.Struct, frozen=True):
    """What the look-over found. `sha256` is over the bytes as found; `longest_line` in bytes of text."""

    sha256: str
    compressed: bool
    encoding: EncodingGuess
    longest_line: int
    has_nul: bool


class Source:
    """An input that can be read from its start more than once.

    A path is opened again; a stream that can seek is set back to where it stood; any other is kept in a temporary
    file, so that memory stays bounded. The caller's stream is never closed. `sheet` is which one of a workbook was
    read, None for any other file; without a `heading` to find it by, workbooks are refused. `named` is the sheet that
    is meant, where somebody says it.
    """

    def __init__(
        self,
        given: str | Path | Binary,
        name: str | None,
        limits: Limits,
        heading: Heading | None = None,
        named: str = "",
    ) -> None:
        self.limits = limits
        self.sheet: SheetRead | None = None
        self._workbook_sha256 = ""
        self._own: list[Binary] = []
        self._opener: Callable[[], Binary]
        if isinstance(given, str | Path):
            self.name = name or Path(given).name
            self._opener = self._path_opener(Path(given))
        else:
            self.name = name or "(stream)"
            self._opener = self._stream_opener(given)
        try:
            self._open_workbook(heading, named)
            self.survey = self._look_over()
        except OrderFileRefused:
            self.close()
            raise

    def close(self) -> None:
        """Close what this source opened itself."""
        while self._own:
            self._own.pop().close()

    def text(self) -> io.TextIOWrapper:
        """The decompressed text from its start, line ends as they are."""
        guess = self.survey.encoding
        return io.TextIOWrapper(_Shielded(self.raw()), encoding=guess.codec, errors=guess.errors, newline="")

    def refused(
        self, code: str, *, row: int | None = None, column: str | None = None, **facts: object
    ) -> OrderFileRefused:
        """A refusal that names this file; `code` is one of data/refusals.csv, and `facts` fill its sentences."""
        told, zh = (words_of("refusals.csv", code, facts, language) for language in ("en", "zh"))
        sheet = self.sheet.name if self.sheet else ""
        return OrderFileRefused(self.name, *told, row=row, column=column, sheet=sheet, zh=zh)

    def row_number(self, record: int) -> int:
        """The number that a person finds a record by: its row in the sheet of a workbook, else its own."""
        return self.sheet.row(record) if self.sheet else record

    def place(self, row: int, title: str) -> str:
        """The cell of a workbook that a row and a column's name point to (Orders!F12); nothing for other files."""
        return self.sheet.place(row, title) if self.sheet else ""

    def _open_workbook(self, heading: Heading | None, named: str) -> None:
        """Where this is a workbook, go on with the text of its sheet."""
        stream = self._opener()
        start = stream.tell()
        if not is_workbook(stream.read(8)):
            stream.seek(start)
            if named:
                raise self.refused("no_sheets")
            return
        stream.seek(start)
        try:
            self._workbook_sha256 = self._hash_of(stream)
            if heading is None:
                raise WorkbookRefused("json_wanted")
            limits = self.limits
            bounds = Bounds(columns=limits.columns, text_bytes=limits.text_bytes, seconds=limits.workbook_seconds)
            stream.seek(start)
            text, self.sheet = sheet_as_text(stream, heading.fits, heading.wanted, bounds, named)
        except WorkbookRefused as no:
            raise OrderFileRefused(self.name, *no.words(), zh=no.words("zh"), several=no.several) from None
        self._own.append(text)
        self._opener = self._stream_opener(text)

    def _hash_of(self, stream: Binary) -> str:
        hashed = _Hashed(stream, self.limits.file_bytes)
        while hashed.read(CHUNK):
            if hashed.over:
                raise self._too_big("file", self.limits.file_bytes)
        return hashed.hexdigest()

    def _path_opener(self, path: Path) -> Callable[[], Binary]:
        def open_again() -> Binary:
            try:
                self._own.append(path.open("rb"))
                return self._own[-1]
            except OSError as error:
                raise self.refused("no_file", why=error.strerror) from error

        return open_again

    def _stream_opener(self, stream: Binary) -> Callable[[], Binary]:
        if not stream.seekable():
            stream = self._kept(stream)
        start = stream.tell()

        def rewind() -> Binary:
            stream.seek(start)
            return stream

        return rewind

    def _kept(self, stream: Binary) -> Binary:
        kept: Binary = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this source
        self._own.append(kept)
        for chunk in iter(lambda: stream.read(CHUNK), b""):
            kept.write(chunk)
            if kept.tell() > self.limits.file_bytes:
                raise self._too_big("file", self.limits.file_bytes)
        kept.seek(0)
        return kept

    def raw(self) -> Binary:
        """The decompressed bytes from their start; of a workbook, its sheet as text."""
        stream = self._opener()
        if not self.survey.compressed:
            return stream
        return gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[return-value]

    def _too_big(self, what: str, limit: int) -> OrderFileRefused:
        return self.refused(f"{what}_too_big", most=limit)

    def _look_over(self) -> Survey:
        stream = self._opener()
        most = self.limits.text_bytes if self.sheet else self.limits.file_bytes
        hashed = _Hashed(stream, most)
        start = stream.tell()
        compressed = stream.read(2) == b"\x1f\x8b"
        stream.seek(start)
        evidence = Evidence()
        size = 0
        try:
            for chunk in self._chunks(hashed, compressed):
                size += len(chunk)
                if hashed.over:
                    raise self._too_big("file", most)
                if size > self.limits.text_bytes:
                    raise self._too_big("text", self.limits.text_bytes)
                evidence.feed(chunk)
                self._refuse_binary(evidence)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise self.refused("gzip_broken", why=error) from error
        sha256 = self._workbook_sha256 or hashed.hexdigest()
        return Survey(sha256, compressed, evidence.guess(), evidence.longest_line, evidence.has_nul)

    def _chunks(self, hashed: _Hashed, compressed: bool) -> Iterator[bytes]:
        if not compressed:
            yield from iter(lambda: hashed.read(CHUNK), b"")
            return
        with gzip.GzipFile(fileobj=hashed, mode="rb") as unpacked:
            yield from iter(lambda: unpacked.read(CHUNK), b"")
        for _ in iter(lambda: hashed.read(CHUNK), b""):
            pass

    def _refuse_binary(self, evidence: Evidence) -> None:
        if evidence.kind is not None:
            raise self.refused(evidence.kind)


class _Hashed(io.RawIOBase):
    """A stream that hashes what is read from it, and knows when it was more than `limit` bytes."""

    def __init__(self, stream: Binary, limit: int) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._left = limit
        self.over = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._hash.update(data)
        self._left -= len(data)
        self.over = self._left < 0
        return data

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


class _Shielded(io.BufferedReader):
    """A reader whose closing leaves the caller's stream open."""

    def __init__(self, stream: Binary) -> None:
        super().__init__(_Lent(stream), buffer_size=CHUNK)


class _Lent(io.RawIOBase):
    def __init__(self, stream: Binary) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
