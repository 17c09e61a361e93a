"""The suite that every engine must pass: whoever brings an engine inherits `EngineSuite` and gives `make_engine`.

It plays a ledger of its own, three messages over one table, so that it needs no trade and can hold a rule with a bug in
it. Its tests are plain methods that take an empty folder: pytest collects them from a subclass whose module has a
fixture `folder`, and `broken_promises` runs them without pytest.

An engine under test builds its machine with `machine(store)`, orders by any clock that moves forward, and signs its
checkpoints with `checkpoint`.
"""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from sogdia.core import note
from sogdia.core.log import leaf_hash, root_of
from sogdia.core.machine import Machine
from sogdia.core.receipt import ACCEPTED, Outcome, Receipt, decode_outcome
from sogdia.core.refusal import Refusal
from sogdia.core.refusal import Refused as MachineRefused
from sogdia.core.state import Committed
from sogdia.core.store import MemoryStore
from sogdia.core.transaction import ENVELOPE_LIMIT_BYTES, Message, payload_bytes, sign
from sogdia.engines.embedded import Busy, EngineStopped, replayed
from sogdia.engines.journal import JournalBlock
from sogdia.engines.suite_ledger import (
    ACCOUNTS,
    ANNA,
    BRUNO,
    FOUNDING,
    NETWORK,
    ORIGIN,
    STRANGER,
    VERIFIER_KEY,
    Move,
    Pay,
    Pen,
    Refused,
    Stumble,
    balance_in,
    checkpoint,
    machine,
)

__all__ = ["Engine", "EngineSuite", "broken_promises", "checkpoint", "machine"]

ANSWER_SECONDS = 60
FLEETING = "write-file-atomic-*"
"""CometBFT's files on their way to another name; they vanish while a folder is copied."""
"""How long an answer may take before the suite says that none came."""
MORE_THAN_ANY_ENGINE_HOLDS = 1_000_000


# --- what an engine is ----------------------------------------------------------------------------------------------


class Engine(Protocol):
    """What the rest of the house asks of an engine; see `embedded.Embedded` for each promise in words."""

    machine: Machine
    failure: BaseException | None

    def found(self, messages: Sequence[Message]) -> None: ...
    def start(self) -> None: ...
    def close(self) -> None: ...
    def submit(self, raw: bytes) -> "Future[Receipt]": ...
    def submit_all(self, raws: Sequence[bytes]) -> "list[Future[Receipt]]": ...
    def place_of(self, transaction: str) -> tuple[int, int, int] | None: ...
    def receipt(self, transaction: str) -> Receipt | None: ...
    def block_at(self, height: int) -> JournalBlock | None: ...
    def checkpoint_at(self, height: int) -> bytes | None: ...
    def outcomes(self, after_height: int, limit: int = 100) -> list[bytes]: ...
    def wait(self, after_height: int, timeout_seconds: float) -> None: ...


class EngineSuite:
    """The promises. Inherit, give `make_engine`, and every `test_` method must hold."""

    _nonces = count(1)

    def make_engine(self, folder: Path) -> Engine:
        """The engine over what this folder holds: a new ledger, or the one that was closed or cut off there."""
        raise NotImplementedError

    # -- means -----------------------------------------------------------------------------------------------------

    @contextmanager
    def running(self, folder: Path) -> Iterator[Engine]:
        """The engine over this folder, founded and started; closed at the end."""
        engine = self.make_engine(folder)
        if not engine.machine.seal.height:
            engine.found(FOUNDING)
        engine.start()
        try:
            yield engine
        finally:
            engine.close()
            _let_go(engine)

    def signed(self, engine: Engine, *messages: Message, by: Sequence[Pen] = (ANNA,), hours: int = 1) -> bytes:
        """A transaction of these messages that is valid so many hours from the latest block on."""
        valid_until_ms = engine.machine.seal.time_ms + hours * 3_600_000
        return sign(payload_bytes(NETWORK, valid_until_ms, f"nonce-{next(self._nonces):08}", messages), by)

    def pays(self, engine: Engine, how_many: int, account: str = "anna", pen: Pen = ANNA) -> list[bytes]:
        """So many payments of 1 into an account."""
        return [self.signed(engine, Pay(account=account, amount=1), by=(pen,)) for _ in range(how_many)]

    # -- order -----------------------------------------------------------------------------------------------------

    def test_each_submitters_order_is_kept(self, folder: Path) -> None:
        """Whatever others send meanwhile, one submitter's transactions are taken in the order that it gave."""
        with self.running(folder) as engine:
            received, sent = dict[str, list[Receipt]](), dict[str, list[str]]()

            def submitter(name: str) -> None:
                groups = [self.pays(engine, 20, name) for _ in range(10)]
                received[name] = answers([future for group in groups for future in engine.submit_all(group)])
                sent[name] = [_id_of(engine, raw) for group in groups for raw in group]

            _side_by_side(submitter, ["anna", "bruno", "carla", "dino"])
            for name, receipts in received.items():
                places = [(one.height, one.index) for one in receipts]
                assert [one.transaction for one in receipts] == sent[name], f"{name} got receipts of others"
                assert places == sorted(set(places)), f"{name} was taken out of order"
                assert balance(engine, name) == 200

    def test_what_arrives_together_is_committed_together(self, folder: Path) -> None:
        """Group commit: the wait for the disk is shared."""
        with self.running(folder) as engine:
            receipts = answers(engine.submit_all(self.pays(engine, 300)))
            blocks = {one.height for one in receipts}
            assert len(blocks) <= 30, f"300 transactions that arrived together took {len(blocks)} blocks"

    def test_each_transaction_has_one_place_in_the_log(self, folder: Path) -> None:
        """Receipts are the leaves of the log, in order, without a gap."""
        with self.running(folder) as engine:
            receipts = answers(engine.submit_all(self.pays(engine, 40)))
            leaves = [_place(engine, one.transaction)[2] for one in receipts]
            assert leaves == list(range(1, 41))
            assert all(_place(engine, one.transaction)[:2] == (one.height, one.index) for one in receipts)

    # -- durability ------------------------------------------------------------------------------------------------

    def test_a_receipt_is_given_only_when_it_would_survive(self, folder: Path) -> None:
        """What lies on the disk the moment a receipt arrives is enough to give the same receipt again."""
        with self.running(folder / "live") as engine:
            for number in range(5):
                receipt = answers([engine.submit(self.pays(engine, 1)[0])])[0]
                copy = folder / f"copy-{number}"
                shutil.copytree(folder / "live", copy, ignore=shutil.ignore_patterns(FLEETING))
                with self.running(copy) as revived:
                    assert entry(revived, receipt.transaction) == receipt.entry(), "a receipt was given and is gone"

    def test_a_restart_goes_on_from_the_same_seal(self, folder: Path) -> None:
        """Closing and opening changes nothing, as often as one likes."""
        before = None
        for round_number in range(5):
            with self.running(folder) as engine:
                assert before is None or engine.machine.seal == before
                answers(engine.submit_all(self.pays(engine, 7)))
                assert balance(engine, "anna") == 7 * (round_number + 1)
                before = engine.machine.seal

    def test_closing_finishes_what_has_arrived(self, folder: Path) -> None:
        """Nobody who handed in a transaction is left without an answer."""
        engine = self.make_engine(folder)
        engine.found(FOUNDING)
        engine.start()
        futures = engine.submit_all(self.pays(engine, 200))
        engine.close()
        assert all(future.done() for future in futures)
        assert [one.code for one in answers(futures)] == [ACCEPTED] * 200
        _raises(EngineStopped, lambda: engine.submit(b"{}"))
        _let_go(engine)

    def test_the_exported_blocks_give_the_same_root(self, folder: Path) -> None:
        """Blocks as they were ordered, executed by another machine over another store, end in every same seal."""
        with self.running(folder) as engine:
            for _ in range(5):
                answers(engine.submit_all([*self.pays(engine, 9), *self._mixed(engine)]))
            other = machine(MemoryStore())
            for height in range(1, engine.machine.seal.height + 1):
                block = engine.block_at(height)
                assert block is not None, f"no block of height {height}"
                other.commit(replayed(other, block))
                assert other.seal == block.seal
            assert other.seal == engine.machine.seal
            assert engine.block_at(other.seal.height + 1) is None

    # -- decisions -------------------------------------------------------------------------------------------------

    def test_a_transaction_is_accepted_once(self, folder: Path) -> None:
        """The same transaction again gets the first one's receipt: at once, later, re-signed, and after a restart."""
        with self.running(folder) as engine:
            payload = payload_bytes(
                NETWORK, engine.machine.seal.time_ms + 1000_000, "once-only", (Pay(account="anna", amount=5),)
            )
            raw, signed_by_both = sign(payload, [ANNA]), sign(payload, [ANNA, BRUNO])
            first, again = answers(engine.submit_all([raw, raw]))
            later, otherwise = answers(engine.submit_all([raw, signed_by_both]))
            assert first.entry() == again.entry() == later.entry() == otherwise.entry()
            assert balance(engine, "anna") == 5
            assert engine.machine.seal.log_size == 2
        with self.running(folder) as engine:
            assert answers([engine.submit(raw)])[0].entry() == first.entry()
            assert balance(engine, "anna") == 5
            assert engine.machine.seal.log_size == 2

    def test_a_refusal_is_on_record_with_its_number(self, folder: Path) -> None:
        """A no that a rule gave is part of the record, and it has changed nothing."""
        with self.running(folder) as engine:
            refused = answers([engine.submit(self.signed(engine, Move(source="anna", target="bruno", amount=3)))])[0]
            assert refused.code == Refused.OVERDRAWN
            assert refused.fields == {"account": "anna", "missing": 3}
            assert entry(engine, refused.transaction) == refused.entry()
            assert ACCOUNTS.get(state(engine), "bruno") is None
            height, index, leaf = _place(engine, refused.transaction)
            assert (height, index, leaf) == (refused.height, refused.index, 1)

    def test_what_is_out_of_its_time_is_not_admitted(self, folder: Path) -> None:
        """Past its last instant, or valid for longer than a day, a transaction leaves no trace."""
        with self.running(folder) as engine:
            before = engine.machine.seal
            late, early = self.signed(engine, *FOUNDING, hours=-1), self.signed(engine, *FOUNDING, hours=30)
            codes = [_refusal(future).code for future in engine.submit_all([late, early])]
            assert codes == [MachineRefused.EXPIRED, MachineRefused.TOO_FAR_AHEAD]
            assert engine.machine.seal == before

    def test_an_unknown_key_is_not_admitted(self, folder: Path) -> None:
        """Only the order can tell, because a key may come on record before its turn; strangers leave no trace."""
        with self.running(folder) as engine:
            before = engine.machine.seal
            no = _refusal(engine.submit(self.signed(engine, *FOUNDING, by=(STRANGER,))))
            assert no.code == MachineRefused.UNKNOWN_KEY
            assert no.fields == {"key": STRANGER.kid}
            assert engine.machine.seal == before

    def test_nobody_uses_up_the_id_of_another(self, folder: Path) -> None:
        """Who sees a payload may sign it too, be refused, and has taken nothing from whoever made it."""
        with self.running(folder) as engine:
            until = engine.machine.seal.time_ms + 1000_000
            payload = payload_bytes(NETWORK, until, "seen-by-others", (Move(source="anna", target="bruno", amount=3),))
            taken = _refusal(engine.submit(sign(payload, [STRANGER])))
            assert taken.code == MachineRefused.UNKNOWN_KEY
            refused = answers([engine.submit(sign(payload, [BRUNO]))])[0]
            assert refused.code == Refused.OVERDRAWN
            answers([engine.submit(self.signed(engine, Pay(account="anna", amount=5)))])
            accepted = answers([engine.submit(sign(payload, [ANNA]))])[0]
            assert accepted.code == ACCEPTED
            again = answers(engine.submit_all([sign(payload, [BRUNO]), sign(payload, [ANNA])]))
            assert [one.entry() for one in again] == [refused.entry(), accepted.entry()]
            assert balance(engine, "bruno") == 3

    def test_what_nobody_signed_gets_an_answer_and_no_place(self, folder: Path) -> None:
        """Bytes that are no transaction, or whose signature is false, leave no trace in the ledger."""
        with self.running(folder) as engine:
            good = self.signed(engine, *FOUNDING)
            wrong = {
                b"": MachineRefused.MALFORMED,
                b"{": MachineRefused.MALFORMED,
                b"\xff" * 100: MachineRefused.MALFORMED,
                b" " * (ENVELOPE_LIMIT_BYTES + 1): MachineRefused.TOO_LARGE,
                sign(payload_bytes(NETWORK, 1, "nobody-signs", FOUNDING), []): MachineRefused.UNSIGNED,
                sign(payload_bytes("other", 1, "elsewhere", FOUNDING), [ANNA]): MachineRefused.OTHER_NETWORK,
                self.signed(engine, *FOUNDING, by=(_Forger(),)): MachineRefused.BAD_SIGNATURE,
            }
            *futures, last = engine.submit_all([*wrong, good])
            assert [_refusal(future).code for future in futures] == list(wrong.values())
            assert answers([last])[0].index == 0
            assert engine.machine.seal.log_size == 2

    def test_messages_of_one_transaction_happen_all_or_not_at_all(self, folder: Path) -> None:
        """Delivery versus payment: when the second half is refused, the first has not happened."""
        with self.running(folder) as engine:
            halves = (Pay(account="anna", amount=5), Move(source="bruno", target="anna", amount=1))
            whole = (Pay(account="anna", amount=5), Move(source="anna", target="bruno", amount=2))
            no, yes = answers(engine.submit_all([self.signed(engine, *halves), self.signed(engine, *whole)]))
            assert (no.code, yes.code) == (Refused.OVERDRAWN, ACCEPTED)
            assert (balance(engine, "anna"), balance(engine, "bruno")) == (3, 2)
            done = [one for raw in engine.outcomes(1) for one in decode_outcome(raw).done]
            assert [[event.tag for event in one.events] for one in done] == [[], ["suite.moved"]]

    # -- those who follow ------------------------------------------------------------------------------------------

    def test_outcomes_are_complete_and_in_order(self, folder: Path) -> None:
        """Who follows the outcomes from the first on has every receipt and every record, in order."""
        with self.running(folder) as engine:
            receipts = []
            for _ in range(4):
                receipts += answers(engine.submit_all([*self.pays(engine, 5), *self._mixed(engine)]))
            outcomes = list(_followed(engine))
            assert [one.seal.height for one in outcomes] == list(range(1, engine.machine.seal.height + 1))
            entries = [done.receipt for outcome in outcomes for done in outcome.done]
            assert entries[1:] == [one.entry() for one in receipts]
            assert root_of([leaf_hash(one) for one in entries]) == engine.machine.seal.log_root
            records = {key: raw for outcome in outcomes for key, raw in outcome.changes}
            assert {b"S" + key: raw for key, raw in records.items()} == dict(engine.machine.store.scan(b"S"))
            assert engine.outcomes(engine.machine.seal.height) == []

    def test_each_height_has_a_checkpoint_that_verifies(self, folder: Path) -> None:
        """The network signs every block, and what it signs is that block's log and state."""
        with self.running(folder) as engine:
            for _ in range(3):
                answers(engine.submit_all(self.pays(engine, 3)))
            for outcome in _followed(engine):
                signed = engine.checkpoint_at(outcome.seal.height)
                assert signed is not None, f"no checkpoint of height {outcome.seal.height}"
                found = note.Checkpoint.parse(note.open_note(signed, VERIFIER_KEY))
                assert (found.origin, found.size, found.root) == (ORIGIN, outcome.seal.log_size, outcome.seal.log_root)
                assert found.extensions == (f"state {outcome.seal.state_root.hex()}",)
            assert engine.checkpoint_at(engine.machine.seal.height + 1) is None

    def test_waiting_ends_when_a_block_comes(self, folder: Path) -> None:
        """A follower sleeps until there is news, and does not sleep through the end of the engine."""
        with self.running(folder) as engine:
            seen: list[int] = []

            def follower(after_height: int) -> None:
                engine.wait(after_height, ANSWER_SECONDS)
                seen.append(engine.machine.seal.height)

            engine.wait(0, ANSWER_SECONDS)
            news = threading.Thread(target=follower, args=(engine.machine.seal.height,))
            news.start()
            answers(engine.submit_all(self.pays(engine, 1)))
            news.join(ANSWER_SECONDS / 2)
            assert seen == [2], "a block came and the follower slept on"
            end = threading.Thread(target=follower, args=(2,))
            end.start()
        end.join(ANSWER_SECONDS / 2)
        assert seen == [2, 2], "the engine ended and the follower slept on"

    # -- when things go wrong --------------------------------------------------------------------------------------

    def test_a_bug_in_a_rule_stops_the_engine_and_keeps_what_was_committed(self, folder: Path) -> None:
        """Nothing of the block with the bug happens, everybody hears of it, and a restart goes on from before."""
        with _shouts() as heard, self.running(folder) as engine:
            answers(engine.submit_all(self.pays(engine, 3)))
            before = engine.machine.seal
            future = engine.submit(self.signed(engine, Stumble(account="anna")))
            assert isinstance(future.exception(ANSWER_SECONDS), EngineStopped)
            assert isinstance(engine.failure, ZeroDivisionError)
            _raises(EngineStopped, lambda: engine.submit(self.pays(engine, 1)[0]))
            assert engine.machine.seal == before
            assert balance(engine, "anna") == 3
        assert heard, "the engine stopped without a word"
        with self.running(folder) as engine:
            assert engine.machine.seal == before
            assert answers(engine.submit_all(self.pays(engine, 1)))[0].code == ACCEPTED
            assert balance(engine, "anna") == 4

    def test_more_than_it_can_hold_is_turned_away(self, folder: Path) -> None:
        """An engine says that it is busy instead of swallowing what it cannot carry; none of it is taken."""
        with self.running(folder) as engine:
            raw = self.pays(engine, 1)[0]
            _raises(Busy, lambda: engine.submit_all([raw] * MORE_THAN_ANY_ENGINE_HOLDS))
            assert engine.place_of(_id_of(engine, raw)) is None
            assert answers([engine.submit(raw)])[0].code == ACCEPTED

    def _mixed(self, engine: Engine) -> list[bytes]:
        """What a ledger sees on any day: a move, a refusal, two signers, a stranger."""
        return [
            self.signed(engine, Move(source="anna", target="bruno", amount=2)),
            self.signed(engine, Move(source="bruno", target="carla", amount=10**9)),
            self.signed(engine, Pay(account="bruno", amount=1), by=(ANNA, BRUNO)),
        ]


def broken_promises(suite: EngineSuite, folder: Path) -> Mapping[str, BaseException]:
    """Run every test in a folder of its own; what did not hold, by the test's name."""
    broken: dict[str, BaseException] = {}
    for name in sorted(name for name in dir(suite) if name.startswith("test_")):
        (folder / name).mkdir(parents=True)
        try:
            getattr(suite, name)(folder / name)
        except Exception as wrong:
            broken[name] = wrong
    return broken


# --- means ----------------------------------------------------------------------------------------------------------


def answers(futures: "Sequence[Future[Receipt]]") -> list[Receipt]:
    """The receipts, as soon as all are there."""
    return [future.result(ANSWER_SECONDS) for future in futures]


def state(engine: Engine) -> Committed:
    """The sealed state, for readers of any thread."""
    return Committed(engine.machine.store, cached=0)


def balance(engine: Engine, account: str) -> int:
    """What an account holds in the sealed state."""
    return balance_in(state(engine), account)


def entry(engine: Engine, transaction: str) -> bytes | None:
    """The bytes of a receipt on record."""
    found = engine.receipt(transaction)
    return None if found is None else found.entry()


class _Forger(Pen):
    """Signs as Anna, with a key of its own."""

    def __init__(self) -> None:
        super().__init__("anna", 9)


def _place(engine: Engine, transaction: str) -> tuple[int, int, int]:
    found = engine.place_of(transaction)
    assert found is not None, f"{transaction} has a receipt and no place"
    return found


def _id_of(engine: Engine, raw: bytes) -> str:
    return engine.machine.codec.parse(raw).id


def _followed(engine: Engine) -> Iterator[Outcome]:
    """All outcomes, fetched three at a time."""
    height = 0
    while raws := engine.outcomes(height, 3):
        assert len(raws) <= 3
        yield from map(decode_outcome, raws)
        height += len(raws)


def _refusal(future: "Future[Receipt]") -> Refusal:
    no = future.exception(ANSWER_SECONDS)
    assert isinstance(no, Refusal), f"expected a refusal without a place in the order, got {no!r}"
    return no


def _raises(kind: type[BaseException], action: Callable[[], object]) -> None:
    try:
        action()
    except kind:
        return
    raise AssertionError(f"expected {kind.__name__}")


def _side_by_side(action: Callable[[str], None], names: Sequence[str]) -> None:
    threads = [threading.Thread(target=action, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def _shouts() -> Iterator[list[object]]:
    """What dying threads say."""
    heard: list[object] = []
    before = threading.excepthook
    threading.excepthook = lambda told: heard.append(told.exc_value)
    try:
        yield heard
    finally:
        threading.excepthook = before


def _let_go(engine: Engine) -> None:
    """A store that holds its folder lets go of it, so that the next engine may open it."""
    close = getattr(engine.machine.store, "close", None)
    if close is not None:
        close()
