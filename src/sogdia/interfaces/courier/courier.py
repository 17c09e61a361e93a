"""The courier itself: follows the record, takes on errands, erases what a platform has had erased.

It reads outcomes as the mirror does. On its first start, and when the blocks after its place are not here (a node that
joined by snapshot), it reads the orders and erasures in the state instead. Its place is written after the errands of a
block, so a process that is killed reads the block again, which changes nothing.
"""

import time
from collections.abc import Callable, Iterable
from threading import Event, Thread
from typing import Final

from sogdia.app import Node, milliseconds
from sogdia.core.receipt import Outcome, decode_outcome
from sogdia.core.state import Committed
from sogdia.domains.governance.state import HOSTINGS, MEMBERS, Hosting
from sogdia.domains.orders.state import ERASURES, ORDERS, Erasure, Order
from sogdia.interfaces.courier.desk import ERASED, FETCHED, GIVEN_UP, LOG, Desk
from sogdia.interfaces.courier.errands import FETCH, PASSED, SIGN, Errand
from sogdia.interfaces.courier.lane import Lane
from sogdia.interfaces.courier.receipts import sign_receipt
from sogdia.interfaces.courier.settings import Missing, Settings, Status
from sogdia.interfaces.http.sealed_shelf import Confirmation, SealedShelf

BLOCKS_AT_ONCE: Final = 50
WAIT_SECONDS: Final = 0.1
"""How long one wait for a block lasts; a stop is noticed after at most that."""
PATIENCE_SECONDS: Final = 2.0
"""How long a stop waits for the ways to members; a thread that still waits for an answer then writes nothing more."""
_PAUSE_SECONDS: Final = 1.0
_PAGE: Final = 500
_LOOKED_AT: Final = 10_000
"""Errands that a status looks at to say what is missing."""


class Courier:
    """Keeps a node's shelf of envelopes as the record wants it, in threads of this process.

    It ends before the shelf closes. One for a node's folder; it keeps its errands in `folder/courier`.
    """

    def __init__(
        self, node: Node, shelf: SealedShelf, settings: Settings, clock: Callable[[], int] = milliseconds
    ) -> None:
        self._node = node
        self._desk = Desk(node, shelf, settings, clock)
        self._view = Committed(node.store, cached=0)
        self._stopping = Event()
        self._lanes: dict[str, Lane] = {}
        self._error = ""
        self._thread = Thread(target=self._run, name="courier", daemon=True)
        shelf.organisation, shelf.courier = settings.organisation, self.status
        shelf.before_close(self.stop)

    def start(self) -> None:
        """Begin to follow the record and to ask for envelopes."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and let go of the folder; a second call changes nothing."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        until = time.monotonic() + PATIENCE_SECONDS
        for lane in self._lanes.values():
            lane.end(max(0.0, until - time.monotonic()))
        self._desk.errands.close()

    def status(self) -> Status:
        """How it does now."""
        errands = self._desk.errands
        waiting = dict(errands.waiting)
        return Status(
            height=errands.height or 0,
            wanted=sum(count for lane, count in waiting.items() if lane.startswith(FETCH)),
            fetched=errands.count(FETCHED),
            not_ours=waiting.get(PASSED, 0),
            given_up=errands.count(GIVEN_UP),
            erased=errands.count(ERASED),
            receipts_due=sum(count for lane, count in waiting.items() if lane.startswith(SIGN)),
            failing=tuple(lane.failing for lane in list(self._lanes.values()) if lane.failing is not None),
            missing=_by_reason(errands.failing(_LOOKED_AT)),
            forged=errands.forged(),
            error=self._error,
        )

    # -- following -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
                self._error = ""
            except Exception as error:
                self._error = type(error).__name__
                LOG.exception("the courier stands still")
                self._stopping.wait(_PAUSE_SECONDS)

    def _turn(self) -> None:
        errands, height = self._desk.errands, self._desk.errands.height
        tip = self._node.machine.seal.height
        if height is None or height > tip or (height < tip and not self._is_kept(height + 1)):
            self._begin(tip)
            return
        if not self._lanes:
            self._open_lanes()
        found = self._node.engine.outcomes(height, BLOCKS_AT_ONCE)
        for raw in found:
            outcome = decode_outcome(raw)
            self._read(outcome)
            errands.read_to(outcome.seal.height)
        if not found:
            self._look_after_the_rest()
            self._node.engine.wait(height, WAIT_SECONDS)

    def _is_kept(self, height: int) -> bool:
        return self._node.store.get(b"O%016x" % height) is not None

    def _begin(self, height: int) -> None:
        """Take on everything that the state asks for; what is sealed meanwhile is read again as a block."""
        now = self._desk.clock()
        for erasure in ERASURES.starting(self._view, ""):
            self._erase(erasure)
        for order in ORDERS.starting(self._view, ""):
            self._want(order, now)
        self._desk.errands.read_to(height)

    def _read(self, outcome: Outcome) -> None:
        """Take on what one block asks for."""
        wider = False
        for key, raw in outcome.changes:
            if raw is None:
                continue
            if key.startswith(ORDERS.prefix):
                self._want(ORDERS.decode(raw), outcome.seal.time_ms)
            elif key.startswith(ERASURES.prefix):
                self._erase(ERASURES.decode(raw))
            elif key.startswith(HOSTINGS.prefix):
                wider |= self._welcome(HOSTINGS.decode(raw))
            elif key.startswith(MEMBERS.prefix):
                wider |= MEMBERS.decode(raw).party == self._desk.own
                self._open_lanes()
        if wider:
            self._desk.ask_again()

    def _welcome(self, hosting: Hosting) -> bool:
        """Whether the party is served here now; the receipts of what it had erased are this node's to show then."""
        if hosting.member != self._desk.own:
            return False
        for erasure in ERASURES.under(self._view, hosting.party):
            self._collect_for(_trade_of(erasure), erasure.erased_at_ms)
        return True

    def _want(self, order: Order, since_ms: int) -> None:
        if order.sealed is None:
            return
        until_ms = self._desk.settings.until_ms(since_ms)
        self._desk.take_on(Errand(_trade_of(order), order.sealed, since_ms, until_ms))

    def _erase(self, erasure: Erasure) -> None:
        """Destroy what is here, sign for it, and set out for the receipts of the others if the platform is ours."""
        desk, trade = self._desk, _trade_of(erasure)
        if any(said.member == desk.own and said.receipt for said in desk.shelf.confirmations(trade)):
            return
        desk.errands.drop(Errand(trade, "", 0, 0))
        ground = f"{erasure.ground}: {erasure.note}" if erasure.note else erasure.ground
        destroyed = desk.shelf.erase(trade, desk.clock(), ground)
        if desk.serving.home_of(erasure.platform) == desk.own:
            self._collect_for(trade, erasure.erased_at_ms)
        signed = sign_receipt(desk.network, desk.own, destroyed, desk.settings.signer)
        desk.shelf.confirm(trade, Confirmation(desk.own, erasure.erased_at_ms, signed))
        desk.errands.tally(ERASED)

    def _collect_for(self, trade: str, since_ms: int) -> None:
        """Whoever is or was a member may hold a copy."""
        desk, until_ms = self._desk, self._desk.settings.until_ms(since_ms)
        known = {said.member: said.receipt for said in desk.shelf.confirmations(trade)}
        for did in [member.party for member in desk.serving.members() if member.party != desk.own]:
            if did not in known:
                desk.shelf.confirm(trade, Confirmation(did, since_ms))
            if known.get(did) is None:
                desk.errands.add(Errand(trade, "", since_ms, until_ms, did), SIGN + did, desk.clock())

    # -- the rest ------------------------------------------------------------------------------------------------

    def _open_lanes(self) -> None:
        for member in self._desk.serving.members():
            if member.party != self._desk.own and member.party not in self._lanes:
                lane = self._lanes[member.party] = Lane(self._desk, member.party, self._stopping)
                lane.start()

    def _look_after_the_rest(self) -> None:
        """Forget what was passed over long ago; look again for whom to ask where there was nobody."""
        now = self._desk.clock()
        for errand in self._desk.errands.due(PASSED, now, _PAGE):
            self._desk.errands.drop(errand)
        for errand in self._desk.errands.due(FETCH, now, _PAGE):
            if not self._desk.is_settled(errand):
                self._desk.hand_on(errand, "", "nobody to ask")


def _trade_of(record: Order | Erasure) -> str:
    return f"{record.platform}/{record.order}"


def _by_reason(failing: Iterable[Errand]) -> tuple[Missing, ...]:
    found = dict[str, Missing]()
    for errand in failing:
        before = found.get(errand.why, Missing(errand.why, 0, errand.failing_since_ms))
        since_ms = min(before.since_ms, errand.failing_since_ms)
        found[errand.why] = Missing(errand.why, before.envelopes + 1, since_ms)
    return tuple(found.values())
