"""An exported log: NDJSON, a heading and then one line a block with envelopes, receipts and seal.

    {"format": "sogdia-log/1", "info": {"network": ..., "code": ..., "origin": ...}}
    {"height": 2, "time_ms": ..., "envelopes": [...], "receipts": [...], "seal": {...}, "founding": null, "ordered": 0}

Envelopes are the bytes as received, as JSON text. Roots are hexadecimal. `founding` holds the messages that no party
signed: the founding agreement in the first block, in others what the engine itself saw. `ordered` is the block's height
in the ordering engine's own count.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from sogdia.app import NetworkInfo
from sogdia.core.codec import json_bytes
from sogdia.core.receipt import Receipt, Seal
from sogdia.engines.journal import JournalBlock
from sogdia.interfaces.cli.terminal import Failure

FORMAT = "sogdia-log/1"


class Heading(msgspec.Struct, frozen=True):
    """The first line."""

    format: str
    info: NetworkInfo


class LoggedSeal(msgspec.Struct, frozen=True):
    """A seal with its roots in hexadecimal."""

    state_root: str
    log_size: int
    log_root: str


class Line(msgspec.Struct, frozen=True):
    """One block."""

    height: int
    time_ms: int
    envelopes: tuple[str, ...]
    receipts: tuple[Receipt, ...]
    seal: LoggedSeal
    told: str | None = msgspec.field(default=None, name="founding")
    ordered: int = 0


_heading = msgspec.json.Decoder(Heading).decode
_line = msgspec.json.Decoder(Line).decode


class LogWriter:
    """Writes blocks to an open file."""

    def __init__(self, file: BinaryIO, info: NetworkInfo) -> None:
        self._file = file
        self._file.write(json_bytes(Heading(FORMAT, info)) + b"\n")

    def write(self, block: JournalBlock, receipts: tuple[Receipt, ...]) -> None:
        """Append one block."""
        seal = LoggedSeal(block.seal.state_root.hex(), block.seal.log_size, block.seal.log_root.hex())
        envelopes = tuple(raw.decode() for raw in block.transactions)
        line = Line(block.height, block.time_ms, envelopes, receipts, seal, block.told.decode() or None, block.ordered)
        self._file.write(json_bytes(line) + b"\n")


@contextmanager
def writer(path: Path, info: NetworkInfo) -> Iterator[LogWriter]:
    """A log file that appears under its name only when it is whole."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            yield LogWriter(file, info)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)


class LogReader:
    """Reads an exported log; Failure names the line that cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size_bytes = path.stat().st_size
        self.read_bytes = 0
        with path.open("rb") as file:
            self.info = self._heading(file.readline())

    def blocks(self) -> Iterator[tuple[JournalBlock, tuple[Receipt, ...]]]:
        """Every block with its receipts, in order."""
        with self._path.open("rb") as file:
            self.read_bytes = len(file.readline())
            for number, raw in enumerate(file, 2):
                line = self._decoded(raw, number)
                yield _block(line), line.receipts
                self.read_bytes += len(raw)

    def _heading(self, raw: bytes) -> NetworkInfo:
        try:
            found = _heading(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            found = None
        if found is None or found.format != FORMAT:
            raise Failure("not_a_log", file=self._path, format=FORMAT)
        return found.info

    def _decoded(self, raw: bytes, number: int) -> Line:
        try:
            return _line(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            raise Failure("log_line", file=self._path, line=number, problem=str(wrong)) from None


def _block(line: Line) -> JournalBlock:
    try:
        roots = bytes.fromhex(line.seal.state_root), bytes.fromhex(line.seal.log_root)
    except ValueError:
        roots = b"", b""  # no seal has such roots, so the replay says that they differ
    seal = Seal(line.height, line.time_ms, roots[0], line.seal.log_size, roots[1])
    raws = tuple(envelope.encode() for envelope in line.envelopes)
    return JournalBlock(line.height, line.time_ms, raws, seal, (line.told or "").encode(), line.ordered)
