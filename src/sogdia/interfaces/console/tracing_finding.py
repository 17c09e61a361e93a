"""What a number may mean that is no whole identifier: the serial or lot of an item as printed, an order, a waybill.

Only what the asker may read is found by such a number; a whole identifier is looked up as it is. Serials and lots are
looked for under each product on record, one step of the index for each, so a million items cost no more than one.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.interfaces.console.tracing_orders import Order, orders_found
from sogdia.interfaces.console.tracing_scan import bracketed
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.view import View, viewed
from sogdia.mirror.trace.words import Kind, Link
from sogdia.standards.gs1.digital_link import CANONICAL
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical

THINGS: Final = 50
"""Things that are offered at most."""
PRODUCTS: Final = 20_000
"""Products under which a serial or lot is looked for."""
_NUMBER_CHARS: Final = 100
_ANY_PRODUCT: Final = f"{CANONICAL}01/09506000134352"
_BEGINS: Final = f"{CANONICAL}01/"
_PAST: Final = f"{CANONICAL}010"
"""Behind every identifier that begins so: the character after `/` is 0."""
_PRODUCT_CHARS: Final = len(_BEGINS) + 14
_EVENTS_LOOKED_AT: Final = 200
_ITEMS_LOOKED_AT: Final = 1_000


class Thing(msgspec.Struct, frozen=True):
    """A thing that is offered."""

    uri: str
    kind: str


class Found(msgspec.Struct, frozen=True):
    """What was found; `is_cut`: there is more than is offered."""

    things: tuple[Thing, ...] = ()
    orders: tuple[Order, ...] = ()
    is_cut: bool = False

    @property
    def only(self) -> str:
        """The one thing that is meant; empty where there is none, or a choice."""
        return self.things[0].uri if len(self.things) == 1 and not self.orders else ""


def found(picture: SqlPicture, asker: Asker, text: str) -> Found:
    """What a typed text may mean, of what the asker may read."""
    plain = text.strip()
    with viewed(picture, asker) as view:
        things = _things(view, _ends(plain))
        orders, is_cut = orders_found(picture, asker, view, plain)
    return Found(tuple(things[:THINGS]), orders, is_cut or len(things) > THINGS)


def _ends(text: str) -> list[str]:
    """What would stand behind the product in the identifiers that may be meant."""
    if len(text) > _NUMBER_CHARS:
        return []
    said = dict(bracketed(text)) if text.startswith("(") else {"21": text, "10": text}
    if "01" in said:
        return []
    return [end for ai in ("21", "10") if ai in said and (end := _end(ai, said[ai]))]


def _end(ai: str, value: str) -> str:
    try:
        return canonical(f"{_ANY_PRODUCT}/{ai}/{quote(value, safe='')}").removeprefix(_ANY_PRODUCT)
    except BadIdentifier:
        return ""


def _things(view: View, ends: Sequence[str]) -> list[Thing]:
    """The items and lots with these ends of which an event that the asker may read tells."""
    if not ends:
        return []
    products, things = _products(view), view.tables.things
    rows = list[Any]()
    for end in ends:
        wanted = sql.select(things.c.id, things.c.uri, things.c.kind)
        wanted = wanted.join_from(products, things, things.c.uri == products.c.product + end)
        rows += view.connection.execute(wanted.order_by(things.c.uri).limit(4 * THINGS)).all()
    seen = _told(view, [row.id for row in rows])
    return [Thing(row.uri, Kind(row.kind).name.lower()) for row in rows if row.id in seen]


def _products(view: View) -> Any:
    """The products on record: each is found from the one before by one step of the index over identifiers."""
    uri = view.tables.things.c.uri

    def first_from(begin: Any) -> Any:
        return sql.func.substr(sql.select(sql.func.min(uri)).where(uri >= begin, uri < _PAST).scalar_subquery(), 1,
                               _PRODUCT_CHARS)  # fmt: skip

    walked = sql.select(first_from(_BEGINS).label("product")).cte("products", recursive=True)
    is_one = walked.c.product.is_not(None)
    whole = walked.union_all(sql.select(first_from(walked.c.product + "0")).where(is_one))
    return sql.select(whole.c.product).where(whole.c.product.is_not(None)).limit(PRODUCTS).subquery()


def _told(view: View, numbers: Sequence[int]) -> set[int]:
    """Those that an event which the asker may read names, itself or one item of the lot."""
    own = {one for one in numbers if _is_told(view, one)}
    table = view.tables.fwd
    for lot in (one for one in numbers if one not in own):
        member = sql.select(table.c.dst).where(table.c.src == lot, table.c.kind == int(Link.MEMBER))
        items = view.connection.execute(member.limit(_ITEMS_LOOKED_AT)).scalars().all()
        if any(_is_told(view, one) for one in items):
            own.add(lot)
    return own


def _is_told(view: View, number: int) -> bool:
    table, entries = view.tables.postings, view.tables.entries
    wanted = sql.select(entries).join_from(table, entries, table.c.seq == entries.c.seq)
    rows: Iterable[Any] = view.connection.execute(wanted.where(table.c.thing == number).limit(_EVENTS_LOOKED_AT))
    return any(view.sees(row) for row in rows)
