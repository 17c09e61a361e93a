"""An organisation's node: CometBFT orders, and evidence carries the headers that the validators signed."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from sogdia.app.modules import TABLES
from sogdia.app.node import Node, milliseconds
from sogdia.client.light.blocks import LightBlock
from sogdia.client.light.bridge import bridge
from sogdia.client.light.rpc import from_rpc
from sogdia.core.query import Asker
from sogdia.core.transaction import Message
from sogdia.domains.governance.messages import Misbehaved
from sogdia.domains.governance.state import block_bytes, validator_updates
from sogdia.engines.cometbft.engine import Networked
from sogdia.engines.cometbft.rpc import Rpc, RpcError
from sogdia.engines.cometbft.snapshots import SnapshotShelf
from sogdia.engines.journal import Journal
from sogdia.standards import ics23

HEADER_SECONDS: Final = 10.0
"""How long evidence waits for the header behind the latest block."""
_PAUSE_SECONDS: Final = 0.05
_NOT_FOUND, _NOT_PUBLIC = 1, 2


class Links(msgspec.Struct, frozen=True):
    """How a node and its CometBFT reach one another, and what CometBFT calls the network."""

    chain: str
    abci: str
    """Where the node listens: unix:///path."""
    rpc: str
    """Where CometBFT does."""
    keep_blocks: int = 0
    """How many blocks CometBFT keeps for those who fall behind; 0 keeps all."""
    snapshot_interval: int = 5_000


class NoHeader(Exception):
    """CometBFT does not give the header that evidence needs; the message says why."""


class NetworkNode(Node):
    """A node in an organisation's folder: network.json, organisation.key, journal/, state/, snapshots/, cometbft/."""

    key_file = "organisation.key"
    engine: Networked

    def __init__(self, folder: Path, links: Links) -> None:
        self.links = links
        self.rpc = Rpc(links.rpc)
        super().__init__(folder)

    def _make_engine(self, journal: Journal) -> Networked:
        return Networked(
            self.machine,
            journal,
            chain=self.links.chain,
            abci=self.links.abci,
            rpc=self.rpc,
            clock=milliseconds,
            checkpoint=self._checkpoint,
            checkpoint_text=self._text,
            constitution=_Constitution(),
            query=self._asked,
            snapshots=lambda engine: SnapshotShelf(engine, self.folder / "snapshots", self.links.snapshot_interval),
            keep_blocks=self.links.keep_blocks,
        )

    def close(self) -> None:
        """Wait a while for what has arrived, then let go of the folder."""
        super().close()
        self.rpc.close()

    # -- evidence ------------------------------------------------------------------------------------------------

    def evidence(self, subject: Mapping[str, str], records: Sequence[tuple[str, ...]], asker: Asker) -> bytes:
        """As any node's evidence, with the light blocks that lead from the first header to the checkpoint's.

        Waits for the header behind the latest block. NoHeader when CometBFT does not give it.
        """
        with self.engine.sealed:
            found = self._evidence(subject, records, asker)
            height = self.engine.sealed_at + 1
        return msgspec.json.encode(msgspec.structs.replace(found, light=self.light_blocks(height)))

    def light_blocks(self, height: int) -> tuple[LightBlock, ...]:
        """The first block, and those that skipping verification needs from there up to this height of CometBFT's."""
        first = self._light_block(self._earliest())
        if height <= first.header.height:
            return (first,)
        return (first, *bridge(self._light_block, first, height))

    def _earliest(self) -> int:
        try:
            return self.rpc.status().sync_info.earliest_block_height
        except (OSError, RpcError) as error:
            raise NoHeader(f"CometBFT does not answer: {error}") from None

    def _light_block(self, height: int) -> LightBlock:
        until = time.monotonic() + HEADER_SECONDS
        while True:
            try:
                return from_rpc(self.rpc.call("commit", height=height), self.rpc.whole_validators(height))
            except (OSError, RpcError) as error:
                if time.monotonic() > until:
                    raise NoHeader(f"CometBFT does not give header {height}: {error}") from None
                time.sleep(_PAUSE_SECONDS)

    # -- queries of CometBFT's own clients -----------------------------------------------------------------------

    def _asked(self, data: bytes, path: str, prove: bool) -> tuple[int, bytes, list[tuple[str, bytes, bytes]]]:
        """A record of a public table by its whole key, with an ICS-23 proof against the state root."""
        table = self.machine.tables.get(data[: data.find(b"\x00") + 1])
        if path != "/store" or table is None or not table.public or TABLES.get(table.name) is not table:
            return _NOT_PUBLIC, b"", []
        with self.engine.sealed:
            value = self.store.get(b"S" + data)
            if not prove or not table.proved:
                return (_NOT_FOUND if value is None else 0), value or b"", []
            proof = self.machine.tree.prove(data, lambda key: self.store.get(b"S" + key))
        return (_NOT_FOUND if value is None else 0), value or b"", [("ics23:smt", data, ics23.encode(proof))]


class _Constitution:
    """What governance says of validators."""

    def misbehaved(self, kind: str, address: str, power: int, height: int, time_ms: int) -> Message:
        """The message that puts misbehaviour on record."""
        offence: Any = kind
        return Misbehaved(kind=offence, address=address, power=power, engine_height=height, time_ms=time_ms)

    def validator_updates(self, changes: Mapping[bytes, Any]) -> list[tuple[str, int]]:
        """Keys and powers that changed."""
        return validator_updates(changes)

    def block_bytes(self, changes: Mapping[bytes, Any]) -> int | None:
        """The size of a block, when the terms have changed."""
        return block_bytes(changes)
