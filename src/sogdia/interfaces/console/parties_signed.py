"""Who wrote a record and when, and what the parties are called: what several pages tell beside a record."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from sogdia.app import Node
from sogdia.core.query import Asker
from sogdia.core.receipt import Done, Outcome, decode_outcome, decode_receipt
from sogdia.core.state import Committed, Record, Table
from sogdia.domains.identity.state import PARTIES
from sogdia.engines.kept import BeforeBase
from sogdia.interfaces.http.transactions import may_hear


class Written(msgspec.Struct, frozen=True):
    """A transaction that wrote something: where it stands, what it was about, which parties signed with which keys.

    The founding agreement and what the engine says are signed by nobody.
    """

    height: int
    index: int
    time_ms: int
    transaction: str
    tags: tuple[str, ...]
    signers: tuple[str, ...]
    kids: tuple[str, ...]
    is_open: bool
    """Whether whoever asks may read the transaction."""


class Known:
    """Names of parties by identifier, each looked up once; `told` is what parties not on record call themselves."""

    def __init__(self, node: Node, told: Mapping[str, str] | None = None) -> None:
        self._view = Committed(node.store, cached=0)
        self._names: dict[str, str] = {}
        self._told = told or {}

    def of(self, did: str) -> str:
        """The name on record; nothing for who is not on it."""
        if did not in self._names:
            found = PARTIES.get(self._view, did)
            self._names[did] = "" if found is None else found.name
        return self._names[did]

    def told(self, did: str) -> str:
        """What a party that is not on record calls itself; nothing for all others."""
        return self._told.get(did, "")


def writers(node: Node, asker: Asker, table: Table[Any], *key: str) -> list[Written]:
    """The transactions that wrote a record, oldest first; of a node that joined by a snapshot, those after it alone."""
    outcomes: dict[int, Outcome] = {}
    found = []
    for height, index in node.history(table.name, *key):
        try:
            outcome = outcomes.setdefault(height, decode_outcome(node.engine.outcome_at(height)))
        except BeforeBase:
            continue
        found.append(_written(node, asker, outcome, index))
    return found


def records_written(node: Node, outcome: Outcome, index: int) -> Iterator[tuple[Table[Any], Record]]:
    """The records that one transaction of a block wrote, as they stand after that block."""
    for key, value in outcome.changes:
        told = b"H%b\x00%016x%08x" % (key, outcome.seal.height, index)
        if value is not None and node.store.get(told) is not None:
            table = node.machine.tables[key[: key.index(b"\x00") + 1]]
            yield table, table.decode(value)


def is_open_to(node: Node, asker: Asker, outcome: Outcome, index: int) -> bool:
    """Whether the asker may read a transaction: it signed it, may hear of it, or may read a record of few readers."""
    done = outcome.done[index]
    if concerns(asker, done):
        return True
    return any(
        asker.party in table.readers(record) or any(role in table.roles for role in asker.roles)
        for table, record in records_written(node, outcome, index)
    )


def concerns(asker: Asker, done: Done) -> bool:
    """Whether the asker signed this or may hear an event of it; what nobody signed is no transaction to be read."""
    return bool(done.signers) and _heard(asker, done)


def _heard(asker: Asker, done: Done) -> bool:
    return asker.party in done.signers or any(may_hear(one.parties, one.roles, asker) for one in done.events)


def _written(node: Node, asker: Asker, outcome: Outcome, index: int) -> Written:
    done, height = outcome.done[index], outcome.seal.height
    transaction = decode_receipt(done.receipt).transaction
    kids = kids_of(node, height, index)
    is_open = bool(kids) and is_open_to(node, asker, outcome, index)
    return Written(height, index, outcome.seal.time_ms, transaction, done.tags, done.signers, kids, is_open)


def kids_of(node: Node, height: int, index: int) -> tuple[str, ...]:
    """The keys with which a transaction was signed."""
    block = node.engine.block_at(height)
    raw = None if block is None else block.envelope(index)
    return () if raw is None else tuple(one.kid for one in node.machine.codec.parse(raw).signatures)
