"""The embedded engine: one process, one order, group commit.

Callers hand in bytes and get futures. The sequencer takes what has come in, checks it in a pool of threads (signature
verification leaves the interpreter's lock alone), executes it as one block, appends the block to the journal, waits for
the disk, writes the store, and only then answers. A block is as large as what arrived while the one before it was on
its way, so a busy engine commits in groups and an idle one at once.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from threading import Condition, RLock, Thread

from sogdia.core.codec import json_bytes, record_bytes
from sogdia.core.machine import Block, Checked, Machine, is_on_record
from sogdia.core.once import Placed, keys_digest, places_of
from sogdia.core.receipt import Receipt, Seal, decode_outcome, decode_receipt
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.transaction import Message
from sogdia.engines.journal import Journal, JournalBlock, JournalDamaged, Place, decode_place

BLOCK_LIMIT = 1_000
BLOCK_LIMIT_BYTES = 8 * 1024 * 1024
WAITING_LIMIT = 50_000
CHECK_GROUP = 32


class EngineStopped(Exception):
    """The engine takes no more transactions; the message says why."""


class SealMismatch(Exception):
    """Executing a block again gave another seal than the journal holds: different code, or damaged data."""


class Busy(Exception):
    """More transactions wait than the engine will hold; send them again later."""


class _Waiting:
    __slots__ = ("future", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.future: Future[Receipt] = Future()
        self.future.set_running_or_notify_cancel()


class Embedded:
    """Orders and executes transactions for one operator.

    `clock` gives milliseconds of UTC; `checkpoint` turns a seal into the network's signed note.
    """

    def __init__(
        self,
        machine: Machine,
        journal: Journal,
        *,
        clock: Callable[[], int],
        checkpoint: Callable[[Seal], bytes],
        checkers: int = 2,
    ) -> None:
        self.machine = machine
        self.journal = journal
        self.sealed = RLock()
        self.failure: BaseException | None = None
        self._clock = clock
        self._checkpoint = checkpoint
        self._pool = ThreadPoolExecutor(checkers, thread_name_prefix="checker")
        self._waiting: deque[_Waiting] = deque()
        self._arrived = Condition()
        self._advanced = Condition()
        self._taken: list[_Waiting] = []
        self._closing = False
        self._thread: Thread | None = None
        _catch_up(machine, journal, self._commit)

    # -- life ----------------------------------------------------------------------------------------------------

    def found(self, messages: Sequence[Message]) -> None:
        """Write the founding block of an empty ledger."""
        time_ms = self._clock()
        self._make_durable(self.machine.found(time_ms, messages), (), json_bytes(messages))

    def start(self) -> None:
        """Begin to take transactions."""
        self._thread = Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish what has arrived, then stop."""
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        if self._thread is not None:
            self._thread.join()
        self._give_up(EngineStopped("the engine was closed before it had started"))
        with self._advanced:
            self._advanced.notify_all()
        self._pool.shutdown()
        self.journal.close()

    # -- transactions --------------------------------------------------------------------------------------------

    def submit(self, raw: bytes) -> "Future[Receipt]":
        """Hand in one transaction; the future holds its receipt, or the Refusal that kept it out of the order."""
        return self.submit_all((raw,))[0]

    def submit_all(self, raws: Iterable[bytes]) -> "list[Future[Receipt]]":
        """Hand in transactions, to be taken in this order."""
        items = [_Waiting(raw) for raw in islice(raws, WAITING_LIMIT + 1)]
        with self._arrived:
            if self.failure is not None or self._closing:
                raise EngineStopped(f"the engine has stopped: {self.failure or 'it is closing'}")
            if len(self._waiting) + len(items) > WAITING_LIMIT:
                raise Busy(f"{len(self._waiting)} transactions wait; the limit is {WAITING_LIMIT}")
            self._waiting.extend(items)
            self._arrived.notify()
        return [item.future for item in items]

    # -- reading -------------------------------------------------------------------------------------------------

    def place_of(self, transaction: str) -> tuple[int, int, int] | None:
        """Height, index in the block, and leaf in the log of a transaction: where it was accepted, or refused last."""
        places = places_of(self.machine.store, transaction)
        return (places[-1].height, places[-1].index, places[-1].leaf) if places else None

    def receipt(self, transaction: str) -> Receipt | None:
        """The receipt of a transaction on record, as `place_of` finds it."""
        places = places_of(self.machine.store, transaction)
        return self._receipt_at(places[-1]) if places else None

    def _receipt_at(self, placed: Placed) -> Receipt:
        outcome = decode_outcome(self.outcomes(placed.height - 1, 1)[0])
        return decode_receipt(outcome.done[placed.index].receipt)

    def block_at(self, height: int) -> JournalBlock | None:
        """A block as it was ordered."""
        place = self.machine.store.get(b"J%016x" % height)
        return None if place is None else self.journal.read(decode_place(place))

    def checkpoint_at(self, height: int) -> bytes | None:
        """The network's signed note on the seal of a height."""
        return self.machine.store.get(b"C%016x" % height)

    def outcomes(self, after_height: int, limit: int = 100) -> list[bytes]:
        """Outcomes of the blocks above a height, in order."""
        found = []
        for height in range(after_height + 1, min(after_height + limit, self.machine.seal.height) + 1):
            outcome = self.machine.store.get(b"O%016x" % height)
            assert outcome is not None, f"no outcome of height {height}"
            found.append(outcome)
        return found

    def wait(self, after_height: int, timeout_seconds: float) -> None:
        """Return when there is a block above this height, when the engine ends, or when the time is up."""
        with self._advanced:
            self._advanced.wait_for(
                lambda: self.machine.seal.height > after_height or self._closing or self.failure is not None,
                timeout_seconds,
            )

    # -- the sequencer -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while batch := self._take():
                self._order(batch)
        except BaseException as bug:
            self._fail(bug)
            raise

    def _take(self) -> list[_Waiting]:
        with self._arrived:
            self._arrived.wait_for(lambda: self._waiting or self._closing)
            batch, size = list[_Waiting](), 0
            while self._waiting and len(batch) < BLOCK_LIMIT and size < BLOCK_LIMIT_BYTES:
                batch.append(self._waiting.popleft())
                size += len(batch[-1].raw)
            self._taken = batch
            return batch

    def _order(self, batch: list[_Waiting]) -> None:
        checked = self._check(batch)
        block = self.machine.execute(self._clock(), [one for _, one in checked])
        kept = [item.raw for (item, _), receipt in zip(checked, block.receipts, strict=True) if is_on_record(receipt)]
        if kept:
            self._make_durable(block, tuple(kept), b"")
        for (item, one), receipt in zip(checked, block.receipts, strict=True):
            self._answer(item, one, receipt)

    def _check(self, batch: list[_Waiting]) -> list[tuple[_Waiting, Checked]]:
        groups = [batch[start : start + CHECK_GROUP] for start in range(0, len(batch), CHECK_GROUP)]
        checked = []
        for group, answers in zip(groups, self._pool.map(self._check_group, groups), strict=True):
            for item, answer in zip(group, answers, strict=True):
                if isinstance(answer, Refusal):
                    item.future.set_exception(answer)
                else:
                    checked.append((item, answer))
        return checked

    def _check_group(self, group: list[_Waiting]) -> "list[Checked | Refusal]":
        answers: list[Checked | Refusal] = []
        for item in group:
            try:
                answers.append(self.machine.check(item.raw))
            except Refusal as no:
                answers.append(no)
        return answers

    def _answer(self, item: _Waiting, one: Checked, receipt: Receipt) -> None:
        """On record: the receipt, or the one given first; not admitted: the refusal, which no log holds."""
        if is_on_record(receipt):
            item.future.set_result(receipt)
            return
        first = self._first_receipt(one) if receipt.code == Refused.ALREADY_ON_RECORD else None
        if first is not None:
            item.future.set_result(first)
        else:
            item.future.set_exception(Refusal(receipt.code, **receipt.fields))

    def _first_receipt(self, one: Checked) -> Receipt | None:
        keys = keys_digest(one.transaction)
        for placed in places_of(self.machine.store, one.transaction.id):
            if placed.accepted or placed.keys == keys:
                return self._receipt_at(placed)
        return None

    def _make_durable(self, block: Block, raws: tuple[bytes, ...], founding: bytes) -> None:
        frame = JournalBlock(block.seal.height, block.seal.time_ms, raws, block.seal, founding)
        self._commit(block, self.journal.append(frame))

    def _commit(self, block: Block, place: Place) -> None:
        height = block.seal.height
        block.puts[b"J%016x" % height] = record_bytes(place)
        block.puts[b"C%016x" % height] = self._checkpoint(block.seal)
        with self.sealed:
            self.machine.commit(block)
        with self._advanced:
            self._advanced.notify_all()

    def _fail(self, bug: BaseException) -> None:
        self.failure = bug
        self._give_up(EngineStopped(f"the engine has stopped: {bug!r}"))
        with self._advanced:
            self._advanced.notify_all()

    def _give_up(self, why: EngineStopped) -> None:
        with self._arrived:
            left = [*self._taken, *self._waiting]
            self._waiting.clear()
        for item in left:
            if not item.future.done():
                item.future.set_exception(why)


def _catch_up(machine: Machine, journal: Journal, commit: Callable[[Block, Place], None]) -> None:
    """Execute again what the journal has and the store lost; every seal must come out the same."""
    if journal.height < machine.seal.height:
        raise SealMismatch(f"the store stands at height {machine.seal.height}, the journal ends at {journal.height}")
    standing = machine.store.get(b"J%016x" % machine.seal.height)
    if standing is not None and _sealed_there(journal, decode_place(standing)) != machine.seal:
        raise SealMismatch(f"the store and the journal disagree at height {machine.seal.height}: not of one ledger")
    for place, frame in journal.blocks(after_height=machine.seal.height):
        commit(replayed(machine, frame), place)


def _sealed_there(journal: Journal, place: Place) -> Seal | None:
    try:
        return journal.read(place).seal
    except (OSError, JournalDamaged):
        return None


def replayed(machine: Machine, frame: JournalBlock) -> Block:
    """Execute a journal's block; SealMismatch when it does not end in the seal that the journal holds."""
    if frame.height != machine.seal.height + 1:
        raise SealMismatch(f"the journal goes on at height {frame.height}, the machine stands at {machine.seal.height}")
    if frame.founding:
        block = machine.found(frame.time_ms, machine.codec.messages(frame.founding))
    else:
        block = machine.execute(frame.time_ms, [_checked(machine, raw) for raw in frame.transactions])
    if block.seal != frame.seal:
        raise SealMismatch(
            f"height {frame.height}: state root {block.seal.state_root.hex()} log root {block.seal.log_root.hex()}, "
            f"but the journal holds {frame.seal.state_root.hex()} and {frame.seal.log_root.hex()}"
        )
    return block


def _checked(machine: Machine, raw: bytes) -> Checked:
    """As it was ordered: a signature that does not hold is the machine's to refuse again, in order."""
    try:
        return machine.check(raw)
    except Refusal:
        return Checked(machine.codec.parse(raw), frozenset())


__all__ = ["Busy", "Embedded", "EngineStopped", "SealMismatch", "replayed"]
