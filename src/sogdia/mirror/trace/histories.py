"""The history of a thing: the events that name it, and those of what it was in at the time."""

from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.domains.trace.state import EVENTS, JOBS
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.listed import NUMBERS, listed_rows
from sogdia.mirror.trace.spans import Span, around
from sogdia.mirror.trace.view import ALWAYS, NEVER, Happened, View, parts
from sogdia.mirror.trace.words import Role, Standing

EVENTS_LIMIT: Final = 1_000


class Passage(msgspec.Struct, frozen=True):
    """One event of a history. `roles` are the thing's own; without any it happened to the last one of `through`.

    `through` are the parents between, from the nearest to the one that the event names.
    """

    event: Happened
    roles: tuple[Role, ...]
    through: tuple[str, ...]


class History(msgspec.Struct, frozen=True):
    """The events in the order of their time, and of the record at one time; `is_cut`: there are more."""

    thing: str
    passages: tuple[Passage, ...]
    is_cut: bool = False


def history(
    view: View, thing: str, since_us: int = ALWAYS, until_us: int = NEVER, limit: int = EVENTS_LIMIT
) -> History | None:
    """What happened to a thing from a time until another, the oldest first; None when no event names it."""
    number = view.number_of(thing)
    if number is None:
        return None
    start = Span(number, since_us, until_us)
    spans = around(view, [start])
    found: dict[tuple[int, int], tuple[Span, set[Role]]] = {}
    for part in parts(list(spans)):
        for span, time_us, seq, role in _postings(view, part, limit + 1):
            first, roles = found.setdefault((time_us, seq), (span, set()))
            if span == start:
                found[time_us, seq] = (span, roles | {Role(role)})
            elif first != start and _steps(spans, span) < _steps(spans, first):
                found[time_us, seq] = (span, roles)
    order = sorted(found)
    happened = view.happened(view.entries(seq for _, seq in order[:limit]).values())
    names = view.names(span.thing for span in spans)
    passages = []
    for key in order[:limit]:
        span, roles = found[key]
        through = tuple(names[one.thing].uri for one in _path(spans, span))
        passages.append(Passage(happened[key[1]], tuple(sorted(roles)), through))
    return History(names[number].uri, tuple(passages), len(order) > limit)


def standing(picture: SqlPicture, party: str, event: str, declared: str = "") -> tuple[Standing, str] | None:
    """What an event on record counts for, and why if it could not be read; None when there is no such event.

    An open job has lapsed when its time is up by the block that the picture has reached.
    """
    events, jobs = picture.table(EVENTS), picture.table(JOBS)
    entries = picture.schema.metadata.tables["traced_entry"]
    key = {"party": party, "event": event, "declared": declared}
    entry = picture.rows(sql.select(entries).where(*(entries.c[name] == said for name, said in key.items())))
    if entry:
        return Standing(entry[0]["standing"]), entry[0]["reason"]
    its_job = sql.and_(jobs.c.party == events.c.party, jobs.c.job == events.c.job)
    wanted = sql.select(jobs).join_from(events, jobs, its_job)
    found = picture.rows(wanted.where(*(events.c[name] == said for name, said in key.items())))
    if not found:
        return None
    if found[0]["status"] == "withdrawn":
        return Standing.WITHDRAWN, ""
    return (Standing.LAPSED if found[0]["until_ms"] < picture.place().time_ms else Standing.WAITS), ""


def _postings(view: View, spans: Any, limit: int) -> list[tuple[Span, int, int, int]]:
    table = view.tables.postings
    given = listed_rows(view.connection, spans, thing=NUMBERS, since=NUMBERS, until=NUMBERS)
    meets = sql.and_(table.c.thing == given.c.thing, table.c.time_us >= given.c.since, table.c.time_us < given.c.until)
    wanted = sql.select(given, table.c.time_us, table.c.seq, table.c.role).join_from(given, table, meets)
    rows = view.connection.execute(wanted.order_by(table.c.time_us, table.c.seq).limit(limit * len(Role)))
    return [(Span(*row[:3]), row[3], row[4], row[5]) for row in rows]


def _path(spans: dict[Span, Span | None], span: Span) -> list[Span]:
    found: list[Span] = []
    following: Span | None = span
    while following is not None:
        found.append(following)
        following = spans[following]
    return found[-2::-1]


def _steps(spans: dict[Span, Span | None], span: Span) -> int:
    return len(_path(spans, span))
