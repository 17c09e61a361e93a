"""Capture jobs as the node notes them: what was asked, its signed transactions, and what became of each."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import msgspec

from sogdia.interfaces.epcis.notebook import Notebook
from sogdia.interfaces.epcis.packing import Behaviour
from sogdia.interfaces.words import say

Kind = Literal["content", "withdrawal"]
State = Literal["waits", "stands", "refused"]
ERRORS_KEPT: Final = 1_000
ERRORS_LISTED: Final = 10
"""Of each job, where many are listed."""
_DAY_MS: Final = 86_400_000
_FIELDS: Final = "id, party, behaviour, created_ms, finished_ms, is_failing, height, errors"
_numbers = msgspec.json.Decoder(tuple[int, ...]).decode


class Job(msgspec.Struct, kw_only=True):
    """A capture job. Times in milliseconds of UTC; `height` is the last block with something of it.

    `is_failing`: under `rollback` something was refused, and what stands is being withdrawn.
    """

    id: str
    party: str
    behaviour: Behaviour
    created_ms: int
    finished_ms: int | None = None
    is_failing: bool = False
    height: int = 0
    errors: list[dict[str, Any]] = []

    @property
    def running(self) -> bool:
        """Whether something is still to be done."""
        return self.finished_ms is None

    @property
    def success(self) -> bool:
        """Whether no error occurred so far."""
        return not self.errors


class Part(msgspec.Struct, kw_only=True):
    """A transaction of a job; `numbers` are those that its events have in the document."""

    job: str
    place: int
    raw: bytes
    numbers: tuple[int, ...] = ()
    kind: Kind = "content"
    state: State = "waits"


class Jobs:
    """The jobs in the notebook."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    def put(self, job: Job, parts: Iterable[Part], kept_days: int) -> None:
        """Note a new job; what is long over makes room."""
        with self._notebook.writing() as connection:
            old = (job.party, job.created_ms - kept_days * _DAY_MS)
            connection.execute("DELETE FROM job WHERE party = ? AND finished_ms < ?", old)
            connection.execute("INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _row(job))
            connection.executemany("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", map(_part_row, parts))

    def settle(self, job: Job, parts: Sequence[Part]) -> None:
        """Note what became of a job and of these parts; of a finished job the transactions are let go of."""
        with self._notebook.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _row(job))
            if job.running:
                connection.executemany("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?)", map(_part_row, parts))
            else:
                connection.execute("DELETE FROM part WHERE job = ?", (job.id,))

    def unfinished(self, limit: int) -> list[Job]:
        """Jobs that still run, the oldest first."""
        asked = f"SELECT {_FIELDS} FROM job WHERE finished_ms IS NULL ORDER BY created_ms, id LIMIT ?"
        return [_job(row) for row in self._notebook.rows(asked, limit)]

    def running(self, party: str) -> int:
        """How many jobs of a party run."""
        asked = "SELECT count(*) FROM job WHERE party = ? AND finished_ms IS NULL"
        return int(self._notebook.rows(asked, party)[0][0])

    def parts(self, job: str) -> list[Part]:
        """The parts of a job that runs, in order."""
        asked = "SELECT job, place, kind, transaction_bytes, numbers, state FROM part WHERE job = ? ORDER BY place"
        return [
            Part(job=job, place=place, kind=kind, raw=bytes(raw), numbers=_numbers(numbers), state=state)
            for job, place, kind, raw, numbers, state in self._notebook.rows(asked, job)
        ]

    def find(self, job: str, party: str) -> Job | None:
        """A job of this party."""
        rows = self._notebook.rows(f"SELECT {_FIELDS} FROM job WHERE id = ? AND party = ?", job, party)
        return _job(rows[0]) if rows else None

    def page(self, party: str, after: tuple[int, str], limit: int) -> list[Job]:
        """The party's jobs after this place, the newest first."""
        asked = (
            f"SELECT {_FIELDS} FROM job WHERE party = ? AND (created_ms, id) < (?, ?) "
            "ORDER BY created_ms DESC, id DESC LIMIT ?"
        )
        return [_job(row) for row in self._notebook.rows(asked, party, *after, limit)]


def shortened(errors: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The first so many errors, and that there are more."""
    if len(errors) <= most:
        return errors
    kind, title = "epcisException:ValidationException", say("epcis_title.ValidationException")
    return [*errors[:most], {"type": kind, "title": title, "detail": "and more"}]


def _row(job: Job) -> tuple[Any, ...]:
    errors = msgspec.json.encode(shortened(job.errors, ERRORS_KEPT))
    said = (job.id, job.party, job.behaviour, job.created_ms, job.finished_ms, int(job.is_failing), job.height)
    return (*said, errors)


def _job(row: tuple[Any, ...]) -> Job:
    job, party, behaviour, created_ms, finished_ms, is_failing, height, errors = row
    return Job(
        id=job,
        party=party,
        behaviour=behaviour,
        created_ms=created_ms,
        finished_ms=finished_ms,
        is_failing=bool(is_failing),
        height=height,
        errors=msgspec.json.decode(errors),
    )


def _part_row(part: Part) -> tuple[Any, ...]:
    return part.job, part.place, part.kind, part.raw, msgspec.json.encode(part.numbers), part.state
