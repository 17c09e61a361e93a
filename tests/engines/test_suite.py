"""The suite bites: an engine that breaks a promise does not pass it."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest

from sogdia.core.machine import Block, Checked, Machine
from sogdia.core.receipt import Receipt, Seal
from sogdia.engines import suite
from sogdia.engines.embedded import Embedded
from sogdia.engines.journal import Journal, JournalBlock, Place
from sogdia.engines.store import RocksStore


class ForgetfulJournal(Journal):
    """Says that a block is on the disk and writes it with the next one."""

    held: JournalBlock | None = None

    def append(self, block: JournalBlock) -> Place:
        if self.held is not None:
            super().append(self.held)
        self.held = block
        return Place(f"{1:016d}.blocks", 0)


class Reversing(Machine):
    """Takes what arrived last first, and puts the receipts back as if nothing had happened."""

    def execute(self, time_ms: int, block: Sequence[Checked]) -> Block:
        return super().execute(time_ms, tuple(reversed(block)))


class Unsigned(Embedded):
    """Shows the checkpoint of another block."""

    def checkpoint_at(self, height: int) -> bytes | None:
        return super().checkpoint_at(max(1, height - 1))


class Amnesiac(Embedded):
    """Knows no receipt that was given before."""

    def receipt(self, transaction: str) -> Receipt | None:
        return None


def engine(folder: Path, kind: type[Embedded], machine: type[Machine], journal: type[Journal]) -> Embedded:
    model, clock = suite.machine(RocksStore(folder / "state")), count(1_772_442_000_000)
    made = machine(model.network, model.modules, model._find_key, model.store)
    return kind(made, journal(folder / "journal"), clock=lambda: next(clock), checkpoint=suite.checkpoint)


BROKEN = {
    "test_a_receipt_is_given_only_when_it_would_survive": (Embedded, Machine, ForgetfulJournal),
    "test_each_submitters_order_is_kept": (Embedded, Reversing, Journal),
    "test_each_height_has_a_checkpoint_that_verifies": (Unsigned, Machine, Journal),
    "test_a_refusal_is_on_record_with_its_number": (Amnesiac, Machine, Journal),
}


@pytest.mark.parametrize("promise", BROKEN)
def test_an_engine_that_breaks_a_promise_is_found_out(promise: str, tmp_path: Path) -> None:
    class Suite(suite.EngineSuite):
        def make_engine(self, folder: Path) -> Embedded:
            return engine(folder, *BROKEN[promise])

    Suite.__test__ = False
    with pytest.raises(Exception):  # noqa: B017 - a broken promise shows itself in many ways
        getattr(Suite(), promise)(tmp_path)


def test_it_runs_without_pytest_and_names_what_is_broken(tmp_path: Path) -> None:
    class Suite(suite.EngineSuite):
        def make_engine(self, folder: Path) -> Embedded:
            return engine(folder, Unsigned, Machine, Journal)

    assert list(suite.broken_promises(Suite(), tmp_path)) == ["test_each_height_has_a_checkpoint_that_verifies"]


def test_its_checkpoints_are_signed_notes() -> None:
    seal = Seal(1, 2, bytes(32), 3, bytes(32))
    assert suite.checkpoint(seal).startswith(b"sogdia.example/suite\n3\n")
