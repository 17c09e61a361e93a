"""What the trace index knows of a thing and its classes, in one statement that is made once: look-ups are many."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import sqlalchemy as sql

from sogdia.mirror.errors import BadSchema
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.index import TraceIndex
from sogdia.mirror.trace.words import Standing

LEVELS_LIMIT: Final = 4
"""A thing and the classes above it: serial, lot, variant, product."""
_NAMES: Final = [f"level_{place}" for place in range(LEVELS_LIMIT)]


class Known(NamedTuple):
    """`is_on_record`: an event, public or not, names the thing or a class above it. `has_story`: there is something
    to tell of it to everyone."""

    is_on_record: bool
    has_story: bool


class _Statements(NamedTuple):
    things: sql.Select[Any]
    stories: sql.Select[Any]


class Index:
    """Asks the index of a picture."""

    def __init__(self) -> None:
        self._made: tuple[SqlPicture, _Statements] | None = None

    def known(self, connection: sql.Connection, picture: SqlPicture, uris: Iterable[str], *, has_name: bool) -> Known:
        """What is known of a thing and the classes above it; what has a public name has a story in any case."""
        made = self._made
        if made is None or made[0] is not picture:
            made = self._made = (picture, _statements(picture))
        given = dict.fromkeys(_NAMES, "")
        given.update(zip(_NAMES, uris, strict=False))
        if has_name:
            return Known(connection.execute(made[1].things, given).first() is not None, True)
        rows = connection.execute(made[1].stories, given).all()
        return Known(bool(rows), any(row.is_public for row in rows))


def _statements(picture: SqlPicture) -> _Statements:
    index = next((one for one in picture.schema.derived if isinstance(one, TraceIndex)), None)
    if index is None:
        raise BadSchema("there is no trace index in this mirror; give it the tables of trace")
    things, postings, entries = index.tables.things, index.tables.postings, index.tables.entries
    is_asked = things.c.uri.in_([sql.bindparam(name, type_=things.c.uri.type) for name in _NAMES])
    public = sql.select(sql.literal(1)).join_from(postings, entries, postings.c.seq == entries.c.seq)
    counts = entries.c.standing == int(Standing.COUNTS)
    is_public = public.where(postings.c.thing == things.c.id, entries.c.everyone, counts).exists()
    return _Statements(
        sql.select(things.c.id).where(is_asked).limit(1),
        sql.select(things.c.id, is_public.label("is_public")).where(is_asked),
    )
