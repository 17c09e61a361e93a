"""One real CometBFT beside a server of ours, in a folder of its own, reached by Unix sockets alone."""

import json
import os
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sogdia.engines.cometbft.rpc import Rpc, RpcError

STARTING_SECONDS = 30
SETTINGS = {
    "CMT_CONSENSUS_TIMEOUT_COMMIT": "100ms",
    "CMT_RPC_MAX_REQUEST_BATCH_SIZE": "1000",
    "CMT_RPC_MAX_BODY_BYTES": "16000000",
    "CMT_MEMPOOL_SIZE": "20000",
    "CMT_P2P_LADDR": "tcp://127.0.0.1:0",
    "CMT_TX_INDEX_INDEXER": "null",
    "CMT_LOG_LEVEL": "error",
}


class RealNode(NamedTuple):
    """A CometBFT that runs."""

    rpc: Rpc
    process: "subprocess.Popen[bytes]"
    log: Path


@contextmanager
def real_node(program: str, folder: Path, abci_address: str, absent: int = 0) -> Iterator[RealNode]:
    """A network of one validator that works, and as many absent ones of little power as wanted."""
    socket = folder / "rpc.sock"
    environment = {**os.environ, **SETTINGS, "CMT_RPC_LADDR": f"unix://{socket}", "CMT_PROXY_APP": abci_address}
    arguments: dict[str, Any] = {"env": environment, "stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    home = folder / "home"
    with (folder / "cometbft.log").open("wb") as log:
        if not home.exists():
            subprocess.run([program, "init", "--home", home], check=True, stdout=log, **arguments)
            _add_validators(home / "config" / "genesis.json", absent)
        socket.unlink(missing_ok=True)
        process = subprocess.Popen([program, "start", "--home", home], stdout=log, **arguments)
    rpc = Rpc(f"unix://{socket}")
    try:
        _wait_for_block(rpc, process, folder / "cometbft.log")
        yield RealNode(rpc, process, folder / "cometbft.log")
    finally:
        rpc.close()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_block(rpc: Rpc, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if rpc.status().sync_info.latest_block_height > 0:
                return
        except RpcError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"CometBFT made no block:\n{log.read_text()[-2000:]}")


def _add_validators(genesis: Path, absent: int) -> None:
    document = json.loads(genesis.read_text())
    document["validators"][0]["power"] = "100000"
    for number in range(absent):
        key = sha256(b"absent %d" % number).digest()
        document["validators"].append(
            {
                "address": sha256(key).hexdigest()[:40].upper(),
                "pub_key": {"type": "tendermint/PubKeyEd25519", "value": b64encode(key).decode()},
                "power": "1",
                "name": "",
            }
        )
    genesis.write_text(json.dumps(document))
