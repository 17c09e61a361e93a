"""`sogdia trace capture` killed in the middle of a file and run again: nothing is there twice, nothing is missing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from sogdia.interfaces.epcis.packing import PAYLOAD_BYTES
from tests.interfaces.cli.conftest import ENVIRONMENT, Running, Terminal, did, node, sogdia, start, template
from tests.interfaces.epcis.repository import GTIN, document, event
from tests.interfaces.epcis.test_survival import events_on_record

__all__ = ["node", "sogdia", "start", "template"]
MANY = 2_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "how, again, is_named",
    [
        (["--repair", "--proceed"], ["--repair", "--proceed"], False),
        ([], [], False),
        ([], ["--repair"], True),  # what the job that was left open holds stands in nobody's way
    ],
)
def test_killed_in_the_middle_and_run_again_nothing_is_there_twice_and_nothing_is_missing(
    sogdia: Terminal, node: Path, start: Any, tmp_path: Path, how: list[str], again: list[str], is_named: bool
) -> None:
    file = tmp_path / "many.json"
    things = [[f"{GTIN}/21/K{number}-{thing}" for thing in range(60)] for number in range(MANY)]
    events = [event(action="add" if "--repair" in how else "ADD", epcList=some) for some in things]
    names = [{"eventID": f"urn:x:{number}"} if is_named else {} for number in range(MANY)]
    file.write_bytes(document(*[one | name for one, name in zip(events, names, strict=True)]))
    assert file.stat().st_size > 12 * PAYLOAD_BYTES  # more than are sent at once
    running: Running = start(node)
    words = ["trace", "capture", str(file), "--as", "seller", "--to", str(node)]
    kill_in_the_middle([*words, *how], running)
    assert not file.with_name(file.name + ".repairs.json").exists()
    said = sogdia(*words, *again)
    assert said.status == 0, said.out + said.err
    [line] = [line for line in said.out.splitlines() if "captured," in line]
    counts = [int(word) for word in line.replace(":", " ").split() if word.isdigit()]
    assert sum(counts[:2]) == MANY
    assert "--proceed" in how or counts[1] in (0, MANY)  # all of the file stood there, or nothing
    running.end(signal.SIGTERM)
    assert events_on_record(node, did(node, "seller")) == MANY


def kill_in_the_middle(words: list[str], running: Running) -> None:
    """Run the command and kill it as soon as the first block has something of it."""
    height = height_of(running)
    killed = subprocess.Popen(
        [sys.executable, "-m", "sogdia.interfaces.cli", *words],
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while height_of(running) == height and killed.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    killed.kill()
    assert killed.wait(10) == -signal.SIGKILL, "it was over before it could be killed"


def height_of(running: Running) -> int:
    """The last block of a node."""
    return int(httpx.get(f"{running.url}/status", trust_env=False).json()["height"])
