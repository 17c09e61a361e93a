"""Evidence about everything that stands on a node: one file for some records of each table, and odd ones besides."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sogdia.app import TABLES, Node
from sogdia.client import evidence
from sogdia.core.codec import json_bytes
from sogdia.core.query import Asker
from sogdia.core.receipt import decode_outcome
from sogdia.core.tree import Absence
from tests.interfaces.demo.conftest import demo

MOST_BYTES = 60_000
_MANY = 20


def demonstrated(folder: Path) -> Node:
    """The node of a small demonstration: trade in both directions, with taxes, quotas, refusals."""
    said = demo(folder, "--limit", 30)
    assert said.status == 0, said.err
    node = Node(folder / "node")
    node.start()
    return node


def files(node: Node, each: int) -> Iterator[tuple[str, bytes]]:
    """Evidence about so many records of each table that is proved, by the table's name; files of a sensible size."""
    for name, table in ((one, table) for one, table in TABLES.items() if table.proved):
        prefix = b"S" + name.encode() + b"\x00"
        made = 0
        for key, _ in islice(node.store.scan(prefix), _MANY):
            parts = key[len(prefix) :].decode().split("\x00")
            raw = node.evidence({"table": name, "key": " ".join(parts)}, [(name, *parts)], _reader(node, table, parts))
            if len(raw) <= MOST_BYTES and (name != "orders.order" or made == 0):
                made += 1
                yield name, raw
            if made == each:
                break


def _reader(node: Node, table: Any, parts: Sequence[str]) -> Asker:
    """Somebody who may read this record."""
    readers = () if table.public else tuple(table.readers(node.record(table.name, *parts)))
    return Asker(readers[0] if readers else None, tuple(table.roles))


def refused(node: Node) -> Iterator[tuple[int, int]]:
    """Where transactions stand that the rules refused."""
    for height in range(2, node.machine.seal.height + 1):
        if node.engine.block_at(height) is None:
            continue
        for index, done in enumerate(decode_outcome(node.engine.outcome_at(height)).done):
            if json.loads(done.receipt)["code"]:
                yield height, index


def odd_files(node: Node, whole: bytes) -> Iterator[tuple[str, bytes]]:
    """Out of one file: receipts alone, a refused transaction with its keys, nobody where nobody is, nothing at all."""
    file = json.loads(whole)
    alone = {**file, "records": [], "absences": [], "subject": {}}
    yield "receipts alone", json.dumps(alone).encode()
    for height, index in islice(refused(node), 2):
        logged, kids = node._logged(height, index)
        keys = [json.loads(json_bytes(node._proved(TABLES["identity.key"], kid))) for kid in kids]
        told = json.loads(json_bytes(logged))
        yield "refused", json.dumps({**alone, "records": keys, "transactions": [told]}).encode()
    for table in ("orders.order", "identity.party", "zzz"):
        path = f"{table}\x00nobody".encode()
        proof = node.machine.tree.prove(path, lambda wanted: node.store.get(b"S" + wanted))
        assert isinstance(proof, Absence)
        absence = json.loads(json_bytes(evidence.ProvedAbsence(table, path, proof)))
        subject = {"table": table, "key": "nobody"}
        yield "absence", json.dumps({**alone, "absences": [absence], "transactions": [], "subject": subject}).encode()
    yield "nothing", json.dumps({**alone, "transactions": []}).encode()
