"""Killed at any moment and started again, the rehearsal ends where an undisturbed one ends."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sogdia.interfaces.cli.lock import holder_of
from tests.interfaces.demo.conftest import Running, demo, report_in

pytestmark = pytest.mark.slow

MOVES = [
    *"transactions transactions_per_second orders_per_second seconds unchanged log_size height state_root".split(),
    "goods_ms",
]
"""What may differ: time, what a run cut off had done already, and roots, which bind chance and time."""
ORDERS = ("--limit", 40)


def where_it_ended(folder: Path) -> dict[str, Any]:
    """The report without what may differ, and the refused parts by what they are."""
    report = {name: value for name, value in report_in(folder).items() if name not in MOVES}
    assert report.pop("verified")["exit_status"] == 0
    report.pop("evidence")
    refused = report.pop("refused_parts")
    return {**report, "refused_parts": sorted((part["order"], part["part"], part["code"]) for part in refused)}


def has_begun(folder: Path) -> bool:
    return (folder / "node.lock").exists()


def is_founded(folder: Path) -> bool:
    return (folder / "node" / "network.json").exists()


def answers(folder: Path) -> bool:
    holder = holder_of(folder / "node") if is_founded(folder) else None
    return holder is not None and bool(holder.url)


MOMENTS: list[tuple[Callable[[Path], bool], float]] = [
    (has_begun, 0.0),
    (is_founded, 0.0),
    (is_founded, 0.4),
    (answers, 0.05),
    (answers, 0.35),
    (answers, 0.8),
    (answers, 1.4),
]
"""When the blow falls: so many seconds after this has come about."""


@pytest.mark.parametrize("direction", ["export", "import"])
def test_killed_again_and_again_it_goes_on_and_ends_in_the_same_place(
    stage: Callable[[str], Path], start: Callable[..., Running], direction: str
) -> None:
    words = ("--direction", direction, *ORDERS)
    quiet, struck = stage("quiet"), stage("struck")
    assert demo(quiet, *words).status == 0
    blows = 0
    for happened, seconds in MOMENTS:
        running = start(struck, *words)
        if running.waits_for(lambda happened=happened: happened(struck)):  # type: ignore[misc]
            time.sleep(seconds)
            blows += running.process.poll() is None
        running.end()
    assert blows >= 6
    last = demo(struck, *words)
    assert last.status == 0, last.err
    assert where_it_ended(struck) == where_it_ended(quiet)


def test_children_end_when_the_command_alone_is_killed_and_a_restart_waits_for_them(
    stage: Callable[[str], Path], start: Callable[..., Running]
) -> None:
    folder = stage("orphans")
    words = ("--direction", "export", "--limit", 10)
    running = start(folder, *words)
    assert running.waits_for(lambda: answers(folder))
    running.kill_alone()
    at_once = demo(folder, *words)
    assert at_once.status == 0, at_once.err
    assert report_in(folder)["verified"]["exit_status"] == 0
    assert running.group() == []


def test_a_lock_file_that_nobody_holds_is_no_hindrance(stage: Callable[[str], Path]) -> None:
    folder = stage("leftover")
    (folder / "node").mkdir()
    for place in (folder, folder / "node", folder / "customs"):
        (place / "node.lock").write_text('{"pid": 1, "url": "http://127.0.0.1:1"}')
    assert demo(folder, "--direction", "export", "--limit", 5).status == 0


def test_two_at_once_in_one_folder_end_the_second_with_one_sentence(
    stage: Callable[[str], Path], start: Callable[..., Running]
) -> None:
    folder = stage("shared")
    running = start(folder, "--limit", 400)
    assert running.waits_for(lambda: answers(folder))
    second = demo(folder, "--limit", 5)
    assert second.status == 2
    assert str(running.process.pid) in second.err
    assert len(second.err.strip().splitlines()) == 1
    running.process.send_signal(signal.SIGTERM)
