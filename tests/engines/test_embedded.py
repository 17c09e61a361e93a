"""The embedded engine keeps the promises of every engine, and those of its own."""

from itertools import count
from pathlib import Path

import pytest

from sogdia.engines import suite
from sogdia.engines.embedded import WAITING_LIMIT, Busy, Embedded, EngineStopped
from sogdia.engines.journal import Journal
from sogdia.engines.store import RocksStore


def embedded(folder: Path) -> Embedded:
    clock = count(1_772_442_000_000)
    machine = suite.machine(RocksStore(folder / "state"))
    return Embedded(machine, Journal(folder / "journal"), clock=lambda: next(clock), checkpoint=suite.checkpoint)


class TestEmbedded(suite.EngineSuite):
    def make_engine(self, folder: Path) -> Embedded:
        return embedded(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_it_holds_so_many_and_not_one_more_and_answers_all_when_it_is_closed(tmp_path: Path) -> None:
    engine = embedded(tmp_path)
    futures = engine.submit_all([b"{}"] * WAITING_LIMIT)
    with pytest.raises(Busy, match="50000 transactions wait; the limit is 50000"):
        engine.submit(b"{}")
    engine.close()
    assert isinstance(futures[0].exception(0), EngineStopped)
    assert all(future.done() for future in futures)


def test_the_checker_threads_end_with_the_engine(tmp_path: Path) -> None:
    import threading

    before = set(threading.enumerate())
    engine = embedded(tmp_path)
    engine.found(suite.FOUNDING)
    engine.start()
    for future in engine.submit_all([b"{}"] * 100):
        future.exception(60)
    assert any(thread.name.startswith("checker") for thread in set(threading.enumerate()) - before)
    engine.close()
    assert set(threading.enumerate()) <= before
