"""What people type to find a trade: the beginning of a number, in capitals or not."""

from typing import Final

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.insight.picture import Pictured
from sogdia.insight.sight import PARTS

_PART_OF: Final = {"order": "order", "sku": "order", "payment": "payment", "waybill": "waybill", "list": "list"}
_HIGHEST: Final = "\U0010ffff"
_TEXT_LIMIT: Final = 200


def found_by(picture: Pictured, asker: Asker, text: str) -> sql.ColumnElement[bool]:
    """That a trade has a number, or sells a SKU, that begins so; only numbers of parts that the asker may see count."""
    trades, numbers = picture.trades.trades, picture.trades.numbers
    beginning = text.upper()[:_TEXT_LIMIT]
    within = sql.and_(numbers.c.number >= beginning, numbers.c.number < beginning + _HIGHEST)
    wanted = sql.select(numbers.c.platform, numbers.c.order).where(within, _readable(picture, asker, numbers))
    return sql.tuple_(trades.c.platform, trades.c.order).in_(wanted)


def _readable(picture: Pictured, asker: Asker, numbers: sql.Table) -> sql.ColumnElement[bool]:
    by_kind = {
        kind: picture.readable(PARTS[part], numbers.c.audience, asker)  # type: ignore[index]
        for kind, part in _PART_OF.items()
    }
    return sql.or_(*(sql.and_(numbers.c.kind == kind, condition) for kind, condition in by_kind.items()))
