"""What the outside may ask about taxes."""

from typing import Any

import sqlalchemy as sql

from sogdia.core.query import Asker, Picture, Queries
from sogdia.domains.tax.state import BILLS, RULEBOOK

queries = Queries("tax")


@queries.answer
def bill(picture: Picture, asker: Asker, broker: str, list_no: str) -> dict[str, Any] | None:
    """The bill of one released import list, or nothing when there is none or it is not the asker's to see."""
    table = picture.table(BILLS)
    wanted = sql.select(table).where(table.c.broker == broker, table.c.list_no == list_no)
    found = picture.rows(wanted.where(picture.visible(BILLS, asker)))
    return found[0] if found else None


@queries.answer
def bills(picture: Picture, asker: Asker, since_ms: int = 0, offset: int = 0, limit: int = 50) -> list[dict[str, Any]]:
    """Bills since an instant, oldest first, at most `limit` (1-500) from `offset` on."""
    table = picture.table(BILLS)
    wanted = sql.select(table).where(table.c.billed_at_ms >= since_ms, picture.visible(BILLS, asker))
    wanted = wanted.order_by(table.c.billed_at_ms, table.c.broker, table.c.list_no)
    return picture.rows(wanted.offset(max(0, offset)).limit(max(1, min(limit, 500))))


@queries.answer
def totals_by_kind(
    picture: Picture, asker: Asker, day_from: str = "", day_to: str = "9999-12-31"
) -> list[dict[str, Any]]:
    """What was billed of each tax from one day to another, both included, in fen; inside and over the limits apart."""
    table = picture.table(BILLS)
    sums = [sql.func.sum(table.c[name]).label(name) for name in ("duty_fen", "consumption_fen", "vat_fen")]
    wanted = sql.select(table.c.share, sql.func.count().label("bills"), *sums).where(
        table.c.day >= day_from, table.c.day <= day_to, picture.visible(BILLS, asker)
    )
    return picture.rows(wanted.group_by(table.c.share).order_by(table.c.share))


@queries.answer
def rates(picture: Picture, asker: Asker, book: str = "", key: str = "") -> list[dict[str, Any]]:
    """Published rows by book and key, with their days, sources and certainty; `key` is the beginning of a code."""
    table = picture.table(RULEBOOK)
    wanted = sql.select(table).where(table.c.key.startswith(key, autoescape=True), picture.visible(RULEBOOK, asker))
    if book:
        wanted = wanted.where(table.c.book == book)
    return picture.rows(wanted.order_by(table.c.book, table.c.key).limit(500))
