"""Many values in one statement, in either database: a list that is joined like a table, with one parameter or two."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects.postgresql import ARRAY

from sogdia.core.codec import json_bytes
from sogdia.mirror.text import TEXT

NUMBERS = sql.BigInteger()


def listed(connection: sql.Connection, values: Iterable[Any], kind: Any = NUMBERS) -> Any:
    """A table of one column, `value`."""
    if connection.dialect.name == "sqlite":
        given = sql.literal(json_bytes(list(values)).decode(), sql.Text())
        return sql.func.json_each(given).table_valued(sql.column("value", kind))
    return _unnest([list(values)], [("value", kind)])


def listed_rows(connection: sql.Connection, rows: Sequence[Sequence[Any]], **columns: Any) -> Any:
    """A table of several columns, by name and type; whole numbers and text, None where there is nothing."""
    if connection.dialect.name == "sqlite":
        given = sql.func.json_each(sql.literal(json_bytes(rows).decode(), sql.Text())).table_valued("value")
        parts = [
            sql.type_coerce(sql.func.json_extract(given.c.value, f"$[{place}]"), kind).label(name)
            for place, (name, kind) in enumerate(columns.items())
        ]
        return sql.select(*parts).subquery()
    turned = [list(one) for one in zip(*rows, strict=True)] or [[] for _ in columns]
    return _unnest(turned, list(columns.items()))


def _unnest(lists: list[list[Any]], columns: list[tuple[str, Any]]) -> Any:
    given = [
        sql.cast(sql.literal(values, ARRAY(sql.Text() if kind is TEXT else kind)), ARRAY(kind))
        for values, (_, kind) in zip(lists, columns, strict=True)
    ]
    made = sql.func.unnest(*given).table_valued(*[sql.column(name, kind) for name, kind in columns])
    return made.render_derived()
