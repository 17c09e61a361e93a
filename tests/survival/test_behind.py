"""What one organisation has on its disk is lost, old, or newer than the rest: it catches up, or says what is wrong."""

import shutil
from pathlib import Path

import pytest

from sogdia.interfaces.network.child import Patience
from tests.interfaces.network.networks import eventually
from tests.survival.network import LiveNetwork

pytestmark = pytest.mark.slow
SOON_GIVEN_UP = Patience(first_pause_seconds=0.1, longest_pause_seconds=0.2, steady_seconds=10, ends=2)


def test_what_a_node_has_lost_it_gets_from_its_journal_or_from_cometbft(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        with live.traffic("yiwu", "hangzhou", "lyon") as traffic:
            for lost in (("state",), ("state", "journal")):
                traffic.flows()
                live.stop("genoa")
                for part in lost:
                    shutil.rmtree(live.homes["genoa"].folder / part)
                live.start("genoa")
                live.goes_on("genoa")
        live.check()


def test_a_node_with_an_old_copy_of_its_folder_catches_up(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        folder = live.homes["genoa"].folder
        with live.traffic("yiwu", "hangzhou", "lyon") as traffic:
            traffic.flows()
            live.stop("genoa")
            keep(folder, tmp_path / "copy", "state", "journal")
            live.start("genoa")
            live.goes_on("genoa", blocks=2)
            live.stop("genoa")
            put(tmp_path / "copy", folder, "state", "journal")
            live.start("genoa")
            live.goes_on("genoa")
        live.check()


def test_a_node_ahead_of_its_cometbft_or_of_its_journal_does_not_run_and_says_why(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path, patience=SOON_GIVEN_UP) as live:
        home = live.homes["genoa"]
        with live.traffic("yiwu", "hangzhou", "lyon") as traffic:
            traffic.flows()
            live.stop("genoa")
            keep(home.folder, tmp_path / "old", "journal", "cometbft/data")
            live.start("genoa")
            live.goes_on("genoa", blocks=2)
            live.stop("genoa")
            keep(home.folder, tmp_path / "new", "journal", "cometbft/data")
            put(tmp_path / "old", home.folder, "cometbft/data")
            assert "CometBFT's data are older than the node's state" in given_up(live)
            put(tmp_path / "new", home.folder, "cometbft/data")
            put(tmp_path / "old", home.folder, "journal")
            assert "the store stands at height" in given_up(live)
            put(tmp_path / "new", home.folder, "journal")
            live.start("genoa")
            live.goes_on("genoa")
        live.check()


def given_up(live: LiveNetwork) -> str:
    """Start an organisation that cannot run; gives the words with which it is given up."""
    live.start("genoa")
    eventually(lambda: bool(live.problem("genoa")), "genoa is given up")
    return live.problem("genoa")


def keep(folder: Path, copy: Path, *parts: str) -> None:
    """Copy parts of an organisation's folder."""
    for part in parts:
        shutil.copytree(folder / part, copy / part)


def put(copy: Path, folder: Path, *parts: str) -> None:
    """Put copies in the place of what stands there."""
    for part in parts:
        signed = folder / "cometbft" / "data" / "priv_validator_state.json"  # put back, it would let it sign twice
        last = signed.read_bytes()
        shutil.rmtree(folder / part)
        shutil.copytree(copy / part, folder / part)
        signed.write_bytes(last)
