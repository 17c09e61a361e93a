"""The node of one organisation as a process of its own. Arguments: its folder, where to listen for CometBFT, its RPC.

It ends with the supervisor that started it.
"""

import sys
from pathlib import Path

from sogdia.app.network_node import Links, NetworkNode
from sogdia.interfaces.authority.parent import end_with_parent
from sogdia.interfaces.cli import running
from sogdia.interfaces.network.organisation import Home


def run(folder: Path, abci: str, rpc: str) -> None:
    """Run until a signal."""
    organisation = Home(folder).read()
    settings = organisation.settings
    links = Links(organisation.chain, f"unix://{abci}", f"unix://{rpc}", settings.keep_blocks, settings.snapshot_blocks)
    running.up(
        folder,
        organisation.listen,
        organisation.ports.http,
        settings.mirror,
        (organisation.address,),
        opened=lambda place: NetworkNode(place, links),
    )


if __name__ == "__main__":
    end_with_parent()
    run(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
