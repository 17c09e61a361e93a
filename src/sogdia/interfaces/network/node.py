"""The node of one organisation as a process of its own. Arguments: its folder, where to listen for CometBFT, its RPC.

It ends with the supervisor that started it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sogdia.app import Node
from sogdia.app.network_node import Links, NetworkNode
from sogdia.app.organisation import Home
from sogdia.client.keyring import Keyring
from sogdia.interfaces.authority.parent import end_with_parent
from sogdia.interfaces.cli import keyrings, running
from sogdia.interfaces.cli.terminal import explained
from sogdia.interfaces.courier.courier import Courier
from sogdia.interfaces.courier.settings import Settings
from sogdia.interfaces.http.server import Server
from sogdia.interfaces.intake.pipeline import bound
from sogdia.interfaces.network.json_logs import log_engine
from sogdia.interfaces.network.neighbours import Neighbours

_WAIT_SECONDS: Final = 1.0


def run(folder: Path, abci: str, rpc: str) -> None:
    """Run until a signal."""
    organisation = Home(folder).read()
    settings = organisation.settings
    links = Links(organisation.chain, f"unix://{abci}", f"unix://{rpc}", settings.keep_blocks, settings.snapshot_blocks)
    log_engine()
    running.up(
        folder,
        organisation.listen,
        organisation.ports.http,
        settings.mirror,
        (organisation.address,),
        opened=lambda place: NetworkNode(place, links),
        beside=_beside,
        served=_start_courier,
        proxies=settings.proxies,
    )


def _start_courier(node: Node, server: Server) -> None:
    """Envelopes come and go with the organisation's own party key; the courier stops before the shelf closes."""
    organisation = Home(node.folder).read()
    key = bound(Keyring(node.folder / "keys").load(organisation.name, keyrings.passphrase()))
    Courier(node, server.application.state.desk.shelf, Settings(organisation=organisation.did, signer=key)).start()


@contextmanager
def _beside(node: Node) -> Iterator[None]:
    if Home(node.folder).read().settings.state_sync is not None:
        while not node.machine.seal.height and node.engine.failure is None:
            node.engine.wait(0, _WAIT_SECONDS)  # a snapshot is on its way; before it there is nothing to show
    with Neighbours(node).running():
        yield


def main() -> None:
    """Run for the arguments; an end that has a sentence ends with it, so that it stands last in the log."""
    end_with_parent()
    try:
        run(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
    except Exception as problem:
        sentence = explained(problem)
        if sentence is None:
            raise
        sys.exit(sentence)


if __name__ == "__main__":
    main()
