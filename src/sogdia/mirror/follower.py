"""Follows a ledger block by block, in a thread: a cursor of its own, patience with the database, no block skipped."""

import logging
from collections.abc import Callable, Iterable, Mapping
from threading import Condition, Event, Thread
from typing import Any, Final, Protocol

import msgspec
from msgspec.structs import replace

from sogdia.core.state import Table
from sogdia.mirror.errors import FeedClosed
from sogdia.mirror.schema import Schema
from sogdia.mirror.writer import Writer

_log = logging.getLogger(__name__)
Tables = Iterable[Table[Any]] | Mapping[str, Table[Any]] | Schema

WAIT_SECONDS: Final = 0.5
"""How long one wait for a block lasts; a stop is noticed after at most that."""
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 10.0
"""After an error the next attempt waits, twice as long each time, up to this."""
BATCH_BYTES: Final = 8 * 1024 * 1024
"""About how many bytes of outcomes are written in one SQL transaction."""
BATCH_BLOCKS: Final = 500
_FIRST_BATCH_BLOCKS: Final = 16
_IDLE_PAUSE_SECONDS: Final = 0.02


class Feed(Protocol):
    """Where outcomes come from; every engine is one."""

    def outcomes(self, after_height: int, limit: int, /) -> list[bytes]:
        """Outcomes of the blocks above a height, in order, at most so many."""
        ...

    def wait(self, after_height: int, timeout_seconds: float, /) -> None:
        """Return when there is a block above this height, or when the time is up."""
        ...


class Status(msgspec.Struct, frozen=True, tag="status"):
    """How a follower does.

    `height` is the last block in the mirror, `lag` how many blocks the ledger is ahead (None: nobody said where the
    ledger is), `caught_up` whether there was nothing more when last asked. `error` says why it cannot go on at the
    moment, `rebuilt` why it started again at height 0, `restarts` how often its process had to be started again.
    """

    height: int = 0
    lag: int | None = None
    caught_up: bool = False
    error: str = ""
    rebuilt: str = ""
    restarts: int = 0


class Following:
    """The work itself, in whatever thread calls `run`; `told` hears each change of status."""

    def __init__(self, url: str, tables: Tables, feed: Feed, told: Callable[[Status], None]) -> None:
        self.schema = tables if isinstance(tables, Schema) else Schema(tables)
        self.status = Status()
        self.stopping = Event()
        self.rebuild_wanted = Event()
        self._url = url
        self._feed = feed
        self._told = told
        self._writer: Writer | None = None
        self._limit = _FIRST_BATCH_BLOCKS
        self._idle = False

    def run(self) -> None:
        """Follow until `stopping` is set or the feed closes; errors are told and tried again from the last height."""
        pause = FIRST_PAUSE_SECONDS
        while not self.stopping.is_set():
            try:
                self._turn()
                pause = FIRST_PAUSE_SECONDS
            except FeedClosed:
                break
            except Exception as error:
                self._let_go()
                self._say_error(error)
                self.stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        self._let_go()

    def _turn(self) -> None:
        writer = self._open()
        if self.rebuild_wanted.is_set():
            writer.rebuild("asked for")
            self._tell(height=0, rebuilt=writer.rebuilt, caught_up=False)
            self.rebuild_wanted.clear()
        height = writer.place.height
        found = self._feed.outcomes(height, self._limit)
        if found:
            self._tell(height=writer.apply(found).height, caught_up=False, error="")
            self._limit = max(1, min(BATCH_BLOCKS, BATCH_BYTES * len(found) // (1 + sum(map(len, found)))))
            self._idle = False
        else:
            self._tell(height=height, caught_up=True, error="")
            self._await(height)

    def _await(self, height: int) -> None:
        if self._idle:  # a feed that is closing returns from `wait` at once, again and again
            self.stopping.wait(_IDLE_PAUSE_SECONDS)
        self._idle = True
        self._feed.wait(height, WAIT_SECONDS)

    def _open(self) -> Writer:
        if self._writer is None:
            self._writer = Writer(self._url, self.schema)
            height, rebuilt = self._writer.place.height, self._writer.rebuilt
            self._tell(height=height, rebuilt=rebuilt or self.status.rebuilt, error="")
        return self._writer

    def _let_go(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.close()
            except Exception as error:  # the connection is lost already
                _log.debug("closing the mirror's connection: %s", error)

    def _say_error(self, error: Exception) -> None:
        said = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else 'no message'}"
        if said != self.status.error:
            _log.error("the mirror stands at height %d: %s", self.status.height, said, exc_info=error)
        self._tell(error=said, caught_up=False)

    def _tell(self, **changed: Any) -> None:
        status = replace(self.status, **changed)
        if status != self.status or status.error:
            self.status = status
            self._told(status)


class Follower:
    """Keeps a mirror up to date in a thread of this process.

    `tip` gives the height of the ledger, so that the status can tell the lag.
    """

    def __init__(self, url: str, tables: Tables, feed: Feed, *, tip: Callable[[], int] | None = None) -> None:
        self._following = Following(url, tables, feed, self._hear)
        self._tip = tip
        self._changed = Condition()
        self._thread = Thread(target=self._following.run, name="mirror", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the block at hand, then stop."""
        self._following.stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def rebuild(self) -> None:
        """Drop the tables and follow from height 0; returns at once."""
        self._following.rebuild_wanted.set()

    def status(self) -> Status:
        """How it does now."""
        return with_lag(self._following.status, self._tip)

    def wait_for(self, height: int, timeout_seconds: float) -> bool:
        """Whether the mirror holds this block (after a rebuild that was asked for) before the time is up."""
        following = self._following
        with self._changed:
            return self._changed.wait_for(
                lambda: not following.rebuild_wanted.is_set() and following.status.height >= height, timeout_seconds
            )

    def _hear(self, _: Status) -> None:
        with self._changed:
            self._changed.notify_all()


def with_lag(status: Status, tip: Callable[[], int] | None) -> Status:
    """The status with the distance to the ledger's tip."""
    return status if tip is None else replace(status, lag=max(0, tip() - status.height))
