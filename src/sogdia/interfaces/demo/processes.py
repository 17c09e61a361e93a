"""The node and the authority as processes of their own, started and ended with the rehearsal."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from sogdia.client.connection import Connection
from sogdia.interfaces.cli.lock import holder_of
from sogdia.interfaces.cli.terminal import Failure

START_SECONDS = 60.0
STOP_SECONDS = 30.0
GRACE_SECONDS = 5.0
PAUSE_SECONDS = 0.1


class DidNotStart(Exception):
    """A process ended, or did not answer in time; the message holds the end of its log."""


class Processes:
    """Children that end when the rehearsal does, however it ends: each watches its standard input."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for _, process in reversed(self._running):
            process.terminate()
        for _, process in reversed(self._running):
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start_node(self, folder: Path) -> str:
        """Start the node of this folder at a port that the system chooses; gives its URL once it has told it."""
        process = self.start("node", "sogdia.interfaces.demo.node", [str(folder), "0"])
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.check()
            holder = holder_of(folder)
            if holder is not None and holder.pid == process.pid and holder.url:
                return holder.url
            if time.monotonic() > deadline:
                raise DidNotStart(f"the node does not say where it listens: {self._tail('node')}")
            time.sleep(PAUSE_SECONDS)

    def start(self, name: str, module: str, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start a module; its output goes to `<name>.log` in the folder."""
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self._running.append((name, process))
        return process

    def check(self) -> None:
        """DidNotStart when a child has ended."""
        for name, process in self._running:
            if process.poll() is not None:
                raise DidNotStart(f"{name} ended with status {process.returncode}: {self._tail(name)}")

    def wait_for(self, connection: Connection) -> None:
        """Return when the node answers."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.check()
            try:
                connection.status()
                return
            except Exception as silent:
                if time.monotonic() > deadline:
                    raise DidNotStart(f"the node does not answer ({silent}): {self._tail('node')}") from None
                time.sleep(PAUSE_SECONDS)

    def _tail(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")[-2000:]


def until_free(folder: Path, tell: Callable[[int, int], None]) -> None:
    """Wait until the process of an earlier run has let go of its folder; Failure when it does not in good time.

    `tell` is given its process number and the seconds waited.
    """
    began = time.monotonic()
    while (holder := holder_of(folder)) is not None:
        waited = time.monotonic() - began
        if waited > STOP_SECONDS + GRACE_SECONDS:
            raise Failure("folder_taken", folder=folder, pid=holder.pid or "?", url=holder.url or "-")
        tell(holder.pid, int(waited))
        time.sleep(PAUSE_SECONDS)
