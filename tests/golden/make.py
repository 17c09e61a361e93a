"""Writes the golden ledger: fixed keys, times and nonces, and the seal that every block must end in.

`python -m tests.golden.make` from the root of the repository. Run it when a rule, a record or a receipt was meant to
change, read the difference, and say in `changes/` that ledgers written before replay to other roots.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sogdia import app
from sogdia.core.codec import base64url, from_base64url, json_bytes
from sogdia.core.machine import Checked, Machine
from sogdia.core.receipt import Seal
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.store import MemoryStore
from tests.simulation import world
from tests.simulation.traffic import Traffic
from tests.simulation.world import Buyer

FILE = Path(__file__).parent / "ledger.ndjson"
SEED, BLOCKS, TRANSACTIONS, BUYERS = 7, 24, 8, 5


def main() -> None:
    """Make the ledger anew and write it, one block on each line."""
    lines = [json.dumps(block, sort_keys=True, separators=(",", ":")) for block in blocks()]
    FILE.write_text("\n".join(lines) + "\n", encoding="ascii")


def blocks() -> Iterator[dict[str, Any]]:
    """The founding block, then a few hours of traffic."""
    machine = app.machine(world.NETWORK, MemoryStore())
    founding = json_bytes(world.founding())
    yield executed(machine, {"time_ms": world.BEGINS_MS, "founding": founding.decode(), "transactions": []})
    traffic = Traffic(SEED, [Buyer(number) for number in range(BUYERS)])
    traffic.live_trades = TRANSACTIONS + 1
    for number in range(1, BLOCKS + 1):
        now_ms = world.BEGINS_MS + number * world.HOUR_MS
        raws = traffic.round(TRANSACTIONS, now_ms)
        ordered = [raw for raw in raws if has_a_place(machine, raw)]
        told = [
            {"payload": from_base64url(one["payload"]).decode(), "signatures": one["signatures"]}
            for one in map(json.loads, ordered)
        ]
        before = {"time_ms": now_ms, "founding": "", "transactions": told}
        block = executed(machine, before)
        codes = iter(block["codes"])
        traffic.learn([next(codes) if raw in ordered else 1 for raw in raws])
        yield block


def has_a_place(machine: Machine, raw: bytes) -> bool:
    """Whether the bytes are a transaction that was not on record before."""
    try:
        checked = machine.check(raw)
    except Refusal:
        return False
    return machine.store.get(b"X" + bytes.fromhex(checked.transaction.id)) is None


def envelope(told: dict[str, Any]) -> bytes:
    """The bytes of a transaction: the file keeps the payload readable."""
    return json_bytes({"payload": base64url(told["payload"].encode()), "signatures": told["signatures"]})


def executed(machine: Machine, block: dict[str, Any]) -> dict[str, Any]:
    """The block with what executing it gave; the machine goes on from there."""
    if block["founding"]:
        done = machine.found(block["time_ms"], machine.codec.messages(block["founding"].encode()))
    else:
        done = machine.execute(block["time_ms"], [_checked(machine, envelope(told)) for told in block["transactions"]])
    given = done.receipts or done.logged
    assert all(receipt.code != Refused.ALREADY_ON_RECORD for receipt in given)
    machine.commit(done)
    return {**block, "codes": [receipt.code for receipt in given], "seal": shown(done.seal)}


def shown(seal: Seal) -> Sequence[Any]:
    """A seal as JSON: height, state root, log size, log root."""
    return [seal.height, seal.state_root.hex(), seal.log_size, seal.log_root.hex()]


def _checked(machine: Machine, raw: bytes) -> Checked:
    return machine.check(raw)


if __name__ == "__main__":
    main()
