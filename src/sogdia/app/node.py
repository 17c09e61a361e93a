"""A node in a folder: machine, engine and store wired together, and what it shows of its record."""

import json
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sogdia.app.modules import TABLES, machine
from sogdia.client import evidence as proofs
from sogdia.core import note
from sogdia.core.codec import json_bytes
from sogdia.core.keys import SigningKey
from sogdia.core.once import places_of
from sogdia.core.query import Asker, may_see
from sogdia.core.receipt import Receipt, Seal, decode_outcome
from sogdia.core.state import Committed, Table
from sogdia.core.transaction import Message
from sogdia.core.tree import Membership
from sogdia.domains.customs.state import records_of_trade
from sogdia.domains.identity.state import KEYS, PARTIES
from sogdia.engines.embedded import Embedded
from sogdia.engines.journal import Journal
from sogdia.engines.kept import BeforeBase
from sogdia.engines.store import RocksStore

if TYPE_CHECKING:
    from sogdia.engines.cometbft.engine import Networked


class NetworkInfo(msgspec.Struct, frozen=True):
    """What a network is called: its name, the code in its identifiers, and the origin line of its checkpoints."""

    network: str
    code: str
    origin: str


class NodeExists(Exception):
    """The folder holds a node already."""


class NoNode(Exception):
    """The folder holds no node; the message says how to make one."""


def milliseconds() -> int:
    """The wall clock, for the engine alone."""
    return time.time_ns() // 1_000_000


class Node:
    """One operator's node in a folder: network.json, network.key, network.vkey, founding.json, journal/, state/.

    An empty ledger is founded when it is opened, so a creation that was cut short is finished by the next start.
    """

    key_file = "network.key"
    engine: "Embedded | Networked"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.info = _read_info(folder)
        self._key = SigningKey(bytes.fromhex(_read_guarded(folder / self.key_file)))
        self.verifier_key = str(note.VerifierKey(self.info.origin, self._key.public))
        self.store = RocksStore(folder / "state")
        self.machine = machine(self.info.network, self.store)
        self.engine = self._make_engine(Journal(folder / "journal"))

    def _make_engine(self, journal: Journal) -> "Embedded | Networked":
        engine = Embedded(self.machine, journal, clock=milliseconds, checkpoint=self._checkpoint)
        if not self.machine.seal.height:
            engine.found(self.machine.codec.messages((self.folder / "founding.json").read_bytes()))
        return engine

    @staticmethod
    def create(folder: Path, info: NetworkInfo, founding: Sequence[Message]) -> "Node":
        """Make a node in an empty folder and write its founding block."""
        if (folder / "network.json").exists():
            raise NodeExists(f"{folder} holds a node already; choose another folder or start it with `sogdia up`")
        folder.mkdir(parents=True, exist_ok=True)
        seed = secrets.token_bytes(32)
        write_guarded(folder / "network.key", seed.hex())
        vkey = note.VerifierKey(info.origin, SigningKey(seed).public)
        (folder / "network.vkey").write_text(f"{vkey}\n")
        (folder / "founding.json").write_bytes(json_bytes(founding))
        unfinished = folder / "network.json.new"
        unfinished.write_bytes(json_bytes(info))
        unfinished.rename(folder / "network.json")
        return Node(folder)

    def start(self) -> None:
        """Begin to take transactions."""
        self.engine.start()

    def close(self) -> None:
        """Finish what has arrived, then let go of the folder."""
        self.engine.close()
        self.store.close()

    # -- transactions --------------------------------------------------------------------------------------------

    def submit_all(self, raws: Sequence[bytes]) -> "list[Future[Receipt]]":
        """Hand in signed transactions, to be taken in this order."""
        return self.engine.submit_all(raws)

    # -- reading -------------------------------------------------------------------------------------------------

    def record(self, table: str, *parts: str) -> Any:
        """The record in the sealed state, or None. KeyError for an unknown table."""
        return TABLES[table].get(Committed(self.store, cached=0), *parts)

    def asker(self, party: str | None) -> Asker:
        """Who this party is on record now; a suspended party asks as the public."""
        found = PARTIES.get(Committed(self.store, cached=0), party) if party else None
        return Asker() if found is None or found.suspended else Asker(found.did, found.roles)

    def checkpoint(self) -> str:
        """The network's signed note on the latest block."""
        signed = self.engine.checkpoint_at(self.machine.seal.height)
        assert signed is not None
        return signed.decode()

    def status(self) -> dict[str, Any]:
        """What the node says of itself, as plain data: network, height, time in milliseconds, roots in hexadecimal."""
        seal = self.machine.seal
        return {
            "network": self.info.network,
            "code": self.info.code,
            "origin": self.info.origin,
            "verifier_key": self.verifier_key,
            "height": seal.height,
            "time_ms": seal.time_ms,
            "log_size": seal.log_size,
            "log_root": seal.log_root.hex(),
            "state_root": seal.state_root.hex(),
        }

    def history(self, table: str, *parts: str) -> list[tuple[int, int]]:
        """Height and index of the transactions that wrote a record, in order."""
        prefix = b"H" + TABLES[table].path(*parts) + b"\x00"
        found = [key[len(prefix) :] for key, _ in self.store.scan(prefix)]
        return [(int(place[:16], 16), int(place[16:], 16)) for place in found if len(place) == 24]

    def evidence(self, subject: Mapping[str, str], records: Sequence[tuple[str, ...]], asker: Asker) -> bytes:
        """Evidence for these records (table, key fields...) and for every transaction that wrote them, as JSON.

        What the asker may not see is left out. The earlier checkpoint is that of the first of these transactions.
        """
        with self.engine.sealed:
            found = self._evidence(subject, records, asker)
        return msgspec.json.encode(found)

    def trade_records(self, platform: str, order: str) -> list[tuple[str, ...]]:
        """Table and key fields of everything on record about one order, its declarations and the broker's mandate."""
        return records_of_trade(Committed(self.store, cached=0), platform, order)

    def evidence_of_order(self, platform: str, order: str, asker: Asker) -> bytes:
        """Evidence for a whole trade: everything about the order that the asker may see."""
        about = {"table": "orders.order", "key": f"{platform} {order}"}
        return self.evidence(about, self.trade_records(platform, order), asker)

    # -- inside --------------------------------------------------------------------------------------------------

    def _text(self, seal: Seal) -> str:
        return proofs.checkpoint_text(
            self.info.origin, seal.log_size, seal.log_root, seal.height, seal.time_ms, seal.state_root
        )

    def _checkpoint(self, seal: Seal) -> bytes:
        return note.sign(self._text(seal), self.info.origin, self._key)

    def _evidence(
        self, subject: Mapping[str, str], records: Sequence[tuple[str, ...]], asker: Asker
    ) -> proofs.Evidence:
        shown, places = [], set[tuple[int, int]]()
        for name, *parts in records:
            table = TABLES[name]
            record = self.record(name, *parts)
            if record is not None and may_see(table, record, asker):
                if self.engine.stood_at_base(table.path(*parts)):
                    raise BeforeBase(self.engine.base.height)
                places.update(self.history(name, *parts))
                if table.proved:
                    shown.append(self._proved(table, *parts))
        logged, kids, heights = list[proofs.LoggedTransaction](), dict[str, None](), list[int]()
        for height, index in sorted(places):
            one, signed_by = self._logged(height, index)
            if one is not None:
                logged.append(one)
                heights.append(height)
                kids.update(dict.fromkeys(signed_by))
        # Who applies for membership signs with a key that is on no record; it stands in the application itself.
        shown += [self._proved(KEYS, kid) for kid in kids if self.record(KEYS.name, kid) is not None]
        earlier = self._earlier(heights[0]) if heights else None
        return proofs.Evidence(
            proofs.FORMAT, self.info.network, dict(subject), self.checkpoint(), earlier, tuple(logged), tuple(shown)
        )

    def _proved(self, table: Table[Any], *parts: str) -> proofs.ProvedRecord:
        path = table.path(*parts)
        proof = self.machine.tree.prove(path, lambda key: self.store.get(b"S" + key))
        assert isinstance(proof, Membership), f"{path!r} stands in the state but not in its tree"
        return proofs.ProvedRecord(table.name, shown(table.decode(proof.value)), proof)

    def _logged(self, height: int, index: int) -> tuple[proofs.LoggedTransaction | None, tuple[str, ...]]:
        block = self.engine.block_at(height)
        assert block is not None
        raw = block.envelope(index)
        if raw is None:
            return None, ()
        done = decode_outcome(self.engine.outcome_at(height)).done[index]
        transaction = self.machine.codec.parse(raw)
        places = places_of(self.store, transaction.id)
        leaf = next(placed.leaf for placed in places if (placed.height, placed.index) == (height, index))
        inclusion = self.machine.log.inclusion(leaf, self.machine.seal.log_size)
        logged = proofs.LoggedTransaction(raw.decode(), done.receipt.decode(), leaf, tuple(inclusion))
        return logged, tuple(one.kid for one in transaction.signatures)

    def _earlier(self, height: int) -> proofs.EarlierCheckpoint | None:
        signed = self.engine.checkpoint_at(height)
        if signed is None:
            return None
        old = note.Checkpoint.parse(note.split(signed)[0])
        path = self.machine.log.consistency(old.size, self.machine.seal.log_size)
        return proofs.EarlierCheckpoint(signed.decode(), tuple(path))


def shown(record: Any) -> dict[str, Any]:
    """A record as plain data under its field names."""
    return {name: msgspec.to_builtins(getattr(record, name)) for name in record.__struct_fields__}


def write_guarded(path: Path, text: str) -> None:
    """Write a secret so that only its owner can read it."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read_guarded(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"others can read {path}; make it your own with: chmod 600 {path}")
    return path.read_text().strip()


def _read_info(folder: Path) -> NetworkInfo:
    try:
        return msgspec.convert(json.loads((folder / "network.json").read_text()), NetworkInfo)
    except FileNotFoundError:
        raise NoNode(f"{folder} holds no node; make one with: sogdia init {folder}") from None
