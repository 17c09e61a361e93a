"""Killed at any moment, the embedded engine has lost no receipt that it gave and doubled none."""

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from sogdia.core.machine import Machine
from sogdia.core.receipt import Outcome, Seal, decode_outcome
from sogdia.core.state import Committed
from sogdia.core.store import MemoryStore
from sogdia.engines import suite, suite_ledger
from sogdia.engines.embedded import Embedded, SealMismatch, replayed
from sogdia.engines.journal import Journal
from sogdia.engines.store import RocksStore
from tests.engines import crash_child

KILLS = 24


def killed_once(folder: Path, first_number: int, after_receipts: int) -> dict[str, bytes]:
    """Let a process submit until it has printed so many receipts, kill it, and give all that it had printed."""
    command = [sys.executable, crash_child.__file__, str(folder), str(first_number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        said = b"".join(child.stdout.readline() for _ in range(after_receipts))
        child.send_signal(signal.SIGKILL)
        said += child.stdout.read()
    whole = said[: said.rfind(b"\n") + 1].splitlines()
    return {line.split(b" ", 1)[0].decode(): line.split(b" ", 1)[1] for line in whole}


@pytest.mark.slow
def test_no_receipt_is_lost_and_none_is_doubled_however_often_the_process_is_killed(tmp_path: Path) -> None:
    chance = random.Random(20260302)
    promised: dict[str, bytes] = {}
    for kills in range(KILLS):
        promised |= killed_once(tmp_path, kills * 1_000_000, chance.choice((0, 1, chance.randrange(2_000))))

    engine = crash_child.open_engine(tmp_path)
    for transaction, receipt in promised.items():
        assert suite.entry(engine, transaction) == receipt, f"the receipt of {transaction} was given and is gone"
    logged = [done.receipt for outcome in every_outcome(engine) for done in outcome.done]
    assert len(set(logged)) == len(logged) == engine.machine.seal.log_size
    assert set(promised.values()) <= set(logged)
    assert_money_adds_up(engine)
    assert replay(tmp_path / "journal").seal == engine.machine.seal
    assert len(list((tmp_path / "journal").glob("*.blocks"))) > 3, "killed while segments rolled over, too"
    end(engine)


def every_outcome(engine: Embedded) -> Iterator[Outcome]:
    height = 0
    while raws := engine.outcomes(height):
        yield from map(decode_outcome, raws)
        height += len(raws)


def assert_money_adds_up(engine: Embedded) -> None:
    """Each accepted transaction paid 1 to an account and 2 to the rich one, once."""
    accepted = sum(b'"code":0' in done.receipt for outcome in every_outcome(engine) for done in outcome.done) - 1
    state = Committed(engine.machine.store, cached=0)
    accounts = {one.name: one.balance for one in suite_ledger.ACCOUNTS.under(state)}
    assert accounts.pop("rich") == 2 * accepted
    assert accounts.pop("founder") == 1_000_000
    assert sum(accounts.values()) == accepted


def replay(journal: Path) -> Machine:
    """A machine over a store in memory, brought forward by the journal alone."""
    machine = suite_ledger.machine(MemoryStore())
    for _, block in Journal(journal).blocks():
        machine.commit(replayed(machine, block))
    return machine


def end(engine: Embedded) -> None:
    engine.close()
    engine.machine.store.close()


# -- store and journal apart -------------------------------------------------------------------------------------------


class Ledger(suite.EngineSuite):
    """The suite's means, without its tests."""

    def make_engine(self, folder: Path) -> Embedded:
        clock = count(1_772_442_000_000)
        machine = suite_ledger.machine(RocksStore(folder / "state"))
        journal = Journal(folder / "journal")
        return Embedded(machine, journal, clock=lambda: next(clock), checkpoint=suite_ledger.checkpoint)

    def grow(self, folder: Path, blocks: int, account: str = "anna") -> Seal:
        """Add so many blocks of three and give the seal."""
        with self.running(folder) as engine:
            for _ in range(blocks):
                suite.answers(engine.submit_all(self.pays(engine, 3, account)))
            return engine.machine.seal


ledger = Ledger()


def put_in_place(folder: Path, part: str, copy: Path) -> None:
    shutil.rmtree(folder / part)
    shutil.copytree(copy / part, folder / part)


@pytest.mark.parametrize("lost", [1, 3, 6])
def test_a_store_that_lost_its_last_writes_catches_up_to_the_same_seal(tmp_path: Path, lost: int) -> None:
    ledger.grow(tmp_path / "node", 2)
    shutil.copytree(tmp_path / "node", tmp_path / "older")
    seal = ledger.grow(tmp_path / "node", lost)
    put_in_place(tmp_path / "node", "state", tmp_path / "older")
    with ledger.running(tmp_path / "node") as engine:
        assert engine.machine.seal == seal
        assert suite.balance(engine, "anna") == 6 + 3 * lost
        assert all(engine.checkpoint_at(height) for height in range(1, seal.height + 1))


def test_a_store_that_is_gone_is_made_again_from_the_journal(tmp_path: Path) -> None:
    seal = ledger.grow(tmp_path, 4)
    shutil.rmtree(tmp_path / "state")
    with ledger.running(tmp_path) as engine:
        assert engine.machine.seal == seal


def test_a_store_ahead_of_its_journal_is_refused_in_words(tmp_path: Path) -> None:
    ledger.grow(tmp_path / "node", 2)
    shutil.copytree(tmp_path / "node", tmp_path / "older")
    ledger.grow(tmp_path / "node", 2)
    put_in_place(tmp_path / "node", "journal", tmp_path / "older")
    with pytest.raises(SealMismatch, match="the store stands at height 5, the journal ends at 3"):
        ledger.make_engine(tmp_path / "node")


@pytest.mark.parametrize("more", [0, 2])
def test_the_journal_of_another_ledger_is_refused(tmp_path: Path, more: int) -> None:
    ledger.grow(tmp_path / "node", 2, "anna")
    ledger.grow(tmp_path / "other", 2 + more, "bruno")
    put_in_place(tmp_path / "node", "journal", tmp_path / "other")
    with pytest.raises(SealMismatch, match="disagree at height 3"):
        ledger.make_engine(tmp_path / "node")


def test_a_journal_that_was_altered_consistently_is_found_out_by_its_seals(tmp_path: Path) -> None:
    ledger.grow(tmp_path / "node", 2)
    blocks = [block for _, block in Journal(tmp_path / "node" / "journal").blocks()]
    forged = Journal(tmp_path / "forged" / "journal")
    for block in blocks[:-1]:
        forged.append(block)
    forged.append(type(blocks[-1])(3, blocks[-1].time_ms, blocks[-1].transactions[:-1], blocks[-1].seal))
    forged.close()
    with pytest.raises(SealMismatch, match=r"height 3: state root [0-9a-f]{64} log root [0-9a-f]{64}, but the journal"):
        ledger.make_engine(tmp_path / "forged")


def test_a_block_that_is_missing_is_found_out(tmp_path: Path) -> None:
    ledger.grow(tmp_path / "node", 3)
    blocks = [block for _, block in Journal(tmp_path / "node" / "journal").blocks()]
    cut = Journal(tmp_path / "cut" / "journal")
    for block in (blocks[0], *blocks[2:]):
        cut.append(block)
    cut.close()
    with pytest.raises(SealMismatch, match="goes on at height 3, the machine stands at 1"):
        ledger.make_engine(tmp_path / "cut")


def test_a_disk_that_is_full_stops_the_engine_and_what_was_committed_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = ledger.grow(tmp_path, 2)
    with suite._shouts() as heard, ledger.running(tmp_path) as engine:
        monkeypatch.setattr("sogdia.engines.journal._sync", _full)
        no = engine.submit(ledger.pays(engine, 1)[0]).exception(60)
        assert "No space left" in str(no)
        assert engine.machine.seal == seal
    assert heard
    monkeypatch.undo()
    with ledger.running(tmp_path) as engine:
        assert engine.machine.seal.log_size in (seal.log_size, seal.log_size + 1), "it may have reached the disk or not"


def _full(file: int) -> None:
    raise OSError(28, "No space left on device")


def test_nobody_gets_a_receipt_before_the_disk_has_said_yes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from os import fsync
    from threading import Event

    asked, may = Event(), Event()

    def slow(file: int) -> None:
        asked.set()
        may.wait(60)
        fsync(file)

    ledger.grow(tmp_path, 1)
    with ledger.running(tmp_path) as engine:
        monkeypatch.setattr("sogdia.engines.journal._sync", slow)
        raw = ledger.pays(engine, 1)[0]
        future = engine.submit(raw)
        assert asked.wait(60)
        assert not future.done()
        assert engine.machine.seal.height == 2, "what is not durable is not shown either"
        may.set()
        assert future.result(60).height == 3
