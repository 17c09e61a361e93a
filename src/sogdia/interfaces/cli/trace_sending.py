"""Events that were put right, signed and sent a few transactions at a time, with what the record says to each.

Killed at any moment and run again, nothing is on record twice and nothing is missing: what stands on record is passed
over, and a job that was left open is withdrawn.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sogdia.app import milliseconds
from sogdia.core.transaction import Message
from sogdia.domains.trace.messages import EVENTS_LIMIT, PARTS_LIMIT, Capture, Describe, WithdrawJob
from sogdia.interfaces.cli.terminal import Failure
from sogdia.interfaces.cli.trace_notes import Notes
from sogdia.interfaces.cli.trace_spool import Spool
from sogdia.interfaces.epcis.files import LOOKUP, Captured
from sogdia.interfaces.epcis.packing import PAYLOAD_BYTES, Behaviour, Readers, pack
from sogdia.interfaces.epcis.settling import refusal_error
from sogdia.interfaces.epcis.signing import Agent
from sogdia.standards.epcis.faults import Fault

if TYPE_CHECKING:
    from sogdia.client.connection import Reply
    from sogdia.interfaces.epcis.files import Place

Progress = Callable[[str, int, int | None], None]
"""Takes what is done, how much of it, of how much."""

_AT_ONCE: Final = 8
"""So many transactions are signed and sent together."""


class Sending:
    """Sends the events of one file to one node for one party."""

    def __init__(
        self, place: "Place", agent: Agent, readers: Readers, behaviour: Behaviour, progress: Progress
    ) -> None:
        """Nothing is sent yet."""
        self._place, self._agent, self._readers = place, agent, readers
        self._behaviour, self._progress = behaviour, progress

    def bring(
        self, name: str, spool: Spool, places: Sequence[int], messages: Sequence[Describe], notes: Notes
    ) -> Captured:
        """Bring the events at these places onto the record; under `rollback` only if nothing at all is wrong.

        `name` tells the file from others; it names the job.
        """
        found = Captured(faults=[])
        missing = self._missing(spool, places, notes, found)
        if self._behaviour != "rollback" or not notes.sentences:
            self._send(name, spool, missing, messages, notes, found)
        return found

    # --- what stands on record already --------------------------------------------------------------------------------

    def _missing(self, spool: Spool, places: Sequence[int], notes: Notes, found: Captured) -> list[int]:
        missing: list[int] = []
        jobs: dict[str, bool] = {}
        for start in range(0, len(places), LOOKUP):
            some = places[start : start + LOOKUP]
            texts = [spool.text(place) for place in some]
            wanted = [("trace.event", self._readers.party, *_key(text)) for text in texts]
            for place, text, record in zip(some, texts, self._place.lookup(wanted), strict=True):
                if record is None or not self._counts(record["job"], jobs):
                    missing.append(place)
                elif record["text"].encode() == text:
                    found.present += 1
                else:
                    notes.set_aside(spool.numbers[place], text, [_differs(spool.numbers[place], _key(text)[0])])
            self._progress("looked_up", start + len(some), len(places))
        return missing

    def _counts(self, job: str, known: dict[str, bool]) -> bool:
        """Whether the events of a job count; those of none do."""
        if job and job not in known:
            record = self._job_on_record(job)
            known[job] = record is not None and record["status"] == "complete"
        return not job or known[job]

    def _job_on_record(self, job: str) -> dict[str, Any] | None:
        return self._place.lookup([("trace.job", self._readers.party, job)])[0]

    # --- signing and sending ------------------------------------------------------------------------------------------

    def _send(
        self,
        name: str,
        spool: Spool,
        places: Sequence[int],
        messages: Sequence[Describe],
        notes: Notes,
        found: Captured,
    ) -> None:
        parts = list(_parts(spool, places))
        is_job = self._behaviour == "rollback" and len(parts) > 1
        if is_job and len(parts) > PARTS_LIMIT:
            raise Failure("too_many_parts", parts=len(parts), most=PARTS_LIMIT)
        job = self._job(name) if is_job else ""
        for bundle in pack([], messages, self._readers, "", self._behaviour):
            for reply in self._submit([bundle.messages]):
                if not reply.accepted:
                    notes.refuse_all(refusal_error(reply.code, reply.fields, ())["detail"])
        if self._behaviour == "rollback" and notes.sentences:
            return
        for start in range(0, len(parts), _AT_ONCE):
            group = parts[start : start + _AT_ONCE]
            asked = [
                self._captured(spool, part, job, number, len(parts) if is_job else 1)
                for number, part in enumerate(group, start + 1)
            ]
            for part, one, reply in zip(group, asked, self._submit([[one] for one in asked]), strict=True):
                self._settle(spool, list(part), one, reply, notes, found)
            if is_job and notes.sentences:
                self._submit([[WithdrawJob(party=self._readers.party, job=job)]])
                found.captured = 0
                return
            self._progress("sent", sum(map(len, parts[: start + _AT_ONCE])), len(places))

    def _settle(
        self, spool: Spool, part: list[int], asked: Capture, reply: "Reply", notes: Notes, found: Captured
    ) -> None:
        """What the record said to one transaction; under `proceed` it goes again without the event that was refused."""
        while not reply.accepted:
            numbers = [spool.numbers[place] for place in part]
            error = refusal_error(reply.code, reply.fields, numbers)
            if self._behaviour == "rollback" or "event" not in error:
                self._refuse(spool, part, error["detail"], notes)
                return
            self._refuse(spool, [part.pop(numbers.index(error["event"]))], error["detail"], notes)
            if not part:
                return
            [reply] = self._submit([[self._captured(spool, part, "", 1, 1)]])
        found.captured += len(part)

    def _refuse(self, spool: Spool, places: Iterable[int], sentence: str, notes: Notes) -> None:
        for place in places:
            notes.refuse(spool.numbers[place], spool.text(place), sentence)

    def _captured(self, spool: Spool, part: Sequence[int], job: str, number: int, of: int) -> Capture:
        readers = self._readers
        return Capture(
            party=readers.party,
            events=tuple(msgspec.Raw(spool.text(place)) for place in part),
            shared_with=readers.shared_with,
            audience=readers.audience,
            job=job if of > 1 else "",
            part=number if of > 1 else 1,
            of=of,
        )

    def _job(self, name: str) -> str:
        """A number for the job that is on no record; an open one of an earlier attempt is withdrawn."""
        digest, attempt = sha256(f"{self._readers.party}\0repaired\0{name}".encode()).hexdigest()[:40], 1
        while (record := self._job_on_record(f"{digest}-{attempt}")) is not None:
            if record["status"] == "open":
                self._submit([[WithdrawJob(party=self._readers.party, job=record["job"])]])
            attempt += 1
        return f"{digest}-{attempt}"

    def _submit(self, groups: Sequence[Sequence[Message]]) -> "list[Reply]":
        now_ms = milliseconds()
        return self._place.submit([self._agent.signed(group, now_ms) for group in groups])


class _Head(msgspec.Struct):
    event: str = msgspec.field(name="eventID")
    declaration: dict[str, Any] = msgspec.field(name="errorDeclaration", default_factory=dict)


_head: Final = msgspec.json.Decoder(_Head).decode


def _key(text: bytes) -> tuple[str, str]:
    head = _head(text)
    return head.event, head.declaration.get("declarationTime", "")


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
