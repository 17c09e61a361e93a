"""The terms of a block: quotas bound what one party may ask, a halt ends by itself, old rules decide old heights."""

import sys
from collections.abc import Sequence
from enum import IntEnum
from itertools import count

import pytest

from sogdia.core.machine import Block, Machine
from sogdia.core.module import KeyOnRecord, Ledger, Module, UnknownRules
from sogdia.core.receipt import ACCEPTED, decode_outcome
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.state import Record, Table, View
from sogdia.core.store import MemoryStore
from sogdia.core.terms import Load, Terms
from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.engines.suite_ledger import ANNA, BRUNO, STRANGER, Pen

NOW = 1_790_000_000_000
numbers = count(1)


class Never(IntEnum):
    """Refusals of this file's ledger."""

    AMOUNT_TOO_SMALL = 98_001


class Give(Message, frozen=True, kw_only=True, tag="terms.give"):
    """Put money into an account."""

    account: str
    amount: int


class Close(Message, frozen=True, kw_only=True, tag="terms.close"):
    """Take an account away; there is a rule for it from version 2 on."""

    account: str


class Purse(Record, frozen=True, array_like=True):
    """An account."""

    name: str
    amount: int


PURSES = Table("terms.purse", Purse, key=("name",))
module = Module("terms", 98_000, sys.modules[__name__], sys.modules[__name__])


@module.rule
def give(ledger: Ledger, asked: Give) -> None:
    if asked.amount < 1:
        raise Refusal(Never.AMOUNT_TOO_SMALL, amount=asked.amount)
    PURSES.put(ledger.state, Purse(asked.account, asked.amount))


@module.revised(2)
def give_double(ledger: Ledger, asked: Give) -> None:
    PURSES.put(ledger.state, Purse(asked.account, 2 * asked.amount))


@module.revised(2)
def close(ledger: Ledger, asked: Close) -> None:
    PURSES.delete(ledger.state, asked.account)


def find_key(view: View, kid: str, messages: Sequence[Message]) -> KeyOnRecord | None:
    """Anna and Bruno are on record; a stranger's key is one that the messages introduce."""
    for pen in (ANNA, BRUNO, STRANGER):
        if pen.kid == kid:
            return KeyOnRecord(pen.kid, pen.party, pen.scheme, pen.public.hex(), "sign", int(pen is not STRANGER))
    return None


class World:
    """A machine whose terms a test sets."""

    def __init__(self) -> None:
        self.terms = Terms()
        self.machine = Machine("terms", [module], find_key, MemoryStore(), lambda *_: self.terms)
        self.machine.commit(self.machine.found(NOW, [Give(account="first", amount=1)]))

    def signed(self, message: Message, by: Pen = ANNA) -> bytes:
        return sign(payload_bytes("terms", NOW + 3_600_000, f"nonce-{next(numbers):06}", [message]), [by])

    def block(self, *raws: bytes, time_ms: int = NOW, told: Sequence[Message] = ()) -> Block:
        done = self.machine.execute(time_ms, [self.machine.check(raw) for raw in raws], told)
        self.machine.commit(done)
        return done

    def codes(self, *raws: bytes, time_ms: int = NOW) -> list[int]:
        return [receipt.code for receipt in self.block(*raws, time_ms=time_ms).receipts]

    def amount(self, account: str) -> int | None:
        found = PURSES.get(self.machine.state, account)
        return None if found is None else found.amount


@pytest.fixture
def world() -> World:
    return World()


def gifts(world: World, how_many: int, by: Pen = ANNA, amount: int = 5) -> list[bytes]:
    return [world.signed(Give(account=f"{by.party}-{n}", amount=amount), by) for n in range(how_many)]


# --- quotas ---------------------------------------------------------------------------------------------------------


def test_a_party_that_has_had_its_share_of_a_block_comes_again_in_the_next(world: World) -> None:
    world.terms = Terms(party_limit=2)
    anna, bruno = gifts(world, 4), gifts(world, 1, BRUNO)
    before = world.machine.log.size
    assert world.codes(*anna, *bruno) == [0, 0, Refused.OVER_QUOTA, Refused.OVER_QUOTA, 0]
    assert world.machine.log.size == before + 3, "what is over the quota leaves no trace"
    assert world.codes(*anna[2:]) == [0, 0]


def test_a_party_may_have_a_limit_of_its_own(world: World) -> None:
    world.terms = Terms(party_limit=1, limits={ANNA.party: 3})
    assert world.codes(*gifts(world, 4), *gifts(world, 2, BRUNO)) == [0, 0, 0, 11, 0, 11]


def test_what_several_have_signed_counts_for_each_of_them(world: World) -> None:
    world.terms = Terms(party_limit=1)
    payload = payload_bytes("terms", NOW + 3_600_000, "both-of-us", [Give(account="both", amount=1)])
    assert world.codes(sign(payload, [ANNA, BRUNO]), *gifts(world, 1, BRUNO)) == [0, 11]


def test_refused_transactions_have_a_limit_of_their_own(world: World) -> None:
    """A good key may not fill the log with garbage; what is accepted goes on beside it."""
    world.terms = Terms(refused_limit=2)
    bad = gifts(world, 4, amount=0)
    codes = world.codes(*bad, *gifts(world, 2))
    assert codes == [Never.AMOUNT_TOO_SMALL, Never.AMOUNT_TOO_SMALL, 11, 11, 0, 0]


def test_keys_that_no_party_on_record_has_share_one_quota(world: World) -> None:
    world.terms = Terms(stranger_limit=1, party_limit=5)
    assert world.codes(*gifts(world, 3, STRANGER), *gifts(world, 3)) == [0, 11, 11, 0, 0, 0]


def test_no_limit_is_no_limit() -> None:
    load = Load(Terms())
    for _ in range(1000):
        load.admit(["anna"])
        load.admit_refused(["anna"])
        load.count(["anna"], accepted=False)


# --- halts ----------------------------------------------------------------------------------------------------------


def test_a_halt_turns_away_and_ends_by_itself(world: World) -> None:
    world.terms = Terms(halted_until_ms=NOW + 1000)
    raw = gifts(world, 1)[0]
    before = world.machine.seal.log_root
    assert world.codes(raw, time_ms=NOW + 999) == [Refused.HALTED]
    assert world.machine.seal.log_root == before
    assert world.codes(raw, time_ms=NOW + 1000) == [0]


def test_what_is_spared_goes_on_during_a_halt(world: World) -> None:
    world.terms = Terms(halted_until_ms=NOW + 1000, spared=frozenset({"terms"}))
    assert world.codes(*gifts(world, 1)) == [0]


# --- versions of rules ----------------------------------------------------------------------------------------------


def test_the_version_on_record_decides_which_rule_holds(world: World) -> None:
    world.codes(world.signed(Give(account="a", amount=5)))
    assert world.amount("a") == 5
    world.terms = Terms(versions={"terms": 2})
    world.codes(world.signed(Give(account="a", amount=5)))
    assert world.amount("a") == 10
    world.terms = Terms(versions={"terms": 1})
    world.codes(world.signed(Give(account="a", amount=7)))
    assert world.amount("a") == 7, "the old rule is kept for history"


def test_a_message_of_a_later_version_is_not_in_force_and_leaves_no_trace(world: World) -> None:
    before = world.machine.log.size
    closing = world.signed(Close(account="first"))
    assert world.codes(closing) == [Refused.NOT_IN_FORCE]
    assert world.machine.log.size == before
    world.terms = Terms(versions={"terms": 2})
    assert world.codes(closing) == [0]
    assert world.amount("first") is None


def test_a_version_that_this_program_does_not_know_stops_it_before_the_block(world: World) -> None:
    world.terms = Terms(versions={"terms": 3})
    before = world.machine.seal
    with pytest.raises(UnknownRules, match=r"version 3 of the rules of terms, this program knows 2: install"):
        world.block(*gifts(world, 1))
    assert world.machine.seal == before


def test_the_founding_agreement_is_decided_by_the_first_rules(world: World) -> None:
    assert world.amount("first") == 1, "not doubled, whatever has been revised since"


def test_a_module_tells_its_newest_version_and_keeps_the_newest_rule_on_show() -> None:
    assert module.version == 2
    assert module.rules == {Give: give_double, Close: close}
    assert module.rules_at(1) == {Give: give}
    assert module.first_rules() == {Give: give, Close: close}
    with pytest.raises(TypeError, match="has a rule already"):
        module.revised(2)(close)


# --- what the engine saw --------------------------------------------------------------------------------------------


def test_what_the_engine_saw_stands_in_front_under_one_receipt(world: World) -> None:
    seen = [Give(account="seen", amount=1), Give(account="also", amount=2)]
    done = world.block(*gifts(world, 2), told=seen)
    assert [receipt.index for receipt in done.logged] == [0, 1, 2]
    assert [receipt.index for receipt in done.receipts] == [1, 2]
    assert done.logged[0].code == ACCEPTED
    outcome = decode_outcome(done.outcome)
    assert outcome.done[0].signers == ()
    assert outcome.done[0].tags == ("terms.give", "terms.give")
    assert (world.amount("seen"), world.amount("also")) == (1, 2)
    assert world.machine.store.get(b"H%b\x00%016x%08x" % (PURSES.path("seen"), done.seal.height, 0)) == b""
