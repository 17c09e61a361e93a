"""What became of a file of events, on the terminal: counts, faults, and tables of what was put right and set aside."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sogdia.interfaces import words
from sogdia.interfaces.cli.main_job import progress_lines
from sogdia.interfaces.cli.terminal import language, mark, table, tell, text
from sogdia.interfaces.epcis.files.notes import Notes
from sogdia.interfaces.epcis.files.sending import Captured, Progress

_SHOWN: Final = 20


@contextmanager
def progress() -> Iterator[Progress]:
    """What takes progress and draws it."""
    with progress_lines() as said:
        yield lambda what, done, of: said(words.say(f"progress.{what}", language()), done, of)


def say(
    file: Path, found: Captured, notes: Notes, report: Path | None, *, is_repairing: bool, is_rehearsal: bool
) -> None:
    """Print what became of a file, its first faults, and where the report is."""
    counts = {"captured": found.captured, "present": found.present, "faults": len(found.faults)}
    captured = text("captured", file=file, **counts)
    has_counts = is_repairing or is_rehearsal
    first = text("repaired", file=file, **notes.counts()) if has_counts else captured
    print(f"{mark(found.is_right)} {first}", flush=True)
    if is_repairing:
        _say_kinds(notes)
    else:
        _say_sentences(found.faults)
    if report is not None:
        tell("repairs_written" if is_repairing else "report_written", report=report)
    if is_rehearsal:
        tell("rehearsed")
    elif has_counts:
        print(captured, flush=True)


def _say_sentences(sentences: list[str]) -> None:
    for sentence in sentences[:_SHOWN]:
        print(f"  {sentence}", flush=True)
    if len(sentences) > _SHOWN:
        tell("more_faults", more=len(sentences) - _SHOWN)


def _say_kinds(notes: Notes) -> None:
    if notes.kinds:
        rows = [(_of_kind(kind), count, notes.examples[kind]) for kind, count in notes.kinds.most_common()]
        table(("repair", "count", "example"), rows)
    if notes.refusals:
        most = notes.refusals.most_common(_SHOWN)
        table(("field", "set_aside", "example"), [(key[0], count, notes.examples[key]) for key, count in most])
        if len(notes.refusals) > _SHOWN:
            tell("more_faults", more=len(notes.refusals) - _SHOWN)
    _say_sentences(notes.refused)


def _of_kind(kind: str) -> str:
    return words.say(f"repair.{kind or 'document'}", language())
