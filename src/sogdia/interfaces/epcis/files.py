"""Files of events onto the record by a party's own key: read here, signed here, sent to any node.

The same file twice puts nothing on record twice: events without an ID get one that follows from the file, and what
stands on record already is passed over. A job that an earlier attempt left open is withdrawn first.
"""

import uuid
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from sogdia.app import milliseconds
from sogdia.core.transaction import Message
from sogdia.domains.trace.messages import WithdrawJob
from sogdia.interfaces.epcis.packing import Behaviour, Bundle, Readers, described, is_too_deep, pack
from sogdia.interfaces.epcis.settling import refusal_error
from sogdia.interfaces.epcis.signing import Agent
from sogdia.standards.epcis import xml
from sogdia.standards.epcis.documents import Reading, read_document
from sogdia.standards.epcis.writing import normal

if TYPE_CHECKING:
    from sogdia.client.connection import Reply

LOOKUP: Final = 500
_IDS: Final = uuid.UUID("4f8f2a3e-6d6c-5a30-9a51-0f5a64b6a7d1")


class Place(Protocol):
    """A node as a file needs it."""

    network: str

    def submit(self, raws: Sequence[bytes]) -> "list[Reply]":
        """Send signed transactions and wait for every answer."""
        ...

    def lookup(self, wanted: Sequence[tuple[str, ...]]) -> list[dict[str, Any] | None]:
        """Records by table and key fields."""
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


class FileCapture:
    """Captures files for one party at one node."""

    def __init__(self, place: Place, agent: Agent, readers: Readers, behaviour: Behaviour, tolerant: bool) -> None:
        self._place, self._agent, self._readers = place, agent, readers
        self._behaviour, self._tolerant = behaviour, tolerant

    def capture(self, content: bytes) -> Captured:
        """Bring a file onto the record."""
        name = sha256(self._readers.party.encode() + b"\0" + content).hexdigest()
        reading = self._read(content, name)
        found = Captured(faults=[fault.sentence for fault in reading.faults])
        messages, unfit = described(reading.document.vocabularies, self._readers)
        found.faults += [fault.sentence for fault in unfit]
        events = list(_texts(reading, found))
        if found.faults and self._behaviour == "rollback":
            return found
        missing = list(self._missing(events, found))
        if not missing and not messages:
            return found
        job = self._job(name) if self._behaviour == "rollback" else ""
        bundles = pack(missing, messages, self._readers, job, self._behaviour)
        self._send(bundles, job, found)
        return found

    def _read(self, content: bytes, name: str) -> Reading:
        numbers = iter(range(1, 1 << 60))

        def new_id() -> str:
            return f"urn:uuid:{uuid.uuid5(_IDS, f'{name} {next(numbers)}')}"

        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            found: Reading = xml.read(content, new_id, xml.Tolerance() if self._tolerant else None)
            return found
        return read_document(content, new_id)

    def _missing(
        self, events: Sequence[tuple[int, tuple[str, str], bytes]], found: Captured
    ) -> Iterator[tuple[int, bytes]]:
        for start in range(0, len(events), LOOKUP):
            some = events[start : start + LOOKUP]
            wanted = [("trace.event", self._readers.party, *key) for _, key, _ in some]
            for (number, _, text), record in zip(some, self._place.lookup(wanted), strict=True):
                if record is not None and record["text"].encode() == text and self._counts(record["job"]):
                    found.present += 1
                else:
                    yield number, text

    def _counts(self, job: str) -> bool:
        if not job:
            return True
        record = self._job_on_record(job)
        return record is not None and record["status"] == "complete"

    def _job_on_record(self, job: str) -> dict[str, Any] | None:
        return self._place.lookup([("trace.job", self._readers.party, job)])[0]

    def _job(self, name: str) -> str:
        """A number for the job that is on no record; an open one of an earlier attempt is withdrawn."""
        attempt = 1
        while (record := self._job_on_record(f"{name[:40]}-{attempt}")) is not None:
            if record["status"] == "open":
                self._submit([[WithdrawJob(party=self._readers.party, job=record["job"])]])
            attempt += 1
        return f"{name[:40]}-{attempt}"

    def _send(self, bundles: Sequence[Bundle], job: str, found: Captured) -> None:
        """Under `rollback` the last part waits until all others stand: with it everything counts."""
        steps = [bundles] if self._behaviour == "proceed" or len(bundles) < 2 else [bundles[:-1], bundles[-1:]]
        for step in steps:
            replies = self._submit([one.messages for one in step])
            for one, reply in zip(step, replies, strict=True):
                if reply.accepted:
                    found.captured += len(one.numbers)
                else:
                    found.faults.append(refusal_error(reply.code, reply.fields, one.numbers)["detail"])
            if found.faults and self._behaviour == "rollback":
                found.captured = 0
                if len(bundles) > 1:
                    self._submit([[WithdrawJob(party=self._readers.party, job=job)]])
                return

    def _submit(self, groups: Sequence[Sequence[Message]]) -> "list[Reply]":
        now_ms = milliseconds()
        return self._place.submit([self._agent.signed(group, now_ms) for group in groups])


def _texts(reading: Reading, found: Captured) -> Iterator[tuple[int, tuple[str, str], bytes]]:
    seen: set[tuple[str, str]] = set()
    for number, event in reading.events:
        declared = event.error_declaration.declaration_time if event.error_declaration else ""
        key, text = (str(event.event_id), declared), normal(event)
        if key in seen:
            found.faults.append(
                f"event {number}, eventID: {key[0]} stands there twice; give each event an ID of its own"
            )
        elif is_too_deep(text):
            found.faults.append(
                f"event {number}: is nested too deep; put at most 90 objects and lists into one another"
            )
        else:
            seen.add(key)
            yield number, key, text
