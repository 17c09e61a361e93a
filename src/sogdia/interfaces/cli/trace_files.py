"""`sogdia trace capture FILE...` and `sogdia trace watch`: files of events onto the record, faults said by event."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sogdia.interfaces.cli import folders, keyrings, places
from sogdia.interfaces.cli.terminal import NO, Failure, note, stop

if TYPE_CHECKING:
    from sogdia.interfaces.cli.keyrings import Pen
    from sogdia.interfaces.epcis.files.capture import FileCapture
    from sogdia.interfaces.epcis.files.sending import Captured, Progress, Sending
    from sogdia.interfaces.epcis.packing import Readers
    from sogdia.standards.epcis.repairing.told import Tolerance

LOOK_SECONDS: Final = 2.0
QUIET_SECONDS: Final = 2.0
"""How long a dropped file must have been left alone: whoever writes it may still be at it."""
DONE, REFUSED = "done", "refused"
FAULTS: Final = ".faults.txt"
FILE_BYTES: Final = 1024 * 1024 * 1024
REPORT: Final = ".repairs.json"
"""What the report of a file is called behind the file's own name; such a file is never taken for events."""
_KINDS: Final = frozenset((".json", ".jsonld", ".xml"))
_LINES: Final = frozenset((".jsonl", ".ndjson"))


class Given(NamedTuple):
    """Where to, who signs, for whom (itself unless a DID is given), and how."""

    to: str
    name: str
    keys: Path | None
    party: str
    proceed: bool
    everyone: bool
    share: tuple[str, ...]
    repair: bool = False
    timezone: str = ""
    notes: Path | None = None
    rehearses: bool = False


class _Taker:
    """Takes files, says what became of each, and writes it beside the file or into a folder where that is asked for."""

    def __init__(self, files: "FileCapture", given: Given) -> None:
        self._files, self._given = files, given

    def take(self, file: Path) -> "Captured":
        """Bring a file onto the record, or rehearse that."""
        from sogdia.domains.trace.messages import PARTS_LIMIT
        from sogdia.interfaces.cli.trace_telling import say
        from sogdia.interfaces.epcis.files.notes import Notes
        from sogdia.interfaces.epcis.files.report import Report
        from sogdia.interfaces.epcis.packing import TooManyParts

        content, place = _content_of(file), self._report(file)
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
        with nullcontext() if place is None else Report(place, file.name, content) as report:
            notes = Notes(report)
            try:
                found = self._files.capture(content, notes)
            except TooManyParts as many:
                raise Failure("too_many_parts", parts=many.parts, most=PARTS_LIMIT) from None
        say(file, found, notes, place, is_repairing=self._given.repair, is_rehearsal=self._given.rehearses)
        return found

    def follow(self, file: Path, place: Path) -> None:
        """Put the report beside the place where the file lies now; one in a folder of its own stays."""
        report = self._report(file)
        if report is not None and self._given.notes is None:
            report.replace(place.with_name(place.name + REPORT))

    def _report(self, file: Path) -> Path | None:
        """Repairs are always reported."""
        folder = self._given.notes or (file.parent if self._given.repair else None)
        return None if folder is None else folder / (file.name + REPORT)


def capture(files: Sequence[Path], given: Given) -> None:
    """Capture each file; exit status 1 if anything was wrong with one."""
    is_right = True
    with _opened(given) as taker:
        for file in files:
            is_right &= taker.take(file).is_right
    if not is_right:
        stop(NO)


def watch(folder: Path, given: Given, once: bool) -> None:
    """Capture what is dropped until Ctrl-C."""
    if not folder.is_dir():
        raise Failure("no_drop_folder", folder=folder)
    with _opened(given) as taker:
        note("watching", folder=folder)
        while True:
            for file in _dropped(folder, 0.0 if once else QUIET_SECONDS, given.repair):
                _take(folder, file, taker)
            if once:
                return
            time.sleep(LOOK_SECONDS)


# --- what takes the files -------------------------------------------------------------------------------------------


@contextmanager
def _opened(given: Given) -> Iterator[_Taker]:
    """What takes the files; a rehearsal opens no node."""
    from sogdia.interfaces.cli.trace_telling import progress
    from sogdia.interfaces.epcis.files.capture import FileCapture

    tolerance = _tolerance(given)
    with progress() as told, _sending(given, told) as (readers, sending):
        yield _Taker(FileCapture(readers, tolerance, sending, told), given)


@contextmanager
def _sending(given: Given, told: "Progress") -> "Iterator[tuple[Readers, Sending | None]]":
    from sogdia.interfaces.epcis.files.sending import Sending
    from sogdia.interfaces.epcis.packing import Readers
    from sogdia.interfaces.epcis.signing import Agent

    if given.rehearses:
        yield Readers(given.party or (_pen(given).did if given.name else "")), None
        return
    if not given.name:
        raise Failure("key_missing")
    pen = _pen(given)
    with places.opened(given.to, pen) as place:
        readers = Readers(given.party or pen.did, given.share, "everyone" if given.everyone else "named")
        agent = Agent(pen, place.network)
        yield readers, Sending(place, agent, readers, "proceed" if given.proceed else "rollback", told)


def _pen(given: Given) -> "Pen":
    return keyrings.pens([given.name], given.keys or folders.keys_beside(given.to))[0]


def _tolerance(given: Given) -> "Tolerance | None":
    from sogdia.standards.epcis.repairing.told import Tolerance, zone_of

    if not given.repair:
        if given.timezone:
            raise Failure("only_with_repair")
        return None
    try:
        return Tolerance(zone=zone_of(given.timezone) if given.timezone else None)
    except ValueError as wrong:
        raise Failure("timezone_unknown", problem=wrong) from None


# --- files and folders ----------------------------------------------------------------------------------------------


def _content_of(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > FILE_BYTES:
            raise Failure("file_too_large", file=file, bytes=size, most=FILE_BYTES)
        return file.read_bytes()
    except OSError as problem:
        raise Failure("file", file=file, problem=problem.strerror) from None


def _dropped(folder: Path, quiet_seconds: float, repair: bool) -> list[Path]:
    """Files that nobody writes any more, the oldest first."""
    until, kinds = time.time() - quiet_seconds, _KINDS | _LINES if repair else _KINDS
    found = [one for one in folder.iterdir() if one.suffix.lower() in kinds and one.is_file()]
    found = [one for one in found if not one.name.endswith(REPORT)]
    return sorted((one for one in found if one.stat().st_mtime <= until), key=lambda one: (one.stat().st_mtime, one))


def _take(folder: Path, file: Path, taker: _Taker) -> None:
    found = taker.take(file)
    aside = folder / (DONE if found.is_right else REFUSED)
    aside.mkdir(exist_ok=True)
    place = _free(aside / file.name)
    if not found.is_right:
        place.with_name(place.name + FAULTS).write_text("\n".join(found.faults) + "\n", encoding="utf-8")
    taker.follow(file, place)
    file.rename(place)


def _free(place: Path) -> Path:
    """This name, or one with a number where a file has it already."""
    found, number = place, 1
    while found.exists():
        number += 1
        found = place.with_name(f"{place.stem}-{number}{place.suffix}")
    return found
