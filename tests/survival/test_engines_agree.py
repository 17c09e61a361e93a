"""What one engine ordered, the other seals alike: block by block, receipt by receipt, and both can go on from there."""

import random
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.traffic import World, flattened
from sogdia import app
from sogdia.app import NetworkInfo
from sogdia.core.machine import Machine
from sogdia.core.receipt import decode_outcome
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import Message
from sogdia.domains.governance.messages import Found, Founder
from sogdia.engines.cometbft.wire import abci, timestamp
from sogdia.engines.kept import replayed
from sogdia.interfaces.cli import log_file
from sogdia.interfaces.network.cometbft_keys import address
from tests.simulation import world
from tests.simulation.generator import strategy
from tests.simulation.test_any_message import KINDS, SIGNERS
from tests.simulation.test_simulation import Run
from tests.survival import apart, lies
from tests.survival.ordered import Alone, Ordered, agree, exported, receipts

SIMULATED = NetworkInfo(world.NETWORK, world.CODE, world.ORIGIN)
SEATS = [(sha256(b"seat %d" % number).hexdigest(), 10) for number in range(4)]
DOUBLE_SIGN = 1


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ordered, Path]]:
    """A network's ledger: trades, refusals, what was not admitted, empty blocks, and a validator that signed twice."""
    folder = tmp_path_factory.mktemp("network")
    ledger = Ordered(folder, apart.INFO)
    traded, began = World(), time.time_ns() // 1_000_000
    members = [traded.keys[name].did for name in ("registrar", "platform", "carrier", "customs")]
    founders = tuple(
        Founder(did, "https://a.example", key) for did, (key, _) in zip(members, sorted(SEATS), strict=True)
    )
    ledger.begin([*traded.founding(), Found(members=founders)], began, sorted(SEATS))
    chance, left, height = random.Random(20261122), flattened(list(traded.trades(40))), 1
    waiting = [*(raw for lie in lies.lies(traded, left[0]) for raw in lie.raws[:120])]
    while left:
        taken = [left.pop(0) for _ in range(min(len(left), chance.randrange(30)))]
        mempool = [*taken, *chance.sample(waiting, chance.randrange(8))]
        seen = [offence(SEATS[height % 4][0], height, began)] if height % 4 == 1 else []
        ledger.block(mempool, began + 100 * height, seen)
        ledger.block(waiting[:1] if height % 3 else [], began + 100 * height + 50)
        height += 1
    yield ledger, folder
    ledger.close()


def offence(key: str, height: int, time_ms: int) -> object:
    """What CometBFT says of a validator that signed twice."""
    validator = abci.Validator(address=address(bytes.fromhex(key)), power=10)
    return abci.Misbehavior(
        type=DOUBLE_SIGN, validator=validator, height=height, time=timestamp(time_ms * 1_000_000), total_voting_power=40
    )


def test_the_network_had_something_of_everything(network: tuple[Ordered, Path]) -> None:
    ledger, _ = network
    blocks = [block for _, block in ledger.journal.blocks()]
    assert ledger.application.ordered > ledger.machine.seal.height  # empty blocks have no seal
    assert sum(bool(block.told) for block in blocks) > 2
    assert sum(len(block.transactions) for block in blocks) > 320
    codes = {receipt.code for block in blocks for receipt in receipts(ledger, block.height)}
    assert 0 in codes
    assert len(codes) > 1


def test_a_log_exported_from_a_network_replays_on_the_embedded_machine(
    network: tuple[Ordered, Path], tmp_path: Path
) -> None:
    ledger, _ = network
    path = exported(ledger, apart.INFO, tmp_path / "network.ndjson")
    machine = app.machine(apart.INFO.network, MemoryStore())
    for frame, said in log_file.LogReader(path).blocks():
        block = replayed(machine, frame)
        assert block.logged == said
        assert block.seal == decode_outcome(ledger.outcome_at(frame.height)).seal
        machine.commit(block)
    assert machine.seal == ledger.machine.seal


def test_an_embedded_engine_takes_a_networks_journal_and_exports_the_same_bytes(
    network: tuple[Ordered, Path], tmp_path: Path
) -> None:
    ledger, folder = network
    alone = Alone(tmp_path / "alone", apart.INFO, folder)
    try:
        agree(alone.engine, ledger)
        first = exported(ledger, apart.INFO, tmp_path / "network.ndjson")
        second = exported(alone.engine, apart.INFO, tmp_path / "alone.ndjson")
        assert first.read_bytes() == second.read_bytes()
    finally:
        alone.close()


def test_a_networks_engine_takes_an_embedded_journal_and_goes_on_from_it(tmp_path: Path) -> None:
    run = Run(tmp_path / "embedded", rounds=8)
    try:
        sealed = run.machine.seal
        (tmp_path / "network").mkdir()
        (tmp_path / "embedded" / "journal").rename(tmp_path / "network" / "journal")
        ledger = Ordered(tmp_path / "network", SIMULATED)
        try:
            assert ledger.machine.seal == sealed
            for height in range(1, sealed.height + 1):
                assert ledger.outcome_at(height) == run.engine.outcome_at(height)
            app_hash = ledger.begin(world.founding(), run.now_ms)
            assert app_hash == ledger.application.app_hash()
            ledger.block(run.traffic.round(100, run.now_ms), run.now_ms)
            assert ledger.machine.seal.height == sealed.height + 1
            alone = Alone(tmp_path / "alone", SIMULATED, tmp_path / "network")
            try:
                agree(alone.engine, ledger)
            finally:
                alone.close()
        finally:
            ledger.close()
    finally:
        run.close()


# -- whatever is said ------------------------------------------------------------------------------------------------

SAID = st.lists(st.one_of(*(strategy(kind) for kind in KINDS)), min_size=1, max_size=3)
BLOCKS = st.lists(st.lists(SAID, max_size=6), min_size=1, max_size=3)


class Pair:
    """A network's ledger, and a machine that is handed its journal block by block."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ordered(folder, SIMULATED)
        self.ledger.begin(world.founding(), world.BEGINS_MS)
        self.machine: Machine = app.machine(world.NETWORK, MemoryStore())
        self.nonces = 0
        self.follow()

    def order(self, mempool: Sequence[Sequence[Message]]) -> None:
        """One height with these transactions, signed by as many as may sign."""
        raws = []
        for messages in mempool:
            self.nonces += 1
            raws.append(world.signed(messages, SIGNERS, world.BEGINS_MS, f"nonce-{self.nonces:08}"))
        self.ledger.block(raws, world.BEGINS_MS + self.nonces)

    def follow(self) -> None:
        """Execute what the journal has and this machine has not; `replayed` compares the seals."""
        for _, frame in self.ledger.journal.blocks(after_height=self.machine.seal.height):
            block = replayed(self.machine, frame)
            assert block.outcome == self.ledger.outcome_at(frame.height)
            self.machine.commit(block)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    made = Pair(tmp_path_factory.mktemp("pair"))
    yield made
    made.ledger.close()


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(blocks=BLOCKS)
def test_whatever_anybody_says_both_seal_it_alike(pair: Pair, blocks: list[list[list[Message]]]) -> None:
    for mempool in blocks:
        pair.order(mempool)
    pair.follow()
    assert pair.machine.seal == pair.ledger.machine.seal
