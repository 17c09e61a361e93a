"""One trade's evidence, checked offline: how long after start-up."""

import statistics
import tempfile
import time
from pathlib import Path

from bench.figures import Figure
from bench.traffic import World
from sogdia.app import FIELDS, NetworkInfo, Node
from sogdia.client import evidence
from sogdia.core.query import Asker

RUNS = 50


def measure(ceiling: float) -> list[Figure]:
    """The median time of one verification: read the file, check every signature, proof and value."""
    world = World()
    with tempfile.TemporaryDirectory() as name:
        node = Node.create(
            Path(name) / "node", NetworkInfo("sogdia-bench", "benc", "sogdia.example/bench"), world.founding()
        )
        node.start()
        trades = list(world.trades(200))
        for raws in trades:
            for future in node.submit_all(raws):
                assert future.result().code == 0
        order = node.machine.codec.parse(trades[-1][0]).payload.messages[0]
        raw = node.evidence_of_order(order.platform, order.order, Asker(world.parties.customs, ("customs",)))
        key = node.verifier_key
        node.close()
    checks = evidence.verify(evidence.read(raw), key, FIELDS)
    assert evidence.holds(checks), [check for check in checks if not check.holds]
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        evidence.verify(evidence.read(raw), key, FIELDS)
        took.append((time.perf_counter() - began) * 1000)
    notes = {"checks": len(checks), "bytes": len(raw)}
    return [Figure("one offline verification", statistics.median(took), "ms", 5, higher_is_better=False, notes=notes)]
