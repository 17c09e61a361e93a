"""`sogdia trace capture FILE...` and `sogdia trace watch`: files of events onto the record, faults said by event."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sogdia.interfaces.cli import folders, keyrings, places
from sogdia.interfaces.cli.terminal import NO, Failure, mark, note, stop, tell, text

if TYPE_CHECKING:
    from sogdia.interfaces.epcis.files import Captured, FileCapture

LOOK_SECONDS: Final = 2.0
QUIET_SECONDS: Final = 2.0
"""How long a dropped file must have been left alone: whoever writes it may still be at it."""
DONE, REFUSED = "done", "refused"
FAULTS: Final = ".faults.txt"
FILE_BYTES: Final = 64 * 1024 * 1024
_KINDS: Final = frozenset((".json", ".jsonld", ".xml"))
_SHOWN: Final = 20


class Given(NamedTuple):
    """Where to, who signs, for whom (itself unless a DID is given), and how."""

    to: str
    name: str
    keys: Path | None
    party: str
    proceed: bool
    sloppy: bool
    everyone: bool
    share: tuple[str, ...]


def capture(files: Sequence[Path], given: Given) -> None:
    """Capture each file; exit status 1 if anything was wrong with one."""
    is_right = True
    with _opened(given) as work:
        for file in files:
            found = work.capture(_content(file))
            _say(file, found)
            is_right &= found.is_right
    if not is_right:
        stop(NO)


def watch(folder: Path, given: Given, once: bool) -> None:
    """Capture what is dropped until Ctrl-C."""
    if not folder.is_dir():
        raise Failure("no_drop_folder", folder=folder)
    with _opened(given) as work:
        note("watching", folder=folder)
        while True:
            for file in _dropped(folder, 0.0 if once else QUIET_SECONDS):
                _take(folder, file, work)
            if once:
                return
            time.sleep(LOOK_SECONDS)


@contextmanager
def _opened(given: Given) -> "Iterator[FileCapture]":
    from sogdia.interfaces.epcis.files import FileCapture
    from sogdia.interfaces.epcis.packing import Readers
    from sogdia.interfaces.epcis.signing import Agent

    if not given.name:
        raise Failure("key_missing")
    pen = keyrings.pens([given.name], given.keys or folders.keys_beside(given.to))[0]
    with places.opened(given.to, pen) as place:
        readers = Readers(given.party or pen.did, given.share, "everyone" if given.everyone else "named")
        agent = Agent(pen, place.network)
        yield FileCapture(place, agent, readers, "proceed" if given.proceed else "rollback", given.sloppy)


def _content(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > FILE_BYTES:
            raise Failure("file_too_large", file=file, bytes=size, most=FILE_BYTES)
        return file.read_bytes()
    except OSError as problem:
        raise Failure("file", file=file, problem=problem.strerror) from None


def _say(file: Path, found: "Captured") -> None:
    counts = {"captured": found.captured, "present": found.present, "faults": len(found.faults)}
    print(f"{mark(found.is_right)} {text('captured', file=file, **counts)}", flush=True)
    for fault in found.faults[:_SHOWN]:
        print(f"  {fault}", flush=True)
    if len(found.faults) > _SHOWN:
        tell("more_faults", more=len(found.faults) - _SHOWN)


def _dropped(folder: Path, quiet_seconds: float) -> list[Path]:
    """Files that nobody writes any more, the oldest first."""
    until = time.time() - quiet_seconds
    found = [one for one in folder.iterdir() if one.suffix.lower() in _KINDS and one.is_file()]
    return sorted((one for one in found if one.stat().st_mtime <= until), key=lambda one: (one.stat().st_mtime, one))


def _take(folder: Path, file: Path, work: "FileCapture") -> None:
    found = work.capture(_content(file))
    _say(file, found)
    aside = folder / (DONE if found.is_right else REFUSED)
    aside.mkdir(exist_ok=True)
    place = _free(aside / file.name)
    if not found.is_right:
        place.with_name(place.name + FAULTS).write_text("\n".join(found.faults) + "\n", encoding="utf-8")
    file.rename(place)


def _free(place: Path) -> Path:
    """This name, or one with a number where a file has it already."""
    found, number = place, 1
    while found.exists():
        number += 1
        found = place.with_name(f"{place.stem}-{number}{place.suffix}")
    return found
