"""What is started again, what is given up, and what ends when the supervisor does."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sogdia.app.organisation import Home, homes
from sogdia.app.sockets import PATH_BYTES, Sockets, asked, sockets_of
from sogdia.interfaces.cli.terminal import Failure
from sogdia.interfaces.network.child import Patience
from sogdia.interfaces.network.errors import KeepsEnding
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.running import RunningNetwork
from sogdia.interfaces.network.status import network_standing
from sogdia.interfaces.network.supervisor import Happening
from tests.interfaces.network.networks import eventually, lay_network, tally_node

pytestmark = pytest.mark.slow

QUICK = Patience(first_pause_seconds=0.05, ends=3)
ALONE = ("lyon",)
RUN = """
import sys
from pathlib import Path
from tests.interfaces.network.networks import tally_node
from sogdia.interfaces.network.running import up
up(Path(sys.argv[1]), tally_node, only="lyon", cometbft=sys.argv[2],
   tell=lambda it: print(it.what, it.process, it.pid, flush=True))
"""


def height(folder: Path) -> int:
    """CometBFT's height of the one organisation here, 0 when it does not answer."""
    return network_standing(folder).organisations[0].height or 0


def is_alive(pid: int) -> bool:
    """Whether a process of this number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_process_is_started_again_and_goes_on(tmp_path: Path, binary: Cometbft) -> None:
    lay_network(tmp_path, ALONE)
    told: list[Happening] = []
    with RunningNetwork(homes(tmp_path), tally_node, binary, told.append, QUICK) as network:
        lyon = network.supervisor("lyon")
        eventually(lambda: height(tmp_path) >= 1, "it runs")
        for child in (lyon.cometbft, lyon.node):
            before, seen = child.pid, len(told)
            assert before
            os.kill(before, signal.SIGKILL)
            eventually(lambda seen=seen: "ended" in [one.what for one in told[seen:]], "its end is seen")  # type: ignore[misc]
            eventually(lambda: height(tmp_path) >= 1, "it runs again")
            assert child.pid not in (None, before)
            assert child.last_status == -signal.SIGKILL
        assert [one.process for one in told if one.what == "ended"] == ["cometbft", "node"]
    assert (lyon.node.pid, lyon.cometbft.pid) == (None, None)
    assert lyon.cometbft.last_status == 0


def test_a_node_that_cannot_run_is_given_up_loudly_and_the_others_go_on(tmp_path: Path, binary: Cometbft) -> None:
    def command(home: Home, sockets: Sockets) -> Sequence[str]:
        if home.folder.name == "genoa":
            return [sys.executable, "-c", "raise SystemExit('genoa: the rules of height 7 are not known')"]
        return tally_node(home, sockets)

    lay_network(tmp_path)
    told: list[Happening] = []
    with RunningNetwork(homes(tmp_path), command, binary, told.append, QUICK) as network:
        eventually(lambda: "genoa" in network.problems, "genoa is given up")
        eventually(lambda: network_standing(tmp_path).agree is True, "the others agree")
        assert sorted(network.alive()) == ["hangzhou", "lyon", "yiwu"]
        assert isinstance(network.problems["genoa"], KeepsEnding)
        assert "the rules of height 7 are not known" in str(network.problems["genoa"])
    given_up = [one for one in told if one.what == "given_up"]
    assert [one.organisation for one in given_up] == ["genoa"]
    assert not [one for one in told if one.organisation == "genoa" and one.process == "cometbft"]


def test_one_that_comes_to_another_state_is_given_up_and_the_others_go_on(tmp_path: Path, binary: Cometbft) -> None:
    def command(home: Home, sockets: Sockets) -> Sequence[str]:
        return [*tally_node(home, sockets), *(["other rules"] if home.folder.name == "genoa" else [])]

    lay_network(tmp_path)
    with RunningNetwork(homes(tmp_path), command, binary, patience=QUICK) as network:
        eventually(lambda: network_standing(tmp_path).agree is True, "all begin with one state")
        with asked(tmp_path / "yiwu") as rpc:
            rpc.broadcast([b"what genoa reads otherwise"])
            eventually(lambda: "genoa" in network.problems, "genoa is given up")
            assert "wrong Block.Header.AppHash" in str(network.problems["genoa"])
            before = rpc.status().sync_info.latest_block_height
            rpc.broadcast([b"what all others read alike"])
            eventually(lambda: rpc.status().sync_info.latest_block_height > before, "three of four go on")
        assert network_standing(tmp_path).agree is True


def test_a_folder_that_was_moved_starts_alone_at_its_new_place(tmp_path: Path, binary: Cometbft) -> None:
    lay_network(tmp_path / "here", ALONE)
    with RunningNetwork(homes(tmp_path / "here"), tally_node, binary):
        eventually(lambda: height(tmp_path / "here") >= 1, "it runs here")
    there = tmp_path / ("a" * PATH_BYTES)
    there.mkdir()
    shutil.move(tmp_path / "here" / "lyon", there / "lyon")
    with RunningNetwork(homes(there, "lyon"), tally_node, binary):
        eventually(lambda: height(there / "lyon") >= 1, "it runs there")
        place = sockets_of(there / "lyon").abci.parent
        assert place != there / "lyon"
    assert not place.exists()


def test_one_folder_has_one_supervisor(tmp_path: Path, binary: Cometbft) -> None:
    lay_network(tmp_path, ALONE)
    with RunningNetwork(homes(tmp_path), tally_node, binary) as first:
        eventually(lambda: height(tmp_path) >= 1, "it runs")
        with RunningNetwork(homes(tmp_path), tally_node, binary) as second:
            eventually(lambda: "lyon" in second.problems, "the second one is turned away")
            problem = second.problems["lyon"]
            assert isinstance(problem, Failure)
            assert problem.key == "folder_taken"
        assert first.alive() == ["lyon"]
        assert height(tmp_path) >= 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_both_processes_end_with_their_supervisor(tmp_path: Path, binary: Cometbft, number: signal.Signals) -> None:
    lay_network(tmp_path, ALONE)
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", RUN, str(tmp_path), binary.path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline().split(), running.stdout.readline().split()]
        assert [line[:2] for line in lines] == [["started", "node"], ["started", "cometbft"]]
        eventually(lambda: height(tmp_path) >= 1, "it runs")
        running.send_signal(number)
        status = running.wait(30)
    assert status == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    for line in lines:
        eventually(lambda pid=int(line[2]): not is_alive(pid), f"{line[1]} ends")  # type: ignore[misc]
