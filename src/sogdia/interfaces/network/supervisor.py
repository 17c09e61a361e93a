"""One organisation's two processes, kept up: its node, and CometBFT beside it.

CometBFT starts once the node listens, and stops before it. When the node ends, CometBFT is stopped too: it cannot live
without, and a start from rest is the one road that is tried every day.
"""

import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

import msgspec

from sogdia.app.organisation import Home, NetworkError
from sogdia.app.sockets import Sockets, asked, clear, listens, make_room, sockets_of
from sogdia.engines.cometbft.rpc import RpcError
from sogdia.interfaces.cli.lock import held
from sogdia.interfaces.network import rotation
from sogdia.interfaces.network.child import Child, Patience
from sogdia.interfaces.network.configuration import config_toml
from sogdia.interfaces.network.log_file import LogFile
from sogdia.interfaces.network.program import Cometbft

CONSENSUS_FAILURE: Final = b"CONSENSUS FAILURE!!!"
"""CometBFT prints it and stays, deciding nothing, when the others committed what it holds for invalid."""
NODE_FAILURE: Final = b"abci: the application failed"
"""Our server says it before CometBFT ends for want of a node: so it is the node's end that counts, and its log."""
LOOK_SECONDS: Final = 0.1
COMETBFT_STOP_SECONDS: Final = 20.0
NODE_STOP_SECONDS: Final = 40.0
"""More than a node takes to end hard by itself."""
REDIAL_SECONDS: Final = 5.0


class Happening(msgspec.Struct, frozen=True):
    """Something a person at the terminal should know of."""

    organisation: str
    what: str
    """started, ended, given_up, warning"""
    process: str
    """node or cometbft; empty when it is about both"""
    pid: int | None = None
    status: int | None = None
    """How it ended: an exit status, or the negative number of a signal."""
    pause_seconds: float = 0.0
    """Until it is started again."""
    why: str = ""


Tell = Callable[[Happening], None]
Command = Callable[[Home, Sockets], Sequence[str]]
"""Gives the program and arguments of an organisation's node; the node listens at `sockets.abci`."""


class Supervisor:
    """Runs one organisation until told to stop."""

    def __init__(
        self,
        home: Home,
        command: Command,
        cometbft: Cometbft,
        tell: Tell = lambda _: None,
        patience: Patience | None = None,
    ) -> None:
        self.home = home
        self.name = home.read().name
        self._tell = tell
        self._sockets = sockets_of(home.folder)
        self._patience = patience or Patience()
        cometbft_argv = [cometbft.path, "start", "--home", str(home.cometbft)]
        self.node = self._child("node", command(home, self._sockets))
        self.cometbft = self._child("cometbft", cometbft_argv)
        self._links = _Links(home)

    def run(self, stop: Event) -> None:
        """Keep both processes up until `stop` is set; KeepsEnding when one of them cannot be kept up.

        Failure when another supervisor works on the folder.
        """
        with held(self.home.cometbft):
            make_room(self.home.folder)
            try:
                while not stop.wait(LOOK_SECONDS):
                    self._look()
            finally:
                self._stop()

    def _child(self, name: str, argv: Sequence[str]) -> Child:
        logs = {
            "node": LogFile(self.home.node_log, alarm=NODE_FAILURE),
            "cometbft": LogFile(self.home.cometbft_log, alarm=CONSENSUS_FAILURE),
        }
        return Child(name, argv, logs[name], self.home.folder, self._patience)

    def _look(self) -> None:
        cometbft_ended = self.cometbft.has_ended()
        if self.node.has_ended():  # asked second: where both ended, CometBFT ended for want of its node
            self.cometbft.stop(COMETBFT_STOP_SECONDS)
            self._ended(self.node)
        elif cometbft_ended:
            self._ended(self.cometbft)
        elif rotation.is_due(self.home):
            self.cometbft.stop(COMETBFT_STOP_SECONDS)
        if self.node.is_due():
            self._sockets.abci.unlink(missing_ok=True)
            self._started(self.node)
        if self.node.pid and self.cometbft.is_due() and listens(self._sockets.abci):
            self._prepare()
            self._started(self.cometbft)
        elif self.cometbft.pid:
            self._links.mend()

    def _prepare(self) -> None:
        rotation.install(self.home)
        # Who was killed leaves its socket behind, and CometBFT does not take the place of one.
        self._sockets.rpc.unlink(missing_ok=True)
        text = config_toml(self.home.read(), self._sockets)
        (self.home.config / "config.toml").write_text(text, encoding="utf-8")

    def _started(self, child: Child) -> None:
        self._tell(Happening(self.name, "started", child.name, pid=child.start()))

    def _ended(self, child: Child) -> None:
        pause = child.note_end()
        self._tell(Happening(self.name, "ended", child.name, status=child.last_status, pause_seconds=pause))

    def _stop(self) -> None:
        self.cometbft.stop(COMETBFT_STOP_SECONDS)
        self.node.stop(NODE_STOP_SECONDS)
        clear(self.home.folder)


class _Links:
    """Dials peers that are not connected: CometBFT itself tries ever more seldom, and after a day no more.

    Who is written into organisation.json meanwhile is dialled too.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._due = 0.0

    def mend(self) -> None:
        """Dial who is missing, if it is time to look again."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + REDIAL_SECONDS
        try:
            with asked(self._home.folder) as rpc:
                there = {peer.node_info.id for peer in rpc.net_info().peers}
                missing = [peer.address for peer in self._home.read().peers if peer.node_id not in there]
                if missing:
                    rpc.call("dial_peers", peers=missing)
        except (RpcError, NetworkError):
            return  # it starts, it is about to end, or somebody edits the file: all are seen elsewhere
