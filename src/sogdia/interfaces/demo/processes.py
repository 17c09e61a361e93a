"""The node and the authority as processes of their own, started and ended with the rehearsal."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from sogdia.client.connection import Connection

START_SECONDS = 60.0
STOP_SECONDS = 30.0


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

    def start(self, name: str, module: str, arguments: Sequence[str]) -> None:
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
                time.sleep(0.1)

    def _tail(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")[-2000:]


def free_port() -> int:
    """A port on the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_parent() -> None:
    """In a child: end this process when the parent's end of standard input closes."""
    from threading import Thread

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), 15)

    Thread(target=watch, name="parent watch", daemon=True).start()
