"""A file brought onto the record: its events read, strictly or with repairs, and what is missing signed and sent.

A file is gone through twice. First every event is read or set aside; what may go on record waits in a file without a
name. Then it is looked up, signed and sent. The same file twice puts nothing on record twice, because an event without
an ID gets one that follows: read strictly from the file and its place there, with repairs from what it says.
"""

import uuid
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Final

from sogdia.interfaces.epcis.files.notes import Notes
from sogdia.interfaces.epcis.files.sending import Captured, Progress, Sending
from sogdia.interfaces.epcis.files.spool import Spool
from sogdia.interfaces.epcis.packing import Readers, described, is_too_deep
from sogdia.standards.epcis.faults import Fault
from sogdia.standards.epcis.repairing.sifting import Sifter
from sogdia.standards.epcis.repairing.told import Tolerance
from sogdia.standards.epcis.sifted import Events
from sogdia.standards.epcis.strict import StrictEvents
from sogdia.standards.epcis.writing import normal

_BY_PLACE: Final = uuid.UUID("4f8f2a3e-6d6c-5a30-9a51-0f5a64b6a7d1")
_BY_TEXT: Final = uuid.UUID("0c6b7d1e-9d0f-5b61-8a55-6c6f0a7d2e43")
_EVERY: Final = 500


class FileCapture:
    """Captures files for one party; with `tolerance` what is sloppy is put right, without it is refused.

    Without `sending` it is a rehearsal: what is told is all that comes of it.
    """

    def __init__(
        self, readers: Readers, tolerance: Tolerance | None, sending: Sending | None, progress: Progress
    ) -> None:
        """Nothing is done yet."""
        self._readers, self._tolerance, self._sending, self._progress = readers, tolerance, sending, progress

    def capture(self, content: bytes, notes: Notes) -> Captured:
        """Bring a file onto the record and note what became of it. TooManyParts when it is too long for one job."""
        name = sha256(self._readers.party.encode() + b"\0" + content).hexdigest()
        with TemporaryFile() as out:
            spool, events = Spool(out), self._opened(content, name)
            places = self._sift(events, spool, notes)
            messages, unfit = described(events.vocabularies, self._readers)
            notes.tell_of_document(events.repairs, [*events.faults, *unfit])
            found = Captured(faults=[])
            if self._sending is not None:
                found = self._sending.bring(name, spool, places, messages, notes)
        notes.finish(
            rehearsal=self._sending is None,
            signed="each event as it stands" if self._tolerance is None else "each event as it is after its repairs",
            captured=found.captured,
            on_record_already=found.present,
        )
        found.faults = notes.sentences
        return found

    # --- reading ------------------------------------------------------------------------------------------------------

    def _opened(self, content: bytes, name: str) -> Events:
        if self._tolerance is not None:
            return Sifter(content, self._tolerance, self._id_by_text)
        numbers = iter(range(1, 1 << 60))
        return StrictEvents(content, lambda: f"urn:uuid:{uuid.uuid5(_BY_PLACE, f'{name} {next(numbers)}')}")

    def _id_by_text(self, text: bytes) -> str:
        digest = sha256(self._readers.party.encode() + bytes(1) + text).hexdigest()
        return f"urn:uuid:{uuid.uuid5(_BY_TEXT, digest)}"

    def _sift(self, events: Events, spool: Spool, notes: Notes) -> list[int]:
        """Places in the spool of what may go on record."""
        repaired = bytearray()
        for one in events:
            text = b"" if one.event is None else normal(one.event)
            if text and is_too_deep(text):
                one.event = None
                one.faults.append(_too_deep(one.number))
            notes.tell(one)
            if one.event is not None:
                spool.put(one.number, text)
                repaired.append(one.is_repaired)
            if not events.count % _EVERY:
                self._progress("sifted", events.count, None)
        if events.is_void:
            return []
        gone = events.withdrawn
        for place, number in enumerate(spool.numbers):
            if number in gone:
                notes.withdraw(number, spool.text(place), gone[number], bool(repaired[place]))
        return [place for place, number in enumerate(spool.numbers) if number not in gone]


def _too_deep(number: int) -> Fault:
    return Fault(number, "", "", "is nested too deep", "put at most 90 objects and lists into one another")
