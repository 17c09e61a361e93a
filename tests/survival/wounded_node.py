"""A node that dies at a given point, or whose clock is wrong. Arguments: the node's own, then its clock's error in ms.

It dies when a file `die` in its folder names the point that it passes, and takes the file along.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sogdia.app import network_node
from sogdia.app.organisation import Home
from sogdia.app.sockets import Sockets
from sogdia.engines import journal, kept
from sogdia.engines.cometbft.application import Application
from sogdia.interfaces.authority.parent import end_with_parent
from sogdia.interfaces.network import node

POINTS: Final = ("decided", "finalized", "torn", "journaled", "stored", "committed")
"""Before FinalizeBlock, before Commit, in the middle of the journal's frame, before the store, before the answers to
those who wait, and before CometBFT hears that the block is kept."""
STATUS: Final = 77


def wounded(clock_ms: int = 0) -> "Callable[[Home, Sockets], list[str]]":
    """How such a node is started."""
    program = [sys.executable, str(Path(__file__).resolve())]
    return lambda home, sockets: [*program, str(home.folder), str(sockets.abci), str(sockets.rpc), str(clock_ms)]


def arm(folder: Path, point: str) -> None:
    """Let the node of this folder die when it next passes the point."""
    assert point in POINTS
    (folder / "die").write_text(point)


class _Wounds:
    """Puts the points into the program."""

    def __init__(self, folder: Path) -> None:
        self._order = folder / "die"

    def place(self) -> None:
        """From now on, the node dies where it is told to."""
        self._before(Application, "finalize_block", "decided")
        self._before(Application, "commit", "finalized")
        self._before(kept.KeptLedger, "_commit", "journaled")
        self._after(Application, "commit", "committed")
        self._after(kept.KeptLedger, "keep", "stored")
        write_all = journal._write_all

        def torn(file: int, data: bytes) -> None:
            if self._is_due("torn"):
                write_all(file, data[: len(data) // 2])
                self._die()
            write_all(file, data)

        journal._write_all = torn

    def _before(self, kind: type, name: str, point: str) -> None:
        true = getattr(kind, name)

        def wounded(*given: Any) -> Any:
            if self._is_due(point):
                self._die()
            return true(*given)

        setattr(kind, name, wounded)

    def _after(self, kind: type, name: str, point: str) -> None:
        true = getattr(kind, name)

        def wounded(*given: Any) -> Any:
            found = true(*given)
            if self._is_due(point):
                self._die()
            return found

        setattr(kind, name, wounded)

    def _is_due(self, point: str) -> bool:
        return self._order.exists() and self._order.read_text() == point

    def _die(self) -> None:
        self._order.unlink()
        os._exit(STATUS)


def main() -> None:
    """Run as a node does."""
    end_with_parent()
    folder, abci, rpc, clock_ms = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    _Wounds(folder).place()
    true = network_node.milliseconds
    network_node.milliseconds = lambda: true() + clock_ms
    node.run(folder, abci, rpc)


if __name__ == "__main__":
    main()
