"""Rows of one order brought together, in bounded memory.

Most files keep an order's rows together. A few let a stranger's row in between (the Online Retail file does once), so
an order stays open until `window_rows` rows have passed since its last one. An order that comes back after that is
not merged: its later rows are marked `order_returns`. Groups come out in the order of their first rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sogdia.standards.orders.options import Limits
from sogdia.standards.orders.rows import Row


class Group:
    """Rows with one order number, in file order; faulty rows stand with the order they were found in.

    `fault` is a reason code when none of the rows may become an order; `odd` asks for a closer look at the number.
    """

    __slots__ = ("fault", "key", "last", "odd", "rows")

    def __init__(self, key: str, fault: str = "") -> None:
        self.key = key
        self.fault = fault
        self.odd = len(key) > 60 or not key.isprintable()
        self.rows: list[Row] = []
        self.last = 0


def groups(rows: Iterator[Row], key_at: int, limits: Limits, saw: Callable[[Row], None]) -> Iterator[Group]:
    """Groups of `rows` by the field at `key_at`; `saw` is told of every row as it is read.

    An order of more than `limits.order_lines` rows is given out in pieces marked `order_too_long`.
    """
    open_groups: dict[str, Group] = {}
    closed: dict[str, str] = {}
    group = Group("")
    ripe_at = 0
    for row in rows:
        saw(row)
        key = group.key if row.fault else row.fields[key_at].strip()
        if key != group.key or group.key not in open_groups:
            group = open_groups.get(key) or open_groups.setdefault(key, Group(key, closed.get(key, "")))
        group.rows.append(row)
        group.last = row.number
        if len(group.rows) > limits.order_lines:
            closed[key] = group.fault = group.fault or "order_too_long"
            ripe_at = row.number
        if row.number >= ripe_at:
            yield from _ripe(open_groups, closed, row.number, limits)
            ripe_at = next(iter(open_groups.values())).last + limits.window_rows + 1 if open_groups else 0
    yield from open_groups.values()


def _ripe(open_groups: dict[str, Group], closed: dict[str, str], number: int, limits: Limits) -> Iterator[Group]:
    """Groups at the head of the queue that are over, or too long to be held."""
    while open_groups:
        key, group = next(iter(open_groups.items()))
        if number - group.last <= limits.window_rows and len(group.rows) <= limits.order_lines:
            return
        del open_groups[key]
        if key:
            closed.setdefault(key, "order_returns")
        yield group
