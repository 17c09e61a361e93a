"""`sogdia replay`: every block executed anew on a scratch machine, every seal compared with the one on record."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from sogdia import app
from sogdia.core.machine import Machine
from sogdia.core.receipt import Receipt
from sogdia.core.store import MemoryStore, Store
from sogdia.engines.embedded import SealMismatch, replayed
from sogdia.engines.journal import Journal, JournalBlock, Place
from sogdia.engines.store import RocksStore
from sogdia.interfaces.cli import folders, log_file
from sogdia.interfaces.cli.terminal import NO, Failure, emit_json, note, progress, stop, tell

IN_MEMORY_BYTES = 32 * 1024 * 1024
"""Larger journals are replayed over a scratch store on disk."""


class Result(msgspec.Struct, frozen=True):
    """What a replay found; `problem` is empty when every seal came out the same."""

    network: str
    height: int
    transactions: int
    refused: int
    state_root: str
    log_root: str
    seconds: float
    per_second: float
    torn: str = ""
    problem: str = ""


def replay(folder: Path | None, source: Path | None, export: Path | None, as_json: bool) -> None:
    """Replay a node's journal or an exported log; exit status 1 when a seal comes out differently."""
    if (folder is None) == (source is None):
        raise Failure("replay_what")
    with ExitStack() as scope:
        log: _Log = _Exported(source) if source is not None else _Journal(folders.existing(folder or Path()))
        store = scope.enter_context(_scratch(log.size_bytes))
        writer = scope.enter_context(log_file.writer(export, log.info)) if export is not None else None
        result = _run(log, app.machine(log.info.network, store.store), writer)
    if as_json:
        emit_json(result)
    else:
        _tell(result, export)
    if result.problem:
        stop(NO)


class _Log:
    """Blocks to replay, from wherever."""

    info: app.NetworkInfo
    path: Path
    size_bytes: int

    def blocks(self) -> Iterator[tuple[JournalBlock, tuple[Receipt, ...] | None]]:
        """Blocks in order, with the receipts that are said to have been given, where the source has them."""
        raise NotImplementedError

    def read_bytes(self) -> int:
        """How much was read so far."""
        raise NotImplementedError

    def torn(self) -> str:
        """Where the log ends in an unfinished block, or nothing."""
        return ""


class _Journal(_Log):
    def __init__(self, folder: Path) -> None:
        self.info = msgspec.json.decode((folder / "network.json").read_bytes(), type=app.NetworkInfo)
        if not any((folder / "journal").glob("*.blocks")):
            raise Failure("no_journal", folder=folder / "journal")
        self.path = folder / "journal"
        self._journal = Journal(self.path)
        self._at: Place | None = None
        self.size_bytes = self._journal.size_bytes

    def blocks(self) -> Iterator[tuple[JournalBlock, tuple[Receipt, ...] | None]]:
        for place, block in self._journal.blocks():
            self._at = place
            yield block, None

    def read_bytes(self) -> int:
        return 0 if self._at is None else self._journal.bytes_before(self._at)

    def torn(self) -> str:
        torn = self._journal.torn
        return "" if torn is None else f"{self._journal.folder / torn.segment}:{torn.offset}"


class _Exported(_Log):
    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader = log_file.LogReader(path)
        self.info, self.size_bytes = self._reader.info, self._reader.size_bytes

    def blocks(self) -> Iterator[tuple[JournalBlock, tuple[Receipt, ...] | None]]:
        yield from self._reader.blocks()

    def read_bytes(self) -> int:
        return self._reader.read_bytes


class _scratch:
    """A store for one replay: in memory, or in a temporary folder when there is much to replay."""

    def __init__(self, size_bytes: int) -> None:
        self._folder = TemporaryDirectory(prefix="sogdia-replay-") if size_bytes > IN_MEMORY_BYTES else None
        self._rocks = RocksStore(Path(self._folder.name)) if self._folder else None
        self.store: Store = self._rocks or MemoryStore()

    def __enter__(self) -> "_scratch":
        return self

    def __exit__(self, *_: object) -> None:
        if self._rocks is not None and self._folder is not None:
            self._rocks.close()
            self._folder.cleanup()


def _run(log: _Log, machine: Machine, writer: "log_file.LogWriter | None") -> Result:
    started, counted, refused, problem = time.perf_counter(), 0, 0, ""
    with progress("replaying", log.size_bytes) as done:
        try:
            for frame, said in log.blocks():
                if not machine.seal.height and frame.height > 1:
                    raise Failure("replay_late", file=log.path, height=frame.height)
                block = replayed(machine, frame)
                if said is not None and said != block.logged:
                    raise SealMismatch(f"height {frame.height}: the receipts in the file are not those of the rules")
                machine.commit(block)
                counted += len(frame.transactions)
                refused += sum(receipt.code != 0 for receipt in block.logged)
                if writer is not None:
                    writer.write(frame, block.logged)
                done(log.read_bytes())
        except SealMismatch as mismatch:
            problem = str(mismatch)
    return _result(log, machine, counted, refused, time.perf_counter() - started, problem)


def _result(log: _Log, machine: Machine, counted: int, refused: int, seconds: float, problem: str) -> Result:
    seal = machine.seal
    return Result(
        log.info.network,
        seal.height,
        counted,
        refused,
        seal.state_root.hex(),
        seal.log_root.hex(),
        round(seconds, 3),
        round(counted / seconds, 1) if seconds else 0.0,
        log.torn(),
        problem,
    )


def _tell(result: Result, export: Path | None) -> None:
    fields: dict[str, Any] = msgspec.structs.asdict(result)
    if result.torn:
        note("replay_torn", **fields)
    tell("replay_differs" if result.problem else "replay_same", **fields)
    if export is not None:
        tell("replay_exported", file=export, **fields)
