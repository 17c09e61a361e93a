"""Members vote for new rules from a height on; who has not installed them stops before it, and comes back with them."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bench.traffic import GOODS
from sogdia.core.receipt import ACCEPTED, Receipt
from sogdia.domains.catalog.messages import Refused
from sogdia.domains.governance.messages import Upgrade
from sogdia.interfaces.intake import parts
from sogdia.interfaces.network.child import Patience
from tests.interfaces.network.networks import eventually
from tests.survival import newer_program, records
from tests.survival.apart import said
from tests.survival.chamber import Chamber
from tests.survival.network import LiveNetwork

pytestmark = pytest.mark.slow
UPGRADED = ("yiwu", "hangzhou", "lyon")
SOON = Patience(first_pause_seconds=0.1, longest_pause_seconds=0.1, steady_seconds=120, ends=2)
UNKNOWN = "the network runs version 2 of the rules of catalog, this program knows 1: install the newer program"


def test_new_rules_hold_from_their_height_and_who_lacks_them_stops_and_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = LiveNetwork(tmp_path, patience=SOON)
    live.programs.update(dict.fromkeys(UPGRADED, newer_program.command))
    with live:
        chamber = Chamber(live)
        with live.traffic("yiwu") as traffic:
            traffic.flows()
            height = live.height("yiwu") + 25
            chamber.decide(Upgrade(module="catalog", version=2, from_height=height), *UPGRADED)
            old = listed_again(live, "genoa")
            assert old.height < height
            assert old.code == Refused.PRODUCT_EXISTS

            reach(live, height - 1)
            eventually(lambda: live.problem("genoa") != "", "genoa is given up")
            assert live.problem("genoa").startswith("node ended")
            assert UNKNOWN in live.problem("genoa")
            assert UNKNOWN in live.homes["genoa"].node_log.read_text()
            reach(live, height + 3)
            new = listed_again(live, "lyon")
            assert new.height >= height
            assert new.code == ACCEPTED
            stopped = records.read(live.homes["genoa"].folder)
            assert stopped.seal.height == height - 1

            live.programs["genoa"] = newer_program.command
            live.start("genoa")
            traffic.flows()
        monkeypatch.setattr(records, "sogdia", newer)
        live.check()
    assert [block.seal for block in records.read(live.homes["genoa"].folder).blocks][: height - 1] == [
        block.seal for block in stopped.blocks
    ]
    replay = [sys.executable, "-m", "sogdia.interfaces.cli", "replay", str(live.homes["genoa"].folder)]
    done = subprocess.run(replay, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert UNKNOWN in done.stderr


def listed_again(live: LiveNetwork, name: str) -> Receipt:
    """The receipt for a product that is listed as it stands on record already."""
    seller = live.world.keys["seller"]
    raw = said(seller, parts.listing(seller.did, GOODS[0]))
    receipt = live.submit(name, [raw])[0].receipt
    assert receipt is not None
    return receipt


def reach(live: LiveNetwork, height: int) -> None:
    """Wait until the three stand at this height at least."""
    for name in UPGRADED:
        eventually(partial(_stands, live, name, height), f"{name} stands at height {height}")


def _stands(live: LiveNetwork, name: str, height: int) -> bool:
    return live.height(name) >= height


def newer(*arguments: str) -> object:
    """What `sogdia` of the newer program prints as JSON."""
    command = [sys.executable, newer_program.__file__, "sogdia", *arguments]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
