"""Customs' desk: one round through the queue, answering each list as far as it goes."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sogdia.client.connection import Connection, Reply, signed
from sogdia.client.keyring import Keys
from sogdia.core.values import day_of
from sogdia.domains.customs.messages import Answer, Refused, Subject
from sogdia.domains.tax import messages as tax
from sogdia.interfaces.authority.numbers import Numbers, invt_no, pre_no
from sogdia.interfaces.authority.persons import pseudonym
from sogdia.interfaces.authority.risk import road
from sogdia.interfaces.authority.times import Stage, due_ms, stated_ms
from sogdia.interfaces.intake.pipeline import bound
from sogdia.interfaces.intake.trade import trade_reference
from sogdia.interfaces.words import refusal_text, say
from sogdia.primitives import rulebooks
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.primitives.sealed.errors import SealedError

PAGE = 200
NOTE_CHARS = 1000
CHINA_HOURS = 8
OVER_YEARLY_LIMIT = -621018
"""Error code of the customs messages: the buyer's yearly limit is exceeded (CEB 202205)."""
BUYER_UNREADABLE = -621029
"""Nothing was sealed to customs, or it cannot be opened: the list's identity data cannot be read."""

OF_THE_LIST = (*map(int, rulebooks.Refused), *map(int, tax.Refused), int(Refused.ORDER_CHANGED))
"""Refusals that lie in the list: its tax or its limit cannot be told, or its order was changed since."""
LOOKED_AT_AGAIN_MS = 60_000
"""After so long an answer is tried again that the record refused for a reason that does not lie in the list."""

ENVELOPE_PAUSE_MS = 500
"""After so long an envelope that is on its way from another organisation's node is looked for again."""

Waiting = dict[str, Any]
Name = tuple[str, str, str]
"""What a list is found by: subject, broker, number."""


class NotYet(Exception):
    """What the answer hangs on is still on its way; the list stays in the queue."""


class Desk:
    """Answers with customs' key; `person_key` makes the pseudonyms of buyers and never leaves this process.

    For `patience_ms` an envelope that the record names may be on its way before it counts as never sealed. With
    `rehearsed_ms`, the instant of a rehearsal, answers state times soon after each declaration, and those that would
    come after the instant are not given; otherwise an answer states the time that it is. Notes are in `language`, and
    empty where the code says all.
    """

    def __init__(
        self,
        connection: Connection,
        keys: Keys,
        *,
        person_key: bytes,
        numbers: Numbers,
        clock: Callable[[], int],
        patience_ms: int = 0,
        rehearsed_ms: int | None = None,
        language: str = "en",
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._signer = bound(keys)
        self._person_key = person_key
        self._numbers = numbers
        self._clock = clock
        self._patience_ms = patience_ms
        self._rehearsed_ms = rehearsed_ms
        self._language = language
        self._missed: dict[str, int] = {}
        self._resting: dict[Name, int] = {}
        self._seen: dict[tuple[str, ...], Any] = {}

    def round(self) -> int:
        """Answer everything that waits now; gives the number of answers that went onto the record."""
        answered = 0
        after = ""
        while page := self._connection.query("customs/queue", after=after, limit=PAGE):
            answered += self._page(page)
            after = page[-1]["place"]
        return answered + self._close_delivered()

    def buyers(self) -> Iterator[tuple[Waiting, str | None]]:
        """Import lists that wait to be accepted, each with its buyer's pseudonym of this year; None if unreadable.

        For people who answer at a desk of their own: `person_key` stays here, and they get what it makes.
        """
        after = ""
        while page := self._connection.query("customs/queue", after=after, limit=PAGE):
            phases = self._phases(page)
            imports = [one for one in page if one["subject"] == "import_list"]
            taken = [one for one in imports if STEPS.get(phases[_name(one)]) is Desk.take]
            self._seen = self._looked_up(taken)
            for waiting in taken:
                yield waiting, self._person(waiting)
            after = page[-1]["place"]

    def _page(self, page: Sequence[Waiting]) -> int:
        """Take each list of a page one phase further, and again until nothing moves."""
        phases = self._phases(page)
        answered = 0
        while waiting := [one for one in page if self._is_answered_now(one, phases[_name(one)])]:
            self._seen = self._looked_up([one for one in waiting if STEPS[phases[_name(one)]] is Desk.take])
            said = self._said(waiting, phases)
            replies = self._send([answers for _, answers in said])
            answered += sum(reply.accepted for reply in replies)
            refused = [(one, reply) for (one, _), reply in zip(said, replies, strict=True) if not reply.accepted]
            self._throw_back(refused)
            before, phases = phases, self._phases(page)
            for one, _ in refused:
                if phases[_name(one)] == before[_name(one)]:
                    self._resting[_name(one)] = self._clock() + LOOKED_AT_AGAIN_MS
            if phases == before:
                break
        return answered

    def _said(self, waiting: Sequence[Waiting], phases: Mapping[Name, str]) -> list[tuple[Waiting, list[Answer]]]:
        """The answer to each list that can be answered now."""
        said = []
        for one in waiting:
            try:
                said.append((one, STEPS[phases[_name(one)]](self, one)))
            except NotYet:
                self._resting[_name(one)] = self._clock() + ENVELOPE_PAUSE_MS
        return said

    def _phases(self, page: Sequence[Waiting]) -> dict[Name, str]:
        """Where each list stands on the record, which the queue may lag behind."""
        names = [_name(waiting) for waiting in page]
        found = self._connection.lookup([("customs.standing", *name) for name in names])
        return {name: standing["phase"] if standing else "" for name, standing in zip(names, found, strict=True)}

    # -- the steps -----------------------------------------------------------------------------------------------

    def take(self, waiting: Waiting) -> list[Answer]:
        """The first answer: accepted, together with what it names, or rejected."""
        if road(waiting) == "reject":
            return [self._list(waiting, 100, say("customs_note.implausible", self._language))]
        person = self._person(waiting) if waiting["subject"] == "import_list" else None
        if waiting["subject"] == "import_list" and person is None:
            return [self._list(waiting, BUYER_UNREADABLE, say("customs_note.buyer_unreadable", self._language))]
        number = pre_no(self._today(), self._numbers.take())
        accepted = self._list(waiting, 120, person=person, pre_no=number)
        return [*self._named(waiting), accepted]

    def decide(self, waiting: Waiting) -> list[Answer]:
        """After acceptance: to review, to inspection, or released."""
        chosen = road(waiting)
        if chosen == "review":
            return [self._list(waiting, 300, stage="sent_on")]
        if chosen == "inspect":
            return [self._list(waiting, 500, stage="sent_on")]
        return self.release(waiting)

    def conclude(self, waiting: Waiting) -> list[Answer]:
        """After review or inspection: approved."""
        return [self._list(waiting, 399, stage="looked_at")]

    def release(self, waiting: Waiting) -> list[Answer]:
        """Released, under a number of customs'."""
        direction = "I" if waiting["subject"] == "import_list" else "E"
        number = invt_no(waiting["district"], self._today(), direction, self._numbers.take())
        return [self._list(waiting, 800, stage="ended", invt_no=number)]

    def _close_delivered(self) -> int:
        """Close the released lists whose parcels have arrived."""
        answered, after = 0, ""
        while page := self._connection.query("customs/lists", phase="released", after=after, limit=PAGE):
            after = page[-1]["place"]
            parcels = self._connection.lookup([("logistics.waybill", w["carrier"], w["waybill"]) for w in page])
            phases = self._phases(page)
            arrived = [
                waiting
                for waiting, parcel in zip(page, parcels, strict=True)
                if parcel and parcel["status"] == "delivered" and phases[_name(waiting)] == "released"
            ]
            replies = self._send([[self._list(one, 899, stage=None)] for one in arrived])
            answered += sum(reply.accepted for reply in replies)
        return answered

    # -- what they are made of -----------------------------------------------------------------------------------

    def _named(self, waiting: Waiting) -> list[Answer]:
        """Acceptance of the messages that a list names and that were not answered before."""
        return [
            self._answer(subject, party, number, 120, "", self._time(waiting, "taken"))
            for subject, party, number in _subjects_named(waiting)
            if self._seen["customs.standing", subject, party, number] is None
        ]

    def _looked_up(self, taken: Sequence[Waiting]) -> dict[tuple[str, ...], Any]:
        """The orders of these lists, and what was answered before on what they name, in one question."""
        wanted: dict[tuple[str, ...], None] = {}
        for waiting in taken:
            wanted["orders.order", waiting["platform"], waiting["order"]] = None
            wanted |= dict.fromkeys(("customs.standing", *one) for one in _subjects_named(waiting))
        return dict(zip(wanted, self._connection.lookup(list(wanted)), strict=True)) if wanted else {}

    def _person(self, waiting: Waiting) -> str | None:
        """The buyer's pseudonym of this year: keyed, so that nobody without customs' key can compute or test it."""
        order = self._seen["orders.order", waiting["platform"], waiting["order"]]
        if order is None or order["sealed"] is None:
            return None
        try:
            trade = trade_reference(waiting["platform"], waiting["order"])
            number = self._opened(trade, order["sealed"]).get("buyer_id_number")
            return None if number is None else pseudonym(self._person_key, self._today()[:4], number)
        except SealedError:
            return None

    def _opened(self, trade: str, envelope: str) -> Mapping[str, str]:
        """What was sealed to customs, nothing when it is not there; SealedError when it cannot be opened."""
        raw = self._connection.get_sealed(trade, envelope)
        if raw is None:
            if self._clock() < self._missed.setdefault(envelope, self._clock()) + self._patience_ms:
                raise NotYet
            return {}
        self._missed.pop(envelope, None)
        return envelopes.open_envelope(envelopes.from_bytes(raw), self._signer.did, self._keys.agreement_private)[0]

    def _throw_back(self, refused: Sequence[tuple[Waiting, Reply]]) -> None:
        """Reject the lists that the record would not let through: the year is used up, or no rate is published.

        Any other refusal is about the answer and not about the list: somebody answered meanwhile, or a clock is
        wrong. The list stays in the queue and is looked at again, in a minute if it has not moved.
        """
        said = []
        for waiting, reply in refused:
            if reply.code == Refused.OVER_YEARLY_LIMIT:
                said.append([self._list(waiting, OVER_YEARLY_LIMIT, stage="ended")])
            elif reply.code in OF_THE_LIST:
                note = refusal_text(reply.code, reply.fields, self._language)[:NOTE_CHARS]
                said.append([self._list(waiting, 100, note, "ended")])
        self._send(said)

    def _is_answered_now(self, waiting: Waiting, phase: str) -> bool:
        if phase not in STEPS or (self._rehearsed_ms is not None and due_ms(waiting, phase) > self._rehearsed_ms):
            return False
        return self._is_due(waiting)

    def _is_due(self, waiting: Waiting) -> bool:
        until = self._resting.get(_name(waiting))
        if until is not None and until <= self._clock():
            del self._resting[_name(waiting)]
        return until is None or until <= self._clock()

    def _list(
        self, waiting: Waiting, code: int, note: str = "", stage: Stage | None = "taken", **numbers: Any
    ) -> Answer:
        at_ms = self._time(waiting, stage)
        return self._answer(waiting["subject"], waiting["broker"], waiting["list_no"], code, note, at_ms, **numbers)

    def _time(self, waiting: Waiting, stage: Stage | None) -> int:
        return stated_ms(waiting, stage) if self._rehearsed_ms is not None and stage else self._clock()

    def _answer(
        self, subject: Subject, party: str, number: str, code: int, note: str, at_ms: int, **numbers: Any
    ) -> Answer:
        return Answer(
            customs=self._signer.did,
            subject=subject,
            party=party,
            number=number,
            code=code,
            note=note,
            answered_at_ms=at_ms,
            **numbers,
        )

    def _send(self, said: Sequence[list[Answer]]) -> list[Reply]:
        network, now = self._connection.network, self._clock()
        raws = [signed(network, now, secrets.token_hex(8), messages, [self._signer]) for messages in said]
        return self._connection.submit(raws) if raws else []

    def _today(self) -> str:
        return day_of(self._clock(), CHINA_HOURS)


def _name(waiting: Waiting) -> Name:
    return waiting["subject"], waiting["broker"], waiting["list_no"]


def _subjects_named(waiting: Waiting) -> list[tuple[Subject, str, str]]:
    """The messages that a list names: its order, its waybill and, for an import, its payment."""
    named: list[tuple[Subject, str, str]] = [
        ("order", waiting["platform"], waiting["order"]),
        ("waybill", waiting["carrier"], waiting["waybill"]),
    ]
    if waiting["subject"] == "import_list" and waiting.get("payment_payment"):
        named.append(("payment", waiting["payment_institution"], waiting["payment_payment"]))
    return named


STEPS: dict[str, Callable[[Desk, Waiting], list[Answer]]] = {
    "": Desk.take,
    "stored": Desk.take,
    "declaring": Desk.take,
    "sent": Desk.take,
    "accepted": Desk.decide,
    "held": Desk.conclude,
    "approved": Desk.release,
}
"""What is done with a list, by the phase in which it stands."""
