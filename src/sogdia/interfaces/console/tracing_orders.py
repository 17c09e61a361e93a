"""Orders by their number or by that of a waybill, with the things that went with them, as the asker may read it all."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.state import Table
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.state import ORDERS
from sogdia.domains.trace.state import quoted
from sogdia.interfaces.console.paths import order_page
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.text import TEXT
from sogdia.mirror.trace.facts import facts_of
from sogdia.mirror.trace.listed import listed
from sogdia.mirror.trace.spans import CUSTODY
from sogdia.mirror.trace.view import View
from sogdia.mirror.trace.words import Kind, Standing
from sogdia.mirror.trades.index import folded
from sogdia.standards.epcis.reading import read_event
from sogdia.standards.epcis.vocabulary import BIZ_TRANSACTION_TYPES

ORDERS_LIMIT: Final = 20
THINGS_LIMIT: Final = 100
"""Things of one order that are told."""
_PATHS: Final = tuple(f"bizTransaction_{kind}" for kind in ("", *sorted(BIZ_TRANSACTION_TYPES)))
_DEPTH: Final = 4
_NUMBERED: Final[dict[str, Table[Any]]] = {"order": ORDERS, "waybill": WAYBILLS}


class Order(msgspec.Struct, frozen=True):
    """An order: its waybills, and the things that went with it as pairs of URI and kind; `is_cut`: there are more."""

    platform: str
    order: str
    link: str
    waybills: tuple[str, ...]
    things: tuple[tuple[str, str], ...]
    is_cut: bool


def orders_found(picture: SqlPicture, asker: Asker, view: View, text: str) -> tuple[tuple[Order, ...], bool]:
    """The orders that have this number, or a waybill with it, with or without `#`; and whether there are more."""
    numbers = picture.trades.numbers
    typed = {folded(one) for one in (text, f"#{text}", text.removeprefix("#")) if one}
    may = [
        sql.and_(numbers.c.kind == kind, picture.readable(table, numbers.c.audience, asker))
        for kind, table in _NUMBERED.items()
    ]
    wanted = sql.select(numbers.c.platform, numbers.c.order).where(numbers.c.number.in_(sorted(typed)), sql.or_(*may))
    rows = picture.rows(wanted.distinct().order_by(numbers.c.platform, numbers.c.order).limit(ORDERS_LIMIT + 1))
    made = (_order(picture, asker, view, row["platform"], row["order"]) for row in rows[:ORDERS_LIMIT])
    return tuple(made), len(rows) > ORDERS_LIMIT


def _order(picture: SqlPicture, asker: Asker, view: View, platform: str, order: str) -> Order:
    table = picture.table(WAYBILLS)
    wanted = sql.select(table.c.carrier, table.c.waybill).where(
        table.c.platform == platform, table.c.order == order, picture.visible(WAYBILLS, asker)
    )
    bills = picture.rows(wanted.order_by(table.c.issued_at_ms))
    documents = [f"urn:sogdia:order:{platform}/{quoted(order)}"]
    documents += [f"urn:sogdia:waybill:{one['carrier']}/{quoted(one['waybill'])}" for one in bills]
    numbers = _with_contents(view, _named_beside(view, documents))
    things = sorted((int(one.kind), one.uri) for one in view.names(numbers).values())
    told = tuple((uri, Kind(kind).name.lower()) for kind, uri in things[:THINGS_LIMIT])
    shown = tuple(str(one["waybill"]) for one in bills)
    return Order(platform, order, order_page(platform, order), shown, told, len(things) > THINGS_LIMIT)


def _named_beside(view: View, documents: Sequence[str]) -> set[int]:
    """The things in events that name one of these documents, that count, and that the asker may read."""
    values, entries = view.tables.values, view.tables.entries
    given = listed(view.connection, documents, TEXT)
    said = sql.and_(values.c.text == given.c.value, values.c.path.in_(_PATHS), values.c.text.is_not(None))
    counts = sql.and_(entries.c.seq == values.c.seq, entries.c.standing == int(Standing.COUNTS))
    rows = view.connection.execute(sql.select(entries).join_from(given, values, said).join(entries, counts).distinct())
    seen = [row for row in rows if view.sees(row)]
    events = [read_event(text.encode()) for text in view.texts(seen)]
    return set(view.numbers_of({one.thing for event in events for one in facts_of(event).mentions}).values())


def _with_contents(view: View, numbers: set[int]) -> set[int]:
    """These and what is in them now, by events that the asker may read."""
    table, level, found = view.tables.fwd, numbers, set(numbers)
    for _ in range(_DEPTH):
        given = listed(view.connection, level)
        held = sql.and_(
            table.c.src == given.c.value, table.c.kind.in_([int(one) for one in CUSTODY]), table.c.t1.is_(None)
        )
        rows = view.connection.execute(sql.select(table.c.dst, table.c.seq).join_from(given, table, held)).all()
        entries = view.entries(row.seq for row in rows)
        level = {row.dst for row in rows if row.seq in entries and view.sees(entries[row.seq])} - found
        if not level:
            break
        found |= level
    return found
