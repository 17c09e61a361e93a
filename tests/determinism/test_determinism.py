"""The same journal gives the same seals in any process: whatever its hash seed, its language, its clock's zone."""

import json
import locale
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.determinism import replay
from tests.golden import make
from tests.simulation import world

LOCALES = ("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "zh_CN.UTF-8")


def environments() -> Iterator[dict[str, str]]:
    """Each setting on its own beside the ordinary ones, and all of the strangest together."""
    for seed in ("0", "1", "424242"):
        yield {"PYTHONHASHSEED": seed}
    for name in filter(_is_installed, LOCALES):
        yield {"LC_ALL": name, "LANG": name}
    for zone in ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu"):
        yield {"TZ": zone}
    yield {"PYTHONHASHSEED": "99", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONDEVMODE": "1"}


def _is_installed(name: str) -> bool:
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        return False
    else:
        return True
    finally:
        locale.setlocale(locale.LC_ALL, before)


def process(*options: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *options, replay.__file__, str(make.FILE), world.NETWORK]
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG", "TZ"))}
    return subprocess.run(command, env={**ours, **environment}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def golden_seals() -> str:
    lines = make.FILE.read_text(encoding="ascii").splitlines()
    return "".join(" ".join(map(str, json.loads(line)["seal"])) + "\n" for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment", tuple(environments()), ids=lambda settings: " ".join(map("=".join, settings.items()))
)
def test_the_seals_are_the_same_under(environment: dict[str, str], golden_seals: str) -> None:
    done = process(**environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == golden_seals


@pytest.mark.parametrize(("options", "environment"), [(["-O"], {}), (["-OO"], {}), ([], {"PYTHONOPTIMIZE": "1"})])
def test_without_assertions_no_machine_starts(options: list[str], environment: dict[str, str]) -> None:
    done = process(*options, **environment)
    assert done.returncode != 0
    assert "start without python -O" in done.stderr
    assert done.stdout == ""


def test_the_process_that_replays_is_on_its_own() -> None:
    source = Path(replay.__file__).read_text(encoding="utf-8")
    assert "tests" not in source, "it imports nothing of the tests, so that only the product decides"
