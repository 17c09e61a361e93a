"""Things with the time during which they matter: up to what they were in, down to what was in them."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sql

from sogdia.mirror.trace.listed import NUMBERS, listed_rows
from sogdia.mirror.trace.view import View, parts
from sogdia.mirror.trace.words import Link

DEPTH_LIMIT: Final = 32
"""Parents within parents that are followed; a thing in itself ends there."""
CUSTODY: Final = (Link.HOLDS, Link.BOUND)


class Span(NamedTuple):
    """A thing from a time until another, which no longer belongs to it. Microseconds."""

    thing: int
    begin: int
    end: int


def around(view: View, spans: Iterable[Span], kinds: Sequence[Link] = CUSTODY) -> dict[Span, Span | None]:
    """These and what they were in while they matter, at any depth; each with the span that it was first found from.

    On the way up the time only shrinks: a pallet matters for an item while the item's case was on it.
    """
    return _followed(view, spans, kinds, is_up=True)


def within(view: View, spans: Iterable[Span], kinds: Sequence[Link] = CUSTODY) -> dict[Span, Span | None]:
    """These and what was in them while they matter, at any depth."""
    return _followed(view, spans, kinds, is_up=False)


def _followed(view: View, spans: Iterable[Span], kinds: Sequence[Link], *, is_up: bool) -> dict[Span, Span | None]:
    found: dict[Span, Span | None] = dict.fromkeys(spans)
    level = list(found)
    for _ in range(DEPTH_LIMIT):
        following: list[Span] = []
        for part in parts(level):
            for span, thing, t0, t1 in _edges(view, part, kinds, is_up):
                met = Span(thing, max(span.begin, t0), span.end if t1 is None else min(span.end, t1))
                if met.begin < met.end and met not in found:
                    found[met] = span
                    following.append(met)
        if not following:
            break
        level = following
    return found


def _edges(
    view: View, spans: Sequence[Span], kinds: Sequence[Link], is_up: bool
) -> Iterable[tuple[Span, int, int, int | None]]:
    table = view.tables.rev if is_up else view.tables.fwd
    near, far = (table.c.dst, table.c.src) if is_up else (table.c.src, table.c.dst)
    given = listed_rows(view.connection, spans, thing=NUMBERS, since=NUMBERS, until=NUMBERS)
    meets = sql.and_(
        near == given.c.thing,
        table.c.kind.in_([int(one) for one in kinds]),
        table.c.t0 < given.c.until,
        sql.or_(table.c.t1.is_(None), table.c.t1 > given.c.since),
    )
    wanted = sql.select(given, far, table.c.t0, table.c.t1).join_from(given, table, meets)
    for thing, begin, end, other, t0, t1 in view.connection.execute(wanted).all():
        yield Span(thing, begin, end), other, t0, t1
