"""`sogdia demo` as a person runs it: a process of its own, in a folder of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sogdia.app import milliseconds
from sogdia.interfaces.demo.calendar import calendar_of
from sogdia.interfaces.demo.cast import Cast

COMMAND = [sys.executable, "-m", "sogdia.interfaces.cli", "demo"]
ENVIRONMENT = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


Demo = Callable[..., Said]


def demo(folder: Path, *words: object, locale: str = "C.UTF-8") -> Said:
    """Run the command to its end."""
    command = [*COMMAND, "--data", str(folder), *map(str, words)]
    env = {**ENVIRONMENT, "LC_ALL": locale}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=PATIENCE_SECONDS)
    return Said(done.returncode, done.stdout, done.stderr)


def report_in(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


class Running:
    """The command under way, with its children in a process group of its own."""

    def __init__(self, folder: Path, *words: object) -> None:
        command = [*COMMAND, "--data", str(folder), *map(str, words)]
        self.folder = folder
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT, start_new_session=True
        )

    def group(self) -> list[int]:
        """The processes of the group that still live."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                except (OSError, ValueError):
                    continue
                if int(group) == self.process.pid and state != "Z":
                    found.append(int(entry.name))
        return found

    def kill_everything(self) -> None:
        """Kill -9 for the command and its children, at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)

    def kill_alone(self) -> None:
        """Kill -9 for the command, not for its children."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def waits_for(self, happened: Callable[[], bool]) -> bool:
        """Whether this happened before the command ended."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened() and time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            time.sleep(0.01)
        return True

    def end(self) -> None:
        """Kill whatever still runs of it, also where the command itself is gone."""
        with suppress(ProcessLookupError):
            self.kill_everything()


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Starts the command and goes on; whatever still runs at the end is killed."""
    started: list[Running] = []

    def run(folder: Path, *words: object) -> Running:
        started.append(Running(folder, *words))
        return started[-1]

    yield run
    for one in started:
        one.end()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of all parties and the day of the rehearsal, so that two runs say the same and have the same numbers."""
    folder = tmp_path_factory.mktemp("parties")
    Cast(folder).assemble()
    calendar_of(folder, milliseconds())
    return folder


@pytest.fixture
def stage(keys: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A folder for a rehearsal with these keys."""
    return lambda name: Path(shutil.copytree(keys, tmp_path / name))


@dataclass(frozen=True)
class Rehearsal:
    """A rehearsal that came to its end."""

    folder: Path
    said: Said
    report: dict[str, Any]


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """Made orders in both directions, with their mistakes."""
    folder = tmp_path_factory.mktemp("rehearsed") / "data"
    said = demo(folder, "--limit", 90)
    assert said.status == 0, said.err
    return Rehearsal(folder, said, report_in(folder))


@pytest.fixture(scope="session")
def again(rehearsed: Rehearsal) -> Rehearsal:
    """The same once more, into the same folder; the report of the first is kept."""
    said = demo(rehearsed.folder, "--limit", 90)
    assert said.status == 0, said.err
    return Rehearsal(rehearsed.folder, said, report_in(rehearsed.folder))
