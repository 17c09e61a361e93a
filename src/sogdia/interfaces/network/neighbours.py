"""New members, as the record names them: their nodes are asked how they are reached, and written down as peers.

The record has the address of each member's node, signed by that member. The node there says its CometBFT's id and
port; CometBFT then speaks to nobody who does not hold the key of that id. The supervisor dials whom it finds written.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

import msgspec

from sogdia.app import Node
from sogdia.app.organisation import Home, NetworkError, Peer
from sogdia.core.state import Committed
from sogdia.domains.governance.state import MEMBERS, Member
from sogdia.interfaces.http.problems import LOG
from sogdia.interfaces.network.elsewhere import Elsewhere
from sogdia.interfaces.network.introduction import as_peer

LOOK_SECONDS: Final = 10.0
_FIRST_LOOK_SECONDS: Final = 3.0
_ANSWER_SECONDS: Final = 5.0
_log = logging.getLogger(f"{LOG.name}.neighbours")


class Neighbours:
    """Looks from time to time for active members that organisation.json does not know."""

    def __init__(self, node: Node, look_seconds: float = LOOK_SECONDS) -> None:
        self._home = Home(node.folder)
        self._view = Committed(node.store, cached=0)
        self._look_seconds = look_seconds
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="neighbours", daemon=True)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Look while this is open."""
        self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._thread.join()

    def look(self) -> list[Peer]:
        """Write down who is missing; gives those that were added or have moved."""
        own = self._home.read()
        known = {peer.url.rstrip("/") for peer in own.peers} | {own.address.rstrip("/")}
        members = [one for one in MEMBERS.under(self._view) if one.standing == "active" and one.party != own.did]
        found = [peer for one in members if one.url.rstrip("/") not in known and (peer := self._asked(one, own.chain))]
        if found:
            ids = {peer.node_id for peer in found}
            own = self._home.read()
            kept = tuple(peer for peer in own.peers if peer.node_id not in ids)
            self._home.write(msgspec.structs.replace(own, peers=(*kept, *found)))
        return found

    def _asked(self, member: Member, chain: str) -> Peer | None:
        try:
            with Elsewhere(member.url, _ANSWER_SECONDS) as node:
                told = node.network()
        except NetworkError:
            return None
        if told.chain != chain or told.own.did != member.party:
            return None
        return msgspec.structs.replace(as_peer(told.own), url=member.url)

    def _run(self) -> None:
        pause = _FIRST_LOOK_SECONDS
        while not self._stopping.wait(min(pause, self._look_seconds)):
            pause = self._look_seconds
            try:
                for peer in self.look():
                    _log.info("found a member", extra={"said": {"member": peer.name, "node": peer.node_id}})
            except (NetworkError, OSError):
                continue  # somebody edits the file, or the disk is full: the next look may do better
