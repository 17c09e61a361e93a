"""The authority as a process: it ends when the node has been away for long, when its parent ends, and when told to."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sogdia.interfaces.demo.cast import Cast

PATIENCE_SECONDS = 30
NOBODY = "http://127.0.0.1:9"
IMPATIENT = (
    "import sys; from sogdia.interfaces.authority import __main__ as authority; from sogdia.client import http;"
    "authority.NODE_AWAY_SECONDS = http.LONGEST_WAIT_SECONDS = 0.05; sys.exit(authority.main())"
)


@pytest.fixture
def folder(cast: Cast, tmp_path: Path) -> Path:
    return Path(shutil.copytree(cast.folder / "customs", tmp_path / "customs"))


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts the authority where no node answers."""
    started: list[subprocess.Popen[str]] = []

    def run(*command: str) -> "subprocess.Popen[str]":
        words = [*command, "--node", NOBODY, "--network", "sogdia-demo", "--folder", str(folder)]
        process = subprocess.Popen(
            [sys.executable, *words], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def test_it_ends_when_the_node_has_been_away_too_long(start: Callable[..., "subprocess.Popen[str]"]) -> None:
    process = start("-c", IMPATIENT)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert "has been away too long" in said
    assert len(said.splitlines()) == 1


@pytest.mark.slow
def test_it_ends_with_its_parent(start: Callable[..., "subprocess.Popen[str]"], folder: Path) -> None:
    process = start("-m", "sogdia.interfaces.authority", "--with-parent")
    assert wait_until(lambda: (folder / "person.key").exists())
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None
    process.wait(PATIENCE_SECONDS)


def test_two_do_not_answer_from_one_folder(start: Callable[..., "subprocess.Popen[str]"], folder: Path) -> None:
    first = start("-m", "sogdia.interfaces.authority")
    assert wait_until(lambda: (folder / "person.key").exists())
    second = start("-m", "sogdia.interfaces.authority")
    _, said = second.communicate(timeout=PATIENCE_SECONDS)
    assert second.returncode == 2
    assert str(first.pid) in said
    assert len(said.splitlines()) == 1
    first.send_signal(signal.SIGKILL)


def wait_until(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)
    return happened()
