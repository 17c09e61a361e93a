"""A CometBFT whose clock is wrong by CLOCK_SHIFT (such as 10m): built once from its own source, as Go's cache has it.

A copy of the source is changed and built where nothing is kept of it but the program.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import pytest

from sogdia.interfaces.network import program
from tests.cometbft_binary import cometbft

_CACHE: Final = Path(__file__).resolve().parents[2] / ".cache" / "bin"
_BUILD_SECONDS: Final = 900
_CLOCK: Final = Path("types", "time", "time.go")
_SHIFT: Final = """
var shift, _ = time.ParseDuration(os.Getenv("CLOCK_SHIFT"))
"""


def shifted_cometbft() -> str:
    """The path of the program; the test is skipped, with the reason, where it cannot be built."""
    version = program.checked(cometbft()).version.removeprefix("v")
    target = _CACHE / f"cometbft-{version}-shifted"
    if not target.exists():
        _build(_source(version), target)
    return str(target)


def _source(version: str) -> Path:
    if shutil.which("go") is None:
        pytest.skip("no Go: a CometBFT with a wrong clock cannot be built")
    told = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True)
    source = Path(told.stdout.strip(), "github.com", "cometbft", f"cometbft@v{version}")
    if not source.is_dir():
        pytest.skip(f"Go's module cache holds no source of CometBFT {version}; make network-setup puts it there")
    return source


def _build(source: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        copy = Path(scratch) / "cometbft"
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("*_test.go", "docs", "spec", ".git*"))
        for path in (copy / _CLOCK, (copy / _CLOCK).parent):
            path.chmod(0o755)  # the cache is read-only
        text = (copy / _CLOCK).read_text()
        assert text.count("time.Now()") == 1, "the clock is read in one place"
        changed = text.replace("time.Now()", "time.Now().Add(shift)").replace("import (", 'import (\n\t"os"', 1)
        (copy / _CLOCK).write_text(changed + _SHIFT)
        built = Path(scratch) / "built"
        subprocess.run(
            ["go", "build", "-o", str(built), "./cmd/cometbft"],
            cwd=copy,
            env=os.environ | {"CGO_ENABLED": "0"},
            check=True,
            timeout=_BUILD_SECONDS,
        )
        built.replace(target)
        _make_writable(copy)


def _make_writable(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
