"""What the outside may ask about payments."""

from typing import Any

import sqlalchemy as sql

from sogdia.core.query import Asker, Picture, Queries
from sogdia.domains.orders.state import ORDERS
from sogdia.domains.payments.state import PAYMENTS, REFUNDS

queries = Queries("payments")


@queries.answer
def payment(picture: Picture, asker: Asker, institution: str, payment: str) -> dict[str, Any] | None:
    """One payment with what went back of it, or nothing when it is not on record or not the asker's to see."""
    table = picture.table(PAYMENTS)
    wanted = sql.select(table).where(table.c.institution == institution, table.c.payment == payment)
    found = picture.rows(wanted.where(picture.visible(PAYMENTS, asker)))
    return found[0] if found else None


@queries.answer
def payment_of_order(picture: Picture, asker: Asker, platform: str, order: str) -> dict[str, Any] | None:
    """The payment of an order through the institution that the order names, if the asker may see the payment."""
    table, orders = picture.table(PAYMENTS), picture.table(ORDERS)
    named = (orders.c.platform == table.c.platform, orders.c.order == table.c.order)
    through = sql.and_(*named, orders.c.institution == table.c.institution)
    wanted = sql.select(table).join(orders, through).where(table.c.platform == platform, table.c.order == order)
    found = picture.rows(wanted.where(picture.visible(PAYMENTS, asker)))
    return found[0] if found else None


@queries.answer
def payments(
    picture: Picture, asker: Asker, platform: str = "", after_ms: int = 0, offset: int = 0, limit: int = 50
) -> list[dict[str, Any]]:
    """Payments made at or after an instant, oldest first, at most `limit` (1-500) from `offset` on.

    With `platform` only those for its orders.
    """
    table = picture.table(PAYMENTS)
    wanted = sql.select(table).where(table.c.paid_at_ms >= after_ms, picture.visible(PAYMENTS, asker))
    if platform:
        wanted = wanted.where(table.c.platform == platform)
    wanted = wanted.order_by(table.c.paid_at_ms, table.c.institution, table.c.payment)
    return picture.rows(wanted.offset(max(0, offset)).limit(max(1, min(limit, 500))))


@queries.answer
def refunds(picture: Picture, asker: Asker, institution: str, payment: str) -> list[dict[str, Any]]:
    """The refunds of one payment, oldest first."""
    table = picture.table(REFUNDS)
    wanted = sql.select(table).where(
        table.c.institution == institution, table.c.payment == payment, picture.visible(REFUNDS, asker)
    )
    return picture.rows(wanted.order_by(table.c.refunded_at_ms, table.c.refund))


@queries.answer
def totals_by_currency(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """What came in and what went back, per currency and in its minor units, with the number of payments."""
    table = picture.table(PAYMENTS)
    wanted = sql.select(
        table.c.currency,
        sql.func.count().label("payments"),
        sql.func.sum(table.c.amount_minor).label("paid_minor"),
        sql.func.sum(table.c.refunded_minor).label("refunded_minor"),
    )
    return picture.rows(
        wanted.where(picture.visible(PAYMENTS, asker)).group_by(table.c.currency).order_by(table.c.currency)
    )
