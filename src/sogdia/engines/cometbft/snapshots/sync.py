"""Answers for state sync: lists and gives this node's snapshots, and restores one when this node is new.

CometBFT's light client fetches the app hash after a snapshot's height before it offers the snapshot. The seal in the
metadata must give that hash, so a forged seal is refused before any chunk is fetched; chunks are held against the
hashes in the metadata, and in the end everything against the seal.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, Protocol

import msgspec

from sogdia.core.codec import record_bytes
from sogdia.core.machine import Machine
from sogdia.core.receipt import Seal
from sogdia.engines.cometbft.snapshots.folder import SnapshotFolder
from sogdia.engines.cometbft.snapshots.form import (
    CHUNK_BYTES,
    FORMAT,
    METADATA_LIMIT_BYTES,
    Metadata,
    SnapshotDamaged,
    WrongChunk,
    decode_metadata,
)
from sogdia.engines.cometbft.snapshots.restoring import Restore
from sogdia.engines.cometbft.snapshots.taking import take
from sogdia.engines.cometbft.wire import ApplySnapshotChunkResult, OfferSnapshotResult, abci
from sogdia.engines.cometbft.wire import Message as Wire
from sogdia.engines.journal import Journal
from sogdia.engines.kept import RESTORING_KEY, wipe
from sogdia.engines.store import Frozen, RocksStore

INTERVAL: Final = 5_000
"""Heights of the machine between two snapshots; all nodes should have the same."""
_log = logging.getLogger(__name__)


class Ordered(Protocol):
    """What state sync needs of the application."""

    def app_hash(self, seal: Seal | None = None) -> bytes: ...
    def restored(self, ordered: int) -> None: ...


class Host(Protocol):
    """What state sync needs of the engine: a kept ledger with its application."""

    machine: Machine
    journal: Journal
    on_kept: Callable[[Seal, int], None]

    @property
    def sealed(self) -> AbstractContextManager[Any]: ...
    @property
    def application(self) -> Ordered: ...
    def adopt(self, seal: Seal, ordered: int, first: int, puts: Mapping[bytes, bytes]) -> None: ...


class SnapshotShelf:
    """The snapshots of one node. Requests come from one thread, blocks are kept in another, a third one writes.

    `interval` 0 takes none. `trusted` is the hash of the one snapshot that may be restored, when the operator has asked
    others for it; without it, working notes and ids are taken on the provider's word. `chunk_bytes` is for tests: nodes
    that cut otherwise make other snapshots. `close` before the store is closed.
    """

    def __init__(
        self,
        engine: Host,
        folder: Path,
        interval: int = INTERVAL,
        *,
        trusted: bytes = b"",
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        if not isinstance(engine.machine.store, RocksStore):
            raise TypeError("snapshots are read from the store on disk")
        self._engine = engine
        self._store = engine.machine.store
        self._folder = SnapshotFolder(folder)
        self._interval = interval
        self._trusted = trusted
        self._chunk_bytes = chunk_bytes
        self._stopping = Event()
        self._thread: Thread | None = None
        self._restore: Restore | None = None
        engine.on_kept = self._kept

    @property
    def held(self) -> tuple[Metadata, ...]:
        """The snapshots that this node can give, the oldest first; `hash()` of one is what operators compare."""
        return self._folder.held

    @property
    def oldest(self) -> int:
        """The oldest one's height in CometBFT's count, 0 without any: who restores it needs CometBFT's blocks above."""
        return self.held[0].ordered if self.held else 0

    def close(self) -> None:
        """Stop writing; what is not whole is dropped."""
        self._stopping.set()
        self.wait()

    def wait(self) -> None:
        """Return when no snapshot is being written."""
        if self._thread is not None:
            self._thread.join()

    # -- taking --------------------------------------------------------------------------------------------------

    def _kept(self, seal: Seal, ordered: int) -> None:
        """A block is kept; the thread that kept it is here, so nothing is written until this returns."""
        if not self._interval or not ordered or seal.height % self._interval:
            return
        if self._thread is not None and self._thread.is_alive():
            _log.warning("the last snapshot is still being written; height %d gets none", seal.height)
            return
        with self._engine.sealed:
            frozen = self._store.frozen()
        self._thread = Thread(target=self._take, args=(frozen, seal, ordered), name="snapshot", daemon=True)
        self._thread.start()

    def _take(self, frozen: Frozen, seal: Seal, ordered: int) -> None:
        about = (self._engine.machine.network, seal, ordered)
        try:
            made = take(frozen, self._folder, about, self._stopping.wait, self._chunk_bytes)
        except Exception:
            _log.exception("no snapshot of height %d", seal.height)
            return
        if made is not None:
            said = {"height": seal.height, "ordered": ordered, "hash": made.hash().hex()}
            _log.info("took a snapshot", extra={"said": said})

    # -- giving --------------------------------------------------------------------------------------------------

    def list_snapshots(self, request: Wire) -> Wire:
        """The snapshots that are whole."""
        return abci.ResponseListSnapshots(snapshots=[_offer(one) for one in self.held])

    def load_snapshot_chunk(self, request: Wire) -> Wire:
        """A chunk of one of them; empty when it is gone."""
        found = self._folder.chunk(request.height, request.chunk) if request.format == FORMAT else b""
        return abci.ResponseLoadSnapshotChunk(chunk=found)

    # -- restoring -----------------------------------------------------------------------------------------------

    def offer_snapshot(self, request: Wire) -> Wire:
        """Begin to restore a snapshot that can be this network's, into an empty ledger."""
        metadata, result, why = self._weigh(request.snapshot, request.app_hash)
        if metadata is None:
            _log.warning("refused a snapshot: %s", why, extra={"said": {"ordered": request.snapshot.height}})
            return abci.ResponseOfferSnapshot(result=result)
        if self._restore is not None:
            self._drop()
        self._store.write({RESTORING_KEY: b""})
        self._store.sync()
        self._restore = Restore(self._engine.machine, metadata)
        return abci.ResponseOfferSnapshot(result=OfferSnapshotResult.ACCEPT)

    def apply_snapshot_chunk(self, request: Wire) -> Wire:
        """Take the next chunk; after the last one this node stands where the snapshot was taken."""
        restore = self._restore
        if restore is None:
            return abci.ResponseApplySnapshotChunk(result=ApplySnapshotChunkResult.ABORT)
        try:
            restore.take(request.index, request.chunk)
            if restore.is_whole:
                self._stand(restore)
        except WrongChunk as wrong:
            _log.warning("refused chunk %d of a snapshot from %s: %s", request.index, request.sender, wrong)
            return abci.ResponseApplySnapshotChunk(
                result=ApplySnapshotChunkResult.RETRY,
                refetch_chunks=[request.index],
                reject_senders=[request.sender] if request.sender else [],
            )
        except SnapshotDamaged as wrong:
            _log.error("the snapshot is false: %s", wrong, extra={"said": {"ordered": restore.metadata.ordered}})
            self._drop()
            return abci.ResponseApplySnapshotChunk(result=ApplySnapshotChunkResult.REJECT_SNAPSHOT)
        return abci.ResponseApplySnapshotChunk(result=ApplySnapshotChunkResult.ACCEPT)

    def _weigh(self, offered: Wire, app_hash: bytes) -> tuple[Metadata | None, OfferSnapshotResult, str]:
        machine, reject = self._engine.machine, OfferSnapshotResult.REJECT
        if machine.seal.height or self._engine.journal.height:
            return None, reject, "this ledger has begun; a snapshot goes into an empty folder"
        if offered.format != FORMAT:
            return None, OfferSnapshotResult.REJECT_FORMAT, f"its format is {offered.format}, this program's {FORMAT}"
        if len(offered.metadata) > METADATA_LIMIT_BYTES:
            return None, reject, f"its metadata have {len(offered.metadata)} bytes"
        try:
            said = decode_metadata(offered.metadata)
        except msgspec.MsgspecError as wrong:
            return None, reject, f"its metadata cannot be read: {wrong}"
        if _plain(_offer(said)) != _plain(offered):
            return None, reject, "its metadata say otherwise than the offer"
        if said.network != machine.network:
            return None, reject, f"it is of network {said.network}, this node is of {machine.network}"
        if self._engine.application.app_hash(said.seal) != app_hash:
            return None, reject, "its seal is not the one that the network has signed"
        if self._trusted and said.hash() != self._trusted:
            return None, reject, f"its hash is {said.hash().hex()}, the operator trusts {self._trusted.hex()} alone"
        return said, OfferSnapshotResult.ACCEPT, ""

    def _stand(self, restore: Restore) -> None:
        first, puts = restore.finish()
        said = restore.metadata
        self._engine.adopt(said.seal, said.ordered, first, puts)
        self._store.sync()
        self._engine.application.restored(said.ordered)
        self._restore = None
        known = {"height": said.seal.height, "ordered": said.ordered, "hash": said.hash().hex()}
        _log.info("restored a snapshot", extra={"said": known})

    def _drop(self) -> None:
        self._restore = None
        with self._engine.sealed:
            wipe(self._engine.machine)


def _offer(one: Metadata) -> Wire:
    return abci.Snapshot(
        height=one.ordered, format=one.format, chunks=len(one.chunks), hash=one.hash(), metadata=record_bytes(one)
    )


def _plain(offered: Wire) -> tuple[int, int, int, bytes, bytes]:
    return offered.height, offered.format, offered.chunks, offered.hash, offered.metadata
