"""The business documents that many things met, themselves or in what they were in."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import sqlalchemy as sql

from sogdia.mirror.trace.listed import NUMBERS, listed, listed_rows
from sogdia.mirror.trace.spans import Span
from sogdia.mirror.trace.view import View, parts
from sogdia.mirror.trace.words import Standing

_HEAD: Final = "bizTransaction_"
_AFTER_HEAD: Final = "bizTransaction`"


class Document(msgspec.Struct, frozen=True):
    """A business transaction by its type (empty: not said) and identifier, and how many events speak of both."""

    type: str
    document: str
    events: int


def documents(view: View, spans: Sequence[Span]) -> tuple[Document, ...]:
    """Those in events of these things at these times that the asker may read, by type and identifier."""
    numbers: set[int] = set()
    for part in parts(spans):
        numbers.update(_events(view, part))
    found: dict[tuple[str, str], set[int]] = {}
    for part in parts(list(numbers)):
        for path, text, seq in _in(view, part):
            found.setdefault((path.removeprefix(_HEAD), text), set()).add(seq)
    return tuple(Document(kind, text, len(events)) for (kind, text), events in sorted(found.items()))


def _events(view: View, spans: Iterable[Span]) -> Iterable[int]:
    table = view.tables.postings
    given = listed_rows(view.connection, list(spans), thing=NUMBERS, since=NUMBERS, until=NUMBERS)
    meets = sql.and_(table.c.thing == given.c.thing, table.c.time_us >= given.c.since, table.c.time_us < given.c.until)
    return view.connection.execute(sql.select(table.c.seq).distinct().join_from(given, table, meets)).scalars()


def _in(view: View, numbers: Iterable[int]) -> Iterable[tuple[str, str, int]]:
    values, entries, given = view.tables.values, view.tables.entries, listed(view.connection, numbers)
    its = sql.and_(values.c.seq == given.c.value, values.c.path >= _HEAD, values.c.path < _AFTER_HEAD)
    wanted = sql.select(values.c.path, values.c.text, entries).join_from(given, values, its)
    wanted = wanted.join(entries, entries.c.seq == values.c.seq).where(entries.c.standing == int(Standing.COUNTS))
    for row in view.connection.execute(wanted).all():
        if view.sees(row):
            yield row.path, row.text, row.seq
