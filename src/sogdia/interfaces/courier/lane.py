"""The way to one member: asks it for what waits in its lanes, in a thread of its own, so that it holds up nobody."""

from collections.abc import Sequence
from threading import Event, Thread
from typing import Final

from sogdia.interfaces.courier.desk import LOG, Desk
from sogdia.interfaces.courier.errands import FETCH, SIGN, Errand
from sogdia.interfaces.courier.peer import Answer, Peer, PeerFailed
from sogdia.interfaces.courier.receipts import UnfitReceipt
from sogdia.interfaces.courier.settings import Failing

_RECEIPTS_AT_ONCE: Final = 20
_FAR_MS: Final = 2**60
_BUG_PAUSE_SECONDS: Final = 1.0
_WORDS: Final = frozenset({"not_here", "not_for_you", "erased", "later"})
"""What a node says of an envelope that it does not give; anything else is not repeated."""


class Lane:
    """Errands to one member. A member that fails is left alone for a growing while; its errands go on to others."""

    def __init__(self, desk: Desk, member: str, stopping: Event) -> None:
        self.failing: Failing | None = None
        self._desk = desk
        self._member = member
        self._stopping = stopping
        self._peer: Peer | None = None
        self._failures = 0
        self._resting_until_ms = 0
        self._thread = Thread(target=self._run, name=f"courier {member[-8:]}", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def end(self, patience_seconds: float) -> None:
        """Wait until the thread has ended; `stopping` is set already. An answer under way is not waited for."""
        if self._peer is not None:
            self._peer.close()
        self._thread.join(patience_seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._turn():
                    self._stopping.wait(self._desk.settings.look_seconds)
            except Exception:
                if not self._stopping.is_set():
                    LOG.exception("the way to a member")
                    self._stopping.wait(_BUG_PAUSE_SECONDS)
        if self._peer is not None:
            self._peer.close()

    def _turn(self) -> bool:
        """Whether there was anything to do."""
        desk, now = self._desk, self._desk.clock()
        many, few = desk.settings.envelopes_per_request, _RECEIPTS_AT_ONCE
        if self.failing is not None and now >= self._resting_until_ms:
            now, many, few = _FAR_MS, 1, 1  # one errand, due or not, shows whether the member is back
        wanted = desk.errands.due(FETCH + self._member, now, many)
        owed = desk.errands.due(SIGN + self._member, now, few)
        left = [errand for errand in wanted if not desk.is_settled(errand)]
        if left:
            self._fetch(left)
        for errand in owed:
            if not self._stopping.is_set():
                self._collect(errand)
        return bool(wanted or owed)

    # -- envelopes -----------------------------------------------------------------------------------------------

    def _fetch(self, errands: Sequence[Errand]) -> None:
        try:
            answer = self._reached().fetch(errands)
        except PeerFailed as failed:
            self._note_failure(str(failed))
            for errand in errands:
                self._hand_on(errand, str(failed))
            return
        self._note_answer()
        if answer.forged:
            LOG.warning("%s gives %d lines that are not what the record names", self._member, answer.forged)
            self._desk.errands.note_forged(self._member, self._desk.clock())
        self._sort(errands, answer)

    def _sort(self, errands: Sequence[Errand], answer: Answer) -> None:
        if self._stopping.is_set():
            return
        self._desk.take_in([(one, answer.given[one.envelope]) for one in errands if one.envelope in answer.given])
        for errand in errands:
            if errand.envelope in answer.given:
                continue
            why = answer.withheld.get(errand.envelope, "forged" if answer.forged else "no word on it")
            if why in ("not_for_you", "erased") and self._is_home(errand):
                self._desk.pass_over(errand, why)
            elif why != "later" or not answer.given:  # who never gives anything is not waited for
                self._hand_on(errand, why if why in _WORDS or errand.envelope not in answer.withheld else "unreadable")

    def _is_home(self, errand: Errand) -> bool:
        """Whether this member serves the platform of the trade; of the others none can know who is not meant."""
        return self._desk.serving.home_of(errand.trade.partition("/")[0]) == self._member

    def _hand_on(self, errand: Errand, why: str) -> None:
        if not self._stopping.is_set():
            self._desk.hand_on(errand, self._member, why)

    # -- receipts ------------------------------------------------------------------------------------------------

    def _collect(self, errand: Errand) -> None:
        try:
            receipt = self._reached().confirmation(errand.trade, self._member)
            self._note_answer()
            if receipt is not None:
                self._desk.believe(errand, receipt)
                return
            why = "not yet"
        except PeerFailed as failed:
            why = str(failed)
            if why != "status 404":  # it has not come to that block yet
                self._note_failure(why)
        except UnfitReceipt as unfit:
            why = str(unfit)[:200]
            LOG.warning("a receipt of erasure from %s does not hold", self._member)
        if not self._stopping.is_set():
            self._desk.ask_later(errand, why)

    # -- the member ----------------------------------------------------------------------------------------------

    def _reached(self) -> Peer:
        """The member's node; `PeerFailed` when it is not in good standing, or failed a short while ago."""
        found = self._desk.serving.member(self._member)
        if found is None or found.standing != "active":
            raise PeerFailed("no member in good standing")
        if self._desk.clock() < self._resting_until_ms:
            raise PeerFailed(self.failing.why if self.failing else "resting")
        if self._peer is None or self._peer.url != found.url.rstrip("/"):
            if self._peer is not None:
                self._peer.close()
            self._peer = Peer(found.url, self._desk.settings)
        return self._peer

    def _note_failure(self, why: str) -> None:
        now = self._desk.clock()
        if now < self._resting_until_ms:
            return
        self._failures += 1
        self._resting_until_ms = now + self._desk.settings.pause_ms(self._failures)
        self.failing = Failing(self._member, why, self.failing.since_ms if self.failing else now)

    def _note_answer(self) -> None:
        if self.failing is not None:
            self.failing = None
            self._failures, self._resting_until_ms = 0, 0
            self._desk.hurry(self._member)
