"""Answers for the outside: read from the mirror, limited to what the asker may see.

A domain's `queries.py` makes one `queries = Queries("orders")` and marks each answer with `@queries.answer`. An answer
takes the picture, the asker and plain parameters, and gives plain data; the HTTP route, the CLI command and the page of
documentation follow from its signature and docstring.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from sogdia.core.state import Table

if TYPE_CHECKING:
    import sqlalchemy as sql

F = TypeVar("F", bound=Callable[..., Any])


class Asker(msgspec.Struct, frozen=True):
    """Who asks: a party with its roles on record, or the public (no party)."""

    party: str | None = None
    roles: tuple[str, ...] = ()


PUBLIC = Asker()


class Picture(Protocol):
    """The SQL picture of the record, as queries see it.

    Each `Table` is a SQL table named like it with `_` for `.`; its columns are the record's fields (nested values as
    JSON text) and `height`, the block that wrote the row last. `transactions` and `events` stand beside them.
    """

    def table(self, table: Table[Any]) -> "sql.Table":
        """The SQL table of these records."""
        ...

    def visible(self, table: Table[Any], asker: Asker) -> "sql.ColumnElement[bool]":
        """The condition that keeps only rows which the asker may see."""
        ...

    def rows(self, statement: "sql.Select[Any]") -> list[dict[str, Any]]:
        """Run a select; nested values come back decoded."""
        ...


class Queries:
    """The answers of one domain, by name."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.answers: dict[str, Callable[..., Any]] = {}

    def answer(self, function: F) -> F:
        """Mark an answer; its name is the query's name."""
        self.answers[function.__name__] = function
        return function


def may_see(table: Table[Any], record: Any, asker: Asker) -> bool:
    """Whether the asker may read this record."""
    if table.public or any(role in table.roles for role in asker.roles):
        return True
    return asker.party is not None and asker.party in table.readers(record)
