"""Containment and association as intervals: what begins with an event ends with the first later one that ends it."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sql

from sogdia.mirror.trace.listed import NUMBERS, listed_rows
from sogdia.mirror.trace.tables import TraceTables

if TYPE_CHECKING:
    from sogdia.mirror.loaders import Loader

ANY = 0
"""In a closing: whatever child, or whatever parent."""


class Opening(NamedTuple):
    """An edge by its key: from `src` to `dst` since `t0` by event `seq`."""

    src: int
    kind: int
    dst: int
    t0: int
    seq: int


class Closing(NamedTuple):
    """What ends intervals at a time, by event `seq`."""

    child: int
    parent: int
    kind: int
    time_us: int
    seq: int


class Change(NamedTuple):
    """Intervals that begin and ends that come, or both taken back; no key is in it twice."""

    openings: Sequence[Opening]
    closings: Sequence[Closing]


class Intervals:
    """Keeps the ends of the intervals that a change touches."""

    def __init__(self, tables: TraceTables) -> None:
        self._tables = tables

    def change(self, connection: sql.Connection, loader: "Loader", come: Change, gone: Change) -> None:
        """Put in what comes and take out what goes; then every interval ends where it should."""
        tables = self._tables
        delete(connection, tables.fwd, gone.openings, Opening._fields)
        delete(connection, tables.rev, gone.openings, Opening._fields)
        delete(connection, tables.closings, gone.closings, Closing._fields)
        if come.closings:
            loader.add(connection, tables.closings, come.closings)
        there = self._touched(connection, (*come.closings, *gone.closings))
        ends = self._ends(connection, (*come.openings, *there)) if come.openings or there else _Ends()
        if come.openings:
            begun = [(one, ends.after(one)) for one in come.openings]
            loader.add(connection, tables.fwd, [(*one, end) for one, end in begun])
            loader.add(connection, tables.rev, [_turned(one, end) for one, end in begun])
        moved = [(one, end) for one, before in there.items() if (end := ends.after(one)) != before]
        if moved:
            loader.put(connection, tables.fwd, [(*one, end) for one, end in moved])
            loader.put(connection, tables.rev, [_turned(one, end) for one, end in moved])

    def _touched(self, connection: sql.Connection, closings: Iterable[Closing]) -> dict[Opening, int | None]:
        """The intervals on record that these may end, with the ends that they have."""
        pairs, parents, children = set(), set(), set()
        for one in closings:
            if one.child == ANY:
                parents.add((one.parent, one.kind))
            elif one.parent == ANY:
                children.add((one.child, one.kind))
            else:
                pairs.add((one.parent, one.kind, one.child))
        found: dict[Opening, int | None] = {}
        for table, given, names in (
            (self._tables.fwd, pairs, ("src", "kind", "dst")),
            (self._tables.fwd, parents, ("src", "kind")),
            (self._tables.rev, children, ("dst", "kind")),
        ):
            if given:
                found.update(_edges(connection, table, sorted(given), names))
        return found

    def _ends(self, connection: sql.Connection, edges: Iterable[Opening]) -> "_Ends":
        keys: dict[tuple[int, int, int], None] = {}
        for src, kind, dst, _, _ in edges:
            keys[dst, src, kind] = keys[dst, ANY, kind] = keys[ANY, src, kind] = None
        closings = self._tables.closings
        asked = listed_rows(connection, list(keys), child=NUMBERS, parent=NUMBERS, kind=NUMBERS)
        same = [closings.c[name] == asked.c[name] for name in ("child", "parent", "kind")]
        wanted = sql.select(closings).join_from(asked, closings, sql.and_(*same))
        ends = _Ends()
        for child, parent, kind, time_us, seq in connection.execute(wanted):
            ends.setdefault((child, parent, kind), []).append((time_us, seq))
        for one in ends.values():
            one.sort()
        return ends


class _Ends(dict[tuple[int, int, int], list[tuple[int, int]]]):
    """Times and events of closings, ascending, by child, parent and kind."""

    def after(self, one: Opening) -> int | None:
        """Where an interval ends; None while it lasts."""
        if not self:
            return None
        src, kind, dst, t0, seq = one
        begin, found = (t0, seq), []
        for key in ((dst, src, kind), (dst, ANY, kind), (ANY, src, kind)):
            ends = self.get(key)
            if ends is not None and (place := bisect_right(ends, begin)) < len(ends):
                found.append(ends[place][0])
        return min(found, default=None)


def delete(connection: sql.Connection, table: sql.Table, rows: Sequence[Any], names: Sequence[str]) -> None:
    """Delete rows by these columns; the rows hold them in this order."""
    if rows:
        bound = [table.c[name] == sql.bindparam(f"old_{name}") for name in names]
        given = [{f"old_{name}": value for name, value in zip(names, row, strict=True)} for row in rows]
        connection.execute(sql.delete(table).where(*bound), given)


def _turned(one: Opening, end: int | None) -> tuple[Any, ...]:
    src, kind, dst, t0, seq = one
    return dst, kind, src, t0, seq, end


def _edges(
    connection: sql.Connection, table: sql.Table, given: Sequence[Sequence[int]], names: Sequence[str]
) -> dict[Opening, int | None]:
    asked = listed_rows(connection, given, **dict.fromkeys(names, NUMBERS))
    same = sql.and_(*(table.c[name] == asked.c[name] for name in names))
    columns = [table.c[name] for name in (*Opening._fields, "t1")]
    rows = connection.execute(sql.select(*columns).join_from(asked, table, same))
    return {Opening(*row[:5]): row[5] for row in rows}
