"""What queries see of the mirror."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.state import Table
from sogdia.mirror.audiences import role_members
from sogdia.mirror.batch import Place
from sogdia.mirror.database import reading_engine
from sogdia.mirror.errors import BadSchema
from sogdia.mirror.schema import Schema
from sogdia.mirror.text import AUDIENCE
from sogdia.mirror.trades.index import TradeIndex
from sogdia.mirror.trades.tables import TradeTables

READERS: Final = 8
"""Connections that one picture opens at most."""
_decode_place = msgspec.json.Decoder(Place).decode


class SqlPicture:
    """The SQL picture of the record (core.query.Picture), for any number of threads, read only."""

    def __init__(
        self, url: str, tables: Iterable[Table[Any]] | Mapping[str, Table[Any]] | Schema, readers: int = READERS
    ) -> None:
        self.schema = tables if isinstance(tables, Schema) else Schema(tables)
        self.transactions = self.schema.transactions
        self.events = self.schema.events
        self._engine = reading_engine(url, readers)

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def table(self, table: Table[Any]) -> sql.Table:
        """The SQL table of these records."""
        return self.schema.table(table)

    def visible(self, table: Table[Any], asker: Asker) -> sql.ColumnElement[bool]:
        """The condition that keeps only rows which the asker may see."""
        made = self.schema.table(table)
        return self.readable(table, made.c.get(AUDIENCE), asker)

    def readable(
        self, table: Table[Any], audience: sql.ColumnElement[Any] | None, asker: Asker
    ) -> sql.ColumnElement[bool]:
        """As `visible`, where the audience of such a row stands in another table's column."""
        if table.public or any(role in table.roles for role in asker.roles):
            return sql.true()
        if audience is None or asker.party is None:
            return sql.false()
        return self._among(audience, (asker.party,))

    @property
    def trades(self) -> TradeTables:
        """The tables of trades; BadSchema when this mirror does not hold every part of a trade."""
        for one in self.schema.derived:
            if isinstance(one, TradeIndex):
                return one.tables
        raise BadSchema("this mirror has no table of trades; not every part of a trade was given to it")

    def visible_transactions(self, asker: Asker) -> sql.ColumnElement[bool]:
        """Keeps transactions that the asker signed or whose events it may hear."""
        return self._heard(self.transactions, asker)

    def visible_events(self, asker: Asker) -> sql.ColumnElement[bool]:
        """Keeps events that name the asker or one of its roles."""
        return self._heard(self.events, asker)

    def rows(self, statement: sql.Select[Any]) -> list[dict[str, Any]]:
        """Run a select; nested values come back decoded, whole numbers as int from both databases."""
        with self._engine.connect() as connection:
            result = connection.execute(statement)
            names = list(result.keys())
            return [
                {name: _plain(value) for name, value in zip(names, row, strict=True) if name != AUDIENCE}
                for row in result
            ]

    def connected(self) -> sql.Connection:
        """A connection for several statements; close it, or use it in `with`."""
        return self._engine.connect()

    def place(self) -> Place:
        """How far the picture goes; height 0 before anything was written."""
        notes = self.schema.state
        with self._engine.connect() as connection:
            if not sql.inspect(connection).has_table(notes.name):
                return Place()
            found = connection.execute(sql.select(notes.c.value).where(notes.c.name == "place")).scalar_one_or_none()
        return Place() if found is None else _decode_place(found)

    def _heard(self, table: sql.Table, asker: Asker) -> sql.ColumnElement[bool]:
        party = () if asker.party is None else (asker.party,)
        members = party + role_members(tuple(asker.roles))
        return self._among(table.c[AUDIENCE], members) if members else sql.false()

    def _among(self, audience: sql.ColumnElement[Any], members: tuple[str, ...]) -> sql.ColumnElement[bool]:
        listed = self.schema.members
        return audience.in_(sql.select(listed.c.audience).where(listed.c.member.in_(members)))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
