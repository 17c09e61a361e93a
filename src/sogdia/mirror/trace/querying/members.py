"""The top-level resources of EPCIS: which types, things, places, steps and dispositions an asker can ask about."""

from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.querying.kinds import visible
from sogdia.mirror.trace.querying.terms import Scope
from sogdia.mirror.trace.view import View, viewed
from sogdia.mirror.trace.words import Standing

Collection = Literal["eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions"]
LOOKED_AT_LIMIT: Final = 20_000
"""Things that are looked at for one page of `epcs`; a page that ends by it is short, and another follows."""
_COLUMNS: Final[dict[Collection, str]] = {
    "eventTypes": "type",
    "bizSteps": "biz_step",
    "dispositions": "disposition",
    "bizLocations": "location",
    "readPoints": "read_point",
}
_THINGS_AT_ONCE: Final = 2_000


class Members(msgspec.Struct, frozen=True):
    """A part of a collection: canonical URIs, bare words, names of types.

    `following` goes on after it, None at the end. Types, words and things come in the order of code points, places in
    that of their first sight.
    """

    members: tuple[str, ...]
    following: str | int | None = None


def values(picture: SqlPicture, asker: Asker, kind: Collection, after: str | int | None, limit: int) -> Members:
    """At most so many members of a collection that events name which the asker may see, after `after`."""
    with viewed(picture, asker) as view:
        seen = _seen(view, picture, asker)
        if kind == "epcs":
            return _things(view, seen, str(after or ""), limit)
        found: list[Any] = []
        for value in _distinct(view, seen, _COLUMNS[kind], after):
            if len(found) == limit:
                return Members(_shown(view, kind, found), found[-1])
            found.append(value)
        return Members(_shown(view, kind, found))


def _seen(view: View, picture: SqlPicture, asker: Asker) -> Any:
    readable = view.tables.entries.c.standing != int(Standing.UNREADABLE)
    return sql.and_(readable, visible(Scope(view, picture, asker)).check)


def _shown(view: View, kind: Collection, found: list[Any]) -> tuple[str, ...]:
    if kind not in ("bizLocations", "readPoints"):
        return tuple(found)
    names = view.names(found)
    return tuple(names[number].uri for number in found)


def _distinct(view: View, seen: Any, name: str, after: str | int | None) -> Iterator[Any]:
    """The values of a column, from one to the next by its index, that stand in an event which is seen."""
    entries = view.tables.entries
    column = entries.c[name]
    value = after
    while True:
        beyond = column.is_not(None) if value is None else column > value
        following = sql.select(column).where(beyond).order_by(column).limit(1)
        value = view.connection.execute(following).scalar_one_or_none()
        if value is None:
            return
        if view.connection.execute(sql.select(entries.c.seq).where(column == value, seen).limit(1)).first():
            yield value


def _things(view: View, seen: Any, after: str, limit: int) -> Members:
    found: list[str] = []
    for _ in range(LOOKED_AT_LIMIT // _THINGS_AT_ONCE):
        some = _some_things(view, seen, after)
        for uri, is_seen in some:
            if is_seen and len(found) == limit:
                return Members(tuple(found), found[-1])
            found += [uri] if is_seen else []
        if len(some) < _THINGS_AT_ONCE:
            return Members(tuple(found))
        after = some[-1][0]
    return Members(tuple(found), after)


def _some_things(view: View, seen: Any, after: str) -> list[tuple[str, bool]]:
    things, postings, entries = view.tables.things, view.tables.postings, view.tables.entries
    following = sql.select(things.c.id, things.c.uri).where(things.c.uri > after).order_by(things.c.uri)
    some = following.limit(_THINGS_AT_ONCE).subquery()
    events = sql.select(postings.c.seq).join(entries, entries.c.seq == postings.c.seq)
    named = events.where(postings.c.thing == some.c.id, seen).correlate(some).exists()
    rows = view.connection.execute(sql.select(some.c.uri, named).order_by(some.c.uri)).all()
    return [(uri, bool(is_seen)) for uri, is_seen in rows]
