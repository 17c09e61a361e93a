"""A node that is killed at any step of its courier forgets nothing and fetches nothing twice."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from sogdia.interfaces.http.sealed_shelf import Pair
from tests.interfaces.courier.league import League, until
from tests.interfaces.http.town import CARRIER, PLATFORM

CHILD = Path(__file__).with_name("killed_child.py")
ROOT = CHILD.parents[3]
pytestmark = pytest.mark.slow


@contextmanager
def killed_at(step: str, league: League) -> Iterator[None]:
    """Beta's node runs in a process of its own until this step of its courier, then kill -9."""
    house = league.beta
    given = [raw.decode() for raw in house.backlog]
    command = [sys.executable, str(CHILD), str(house.folder), step]
    path = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=path, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(given) + b"\n")
        process.stdin.flush()
        try:
            assert process.stdout.readline() == b"there\n"
            yield
        finally:
            process.kill()
    house.backlog.clear()


def sold_while_beta_is_down(league: League) -> Pair:
    league.beta.close()
    return league.sold(CARRIER, at=league.alpha)


def asked_of_alpha(league: League, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The envelopes that alpha's shelf is asked for from now on."""
    found, asked = league.alpha.shelf.find, list[str]()

    def find(trade: str, wanted: str) -> object:
        asked.append(wanted)
        return found(trade, wanted)

    monkeypatch.setattr(league.alpha.shelf, "find", find)
    return asked


def test_between_fetch_and_note_nothing_is_fetched_twice(league: League, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = sold_while_beta_is_down(league)
    with killed_at("Desk.note_fetched", league):
        pass
    asked = asked_of_alpha(league, monkeypatch)
    league.beta.open()
    until(lambda: league.beta.courier.status().fetched == 1, "it is noted")
    assert league.beta.holds(sale.trade, sale.envelope)
    assert league.beta.courier.status().wanted == 0
    assert asked == []


@pytest.mark.parametrize("step", ["Desk.take_in", "Desk.take_on", "Errands.read_to"])
def test_before_it_is_kept_nothing_is_forgotten(league: League, step: str) -> None:
    sale = sold_while_beta_is_down(league)
    with killed_at(step, league):
        pass
    league.beta.open()
    until(lambda: league.beta.holds(sale.trade, sale.envelope), "it has arrived")
    until(lambda: league.beta.courier.status().fetched == 1, "once")


@pytest.mark.parametrize("step", ["SealedShelf.erase", "SealedShelf.confirm"])
def test_in_the_middle_of_an_erasure_it_is_carried_out_at_the_next_start(league: League, step: str) -> None:
    sale = league.carried()
    league.beta.close()
    league.erase(sale)
    with killed_at(step, league):
        pass
    league.beta.open()
    until(lambda: not league.beta.holds(sale.trade, sale.envelope), "it is gone")
    until(lambda: league.alpha.courier.status().receipts_due == 0, "beta's receipt has arrived")
    told = league.alpha.call("GET", f"/sealed/receipts?trade={sale.trade}", PLATFORM).json()
    assert len([one for one in told if one["receipt"]]) == 3
