"""Four organisations on the real CometBFT: they agree, lose one, find it again, and stop rather than fork."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sogdia.app.organisation import homes
from sogdia.app.sockets import asked
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.running import RunningNetwork
from sogdia.interfaces.network.status import NetworkStanding, Standing, network_standing
from tests.interfaces.network.networks import NAMES, eventually, lay_network, tally_node
from tests.network_cutter import Cutter

pytestmark = pytest.mark.slow


@pytest.fixture
def network(tmp_path: Path, binary: Cometbft) -> Iterator[RunningNetwork]:
    lay_network(tmp_path)
    with RunningNetwork(homes(tmp_path), tally_node, binary) as running:
        eventually(lambda: all_there(tmp_path), "four organisations agree")
        yield running


def all_there(folder: Path) -> bool:
    """Whether every organisation is connected to all others and has the first block."""
    now = network_standing(folder)
    return now.agree is True and all(one.peers == one.peers_expected for one in now.organisations)


def standing_of(folder: Path, name: str) -> Standing:
    """Where one organisation of the network stands."""
    return next(one for one in network_standing(folder).organisations if one.name == name)


def height_of(folder: Path, name: str) -> int:
    """CometBFT's height there, 0 when it does not answer."""
    return standing_of(folder, name).height or 0


def send(folder: Path, name: str, text: str) -> None:
    """Hand a transaction to one organisation's CometBFT."""
    with asked(folder / name) as rpc:
        assert rpc.broadcast([text.encode()], wait=True)[0].not_taken == ""


def decided(folder: Path, by: str, text: str) -> None:
    """Hand in a transaction and wait until its block, and the one that carries its app hash, are there."""
    before = height_of(folder, by)
    send(folder, by, text)
    eventually(lambda: height_of(folder, by) >= before + 2, f"{by} has the block with {text}")


def agreed(folder: Path) -> NetworkStanding:
    """The standing once all four are level and agree."""

    def level() -> bool:
        now = network_standing(folder)
        return now.agree is True and all(one.behind == 0 for one in now.organisations)

    eventually(level, "all four are level and agree")
    return network_standing(folder)


def test_four_organisations_agree_on_what_any_of_them_was_told(network: RunningNetwork, tmp_path: Path) -> None:
    for number, name in enumerate(NAMES):
        decided(tmp_path, name, f"order {number}")
    now = agreed(tmp_path)
    assert now.common_height == now.highest
    assert len({one.app_hash for one in now.organisations}) == 1
    assert all(one.answers and one.peers == 3 and one.disk_used_bytes > 0 for one in now.organisations)


def test_one_that_was_away_catches_up(network: RunningNetwork, tmp_path: Path) -> None:
    network.stop("genoa")
    decided(tmp_path, "yiwu", "while genoa is away")
    away = standing_of(tmp_path, "genoa")
    assert (away.supervisor, away.answers, away.height) == (None, False, None)
    assert "status" in away.problem
    network.start("genoa")
    now = agreed(tmp_path)
    assert now.organisations[3].height == now.highest


def test_with_two_of_four_away_nothing_is_decided_until_one_returns(network: RunningNetwork, tmp_path: Path) -> None:
    decided(tmp_path, "yiwu", "all are there")
    agreed(tmp_path)
    network.stop("genoa")
    network.stop("lyon")
    before = height_of(tmp_path, "yiwu")
    send(tmp_path, "yiwu", "nobody decides this")
    voted = f"{before + 1}/0/4"  # height, round, and the step after which votes of more than two thirds are waited for
    eventually(lambda: step_of(tmp_path, "yiwu") == voted, "yiwu votes, and waits for the votes of others")
    assert height_of(tmp_path, "yiwu") == before
    network.start("lyon")
    eventually(lambda: height_of(tmp_path, "lyon") >= before + 2, "three of four decide it")


def step_of(folder: Path, name: str) -> str:
    """Height, round and step of consensus that an organisation is at."""
    with asked(folder / name) as rpc:
        return str(rpc.call("consensus_state")["round_state"]["height/round/step"])


def test_one_that_is_cut_off_stands_still_and_follows_when_the_wire_is_mended(tmp_path: Path, binary: Cometbft) -> None:
    lay_network(tmp_path)
    with Cutter() as cutter:
        cutter.put_between(homes(tmp_path))
        with RunningNetwork(homes(tmp_path), tally_node, binary):
            eventually(lambda: all_there(tmp_path), "four organisations agree")
            cutter.cut("lyon")
            eventually(lambda: standing_of(tmp_path, "lyon").peers == 0, "lyon hears nobody")
            stood = height_of(tmp_path, "lyon")
            decided(tmp_path, "genoa", "without lyon")
            assert height_of(tmp_path, "lyon") == stood
            cutter.heal("lyon")
            now = agreed(tmp_path)
            assert now.highest is not None
            assert now.highest >= stood + 2


def test_a_peer_that_is_written_down_while_both_run_is_dialled(tmp_path: Path, binary: Cometbft) -> None:
    lay_network(tmp_path, NAMES[:2])
    yiwu, hangzhou = homes(tmp_path)
    known = yiwu.read()
    for home in (yiwu, hangzhou):
        home.write(msgspec.structs.replace(home.read(), peers=()))
    with RunningNetwork([yiwu, hangzhou], tally_node, binary):
        eventually(lambda: all(one.answers for one in network_standing(tmp_path).organisations), "both run")
        assert network_standing(tmp_path).highest == 0
        yiwu.write(known)
        eventually(lambda: height_of(tmp_path, "hangzhou") >= 1, "they found each other and decide")
        assert standing_of(tmp_path, "yiwu").peers == 1
