"""Which CometBFT is taken, and what is said when there is none that will do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sogdia.interfaces.network import program
from sogdia.interfaces.network.errors import CometbftMissing
from sogdia.interfaces.network.program import Cometbft

SETUP = Path(__file__).parents[3] / "tools" / "setup_network.sh"


def script(folder: Path, version: str) -> Path:
    """A program called cometbft that tells this version."""
    folder.mkdir(exist_ok=True)
    path = folder / "cometbft"
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def _nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(program.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(program, "__file__", str(tmp_path / "a/b/c/d/e/program.py"))


def test_the_real_one_tells_its_version(binary: Cometbft) -> None:
    assert program.find(binary.path).version == binary.version
    assert binary.version.startswith("0.38.")


def test_it_is_looked_for_where_it_is_named_then_on_the_path_then_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home/.local/share/sogdia").mkdir(parents=True)
    script(tmp_path / "home/.local/share/sogdia/bin", "0.38.1")
    assert program.find().version == "0.38.1"
    script(tmp_path / "bin", "0.38.2")
    assert program.find().version == "0.38.2"
    monkeypatch.setenv(program.VARIABLE, str(script(tmp_path / "named", "0.38.3")))
    assert program.find().version == "0.38.3"
    assert program.find(str(script(tmp_path / "given", "0.38.4"))).version == "0.38.4"


def test_a_working_tree_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "a/tools").mkdir(parents=True)
    (tmp_path / "a/tools/setup_network.sh").touch()
    (tmp_path / "a/.cache").mkdir()
    own = script(tmp_path / "a/.cache/bin", "0.38.25")
    assert program.find().path == str(own)


def test_without_one_it_is_said_what_to_do() -> None:
    with pytest.raises(CometbftMissing, match=r"make network-setup.*SOGDIA_COMETBFT"):
        program.find()


def test_a_named_one_that_is_not_there_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "bin", "0.38.2")
    monkeypatch.setenv(program.VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(CometbftMissing, match="gone is no program"):
        program.find()


@pytest.mark.parametrize("version", ["1.0.1", "0.37.18", "v2.0.0-rc1", "hello", ""])
def test_a_line_that_speaks_another_wire_is_refused(tmp_path: Path, version: str) -> None:
    with pytest.raises(CometbftMissing, match=r"expected is 0\.38"):
        program.find(str(script(tmp_path / "bin", version)))


@pytest.mark.parametrize("version", ["0.39.4", "v0.40.0"])
def test_a_newer_line_of_the_same_wire_runs_with_a_warning(tmp_path: Path, version: str) -> None:
    assert version in program.find(str(script(tmp_path / "bin", version))).warning


def test_setting_up_without_go_says_what_is_missing(tmp_path: Path) -> None:
    tree = tmp_path / "tree" / "tools"
    tree.mkdir(parents=True)
    copy = tree / SETUP.name
    copy.write_bytes(SETUP.read_bytes())
    tools = tmp_path / "few"
    tools.mkdir()
    dirname = shutil.which("dirname", path=os.defpath)
    assert dirname
    (tools / "dirname").symlink_to(dirname)
    tried = subprocess.run(["/bin/sh", str(copy)], env={"PATH": str(tools)}, capture_output=True, text=True)
    assert tried.returncode == 1
    assert "go not found" in tried.stderr
    (tree.parent / ".cache").mkdir()
    script(tree.parent / ".cache" / "bin", "0.38.25")
    there = subprocess.run(["/bin/sh", str(copy)], env={"PATH": str(tools)}, capture_output=True, text=True)
    assert (there.returncode, there.stderr) == (0, "")
