"""Tax bills on record, newest first: what a tax authority collects, and from whom."""

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.domains.tax.state import BILLS
from sogdia.insight.picture import Pictured
from sogdia.insight.places import cut, key_at, place_of

LIMIT = 500


class Billed(msgspec.Struct, frozen=True):
    """One bill, in fen; `day` is the legal day whose rates hold.

    Less than the record `Bill`: a list of hundreds reads neither their lines nor how they were rounded.
    """

    broker: str
    list_no: str
    seller: str
    platform: str
    order: str
    payer: str
    invt_no: str
    day: str
    share: str
    duty_fen: int
    consumption_fen: int
    vat_fen: int
    billed_at_ms: int

    @property
    def total_fen(self) -> int:
        """All taxes together."""
        return self.duty_fen + self.consumption_fen + self.vat_fen

    @property
    def place(self) -> str:
        """How the next page names this row."""
        return place_of(self.billed_at_ms, self.broker, self.list_no)


def bills(
    picture: Pictured, asker: Asker, day_from: str = "", day_to: str = "", after: str = "", limit: int = 50
) -> tuple[list[Billed], str]:
    """At most `limit` (1-500) bills of these days, both included, and the place to go on from, empty at the end."""
    table, limit = picture.table(BILLS), max(1, min(limit, LIMIT))
    wanted = sql.select(*(table.c[name] for name in Billed.__struct_fields__)).where(picture.visible(BILLS, asker))
    if day_from:
        wanted = wanted.where(table.c.day >= day_from)
    if day_to:
        wanted = wanted.where(table.c.day <= day_to)
    key = (table.c.billed_at_ms, table.c.broker, table.c.list_no)
    last = key_at(after, tuple[int, str, str])
    if last is not None:
        wanted = wanted.where(sql.tuple_(*key) < sql.tuple_(*last))
    rows = picture.rows(wanted.order_by(*(one.desc() for one in key)).limit(limit + 1))
    return cut([Billed(**row) for row in rows], limit)
