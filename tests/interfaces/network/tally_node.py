"""A node that counts: an application of CometBFT whose state is the hash of all transactions so far, kept in a file."""

import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

from sogdia.engines.cometbft.server import Server
from sogdia.engines.cometbft.wire import ProposalStatus, abci
from sogdia.interfaces.authority.parent import end_with_parent


class Tally:
    """Height and running hash; both survive a crash, as an exact earlier height."""

    def __init__(self, file: Path, salt: bytes) -> None:
        self._file = file
        self._salt = salt
        """A node with another salt comes to other hashes, as one with other rules would."""
        height, _, hash_text = file.read_text().partition(" ") if file.exists() else ("0", "", "")
        self._height, self._hash = int(height), bytes.fromhex(hash_text)

    def info(self, request: Any) -> Any:
        """Where it stands."""
        return abci.ResponseInfo(last_block_height=self._height, last_block_app_hash=self._hash)

    def init_chain(self, request: Any) -> Any:
        """Begin with the hash of the genesis file's state."""
        self._hash = sha256(request.app_state_bytes).digest()
        return abci.ResponseInitChain(app_hash=self._hash)

    def check_txs(self, requests: Sequence[Any]) -> list[Any]:
        """Everything is welcome but `crash`, which is a bug."""
        if any(request.tx == b"crash" for request in requests):
            os._exit(7)
        return [abci.ResponseCheckTx() for _ in requests]

    def prepare_proposal(self, request: Any) -> Any:
        """As they came."""
        return abci.ResponsePrepareProposal(txs=request.txs)

    def process_proposal(self, request: Any) -> Any:
        """Good."""
        return abci.ResponseProcessProposal(status=ProposalStatus.ACCEPT)

    def finalize_block(self, request: Any) -> Any:
        """Hash on."""
        for tx in request.txs:
            self._hash = sha256(self._hash + tx + self._salt).digest()
        self._height = request.height
        results = [abci.ExecTxResult() for _ in request.txs]
        return abci.ResponseFinalizeBlock(tx_results=results, app_hash=self._hash)

    def commit(self, request: Any) -> Any:
        """Keep it."""
        scratch = self._file.with_suffix(".new")
        scratch.write_text(f"{self._height} {self._hash.hex()}")
        scratch.replace(self._file)
        return abci.ResponseCommit()


def main() -> None:
    """Serve until told to end."""
    failed = Event()
    application: Any = Tally(Path(sys.argv[2]), b"".join(word.encode() for word in sys.argv[3:]))
    end_with_parent()
    server = Server(f"unix://{sys.argv[1]}", application, lambda bug: failed.set())
    server.start()
    print("the tally is served", flush=True)
    failed.wait()
    sys.exit(3)


if __name__ == "__main__":
    main()
