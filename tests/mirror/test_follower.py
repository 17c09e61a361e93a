"""Followers, in a thread and in a process: nothing lost, nothing doubled, whatever happens in between."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sql

from sogdia.mirror.follower import Follower, Status
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.process import FollowerProcess
from sogdia.mirror.writer import Writer
from tests.mirror.conftest import contents
from tests.mirror.ledger import TABLES, Ledger, trade
from tests.postgres_server import PostgresServer

PATIENCE = 60.0
BLOCKS = 100
NAMED = "tests.mirror.ledger:TABLES"

Anyone = Follower | FollowerProcess
Made = Callable[[str, Any], Anyone]


@pytest.fixture(params=["thread", "process"])
def follow(request: pytest.FixtureRequest) -> Iterator[Made]:
    """Starts a follower of either kind, and stops it in the end."""
    made: list[Anyone] = []

    def start(url: str, feed: Any) -> Anyone:
        kind = request.param
        follower = (
            Follower(url, TABLES, feed, tip=lambda: feed.height)
            if kind == "thread"
            else FollowerProcess(url, NAMED, feed, tip=lambda: feed.height)
        )
        made.append(follower)
        follower.start()
        return follower

    yield start
    for follower in made:
        follower.stop()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def expected(new_url: Callable[[], str], ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    """What stands in a mirror that was written in one piece."""
    url = new_url()
    writer = Writer(url, TABLES)
    writer.apply(ledger.blocks)
    writer.close()
    return contents(url)


def until(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def kill(pid: int | None) -> bool:
    """Whether there was a process to kill, and without a word of warning."""
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
    return pid is not None


class Trading(Thread):
    """Blocks keep arriving until it is enough."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger
        self._enough = Event()

    def run(self) -> None:
        while not self._enough.is_set():
            trade(self.ledger, 3 * self.ledger.height + 1, 3)
            time.sleep(0.005)

    def end(self) -> int:
        """Say that it is enough; the height reached."""
        self._enough.set()
        self.join()
        return self.ledger.height


def test_it_follows_to_the_tip_and_says_so(follow: Made, new_url: Callable[[], str], ledger: Ledger) -> None:
    for number in range(20):
        trade(ledger, number + 1)
    url = new_url()
    follower = follow(url, ledger)
    assert follower.wait_for(20, PATIENCE)
    trade(ledger, 21)
    assert follower.wait_for(21, PATIENCE)
    assert until(lambda: follower.status().caught_up)
    assert follower.status() == Status(height=21, lag=0, caught_up=True)
    assert contents(url) == expected(new_url, ledger)


def test_a_rebuild_while_blocks_keep_arriving_ends_equal(
    follow: Made, new_url: Callable[[], str], ledger: Ledger
) -> None:
    url = new_url()
    follower = follow(url, ledger)
    trading = Trading(ledger)
    trading.start()
    for height in (BLOCKS // 2, BLOCKS):
        assert follower.wait_for(height, PATIENCE)
        follower.rebuild()
    assert follower.wait_for(trading.end(), PATIENCE)
    assert follower.status().rebuilt == "asked for"
    assert contents(url) == expected(new_url, ledger)


@pytest.mark.slow
def test_a_follower_that_is_killed_again_and_again_loses_and_doubles_nothing(
    new_url: Callable[[], str], ledger: Ledger
) -> None:
    url = new_url()
    follower = FollowerProcess(url, NAMED, ledger)
    follower.start()
    trading = Trading(ledger)
    trading.start()
    for killed in range(3):
        assert follower.wait_for(follower.status().height + 10, PATIENCE)
        assert until(lambda: kill(follower.pid))
        assert until(lambda expected=killed + 1: follower.status().restarts == expected)
    assert follower.wait_for(trading.end(), PATIENCE)
    assert until(lambda: not follower.status().error)
    follower.stop()
    assert contents(url) == expected(new_url, ledger)


def test_a_stopped_process_is_gone(url: str, ledger: Ledger) -> None:
    trade(ledger, 1)
    follower = FollowerProcess(url, NAMED, ledger)
    follower.start()
    assert follower.wait_for(1, PATIENCE)
    pid = follower.pid
    assert pid is not None
    follower.stop()
    assert follower.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


_NODE = """
import sys
from sogdia.mirror.process import FollowerProcess
from tests.mirror.ledger import Ledger, trade
ledger = Ledger()
trade(ledger, 1)
follower = FollowerProcess(sys.argv[1], "tests.mirror.ledger:TABLES", ledger)
follower.start()
follower.wait_for(1, 60)
print(follower.pid, flush=True)
sys.stdin.read()
"""


def test_the_process_ends_when_its_node_is_killed(sqlite_url: Callable[[], str]) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", _NODE, sqlite_url()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as node:
        assert node.stdout is not None
        child = int(node.stdout.readline())
        assert _is_running(child)
        node.kill()
    assert until(lambda: not _is_running(child))


def test_a_feed_that_fails_is_shown_and_asked_again(follow: Made, url: str, ledger: Ledger) -> None:
    trade(ledger, 1)
    feed = Moody(ledger)
    follower = follow(url, feed)
    assert until(lambda: "the disk is tired" in follower.status().error)
    feed.tired = False
    assert follower.wait_for(1, PATIENCE)
    assert until(lambda: not follower.status().error)


def test_a_missing_block_is_shown_and_never_skipped(follow: Made, url: str, ledger: Ledger) -> None:
    for number in range(3):
        trade(ledger, number + 1)
    kept = ledger.blocks[1]
    ledger.blocks[1] = ledger.blocks[2]
    follower = follow(url, ledger)
    assert until(lambda: "expected block 2, the feed gave 3" in follower.status().error)
    assert follower.status().height == 0
    ledger.blocks[1] = kept
    assert follower.wait_for(3, PATIENCE)


def test_a_sqlite_file_that_cannot_be_made_is_tried_until_it_can(follow: Made, tmp_path: Path, ledger: Ledger) -> None:
    trade(ledger, 1)
    follower = follow(str(tmp_path / "not yet" / "mirror.db"), ledger)
    assert until(lambda: "unable to open database file" in follower.status().error)
    (tmp_path / "not yet").mkdir()
    assert follower.wait_for(1, PATIENCE)


@pytest.mark.postgres
@pytest.mark.slow
def test_a_server_that_loses_its_power_is_waited_for(
    follow: Made, own_postgres: PostgresServer, sqlite_url: Callable[[], str], ledger: Ledger
) -> None:
    url = own_postgres.new_database()
    follower = follow(url, ledger)
    trade(ledger, 1)
    assert follower.wait_for(1, PATIENCE)
    own_postgres.stop("immediate")
    for number in range(2, 30):
        trade(ledger, number)
    assert until(lambda: bool(follower.status().error))
    own_postgres.start()
    assert follower.wait_for(29, PATIENCE)
    assert contents(url) == expected(sqlite_url, ledger)


def test_readers_see_whole_blocks_while_it_writes(follow: Made, url: str, ledger: Ledger) -> None:
    follower = follow(url, ledger)
    assert until(lambda: follower.status().caught_up)
    picture = SqlPicture(url, TABLES)
    trading = Trading(ledger)
    trading.start()
    counted = set()
    while not follower.wait_for(BLOCKS, 0):
        counted.add(picture.rows(_count(picture))[0]["transactions"] % 3)
    height = trading.end()
    assert follower.wait_for(height, PATIENCE)
    assert counted == {0}
    assert picture.rows(_count(picture)) == [{"transactions": 3 * height}]
    picture.close()


class Moody:
    """A feed that fails until it is spoken to."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.tired = True
        self.height = ledger.height

    def outcomes(self, after_height: int, limit: int, /) -> list[bytes]:
        if self.tired:
            raise OSError("the disk is tired")
        return self.ledger.outcomes(after_height, limit)

    def wait(self, after_height: int, timeout_seconds: float, /) -> None:
        self.ledger.wait(after_height, timeout_seconds)


def _count(picture: SqlPicture) -> Any:
    return sql.select(sql.func.count().label("transactions")).select_from(picture.transactions)


def _is_running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
