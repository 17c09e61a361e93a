"""What the outside may ask about orders."""

from typing import Any

import sqlalchemy as sql

from sogdia.core.query import Asker, Picture, Queries
from sogdia.domains.orders.state import CANCELLATIONS, ORDERS

queries = Queries("orders")


@queries.answer
def order(picture: Picture, asker: Asker, platform: str, order: str) -> dict[str, Any] | None:
    """One order with its lines, or nothing when it is not on record or not the asker's to see."""
    orders = picture.table(ORDERS)
    found = picture.rows(
        sql.select(orders).where(orders.c.platform == platform, orders.c.order == order, picture.visible(ORDERS, asker))
    )
    return found[0] if found else None


@queries.answer
def orders(picture: Picture, asker: Asker, ship_to: str = "", after: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """Orders by platform and number, at most `limit` (1-500); with `ship_to` only those to that country.

    `after` is the `place` of the last row seen: `<platform>|<order>`.
    """
    table = picture.table(ORDERS)
    key = (table.c.platform, table.c.order)
    wanted = sql.select(table).where(picture.visible(ORDERS, asker))
    if ship_to:
        wanted = wanted.where(table.c.ship_to == ship_to)
    platform, bar, number = after.partition("|")
    if bar:
        wanted = wanted.where(sql.tuple_(*key) > sql.tuple_(platform, number))
    rows = picture.rows(wanted.order_by(*key).limit(max(1, min(limit, 500))))
    return [{**row, "place": f"{row['platform']}|{row['order']}"} for row in rows]


@queries.answer
def cancellations(picture: Picture, asker: Asker, platform: str, order: str) -> list[dict[str, Any]]:
    """The cancellations of one order, oldest first."""
    table = picture.table(CANCELLATIONS)
    wanted = sql.select(table).where(
        table.c.platform == platform, table.c.order == order, picture.visible(CANCELLATIONS, asker)
    )
    return picture.rows(wanted.order_by(table.c.cancelled_at_ms, table.c.cancellation))


@queries.answer
def totals_by_destination(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """How many orders go to each destination and what they come to, per currency, largest first."""
    table = picture.table(ORDERS)
    count, paid = sql.func.count().label("orders"), sql.func.sum(table.c.paid_minor).label("paid_minor")
    wanted = sql.select(table.c.ship_to, table.c.currency, count, paid).where(picture.visible(ORDERS, asker))
    return picture.rows(wanted.group_by(table.c.ship_to, table.c.currency).order_by(count.desc(), table.c.ship_to))
