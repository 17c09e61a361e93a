"""A process that submits without end and prints each receipt it got; the crash tests kill it.

`python crash_child.py FOLDER FIRST_NUMBER` prints `<transaction id> <receipt>` for each receipt, after its future
resolved. It runs on its own: nothing of pytest is loaded.
"""

import sys
import time
from collections import deque
from itertools import count
from pathlib import Path

from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.engines import suite_ledger
from sogdia.engines.embedded import Embedded
from sogdia.engines.journal import Journal
from sogdia.engines.store import RocksStore

SEGMENT_BYTES = 200_000
"""Small, so that processes are killed while segments roll over."""


def open_engine(folder: Path) -> Embedded:
    """The engine over the folder, by the wall clock."""
    machine = suite_ledger.machine(RocksStore(folder / "state"))
    journal = Journal(folder / "journal", SEGMENT_BYTES)
    return Embedded(machine, journal, clock=lambda: time.time_ns() // 1_000_000, checkpoint=suite_ledger.checkpoint)


def messages(number: int) -> tuple[Message, ...]:
    """Payments, moves that are refused, and moves that are not."""
    if number % 7 == 0:
        return (suite_ledger.Move(source="poor", target="rich", amount=10**9),)
    paid = suite_ledger.Pay(account=f"account-{number % 50}", amount=1)
    return (paid, suite_ledger.Pay(account="rich", amount=2))


def main(folder: Path, first: int) -> None:
    """Submit groups of 1 to 40, up to five groups ahead of the answers."""
    engine = open_engine(folder)
    if not engine.machine.seal.height:
        engine.found(suite_ledger.FOUNDING)
    engine.start()
    print("ready", flush=True)
    waiting: deque = deque()
    numbers = count(first)
    while True:
        valid_until_ms = time.time_ns() // 1_000_000 + 3_600_000
        group = [next(numbers) for _ in range(1 + engine.machine.seal.height % 40)]
        payloads = [payload_bytes(suite_ledger.NETWORK, valid_until_ms, f"number-{n:09}", messages(n)) for n in group]
        waiting.extend(engine.submit_all([sign(payload, [suite_ledger.ANNA]) for payload in payloads]))
        while len(waiting) > 200:
            receipt = waiting.popleft().result()
            sys.stdout.write(f"{receipt.transaction} {receipt.entry().decode()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
