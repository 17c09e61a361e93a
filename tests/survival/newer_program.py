"""The program with one rule revised: from version 2 of the catalogue's rules on, a product may be listed as it stands.

`python newer_program.py node FOLDER ABCI RPC` is a node, `python newer_program.py sogdia ...` the command line.
"""

import sys
from pathlib import Path

from sogdia.app.organisation import Home
from sogdia.app.sockets import Sockets
from sogdia.core.module import Ledger
from sogdia.domains.catalog import rules
from sogdia.domains.catalog.messages import ListProduct, Refused
from sogdia.interfaces.authority.parent import end_with_parent


def command(home: Home, sockets: Sockets) -> list[str]:
    """How a node of this program is started."""
    return [sys.executable, __file__, "node", str(home.folder), str(sockets.abci), str(sockets.rpc)]


def revise() -> None:
    """Put the second version beside the first."""

    @rules.module.revised(2)
    def list_product(ledger: Ledger, asked: ListProduct) -> None:
        """As before, but a listing that changes nothing is no mistake."""
        try:
            rules.list_product(ledger, asked)
        except rules.Refusal as no:
            if no.code != Refused.PRODUCT_EXISTS:
                raise


if __name__ == "__main__":
    revise()
    if sys.argv[1] == "node":
        from sogdia.interfaces.network import node

        end_with_parent()
        node.run(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    else:
        from sogdia.interfaces.cli import main

        sys.argv = ["sogdia", *sys.argv[2:]]
        main()
