"""`sogdia trace capture --repair FILE`: sloppy events put right and signed as they then are, the others set aside.

A file is gone through twice. First every event is read, put right or set aside; what may go on record waits in a file
without a name. Then it is signed and sent. An event without an ID gets one that follows from what it says, so that the
same event of another file is the same event.
"""

import uuid
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from sogdia.interfaces.cli.trace_notes import Notes
from sogdia.interfaces.cli.trace_sending import Progress, Sending
from sogdia.interfaces.cli.trace_spool import Spool
from sogdia.interfaces.epcis.files import Captured
from sogdia.interfaces.epcis.packing import Readers, described, is_too_deep
from sogdia.standards.epcis.faults import Fault
from sogdia.standards.epcis.repairing.sifting import Sifter
from sogdia.standards.epcis.repairing.told import Tolerance
from sogdia.standards.epcis.writing import normal

_IDS: Final = uuid.UUID("0c6b7d1e-9d0f-5b61-8a55-6c6f0a7d2e43")
_EVERY: Final = 500


class Repairing:
    """Puts files right for one party; without `sending` it is a rehearsal: the report is all that comes of it."""

    def __init__(self, readers: Readers, tolerance: Tolerance, sending: Sending | None, progress: Progress) -> None:
        """Nothing is done yet."""
        self._readers, self._tolerance, self._sending, self._progress = readers, tolerance, sending, progress

    def capture(self, file: Path, content: bytes, report: Path) -> tuple[Captured, Notes]:
        """Bring a file onto the record and write the report, which stands at its place when all is done."""
        with Notes(report, file, content) as notes, TemporaryFile() as out:
            spool, sifter = Spool(out), Sifter(content, self._tolerance, self._new_id)
            places = self._sift(sifter, spool, notes)
            messages, unfit = described(sifter.vocabularies, self._readers)
            notes.tell_of_document(sifter.repairs, [*sifter.faults, *unfit])
            found = Captured(faults=[])
            if self._sending is not None:
                found = self._sending.bring(sha256(content).hexdigest(), spool, places, messages, notes)
            notes.finish(
                rehearsal=self._sending is None,
                signed="each event as it is after its repairs",
                captured=found.captured,
                on_record_already=found.present,
            )
        found.faults = notes.sentences
        return found, notes

    def _new_id(self, text: bytes) -> str:
        return f"urn:uuid:{uuid.uuid5(_IDS, sha256(self._readers.party.encode() + bytes(1) + text).hexdigest())}"

    def _sift(self, sifter: Sifter, spool: Spool, notes: Notes) -> list[int]:
        """Places in the spool of what may go on record."""
        repaired = bytearray()
        for one in sifter:
            text = b"" if one.event is None else normal(one.event)
            if text and is_too_deep(text):
                one.event = None
                one.faults.append(_too_deep(one.number))
            notes.tell(one)
            if one.event is not None:
                spool.put(one.number, text)
                repaired.append(one.is_repaired)
            if not sifter.count % _EVERY:
                self._progress("sifted", sifter.count, None)
        gone = sifter.withdrawn
        for place, number in enumerate(spool.numbers):
            if number in gone:
                notes.withdraw(number, spool.text(place), gone[number], bool(repaired[place]))
        return [place for place, number in enumerate(spool.numbers) if number not in gone]


def _too_deep(number: int) -> Fault:
    return Fault(number, "", "", "is nested too deep", "put at most 90 objects and lists into one another")
