"""What the outside may ask about events as they stand on record; what they mean is asked of the trace index."""

from typing import Any

import sqlalchemy as sql

from sogdia.core.query import Asker, Picture, Queries
from sogdia.domains.trace.state import DESCRIPTIONS, EVENTS, JOBS

queries = Queries("trace")


@queries.answer
def event(picture: Picture, asker: Asker, event: str) -> list[dict[str, Any]]:
    """What stands on record under an event ID, declarations of errors too, oldest first."""
    table = picture.table(EVENTS)
    wanted = sql.select(table).where(table.c.event == event, picture.visible(EVENTS, asker))
    return picture.rows(wanted.order_by(table.c.captured_at_ms, table.c.party, table.c.declared).limit(100))


@queries.answer
def events(
    picture: Picture, asker: Asker, party: str = "", since_ms: int = 0, offset: int = 0, limit: int = 50
) -> list[dict[str, Any]]:
    """Events captured since an instant, oldest first, at most `limit` (1-500) from `offset` on.

    With `party` only those of that party.
    """
    table = picture.table(EVENTS)
    wanted = sql.select(table).where(table.c.captured_at_ms >= since_ms, picture.visible(EVENTS, asker))
    if party:
        wanted = wanted.where(table.c.party == party)
    wanted = wanted.order_by(table.c.captured_at_ms, table.c.party, table.c.event, table.c.declared)
    return picture.rows(wanted.offset(max(0, offset)).limit(max(1, min(limit, 500))))


@queries.answer
def job(picture: Picture, asker: Asker, party: str, job: str) -> dict[str, Any] | None:
    """How far a job of several transactions is, or nothing when it is not on record or not the asker's to see."""
    table = picture.table(JOBS)
    wanted = sql.select(table).where(table.c.party == party, table.c.job == job, picture.visible(JOBS, asker))
    found = picture.rows(wanted)
    return found[0] if found else None


@queries.answer
def descriptions(
    picture: Picture, asker: Asker, vocabulary: str = "", element: str = "", offset: int = 0, limit: int = 50
) -> list[dict[str, Any]]:
    """Master data in the order of the alphabet, at most `limit` (1-500) from `offset` on."""
    table = picture.table(DESCRIPTIONS)
    wanted = sql.select(table).where(picture.visible(DESCRIPTIONS, asker))
    if vocabulary:
        wanted = wanted.where(table.c.vocabulary == vocabulary)
    if element:
        wanted = wanted.where(table.c.element == element)
    wanted = wanted.order_by(table.c.vocabulary, table.c.element, table.c.party)
    return picture.rows(wanted.offset(max(0, offset)).limit(max(1, min(limit, 500))))
