"""What people type to find a trade: the beginning of a number, with or without its `#`, or its end; in any case."""

from typing import Final

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.insight.picture import Pictured
from sogdia.insight.sight import PARTS

_PART_OF: Final = {"order": "order", "sku": "order", "payment": "payment", "waybill": "waybill", "list": "list"}
_HIGHEST: Final = "\U0010ffff"
_TEXT_LIMIT: Final = 200
END_CHARS: Final = 4
"""So many characters of a number's end find it."""


def found_by(picture: Pictured, asker: Asker, text: str) -> sql.ColumnElement[bool]:
    """That a trade has a number, or sells a SKU, that begins so; only numbers of parts that the asker may see count.

    Of a number, the last four characters or more find it as well.
    """
    trades, numbers = picture.trades.trades, picture.trades.numbers
    typed = text.upper()[:_TEXT_LIMIT]
    # Each way is a question of its own, so that each has its index.
    ways = [begins(numbers.c.number, one) for one in _beginnings(typed)]
    if len(typed) >= END_CHARS:
        ways.append(begins(numbers.c.turned, typed[::-1]))
    readable = _readable(picture, asker, numbers)
    found = [sql.select(numbers.c.platform, numbers.c.order).where(way, readable) for way in ways]
    return sql.tuple_(trades.c.platform, trades.c.order).in_(sql.union(*found))


def _beginnings(typed: str) -> tuple[str, ...]:
    """The text, and the same with the sign that shops set before a number, or without it."""
    other = typed.removeprefix("#") if typed.startswith("#") else f"#{typed}"
    return (typed, other) if other else (typed,)


def begins(column: "sql.ColumnElement[str]", text: str) -> sql.ColumnElement[bool]:
    """That a column begins with this text, told as a stretch of it, which an index knows."""
    return sql.and_(column >= text, column < text + _HIGHEST)


def _readable(picture: Pictured, asker: Asker, numbers: sql.Table) -> sql.ColumnElement[bool]:
    by_kind = {
        kind: picture.readable(PARTS[part], numbers.c.audience, asker)  # type: ignore[index]
        for kind, part in _PART_OF.items()
    }
    return sql.or_(*(sql.and_(numbers.c.kind == kind, condition) for kind, condition in by_kind.items()))
