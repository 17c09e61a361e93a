"""Files put right on the command line: where the reports go, and the tables that say what was done."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sogdia.interfaces import words
from sogdia.interfaces.cli import folders, keyrings
from sogdia.interfaces.cli.main_job import progress_lines
from sogdia.interfaces.cli.terminal import Failure, language, mark, table, tell, text
from sogdia.interfaces.cli.trace_files import REPORT, Given, content_of, place_of
from sogdia.interfaces.cli.trace_repairing import Repairing
from sogdia.interfaces.cli.trace_sending import Progress, Sending
from sogdia.interfaces.epcis.files import Captured
from sogdia.interfaces.epcis.packing import Readers
from sogdia.standards.epcis.repairing.told import Tolerance, zone_of

if TYPE_CHECKING:
    from sogdia.interfaces.cli.trace_notes import Notes

FILE_BYTES: Final = 1024 * 1024 * 1024
_SHOWN: Final = 20


class Repairs:
    """Takes files, puts them right, prints what was done and writes it beside each file or into a folder."""

    def __init__(self, repairing: Repairing, notes: Path | None, rehearses: bool) -> None:
        """Nothing is taken yet."""
        self._repairing, self._notes, self._rehearses = repairing, notes, rehearses

    def take(self, file: Path) -> Captured:
        """Bring a file onto the record, or rehearse that, and say what became of it."""
        content, report = content_of(file, FILE_BYTES), self._report(file)
        report.parent.mkdir(parents=True, exist_ok=True)
        found, notes = self._repairing.capture(file, content, report)
        _say(file, found, notes, self._rehearses)
        return found

    def follow(self, file: Path, place: Path) -> None:
        """Put the report beside the place where the file lies now; one in a folder of its own stays."""
        if self._notes is None:
            self._report(file).replace(place.with_name(place.name + REPORT))

    def _report(self, file: Path) -> Path:
        return (self._notes or file.parent) / (file.name + REPORT)


@contextmanager
def opened(given: Given) -> Iterator[Repairs]:
    """What takes the files; a rehearsal opens no node."""
    tolerance = _tolerance(given.timezone)
    with progress_lines() as said:
        progress = _in_words(said)
        if given.rehearses:
            yield Repairs(Repairing(_readers(given), tolerance, None, progress), given.notes, rehearses=True)
            return
        with place_of(given) as (place, agent, readers):
            sending = Sending(place, agent, readers, "proceed" if given.proceed else "rollback", progress)
            yield Repairs(Repairing(readers, tolerance, sending, progress), given.notes, rehearses=False)


def _in_words(said: Progress) -> Progress:
    return lambda what, done, of: said(words.say(f"progress.{what}", language()), done, of)


def _tolerance(timezone: str) -> Tolerance:
    try:
        return Tolerance(zone=zone_of(timezone) if timezone else None)
    except ValueError as wrong:
        raise Failure("timezone_unknown", problem=wrong) from None


def _readers(given: Given) -> Readers:
    if given.party or not given.name:
        return Readers(given.party)
    pens = keyrings.pens([given.name], given.keys or folders.keys_beside(given.to))
    return Readers(pens[0].did)


def _say(file: Path, found: Captured, notes: "Notes", rehearses: bool) -> None:
    print(f"{mark(found.is_right)} {text('repaired', file=file, **notes.counts())}", flush=True)
    if notes.kinds:
        rows = [(_of_kind(kind), count, notes.examples[kind]) for kind, count in notes.kinds.most_common()]
        table(("repair", "count", "example"), rows)
    if notes.refusals:
        most = notes.refusals.most_common(_SHOWN)
        table(("field", "set_aside", "example"), [(key[0], count, notes.examples[key]) for key, count in most])
        if len(notes.refusals) > _SHOWN:
            tell("more_faults", more=len(notes.refusals) - _SHOWN)
    for sentence in notes.refused[:_SHOWN]:
        print(f"  {sentence}", flush=True)
    tell("repairs_written", report=notes.place)
    if rehearses:
        tell("rehearsed")
    else:
        tell("captured", file=file, captured=found.captured, present=found.present, faults=len(found.faults))


def _of_kind(kind: str) -> str:
    return words.say(f"repair.{kind or 'document'}", language())
