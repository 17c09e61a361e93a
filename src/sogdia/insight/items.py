"""What an exception looks like wherever it comes from, and how a kind of exceptions is counted and paged through."""

from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.insight.moment import Moment
from sogdia.insight.picture import Pictured
from sogdia.insight.places import cut, key_at, place_of
from sogdia.insight.troubles import Severity

ITEMS_LIMIT: Final = 500


class Item(msgspec.Struct, frozen=True):
    """One exception: `record` is the table and key behind it, `said` what a sentence about it needs.

    `since_ms` is when it began, or for what ends, when it ends. `place` names it for the next page.
    """

    kind: str
    severity: Severity
    since_ms: int
    record: tuple[str, ...]
    said: dict[str, Any]
    place: str


class Items(msgspec.Struct, frozen=True):
    """Some exceptions of one kind, oldest first, and the place to go on from, empty at the end."""

    rows: tuple[Item, ...]
    after: str


class Source(Protocol):
    """Where the exceptions of one kind come from."""

    severity: Severity

    def count(self, picture: Pictured, asker: Asker, moment: Moment) -> int:
        """How many there are."""
        ...

    def page(self, picture: Pictured, asker: Asker, moment: Moment, after: str, limit: int) -> Items:
        """At most so many, those after a place."""
        ...


class Listed:
    """A kind whose exceptions are few and made in Python: all are found, then cut into pages."""

    def __init__(
        self, kind: str, severity: Severity, find: Callable[[Pictured, Asker, Moment], list[tuple[int, Any, Any]]]
    ) -> None:
        self.kind, self.severity, self._find = kind, severity, find

    def count(self, picture: Pictured, asker: Asker, moment: Moment) -> int:
        """How many there are."""
        return len(self._find(picture, asker, moment))

    def page(self, picture: Pictured, asker: Asker, moment: Moment, after: str, limit: int) -> Items:
        """At most so many, those after a place, by instant and key."""
        found = [
            Item(self.kind, self.severity, since, record, said, place_of(since, *record[1:]))
            for since, record, said in self._find(picture, asker, moment)
        ]
        found.sort(key=_ranked)
        last = _split(after)
        rest = found if last is None else [one for one in found if _ranked(one) > last]
        return _page(rest, limit)


class Selected:
    """A kind whose exceptions are rows of a select; it gives `since_ms` and the key, by which it is ordered.

    `build` gives the select, the column that says since when, and the key's columns; `record` names the table.
    """

    def __init__(
        self,
        kind: str,
        severity: Severity,
        record: str,
        build: Callable[
            [Pictured, Asker, Moment], tuple[sql.Select[Any], sql.ColumnElement[Any], list[sql.ColumnElement[Any]]]
        ],
    ) -> None:
        self.kind, self.severity, self._record, self._build = kind, severity, record, build

    def count(self, picture: Pictured, asker: Asker, moment: Moment) -> int:
        """How many there are."""
        statement, _, _ = self._build(picture, asker, moment)
        counted = statement.with_only_columns(sql.func.count().label("rows"), maintain_column_froms=True)
        return int(picture.rows(counted)[0]["rows"])

    def page(self, picture: Pictured, asker: Asker, moment: Moment, after: str, limit: int) -> Items:
        """At most so many, those after a place."""
        statement, since, key = self._build(picture, asker, moment)
        last = _split(after)
        if last is not None and len(last[1]) == len(key):
            statement = statement.where(sql.tuple_(since, *key) > sql.tuple_(last[0], *last[1]))
        statement = statement.add_columns(
            since.label("since_ms"), *(one.label(f"key_{n}") for n, one in enumerate(key))
        )
        rows = picture.rows(statement.order_by(since, *key).limit(limit + 1))
        return _page([self._item(row, len(key)) for row in rows], limit)

    def _item(self, row: dict[str, Any], parts: int) -> Item:
        record = (self._record, *(str(row[f"key_{number}"]) for number in range(parts)))
        said = {name: value for name, value in row.items() if not name.startswith("key_") and name != "since_ms"}
        since = int(row["since_ms"])
        return Item(self.kind, self.severity, since, record, said, place_of(since, *record[1:]))


def _split(after: str) -> tuple[int, tuple[str, ...]] | None:
    """Instant and key of a place; None for the beginning and for what is no place."""
    since, *key = key_at(after, list[int | str]) or [""]
    return (since, tuple(map(str, key))) if isinstance(since, int) else None


def _page(found: list[Item], limit: int) -> Items:
    rows, after = cut(found, max(1, min(limit, ITEMS_LIMIT)))
    return Items(tuple(rows), after)


def _ranked(one: Item) -> tuple[int, tuple[str, ...]]:
    return one.since_ms, one.record[1:]
