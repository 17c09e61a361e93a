"""A proposer that lies: the others refuse its block with the reason, go on with another's, and keep nothing of it."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.traffic import World, flattened
from sogdia.interfaces.network.cometbft_keys import address
from tests.interfaces.network.networks import eventually
from tests.survival import apart, liar_node, lies
from tests.survival.apart import Apart
from tests.survival.lies import Lie, answer, stranger
from tests.survival.network import LiveNetwork

HOUR_MS = 3_600_000
HONEST = ("yiwu", "hangzhou", "lyon")
ATTEMPTS, PATIENCE_SECONDS = 6, 20.0


class Scene:
    """Nodes that never meet and are told the same blocks: one that proposes, one with an odd mempool and clock."""

    def __init__(self, folder: Path) -> None:
        self.world = World()
        apart.lay(folder, self.world)
        self.first = Apart(folder, "zone")
        self.odd = Apart(folder, "customs", wrong_ms=5 * HOUR_MS)
        self.time_ms = self.first.comet.genesis_time_ms
        self.trades = iter(flattened(list(self.world.trades(60))))

    def now(self) -> int:
        """The next block's time."""
        self.time_ms = max(self.time_ms + 1, time.time_ns() // 1_000_000)
        return self.time_ms

    def put_on_record(self, raws: Sequence[bytes]) -> None:
        """Both are told a block of these."""
        when = self.now()
        hashes = {one.comet.decide(raws, when, proposes=False).app_hash for one in (self.first, self.odd)}
        assert len(hashes) == 1

    def verdicts(self, raws: Sequence[bytes]) -> list[bool]:
        """What each says of a block of these."""
        when = self.now()
        return [one.comet.process(raws, when) for one in (self.first, self.odd)]

    def close(self) -> None:
        self.first.close()
        self.odd.close()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = Scene(tmp_path_factory.mktemp("liar"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def told(scene: Scene) -> dict[str, Lie]:
    """Every lie by its name; the transaction on record is a true one."""
    first = next(scene.trades)
    scene.put_on_record([first])
    return {one.name: one for one in lies.lies(scene.world, first)}


KINDS = (
    "a false signature",
    "a key that nobody knows",
    "a transaction that is past its time",
    "a transaction that is on record",
    "the same transaction twice",
    "bytes that are no transaction",
    "a transaction of another network",
    "more of one party than its quota",
    "more than a block takes",
)


def test_every_kind_of_lie_is_tried(told: dict[str, Lie]) -> None:
    assert tuple(told) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_lie_is_refused_by_everyone_and_the_log_names_it(
    scene: Scene, told: dict[str, Lie], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    lie, honest = told[kind], next(scene.trades)
    proposer = sha256(scene.first.comet.validators[0][0]).hexdigest()[:40]
    for one in lie.raws[:200]:
        scene.odd.comet.check([one])  # what this mempool was asked to hold must not matter
    before = scene.first.node.machine.seal
    with caplog.at_level(logging.WARNING):
        assert scene.verdicts([honest, *lie.raws]) == [False, False]
    ordered = scene.first.comet.height + 1
    assert [told_of(record) for record in caplog.records] == [("refused a proposal", ordered, proposer)] * 2
    for record in caplog.records:
        assert reason_in(record).endswith(lie.reason)
        if lie.reason.isupper():
            assert reason_in(record) == f"transaction {sha256(lie.raws[-1]).hexdigest()}, {lie.reason}"
    assert scene.first.node.machine.seal == before
    scene.put_on_record([honest])


def told_of(record: logging.LogRecord) -> tuple[str, int, str]:
    said = vars(record)["said"]
    return record.getMessage(), said["ordered"], said["proposer"]


def reason_in(record: logging.LogRecord) -> str:
    return str(vars(record)["said"]["reason"])


def test_the_honest_transactions_of_a_refused_block_are_good_in_the_next_one(scene: Scene) -> None:
    honest = [next(scene.trades) for _ in range(4)]
    assert scene.verdicts([*honest, b"garbage"]) == [False, False]
    assert scene.verdicts(honest) == [True, True]
    scene.put_on_record(honest)


# -- an honest proposal is always accepted -----------------------------------------------------------------------------

MIX = st.lists(st.sampled_from((*("true",) * 4, "refused by a rule", "an old one", *KINDS[:7])), max_size=25)


def candidates(scene: Scene, told: dict[str, Lie], kinds: Sequence[str]) -> list[bytes]:
    """Transactions of these kinds, as a mempool may hold them."""
    raws: list[bytes] = []
    for kind in kinds:
        if kind == "true":
            raws.append(next(scene.trades))
        elif kind == "refused by a rule":
            raws.append(answer(scene.world, scene.world.keys["customs"]))
        elif kind == "a key that nobody knows":
            raws.append(answer(scene.world, stranger()))
        elif kind == "an old one" and raws:
            raws.append(raws[0])
        elif kind in told:
            raws += told[kind].raws
    return raws


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_one_proposes_every_other_accepts_and_nobody_executes_it_twice(
    scene: Scene, told: dict[str, Lie], data: st.DataObject
) -> None:
    first, odd = scene.first, scene.odd
    mempool = candidates(scene, told, data.draw(MIX))
    odd.comet.check(data.draw(st.sampled_from([[], mempool[::2], mempool[::-1]])))
    when = scene.now()
    chosen = first.comet.prepare(mempool, when)
    executed = [one.application.candidates.executed for one in (first, odd)]
    verified = first.application.checks.verified
    assert first.comet.process(chosen, when)
    assert odd.comet.process(chosen, when)
    told_once = odd.application.checks.verified
    blocks = [one.comet.decide(chosen, when, proposes=False) for one in (first, odd)]
    assert blocks[0].app_hash == blocks[1].app_hash
    assert [result.code for result in blocks[0].results] == [result.code for result in blocks[1].results]
    assert first.application.candidates.executed == executed[0]
    assert odd.application.candidates.executed == executed[1] + bool(chosen)
    assert first.application.checks.verified == verified
    assert odd.application.checks.verified == told_once


def test_a_transaction_is_verified_once_from_the_mempool_to_the_block(scene: Scene) -> None:
    raws = [next(scene.trades) for _ in range(20)]
    before = [one.application.checks.verified for one in (scene.first, scene.odd)]
    assert [one.code for one in scene.first.comet.check(raws)] == [0] * 20
    when = scene.now()
    assert scene.first.comet.prepare(raws, when) == tuple(raws)
    assert scene.verdicts(raws) == [True, True]
    scene.put_on_record(raws)
    after = [one.application.checks.verified for one in (scene.first, scene.odd)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [20, 20]


# -- and in a network --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_network_goes_on_around_a_proposer_that_tells_every_lie(tmp_path: Path) -> None:
    live = LiveNetwork(tmp_path)
    live.programs["genoa"] = liar_node.command
    liar = address(bytes.fromhex(live.homes["genoa"].read().validator)).hex()
    with live:
        with live.traffic("yiwu") as traffic:
            traffic.flows()
            for lie in lies.lies(live.world, next(iter(live.given))):
                tell_until_refused(live, lie, lambda name, lie=lie: refused(live, name, liar, lie))
            traffic.flows()
        live.check()


def tell_until_refused(live: LiveNetwork, lie: Lie, has_refused: Callable[[str], bool]) -> None:
    """Have genoa tell a lie, again and again until all have refused it: who lags does not see every proposal."""
    for attempt in range(ATTEMPTS):
        told = liar_node.tell(live.homes["genoa"].folder, f"{lie.name}-{attempt}", lie.raws)
        eventually(told.exists, f"genoa proposes {lie.name}")
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            if all(map(has_refused, HONEST)):
                return
            time.sleep(0.1)
    pytest.fail(
        f"{[name for name in HONEST if not has_refused(name)]} did not refuse {lie.name} in {ATTEMPTS} attempts"
    )


def refused(live: LiveNetwork, name: str, proposer: str, lie: Lie) -> bool:
    """Whether an organisation's log says that it refused a proposal of this proposer for this lie."""
    what = f"{sha256(lie.raws[-1]).hexdigest()}, {lie.reason}" if lie.reason.isupper() else lie.reason
    lines = [line for line in live.homes[name].node_log.read_text().splitlines() if "refused a proposal" in line]
    said = [json.loads(line) for line in lines]
    return any(one["proposer"] == proposer and one["reason"].endswith(what) for one in said)
