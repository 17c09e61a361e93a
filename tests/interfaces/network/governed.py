"""A small governed network with the real nodes on the real CometBFT, and what its members do there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from sogdia.app.organisation import Home, Ports, Settings, homes
from sogdia.core.transaction import Message
from sogdia.interfaces.cli.networks import command
from sogdia.interfaces.http.measures import read_prometheus
from sogdia.interfaces.network import founding
from sogdia.interfaces.network.laying import Address, lay
from sogdia.interfaces.network.ports import free_ports
from sogdia.interfaces.network.program import Cometbft
from sogdia.interfaces.network.report_actor import Actor
from sogdia.interfaces.network.running import RunningNetwork
from sogdia.interfaces.network.status import network_standing
from tests.interfaces.network.networks import INFO, eventually

PAIR = ("zone", "customs")
QUICK = Settings(timeout_propose_ms=1500, timeout_vote_ms=200, timeout_commit_ms=20, snapshot_blocks=3)


def lay_governed(folder: Path, names: tuple[str, ...] = PAIR) -> None:
    """A network whose founding agreement the real nodes read."""
    ports = iter(free_ports(2 * len(names)))
    addresses = [Address(Ports(next(ports), next(ports))) for _ in names]
    lay(folder, INFO, names, lambda them: founding.offices(them, False), addresses=addresses, settings=QUICK)


@contextmanager
def running(folder: Path, binary: Cometbft) -> Iterator[RunningNetwork]:
    """The organisations of a folder, once all of them answer and agree."""
    with RunningNetwork(homes(folder), command, binary) as network:
        eventually(lambda: answer(folder), "every organisation answers and agrees")
        yield network


def answer(folder: Path) -> bool:
    """Whether all nodes answer and stand level, with one state."""
    now = network_standing(folder)
    level = now.agree is not False and all(one.behind == 0 for one in now.organisations)
    return level and all(one.machine_height for one in now.organisations)


def height(home: Home) -> int:
    """The last block of the record there."""
    return int(measured(home)["sogdia_height"])


def measured(home: Home) -> dict[str, float]:
    """What the node says of itself; nothing when it does not answer."""
    try:
        return read_prometheus(httpx.get(f"{home.read().address}/metrics", trust_env=False).text)
    except httpx.HTTPError:
        return {"sogdia_height": 0}


def busy(home: Home, transactions: int) -> None:
    """Put so many transactions on record, one after the other, and one that undoes what they did."""
    with Actor(home, None) as actor:
        for _ in range(transactions):
            assert actor.send(actor.delegation()).accepted
        actor.tidy_up()


def say(home: Home, message: Message) -> None:
    """A member's message, accepted."""
    with Actor(home, None) as actor:
        reply = actor.send(message)
    assert reply.accepted, reply
