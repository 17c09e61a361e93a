"""Declarations of error: what a batch declares wrong, on record or in the batch itself."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sql

from sogdia.mirror.text import AUDIENCE, TEXT
from sogdia.mirror.trace.arrivals import Arrival
from sogdia.mirror.trace.listed import listed
from sogdia.mirror.trace.rows import Read, read
from sogdia.mirror.trace.tables import TraceTables
from sogdia.mirror.trace.words import Standing


class Standings:
    """Judges what comes, and finds what it declares wrong; `events` is the SQL table of the records."""

    def __init__(self, tables: TraceTables, events: sql.Table) -> None:
        self._entries, self._events = tables.entries, events

    def judged(self, connection: sql.Connection, come: Sequence[Read]) -> tuple[list[Read], list[Read]]:
        """The same events with what they count for, and those on record that counted until now.

        A declaration speaks of the event with the same ID of the same party alone, whichever comes first.
        """
        declaring = {_subject(one) for one in come if one.standing is Standing.DECLARES}
        declared, before = set(declaring), set()
        for row in self._with_ids(connection, come):
            if row.standing == Standing.DECLARES:
                declared.add((row.party, row.event))
            elif row.standing == Standing.COUNTS and (row.party, row.event) in declaring:
                before.add(row.seq)
        judged = [
            one._replace(standing=Standing.DECLARED_WRONG) if one.moves and _subject(one) in declared else one
            for one in come
        ]
        return judged, self._taken_back(connection, sorted(before))

    def _with_ids(self, connection: sql.Connection, come: Sequence[Read]) -> Iterable[sql.Row[Any]]:
        entries = self._entries
        asked = listed(connection, {one.arrival.event: None for one in come}, TEXT)
        columns = entries.c.seq, entries.c.party, entries.c.event, entries.c.standing
        return connection.execute(sql.select(*columns).join_from(asked, entries, entries.c.event == asked.c.value))

    def _taken_back(self, connection: sql.Connection, numbers: Sequence[int]) -> list[Read]:
        if not numbers:
            return []
        entries, events, asked = self._entries, self._events, listed(connection, numbers)
        same = sql.and_(*(events.c[name] == entries.c[name] for name in ("party", "event", "declared")))
        columns = entries.c.seq, entries.c.recorded_ms, entries.c.everyone, events
        wanted = sql.select(*columns).join_from(asked, entries, entries.c.seq == asked.c.value).join(events, same)
        found = [_again(row) for row in connection.execute(wanted.order_by(entries.c.seq))]
        these = entries.c.seq.in_(sql.select(asked.c.value))
        connection.execute(sql.update(entries).where(these).values(standing=int(Standing.DECLARED_WRONG)))
        return found


def _again(row: sql.Row[Any]) -> Read:
    readers = getattr(row, AUDIENCE)
    said = Arrival(row.recorded_ms, row.height, row.party, row.event, row.declared, row.text, row.everyone, readers)
    return read(row.seq, said)


def _subject(one: Read) -> tuple[str, str]:
    return one.arrival.party, one.arrival.event
