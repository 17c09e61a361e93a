"""Records of one trade, read from the picture as far as the asker may see them."""

from typing import Any, TypeVar

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.state import Record, Table
from sogdia.insight.picture import Pictured

R = TypeVar("R", bound=Record)
Row = dict[str, Any]


def rows_of(picture: Pictured, asker: Asker, table: Table[Any], **equals: str) -> list[Row]:
    """The rows with these values that the asker may see, by key."""
    made = picture.table(table)
    wanted = sql.select(made).where(*(made.c[name] == value for name, value in equals.items()))
    return picture.rows(wanted.where(picture.visible(table, asker)).order_by(*made.primary_key))


def record_of(table: Table[R], row: Row | None) -> R | None:
    """The record that a row pictures."""
    if row is None:
        return None
    values = [row[name] for name in table.record.__struct_fields__]
    return msgspec.convert(values, table.record, strict=False)


def may_see_all(table: Table[Any], asker: Asker) -> bool:
    """Whether the asker's roles show it every record of a table, so that what it does not see is not there."""
    return table.public or any(role in table.roles for role in asker.roles)
