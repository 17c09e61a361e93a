"""Wires are cut while trades flow: a majority goes on, who is alone decides nothing and says nothing false."""

from pathlib import Path

import httpx
import pytest

from sogdia.client.http import NodeUnreachable
from tests.interfaces.network.networks import eventually
from tests.survival.network import LiveNetwork
from tests.survival.records import name_of

pytestmark = pytest.mark.slow


def test_one_cut_off_stands_still_and_what_it_was_given_is_decided_once_it_is_back(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        with live.traffic("yiwu", "hangzhou", "lyon") as traffic:
            traffic.flows()
            live.cutter.cut("genoa")
            traffic.flows()
            alone = live.status("genoa")
            given_there = live.trades(1)
            with pytest.raises(NodeUnreachable):
                live.submit("genoa", given_there, seconds=3)
            live.goes_on("yiwu")
            assert live.status("genoa") == alone, "it answers, and stands where it stood"
            assert not any(is_logged(live, "genoa", raw) for raw in given_there)
            live.cutter.heal("genoa")
            eventually(
                lambda: all(is_logged(live, "yiwu", raw) for raw in given_there),
                "what genoa was given while it was alone is decided, though nobody sends it again",
            )
            live.goes_on("genoa")
        live.check()


def test_cut_in_two_halves_nobody_decides_and_nothing_forks(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        with live.traffic() as traffic:
            traffic.flows()
            live.cutter.cut("lyon", "genoa")
            eventually(lambda: stands_still(live), "no organisation decides anything")
            live.cutter.heal("lyon", "genoa")
            traffic.flows()
        live.check()


def stands_still(live: LiveNetwork) -> bool:
    """Whether nothing was decided anywhere while a client waited three seconds for an answer."""
    before = [live.ordered(name) for name in live.names]
    try:
        live.submit("yiwu", live.trades(1), seconds=3)
    except NodeUnreachable:
        return before == [live.ordered(name) for name in live.names]
    return False


def is_logged(live: LiveNetwork, name: str, raw: bytes) -> bool:
    """Whether an organisation proves that a transaction is in its log."""
    answer = httpx.get(f"{live.url(name)}/proofs/inclusion", params={"transaction": name_of(raw)}, trust_env=False)
    return answer.is_success
