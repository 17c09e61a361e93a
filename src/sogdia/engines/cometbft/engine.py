"""The engine between organisations: hands transactions to CometBFT, and answers when a block with them is kept.

Whoever hands in bytes gets futures, as with the embedded engine. What came in goes two ways, in order. A little of it
is broadcast: whoever proposes next takes it from the mempool, and an idle network wakes up. The rest waits here until
it is this node's turn to propose, and goes into that block without having been gossiped, checked and rechecked by all.
What has waited long is broadcast too, again if need be: a node may have no seat, and CometBFT's mempool is memory. An
answer is given when the block is on this node's disk.
"""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from threading import Condition, Event, Thread
from typing import Final, Protocol

from sogdia.core.machine import Checked, Machine
from sogdia.core.receipt import ACCEPTED, Receipt, Seal
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.transaction import Message
from sogdia.engines.checkers import Verdict
from sogdia.engines.cometbft.application import Application, Asked, Constitution, Snapshots
from sogdia.engines.cometbft.checks import Checks, digests_of
from sogdia.engines.cometbft.rpc import Broadcast, RpcError
from sogdia.engines.cometbft.server import Server
from sogdia.engines.journal import Journal
from sogdia.engines.kept import BeforeBase, Busy, EngineStopped, KeptLedger

WAITING_LIMIT: Final = 50_000
IN_FLIGHT_LIMIT: Final = 6_000
"""Transactions given to CometBFT and not decided: about two blocks, so that rechecks stay short."""
BUSY: Final = 100
"""A node with a seat gossips everything while fewer than so many wait here: that is fastest for each."""
GOSSIP_LIMIT: Final = 50
"""When it is busy it gossips so many at a time, enough to keep the network awake: that is cheapest for all."""
TURN_SECONDS: Final = 10.0
"""How long a transaction waits for this node's turn before it is broadcast all the same."""
SEAT_SECONDS: Final = 5.0
"""How often a node asks whether it has a seat."""
BATCH_LIMIT: Final = 500
BATCH_LIMIT_BYTES: Final = 4 * 1024 * 1024
AGAIN_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = 0.25
NO_ROOM_SECONDS: Final = 0.01
CLOSING_SECONDS: Final = 5.0
_log = logging.getLogger(__name__)


class Broadcaster(Protocol):
    """What the engine needs of CometBFT."""

    def broadcast(self, raws: Sequence[bytes]) -> list[Broadcast]: ...
    def has_seat(self) -> bool: ...


class _Waiting:
    __slots__ = ("arrived", "checked", "future", "raw", "sent", "share")

    checked: Checked

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.arrived = time.monotonic()
        self.sent = 0.0
        self.share = ""
        self.future: Future[Receipt] = Future()
        self.future.set_running_or_notify_cancel()


class Networked(KeptLedger):
    """A ledger whose blocks CometBFT orders. It starts to answer ABCI with `start`; CometBFT is started by others."""

    def __init__(
        self,
        machine: Machine,
        journal: Journal,
        *,
        chain: str,
        abci: str,
        rpc: Broadcaster,
        clock: Callable[[], int],
        checkpoint: Callable[[Seal], bytes],
        checkpoint_text: Callable[[Seal], str],
        constitution: Constitution,
        query: Asked,
        snapshots: "Callable[[Networked], Snapshots]",
        keep_blocks: int = 0,
    ) -> None:
        super().__init__(machine, journal, checkpoint)
        self.state_sync = snapshots(self)
        self.application = Application(
            self,
            chain=chain,
            clock=clock,
            checkpoint_text=checkpoint_text,
            constitution=constitution,
            heard=self,
            snapshots=self.state_sync,
            query=query,
            keep_blocks=keep_blocks,
        )
        self.server = Server(abci, self.application, self._fail)
        self._rpc = rpc
        self._arrived = Condition()
        self._arriving = 0
        self._intake = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._queue: deque[_Waiting] = deque()
        self._waiting: dict[str, list[_Waiting]] = {}
        self._in_flight = 0
        self._held = Counter[str]()
        self._seated = False
        self._over = Event()
        self._threads = [
            Thread(target=self._run, name="courier", daemon=True),
            Thread(target=self._watch_seat, name="seat", daemon=True),
        ]

    # -- life ----------------------------------------------------------------------------------------------------

    def found(self, messages: Sequence[Message]) -> None:
        """A network is founded by its genesis file, on every node alike."""
        raise TypeError("the genesis file founds a network; see `sogdia network init`")

    def start(self) -> None:
        """Begin to answer CometBFT and to take transactions."""
        self.server.start()
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Take no more, and wait a while for what has arrived; CometBFT may be stopped after that."""
        with self._arrived:
            self._closing = True
            self._arrived.wait_for(
                lambda: not (self._waiting or self._arriving) or self.failure is not None, CLOSING_SECONDS
            )
            self._over.set()
            self._arrived.notify_all()

    def close(self) -> None:
        """Wait a while for what has arrived, then stop."""
        self.finish()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        self._intake.shutdown(cancel_futures=True)
        self.server.close()
        self.application.checks.close()
        self.state_sync.close()
        self._give_up(EngineStopped("the engine was closed"))
        self.tell()
        self.journal.close()

    # -- transactions --------------------------------------------------------------------------------------------

    def submit_all(self, raws: Iterable[bytes]) -> "list[Future[Receipt]]":
        """Hand in transactions, to be taken in this order."""
        items = [_Waiting(raw) for raw in islice(raws, WAITING_LIMIT + 1)]
        with self._arrived:
            self._require_open()
            if len(self._queue) + self._arriving + len(items) > WAITING_LIMIT:
                raise Busy(f"{len(self._queue)} transactions wait; the limit is {WAITING_LIMIT}")
            self._arriving += len(items)
            self._intake.submit(self._take_in, items)
        return [item.future for item in items]

    def _take_in(self, items: Sequence[_Waiting]) -> None:
        """Check what has arrived, and let wait what could go on record; in a thread of its own, in order."""
        taken = [item.raw for item in items]
        try:
            verdicts = self._checks.verdicts(taken, digests_of(taken))
            with self._arrived:
                for item, verdict in zip(items, verdicts, strict=True):
                    self._let_wait(item, verdict)
        except BaseException as bug:
            for item in items:
                if not item.future.done():
                    item.future.set_exception(bug)
            raise
        finally:
            with self._arrived:
                self._arriving -= len(items)
                self._arrived.notify_all()

    def _let_wait(self, item: _Waiting, verdict: Verdict) -> None:
        if isinstance(verdict, Refusal):
            item.future.set_exception(verdict)
            return
        item.checked = verdict
        if self._may_wait(item):
            self._waiting.setdefault(verdict.transaction.id, []).append(item)
            self._queue.append(item)

    @property
    def in_flight(self) -> int:
        """Transactions given to CometBFT and not decided."""
        return self._in_flight

    @property
    def waiting(self) -> int:
        """Transactions that are not given to CometBFT yet."""
        return len(self._queue)

    @property
    def _checks(self) -> Checks:
        return self.application.checks

    def _may_wait(self, item: _Waiting) -> bool:
        """Whether it could go on record and its party has room here; if not, it is answered at once."""
        no = self._checks.standing(item.checked)
        if no is None:
            item.share, limit = self._checks.share(item.checked)
            if self._held[item.share] >= limit:
                no = Refusal(Refused.OVER_QUOTA, party=item.share, limit=limit)
        if no is not None:
            self._answer_no(item, no)
            return False
        self._held[item.share] += 1
        return True

    def _is_known(self, item: _Waiting) -> bool:
        """Whether it is on record already; then its first receipt is the answer, where this node has it."""
        try:
            receipt = self.first_receipt(item.checked)
        except BeforeBase as before:
            item.future.set_exception(before)
            return True
        if receipt is not None:
            item.future.set_result(receipt)
        return receipt is not None

    # -- what became of them -------------------------------------------------------------------------------------

    def decided(self, pairs: Sequence[tuple[bytes, Receipt]]) -> None:
        """A block is kept: answer those who wait for its transactions."""
        answers: list[tuple[_Waiting, Receipt]] = []
        with self._arrived:
            for raw, receipt in pairs:
                for item in tuple(self._waiting.get(receipt.transaction, ())):
                    if receipt.code == ACCEPTED or item.raw == raw:
                        self._forget(item)
                        answers.append((item, receipt))
            self._arrived.notify_all()
        for item, receipt in answers:
            item.future.set_result(receipt)

    def dropped(self, raw: bytes, no: Refusal, transaction: str | None) -> None:
        """The mempool has let go of a transaction: it has become late, or another envelope of it is on record."""
        with self._arrived:
            items = [item for item in self._waiting.get(transaction or self._id_of(raw), ()) if item.raw == raw]
            for item in items:
                self._forget(item)
            self._arrived.notify_all()
        for item in items:
            self._answer_no(item, no)

    def mine(self, limit: int, limit_bytes: int) -> list[bytes]:
        """What waits here, oldest first, for the block that this node proposes now."""
        found, size = list[bytes](), 0
        self._seated = True  # whoever is asked to propose has a seat
        with self._arrived:
            for waiting in self._waiting.values():
                for item in waiting:
                    size += len(item.raw)
                    if len(found) >= limit or size > limit_bytes:
                        return found
                    found.append(item.raw)
        return found

    def _id_of(self, raw: bytes) -> str:
        """The id of what was refused for its signatures; nothing where nothing waits, or its form is wrong."""
        try:
            return self.machine.codec.parse(raw).id if self._waiting else ""
        except Refusal:
            return ""

    def _answer_no(self, item: _Waiting, no: Refusal) -> None:
        if no.code != Refused.ALREADY_ON_RECORD or not self._is_known(item):
            item.future.set_exception(no)

    def _forget(self, item: _Waiting) -> None:
        if not self._waits(item):
            return
        name = item.checked.transaction.id
        left = [other for other in self._waiting[name] if other is not item]
        if left:
            self._waiting[name] = left
        else:
            self._waiting.pop(name, None)
        if item.sent:
            self._in_flight -= 1
        self._held[item.share] -= 1

    def _waits(self, item: _Waiting) -> bool:
        return any(other is item for other in self._waiting.get(item.checked.transaction.id, ()))

    # -- the courier ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        looked = 0.0
        while not self._over.is_set() and self.failure is None:
            batch = self._take()
            if batch and not self._send(batch):
                time.sleep(NO_ROOM_SECONDS)  # short: what was behind in the batch may have been taken
            if time.monotonic() - looked > AGAIN_SECONDS / 2:
                looked = time.monotonic()
                self._send_again(looked)

    def _watch_seat(self) -> None:
        """Beside the courier: while CometBFT decides a block it does not answer this question."""
        while not self._over.is_set() and self.failure is None:
            self._seated = self._rpc.has_seat()
            self._over.wait(SEAT_SECONDS if self._seated else PAUSE_SECONDS)

    def _take(self) -> list[_Waiting]:
        """What to broadcast next, as far as there is room in flight."""
        with self._arrived:
            self._arrived.wait_for(
                lambda: self._over.is_set() or (self._queue and self._in_flight < self._room()), PAUSE_SECONDS
            )
            batch, size, room = list[_Waiting](), 0, self._room() - self._in_flight
            while self._queue and len(batch) < min(room, BATCH_LIMIT) and size < BATCH_LIMIT_BYTES:
                item = self._queue.popleft()
                if not item.future.done():
                    batch.append(item)
                    size += len(item.raw)
            return batch

    def _room(self) -> int:
        """How many may be in flight: few for a node whose turns come in time."""
        late = self._queue and time.monotonic() - self._queue[0].arrived > TURN_SECONDS
        is_busy = self._seated and len(self._queue) + self._in_flight > BUSY
        return GOSSIP_LIMIT if is_busy and not late else IN_FLIGHT_LIMIT

    def _send(self, batch: Sequence[_Waiting]) -> bool:
        """Broadcast; what could not be sent goes back to the head of the queue."""
        now = time.monotonic()
        with self._arrived:
            for item in batch:
                self._in_flight += not item.sent
                item.sent = now
        try:
            answers = self._rpc.broadcast([item.raw for item in batch])
        except (OSError, RpcError) as error:
            _log.debug("CometBFT does not take transactions: %s", error)
            self._put_back(batch)
            return False
        no_room = [item for item, answer in zip(batch, answers, strict=True) if answer.is_full]
        self._put_back(no_room)
        for item, answer in zip(batch, answers, strict=True):
            if answer.not_taken and not answer.is_full and not answer.is_known:
                self._kept_out(item, answer)
        return not no_room

    def _put_back(self, batch: Sequence[_Waiting]) -> None:
        with self._arrived:
            for item in reversed(batch):
                if self._waits(item):
                    self._in_flight -= 1
                    item.sent = 0.0
                    self._queue.appendleft(item)

    def _kept_out(self, item: _Waiting, answer: Broadcast) -> None:
        """CometBFT itself will never take it: it is larger than a block has room for."""
        with self._arrived:
            if not self._waits(item):
                return
            self._forget(item)
        item.future.set_exception(Refusal(Refused.TOO_LARGE, bytes=len(item.raw), limit_bytes=answer.not_taken))

    def _send_again(self, now: float) -> None:
        """What has waited long may have been lost with a mempool."""
        with self._arrived:
            late = [i for w in self._waiting.values() for i in w if i.sent and now - i.sent > AGAIN_SECONDS]
        late.sort(key=lambda item: item.sent)
        for start in range(0, len(late), BATCH_LIMIT):
            if not self._send(late[start : start + BATCH_LIMIT]):
                return

    # -- the end -------------------------------------------------------------------------------------------------

    def _fail(self, bug: BaseException) -> None:
        self.failure = bug
        self._give_up(EngineStopped(f"the engine has stopped: {bug!r}"))
        self.tell()
        raise bug  # the thread that met it ends loudly

    def _give_up(self, why: EngineStopped) -> None:
        with self._arrived:
            left = [item for waiting in self._waiting.values() for item in waiting]
            self._waiting.clear()
            self._queue.clear()
            self._in_flight = 0
            self._held.clear()
            self._arrived.notify_all()
        for item in left:
            if not item.future.done():
                item.future.set_exception(why)
