"""The networked engine in a folder, with every domain; the test calls CometBFT's heights, each with all its steps."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sogdia import app
from sogdia.app import NetworkInfo
from sogdia.app.network_node import _Constitution
from sogdia.client.evidence import checkpoint_text
from sogdia.core import note
from sogdia.core.codec import json_bytes
from sogdia.core.keys import SigningKey
from sogdia.core.receipt import Receipt, Seal, decode_outcome, decode_receipt
from sogdia.core.transaction import Message
from sogdia.engines.cometbft.engine import Networked
from sogdia.engines.cometbft.snapshots import SnapshotShelf
from sogdia.engines.cometbft.wire import Message as Wire
from sogdia.engines.cometbft.wire import ProposalStatus, abci, timestamp
from sogdia.engines.embedded import Embedded
from sogdia.engines.journal import Journal
from sogdia.engines.kept import KeptLedger
from sogdia.engines.store import RocksStore
from sogdia.interfaces.cli import log_file
from tests.engines.cometbft.snapshot_case import Unheard

CHAIN = "by-hand"
NOTE_KEY = SigningKey(bytes(32))


class Ordered(Networked):
    """A node's engine whose CometBFT is the test."""

    def __init__(self, folder: Path, info: NetworkInfo) -> None:
        self.info, self.now_ms = info, 0
        self.store = RocksStore(folder / "state")
        super().__init__(
            app.machine(info.network, self.store),
            Journal(folder / "journal"),
            chain=CHAIN,
            abci=f"unix://{folder}/nobody",
            rpc=Unheard(),
            clock=lambda: self.now_ms,
            checkpoint=lambda seal: signed_note(info, seal),
            checkpoint_text=lambda seal: text(info, seal),
            constitution=_Constitution(),
            query=lambda data, path, prove: (0, b"", []),
            snapshots=lambda engine: SnapshotShelf(engine, folder / "snapshots"),
        )

    def begin(self, founding: Sequence[Message], time_ms: int, validators: Sequence[tuple[str, int]] = ()) -> bytes:
        """InitChain; the app hash."""
        self.now_ms = time_ms
        state = b'{"founding":%b}' % json_bytes(founding)
        seats = [
            abci.ValidatorUpdate(pub_key={"ed25519": bytes.fromhex(key)}, power=power) for key, power in validators
        ]
        request = abci.RequestInitChain(
            chain_id=CHAIN, time=timestamp(time_ms * 1_000_000), app_state_bytes=state, validators=seats
        )
        return bytes(self.application.init_chain(request).app_hash)

    def block(self, raws: Sequence[bytes], time_ms: int, misbehavior: Sequence[Wire] = ()) -> bytes:
        """One height of CometBFT's out of this mempool: proposed, voted for, decided, kept; the app hash."""
        self.now_ms = time_ms
        common: dict[str, Any] = {
            "height": self.application.ordered + 1,
            "time": timestamp(time_ms * 1_000_000),
            "misbehavior": misbehavior,
        }
        asked = abci.RequestPrepareProposal(txs=raws, max_tx_bytes=10**7, **common)
        txs = list(self.application.prepare_proposal(asked).txs)
        voted = self.application.process_proposal(abci.RequestProcessProposal(txs=txs, **common))
        assert voted.status == ProposalStatus.ACCEPT
        decided = self.application.finalize_block(abci.RequestFinalizeBlock(txs=txs, **common))
        self.application.commit(abci.RequestCommit())
        return bytes(decided.app_hash)

    def close(self) -> None:
        """Let go of the folder."""
        super().close()
        self.store.close()


class Alone:
    """An embedded engine over a copy of another one's journal: it executes every block anew."""

    def __init__(self, folder: Path, info: NetworkInfo, journal_of: Path) -> None:
        shutil.copytree(journal_of / "journal", folder / "journal")
        self.store = RocksStore(folder / "state")
        machine = app.machine(info.network, self.store)
        self.engine = Embedded(
            machine, Journal(folder / "journal"), clock=lambda: 0, checkpoint=lambda seal: signed_note(info, seal)
        )

    def close(self) -> None:
        """Let go of the folder."""
        self.engine.close()
        self.store.close()


def text(info: NetworkInfo, seal: Seal) -> str:
    """The text of a checkpoint, as nodes sign it."""
    return checkpoint_text(info.origin, seal.log_size, seal.log_root, seal.height, seal.time_ms, seal.state_root)


def signed_note(info: NetworkInfo, seal: Seal) -> bytes:
    """A checkpoint under a key that all engines of the test share."""
    return note.sign(text(info, seal), info.origin, NOTE_KEY)


def exported(ledger: KeptLedger, info: NetworkInfo, path: Path) -> Path:
    """The whole log of a ledger as `sogdia replay --export` writes it."""
    with log_file.writer(path, info) as writer:
        for _, block in ledger.journal.blocks():
            writer.write(block, receipts(ledger, block.height))
    return path


def receipts(ledger: KeptLedger, height: int) -> tuple[Receipt, ...]:
    """The receipts of a block, in the log's order."""
    return tuple(decode_receipt(done.receipt) for done in decode_outcome(ledger.outcome_at(height)).done)


def agree(one: KeptLedger, other: KeptLedger) -> None:
    """Block by block the same: what was ordered, the outcome with its seal, the checkpoint."""
    assert one.machine.seal == other.machine.seal
    for height in range(1, one.machine.seal.height + 1):
        assert one.block_at(height) == other.block_at(height)
        assert one.outcome_at(height) == other.outcome_at(height)
        assert one.checkpoint_at(height) == other.checkpoint_at(height)
