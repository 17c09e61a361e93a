"""Many numbers at once, read by stretches of neighbours: what one event names is numbered in a row.

A table whose key begins with the number is searched once for each stretch and then read on.
"""

import itertools
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import sqlalchemy as sql
from sqlalchemy.dialects.postgresql import ARRAY

from sogdia.core.codec import json_bytes
from sogdia.mirror.trace.listed import NUMBERS
from sogdia.mirror.trace.view import View, parts

Stretch = tuple[int, int]
_TEXT: Final = sql.Text()


def stretches(numbers: Iterable[int]) -> list[Stretch]:
    """The first and the last of each row of neighbours among these, ascending."""
    order = sorted(set(numbers))
    if not order:
        return []
    if order[-1] - order[0] == len(order) - 1:
        return [(order[0], order[-1])]
    ends = [(last, first) for last, first in itertools.pairwise(order) if first != last + 1]
    firsts, lasts = [order[0], *(first for _, first in ends)], [*(last for last, _ in ends), order[-1]]
    return list(zip(firsts, lasts, strict=True))


class Scan(NamedTuple):
    """What is read of a table whose key begins with `near`: some columns of the rows whose others lie within limits.

    A limit is a column with the least and the greatest value. With `along`, rows that have all columns in common are
    one, and before these stands what the rows have there, as text.
    """

    near: str
    columns: tuple[str, ...]
    limits: tuple[tuple[str, Any, Any], ...] = ()
    along: str = ""


def read(view: View, table: sql.Table, scan: Scan, among: Sequence[Stretch]) -> list[Any]:
    """The rows whose `near` is in one of the stretches, in any order.

    They are the driver's plain tuples, for text and whole numbers: with hundreds of thousands, the rest is most of the
    time.
    """
    found: list[Any] = []
    for part in parts(among):
        result = view.connection.execute(_statement(view.connection.dialect.name, table, scan), _given(view, part))
        found += cast("Any", result.cursor).fetchall()
        result.close()
    return found


def read_shared(
    view: View, table: sql.Table, scan: Scan, among: Sequence[Stretch]
) -> list[tuple[list[Stretch], tuple[Any, ...]]]:
    """What rows have in common, each once, with the stretches of the numbers in `along` that have it.

    Numbers that stand in several parts of a long question may be told apart though they share the rest.
    """
    assert scan.along, "there is something to go along"
    return [(stretches(map(int, row[0].split(","))), row[1:]) for row in read(view, table, scan, among)]


@lru_cache(maxsize=256)
def _statement(dialect: str, table: sql.Table, scan: Scan) -> Any:
    """Made once: for a short question, making it takes longer than its answer."""
    given = _sqlite_given() if dialect == "sqlite" else _postgres_given()
    columns = [table.c[name] for name in scan.columns]
    told = [sql.func.aggregate_strings(sql.cast(table.c[scan.along], _TEXT), ",")] if scan.along else []
    meets = [table.c[scan.near].between(given.c.low, given.c.high)]
    for name, least, greatest in scan.limits:  # not BETWEEN: PostgreSQL takes no collation within it
        meets += [table.c[name] >= least, table.c[name] <= greatest]
    wanted = sql.select(*told, *columns).join_from(given, table, sql.and_(*meets))
    return wanted.group_by(*columns) if scan.along else wanted


def _given(view: View, part: Sequence[Stretch]) -> dict[str, Any]:
    if view.connection.dialect.name == "sqlite":
        return {"given": json_bytes({str(low): high for low, high in part}).decode()}
    return {"low": [low for low, _ in part], "high": [high for _, high in part]}


def _sqlite_given() -> Any:  # names and values of an object are taken apart faster than lists in a list
    each = sql.func.json_each(sql.bindparam("given", type_=_TEXT))
    pairs = each.table_valued(sql.column("key", _TEXT), sql.column("value", NUMBERS))
    return sql.select(sql.cast(pairs.c.key, NUMBERS).label("low"), pairs.c.value.label("high")).subquery()


def _postgres_given() -> Any:
    lists = [sql.cast(sql.bindparam(name, type_=ARRAY(NUMBERS)), ARRAY(NUMBERS)) for name in ("low", "high")]
    made = sql.func.unnest(*lists).table_valued(sql.column("low", NUMBERS), sql.column("high", NUMBERS))
    return made.render_derived()
