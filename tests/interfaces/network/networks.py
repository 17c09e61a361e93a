"""Networks of four organisations on the real CometBFT, with the least of all nodes."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from sogdia.app import NetworkInfo
from sogdia.app.organisation import Home, Ports, Settings
from sogdia.app.sockets import Sockets
from sogdia.interfaces.network.laying import Address, Member, lay
from sogdia.interfaces.network.ports import free_ports

NAMES = ("yiwu", "hangzhou", "lyon", "genoa")
INFO = NetworkInfo("Silk", "silk", "sogdia.example/silk")
FAST = Settings(timeout_propose_ms=1500, timeout_vote_ms=200, timeout_commit_ms=20)
WAIT_SECONDS = 120.0


def founding(members: Sequence[Member]) -> bytes:
    """A founding agreement that names each member: enough for a node that reads none."""
    return msgspec.json.encode([{"party": member.identity.did} for member in members])


def lay_network(folder: Path, names: Sequence[str] = NAMES, settings: Settings = FAST) -> list[Member]:
    """A network at ports of its own."""
    ports = iter(free_ports(2 * len(names)))
    addresses = [Address(Ports(p2p=next(ports), http=next(ports))) for _ in names]
    return lay(folder, INFO, names, founding, addresses=addresses, settings=settings)


def tally_node(home: Home, sockets: Sockets) -> list[str]:
    """How the tests' own node is started."""
    return [
        sys.executable,
        str(Path(__file__).with_name("tally_node.py")),
        str(sockets.abci),
        str(home.folder / "tally"),
    ]


def eventually(holds: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
    """Wait until something holds; fail with these words when it does not."""
    give_up = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > give_up:
            pytest.fail(f"waited {seconds:g} s: {what}")
        time.sleep(0.05)
