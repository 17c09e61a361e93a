"""Of which lot things are: told by their identifiers or by events, or the affected lots that they were made from."""

from collections.abc import Iterable, Mapping
from typing import Final

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.listed import listed
from sogdia.mirror.trace.view import View, parts, viewed
from sogdia.mirror.trace.words import Kind, Link

_LOT: Final = "/10/"
_Above = dict[int, set[int]]


def lots_of(
    picture: SqlPicture, asker: Asker, things: Iterable[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The lots that things belong to, and for others those that they were made from directly; by thing, as URIs.

    Only what events say that the asker may read.
    """
    wanted = list(things)
    with viewed(picture, asker) as view:
        numbers = view.numbers_of(wanted)
        members = _above(view, numbers.values(), Link.MEMBER)
        made = _above(view, [one for one in numbers.values() if one not in members], Link.MADE)
        used = _above(view, {one for some in made.values() for one in some}, Link.USED)
        origins = {one: set[int]().union(*(used.get(by, set()) for by in some)) for one, some in made.items()}
        lots = {one for some in (*members.values(), *origins.values()) for one in some}
        names = {one: named.uri for one, named in view.names(lots).items() if named.kind is Kind.LOT_CLASS}
    return _named(numbers, members, names), _named(numbers, origins, names)


def lot_number(uri: str) -> str:
    """The number of a lot as it is printed."""
    return uri.rpartition(_LOT)[2] if _LOT in uri else uri


def _named(numbers: Mapping[str, int], above: _Above, names: Mapping[int, str]) -> dict[str, tuple[str, ...]]:
    found = {
        thing: tuple(sorted(names[one] for one in above.get(number, ()) if one in names))
        for thing, number in numbers.items()
    }
    return {thing: some for thing, some in found.items() if some}


def _above(view: View, numbers: Iterable[int], kind: Link) -> _Above:
    """What is one step above by edges whose event the asker may read, or that the identifier itself says."""
    table, found = view.tables.rev, _Above()
    for part in parts(list(set(numbers))):
        given = listed(view.connection, part)
        same = sql.and_(table.c.dst == given.c.value, table.c.kind == int(kind))
        asked = sql.select(table.c.dst, table.c.src, table.c.seq).join_from(given, table, same)
        rows = view.connection.execute(asked).all()
        entries = view.entries({row.seq for row in rows if row.seq})
        for dst, src, seq in rows:
            if not seq or (seq in entries and view.sees(entries[seq])):
                found.setdefault(dst, set()).add(src)
    return found
