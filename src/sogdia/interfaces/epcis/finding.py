"""Events that a query finds, read for an answer: the seam between the trace index and what goes out."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from sogdia.core.query import Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.querying import pages
from sogdia.standards.epcis.model import AnyEvent
from sogdia.standards.epcis.moments import written
from sogdia.standards.epcis.query.conditions import Query
from sogdia.standards.epcis.query.tokens import Place
from sogdia.standards.epcis.reading import read_event


class Row(msgspec.Struct, frozen=True):
    """An event on record; its `record_time` is when it came to count, `seq` its number in that order."""

    seq: int
    event: AnyEvent


class Page(msgspec.Struct, frozen=True):
    """A part of the answer; `following` is where the next begins, None at the end."""

    rows: tuple[Row, ...]
    following: Place | None = None


def matching(picture: SqlPicture, asker: Asker, query: Query, place: Place | None, limit: int) -> Page:
    """The next events that a query finds, at most `limit` from `place` on. Raises QueryRefused."""
    some = pages.matching(picture, asker, query, place, limit)
    return Page(_rows(some.events), some.following)


def under(picture: SqlPicture, asker: Asker, event: str) -> tuple[Row, ...]:
    """All that the asker may read under an event ID."""
    return _rows(pages.one(picture, asker, event))


def news(picture: SqlPicture, asker: Asker, query: Query, after_seq: int, limit: int) -> tuple[tuple[Row, ...], int]:
    """What came to count after an event, and how far all was looked at; there is no more when that moves no longer."""
    found = pages.news(picture, asker, query, after_seq, limit)
    return _rows(found.events), found.seq


def latest(picture: SqlPicture) -> int:
    """The number of the last event that came to count; 0 when none did."""
    return pages.latest(picture)


def _rows(found: Iterable[pages.Found]) -> tuple[Row, ...]:
    return tuple(Row(one.seq, _read(one)) for one in found)


def _read(one: pages.Found) -> AnyEvent:
    return replace(read_event(one.text.encode()), record_time=written(one.recorded_ms * 1_000, 3))


def uris_in(events: Iterable[AnyEvent]) -> Iterator[str]:
    """Every identifier of a thing or place in these events, as it was written."""
    for event in events:
        for name in ("epc_list", "child_epcs", "input_epc_list", "output_epc_list"):
            yield from getattr(event, name, ())
        for name in ("quantity_list", "child_quantity_list", "input_quantity_list", "output_quantity_list"):
            yield from (one.epc_class for one in getattr(event, name, ()))
        for place in (event.read_point, event.biz_location):
            if place is not None:
                yield place.id
        parent = getattr(event, "parent_id", None)
        if parent is not None:
            yield parent
