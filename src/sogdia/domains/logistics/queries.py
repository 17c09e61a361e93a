"""What the outside may ask about waybills."""

from typing import Any

import sqlalchemy as sql

from sogdia.core.query import Asker, Picture, Queries
from sogdia.domains.logistics.state import ENDED, WAYBILLS

queries = Queries("logistics")


@queries.answer
def waybill(picture: Picture, asker: Asker, carrier: str, waybill: str) -> dict[str, Any] | None:
    """One waybill with its reports, or nothing when it is not on record or not the asker's to see."""
    table = picture.table(WAYBILLS)
    wanted = sql.select(table).where(table.c.carrier == carrier, table.c.waybill == waybill)
    found = picture.rows(wanted.where(picture.visible(WAYBILLS, asker)))
    return found[0] if found else None


@queries.answer
def waybills_of_order(picture: Picture, asker: Asker, platform: str, order: str) -> list[dict[str, Any]]:
    """The parcels of one order, oldest first."""
    table = picture.table(WAYBILLS)
    wanted = sql.select(table).where(
        table.c.platform == platform, table.c.order == order, picture.visible(WAYBILLS, asker)
    )
    return picture.rows(wanted.order_by(table.c.issued_at_ms, table.c.carrier, table.c.waybill))


@queries.answer
def waybills(
    picture: Picture, asker: Asker, status: str = "", after_ms: int = 0, offset: int = 0, limit: int = 50
) -> list[dict[str, Any]]:
    """Waybills issued at or after an instant, oldest first, at most `limit` (1-500) from `offset` on.

    With `status` only the parcels that are in it.
    """
    table = picture.table(WAYBILLS)
    wanted = sql.select(table).where(table.c.issued_at_ms >= after_ms, picture.visible(WAYBILLS, asker))
    if status:
        wanted = wanted.where(table.c.status == status)
    wanted = wanted.order_by(table.c.issued_at_ms, table.c.carrier, table.c.waybill)
    return picture.rows(wanted.offset(max(0, offset)).limit(max(1, min(limit, 500))))


@queries.answer
def totals_by_status(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """How many parcels are in each status, and their gross weight in grams, most first."""
    table = picture.table(WAYBILLS)
    count, weight = sql.func.count().label("parcels"), sql.func.sum(table.c.gross_weight_grams)
    wanted = sql.select(table.c.status, count, weight.label("gross_weight_grams"))
    return picture.rows(
        wanted.where(picture.visible(WAYBILLS, asker)).group_by(table.c.status).order_by(count.desc(), table.c.status)
    )


@queries.answer
def late_parcels(picture: Picture, asker: Asker, issued_before_ms: int, limit: int = 50) -> list[dict[str, Any]]:
    """Parcels issued before an instant that have neither arrived nor come home, oldest first, at most `limit` (1-500).

    `status_at_ms` tells since when nothing was heard of them.
    """
    table = picture.table(WAYBILLS)
    wanted = sql.select(table).where(
        table.c.issued_at_ms < issued_before_ms, table.c.status.not_in(ENDED), picture.visible(WAYBILLS, asker)
    )
    wanted = wanted.order_by(table.c.issued_at_ms, table.c.carrier, table.c.waybill)
    return picture.rows(wanted.limit(max(1, min(limit, 500))))
