"""Processes are killed while trades flow: the others go on, and who returns catches up and holds the same."""

import random
import signal
import time
from pathlib import Path

import pytest

from sogdia.app.sockets import asked
from sogdia.client.http import NodeUnreachable
from tests.interfaces.network.networks import eventually
from tests.survival.network import LiveNetwork

pytestmark = pytest.mark.slow
SEED = 20261122


def test_a_killed_process_is_started_again_and_catches_up(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        with live.traffic("yiwu", "hangzhou") as traffic:
            for processes in (("node",), ("cometbft",), ("node", "cometbft")):
                traffic.flows()
                times = {process: len(live.ends("genoa", process)) for process in processes}
                live.kill("genoa", *processes)
                traffic.flows()
                if "node" in processes:  # then CometBFT counts as stopped, whoever ended it
                    assert live.died("genoa", "node", times["node"] + 1) == -signal.SIGKILL
                else:
                    assert live.died("genoa", "cometbft", times["cometbft"] + 1) == -signal.SIGKILL
                live.goes_on("genoa")
        live.check()


def test_three_go_on_while_one_is_gone_with_its_supervisor(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        with live.traffic("yiwu", "hangzhou", "lyon") as traffic:
            traffic.flows()
            live.kill("genoa", "node", "cometbft")
            live.stop("genoa")
            gone = live.height("yiwu")
            for name in ("yiwu", "hangzhou", "lyon"):
                live.goes_on(name)
            traffic.flows()
            live.start("genoa")
            eventually(lambda: live.height("genoa") > gone, "genoa has what was decided without it")
            live.goes_on("genoa")
        live.check()


def test_with_two_of_four_killed_nobody_gets_a_receipt_until_one_returns(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        with live.traffic() as traffic:
            traffic.flows()
        live.settle()
        before = {name: live.ordered(name) for name in ("yiwu", "hangzhou")}
        for name in ("lyon", "genoa"):
            live.kill(name, "node", "cometbft")
            live.stop(name)
        waiting = live.trades(2)
        for name in before:
            with pytest.raises(NodeUnreachable):
                live.submit(name, waiting, seconds=2)
        eventually(lambda: all(waits_for_votes(live, name) for name in before), "the two wait for the votes of others")
        assert {name: live.ordered(name) for name in before} == before
        live.start("lyon")
        replies = live.submit("yiwu", waiting)
        assert all(reply.receipt is not None for reply in replies)
        live.start("genoa")
        live.check()


def waits_for_votes(live: LiveNetwork, name: str) -> bool:
    """Whether an organisation has proposed or prevoted at a height that is not decided, and no more."""
    with asked(live.homes[name].folder) as rpc:
        step = str(rpc.call("consensus_state")["round_state"]["height/round/step"]).split("/")
    return int(step[0]) == live.ordered(name) + 1 and int(step[2]) in (3, 4)


def test_nodes_killed_at_any_moment_lose_no_receipt(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with LiveNetwork(tmp_path) as live:
        with live.traffic() as traffic:
            for two in (("yiwu", "lyon"), ("hangzhou", "genoa")):
                traffic.flows()
                for name in two:
                    time.sleep(chance.uniform(0, 0.3))  # what is under test is the moment
                    live.kill(name, "node")
                for name in two:
                    assert live.died(name, "node", 1) == -signal.SIGKILL
                    live.goes_on(name, blocks=1)
            traffic.flows(8)
        live.check()
