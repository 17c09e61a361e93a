"""Every `sogdia` command in the README runs as it stands, on small files."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, lay_samples, run

README = ROOT / "README.md"
MORE, OWN_FILES = blocks(README, "sh")

pytestmark = pytest.mark.slow


def for_a_while(line: str) -> str:
    """A command that runs until Ctrl-C, up to the moment when it serves; on a port that is free on this machine."""
    serving = re.sub(r"--port \d+", "--port 0", line)
    return (
        f"{serving} > up.log 2>&1 & until grep -q http://127.0.0.1: up.log; do kill -0 $!; sleep 0.1; done; "
        "kill $!; wait $!"
    )


def script(block: str) -> str:
    return "\n".join(for_a_while(line) if line.startswith("sogdia up ") else line for line in block.splitlines())


def test_more_commands_work_on_what_make_demo_has_left(tmp_path: Path) -> None:
    assert "sogdia up " in MORE
    said = run(f"sogdia demo --limit 12\n{script(MORE)}", tmp_path)
    assert said.count("every seal is the same") == 2
    assert "FAIL" not in said
    assert (tmp_path / "trade.json").stat().st_size > 1000


@pytest.mark.parametrize("command", OWN_FILES.splitlines())
def test_the_rehearsal_runs_with_a_file_of_the_sellers(command: str, tmp_path: Path) -> None:
    assert command.startswith("sogdia demo --orders ")
    lay_samples(tmp_path)
    said = run(command, tmp_path)
    assert "FAIL" not in said
    assert len(list(tmp_path.glob("*/evidence.json"))) == 1
