"""Which events come to count with a batch: those without a job, and those of a job that is complete now."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sql

from sogdia.domains.trace.state import EVENTS, JOBS
from sogdia.mirror.text import AUDIENCE, TEXT, without_nul
from sogdia.mirror.trace.listed import listed_rows

if TYPE_CHECKING:
    from sogdia.mirror.audiences import Numbers
    from sogdia.mirror.batch import Batch, Changed

Row = tuple[Any, ...]


class Arrival(NamedTuple):
    """An event that comes to count: its record, where it stands in the order, and the number of its readers.

    `recorded_ms` is when it came to count: its own block, or the block of the last part of its job.
    """

    recorded_ms: int
    height: int
    party: str
    event: str
    declared: str
    text: str
    everyone: bool
    audience: int


class Arrivals:
    """Finds them; `events` and `jobs` are the SQL tables of the records."""

    def __init__(self, events: sql.Table, jobs: sql.Table) -> None:
        self._events, self._jobs = events, jobs

    def of(self, connection: sql.Connection, batch: "Batch", numbers: "Numbers") -> list[Arrival]:
        """Those of a batch whose records are written, in the order of block and key."""
        events, jobs = _changed(batch, EVENTS.name), _changed(batch, JOBS.name)
        found: list[Arrival] = []
        of_jobs: set[tuple[str, str]] = set()
        if events is not None:
            found += _alone(events, numbers)
            of_jobs = {(values[0], values[3]) for values, _ in events.written if values[3]}
        closed = {(values[0], values[1]) for values, _ in jobs.written if values[4] == "complete"} if jobs else set()
        late = of_jobs - closed
        found += self._of_jobs(connection, closed, None)
        found += self._of_jobs(connection, late, _keys(events) if late else None)
        return sorted(found)

    def _of_jobs(
        self, connection: sql.Connection, wanted: set[tuple[str, str]], keys: set[Row] | None
    ) -> Iterator[Arrival]:
        """Events of those of the jobs that are complete; only those with these keys, if any are given."""
        if not wanted:
            return
        given = sorted((without_nul(party), without_nul(job)) for party, job in wanted)
        asked, events, jobs = listed_rows(connection, given, party=TEXT, job=TEXT), self._events, self._jobs
        same = sql.and_(jobs.c.party == asked.c.party, jobs.c.job == asked.c.job, jobs.c.status == "complete")
        its = sql.and_(events.c.party == asked.c.party, events.c.job == asked.c.job)
        rows = connection.execute(sql.select(events).join_from(asked, jobs, same).join(events, its)).all()
        completed: dict[Row, int] = {}
        for row in rows:
            job = row.party, row.job
            completed[job] = max(completed.get(job, 0), row.captured_at_ms)
        for row in rows:
            if keys is None or (row.party, row.event, row.declared) in keys:
                yield Arrival(
                    completed[row.party, row.job], row.height, row.party, row.event, row.declared, row.text,
                    row.audience == "everyone", getattr(row, AUDIENCE),
                )  # fmt: skip


def _changed(batch: "Batch", name: str) -> "Changed | None":
    return next((one for one in batch.changed if one.shape.table.name == name), None)


def _keys(events: "Changed | None") -> set[Row]:
    return {tuple(map(without_nul, values[:3])) for values, _ in events.written} if events else set()


def _alone(events: "Changed", numbers: "Numbers") -> Iterable[Arrival]:
    readers_of = events.shape.readers_of
    assert readers_of is not None, "events name their readers"
    for values, height in events.written:
        party, event, declared, job, _, audience, captured_at_ms, text = values
        if not job:
            yield Arrival(
                captured_at_ms, height, without_nul(party), without_nul(event), without_nul(declared), text,
                audience == "everyone", numbers[readers_of(values)],
            )  # fmt: skip
