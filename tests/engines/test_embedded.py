"""The embedded engine keeps the promises of every engine, and those of its own."""

from itertools import count
from pathlib import Path

import pytest

from sogdia.engines import suite
from sogdia.engines.embedded import Embedded
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
