"""Executes a golden ledger's blocks and prints every seal: run as a process of its own, under any environment.

`python replay.py LEDGER` prints one line per block: height, state root, log size, log root.
"""

import json
import sys
from pathlib import Path

from sogdia import app
from sogdia.core.codec import base64url, json_bytes
from sogdia.core.machine import Block, Machine
from sogdia.core.store import MemoryStore


def main(ledger: Path, network: str) -> None:
    """All blocks, in order."""
    machine = app.machine(network, MemoryStore())
    for line in ledger.read_text(encoding="ascii").splitlines():
        done = _executed(machine, json.loads(line))
        machine.commit(done)
        seal = done.seal
        print(seal.height, seal.state_root.hex(), seal.log_size, seal.log_root.hex())


def _executed(machine: Machine, block: dict) -> Block:
    if block["founding"]:
        return machine.found(block["time_ms"], machine.codec.messages(block["founding"].encode()))
    raws = []
    for told in block["transactions"]:
        raws.append(json_bytes({"payload": base64url(told["payload"].encode()), "signatures": told["signatures"]}))
    return machine.execute(block["time_ms"], [machine.check(raw) for raw in raws])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
