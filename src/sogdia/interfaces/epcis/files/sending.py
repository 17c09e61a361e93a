"""Events signed and sent a few transactions at a time, with what the record says to each.

Killed at any moment and run again, nothing is on record twice and nothing is missing: what stands on record is passed
over, and a job that was left open is withdrawn.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from sogdia.app import milliseconds
from sogdia.core.transaction import Message
from sogdia.domains.trace.messages import EVENTS_LIMIT, PARTS_LIMIT, Capture, Describe, WithdrawJob
from sogdia.interfaces.epcis.files.notes import Notes
from sogdia.interfaces.epcis.files.spool import Spool
from sogdia.interfaces.epcis.files.standing import LOOKUP, Lookup, Standing, key_of
from sogdia.interfaces.epcis.packing import PAYLOAD_BYTES, Behaviour, Readers, TooManyParts, pack
from sogdia.interfaces.epcis.settling import refusal_error
from sogdia.interfaces.epcis.signing import Agent
from sogdia.standards.epcis.faults import Fault

if TYPE_CHECKING:
    from sogdia.client.connection import Reply

Progress = Callable[[str, int, int | None], None]
"""Takes what is done, how much of it, of how much."""

_AT_ONCE: Final = 8
"""So many transactions are signed and sent together."""


class Place(Lookup, Protocol):
    """A node as a file needs it."""

    def submit(self, raws: Sequence[bytes]) -> "list[Reply]":
        """Send signed transactions and wait for every answer."""
        ...


class Captured(msgspec.Struct):
    """What became of a file: events that came on record, that stood there, and what was wrong with the others.

    Under `rollback` either all of a file is on record or nothing of it.
    """

    captured: int = 0
    present: int = 0
    faults: list[str] = []

    @property
    def is_right(self) -> bool:
        """Whether nothing was wrong."""
        return not self.faults


class _Parcel(msgspec.Struct):
    """What one transaction holds: master data, and events by their places in the spool; `part` of `of` of a job."""

    said: tuple[Describe, ...]
    places: list[int]
    job: str = ""
    part: int = 1
    of: int = 1


class Sending:
    """Sends the events of files to one node for one party."""

    def __init__(self, place: Place, agent: Agent, readers: Readers, behaviour: Behaviour, progress: Progress) -> None:
        """Nothing is sent yet."""
        self._place, self._agent, self._readers = place, agent, readers
        self._behaviour, self._progress = behaviour, progress

    def bring(
        self, name: str, spool: Spool, places: Sequence[int], messages: Sequence[Describe], notes: Notes
    ) -> Captured:
        """Bring the events at these places onto the record; under `rollback` only if nothing at all is wrong.

        `name` tells the file from others; it names the job. TooManyParts when they are too many for one.
        """
        found = Captured(faults=[])
        standing = Standing(self._place, self._readers.party)
        missing = self._missing(standing, spool, places, notes, found)
        if self._behaviour != "rollback" or not notes.sentences:
            parcels = self._parcels(name, standing, spool, missing, messages)
            self._send(parcels, spool, notes, found)
        return found

    def _missing(
        self, standing: Standing, spool: Spool, places: Sequence[int], notes: Notes, found: Captured
    ) -> list[int]:
        missing: list[int] = []
        for start in range(0, len(places), LOOKUP):
            some = places[start : start + LOOKUP]
            texts = [spool.text(place) for place in some]
            for place, text, stand in zip(some, texts, standing.of(texts), strict=True):
                if stand == "missing":
                    missing.append(place)
                elif stand == "same":
                    found.present += 1
                else:
                    notes.set_aside(spool.numbers[place], text, [_differs(spool.numbers[place], key_of(text)[0])])
            self._progress("looked_up", start + len(some), len(places))
        return missing

    # --- what goes into which transaction -----------------------------------------------------------------------------

    def _parcels(
        self, name: str, standing: Standing, spool: Spool, places: Sequence[int], messages: Sequence[Describe]
    ) -> list[_Parcel]:
        """All in one transaction if it fits; otherwise master data, then events, under `rollback` as one job."""
        parts = list(_parts(spool, places))
        only = parts[0] if len(parts) == 1 else []
        found: list[_Parcel] = []
        for bundle in pack(list(map(spool.event, only)), messages, self._readers, "", self._behaviour):
            said = tuple(one for one in bundle.messages if isinstance(one, Describe))
            found.append(_Parcel(said, only if bundle.numbers else []))
        if len(parts) < 2:
            return found
        if self._behaviour == "proceed":
            return found + [_Parcel((), part) for part in parts]
        if len(parts) > PARTS_LIMIT:
            raise TooManyParts(len(parts))
        job = self._job(name, standing)
        return found + [_Parcel((), part, job, number, len(parts)) for number, part in enumerate(parts, 1)]

    def _job(self, name: str, standing: Standing) -> str:
        """A number for the job that is on no record; an open one of an earlier attempt is withdrawn."""
        attempt = 1
        while status := standing.job(number := f"{name[:40]}-{attempt}"):
            if status == "open":
                self._withdraw(number)
            attempt += 1
        return number

    # --- signing and sending ------------------------------------------------------------------------------------------

    def _send(self, parcels: Sequence[_Parcel], spool: Spool, notes: Notes, found: Captured) -> None:
        """Send everything; under `rollback` nothing goes on after a refusal, and a job is withdrawn."""
        sent = 0
        for group in self._groups(parcels):
            replies = self._submit([self._messages(spool, one) for one in group])
            for one, reply in zip(group, replies, strict=True):
                sent += len(one.places)
                self._settle(spool, one, reply, notes, found)
            if self._behaviour == "rollback" and notes.sentences:
                if parcels[-1].job:
                    self._withdraw(parcels[-1].job)
                found.captured = 0
                return
            self._progress("sent", sent, sum(len(one.places) for one in parcels))

    def _groups(self, parcels: Sequence[_Parcel]) -> Iterator[Sequence[_Parcel]]:
        """What is sent together. Under `rollback` the last waits until all others stand: with it everything counts."""
        end = len(parcels) - (self._behaviour == "rollback")
        for start in range(0, end, _AT_ONCE):
            yield parcels[start : min(start + _AT_ONCE, end)]
        if parcels[max(0, end) :]:
            yield parcels[end:]

    def _settle(self, spool: Spool, parcel: _Parcel, reply: "Reply", notes: Notes, found: Captured) -> None:
        """What the record said to one transaction; under `proceed` it goes again without the event that was refused."""
        while not reply.accepted:
            numbers = [spool.numbers[place] for place in parcel.places]
            error = refusal_error(reply.code, reply.fields, numbers)
            if self._behaviour == "rollback" or "event" not in error:
                notes.refuse(error["detail"], map(spool.event, parcel.places))
                return
            notes.refuse(error["detail"], [spool.event(parcel.places.pop(numbers.index(error["event"])))])
            if not parcel.places and not parcel.said:
                return
            [reply] = self._submit([self._messages(spool, parcel)])
        found.captured += len(parcel.places)

    def _messages(self, spool: Spool, parcel: _Parcel) -> tuple[Message, ...]:
        if not parcel.places:
            return parcel.said
        captured = Capture(
            party=self._readers.party,
            events=tuple(msgspec.Raw(spool.text(place)) for place in parcel.places),
            shared_with=self._readers.shared_with,
            audience=self._readers.audience,
            job=parcel.job,
            part=parcel.part,
            of=parcel.of,
        )
        return (*parcel.said, captured)

    def _withdraw(self, job: str) -> None:
        self._submit([[WithdrawJob(party=self._readers.party, job=job)]])

    def _submit(self, groups: Iterable[Sequence[Message]]) -> "list[Reply]":
        now_ms = milliseconds()
        return self._place.submit([self._agent.signed(group, now_ms) for group in groups])


def _parts(spool: Spool, places: Sequence[int]) -> Iterator[list[int]]:
    """Places that go into one transaction, in order."""
    part: list[int] = []
    size = 0
    for place in places:
        more = spool.size(place) + 1
        if part and (len(part) >= EVENTS_LIMIT or size + more > PAYLOAD_BYTES):
            yield part
            part, size = [], 0
        part.append(place)
        size += more
    if part:
        yield part


def _differs(number: int, event_id: str) -> Fault:
    remedy = "give it an ID of its own, or declare the one on record wrong"
    return Fault(number, "eventID", event_id, "stands on record already and says something else there", remedy)
