"""A small ledger with a proved and an unproved table, its nodes, and the way a snapshot travels between them.

`python snapshot_case.py FOLDER TAKEN` restores the snapshot in folder TAKEN chunk by chunk, says so after each, and
waits to be killed.
"""

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sogdia.core.codec import json_bytes, record_bytes
from sogdia.core.machine import Machine
from sogdia.core.module import KeyOnRecord, Ledger, Module
from sogdia.core.state import Record, Table, View
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.engines import suite_ledger
from sogdia.engines.cometbft.engine import Networked
from sogdia.engines.cometbft.rpc import Broadcast
from sogdia.engines.cometbft.snapshots import SnapshotShelf
from sogdia.engines.cometbft.snapshots.form import IDS, RECORDS, TILES, Metadata, bodies, packed
from sogdia.engines.cometbft.wire import Message as Wire
from sogdia.engines.cometbft.wire import abci, timestamp
from sogdia.engines.journal import Journal
from sogdia.engines.store import RocksStore
from sogdia.engines.suite_ledger import ANNA, FOUNDING, NETWORK, Pay
from tests.engines.cometbft.single import NoConstitution

CHAIN = "suite-chain"
START_MS = 1_772_442_000_000
CHUNK_BYTES = 6_000
"""Small, so that a small ledger has several."""


class Jot(Message, frozen=True, kw_only=True, tag="notes.jot"):
    """Keep a working note. Signed by anyone."""

    name: Annotated[str, Meta(min_length=1, max_length=20)]
    text: Annotated[str, Meta(max_length=1_000)]


class Jotted(Record, frozen=True, array_like=True):
    """A working note."""

    name: str
    text: str


NOTES = Table("notes.note", Jotted, key=("name",), proved=False, public=True)
notes = Module("notes", 98_000, sys.modules[__name__], sys.modules[__name__])


@notes.rule
def jot(ledger: Ledger, asked: Jot) -> None:
    """A note under the same name gives way."""
    NOTES.put(ledger.state, Jotted(asked.name, asked.text))


def find_key(view: View, kid: str, messages: Sequence[Message]) -> KeyOnRecord | None:
    if kid != ANNA.kid:
        return None
    return KeyOnRecord(ANNA.kid, ANNA.party, ANNA.scheme, ANNA.public.hex(), "sign", 1)


class Unheard:
    """A CometBFT that is not there."""

    def broadcast(self, raws: Sequence[bytes]) -> list[Broadcast]:
        raise ConnectionRefusedError


class Node(Networked):
    """A node in a folder; CometBFT's requests are made by hand."""

    def __init__(self, folder: Path, *, interval: int = 5, trusted: bytes = b"", network: str = NETWORK) -> None:
        super().__init__(
            Machine(network, (suite_ledger.module, notes), find_key, RocksStore(folder / "state")),
            Journal(folder / "journal"),
            chain=CHAIN,
            abci="unix:///nowhere",
            rpc=Unheard(),
            clock=lambda: START_MS,
            checkpoint=suite_ledger.checkpoint,
            checkpoint_text=lambda seal: record_bytes(seal).hex(),
            constitution=NoConstitution(),
            query=lambda data, path, prove: (0, b"", []),
            snapshots=lambda engine: SnapshotShelf(
                engine, folder / "snapshots", interval, trusted=trusted, chunk_bytes=CHUNK_BYTES
            ),
        )
        self.shelf: SnapshotShelf = self.application._snapshots  # type: ignore[assignment]

    def begin(self) -> "Node":
        state = json_bytes({"founding": msgspec.Raw(json_bytes(FOUNDING))})
        self.application.init_chain(
            abci.RequestInitChain(chain_id=CHAIN, time=timestamp(START_MS * 1_000_000), app_state_bytes=state)
        )
        return self

    def block(self, raws: Sequence[bytes], ordered: int = 0) -> Wire:
        """One height of CometBFT's; the answer to FinalizeBlock."""
        ordered = ordered or self.application.ordered + 1
        time_ns = (START_MS + 1_000 * ordered) * 1_000_000
        answer = self.application.finalize_block(
            abci.RequestFinalizeBlock(txs=raws, height=ordered, time=timestamp(time_ns))
        )
        self.application.commit(abci.RequestCommit())
        return answer

    def snapshots(self) -> list[Wire]:
        """What it offers, when it has finished writing."""
        self.shelf.wait()
        return list(self.application.list_snapshots(abci.RequestListSnapshots()).snapshots)

    def chunks(self, offered: Wire) -> list[bytes]:
        """The chunks of a snapshot of its own."""
        asked = [
            abci.RequestLoadSnapshotChunk(height=offered.height, format=offered.format, chunk=index)
            for index in range(offered.chunks)
        ]
        return [self.application.load_snapshot_chunk(one).chunk for one in asked]

    def offer(self, offered: Wire, app_hash: bytes) -> int:
        """The verdict on an offer."""
        request = abci.RequestOfferSnapshot(snapshot=offered, app_hash=app_hash)
        return int(self.application.offer_snapshot(request).result)

    def apply(self, index: int, chunk: bytes, sender: str = "peer") -> Wire:
        """The verdict on a chunk."""
        request = abci.RequestApplySnapshotChunk(index=index, chunk=chunk, sender=sender)
        return self.application.apply_snapshot_chunk(request)

    def restore(self, offered: Wire, chunks: Sequence[bytes], app_hash: bytes) -> list[int]:
        """Every verdict, up to the first that is not to accept."""
        verdicts = [self.offer(offered, app_hash)]
        for index, chunk in enumerate(chunks):
            if verdicts[-1] == 1:
                verdicts.append(int(self.apply(index, chunk).result))
        return verdicts

    def close(self) -> None:
        super().close()
        self.shelf.close()
        self.machine.store.close()  # type: ignore[attr-defined]

    def holdings(self, kinds: Sequence[bytes] = (TILES, RECORDS, IDS)) -> dict[bytes, bytes]:
        """Everything in the store under these letters."""
        return {key: value for kind in kinds for key, value in self.machine.store.scan(kind)}


def pays(first: int, count: int) -> list[bytes]:
    """Payments into as many accounts, each with a note."""
    return [
        sign(
            payload_bytes(
                NETWORK,
                START_MS + 3_600_000,
                f"number-{number:06}",
                (Pay(account=f"account-{number}", amount=number), Jot(name=f"n{number % 40}", text="x" * 50)),
            ),
            [ANNA],
        )
        for number in range(first, first + count)
    ]


def play(node: Node, heights: int = 12, *, patient: bool = True) -> None:
    """So many blocks of thirty, an empty one of CometBFT's before every fourth; patient ones wait for each snapshot."""
    for height in range(heights):
        if height % 4 == 3:
            node.block([])
        node.block(pays(height * 30, 30))
        if patient:
            node.shelf.wait()


def forged(entries: Mapping[bytes, bytes], of: Metadata, **said: Any) -> tuple[Wire, list[bytes]]:
    """A snapshot of these entries that holds together with its own hashes."""
    store, counts = MemoryStore(), Counter[bytes]()
    store.write(dict(entries))
    cut = list(bodies(store, counts, CHUNK_BYTES))
    found = {"tiles": counts[TILES], "records": counts[RECORDS], "ids": counts[IDS]}
    hashes = tuple(sha256(body).digest() for body in cut)
    return offered(msgspec.structs.replace(of, **{**found, "chunks": hashes, **said})), [packed(body) for body in cut]


def offered(metadata: Metadata) -> Wire:
    """As a peer offers it."""
    return abci.Snapshot(
        height=metadata.ordered,
        format=metadata.format,
        chunks=len(metadata.chunks),
        hash=metadata.hash(),
        metadata=record_bytes(metadata),
    )


def main(folder: Path, taken: Path) -> None:
    """Restore without an end."""
    node = Node(folder)
    offer = abci.Snapshot.FromString((taken / "offer").read_bytes())
    print(node.offer(offer, (taken / "app_hash").read_bytes()), flush=True)
    for index in range(offer.chunks - 1):
        print(node.apply(index, (taken / str(index)).read_bytes()).result, flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
