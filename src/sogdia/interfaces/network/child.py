"""One process that is kept up: started, watched, started again after growing pauses, given up when it keeps ending."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Final

import msgspec

from sogdia.interfaces.network.errors import KeepsEnding
from sogdia.interfaces.network.hints import hint
from sogdia.interfaces.network.log_file import LogFile

_GUARD: Final = str(Path(__file__).with_name("ending_with_parent.py"))
ALARMED_SECONDS: Final = 5.0
_DRAIN_SECONDS: Final = 2.0


class Patience(msgspec.Struct, frozen=True):
    """How often a process may end, and how long to wait before it is started again."""

    first_pause_seconds: float = 0.5
    """Doubles each time."""
    longest_pause_seconds: float = 30.0
    steady_seconds: float = 30.0
    """A process that ran this long was well: what was before does not count."""
    ends: int = 6
    """After so many ends, none of them steady, it is given up."""

    def pause_after(self, ends: int) -> float | None:
        """Seconds to wait after so many ends in a row; None when it is given up."""
        if ends >= self.ends:
            return None
        return float(min(self.longest_pause_seconds, self.first_pause_seconds * 2 ** (ends - 1)))


class Child:
    """A process under supervision. The thread that starts it must outlive it: the kernel counts it as the parent."""

    def __init__(self, name: str, argv: Sequence[str], log: LogFile, folder: Path, patience: Patience) -> None:
        self.name = name
        self.last_status: int | None = None
        self._argv = list(argv)
        self._folder = folder
        self._patience = patience
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._follower: Thread | None = None
        self._started = 0.0
        self._due = 0.0
        self._ends = 0

    @property
    def pid(self) -> int | None:
        """Its process number while it runs."""
        return self._process.pid if self._process else None

    def is_due(self) -> bool:
        """Whether it does not run and its pause is over."""
        return self._process is None and time.monotonic() >= self._due

    def start(self) -> int:
        """Start it; gives the process number."""
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", _GUARD, str(os.getpid()), *self._argv],
            stdin=subprocess.PIPE,  # our own processes end when it closes
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is for us: we end them in order
        )
        assert process.stdout is not None
        self._log.alarmed.clear()
        self._follower = self._log.follow(process.stdout)
        self._process, self._started = process, time.monotonic()
        return process.pid

    def has_ended(self) -> bool:
        """Whether it ended since it was last asked; from then on it does not run. An alarm in its log ends it."""
        if self._process is None:
            return False
        if self._log.alarmed.is_set():
            self.stop(ALARMED_SECONDS)
            return True
        if self._process.poll() is None:
            return False
        self._forget(self._process)
        return True

    def note_end(self) -> float:
        """Count an end that nobody asked for; gives the pause in seconds, KeepsEnding when there were too many."""
        now = time.monotonic()
        self._ends = 1 if now - self._started > self._patience.steady_seconds else self._ends + 1
        pause = self._patience.pause_after(self._ends)
        if pause is None:
            tail = self._log.tail()
            raise KeepsEnding(
                f"{self.name} ended {self._ends} times in a row, the last time with status {self.last_status}. "
                f"The end of {self._log.path}:\n{tail}\n"
                f"{hint(tail) or 'Mend what it says.'} Then start again. What was decided is on the disk."
            )
        self._due = now + pause
        return pause

    def stop(self, patience_seconds: float) -> None:
        """Ask it to end, and end it when it has not by then."""
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with what it started itself
            process.wait()
        self._forget(process)

    def _forget(self, process: "subprocess.Popen[bytes]") -> None:
        self.last_status, self._process = process.returncode, None
        if process.stdin:
            with suppress(BrokenPipeError):
                process.stdin.close()
        if self._follower:
            self._follower.join(_DRAIN_SECONDS)


def _environment() -> dict[str, str]:
    """Ours, without what would change CometBFT's settings behind the back of its file."""
    taken = ("CMT", "TMHOME")
    return {key: value for key, value in os.environ.items() if not key.startswith(taken)} | {"PYTHONUNBUFFERED": "1"}
