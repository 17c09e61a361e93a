"""One validator: an engine with a CometBFT of its own, for the suite that every engine passes."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sogdia.core.codec import json_bytes
from sogdia.core.receipt import Seal
from sogdia.core.transaction import Message
from sogdia.engines import suite
from sogdia.engines.cometbft.engine import Networked
from sogdia.engines.cometbft.rpc import Rpc
from sogdia.engines.cometbft.wire import Message as Wire
from sogdia.engines.cometbft.wire import abci
from sogdia.engines.journal import Journal
from sogdia.engines.store import RocksStore
from tests.cometbft_binary import cometbft

CHAIN = "suite-chain"
START_SECONDS = 30.0
CONFIG = """
proxy_app = "unix://{sockets}/abci.sock"
log_level = "error"
[rpc]
laddr = "unix://{sockets}/rpc.sock"
max_request_batch_size = 1000
max_body_bytes = 16000000
[p2p]
laddr = "tcp://127.0.0.1:0"
pex = false
[mempool]
max_tx_bytes = 700000
size = 20000
[consensus]
timeout_commit = "20ms"
create_empty_blocks = false
[tx_index]
indexer = "null"
"""


class NoSnapshots:
    """A node that gives and takes none."""

    oldest = 0

    def close(self) -> None:
        return None

    def list_snapshots(self, request: Wire) -> Wire:
        return abci.ResponseListSnapshots()

    def offer_snapshot(self, request: Wire) -> Wire:
        return abci.ResponseOfferSnapshot(result=3)

    def load_snapshot_chunk(self, request: Wire) -> Wire:
        return abci.ResponseLoadSnapshotChunk()

    def apply_snapshot_chunk(self, request: Wire) -> Wire:
        return abci.ResponseApplySnapshotChunk(result=2)


class NoConstitution:
    """A ledger whose records say nothing of validators: the genesis file seats them, and they stay."""

    seats: list[tuple[str, int]]

    def __init__(self) -> None:
        self.seats = []

    def misbehaved(self, kind: str, address: str, power: int, height: int, time_ms: int) -> Message:
        raise AssertionError("nobody misbehaves here")

    def validator_updates(self, changes: Mapping[bytes, Any]) -> list[tuple[str, int]]:
        founding = any(key.endswith(b"founder") for key in changes)
        return self.seats if founding else []

    def block_bytes(self, changes: Mapping[bytes, Any]) -> int | None:
        return None


class Single(Networked):
    """The engine over a folder: sogdia's own files in it, CometBFT's in `cometbft/`."""

    def __init__(self, folder: Path, machine: Any = None) -> None:
        self.home = folder / "cometbft"
        self.sockets = Path(tempfile.mkdtemp(prefix="sogdia-"))
        self.constitution = NoConstitution()
        self._process: subprocess.Popen[bytes] | None = None
        self.rpc = Rpc(f"unix://{self.sockets}/rpc.sock")
        super().__init__(
            machine or suite.machine(RocksStore(folder / "state")),
            Journal(folder / "journal"),
            chain=CHAIN,
            abci=f"unix://{self.sockets}/abci.sock",
            rpc=self.rpc,
            clock=lambda: time.time_ns() // 1_000_000,
            checkpoint=suite.checkpoint,
            checkpoint_text=text_of,
            constitution=self.constitution,
            query=lambda data, path, prove: (0, b"", []),
            snapshots=lambda engine: NoSnapshots(),
        )

    def found(self, messages: Sequence[Message]) -> None:
        """Write the genesis file; InitChain brings the agreement."""
        subprocess.run([cometbft(), "init", "--home", str(self.home)], check=True, capture_output=True)
        place = self.home / "config" / "genesis.json"
        genesis = json.loads(place.read_text())
        genesis["chain_id"] = CHAIN
        genesis["genesis_time"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        genesis["app_state"] = {"founding": json.loads(json_bytes(messages))}
        place.write_text(json.dumps(genesis))

    def start(self) -> None:
        """Listen, start CometBFT, and wait for the founding block."""
        self.constitution.seats = [self._seat()]
        super().start()
        (self.home / "config" / "config.toml").write_text(CONFIG.format(sockets=self.sockets))
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [cometbft(), "start", "--home", str(self.home)], stdout=log, stderr=subprocess.STDOUT
            )
        self.wait(0, START_SECONDS)
        assert self.machine.seal.height, "CometBFT has not founded the ledger"

    def close(self) -> None:
        """Finish, stop CometBFT, and only then stop answering it."""
        self.finish()
        self.stop_cometbft()
        super().close()
        self.rpc.close()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def stop_cometbft(self) -> None:
        """End the process, if it runs."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _seat(self) -> tuple[str, int]:
        key = json.loads((self.home / "config" / "priv_validator_key.json").read_text())["pub_key"]["value"]
        return base64.b64decode(key).hex(), 10


def text_of(seal: Seal) -> str:
    """The text whose hash CometBFT carries: here the note without its signature."""
    return suite.checkpoint(seal).decode().rpartition("\n\n")[0] + "\n"
