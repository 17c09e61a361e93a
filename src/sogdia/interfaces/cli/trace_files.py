"""`sogdia trace capture FILE...` and `sogdia trace watch`: files of events onto the record, faults said by event.

With `--repair` files are first put right; `trace_repairs` does that and says what was done.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from sogdia.interfaces.cli import folders, keyrings, places
from sogdia.interfaces.cli.terminal import NO, Failure, mark, note, stop, tell, text

if TYPE_CHECKING:
    from sogdia.interfaces.epcis.files import Captured, FileCapture
    from sogdia.interfaces.epcis.packing import Readers
    from sogdia.interfaces.epcis.signing import Agent

LOOK_SECONDS: Final = 2.0
QUIET_SECONDS: Final = 2.0
"""How long a dropped file must have been left alone: whoever writes it may still be at it."""
DONE, REFUSED = "done", "refused"
FAULTS: Final = ".faults.txt"
FILE_BYTES: Final = 64 * 1024 * 1024
REPORT: Final = ".repairs.json"
"""What the report of a file's repairs is called behind the file's own name; such a file is never taken for events."""
_KINDS: Final = frozenset((".json", ".jsonld", ".xml"))
_LINES: Final = frozenset((".jsonl", ".ndjson"))
_SHOWN: Final = 20


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


class Work(Protocol):
    """What takes a file and says what became of it."""

    def take(self, file: Path) -> "Captured":
        """Bring a file onto the record."""
        ...

    def follow(self, file: Path, place: Path) -> None:
        """Put what was written about a file beside the place where it lies now."""
        ...


class _Strict:
    """Files as the standard has them."""

    def __init__(self, files: "FileCapture") -> None:
        self._files = files

    def take(self, file: Path) -> "Captured":
        """Bring a file onto the record and say what became of it."""
        found = self._files.capture(content_of(file, FILE_BYTES))
        say(file, found)
        return found

    def follow(self, file: Path, place: Path) -> None:
        """Nothing was written."""


def capture(files: Sequence[Path], given: Given) -> None:
    """Capture each file; exit status 1 if anything was wrong with one."""
    is_right = True
    with _opened(given) as work:
        for file in files:
            is_right &= work.take(file).is_right
    if not is_right:
        stop(NO)


def watch(folder: Path, given: Given, once: bool) -> None:
    """Capture what is dropped until Ctrl-C."""
    if not folder.is_dir():
        raise Failure("no_drop_folder", folder=folder)
    with _opened(given) as work:
        note("watching", folder=folder)
        while True:
            for file in _dropped(folder, 0.0 if once else QUIET_SECONDS, given.repair):
                _take(folder, file, work)
            if once:
                return
            time.sleep(LOOK_SECONDS)


@contextmanager
def _opened(given: Given) -> Iterator[Work]:
    if given.repair:
        from sogdia.interfaces.cli import trace_repairs

        with trace_repairs.opened(given) as repairs:
            yield repairs
        return
    if given.timezone or given.notes or given.rehearses:
        raise Failure("only_with_repair")
    from sogdia.interfaces.epcis.files import FileCapture

    with place_of(given) as (place, agent, readers):
        yield _Strict(FileCapture(place, agent, readers, "proceed" if given.proceed else "rollback", tolerant=False))


@contextmanager
def place_of(given: Given) -> "Iterator[tuple[places.Place, Agent, Readers]]":
    """The node that files go to, who signs, and who may read them."""
    from sogdia.interfaces.epcis.packing import Readers
    from sogdia.interfaces.epcis.signing import Agent

    if not given.name:
        raise Failure("key_missing")
    pen = keyrings.pens([given.name], given.keys or folders.keys_beside(given.to))[0]
    with places.opened(given.to, pen) as place:
        readers = Readers(given.party or pen.did, given.share, "everyone" if given.everyone else "named")
        yield place, Agent(pen, place.network), readers


def content_of(file: Path, most: int) -> bytes:
    """The bytes of a file of at most so many; Failure says what is wrong with it."""
    try:
        size = file.stat().st_size
        if size > most:
            raise Failure("file_too_large", file=file, bytes=size, most=most)
        return file.read_bytes()
    except OSError as problem:
        raise Failure("file", file=file, problem=problem.strerror) from None


def say(file: Path, found: "Captured") -> None:
    """Print what became of a file, and its first faults."""
    counts = {"captured": found.captured, "present": found.present, "faults": len(found.faults)}
    print(f"{mark(found.is_right)} {text('captured', file=file, **counts)}", flush=True)
    for fault in found.faults[:_SHOWN]:
        print(f"  {fault}", flush=True)
    if len(found.faults) > _SHOWN:
        tell("more_faults", more=len(found.faults) - _SHOWN)


def _dropped(folder: Path, quiet_seconds: float, repair: bool) -> list[Path]:
    """Files that nobody writes any more, the oldest first."""
    until, kinds = time.time() - quiet_seconds, _KINDS | _LINES if repair else _KINDS
    found = [one for one in folder.iterdir() if one.suffix.lower() in kinds and one.is_file()]
    found = [one for one in found if not one.name.endswith(REPORT)]
    return sorted((one for one in found if one.stat().st_mtime <= until), key=lambda one: (one.stat().st_mtime, one))


def _take(folder: Path, file: Path, work: Work) -> None:
    found = work.take(file)
    aside = folder / (DONE if found.is_right else REFUSED)
    aside.mkdir(exist_ok=True)
    place = _free(aside / file.name)
    if not found.is_right:
        place.with_name(place.name + FAULTS).write_text("\n".join(found.faults) + "\n", encoding="utf-8")
    work.follow(file, place)
    file.rename(place)


def _free(place: Path) -> Path:
    """This name, or one with a number where a file has it already."""
    found, number = place, 1
    while found.exists():
        number += 1
        found = place.with_name(f"{place.stem}-{number}{place.suffix}")
    return found
