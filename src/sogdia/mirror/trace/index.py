"""Fills the trace index: events that come to count are read, numbered and linked, in one pass over each batch."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sql

from sogdia.core.state import Table
from sogdia.domains.trace.state import EVENTS, JOBS
from sogdia.mirror.trace.arrivals import Arrivals
from sogdia.mirror.trace.intervals import Change, Intervals, delete
from sogdia.mirror.trace.links import Links, links_of, merged
from sogdia.mirror.trace.rows import entry_row, posting_rows, read, value_rows
from sogdia.mirror.trace.standings import Standings
from sogdia.mirror.trace.tables import TraceTables
from sogdia.mirror.trace.things import Things
from sogdia.mirror.trace.words import Link

if TYPE_CHECKING:
    from sogdia.mirror.audiences import Numbers
    from sogdia.mirror.batch import Batch
    from sogdia.mirror.loaders import Loader

LAYOUT: Final = 2
"""Raised when the same events give other rows, also because a reader of `standards` understands them differently."""


class TraceIndex:
    """The tables of the trace index in a mirror (`mirror.derived.Derived`)."""

    layout = LAYOUT

    def __init__(self, metadata: sql.MetaData) -> None:
        self.tables = TraceTables(metadata)
        self.replaced = (self.tables.fwd, self.tables.rev)
        self.events, self.jobs = (metadata.tables[one.name.replace(".", "_")] for one in (EVENTS, JOBS))

    @classmethod
    def of(cls, known: Iterable[Table[Any]], metadata: sql.MetaData) -> "TraceIndex | None":
        """The index of a mirror that holds the records of trace, and of no other."""
        names = {one.name for one in known}
        return cls(metadata) if {EVENTS.name, JOBS.name} <= names else None

    def deriver(self) -> "TraceDeriver":
        """Who fills them."""
        return TraceDeriver(self)


class TraceDeriver:
    """Writes the rows of each batch (`mirror.derived.Deriver`)."""

    def __init__(self, index: TraceIndex) -> None:
        self._tables = index.tables
        self._arrivals = Arrivals(index.events, index.jobs)
        self._standings = Standings(index.tables, index.events)
        self._intervals = Intervals(index.tables)
        self._things = Things(index.tables.things)
        self._next = 1

    def open(self, connection: sql.Connection) -> None:
        """Go on after the last event and the last thing in the database."""
        highest = connection.execute(sql.select(sql.func.max(self._tables.entries.c.seq))).scalar_one()
        self._next = 1 if highest is None else int(highest) + 1
        self._things.open(connection)

    def apply(self, connection: sql.Connection, loader: "Loader", batch: "Batch", numbers: "Numbers") -> None:
        """Write what the events mean that come to count with this batch."""
        arrived = self._arrivals.of(connection, batch, numbers)
        if not arrived:
            return
        come = [read(seq, one) for seq, one in enumerate(arrived, self._next)]
        self._next += len(come)
        come, gone = self._standings.judged(connection, come)
        named = [text for one in (*come, *gone) for text in one.names()]
        runs = [one.facts.transformation for one in (*come, *gone) if one.facts and one.facts.transformation]
        things, in_paths = self._things.learn(connection, loader, named, runs)
        tables = self._tables
        loader.add(connection, tables.entries, (entry_row(one, things) for one in come))
        loader.add(connection, tables.postings, (row for one in come for row in posting_rows(one, things)))
        loader.add(connection, tables.values, (row for one in come for row in value_rows(one)))
        self._link(connection, loader, merged(links_of(one, things) for one in come if one.moves), come=True)
        self._link(connection, loader, merged(links_of(one, things) for one in gone), come=False)
        self._put_lots(connection, loader, in_paths)

    def _link(self, connection: sql.Connection, loader: "Loader", links: Links, *, come: bool) -> None:
        nothing, change = Change((), ()), Change(links.openings, links.closings)
        fwd, rev = self._tables.fwd, self._tables.rev
        turned = [(dst, kind, src, t0, seq) for src, kind, dst, t0, seq in links.kinship]
        if come:
            if turned:
                loader.add(connection, fwd, ((*one, None) for one in links.kinship))
                loader.add(connection, rev, ((*one, None) for one in turned))
        else:
            delete(connection, fwd, links.kinship, ("src", "kind", "dst", "t0", "seq"))
            delete(connection, rev, turned, ("dst", "kind", "src", "t0", "seq"))
        if links.openings or links.closings:
            self._intervals.change(connection, loader, *((change, nothing) if come else (nothing, change)))

    def _put_lots(self, connection: sql.Connection, loader: "Loader", pairs: Sequence[tuple[int, int]]) -> None:
        # A lot in a serial's own path is no statement of an event: it stands from its first sight and for good.
        once = sorted(set(pairs))
        if once:
            loader.put(connection, self._tables.fwd, [(lot, int(Link.MEMBER), one, 0, 0, None) for lot, one in once])
            loader.put(connection, self._tables.rev, [(one, int(Link.MEMBER), lot, 0, 0, None) for lot, one in once])
