"""Answers to queries of EPCIS: pages, everything under one event ID, and what is new since an event.

Answered are events that count, those declared wrong, and the declarations; not what waits in a job or cannot be read.
Without `orderBy` the order is the index's: by time of the event where the query speaks of it, of a step, disposition or
place, otherwise that of the record. It is the same on every page.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.querying import ranks
from sogdia.mirror.trace.querying.heads import TIMES
from sogdia.mirror.trace.querying.search import Mark, Matched, Search
from sogdia.mirror.trace.tables import PREFIX
from sogdia.mirror.trace.view import viewed
from sogdia.mirror.trace.words import Standing
from sogdia.standards.epcis.query.conditions import Compare, Query, Value
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.tokens import Place, issue, place_in

PER_PAGE_LIMIT: Final = 1_000
LOOKED_AT_LIMIT: Final = 100_000
"""Events that are looked at for one page; a page that ends by it is short, perhaps empty, and another follows."""
JUDGED_LIMIT: Final = 20_000
"""The same where each event has to be read."""
COUNTED_LIMIT: Final = 1_000_000
"""Events that are looked at to count for maxEventCount; beyond them QueryTooComplexException."""
ENTRIES: Final = f"{PREFIX}entry"
TOKEN_MS: Final = 3_600_000
_READ_AT_ONCE: Final = 100
_FIRST: Final = 4  # times the size of the page: so many events are looked at before anything cleverer


class Found(msgspec.Struct, frozen=True):
    """An event on record by its key (party, event, declared), and its JSON as it was signed.

    `recorded_ms` is when it came to count, the record time that queries go by; `seq` its number in that order.
    """

    seq: int
    party: str
    event: str
    declared: str
    recorded_ms: int
    standing: Standing
    text: str


class Page(msgspec.Struct, frozen=True):
    """A part of an answer; `next_token` asks for the next one, empty after the last."""

    events: tuple[Found, ...]
    next_token: str = ""


class Some(msgspec.Struct, frozen=True):
    """The same for who makes tokens himself; `following` is the place of the next part, None after the last."""

    events: tuple[Found, ...]
    following: Place | None = None


class News(msgspec.Struct, frozen=True):
    """What is new, in the order of the record; `seq` is how far all was looked at."""

    events: tuple[Found, ...]
    seq: int


def page(picture: SqlPicture, asker: Asker, query: Query, key: bytes, now_ms: int, token_ms: int = TOKEN_MS) -> Page:
    """The page that a query asks for by its token, or the first one; `key` seals tokens, for so many milliseconds.

    Raises QueryRefused for a token that is not good, more events than maxEventCount, and too much to put in order.
    """
    place = place_in(key, query, query.next_page_token, now_ms) if query.next_page_token else None
    found = matching(picture, asker, query, place, min(query.per_page, PER_PAGE_LIMIT))
    token = "" if found.following is None else issue(key, query, found.following, now_ms + token_ms)
    return Page(found.events, token)


def one(picture: SqlPicture, asker: Asker, event_id: str) -> tuple[Found, ...]:
    """All that the asker may see under an event ID: of several parties, and declarations of error."""
    query = Query(conditions=(Compare("eventID", "EQ", (Value(event_id),)),))
    return matching(picture, asker, query, None, PER_PAGE_LIMIT).events


def matching(picture: SqlPicture, asker: Asker, query: Query, place: Place | None, limit: int) -> Some:
    """At most so many events from a place on. `eventCountLimit` counts over all pages, `maxEventCount` at the first."""
    given, place = (int(place[0] or 0), place[1:]) if place else (0, None)
    with viewed(picture, asker) as view:
        search = Search(view, picture, asker, query)
        if place is None and query.max_event_count is not None:
            _require_at_most(search, query.max_event_count)
        if query.event_count_limit is not None:
            limit = min(limit, query.event_count_limit - given)
        if query.order is None or query.order.path in TIMES:
            some = _walked(search, _mark(place), limit)
        else:
            found = ranks.ranked(view, search, query.order)
            found = ranks.behind(found, query.order, place) if place else found
            some = _cut(search, [(ranks.place_of(one), one[1]) for one in found], limit)
    given += len(some.events)
    if some.following is None or given == query.event_count_limit:
        return Some(some.events)
    return Some(some.events, (given, *some.following))


def news(picture: SqlPicture, asker: Asker, query: Query, after_seq: int, limit: int) -> News:
    """The next events after number `after_seq` that fulfil the conditions, as they came to count.

    Order, limits and pages of the query are nothing to it. There is no more when `seq` no longer moves.
    """
    end = max(latest(picture), after_seq)
    with viewed(picture, asker) as view:
        some = _walked(Search(view, picture, asker, query, after_seq), None, limit)
    if some.following is not None:
        return News(some.events, int(some.following[1] or 0))
    return News(some.events, max(end, some.events[-1].seq) if some.events else end)


def latest(picture: SqlPicture) -> int:
    """The number of the last event that came to count, 0 when none did."""
    entries = picture.schema.metadata.tables[ENTRIES]
    with picture.connected() as connection:
        return int(connection.execute(sql.select(sql.func.max(entries.c.seq))).scalar_one() or 0)


def _mark(place: Place | None) -> Mark | None:
    return None if place is None else (int(place[0] or 0), int(place[1] or 0))


def _walked(search: Search, mark: Mark | None, limit: int) -> Some:
    found: list[Matched] = []
    looked_at, most = 0, JUDGED_LIMIT if search.needs_texts else LOOKED_AT_LIMIT
    for part in search.parts(mark, limit * _FIRST):
        for one in search.judged(part.rows, min(limit + 1, _READ_AT_ONCE)):
            if len(found) == limit:
                return Some(tuple(map(_found, found)), found[-1].mark)
            found.append(one)
        looked_at += part.looked_at
        if looked_at >= most:
            return Some(tuple(map(_found, found)), part.edge)
    return Some(tuple(map(_found, found)))


def _cut(search: Search, rows: Sequence[tuple[Place, Any]], limit: int) -> Some:
    found: list[Matched] = []
    for one in search.judged(rows, min(limit + 1, _READ_AT_ONCE)):
        if len(found) == limit:
            return Some(tuple(map(_found, found)), found[-1].mark)
        found.append(one)
    return Some(tuple(map(_found, found)))


def _found(one: Matched) -> Found:
    row = one.row
    return Found(row.seq, row.party, row.event, row.declared, row.recorded_ms, Standing(row.standing), one.text)


def _require_at_most(search: Search, most: int) -> None:
    found = looked_at = 0
    for part in search.parts(None, most + 1):
        rows = search.judged(part.rows, _READ_AT_ONCE) if search.needs_texts else part.rows
        found += sum(1 for _ in rows)
        looked_at += part.looked_at
        if found > most:
            wrong = f"more than {most} events were found"
            raise QueryRefused("maxEventCount", most, wrong, "raise it, or add conditions", "QueryTooLargeException")
        if looked_at > COUNTED_LIMIT and part.edge is not None:
            wrong = f"more than {COUNTED_LIMIT} events would be looked at to count them"
            raise QueryRefused("maxEventCount", most, wrong, "add conditions", "QueryTooComplexException")
