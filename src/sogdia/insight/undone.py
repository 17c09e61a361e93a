"""Trades on which a party has something to sign: lists that a broker declares, parcels that a carrier reports on."""

from typing import Final, Literal

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS
from sogdia.insight.moment import Moment
from sogdia.insight.orders import Filter, Trade, conditions, trade_columns, trade_of
from sogdia.insight.picture import Pictured
from sogdia.insight.reading import Row, rows_of
from sogdia.insight.sight import Sight

Work = Literal["declare", "report"]
AT_A_TIME: Final = 100
"""Trades that are shown, and signed, in one go; the rest come after them."""


def undone(
    picture: Pictured, asker: Asker, moment: Moment, work: Work, wanted: Filter, limit: int = AT_A_TIME
) -> tuple[list[Trade], bool]:
    """At most `limit` (1-100) trades that wait for this of the asker, the oldest first, and whether there are more.

    To declare: no list, or a rejected one, where the asker may know it. To report: the asker's own parcel is under way.
    """
    limit = max(1, min(limit, AT_A_TIME))
    sight = Sight(picture, asker)
    made = sight.table.c
    is_own = sql.and_(made.carrier == asker.party, made.open_since_ms.is_not(None))
    waits = sight.waits_for("list") if work == "declare" else is_own
    chosen = sql.select(*trade_columns(sight, moment)).where(waits, *conditions(picture, asker, sight, wanted, moment))
    ordered = chosen.order_by(made.began_at_ms, made.platform, made.order).limit(limit + 1)
    rows = [trade_of(row) for row in picture.rows(ordered)]
    return rows[:limit], len(rows) > limit


def newest_list(picture: Pictured, asker: Asker, direction: str) -> Row | None:
    """What the asker declared last as a broker in this direction (import, export), or None."""
    made = picture.trades.trades.c
    wanted = sql.select(made.list_no).where(made.broker == asker.party, made.direction == direction)
    found = picture.rows(wanted.order_by(made.began_at_ms.desc()).limit(1))
    if not found or asker.party is None:
        return None
    table = IMPORT_LISTS if direction == "import" else EXPORT_LISTS
    rows = rows_of(picture, asker, table, broker=asker.party, list_no=found[0]["list_no"])
    return rows[0] if rows else None
