"""Our node and CometBFT die at every point of a block's way to the disk: no receipt is lost and nothing forks.

CometBFT brings its own points (libs/fail): FAIL_TEST_INDEX=n ends it at the n-th that it passes after its start. A
height in consensus passes eleven: two votes, five around the end of the block, four where the application executes and
commits it. A block that is fetched or replayed passes the last four.
"""

from pathlib import Path

import pytest

from sogdia.interfaces.network.status import network_standing
from tests.interfaces.network.networks import eventually
from tests.survival.network import LiveNetwork
from tests.survival.wounded_node import STATUS, arm, wounded

pytestmark = pytest.mark.slow
DEATHS = (
    {"yiwu": "decided", "lyon": "finalized"},
    {"yiwu": "torn", "lyon": "journaled"},
    {"yiwu": "stored", "lyon": "committed"},
)
"""Two at a time: nothing is decided until one of them is back."""
POINTS_OF_A_HEIGHT, POINTS_OF_A_FETCHED_BLOCK = 11, 4


def test_nodes_that_die_at_each_point_of_a_block_return_with_all_receipts(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path, program=wounded()) as live:
        with live.traffic() as traffic:
            for times, deaths in enumerate(DEATHS, 1):
                for name, point in deaths.items():
                    arm(live.homes[name].folder, point)
                for name in deaths:
                    assert live.died(name, "node", times) == STATUS
                    live.goes_on(name, blocks=2)
            traffic.flows()
        live.check()


def test_when_all_die_at_one_point_they_all_return_with_all_receipts(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path, program=wounded()) as live:
        with live.traffic() as traffic:
            for times, point in enumerate(("torn", "stored"), 1):
                traffic.flows()
                for name in live.names:
                    arm(live.homes[name].folder, point)
                for name in live.names:
                    assert live.died(name, "node", times) == STATUS
            traffic.flows()
        live.check()


def test_cometbft_that_dies_at_each_of_its_points_in_consensus_returns(tmp_path: Path) -> None:
    half = (POINTS_OF_A_HEIGHT + 1) // 2
    with LiveNetwork(tmp_path) as live:
        for number in range(half):
            points = {"lyon": number, "genoa": number + half}
            for name, index in points.items():
                live.starts(name, f"FAIL_TEST_INDEX={index}")
                live.kill(name, "cometbft")
            for name in points:
                live.died(name, "cometbft", 2 * number + 1)
            eventually(lambda: are_there(live, "lyon", "genoa"), "the two take part in consensus again")
            while not all(len(live.ends(name, "cometbft")) >= 2 * number + 2 for name in points):
                live.submit("yiwu", live.trades(1))  # whoever only fetched a block meets its point in a later one
            for name, index in points.items():
                assert live.died(name, "cometbft", 2 * number + 2) == 1
                assert f"*** fail-test {index} ***" in live.homes[name].cometbft_log.read_text()
        live.check()


def test_cometbft_that_dies_again_and_again_while_it_catches_up_gets_there(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        with live.traffic("yiwu", "hangzhou", "lyon") as traffic:
            traffic.flows()
            live.starts("genoa", *(f"FAIL_TEST_INDEX={index}" for index in range(POINTS_OF_A_FETCHED_BLOCK)))
            live.kill("genoa", "cometbft")
            live.died("genoa", "cometbft", 1 + POINTS_OF_A_FETCHED_BLOCK)
            live.goes_on("genoa")
        live.check()


def are_there(live: LiveNetwork, *names: str) -> bool:
    """Whether these organisations are connected to all others and are not catching up."""
    there = [one for one in network_standing(live.folder).organisations if one.name in names]
    return all(one.peers == one.peers_expected and one.catching_up is False for one in there)
