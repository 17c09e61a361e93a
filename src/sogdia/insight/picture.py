"""What insight asks of the mirror: the record tables of `core.query.Picture`, transactions, events and trades."""

from typing import TYPE_CHECKING, Any, Protocol

from sogdia.core.query import Asker, Picture
from sogdia.core.state import Table

if TYPE_CHECKING:
    import sqlalchemy as sql


class TradeTables(Protocol):
    """The tables that the mirror derives of trades: one row for each order, its numbers, its events."""

    trades: "sql.Table"
    numbers: "sql.Table"
    steps: "sql.Table"


class Pictured(Picture, Protocol):
    """The whole picture; the mirror's own (`mirror.picture.SqlPicture`) is one."""

    transactions: "sql.Table"
    events: "sql.Table"

    @property
    def trades(self) -> TradeTables:
        """The tables of trades."""
        ...

    def readable(
        self, table: Table[Any], audience: "sql.ColumnElement[Any] | None", asker: Asker
    ) -> "sql.ColumnElement[bool]":
        """The condition that the asker may see this table's row, whose audience stands in another table's column."""
        ...

    def visible_transactions(self, asker: Asker) -> "sql.ColumnElement[bool]":
        """Keeps transactions that the asker signed or whose events it may hear."""
        ...

    def visible_events(self, asker: Asker) -> "sql.ColumnElement[bool]":
        """Keeps events that name the asker or one of its roles."""
        ...
