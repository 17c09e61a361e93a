"""An organisation's node whose proposals lie. Arguments as for the true one: folder, where to listen, CometBFT's RPC.

Before each proposal it looks for a file `*.lie` in its folder, puts the transactions in it behind the honest ones, and
calls the file `*.told` then. It votes for its own lies.
"""

import sys
from pathlib import Path

from sogdia.app.organisation import Home
from sogdia.app.sockets import Sockets
from sogdia.engines.cometbft.application import Application
from sogdia.engines.cometbft.wire import Message, ProposalStatus, abci
from sogdia.interfaces.authority.parent import end_with_parent
from sogdia.interfaces.network import node

HONEST_LIMIT = 20
"""So few honest transactions that a lie always has room."""


def command(home: Home, sockets: Sockets) -> list[str]:
    """How the lying node is started."""
    return [sys.executable, __file__, str(home.folder), str(sockets.abci), str(sockets.rpc)]


def tell(folder: Path, name: str, raws: tuple[bytes, ...]) -> Path:
    """Have the node in this folder lie; the file that is there once it has."""
    scratch = folder / f"{name}.new"
    scratch.write_text("\n".join(raw.hex() for raw in raws))
    scratch.rename(folder / f"{name}.lie")
    return folder / f"{name}.told"


def lie_from_now_on(folder: Path) -> None:
    """Change what this process says to CometBFT."""
    proposed, judged = Application.prepare_proposal, Application.process_proposal
    lied: list[bytes] = []

    def prepare(self: Application, request: Message) -> Message:
        honest = proposed(self, request)
        lies = sorted(folder.glob("*.lie"))
        if not lies:
            return honest
        lied[:] = [*honest.txs[:HONEST_LIMIT], *map(bytes.fromhex, lies[0].read_text().split("\n"))]
        lies[0].rename(lies[0].with_suffix(".told"))
        return abci.ResponsePrepareProposal(txs=lied)

    def process(self: Application, request: Message) -> Message:
        if lied and list(request.txs) == lied:
            return abci.ResponseProcessProposal(status=ProposalStatus.ACCEPT)
        return judged(self, request)

    Application.prepare_proposal = prepare  # type: ignore[method-assign]
    Application.process_proposal = process  # type: ignore[method-assign]


if __name__ == "__main__":
    end_with_parent()
    lie_from_now_on(Path(sys.argv[1]))
    node.run(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
