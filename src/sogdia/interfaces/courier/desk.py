"""The courier's desk: what its threads share, and what becomes of an errand after each answer."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from sogdia.app import Node
from sogdia.core.state import Committed
from sogdia.core.transaction import Envelope as Jws
from sogdia.domains.identity.state import KEYS
from sogdia.domains.orders.state import ERASURES
from sogdia.interfaces.courier.errands import FETCH, PASSED, SIGN, Errand, Errands
from sogdia.interfaces.courier.receipts import read_receipt
from sogdia.interfaces.courier.serving import Serving
from sogdia.interfaces.courier.settings import Settings
from sogdia.interfaces.http.sealed_shelf import Confirmation, SealedShelf, platform_of
from sogdia.primitives.sealed.envelope import Envelope, from_bytes
from sogdia.primitives.sealed.errors import BrokenEnvelope, Erased

LOG: Final = logging.getLogger("sogdia.courier")

FETCHED: Final = "fetched"
GIVEN_UP: Final = "given up"
ERASED: Final = "erased"


class Desk:
    """One node's courier as its threads see it; `clock` gives milliseconds of UTC."""

    def __init__(self, node: Node, shelf: SealedShelf, settings: Settings, clock: Callable[[], int]) -> None:
        self.network = node.info.network
        self.shelf = shelf
        self.settings = settings
        self.clock = clock
        self.serving = Serving(node.store)
        self.errands = Errands(node.folder / "courier")
        self._view = Committed(node.store, cached=0)

    @property
    def own(self) -> str:
        """The member whose courier this is."""
        return self.settings.organisation

    # -- envelopes -----------------------------------------------------------------------------------------------

    def take_on(self, errand: Errand) -> None:
        """Set out for an envelope that an order names, unless it is wanted already, here, or erased."""
        if not self.errands.has(errand) and not self.is_erased(errand.trade) and not self._is_here(errand):
            self.errands.add(errand, FETCH + self._next(errand), self.clock())

    def is_settled(self, errand: Errand) -> bool:
        """Whether there is nothing to ask for any more; an errand that is settled is done with."""
        if self.is_erased(errand.trade):
            self.errands.drop(errand)
        elif self._is_here(errand):
            # It was left here by its platform, or this process was killed before it could note what it had fetched.
            self.errands.drop(errand, FETCHED)
        elif self.clock() > errand.until_ms:
            LOG.warning("an envelope was not found in time: %s", errand.why)
            self.errands.drop(errand, GIVEN_UP)
        else:
            return False
        return True

    def is_erased(self, trade: str) -> bool:
        """Whether the erasure of this trade stands on record."""
        platform, _, order = trade.partition("/")
        return ERASURES.get(self._view, platform, order) is not None

    def take_in(self, given: Sequence[tuple[Errand, bytes]]) -> None:
        """Keep the envelopes whose digest is the one on record, as far as they are for somebody who is served here."""
        wanted = list[tuple[Errand, str, Envelope]]()
        for errand, raw in given:
            envelope = self._for_us(errand, raw)
            if envelope is None:
                self.pass_over(errand, "not for this node")
            else:
                wanted.append((errand, self._keeper(envelope), envelope))
        kept = self.shelf.take_in((keeper, envelope) for _, keeper, envelope in wanted)
        for errand, _, envelope in wanted:
            if envelope.id in kept:
                self.note_fetched(errand)
            else:
                self.pass_over(errand, "erased, or no room")

    def note_fetched(self, errand: Errand) -> None:
        """Note that an envelope is on the shelf."""
        self.errands.drop(errand, FETCHED)

    def pass_over(self, errand: Errand, why: str) -> None:
        """Leave an envelope that is not for this node; it is asked for again when a party moves here."""
        self.errands.move(replace(errand, why=why, asked=()), PASSED, errand.until_ms)

    def hand_on(self, errand: Errand, member: str, why: str) -> None:
        """This member did not give it: ask the next one, or all of them again after a rest."""
        now = self.clock()
        since_ms = errand.failing_since_ms or now
        failing = replace(errand, why=why, asked=(*errand.asked, member), failing_since_ms=since_ms)
        following = self._next(failing)
        if following:
            self.errands.move(failing, FETCH + following, now)
        else:
            rested = replace(failing, asked=(), rounds=errand.rounds + 1)
            self.errands.move(rested, FETCH + self._next(rested), now + self.settings.rest_ms(rested.rounds))

    def hurry(self, member: str) -> None:
        """A member answers again: what rests in its lanes is due at once."""
        for lane in (FETCH + member, SIGN + member):
            for errand in self.errands.all(lane):
                self.errands.move(errand, lane, self.clock())

    def ask_again(self) -> None:
        """A party has moved here: what was passed over may be addressed to it."""
        for errand in self.errands.all(PASSED):
            self.errands.move(errand, FETCH + self._next(errand), self.clock())

    def _for_us(self, errand: Errand, raw: bytes) -> Envelope | None:
        try:
            envelope = from_bytes(raw)
        except BrokenEnvelope:  # its digest is on record, so nobody has a better one
            return None
        fits = envelope.trade == errand.trade and self.serving.serves_any(self.own, envelope.keys)
        return envelope if fits else None

    def _keeper(self, envelope: Envelope) -> str:
        """Under whom the shelf keeps it: its platform if it is sealed for it too, else the first recipient."""
        platform = platform_of(envelope.trade)
        return platform if platform in envelope.keys else min(envelope.keys)

    def _is_here(self, errand: Errand) -> bool:
        try:
            return self.shelf.find(errand.trade, errand.envelope) is not None
        except Erased:
            return True

    def _next(self, errand: Errand) -> str:
        """Whom to ask: first the member that serves the platform, then each other one, beginning anywhere."""
        home = self.serving.home_of(platform_of(errand.trade))
        members = [one.party for one in self.serving.members() if one.standing == "active" and one.party != self.own]
        others = [member for member in members if member != home]
        turn = errand.id[0] % len(others) if others else 0
        route = [home] * (home in members) + others[turn:] + others[:turn]
        return next((member for member in route if member not in errand.asked), "")

    # -- receipts of erasure -------------------------------------------------------------------------------------

    def believe(self, errand: Errand, receipt: Jws) -> None:
        """Keep a member's receipt of erasure once its signature holds; raises `UnfitReceipt`."""
        read_receipt(receipt, self.network, errand.member, errand.trade, self._key_in_force)
        self.shelf.confirm(errand.trade, Confirmation(errand.member, errand.since_ms, receipt))
        self.errands.drop(errand)

    def ask_later(self, errand: Errand, why: str) -> None:
        """No receipt yet: after a rest again, while it makes sense."""
        now = self.clock()
        if now > errand.until_ms:
            self.errands.drop(errand, GIVEN_UP)
            return
        since_ms = errand.failing_since_ms or now
        rested = replace(errand, why=why, rounds=errand.rounds + 1, failing_since_ms=since_ms)
        self.errands.move(rested, SIGN + errand.member, now + self.settings.rest_ms(rested.rounds))

    def _key_in_force(self, kid: str) -> object:
        key = KEYS.get(self._view, kid)
        return None if key is None or key.retired_height else key
