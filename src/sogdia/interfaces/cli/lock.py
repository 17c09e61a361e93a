"""One process at a time works on a node's folder: a lock that the system drops when its holder dies.

The lock file says who holds it and at which address it answers, so that other commands go there instead of failing.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sogdia.interfaces.cli.terminal import Failure

LOCK_NAME = "node.lock"
PATIENCE_SECONDS = 0.5
"""A probe holds the lock for an instant; a start waits that long before it says that the folder is taken."""


class Holder(NamedTuple):
    """Who works on a folder: process number, and the URL it answers at once it does."""

    pid: int
    url: str


@contextmanager
def held(folder: Path) -> Iterator[Callable[[str], None]]:
    """Hold the folder; call what is given with the URL at which this process answers. Failure when it is taken."""
    with (folder / LOCK_NAME).open("a+", encoding="utf-8") as file:
        if not _try_lock(file.fileno()):
            holder = _read(folder)
            raise Failure("folder_taken", folder=folder, pid=holder.pid or "?", url=holder.url or "-")
        _write(file.fileno(), "")
        try:
            yield lambda url: _write(file.fileno(), url)
        finally:
            os.ftruncate(file.fileno(), 0)


def holder_of(folder: Path) -> Holder | None:
    """Who works on the folder now, or None."""
    try:
        file = (folder / LOCK_NAME).open("rb")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(folder)
        return None


def _try_lock(handle: int) -> bool:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > give_up:
                return False
            time.sleep(0.02)


def _write(handle: int, url: str) -> None:
    raw = json.dumps({"pid": os.getpid(), "url": url}).encode()
    os.ftruncate(handle, 0)
    os.pwrite(handle, raw, 0)


def _read(folder: Path) -> Holder:
    try:
        found = json.loads((folder / LOCK_NAME).read_bytes())
        return Holder(int(found["pid"]), str(found["url"]))
    except (ValueError, KeyError, TypeError, OSError):
        return Holder(0, "")
