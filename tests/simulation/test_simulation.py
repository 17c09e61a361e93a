"""Twenty thousand transactions of all kinds through the embedded engine, then an auditor who shares no rule with it."""

import base64
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sogdia import app
from sogdia.core import note
from sogdia.core.keys import SigningKey
from sogdia.core.machine import Machine
from sogdia.core.module import Ledger, Rule
from sogdia.core.receipt import Seal, decode_outcome
from sogdia.core.refusal import Refusal
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import Message
from sogdia.domains.payments.messages import Refund
from sogdia.domains.payments.state import payment_on_record, put_refund
from sogdia.engines.embedded import Embedded, replayed
from sogdia.engines.journal import Journal
from sogdia.engines.store import RocksStore
from tests.simulation import world
from tests.simulation.auditor import Audit
from tests.simulation.traffic import Traffic
from tests.simulation.world import Buyer

SEED = 20260302
ROUNDS, ROUND_SIZE = 116, 190
"""22,040 transactions; some of them never get a place in the order."""
BUYERS = 60
ROUND_MS = 4 * world.MINUTE_MS


class Run:
    """One simulated week and what it left behind."""

    def __init__(self, folder: Path, rounds: int = ROUNDS, rules: Mapping[type[Message], Rule] | None = None) -> None:
        self.folder, self.now_ms = folder, world.BEGINS_MS
        self.buyers = [Buyer(number) for number in range(BUYERS)]
        self.store = RocksStore(folder / "state")
        machine = app.machine(world.NETWORK, self.store)
        machine.rules.update(rules or {})
        self.engine = Embedded(
            machine, Journal(folder / "journal"), clock=lambda: self.now_ms, checkpoint=self._checkpoint
        )
        self.engine.found(world.founding())
        self.engine.start()
        self.traffic = Traffic(SEED, self.buyers)
        self.codes: Counter[int] = Counter()
        for number in range(rounds):
            self._round()
            self.now_ms += ROUND_MS
            if number == rounds // 2:
                self.now_ms = world.BEGINS_MS + 6 * 24 * world.HOUR_MS  # the second half is in the next year

    def _round(self) -> None:
        raws = self.traffic.round(ROUND_SIZE, self.now_ms)
        codes = []
        for future in self.engine.submit_all(raws):
            no = future.exception(120)
            assert no is None or isinstance(no, Refusal), f"the engine stopped: {no!r}"
            codes.append(future.result().code if no is None else no.code)
        self.traffic.learn(codes)
        self.codes.update(codes)

    def _checkpoint(self, seal: Seal) -> bytes:
        text = note.Checkpoint(world.ORIGIN, seal.log_size, seal.log_root).text()
        return note.sign(text, world.ORIGIN, SigningKey(bytes(32)))

    def close(self) -> None:
        self.engine.close()
        self.store.close()

    @property
    def machine(self) -> Machine:
        return self.engine.machine


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    made = Run(tmp_path_factory.mktemp("simulation"))
    yield made
    made.close()


def audited(run: Run) -> Audit:
    """The auditor's view, from the journal's envelopes and the outcomes' receipts alone."""
    audit = Audit(world.NETWORK)
    for _, block in Journal(run.folder / "journal").blocks():
        outcome = decode_outcome(run.engine.outcomes(block.height - 1, 1)[0])
        receipts = [json.loads(done.receipt) for done in outcome.done]
        if block.founding:
            audit.found(json.loads(block.founding), receipts[0]["time_ms"])
            continue
        assert len(receipts) == len(block.transactions)
        for raw, receipt in zip(block.transactions, receipts, strict=True):
            audit.transaction(raw, receipt)
    return audit


def final_records(run: Run) -> dict[str, dict[tuple[str, ...], dict[str, Any]]]:
    found: dict[str, dict[tuple[str, ...], dict[str, Any]]] = defaultdict(dict)
    for key, raw in run.store.scan(b"S"):
        table, *parts = key[1:].decode().split("\0")
        found[table][tuple(parts)] = dict(zip(app.FIELDS[table], msgspec.msgpack.decode(raw), strict=True))
    return found


@pytest.mark.slow
def test_the_auditor_agrees_with_every_decision_and_every_record(run: Run) -> None:
    audit = audited(run)
    audit.compare(final_records(run))
    assert audit.findings[:5] == []
    assert sum(audit.counted.values()) == run.machine.seal.log_size - 1
    assert len(audit.bills) > 300
    assert len(audit.refunds) > 100
    assert {year for _, year in audit.quota} == {"2026", "2027"}


@pytest.mark.slow
def test_the_traffic_was_worth_auditing(run: Run) -> None:
    sent = sum(run.codes.values())
    assert sent >= 20_000
    assert 0.15 < run.traffic.wrong / sent < 0.25
    assert {1, 3, 4, 5, 7, 8, 9} <= run.codes.keys(), "every way to be wrong before a rule is asked"
    refused_by = {code // 1000 for code in run.codes if code >= 1000}
    assert refused_by == {1, 2, 3, 4, 5, 6}, "and every domain has refused something"
    assert {6001, 6003, 6004, 6005, 6006, 6007, 6008, 6009, 6012, 6013, 6018} <= run.codes.keys()
    assert run.codes[6003] > 200


@pytest.mark.slow
def test_the_auditor_can_find_something(run: Run) -> None:
    """A record altered, a record lost, a record too many, a decision turned round: each is a finding."""
    audit = audited(run)
    records = final_records(run)
    payment = next(iter(records["payments.payment"].values()))
    payment["refunded_minor"] += 1
    records["orders.order"].popitem()
    lot = next(lot for lot in records["customs.quota"].values() if len(lot["pieces"]) > 1)
    lot["pieces"][0][1] -= 1
    audit.compare(records)
    findings = " ".join(audit.findings)
    assert "payments.payment" in findings
    assert "orders.order" in findings
    assert "pieces overlap or leave a gap" in findings


def test_the_auditor_notices_a_rule_that_lets_too_much_pass(tmp_path: Path) -> None:
    """Refunds without a limit, put in place of the rule for them: the auditor says which one should not have passed."""

    def refund_anything(ledger: Ledger, asked: Refund) -> None:
        put_refund(ledger, payment_on_record(ledger, asked.institution, asked.payment), asked)

    run = Run(tmp_path, rounds=25, rules={Refund: refund_anything})
    audit = audited(run)
    run.close()
    assert re.match(r"payments\.refund [0-9a-f]{12} was accepted in spite of \[4005\]", audit.findings[0])


@pytest.mark.slow
def test_the_journal_alone_gives_the_same_seal(run: Run) -> None:
    machine = app.machine(world.NETWORK, MemoryStore())
    for _, block in Journal(run.folder / "journal").blocks():
        machine.commit(replayed(machine, block))
    assert machine.seal == run.machine.seal


@pytest.mark.slow
def test_no_personal_value_stands_anywhere_in_clear_or_as_a_plain_hash(run: Run) -> None:
    marks = [Buyer.NAME_MARK, Buyer.ID_MARK, Buyer.PHONE_MARK, Buyer.ADDRESS_MARK]
    haystacks = {str(path): path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    haystacks["payloads"] = b"\n".join(payloads(run))
    haystacks["values"] = b"\n".join(value for _, value in run.store.scan(b""))
    haystacks["keys"] = b"\n".join(key for key, _ in run.store.scan(b""))
    values = [value for buyer in run.buyers for value in buyer.values()]
    hashes = [kind(value.encode()).digest() for value in values for kind in (sha256, sha1, md5)]
    hexadecimal = {digest.hex().encode() for digest in hashes}
    for name, haystack in haystacks.items():
        for mark in marks:
            assert mark.encode() not in haystack, f"{mark} in {name}"
            assert not any(encoded in haystack for encoded in in_base64(mark)), f"{mark} in base64 in {name}"
        found = {token.lower() for token in re.findall(rb"[0-9a-fA-F]{32,}", haystack)}
        assert not found & hexadecimal, f"a plain hash in {name}"
        assert not any(digest in haystack for digest in hashes[:60]), f"a plain hash, raw, in {name}"


def payloads(run: Run) -> Iterator[bytes]:
    for _, block in Journal(run.folder / "journal").blocks():
        for raw in block.transactions:
            text = json.loads(raw)["payload"]
            yield base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def in_base64(mark: str) -> list[bytes]:
    """How a text looks inside base64, at each of its three alignments, without the letters that neighbours decide."""
    return [base64.b64encode(b"\0" * shift + mark.encode())[4 if shift else 0 :][:-4] for shift in range(3)]
