"""A network whose operator logs and seals whatever it likes: the page believes of it what Python believes."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from sogdia.client import evidence
from sogdia.core import note
from sogdia.core.codec import base64url, from_base64url, json_bytes, record_bytes
from sogdia.core.keys import EDDSA, SigningKey
from sogdia.core.log import Log, leaf_hash
from sogdia.core.module import KeyOnRecord
from sogdia.core.receipt import Receipt
from sogdia.core.store import MemoryStore
from sogdia.core.tree import Membership, Tree
from tests.interfaces.console.verify.node_runner import Runner, by_python, started
from tests.simulation import world
from tests.simulation.world import signed

pytestmark = pytest.mark.node
OPERATOR = SigningKey(b"o" * 32)
KEY = str(note.VerifierKey("rogue", OPERATOR.public))
PEN = world.PLATFORMS[0]
OTHER = world.PLATFORMS[1]


@pytest.fixture(scope="module")
def node() -> Iterator[Runner]:
    with started() as runner:
        runner.trust(network_key=KEY)
        yield runner


def on_record(**other: Any) -> KeyOnRecord:
    """The key of the one who signs, or another in some field."""
    found = {"id": PEN.kid, "party": PEN.did, "scheme": EDDSA, "public": PEN.key.public.hex(), "purpose": "sign"}
    return KeyOnRecord(**{**found, "since_height": 1, "retired_height": 0, **other})


def rogue(
    raw: str, records: list[tuple[str, bytes, Any]], lines: tuple[str, ...] | None = None, receipt: Any = None
) -> bytes:
    """Evidence of one transaction and of records (table, value, what is shown), all true to the operator's log."""
    store = MemoryStore()
    tree, log = Tree(store), Log(store)
    paths = [f"{table}\0{number}".encode() for number, (table, _, _) in enumerate(records)]
    values = {path: value for path, (_, value, _) in zip(paths, records, strict=True)}
    entry = json_bytes(_receipt(raw)) if receipt is None else receipt
    staged_tree, staged_log = tree.stage(dict(values)), log.stage([leaf_hash(entry)])
    store.write({**staged_tree.puts, **staged_log.puts})
    tree.apply(staged_tree)
    log.apply(staged_log)
    own = ("height 9", "time_ms 9", f"state {tree.root.hex()}") if lines is None else lines
    own = tuple(line.format(state=tree.root.hex()) for line in own)
    text = note.Checkpoint("rogue", 1, log.root, own).text()
    proofs = [tree.prove(path, values.__getitem__) for path in paths]
    proved = [
        evidence.ProvedRecord(table, shown, proof)
        for (table, _, shown), proof in zip(records, proofs, strict=True)
        if isinstance(proof, Membership)
    ]
    logged = evidence.LoggedTransaction(raw, entry.decode(), 0, ())
    checkpoint = note.sign(text, "rogue", OPERATOR).decode()
    return json_bytes(evidence.Evidence(evidence.FORMAT, world.NETWORK, {}, checkpoint, None, (logged,), tuple(proved)))


def _receipt(raw: str) -> Receipt:
    try:
        payload = from_base64url(json.loads(raw)["payload"])
    except (ValueError, KeyError, TypeError):
        payload = b""
    transaction = sha256(payload).hexdigest()
    return Receipt(world.NETWORK, 3, 0, 5, transaction, sha256(raw.encode()).hexdigest(), 0, {}, "00" * 32)


def transaction(*pens: world.Pen) -> str:
    return signed([world.listing(world.SELLERS[0], "TOY")], list(pens), 0, "nonce-01").decode()


def shown(key: KeyOnRecord) -> dict[str, Any]:
    return {name: getattr(key, name) for name in key.__struct_fields__}


def same(node: Runner, *files: bytes) -> list[Any]:
    """What both find."""
    found = [by_python(raw, network_key=KEY) for raw in files]
    assert list(node.verified(files)) == found
    return found


KEYS = [
    (on_record(), True),
    (on_record(since_height=3), True),
    (on_record(retired_height=3), True),
    (on_record(retired_height=9), True),
    (on_record(since_height=4), False),
    (on_record(retired_height=2), False),
    (on_record(since_height=-(2**63)), True),
    (on_record(since_height=2**63), False),
    (on_record(scheme="SM2"), False),
    (on_record(public=OTHER.key.public.hex()), False),
    (on_record(public="zz"), False),
    (on_record(public=""), False),
    (on_record(public=PEN.key.public.hex().upper()), True),
    (on_record(public=" ".join(PEN.key.public.hex()[at : at + 2] for at in range(0, 64, 2))), True),
    (on_record(public=PEN.key.public.hex()[:-1]), False),
    (on_record(id=OTHER.kid), False),
]


@pytest.mark.parametrize(("key", "holds"), KEYS)
def test_a_signature_counts_by_the_key_that_is_on_record_and_in_force(
    node: Runner, key: KeyOnRecord, holds: bool
) -> None:
    (found,) = same(node, rogue(transaction(PEN), [("identity.key", record_bytes(key), shown(key))]))
    assert [verdict for name, verdict in found if name.endswith(" signed")] == [holds]


@pytest.mark.parametrize(
    "value", [["a"], {"id": "a"}, 5, ["a", "b", "c", "d", "e", 1.0], ["a", "b", "c", "d", "e", 1, None]]
)
def test_a_key_that_is_none_opens_nothing_with_either(node: Runner, value: Any) -> None:
    (checks,) = same(node, rogue(transaction(PEN), [("identity.key", record_bytes(value), {})]))
    assert [holds for name, holds in checks if name.endswith("signed")] == [False]


def test_envelopes_that_are_odd_are_judged_alike(node: Runner) -> None:
    good = json.loads(transaction(PEN))
    one = good["signatures"][0]
    protected = [
        {"alg": "none", "kid": PEN.kid}, {"alg": EDDSA}, {"alg": EDDSA, "kid": PEN.kid, "b64": False}, {"kid": PEN.kid},
        {"alg": EDDSA, "kid": OTHER.kid}, [], {"alg": 5, "kid": PEN.kid},
    ]  # fmt: skip
    odd: list[Any] = [
        {**good, "signatures": []}, {**good, "signatures": [one] * 2}, {**good, "signatures": [one] * 11},
        {**good, "x": 1},
        {**good, "payload": good["payload"] + "="}, {**good, "payload": good["payload"][:-1]}, {**good, "payload": ""},
        {**good, "signatures": [{**one, "x": 1}]}, {**good, "signatures": [{**one, "signature": "!"}]}, [], None,
        {**good, "signatures": [{**one, "signature": one["signature"][:-1] + "B"}]}, {"payload": good["payload"]},
        *({**good, "signatures": [{**one, "protected": base64url(json_bytes(head))}]} for head in protected),
    ]  # fmt: skip
    records = [("identity.key", record_bytes(on_record()), shown(on_record()))]
    files = [rogue(json.dumps(envelope), records) for envelope in (good, *odd)]
    files += [rogue(transaction(PEN, OTHER), records), rogue("", records), rogue("\ufeff{}", records)]
    found = same(node, *files)
    assert all(verdict for _, verdict in found[0])
    twice = [verdict for name, verdict in found[2] if name.endswith(" signed")]
    assert twice == [True]
    assert sum(all(verdict for _, verdict in one) for one in found) == 2


def test_receipts_that_are_odd_are_judged_alike(node: Runner) -> None:
    raw = transaction(PEN)
    good = json.loads(json_bytes(_receipt(raw)))
    odd = [
        {**good, "height": 1.0}, {**good, "height": 2**70}, {**good, "code": 3001}, {**good, "fields": []},
        {**good, "fields": {"a": [1, {"b": None}]}}, {**good, "network": "other"}, {**good, "more": 1},
        {**good, "transaction": "明" * 40}, {**good, "transaction": "🪔" * 40}, {**good, "envelope": "x"},
        {name: value for name, value in good.items() if name != "events"},
    ]  # fmt: skip
    records = [("identity.key", record_bytes(on_record()), shown(on_record()))]
    found = same(node, *(rogue(raw, records, receipt=json.dumps(one, ensure_ascii=False).encode()) for one in odd))
    assert len({str(one) for one in found}) > 5


def test_values_are_told_apart_as_json_tells_them_apart(node: Runner) -> None:
    names = ["id", "party", "name", "country", "registration"]
    pairs: list[tuple[Any, Any]] = [
        (1, 1), (1, 1.0), (1.0, 1.0), (1, True), (True, True), (0, False), (None, None), (0, None), ("", None),
        ("1", 1),
        (2**53 + 1, 2**53 + 1), (2**53 + 1, 2**53), (2**63, 2**63), (-0.0, 0.0), (0.1, 0.1), (1e22, 1e22),
        (1e22, 10**22), ("明", "明"), ("é", "e\u0301"), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ({"a": 1}, {"a": 2}),
        ([1, [2]], [1, [2]]),
        ([1, 2], [2, 1]), ([], {}), (b"ab", "YWI="), (b"ab", "YWI"), ("a\n\u2028", "a\n\u2028"), (float("inf"), None),
    ]  # fmt: skip
    table = "governance.case"
    files = []
    for kept, told in pairs:
        fields = {name: told if at == 2 else at for at, name in enumerate(names)}
        value = record_bytes([kept if at == 2 else at for at in range(len(names))])
        files.append(rogue(transaction(PEN), [("rogue.table", value, fields)]))
        files.append(rogue(transaction(PEN), [(table, value, fields)]))
    found = same(node, *files)
    assert len(found) == 2 * len(pairs)


@pytest.mark.parametrize(
    "lines",
    [
        (), ("height 9",), ("height 9", "time_ms 9"), ("height x", "time_ms 9", "state {state}"),
        ("height +9", "time_ms 1_000", "state {state}"), ("height 9", "time_ms -5", "state {state}", "more line"),
        ("height 9", "time_ms 9", "state {state}", "alone"), ("height 9", "time_ms 9", "state zz"),
        ("height 1", "height 9", "time_ms 9", "state {state}"), ("height  9 ", "time_ms 9", "state {state}"),
        ("height _9", "time_ms 9", "state {state}"), ("height 9.0", "time_ms 9", "state {state}"),
    ],
)  # fmt: skip
def test_checkpoints_with_odd_lines_are_judged_alike(node: Runner, lines: tuple[str, ...]) -> None:
    same(node, rogue(transaction(PEN), [("identity.key", record_bytes(on_record()), shown(on_record()))], lines))
