"""The mempool when it is crowded or the network stands still: what could not go on record does not wait at its head."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.traffic import World
from sogdia.core.refusal import Refused
from sogdia.core.transaction import Message
from sogdia.domains.governance.messages import Apply, HaltNetwork, Organisation, Propose, Vote
from sogdia.domains.identity.messages import NewKey
from sogdia.engines.cometbft.wire import CheckTxType
from tests.survival import apart, lies
from tests.survival.apart import Apart, Member, said

HOUR_MS = 3_600_000
STRANGERS_WAITING = 80
"""Four blocks of the twenty that governance's parameters allow."""


class Scene:
    """One node, and the members' voices."""

    def __init__(self, folder: Path) -> None:
        self.world = World()
        self.members: list[Member] = apart.lay(folder, self.world)
        self.node = Apart(folder, "zone")
        self.trades = [raw for trade in self.world.trades(4) for raw in trade]

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def put_on_record(self, *raws: bytes) -> None:
        decided = self.node.comet.decide(raws, self.now(), proposes=False)
        assert [one.code for one in decided.results] == [0] * len(raws)

    def codes(self, *raws: bytes, kind: CheckTxType = CheckTxType.NEW) -> list[int]:
        return [one.code for one in self.node.comet.check(raws, kind)]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.node.close()


def application() -> bytes:
    """Somebody whom nobody knows asks to become a member: it costs a new key and nothing else."""
    key = lies.stranger()
    who = Organisation(
        name="Nobody",
        country="UZ",
        registration=secrets.token_hex(4),
        keys=(NewKey(id=key.kid, public=key.key.public.hex()),),
        agreement="77" * 32,
    )
    return said(key, Apply(party=key.did, organisation=who, url="https://nobody.example"))


def test_strangers_together_hold_a_small_part_of_the_mempool(scene: Scene) -> None:
    flood = [application() for _ in range(STRANGERS_WAITING + 20)]
    assert scene.codes(*flood) == [0] * STRANGERS_WAITING + [Refused.OVER_QUOTA] * 20
    assert scene.codes(*scene.trades[:8]) == [0] * 8
    scene.put_on_record(*flood[:20])
    assert scene.codes(*flood[STRANGERS_WAITING:]) == [0] * 20  # room again, as much as a block took


def test_during_a_halt_the_mempool_lets_go_of_trades_and_keeps_what_is_spared(scene: Scene) -> None:
    zone, customs, tax, bank = scene.members
    waiting, late = scene.trades[0], scene.trades[8]
    assert scene.codes(waiting) == [0]
    halt = HaltNetwork(until_ms=scene.now() + HOUR_MS, reason="a rule is looked into")
    scene.put_on_record(said(zone.key, Propose(member=zone.did, what=halt)))
    scene.put_on_record(*(voice(one) for one in (customs, tax)))
    assert scene.codes(waiting, kind=CheckTxType.RECHECK) == [Refused.HALTED]
    assert scene.codes(late, voice(bank)) == [Refused.HALTED, 0]


def voice(member: Member) -> bytes:
    """A member's yes in the first case."""
    message: Message = Vote(member=member.did, case_no="000001", choice="yes")
    return said(member.key, message)
