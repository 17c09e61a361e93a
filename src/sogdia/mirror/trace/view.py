"""What one asker sees of the trace index: names for numbers, and events with or without their content."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.domains.trace.state import EVENTS
from sogdia.mirror.errors import BadSchema
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.text import AUDIENCE, TEXT
from sogdia.mirror.trace.index import TraceIndex
from sogdia.mirror.trace.listed import listed, listed_rows
from sogdia.mirror.trace.things import spelled
from sogdia.mirror.trace.words import Kind, Standing

ALWAYS: Final = -(2**62)
NEVER: Final = 2**62
"""Before and after every time that an event can have, in microseconds."""
AT_ONCE: Final = 50_000
"""Numbers that one statement is given at most."""


_KINDS: Final = tuple(Kind)


class Named(NamedTuple):
    """A thing as it is shown."""

    uri: str
    kind: Kind


class Happened(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event as the asker may see it; `is_redacted`: that it is there, and whose it is, and nothing else."""

    seq: int
    party: str
    is_redacted: bool = False
    standing: Standing = Standing.COUNTS
    event: str = ""
    declared: str = ""
    recorded_ms: int = 0
    type: str = ""
    time_us: int = 0
    action: str | None = None
    biz_step: str | None = None
    disposition: str | None = None
    read_point: str | None = None
    location: str | None = None
    custodian: str | None = None


class View:
    """One connection to the index, for one asker."""

    def __init__(self, connection: sql.Connection, index: TraceIndex, audiences: frozenset[int] | None) -> None:
        self.connection = connection
        self.tables = index.tables
        self._events = index.events
        self._audiences = audiences

    def sees(self, row: Any) -> bool:
        """Whether the asker may read the event of this row of `entries`."""
        return self._audiences is None or row.everyone or getattr(row, AUDIENCE) in self._audiences

    def number_of(self, identifier: str) -> int | None:
        """The number of a thing however it is written, None when no event names it."""
        return next(iter(self.numbers_of([identifier]).values()), None)

    def numbers_of(self, identifiers: Iterable[str]) -> dict[str, int]:
        """The numbers of those of these that events name, by what was asked."""
        asked = {text: spelled(text).uri for text in identifiers}
        things = self.tables.things
        known: dict[str, int] = {}
        for part in parts(list(dict.fromkeys(asked.values()))):
            given = listed(self.connection, part, TEXT)
            wanted = sql.select(things.c.uri, things.c.id).join_from(given, things, things.c.uri == given.c.value)
            known.update(self.connection.execute(wanted).all())
        return {text: known[uri] for text, uri in asked.items() if uri in known}

    def names(self, numbers: Iterable[int]) -> dict[int, Named]:
        """What numbers of things stand for."""
        things, found = self.tables.things, {}
        for part in parts(list({one for one in numbers if one > 0})):
            given = listed(self.connection, part)
            wanted = sql.select(things.c.id, things.c.uri, things.c.kind)
            rows = self.connection.execute(wanted.join_from(given, things, things.c.id == given.c.value)).all()
            found.update({number: Named(uri, _KINDS[kind]) for number, uri, kind in rows})
        return found

    def entries(self, numbers: Iterable[int]) -> dict[int, Any]:
        """The rows of events by their numbers, whether the asker sees them or not."""
        entries, found = self.tables.entries, {}
        for part in parts(list(set(numbers))):
            given = listed(self.connection, part)
            wanted = sql.select(entries).join_from(given, entries, entries.c.seq == given.c.value)
            found.update({row.seq: row for row in self.connection.execute(wanted).all()})
        return found

    def texts(self, rows: Iterable[Any]) -> list[str]:
        """The JSON of events, in the order of their rows in `entries`. Whoever asks minds who may read them."""
        events, keys = self._events, [(row.party, row.event, row.declared) for row in rows]
        found: dict[tuple[str, str, str], str] = {}
        for part in parts(keys):
            given = listed_rows(self.connection, part, party=TEXT, event=TEXT, declared=TEXT)
            same = sql.and_(*(events.c[name] == given.c[name] for name in ("party", "event", "declared")))
            wanted = sql.select(events.c.party, events.c.event, events.c.declared, events.c.text)
            for *key, text in self.connection.execute(wanted.join_from(given, events, same)):
                found[key[0], key[1], key[2]] = text
        return [found[key] for key in keys]

    def happened(self, rows: Iterable[Any]) -> dict[int, Happened]:
        """Events as the asker may see them, by number."""
        rows = list(rows)
        seen = [row for row in rows if self.sees(row)]
        names = self.names(
            one for row in seen for one in (row.read_point, row.location, row.custodian) if one is not None
        )
        found = {row.seq: Happened(seq=row.seq, party=row.party, is_redacted=True) for row in rows}
        found.update({row.seq: _shown(row, names) for row in seen})
        return found


@contextmanager
def viewed(picture: SqlPicture, asker: Asker) -> Iterator[View]:
    """The index as this asker may see it; BadSchema when the picture holds no records of trace."""
    index = next((one for one in picture.schema.derived if isinstance(one, TraceIndex)), None)
    if index is None:
        raise BadSchema("there is no trace index in this mirror; give it the tables of trace")
    with picture.connected() as connection:
        yield View(connection, index, _audiences(connection, picture, asker))


def _audiences(connection: sql.Connection, picture: SqlPicture, asker: Asker) -> frozenset[int] | None:
    """The numbers of the readers among whom the asker is; None: it sees everything."""
    if any(role in EVENTS.roles for role in asker.roles):
        return None
    members = picture.schema.members
    if asker.party is None:
        return frozenset()
    wanted = sql.select(members.c.audience).where(members.c.member == asker.party)
    return frozenset(connection.execute(wanted).scalars())


def parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The values in parts that one statement can take."""
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


def _shown(row: Any, names: Mapping[int, Named]) -> Happened:
    def name(number: int | None) -> str | None:
        return None if number is None else names[number].uri

    return Happened(
        seq=row.seq,
        party=row.party,
        standing=Standing(row.standing),
        event=row.event,
        declared=row.declared,
        recorded_ms=row.recorded_ms,
        type=row.type or "",
        time_us=row.time_us or 0,
        action=row.action,
        biz_step=row.biz_step,
        disposition=row.disposition,
        read_point=name(row.read_point),
        location=name(row.location),
        custodian=name(row.custodian),
    )
