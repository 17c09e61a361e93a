"""The machine decides blocks: all or nothing, once, in its time, and changes nothing before it is told to."""

from collections.abc import Sequence
from hashlib import sha256

import pytest

from sogdia.core.codec import json_bytes
from sogdia.core.log import leaf_hash, root_of
from sogdia.core.machine import Block, Checked, Machine
from sogdia.core.receipt import ACCEPTED, decode_outcome
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import VALIDITY_LIMIT_MS, Message, payload_bytes, sign
from sogdia.engines import suite_ledger
from sogdia.engines.suite_ledger import ACCOUNTS, ANNA, BRUNO, NETWORK, STRANGER, Move, Pay, Pen, Stumble
from tests.simulation import world

NOW = 1_772_442_000_000


class Bench:
    """A machine, and blocks of signed messages."""

    def __init__(self) -> None:
        self.machine = suite_ledger.machine(MemoryStore())
        self.nonces = 0
        self.machine.commit(self.machine.found(NOW, suite_ledger.FOUNDING))

    def signed(self, *messages: Message, by: Sequence[Pen] = (ANNA,), until_ms: int = NOW + 60_000) -> Checked:
        self.nonces += 1
        return self.machine.check(sign(payload_bytes(NETWORK, until_ms, f"nonce-{self.nonces:03}", messages), by))

    def block(self, *checked: Checked, time_ms: int = NOW, commit: bool = True) -> Block:
        block = self.machine.execute(time_ms, checked)
        if commit:
            self.machine.commit(block)
        return block

    def balance(self, name: str) -> int | None:
        found = ACCOUNTS.get(self.machine.state, name)
        return None if found is None else found.balance


@pytest.fixture
def bench() -> Bench:
    return Bench()


def codes(block: Block) -> list[int]:
    return [receipt.code for receipt in block.receipts]


def test_delivery_and_payment_in_one_transaction_happen_both_or_neither() -> None:
    """A payment is attested and a parcel taken in charge, signed by both; a parcel that exists undoes the payment."""
    from sogdia import app
    from sogdia.domains.payments.state import PAYMENTS

    machine = app.machine(world.NETWORK, MemoryStore())
    machine.commit(machine.found(world.BEGINS_MS, world.founding()))
    first, second = (world.Trade(n, world.Buyer(n), [("SCARF", 1)], imported=False) for n in (1, 2))
    second.waybill, second.carrier = first.waybill, first.carrier
    done = []
    for trade in (first, second):
        both = [trade.attest(world.BEGINS_MS, 1_750), trade.issue(world.BEGINS_MS)]
        raw = world.signed(both, [trade.institution, trade.carrier], world.BEGINS_MS, f"nonce-{trade.number:03}")
        block = machine.execute(world.BEGINS_MS, [machine.check(raw)])
        machine.commit(block)
        done.append(block.receipts[0].code)
    assert done == [ACCEPTED, 5001]
    assert PAYMENTS.get(machine.state, first.institution.did, first.payment) is not None
    assert PAYMENTS.get(machine.state, second.institution.did, second.payment) is None


def test_a_later_message_sees_what_an_earlier_one_of_its_transaction_wrote(bench: Bench) -> None:
    block = bench.block(bench.signed(Pay(account="a", amount=5), Move(source="a", target="b", amount=5)))
    assert codes(block) == [ACCEPTED]
    assert (bench.balance("a"), bench.balance("b")) == (0, 5)


def test_a_refused_transaction_leaves_no_record_and_no_event(bench: Bench) -> None:
    refused = bench.signed(
        Pay(account="a", amount=5), Move(source="a", target="b", amount=2), Move(source="b", target="a", amount=9)
    )
    block = bench.block(refused)
    assert codes(block) == [suite_ledger.Refused.OVERDRAWN]
    assert (bench.balance("a"), bench.balance("b")) == (None, None)
    (done,) = decode_outcome(block.outcome).done
    assert done.events == ()
    assert block.receipts[0].events == sha256(b"").hexdigest()


def test_the_next_transaction_of_a_block_sees_the_one_before_it_and_not_a_refused_one(bench: Bench) -> None:
    paid, moved = bench.signed(Pay(account="a", amount=5)), bench.signed(Move(source="a", target="b", amount=3))
    refused = bench.signed(Pay(account="a", amount=90), Move(source="nobody", target="b", amount=1))
    again = bench.signed(Move(source="a", target="b", amount=3))
    assert codes(bench.block(paid, moved, refused, again)) == [0, 0, 99_001, 99_001]
    assert (bench.balance("a"), bench.balance("b")) == (2, 3)


def test_executing_changes_nothing_until_the_block_is_committed(bench: Bench) -> None:
    before, seal = dict(bench.machine.store.scan(b"")), bench.machine.seal
    one, other = bench.signed(Pay(account="a", amount=5)), bench.signed(Pay(account="a", amount=5))
    dropped = bench.block(one, commit=False)
    assert (bench.machine.seal, dict(bench.machine.store.scan(b"")), bench.balance("a")) == (seal, before, None)
    bench.block(other)
    assert bench.balance("a") == 5
    assert bench.machine.seal.height == dropped.seal.height == 2


def test_the_same_blocks_end_in_the_same_seal_whatever_was_tried_in_between(bench: Bench) -> None:
    other = Bench()
    for number in range(5):
        checked = [bench.signed(Pay(account=f"a{n}", amount=n + number)) for n in range(3)]
        other.block(other.signed(Pay(account="tried", amount=1)), commit=False)
        other.nonces = bench.nonces
        assert other.block(*checked).seal == bench.block(*checked).seal


def test_a_bug_in_a_rule_leaves_the_machine_as_it_was(bench: Bench) -> None:
    seal = bench.machine.seal
    good, bad = bench.signed(Pay(account="a", amount=5)), bench.signed(Stumble(account="a"))
    with pytest.raises(ZeroDivisionError):
        bench.block(good, bad)
    assert bench.machine.seal == seal
    assert codes(bench.block(good)) == [ACCEPTED], "it was not taken before"


# -- once, in time, on this network ---------------------------------------------------------------------------------


def test_an_id_is_taken_once_in_a_block_and_for_ever(bench: Bench) -> None:
    one = bench.signed(Pay(account="a", amount=5))
    same_payload = Checked(one.transaction, frozenset())
    assert codes(bench.block(one, same_payload)) == [ACCEPTED, Refused.ALREADY_ON_RECORD]
    assert codes(bench.block(one, time_ms=NOW + 10)) == [Refused.ALREADY_ON_RECORD]
    assert bench.balance("a") == 5
    assert bench.machine.seal.log_size == 2


def test_a_refused_id_is_taken_too(bench: Bench) -> None:
    refused = bench.signed(Move(source="a", target="b", amount=1))
    bench.block(refused)
    bench.block(bench.signed(Pay(account="a", amount=5)))
    assert codes(bench.block(refused)) == [Refused.ALREADY_ON_RECORD]


@pytest.mark.parametrize(
    ("until_ms", "code"),
    [
        (NOW, ACCEPTED),
        (NOW - 1, Refused.EXPIRED),
        (NOW + VALIDITY_LIMIT_MS, ACCEPTED),
        (NOW + VALIDITY_LIMIT_MS + 1, Refused.TOO_FAR_AHEAD),
    ],
)
def test_a_transaction_is_valid_up_to_its_last_instant_and_at_most_a_day_ahead(
    bench: Bench, until_ms: int, code: int
) -> None:
    assert codes(bench.block(bench.signed(Pay(account="a", amount=5), until_ms=until_ms))) == [code]


def test_time_never_runs_back(bench: Bench) -> None:
    bench.block(bench.signed(Pay(account="a", amount=1)), time_ms=NOW + 500)
    block = bench.block(bench.signed(Pay(account="a", amount=1)), time_ms=NOW - 10_000)
    assert block.seal.time_ms == NOW + 500


def test_a_transaction_for_another_network_is_refused_before_and_in_order(bench: Bench) -> None:
    raw = sign(payload_bytes("other", NOW, "nonce-01", (Pay(account="a", amount=5),)), [ANNA])
    with pytest.raises(Refusal) as no:
        bench.machine.check(raw)
    assert no.value.fields == {"network": "other", "expected": NETWORK}
    smuggled = Checked(bench.machine.codec.parse(raw), frozenset())
    assert codes(bench.block(smuggled)) == [Refused.OTHER_NETWORK]


# -- signatures -------------------------------------------------------------------------------------------------------


def test_a_signature_that_was_not_checked_ahead_is_checked_in_order(bench: Bench) -> None:
    forger = Pen("anna", 9)
    raw = sign(payload_bytes(NETWORK, NOW, "nonce-01", (Pay(account="a", amount=5),)), [forger])
    with pytest.raises(Refusal) as no:
        bench.machine.check(raw)
    assert no.value.code == Refused.BAD_SIGNATURE
    smuggled = Checked(bench.machine.codec.parse(raw), frozenset())
    assert codes(bench.block(smuggled)) == [Refused.BAD_SIGNATURE]


def test_what_was_verified_under_another_key_does_not_count(bench: Bench) -> None:
    forger = Pen("anna", 9)
    raw = sign(payload_bytes(NETWORK, NOW, "nonce-01", (Pay(account="a", amount=5),)), [forger])
    verified = Checked(bench.machine.codec.parse(raw), frozenset({(ANNA.kid, forger.public.hex())}))
    assert codes(bench.block(verified)) == [Refused.BAD_SIGNATURE]


def test_one_unknown_key_among_several_refuses_the_whole(bench: Bench) -> None:
    assert codes(bench.block(bench.signed(Pay(account="a", amount=5), by=(ANNA, STRANGER)))) == [Refused.UNKNOWN_KEY]


def test_the_signers_stand_in_the_outcome_in_the_order_of_signing(bench: Bench) -> None:
    block = bench.block(bench.signed(Pay(account="a", amount=5), by=(BRUNO, ANNA)))
    assert decode_outcome(block.outcome).done[0].signers == (BRUNO.party, ANNA.party)


# -- what comes out ---------------------------------------------------------------------------------------------------


def test_receipts_are_the_leaves_of_the_log_and_name_the_bytes(bench: Bench) -> None:
    founding = decode_outcome(bench.machine.store.get(b"O%016x" % 1) or b"").done[0].receipt
    checked = [bench.signed(Pay(account="a", amount=n)) for n in range(3)]
    block = bench.block(*checked)
    assert [r.envelope for r in block.receipts] == [sha256(c.transaction.raw).hexdigest() for c in checked]
    assert root_of([leaf_hash(founding), *(leaf_hash(r.entry()) for r in block.receipts)]) == block.seal.log_root


def test_a_receipt_names_the_digest_of_its_events(bench: Bench) -> None:
    bench.block(bench.signed(Pay(account="a", amount=5)))
    moves = (Move(source="a", target="b", amount=1), Move(source="a", target="c", amount=2))
    block = bench.block(bench.signed(*moves))
    events = decode_outcome(block.outcome).done[0].events
    assert [event.tag for event in events] == ["suite.moved", "suite.moved"]
    assert block.receipts[0].events == sha256(b"\n".join(bytes(event.json) for event in events)).hexdigest()


def test_the_history_names_the_transactions_that_wrote_a_record(bench: Bench) -> None:
    bench.block(bench.signed(Pay(account="a", amount=5)), bench.signed(Pay(account="b", amount=5)))
    bench.block(
        bench.signed(Move(source="a", target="x", amount=9)), bench.signed(Move(source="a", target="b", amount=1))
    )
    written = [key for key, _ in bench.machine.store.scan(b"H" + ACCOUNTS.path("b") + b"\x00")]
    assert [(int(key[-24:-8], 16), int(key[-8:], 16)) for key in written] == [(2, 1), (3, 1)]


# -- founding ---------------------------------------------------------------------------------------------------------


def test_a_ledger_is_founded_once(bench: Bench) -> None:
    with pytest.raises(ValueError, match="founded already"):
        bench.machine.found(NOW, suite_ledger.FOUNDING)


def test_the_founding_receipt_names_the_agreement(bench: Bench) -> None:
    raw = bench.machine.store.get(b"O%016x" % 1)
    assert raw is not None
    assert sha256(json_bytes(suite_ledger.FOUNDING)).hexdigest().encode() in decode_outcome(raw).done[0].receipt


def test_a_founding_that_is_refused_founds_nothing() -> None:
    machine: Machine = suite_ledger.machine(MemoryStore())
    with pytest.raises(Refusal):
        machine.found(NOW, (Move(source="a", target="b", amount=1),))
    assert machine.seal.height == 0
