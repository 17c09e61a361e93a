"""What could not go on record now is kept out of the mempool at once, and whoever handed it in hears why."""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from itertools import count
from pathlib import Path

import pytest

from sogdia.core import keys
from sogdia.core.codec import json_bytes, record_bytes
from sogdia.core.machine import Machine
from sogdia.core.module import KeyOnRecord, Ledger, Module
from sogdia.core.receipt import ACCEPTED, Receipt
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.state import View
from sogdia.core.store import MemoryStore
from sogdia.core.terms import Terms
from sogdia.core.transaction import Message, payload_bytes, sign
from sogdia.engines import suite_ledger
from sogdia.engines.cometbft.engine import Networked
from sogdia.engines.cometbft.wire import CheckTxType, abci, timestamp
from sogdia.engines.journal import Journal
from sogdia.engines.suite_ledger import ANNA, FOUNDING, NETWORK, Pay, Pen
from tests.engines.cometbft.single import CHAIN, NoConstitution, NoSnapshots
from tests.engines.cometbft.snapshot_case import Unheard

NOW = 1_772_442_000_000
SOON_SECONDS = 10.0
numbers = count(1)


class Say(Message, frozen=True, kw_only=True, tag="later.say"):
    """There is a rule for this from version 2 on."""

    text: str


later = Module("later", 97_000, sys.modules[__name__], sys.modules[__name__])


@later.revised(2)
def say(ledger: Ledger, asked: Say) -> None:
    """Nothing is kept."""


class Ruled(Networked):
    """An engine over a ledger whose terms and keys a test sets; CometBFT's requests are made by hand."""

    def __init__(self, folder: Path) -> None:
        self.terms = Terms()
        self.pens = [ANNA]
        self.now_ms = NOW
        super().__init__(
            Machine(NETWORK, (suite_ledger.module, later), self._key, MemoryStore(), lambda *_: self.terms),
            Journal(folder),
            chain=CHAIN,
            abci="unix:///nowhere",
            rpc=Unheard(),
            clock=lambda: self.now_ms,
            checkpoint=suite_ledger.checkpoint,
            checkpoint_text=lambda seal: record_bytes(seal).hex(),
            constitution=NoConstitution(),
            query=lambda data, path, prove: (0, b"", []),
            snapshots=lambda engine: NoSnapshots(),
        )
        self.keep(self.machine.found(NOW, FOUNDING), (), json_bytes(FOUNDING))

    def _key(self, view: View, kid: str, messages: Sequence[Message]) -> KeyOnRecord | None:
        for pen in self.pens:
            if pen.kid == kid:
                return KeyOnRecord(pen.kid, pen.party, pen.scheme, pen.public.hex(), "sign", 1)
        return None

    def check(self, raw: bytes, kind: CheckTxType = CheckTxType.NEW) -> int:
        """CometBFT asks whether its mempool may take this, or keep it: the answer's code."""
        return int(self.application.check_txs([abci.RequestCheckTx(tx=raw, type=kind)])[0].code)

    def block(self, *raws: bytes) -> None:
        """A block that was decided."""
        height = self.application.ordered + 1
        time = timestamp((NOW + height) * 1_000_000)
        self.application.finalize_block(abci.RequestFinalizeBlock(txs=raws, height=height, time=time))
        self.application.commit(abci.RequestCommit())

    def waits_for(self, raw: bytes) -> "Future[Receipt]":
        """Hand in what is let wait; returns when it does."""
        waiting, future = self.waiting, self.submit(raw)
        with self._arrived:
            assert self._arrived.wait_for(lambda: not self._arriving, SOON_SECONDS)
        assert self.waiting == waiting + 1
        return future


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Ruled]:
    engine = Ruled(tmp_path)
    yield engine
    engine.failure = EOFError("the test is over")  # nobody waits for what is left
    engine.close()


def signed(message: Message, by: Pen = ANNA, until_ms: int = NOW + 3_600_000) -> bytes:
    return sign(payload_bytes(NETWORK, until_ms, f"nonce-{next(numbers):06}", (message,)), [by])


def no_of(future: "Future[Receipt]") -> int:
    """The code of the refusal that stands in the place of a receipt."""
    no = future.exception(SOON_SECONDS)
    assert isinstance(no, Refusal)
    return no.code


def test_what_has_no_rule_in_force_is_refused_at_once_and_taken_when_it_has(engine: Ruled) -> None:
    raw = signed(Say(text="early"))
    assert engine.check(raw) == Refused.NOT_IN_FORCE
    assert no_of(engine.submit(raw)) == Refused.NOT_IN_FORCE
    assert engine.application.checks.pending() == 0
    engine.terms = Terms(versions={"later": 2})
    engine.block(signed(Pay(account="anna", amount=1)))
    assert engine.check(raw) == ACCEPTED
    engine.block(raw)
    assert engine.place_of(engine.machine.codec.parse(raw).id) is not None


def test_what_waits_when_its_rules_end_is_dropped_by_the_recheck(engine: Ruled) -> None:
    engine.terms = Terms(versions={"later": 2})
    raw = signed(Say(text="late"))
    future = engine.waits_for(raw)
    assert engine.check(raw) == ACCEPTED
    engine.terms = Terms()
    engine.block(signed(Pay(account="anna", amount=1)))
    assert engine.check(raw, CheckTxType.RECHECK) == Refused.NOT_IN_FORCE
    assert no_of(future) == Refused.NOT_IN_FORCE


def test_a_program_too_old_for_the_next_block_leaves_it_to_the_block_to_stop_it(engine: Ruled) -> None:
    engine.terms = Terms(versions={"later": 3})
    assert engine.check(signed(Say(text="who knows"))) == ACCEPTED


def test_what_is_on_record_gets_its_first_receipt_also_after_its_time(engine: Ruled) -> None:
    raw = signed(Pay(account="anna", amount=1), until_ms=NOW + 1_000)
    engine.block(raw)
    engine.now_ms = NOW + 5_000
    assert engine.check(raw) == Refused.ALREADY_ON_RECORD
    assert engine.submit(raw).result(SOON_SECONDS).code == ACCEPTED
    assert engine.check(signed(Pay(account="anna", amount=1), until_ms=NOW + 1_000)) == Refused.EXPIRED


def test_those_who_wait_hear_of_the_very_bytes_that_were_refused_and_of_no_others(engine: Ruled) -> None:
    late, good = (
        signed(Pay(account=name, amount=1), until_ms=NOW + until) for name, until in (("a", 10), ("b", 9_000))
    )
    lost, waiting = engine.waits_for(late), engine.waits_for(good)
    engine.now_ms = NOW + 20
    assert engine.check(b"no transaction") == Refused.MALFORMED
    assert engine.check(late) == Refused.EXPIRED
    assert no_of(lost) == Refused.EXPIRED
    assert not waiting.done()


def test_who_waits_with_a_key_that_comes_on_record_as_another_hears_that_the_signature_is_false(engine: Ruled) -> None:
    mine, theirs = Pen("carla", 4), Pen("carla", 5)
    assert mine.kid == theirs.kid == keys.key_id("did:example:carla")
    raw = signed(Pay(account="carla", amount=1), by=mine)
    future = engine.waits_for(raw)
    engine.pens.append(theirs)
    assert engine.check(raw) == Refused.BAD_SIGNATURE
    assert no_of(future) == Refused.BAD_SIGNATURE
