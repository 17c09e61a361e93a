"""Organisations' nodes without wires: the real application of each, and beside it a CometBFT that the test plays."""

import json
import secrets
import time
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path

from bench.traffic import NETWORK, World
from sogdia.app import NetworkInfo
from sogdia.app.network_node import Links, NetworkNode
from sogdia.app.organisation import Home
from sogdia.client.connection import signed
from sogdia.client.keyring import Keyring
from sogdia.core.transaction import Message, Signer
from sogdia.domains.governance.messages import Parameters
from sogdia.engines.cometbft.engine import Networked
from sogdia.engines.journal import Journal
from sogdia.interfaces.intake.pipeline import BoundKey
from sogdia.interfaces.network import founding, laying
from tests.engines.cometbft.fake import FakeCometBFT

INFO = NetworkInfo(NETWORK, "benc", "sogdia.example/bench")
NAMES = ("zone", "customs", "tax", "bank")


class Member:
    """A founding organisation: its party, and the key that signs for it."""

    def __init__(self, folder: Path, name: str) -> None:
        keys = Keyring(Home(folder / name).keys).load(name)
        self.name, self.did = name, keys.identity.did
        self.key = BoundKey(keys.kid, keys.signer, self.did, b"")


class NodeApart(NetworkNode):
    """A node whose clock goes wrong by so many milliseconds."""

    def __init__(self, folder: Path, links: Links, wrong_ms: int = 0) -> None:
        self._wrong_ms = wrong_ms
        super().__init__(folder, links)

    def _make_engine(self, journal: Journal) -> Networked:
        engine = super()._make_engine(journal)

        def clock() -> int:
            return time.time_ns() // 1_000_000 + self._wrong_ms

        engine.application._clock = clock
        engine.application.checks._clock = clock
        return engine


class Apart:
    """One organisation's node, and its CometBFT: `comet` is the test's to play."""

    def __init__(self, folder: Path, name: str, wrong_ms: int = 0) -> None:
        home = Home(folder / name)
        organisation = home.read()
        abci = f"unix://{folder / name}.sock"
        self.node = NodeApart(home.folder, Links(organisation.chain, abci, f"unix://{folder}/nobody"), wrong_ms)
        self.node.start()
        genesis = json.loads((home.config / "genesis.json").read_bytes())
        self.comet = FakeCometBFT(
            abci,
            chain_id=organisation.chain,
            app_state=json.dumps(genesis["app_state"]).encode(),
            time_ms=genesis_time_ms(folder),
        )
        self.comet.validators = tuple(
            (b64decode(one["pub_key"]["value"]), int(one["power"])) for one in genesis["validators"]
        )
        self.comet.handshake()

    @property
    def application(self):  # type: ignore[no-untyped-def]
        """The application under test."""
        return self.node.engine.application

    def close(self) -> None:
        """CometBFT first, as the supervisor does it."""
        self.comet.disconnect()
        self.node.close()


def genesis_time_ms(folder: Path) -> int:
    """When the network in this folder began."""
    return (folder / "organisations.json").stat().st_mtime_ns // 1_000_000


def lay(folder: Path, world: World, parameters: Parameters | None = None) -> list[Member]:
    """Four organisations that agree on the world's parties and goods."""

    def agreed(members: Sequence[laying.Member]) -> bytes:
        return founding.agreement(members, {}, lambda parties: world.founding(), parameters)

    laying.lay(folder, INFO, NAMES, agreed)
    return [Member(folder, name) for name in NAMES]


def said(signer: Signer, *messages: Message, valid_ms: int = 3_600_000, network: str = NETWORK) -> bytes:
    """A transaction of these messages, now."""
    now_ms = time.time_ns() // 1_000_000
    return signed(network, now_ms, secrets.token_hex(8), messages, [signer], valid_ms=valid_ms)
