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
from sogdia.mirror.schema import Schema
from sogdia.mirror.text import AUDIENCE

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
        if table.public or any(role in table.roles for role in asker.roles):
            return sql.true()
        if AUDIENCE not in made.c or asker.party is None:
            return sql.false()
        return self._among(made, (asker.party,))

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
        return self._among(table, members) if members else sql.false()

    def _among(self, table: sql.Table, members: tuple[str, ...]) -> sql.ColumnElement[bool]:
        listed = self.schema.members
        return table.c[AUDIENCE].in_(sql.select(listed.c.audience).where(listed.c.member.in_(members)))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
