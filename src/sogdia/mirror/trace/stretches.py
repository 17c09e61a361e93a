"""Many numbers at once, read by stretches of neighbours: what one event names is numbered in a row.

A table whose key begins with the number is searched once for each stretch and then read on.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import sqlalchemy as sql

from sogdia.core.codec import json_bytes
from sogdia.mirror.trace.listed import NUMBERS, listed_rows
from sogdia.mirror.trace.view import View, parts

Stretch = tuple[int, int]
_TEXT: Final = sql.Text()


def stretches(numbers: Iterable[int]) -> list[Stretch]:
    """The first and the last of each row of neighbours among these, ascending."""
    order = sorted(numbers)
    if not order:
        return []
    found: list[Stretch] = []
    first = last = order[0]
    for number in order:
        if number > last + 1:
            found.append((first, last))
            first = number
        last = number
    return [*found, (first, last)]


def read(
    view: View, numbers: Iterable[int], near: Any, columns: Sequence[Any], *conditions: Any, group: Sequence[Any] = ()
) -> list[Any]:
    """Rows of these columns whose `near`, the first part of a table's key, is one of the numbers.

    They are the driver's plain tuples, for text and whole numbers: with hundreds of thousands, the rest is most of the
    time. `group` are columns by which rows are one, `near` among them.
    """
    found: list[Any] = []
    for part in parts(stretches(numbers)):
        given = _given(view.connection, part)
        meets = sql.and_(near >= given.c.low, near <= given.c.high, *conditions)
        wanted = sql.select(*columns).join_from(given, near.table, meets).group_by(*group)
        result = view.connection.execute(wanted)
        found += cast("Any", result.cursor).fetchall()
        result.close()
    return found


def told(*columns: Any) -> Any:
    """What is in these columns of all rows of a group, as one text: `:` between columns, `,` between rows.

    Rows of a group are in any order.
    """
    texts = [sql.cast(one, _TEXT) for one in columns]
    joined: Any = texts[0]
    for one in texts[1:]:
        joined = joined.concat(":").concat(one)
    return sql.func.aggregate_strings(joined, ",")


def _given(connection: sql.Connection, part: Sequence[Stretch]) -> Any:
    if connection.dialect.name == "sqlite":  # names and values of an object are taken apart faster than lists in a list
        text = sql.literal(json_bytes({str(low): high for low, high in part}).decode(), _TEXT)
        each = sql.func.json_each(text).table_valued(sql.column("key", _TEXT), sql.column("value", NUMBERS))
        return sql.select(sql.cast(each.c.key, NUMBERS).label("low"), each.c.value.label("high")).subquery()
    return listed_rows(connection, part, low=NUMBERS, high=NUMBERS)
