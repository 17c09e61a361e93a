"""The embedded engine: one process, one order, group commit.

Callers hand in bytes and get futures. The sequencer takes what has come in, checks it in a pool of threads (signature
verification leaves the interpreter's lock alone), executes it as one block, appends the block to the journal, waits for
the disk, writes the store, and only then answers. A block is as large as what arrived while the one before it was on
its way, so a busy engine commits in groups and an idle one at once.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from itertools import islice
from threading import Condition, Thread

from sogdia.core.codec import json_bytes
from sogdia.core.machine import Checked, Machine, is_on_record
from sogdia.core.receipt import Receipt, Seal
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.transaction import Message
from sogdia.engines.checkers import Checkers
from sogdia.engines.journal import Journal
from sogdia.engines.kept import Busy, EngineStopped, KeptLedger, SealMismatch, replayed

BLOCK_LIMIT = 1_000
BLOCK_LIMIT_BYTES = 8 * 1024 * 1024
WAITING_LIMIT = 50_000


class _Waiting:
    __slots__ = ("future", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.future: Future[Receipt] = Future()
        self.future.set_running_or_notify_cancel()


class Embedded(KeptLedger):
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
        super().__init__(machine, journal, checkpoint)
        self._clock = clock
        self._checkers = Checkers(machine, checkers)
        self._waiting: deque[_Waiting] = deque()
        self._arrived = Condition()
        self._taken: list[_Waiting] = []
        self._thread: Thread | None = None

    # -- life ----------------------------------------------------------------------------------------------------

    def found(self, messages: Sequence[Message]) -> None:
        """Write the founding block of an empty ledger."""
        time_ms = self._clock()
        self.keep(self.machine.found(time_ms, messages), (), json_bytes(messages))

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
        self.tell()
        self._checkers.close()
        self.journal.close()

    # -- transactions --------------------------------------------------------------------------------------------

    def submit_all(self, raws: Iterable[bytes]) -> "list[Future[Receipt]]":
        """Hand in transactions, to be taken in this order."""
        items = [_Waiting(raw) for raw in islice(raws, WAITING_LIMIT + 1)]
        with self._arrived:
            self._require_open()
            if len(self._waiting) + len(items) > WAITING_LIMIT:
                raise Busy(f"{len(self._waiting)} transactions wait; the limit is {WAITING_LIMIT}")
            self._waiting.extend(items)
            self._arrived.notify()
        return [item.future for item in items]

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
            self.keep(block, kept)
        for (item, one), receipt in zip(checked, block.receipts, strict=True):
            self._answer(item, one, receipt)

    def _check(self, batch: list[_Waiting]) -> list[tuple[_Waiting, Checked]]:
        checked = []
        verdicts = self._checkers.verdicts([item.raw for item in batch])
        for item, verdict in zip(batch, verdicts, strict=True):
            if isinstance(verdict, Refusal):
                item.future.set_exception(verdict)
            else:
                checked.append((item, verdict))
        return checked

    def _answer(self, item: _Waiting, one: Checked, receipt: Receipt) -> None:
        """On record: the receipt, or the one given first; not admitted: the refusal, which no log holds."""
        if is_on_record(receipt):
            item.future.set_result(receipt)
            return
        first = self.first_receipt(one) if receipt.code == Refused.ALREADY_ON_RECORD else None
        if first is not None:
            item.future.set_result(first)
        else:
            item.future.set_exception(Refusal(receipt.code, **receipt.fields))

    def _fail(self, bug: BaseException) -> None:
        self.failure = bug
        self._give_up(EngineStopped(f"the engine has stopped: {bug!r}"))
        self.tell()

    def _give_up(self, why: EngineStopped) -> None:
        with self._arrived:
            left = [*self._taken, *self._waiting]
            self._waiting.clear()
        for item in left:
            if not item.future.done():
                item.future.set_exception(why)


__all__ = ["Busy", "Embedded", "EngineStopped", "SealMismatch", "replayed"]
