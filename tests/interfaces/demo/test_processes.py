"""The processes of a rehearsal: one that lingers is waited for, one that does not end is named."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import pytest

from sogdia.interfaces.cli.terminal import Failure, explained
from sogdia.interfaces.demo import processes
from sogdia.interfaces.demo.processes import DidNotStart, Processes, until_free


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Takes the lock of the folder, as an earlier run's node does; gives the file that holds it."""
    held: list[int] = []

    def take() -> int:
        handle = os.open(tmp_path / "node.lock", os.O_RDWR | os.O_CREAT)
        os.write(handle, b'{"pid": 4711, "url": ""}')
        fcntl.flock(handle, fcntl.LOCK_EX)
        held.append(handle)
        return handle

    yield take
    for handle in held:
        os.close(handle)


def test_an_earlier_run_that_lingers_is_waited_for_and_named(tmp_path: Path, hold: Callable[[], int]) -> None:
    handle, told = hold(), list[int]()
    release = Timer(0.3, lambda: fcntl.flock(handle, fcntl.LOCK_UN))
    release.start()
    until_free(tmp_path, lambda pid, waited: told.append(pid))
    release.join()
    assert set(told) == {4711}


def test_one_that_does_not_end_is_named_in_one_sentence(
    tmp_path: Path, hold: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.0)
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.1)
    hold()
    with pytest.raises(Failure) as failed:
        until_free(tmp_path, lambda pid, waited: None)
    assert "4711" in str(explained(failed.value))


def test_a_child_that_ends_at_once_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Processes(tmp_path) as running:
        process = running.start("gone", "sogdia.no_such_module", [])
        process.wait(30)
        with pytest.raises(DidNotStart, match="No module named"):
            running.check()
        assert process.stdin is not None
        process.stdin.close()


def test_a_child_ends_when_its_standard_input_closes() -> None:
    script = "from sogdia.interfaces.authority.parent import end_with_parent as end; end(); print(1, flush=True)"
    command = [sys.executable, "-c", f"import time; {script}; time.sleep(60)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"1\n"
        child.stdin.close()
        assert child.wait(30) == -signal.SIGTERM
