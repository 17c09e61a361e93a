"""Twenty thousand transactions of all kinds through the embedded engine, then an auditor who shares no rule with it."""

import base64
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from hashlib import md5, sha1, sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from sogdia import app
from sogdia.core import note
from sogdia.core.keys import SigningKey
from sogdia.core.machine import Machine
from sogdia.core.module import Ledger, Rule
from sogdia.core.receipt import ACCEPTED, Receipt, Seal, decode_outcome
from sogdia.core.refusal import Refusal
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import Message
from sogdia.domains.payments.messages import Attest, Refund
from sogdia.domains.payments.rules import attest
from sogdia.domains.payments.state import payment_on_record, put_payment, put_refund
from sogdia.engines.embedded import Embedded, replayed
from sogdia.engines.journal import Journal
from sogdia.engines.store import RocksStore
from tests.simulation import world
from tests.simulation.auditor import Audit
from tests.simulation.traffic import Traffic
from tests.simulation.world import Buyer

SEED = 20260302
ROUNDS, ROUND_SIZE = 116, 190
"""More than 22,040 transactions; some of them never get a place in the order."""
BUYERS = 24
"""Few enough that some of them come to the end of their yearly quota."""
ROUND_MS = 4 * world.MINUTE_MS


class Run:
    """One simulated week and what it left behind."""

    def __init__(self, folder: Path, rounds: int = ROUNDS, rules: Mapping[type[Message], Rule] | None = None) -> None:
        self.folder, self.now_ms = folder, world.BEGINS_MS
        self.buyers = [Buyer(number) for number in range(BUYERS)]
        self.store = RocksStore(folder / "state")
        machine = app.machine(world.NETWORK, self.store)
        true_rules = machine._rules_in_force
        machine._rules_in_force = lambda terms: true_rules(terms) | dict(rules or {})  # type: ignore[method-assign]
        self.engine = Embedded(
            machine, Journal(folder / "journal"), clock=lambda: self.now_ms, checkpoint=self._checkpoint
        )
        self.engine.found(world.founding())
        self.engine.start()
        self.traffic = Traffic(SEED, self.buyers)
        self.codes: Counter[int] = Counter()
        self.given: dict[bytes, list[Receipt]] = defaultdict(list)
        self.away: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
        for number in range(rounds):
            self._round()
            self.now_ms += ROUND_MS
            if number == rounds // 2:
                self.now_ms = world.BEGINS_MS + 6 * 24 * world.HOUR_MS  # the second half is in the next year

    def _round(self) -> None:
        raws = self.traffic.round(ROUND_SIZE, self.now_ms)
        codes = [self._note(raw, future) for raw, future in zip(raws, self.engine.submit_all(raws), strict=True)]
        self.traffic.learn(codes)
        self.codes.update(codes)

    def _note(self, raw: bytes, future: "Future[Receipt]") -> int:
        """The number of the decision: bytes get a receipt, or are turned away and leave no trace."""
        no = future.exception(120)
        if no is None:
            self.given[sha256(raw).digest()].append(future.result())
            return future.result().code
        assert isinstance(no, Refusal), f"the engine stopped: {no!r}"
        self.away[self.now_ms].append((raw, no.code))
        return no.code

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
    """The auditor's view, from the journal's envelopes, the outcomes' receipts and what was turned away."""
    audit = Audit(world.NETWORK)
    for _, block in Journal(run.folder / "journal").blocks():
        outcome = decode_outcome(run.engine.outcomes(block.height - 1, 1)[0])
        receipts = [json.loads(done.receipt) for done in outcome.done]
        if block.told:
            audit.found(json.loads(block.told), receipts[0]["time_ms"])
            continue
        assert len(receipts) == len(block.transactions)
        for raw, receipt in zip(block.transactions, receipts, strict=True):
            audit.transaction(raw, receipt)
        for raw, code in run.away.get(block.time_ms, ()):
            audit.turned_away(raw, code)
    return audit


def final_records(run: Run) -> dict[str, dict[tuple[str, ...], dict[str, Any]]]:
    found: dict[str, dict[tuple[str, ...], dict[str, Any]]] = defaultdict(dict)
    for key, raw in run.store.scan(b"S"):
        table, *parts = key[1:].decode().split("\0")
        found[table][tuple(parts)] = dict(zip(app.FIELDS[table], msgspec.msgpack.decode(raw), strict=True))
    return found


@pytest.fixture(scope="module")
def audit(run: Run) -> Audit:
    return audited(run)


@pytest.mark.slow
def test_the_auditor_agrees_with_every_decision_and_every_record(run: Run, audit: Audit) -> None:
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
    assert 6 not in run.codes, "what is on record already gets its receipt again"
    refused_by = {code // 1000 for code in run.codes if code >= 1000}
    assert refused_by == {1, 2, 3, 4, 5, 6}, "and every domain has refused something"
    assert {1001, 1003, 1004, 1005, 3001, 3010, 3011, 3012, 4001, 4003, 4005, 4006, 4007} <= run.codes.keys()
    assert {6001, 6003, 6004, 6005, 6006, 6007, 6008, 6009, 6012, 6013, 6018, 6019} <= run.codes.keys()
    assert run.codes[6003] > 200
    assert min(run.codes[code] for code in (3011, 3012, 4003, 4007, 6019)) > 20
    refused = [receipt for receipts in run.given.values() for receipt in receipts if receipt.code == 6003]
    about = {(one["field"], one["rule"]) for receipt in refused for one in receipt.fields["disagreements"]}
    assert {("institution", "R2"), ("payment", "R2"), ("amount_minor", "R2")} <= about, "whose word is on the payment"


@pytest.mark.slow
def test_the_log_holds_the_receipts_that_were_given_and_no_others(run: Run) -> None:
    outcomes = [decode_outcome(raw) for raw in run.engine.outcomes(1, 10**6)]
    logged = [done.receipt for outcome in outcomes for done in outcome.done]
    given = [{receipt.entry() for receipt in receipts} for receipts in run.given.values()]
    assert sum(map(len, run.away.values())) > 1000, "much was turned away"
    assert set.union(*given) == set(logged)
    assert len(set(logged)) == len(logged)
    assert all(len(receipts) == 1 for receipts in given), "whoever asks again gets the first receipt"
    assert sum(len(receipts) > 1 for receipts in run.given.values()) > 20
    others = [first for raw, (first, *_) in run.given.items() if first.envelope != raw.hex()]
    assert len(others) > 20, "somebody signed what was accepted under other keys"
    assert all(receipt.code == ACCEPTED for receipt in others)


@pytest.mark.slow
def test_an_id_is_accepted_after_it_was_refused_under_other_keys(audit: Audit) -> None:
    places = audit.ids.values()
    twice = [[accepted for _, accepted in place] for place in places if len(place) > 1]
    assert len(twice) > 20
    assert sum(decisions == [False, True] for decisions in twice) > 20


@pytest.mark.slow
def test_the_auditor_can_find_something(run: Run) -> None:
    """A record altered, a record lost, a record too many, a decision turned round: each is a finding."""
    audit = audited(run)
    records = final_records(run)
    payment = next(iter(records["payments.payment"].values()))
    payment["refunded_minor"] += 1
    records["orders.order"].popitem()
    paid, _ = records["payments.paid_order"].popitem()
    records["payments.paid_order"][(*paid[:2], world.TAX.did)] = {"payment": "another institution's"}
    shown_to = next(iter(records["orders.cancellation"].values()))
    shown_to["shared_with"] = []
    lot = next(lot for lot in records["customs.quota"].values() if len(lot["pieces"]) > 1)
    lot["pieces"][0][1] -= 1
    audit.compare(records)
    findings = " ".join(audit.findings)
    for table in ("payments.payment", "payments.paid_order", "orders.order", "orders.cancellation"):
        assert table in findings
    assert "pieces overlap or leave a gap" in findings


def test_the_auditor_notices_what_may_not_stand_in_the_log(tmp_path: Path) -> None:
    run = Run(tmp_path, rounds=3)
    audit = audited(run)
    run.close()
    assert audit.findings == []
    message = replace(world.listing(world.SELLERS[0], "TOY"), sku="LATE")
    good = world.signed([message], [world.SELLERS[0]], audit.time_ms, "nonce-of-mine")
    forged = world.signed([message], [world.Actor("a stranger", "seller")], audit.time_ms, "nonce-of-theirs")
    audit.transaction(good, receipt_for(audit, good, ACCEPTED))
    assert audit.findings == []
    audit.transaction(good, receipt_for(audit, good, 2001))
    audit.transaction(forged, receipt_for(audit, forged, 7))
    audit.transaction(good[:-9], receipt_for(audit, good, 1))
    audit.turned_away(good, 8)
    assert [re.sub("[0-9a-f]{12,}", "ID", finding.partition(":")[-1] or finding) for finding in audit.findings] == [
        " on record again",
        "catalog.list_product ID is on record in spite of [7]",
        " on record, and no transaction",
        f" {good[:80]!r}",
    ]


def receipt_for(audit: Audit, raw: bytes, code: int) -> dict[str, Any]:
    payload = base64.urlsafe_b64decode(json.loads(raw)["payload"] + "==")
    digests = {"transaction": sha256(payload).hexdigest(), "envelope": sha256(raw).hexdigest()}
    return {**digests, "code": code, "time_ms": audit.time_ms}


LEFT_OUT = {
    "sogdia.domains.orders.rules": ("holder_of", "_check_cancelled_at"),
    "sogdia.domains.customs.rules.match": ("_payment",),
    "sogdia.domains.customs.rules.answer": ("_check_still_sold",),
}


def test_the_auditor_notices_rules_that_let_too_much_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks left out of the rules, one for each number: the auditor says which decisions should not have been yes."""

    def refund_anything(ledger: Ledger, asked: Refund) -> None:
        put_refund(ledger, payment_on_record(ledger, asked.institution, asked.payment), asked)

    def attest_anything(ledger: Ledger, asked: Attest) -> None:
        put_payment(ledger, asked)

    for module, checks in LEFT_OUT.items():
        for check in checks:
            monkeypatch.setattr(import_module(module), check, lambda *_: ())
    run = Run(tmp_path, rounds=25, rules={Refund: refund_anything, Attest: attest_anything})
    audit = audited(run)
    run.close()
    spite = re.compile(r"([a-z_.+]+) [0-9a-f]{12} was accepted in spite of \[(.+)\]")
    noticed = {(kind, number) for found in audit.findings for kind, numbers in spite.findall(found)
               for number in numbers.split(", ")}  # fmt: skip
    assert noticed >= {
        ("orders.place", "1005"),
        ("orders.cancel", "3011"),
        ("orders.cancel", "3012"),
        ("payments.attest", "4003"),
        ("payments.refund", "4005"),
        ("payments.refund", "4007"),
        ("customs.declare_import", "6003"),
        ("customs.answer", "6019"),
    }


def test_the_auditor_notices_a_rule_that_refuses_too_much(tmp_path: Path) -> None:
    """One payment for an order, whoever attests it: then a false one would keep the true one out."""
    paid = set[tuple[str, str]]()

    def attest_once(ledger: Ledger, asked: Attest) -> None:
        if (asked.platform, asked.order) in paid:
            raise Refusal(4003)
        attest(ledger, asked)
        paid.add((asked.platform, asked.order))

    run = Run(tmp_path, rounds=8, rules={Attest: attest_once})
    audit = audited(run)
    run.close()
    assert re.match(r"payments\.attest.* was refused with 4003, not \[\]", audit.findings[0])


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
