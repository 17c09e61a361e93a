"""The embedded engine under whole trades: every rule, the tree, the log, the journal on the disk before any receipt."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.figures import Figure
from bench.traffic import NETWORK, World, flattened
from sogdia.app import machine, milliseconds
from sogdia.core.keys import SigningKey, verify
from sogdia.core.receipt import Receipt
from sogdia.engines.embedded import Embedded
from sogdia.engines.journal import Journal
from sogdia.engines.store import RocksStore
from sogdia.mirror.process import FollowerProcess

TRADES = 3_000
HELD_BACK = 10_000
FABRIC_BFT_PER_SECOND = 372
"""Hyperledger Fabric 3.1.5 with SmartBFT ordering, four orderers and one peer on two cores; measured beside this
project's reference machine, not in this run."""


def ceiling(seconds: float = 2.0) -> float:
    """Verifications per second that two threads reach on 300-byte messages: no engine that checks is faster."""
    key = SigningKey(bytes(32))
    message = b"x" * 300
    signature = key.sign(message)

    def work() -> int:
        done, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            for _ in range(100):
                verify("EdDSA", key.public, message, signature)
            done += 100
        return done

    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(lambda _: work(), range(2))) / seconds


def measure(ceiling: float) -> list[Figure]:
    """Throughput without and with the mirror, and commit times at half of the target load."""
    world = World()
    raws = flattened(list(world.trades(TRADES)))
    bare = _throughput(world, raws, mirrored=False)
    mirrored = _throughput(world, raws, mirrored=True)
    p50, p99 = _commit_times(world, raws, per_second=2_500)
    peer = {"times_fabric_bft": round(bare / FABRIC_BFT_PER_SECOND, 1)}
    return [
        Figure("embedded engine, full rules, no mirror", bare, "transactions/s", 5_000, rate=True, notes=peer),
        Figure("embedded engine, full rules, mirror in SQLite", mirrored, "transactions/s", 3_000, rate=True),
        Figure("commit at 2,500 transactions/s, p99", p99, "ms", 250, higher_is_better=False, notes={"p50_ms": p50}),
    ]


@contextmanager
def engine_in(folder: Path, world: World) -> Iterator[Embedded]:
    """A founded engine over RocksDB and a journal in this folder."""
    store = RocksStore(folder / "state")
    made = machine(NETWORK, store)
    engine = Embedded(made, Journal(folder / "journal"), clock=milliseconds, checkpoint=lambda seal: b"unsigned")
    engine.found(world.founding())
    engine.start()
    try:
        yield engine
    finally:
        engine.close()
        store.close()


def _throughput(world: World, raws: Sequence[bytes], *, mirrored: bool) -> float:
    with tempfile.TemporaryDirectory() as name, engine_in(Path(name), world) as engine:
        mirror = _mirror(engine, Path(name)) if mirrored else None
        began = time.perf_counter()
        receipts = [future.result() for future in _submitted(engine, raws)]
        while mirror is not None and not mirror.wait_for(engine.machine.seal.height, 1.0):
            assert not mirror.status().error, mirror.status().error
        seconds = time.perf_counter() - began
        if mirror is not None:
            mirror.stop()
    refused = [receipt for receipt in receipts if receipt.code]
    assert not refused, f"{len(refused)} of {len(receipts)} refused, the first: {refused[0]}"
    return len(raws) / seconds


def _submitted(engine: Embedded, raws: Sequence[bytes]) -> "list[Future[Receipt]]":
    futures: list[Future[Receipt]] = []
    for start in range(0, len(raws), 500):
        while len(futures) - HELD_BACK > 0 and not futures[len(futures) - HELD_BACK].done():
            futures[len(futures) - HELD_BACK].result()
        futures += engine.submit_all(raws[start : start + 500])
    return futures


def _commit_times(world: World, raws: Sequence[bytes], per_second: int) -> tuple[float, float]:
    took: list[float] = []

    def noted(sent: float) -> "Callable[[Future[Receipt]], None]":
        return lambda _: took.append((time.perf_counter() - sent) * 1000)

    with tempfile.TemporaryDirectory() as name, engine_in(Path(name), world) as engine:
        began, futures = time.perf_counter(), list[Future[Receipt]]()
        for number, raw in enumerate(raws):
            ahead = began + number / per_second - time.perf_counter()
            if ahead > 0.002:
                time.sleep(ahead)
            sent = time.perf_counter()
            future = engine.submit(raw)
            future.add_done_callback(noted(sent))
            futures.append(future)
        for future in futures:
            future.result()
    cuts = statistics.quantiles(took, n=100)
    return round(cuts[49], 1), round(cuts[98], 1)


def _mirror(engine: Embedded, folder: Path) -> FollowerProcess:
    """A mirror in SQLite in a process of its own, as `sogdia up` runs it, caught up with the founding block."""
    url = f"sqlite:///{folder / 'mirror.sqlite'}"
    mirror = FollowerProcess(url, "sogdia.app:TABLES", engine, tip=lambda: engine.machine.seal.height)
    mirror.start()
    assert mirror.wait_for(1, 30.0), mirror.status().error
    return mirror
