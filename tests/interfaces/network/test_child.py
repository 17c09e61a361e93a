"""One process under supervision: its log, its pauses, and when it is given up."""

import io
import signal
import sys
from pathlib import Path

import pytest

from sogdia.interfaces.network.child import Child, Patience
from sogdia.interfaces.network.errors import KeepsEnding
from sogdia.interfaces.network.log_file import LogFile
from tests.interfaces.network.networks import eventually

IMPATIENT = Patience(first_pause_seconds=0.01, ends=3)


def child(folder: Path, program: str, patience: Patience = IMPATIENT) -> Child:
    """A child that runs this Python program."""
    log = LogFile(folder / "node.log", alarm=b"I give up")
    return Child("node", [sys.executable, "-c", program], log, folder, patience)


def test_pauses_grow_until_it_is_given_up() -> None:
    patience = Patience(first_pause_seconds=0.5, longest_pause_seconds=3, ends=6)
    assert [patience.pause_after(ends) for ends in range(1, 8)] == [0.5, 1, 2, 3, 3, None, None]


def test_what_keeps_ending_is_given_up_with_the_end_of_its_log(tmp_path: Path) -> None:
    failing = child(tmp_path, "print('the disk is full'); raise SystemExit(4)")
    for _ in range(2):
        eventually(failing.is_due, "its pause is over")
        failing.start()
        eventually(failing.has_ended, "it ends")
        failing.note_end()
    failing.start()
    eventually(failing.has_ended, "it ends")
    with pytest.raises(KeepsEnding, match=r"(?s)3 times in a row.*status 4.*the disk is full"):
        failing.note_end()


def test_a_run_that_was_steady_wipes_the_slate_clean(tmp_path: Path) -> None:
    steady = child(tmp_path, "", Patience(first_pause_seconds=0.01, steady_seconds=0, ends=2))
    for _ in range(4):
        eventually(steady.is_due, "its pause is over")
        steady.start()
        eventually(steady.has_ended, "it ends")
        assert steady.note_end() == 0.01


def test_what_does_not_end_when_asked_is_ended(tmp_path: Path) -> None:
    deaf = child(
        tmp_path,
        "import signal, time; signal.signal(15, lambda *_: 0); print('on', flush=True)\nwhile 1: time.sleep(1)",
    )
    deaf.start()
    try:
        eventually(lambda: LogFile(tmp_path / "node.log").tail() == "on", "it runs")
    finally:
        deaf.stop(0.2)
    assert deaf.last_status == -signal.SIGKILL
    assert deaf.pid is None


def test_what_lives_on_without_working_is_ended(tmp_path: Path) -> None:
    stuck = child(tmp_path, "import signal\nprint('I give up', flush=True)\nsignal.pause()")
    stuck.start()
    eventually(stuck.has_ended, "its alarm is heard")
    assert stuck.last_status == -signal.SIGTERM
    stuck.start()
    eventually(stuck.has_ended, "a second run has an alarm of its own")


def test_settings_of_cometbft_in_the_environment_do_not_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMTHOME", "elsewhere")
    monkeypatch.setenv("CMT_P2P_PEX", "true")
    asked = child(tmp_path, "import os; print(sorted(key for key in os.environ if key.startswith('CMT')))")
    asked.start()
    eventually(asked.has_ended, "it ends")
    assert (tmp_path / "node.log").read_text() == "[]\n"


def test_a_full_log_is_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "node.log", size_bytes=100, kept=2)
    log.follow(io.BytesIO(b"".join(b"line %03d\n" % number for number in range(40)))).join()
    files = [log.path, log.path.with_name("node.log.1"), log.path.with_name("node.log.2")]
    assert [path.read_text().split("\n")[0] for path in files] == ["line 033", "line 022", "line 011"]
    assert sorted(path.name for path in log.path.parent.iterdir()) == ["node.log", "node.log.1", "node.log.2"]
    assert log.tail().endswith("line 039")


def test_the_end_of_a_log_begins_with_the_panic_and_not_with_its_stack(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "cometbft.log")
    stack = b"".join(b"goroutine 1 [running]: %d\n" % number for number in range(500))
    log.follow(io.BytesIO(b"starting\npanic: wrong app hash\n" + stack)).join()
    assert log.tail().startswith("panic: wrong app hash\ngoroutine")
    assert len(log.tail().splitlines()) == 12
