"""Where the rehearsal's record stands: one operator's node, or a network of four organisations."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol

from sogdia.app import Node
from sogdia.app.organisation import NETWORK_FILE, Home, Ports, homes
from sogdia.client.http import HttpConnection
from sogdia.core.transaction import Message
from sogdia.domains.governance.messages import Host
from sogdia.interfaces.cli import networks
from sogdia.interfaces.cli.lock import holder_of
from sogdia.interfaces.demo.cast import NETWORK, Cast
from sogdia.interfaces.demo.processes import DidNotStart, Processes
from sogdia.interfaces.network import founding, laying, program
from sogdia.interfaces.network.ports import free_ports
from sogdia.interfaces.network.running import RunningNetwork
from sogdia.interfaces.network.status import network_standing

START_SECONDS: Final = 60.0
AGREE_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.1

HOSTS: Final[Mapping[str, str]] = {
    "registrar": "zone",
    "platform": "zone",
    "seller": "zone",
    "brand": "zone",
    "carrier": "carrier",
    "broker": "carrier",
    "institution": "bank",
    "customs": "customs",
    "tax_authority": "customs",
}
"""Whose node serves each party of the cast: by the cast's names, the organisation's name."""
ORGANISATIONS: Final = ("zone", "customs", "bank", "carrier")


class Stand(Protocol):
    """What the rehearsal needs of the place where its record stands."""

    url: str
    """The platform's node."""
    customs_url: str
    """Customs' node."""
    patience_seconds: float
    """How long a sealed value may take from one node to another."""

    def __enter__(self) -> "Stand": ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...

    def check(self) -> None:
        """DidNotStart when a process that should run does not."""
        ...

    def trust(self) -> tuple[str, str]:
        """What to trust, written beside the evidence: the option of `sogdia verify`, and the file's name."""
        ...

    def ending(self) -> dict[str, object]:
        """What a report says of the stand."""
        ...


class OneNode:
    """One operator's node, with the embedded engine."""

    patience_seconds = 0.0

    def __init__(self, folder: Path, cast: Cast, processes: Processes) -> None:
        self._folder = folder
        self._processes = processes
        if not (folder / "node" / "network.json").exists():
            Node.create(folder / "node", NETWORK, cast.founding()).close()

    def __enter__(self) -> "OneNode":
        self.url = self.customs_url = self._processes.start_node(self._folder / "node")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        return None

    def check(self) -> None:
        """DidNotStart when the node has ended."""
        self._processes.check()

    def trust(self) -> tuple[str, str]:
        """The network's public key."""
        shutil.copyfile(self._folder / "node" / "network.vkey", self._folder / "network.vkey")
        return "--network-key", "network.vkey"

    def ending(self) -> dict[str, object]:
        """One operator has nobody to agree with."""
        return {"engine": "embedded"}


class FourOrganisations:
    """Four organisations with a node and a CometBFT each; the parties of the cast are served by different ones."""

    patience_seconds = 60.0

    def __init__(self, folder: Path, cast: Cast, processes: Processes) -> None:
        self._folder = folder / "network"
        self._evidence = folder
        self._processes = processes
        self._program = program.find()
        if not (self._folder / NETWORK_FILE).exists():
            self._lay(cast)
        self._running: RunningNetwork | None = None

    def __enter__(self) -> "FourOrganisations":
        self._running = RunningNetwork(homes(self._folder), networks.command, self._program)
        self._running.__enter__()
        try:
            self.url, self.customs_url = self._url_of("zone"), self._url_of("customs")
        except BaseException:
            self._running.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._running is not None:
            self._running.__exit__(kind, error, at)

    def check(self) -> None:
        """DidNotStart when an organisation was given up, or another process has ended."""
        self._processes.check()
        for name, problem in (self._running.problems if self._running else {}).items():
            raise DidNotStart(f"{name}: {problem}")

    def trust(self) -> tuple[str, str]:
        """A header that another organisation than the platform's vouches for."""
        networks.write_trusted(self._folder, "bank", 1, self._evidence / "trusted.json")
        return "--trusted", "trusted.json"

    def ending(self) -> dict[str, object]:
        """Whether all four agree, once they stand at one height."""
        until = time.monotonic() + AGREE_SECONDS
        while True:
            found = network_standing(self._folder)
            level = all(one.behind == 0 for one in found.organisations)
            if (level and found.agree is not None) or time.monotonic() > until:
                break
            time.sleep(PAUSE_SECONDS)
        named = {one.name: {"height": one.height, "app_hash": one.app_hash} for one in found.organisations}
        return {"engine": "cometbft", "agree": found.agree, "ordered": found.highest, "organisations": named}

    def _lay(self, cast: Cast) -> None:
        def more(parties: Mapping[str, str]) -> Sequence[Message]:
            hosted = [Host(party=cast.did(name), member=parties[host]) for name, host in HOSTS.items()]
            return [*cast.founding(), *hosted]

        ports = free_ports(2 * len(ORGANISATIONS))
        addresses = [laying.Address(Ports(*ports[at : at + 2])) for at in range(0, len(ports), 2)]
        laying.lay(
            self._folder,
            NETWORK,
            ORGANISATIONS,
            lambda members: founding.agreement(members, {}, more),
            addresses=addresses,
        )

    def _url_of(self, name: str) -> str:
        """Where an organisation's node answers, once it does and the network has begun."""
        home, until = Home(self._folder / name), time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            self.check()
            holder = holder_of(home.folder)
            if holder is not None and holder.url and _has_begun(holder.url):
                return holder.url
            time.sleep(PAUSE_SECONDS)
        raise DidNotStart(f"{name} does not answer; see {home.node_log} and {home.cometbft_log}")


def _has_begun(url: str) -> bool:
    with HttpConnection(url, NETWORK.network) as connection:
        return bool(connection.status()["height"])


STANDS: Final[Mapping[str, Callable[[Path, Cast, Processes], Stand]]] = {
    "embedded": OneNode,
    "cometbft": FourOrganisations,
}
