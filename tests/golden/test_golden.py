"""The golden ledger: blocks of long ago, executed by today's rules, end in the seals of long ago."""

import json
from typing import Any

import pytest

from sogdia import app
from sogdia.core.machine import Machine
from sogdia.core.store import MemoryStore
from tests.golden import make
from tests.simulation import world

WHAT_TO_DO = """
Block {height} of the golden ledger ends in another {what} than it did.
  was {was}
  is  {now}
Every ledger in the world that was written before would replay to another root as well. If that was not the intention,
find what changed: a rule, a record's fields or their order, a refusal's fields, a receipt, the tree or the log.
If it was: run  python -m tests.golden.make , read the difference of tests/golden/ledger.ndjson, and say in changes/
that ledgers written before do not replay.
"""


def golden() -> list[dict[str, Any]]:
    return [json.loads(line) for line in make.FILE.read_text(encoding="ascii").splitlines()]


def test_every_block_ends_in_the_same_decisions_and_the_same_seal() -> None:
    machine = app.machine(world.NETWORK, MemoryStore())
    for block in golden():
        expected = {name: block[name] for name in ("codes", "seal")}
        done = make.executed(machine, {name: block[name] for name in ("time_ms", "founding", "transactions")})
        for what, was in expected.items():
            if done[what] != was:
                height = block["seal"][0]
                pytest.fail(WHAT_TO_DO.format(height=height, what=what, was=was, now=done[what]), pytrace=False)


def test_the_ledger_shows_something_of_everything() -> None:
    blocks = golden()
    codes = {code for block in blocks for code in block["codes"]}
    kinds = {
        message["type"].partition(".")[0]
        for block in blocks
        for told in block["transactions"]
        for message in json.loads(told["payload"])["messages"]
    }
    assert kinds >= {"catalog", "customs", "identity", "logistics", "orders", "payments"}
    assert 0 in codes
    assert len(codes) > 15, "many ways to be refused"
    assert make.FILE.stat().st_size < 300_000


def test_an_unintended_change_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "execute", _a_moment_later(Machine.execute))
    with pytest.raises(pytest.fail.Exception, match=r"run  python -m tests\.golden\.make"):
        test_every_block_ends_in_the_same_decisions_and_the_same_seal()


def _a_moment_later(execute: Any) -> Any:
    return lambda machine, time_ms, block: execute(machine, time_ms + 1, block)
