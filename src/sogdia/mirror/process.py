"""The follower in a child process, so that writing SQL does not take the interpreter's lock from the engine.

The node starts `python -m sogdia.mirror.process` and serves it outcomes over a pipe. A child that dies is started
again, and goes on at the height that the database holds; a child whose node is gone ends by itself.
"""

import gc
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Event, Thread
from typing import Any, Final

from msgspec.structs import replace

from sogdia.mirror.errors import FeedClosed
from sogdia.mirror.follower import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Feed, Following, Status, with_lag
from sogdia.mirror.pipe import SAID, SETUP, Answer, Ask, Channel, PipeFeed, Setup, answer

STOP_SECONDS: Final = 10.0
"""How long a child may take to finish the block at hand before it is ended."""
_SETTLED_SECONDS: Final = 10.0
_COLLECT_EVERY: Final = 64


class FollowerProcess:
    """Keeps a mirror up to date from a child process; as `Follower` otherwise.

    `tables` names them as `module:attribute`, for the child to import, such as `sogdia.app:TABLES`.
    """

    def __init__(self, url: str, tables: str, feed: Feed, *, tip: Callable[[], int] | None = None) -> None:
        self._setup = Setup(url, tables)
        self._feed = feed
        self._tip = tip
        self._status = Status()
        self._changed = Condition()
        self._stopping = Event()
        self._rebuild_wanted = False
        self._rebuild_sent = False
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._supervise, name="mirror", daemon=True)

    @property
    def pid(self) -> int | None:
        """The child's process id, or None while there is none."""
        child = self._child
        return None if child is None else child.pid

    def start(self) -> None:
        """Start the child."""
        self._thread.start()

    def stop(self) -> None:
        """Let the child finish the block at hand and end it."""
        self._stopping.set()
        if self._thread.ident is None:
            return
        self._thread.join(STOP_SECONDS)
        child = self._child
        if child is not None and self._thread.is_alive():
            child.kill()
        self._thread.join()

    def rebuild(self) -> None:
        """Drop the tables and follow from height 0; returns at once."""
        with self._changed:
            self._rebuild_wanted, self._rebuild_sent = True, False

    def status(self) -> Status:
        """How it does now."""
        return with_lag(self._status, self._tip)

    def wait_for(self, height: int, timeout_seconds: float) -> bool:
        """Whether the mirror holds this block (after a rebuild that was asked for) before the time is up."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._rebuild_wanted and self._status.height >= height, timeout_seconds
            )

    # -- the node's side -----------------------------------------------------------------------------------------

    def _supervise(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            began = time.monotonic()
            ended = self._one_child()
            if self._stopping.is_set():
                break
            settled = time.monotonic() - began > _SETTLED_SECONDS
            pause = FIRST_PAUSE_SECONDS if settled else min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._hear(replace(self._status, error=ended, restarts=self._status.restarts + 1, caught_up=False))
            self._stopping.wait(pause)

    def _one_child(self) -> str:
        """Serve one child until it ends; says how it ended."""
        try:
            child = self._child = _spawn()
        except OSError as error:
            return f"the follower process could not be started: {error}"
        assert child.stdin is not None
        assert child.stdout is not None
        with child:
            try:
                self._serve(Channel(child.stdout, child.stdin))  # type: ignore[arg-type]
            except FeedClosed:
                pass
            except Exception as error:  # what it said was no message: nothing after it can be read
                child.kill()
                return f"the follower process said what nobody understands: {error}"
            finally:
                _hang_up(child)
                self._child = None
        return f"the follower process ended with {child.returncode}, another one is started"

    def _serve(self, channel: Channel) -> None:
        self._rebuild_sent = False
        channel.send(self._setup)
        while True:
            said = channel.receive(SAID)
            if isinstance(said, Status):
                self._hear(replace(said, restarts=self._status.restarts))
            else:
                self._settle_rebuild(said)
                channel.send(self._ordered(answer(self._feed, said)))

    def _settle_rebuild(self, ask: Ask) -> None:
        if self._rebuild_sent and ask.after_height == 0:
            with self._changed:
                self._rebuild_wanted = self._rebuild_sent = False
                self._changed.notify_all()

    def _ordered(self, made: Answer) -> Answer:
        if self._stopping.is_set():
            return Answer(order="stop")
        if self._rebuild_wanted and not self._rebuild_sent:
            self._rebuild_sent = True
            return replace(made, outcomes=[], order="rebuild")
        return made

    def _hear(self, status: Status) -> None:
        with self._changed:
            self._status = status
            self._changed.notify_all()


def _spawn() -> subprocess.Popen[bytes]:
    path = os.pathsep.join(one or os.getcwd() for one in sys.path)
    command = [sys.executable, "-P", "-m", "sogdia.mirror.process"]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )


def _hang_up(child: subprocess.Popen[bytes]) -> None:
    """Close the pipes, at which a child that still lives ends, and wait for that."""
    for pipe in (child.stdin, child.stdout):
        try:
            if pipe is not None:
                pipe.close()
        except OSError:
            pass  # what was left in the buffer had nobody to read it
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


# --- the child's side ------------------------------------------------------------------------------------------------


def load_tables(named: str) -> Any:
    """The tables that `module:attribute` names."""
    module, _, attribute = named.partition(":")
    return getattr(importlib.import_module(module), attribute)


def main() -> None:
    """Follow what the parent gives over standard input and output, until it closes them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the node ends this process when it is done
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not speak into the pipe
    channel = Channel(sys.stdin.buffer, outgoing)
    with suppress(FeedClosed):
        _Child(channel).follow()


class _Child:
    """The follower in this process: tells the node how it does, and does what the node orders."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._told = 0
        setup = channel.receive(SETUP)
        feed = PipeFeed(channel, self._obey)
        self._following = Following(setup.url, load_tables(setup.tables), feed, self._tell)

    def follow(self) -> None:
        """Follow until the node says stop or is gone."""
        gc.collect()
        gc.freeze()
        gc.disable()  # rows hold no cycles, and looking for some costs a quarter of the time; see _tell
        self._following.run()

    def _obey(self, order: str) -> None:
        if order == "stop":
            raise FeedClosed("the node stops the mirror")
        self._following.rebuild_wanted.set()

    def _tell(self, status: Status) -> None:
        self._told += 1
        if status.caught_up or self._told % _COLLECT_EVERY == 0:
            gc.collect()
        try:
            self._channel.send(status)
        except FeedClosed:
            self._following.stopping.set()


if __name__ == "__main__":
    main()
