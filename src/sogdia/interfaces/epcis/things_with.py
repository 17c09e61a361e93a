"""Which things went with which document: those that its events name, and what was inside those at the time."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sql

from sogdia.mirror.text import TEXT
from sogdia.mirror.trace.documents import Document
from sogdia.mirror.trace.facts import facts_of
from sogdia.mirror.trace.listed import NUMBERS, listed_rows
from sogdia.mirror.trace.spans import CUSTODY, DEPTH_LIMIT
from sogdia.mirror.trace.view import NEVER, View, parts
from sogdia.mirror.trace.words import Standing
from sogdia.standards.epcis.reading import read_event

Key = tuple[str, ...]
Named = tuple[str, Key]
"""A document by its kind and its record's key."""
_PATH_HEAD: Final = "bizTransaction_"


class _Listed(NamedTuple):
    """Things named at a time, in microseconds."""

    time_us: int
    things: set[str]


class ThingsWith:
    """Which of some things went with a document, by the events that the asker may read.

    `contents` are those of documents that no event names yet: what is in them now.
    """

    def __init__(
        self,
        view: View,
        keys: Mapping[Document, Named],
        contents: Mapping[Named, Collection[str]],
        things: Collection[str],
    ) -> None:
        self._things: dict[Named, set[str]] = {}
        of_text = {one.document: key for one, key in keys.items()}
        naming = _naming(view, keys)
        named = _in_events(view, {row.seq: row for _, row in naming}.values())
        places = [(of_text[text], row.seq) for text, row in naming]
        for number, (key, held) in enumerate(contents.items(), 1):
            named[-number] = _Listed(NEVER, set(held))
            places.append((key, -number))
        inside = _inside(view, named)
        names = {one: named.uri for one, named in view.names({one for some in inside.values() for one in some}).items()}
        for key, number in places:
            its = {names[one] for one in inside[number]}.intersection(things)
            self._things.setdefault(key, set()).update(its)

    def with_document(self, document: Named) -> tuple[str, ...]:
        """The things, in the order of their identifiers."""
        return tuple(sorted(self._things.get(document, ())))


def _naming(view: View, documents: Iterable[Document]) -> list[tuple[str, Any]]:
    """The events that count, name one of these documents and may be read, each with the document's URI."""
    values, entries = view.tables.values, view.tables.entries
    pairs = [(_PATH_HEAD + one.type, one.document) for one in documents]
    given = listed_rows(view.connection, pairs, path=TEXT, text=TEXT)
    said = sql.and_(values.c.path == given.c.path, values.c.text == given.c.text, values.c.text.is_not(None))
    counts = sql.and_(entries.c.seq == values.c.seq, entries.c.standing == int(Standing.COUNTS))
    wanted = sql.select(given.c.text, entries).join_from(given, values, said).join(entries, counts).distinct()
    return [(row[0], row) for row in view.connection.execute(wanted) if view.sees(row)]


def _in_events(view: View, rows: Collection[Any]) -> dict[int, _Listed]:
    """What each of these events names, by its number."""
    return {
        row.seq: _Listed(row.time_us, {mention.thing for mention in facts_of(read_event(text.encode())).mentions})
        for row, text in zip(rows, view.texts(rows), strict=True)
    }


def _inside(view: View, named: Mapping[int, _Listed]) -> dict[int, set[int]]:
    """What is named, and what was in it at that time, at any depth; as numbers of things, by number."""
    numbers = view.numbers_of({one for some in named.values() for one in some.things})
    found = {at: {numbers[one] for one in some.things if one in numbers} for at, some in named.items()}
    level = [(at, one, named[at].time_us) for at, some in found.items() for one in some]
    for _ in range(DEPTH_LIMIT):
        level = [(at, one, named[at].time_us) for at, one in _contents(view, level) if one not in found[at]]
        if not level:
            break
        for at, one, _ in level:
            found[at].add(one)
    return found


def _contents(view: View, level: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """What lay in these things at these times, with the number for which it is asked."""
    table = view.tables.fwd
    for part in parts(level):
        given = listed_rows(view.connection, part, number=NUMBERS, thing=NUMBERS, time_us=NUMBERS)
        held = sql.and_(
            table.c.src == given.c.thing,
            table.c.kind.in_([int(one) for one in CUSTODY]),
            table.c.t0 <= given.c.time_us,
            sql.or_(table.c.t1.is_(None), table.c.t1 > given.c.time_us),
        )
        rows = view.connection.execute(sql.select(given.c.number, table.c.dst).join_from(given, table, held).distinct())
        yield from (tuple(row) for row in rows.all())
