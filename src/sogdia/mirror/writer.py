"""Writes batches of outcomes into the mirror: rows and height in one SQL transaction, or neither."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sql

from sogdia.core.state import Table
from sogdia.mirror.audiences import Audiences
from sogdia.mirror.batch import Batch, Changed, Place, event_rows, gather, record_rows, transaction_rows
from sogdia.mirror.database import writing_engine
from sogdia.mirror.errors import AnotherWriter
from sogdia.mirror.loaders import loader
from sogdia.mirror.schema import Schema

_log = logging.getLogger(__name__)
_PLACE, _FINGERPRINT, _TABLES = "place", "fingerprint", "tables"
_decode_place = msgspec.json.Decoder(Place).decode


class Writer:
    """The one writer of a mirror, on one connection. After any error it is spent: close it and open another.

    Opening makes the tables when there are none, and drops and makes them anew when the record types have changed;
    `rebuilt` then says why.
    """

    def __init__(self, url: str, tables: Iterable[Table[Any]] | Mapping[str, Table[Any]] | Schema) -> None:
        self.schema = tables if isinstance(tables, Schema) else Schema(tables)
        self.place = Place()
        self.rebuilt = ""
        self._engine = writing_engine(url)
        self._loader = loader(self._engine.dialect, self.schema)
        self._audiences = Audiences(self.schema)
        self._derivers = [one.deriver() for one in self.schema.derived]
        self._connection = self._engine.connect()
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection; what was not committed is undone."""
        self._connection.close()
        self._engine.dispose()

    def apply(self, outcomes: Sequence[bytes]) -> Place:
        """Write the outcomes that follow the last one written, and return the new place."""
        batch = gather(self.schema, outcomes, self.place)
        with self._connection.begin():
            self._claim()
            self._write(batch)
            self._note(_PLACE, _text(batch.place))
        self.place = batch.place
        return batch.place

    def rebuild(self, reason: str) -> None:
        """Drop every table and stand at height 0 again; readers see the old rows until this is done."""
        _log.warning("rebuilding the mirror from height 0: %s", reason)
        with self._connection.begin():
            self._loader.begin(self._connection)
            self._make_anew()
            self._go_on()
        self.place, self.rebuilt = Place(), reason

    # -- opening -------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        with self._connection.begin():
            self._loader.open(self._connection)
            self.schema.state.create(self._connection, checkfirst=True)
            made_of, place = self._noted(_FINGERPRINT), self._noted(_PLACE)
            if made_of != self._fingerprint() or place is None:
                self._say_why(made_of)
                self._make_anew()
            else:
                self.place = _decode_place(place)
            self._go_on()

    def _go_on(self) -> None:
        """Count on from what is there."""
        self._audiences.open(self._connection)
        for one in self._derivers:
            one.open(self._connection)

    def _say_why(self, made_of: str | None) -> None:
        if made_of is not None:
            self.rebuilt = "the record types have changed"
            _log.warning("rebuilding the mirror from height 0: %s", self.rebuilt)

    def _make_anew(self) -> None:
        quote = self._connection.dialect.identifier_preparer.quote
        noted = self._noted(_TABLES)
        stale = set(self.schema.names()) | set(msgspec.json.decode(noted) if noted else ())
        for name in sorted(stale):
            self._connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(name)}")
        self.schema.metadata.create_all(self._connection)
        self._note(_TABLES, msgspec.json.encode(self.schema.names()).decode())
        self._note(_FINGERPRINT, self._fingerprint())
        self._note(_PLACE, _text(Place()))

    def _fingerprint(self) -> str:
        return self.schema.fingerprint(self._engine.dialect)

    # -- notes of the mirror's own -------------------------------------------------------------------------------

    def _claim(self) -> None:
        """Begin to write, unless somebody else moved the mirror since."""
        self._loader.begin(self._connection)
        found = self._noted(_PLACE)
        if found is None or _decode_place(found) != self.place:
            raise AnotherWriter(_text(self.place), found)

    def _noted(self, name: str) -> str | None:
        notes = self.schema.state
        wanted = sql.select(notes.c.value).where(notes.c.name == name).with_for_update()
        found: str | None = self._connection.execute(wanted).scalar_one_or_none()
        return found

    def _note(self, name: str, value: str) -> None:
        notes = self.schema.state
        changed = self._connection.execute(sql.update(notes).where(notes.c.name == name).values(value=value))
        if not changed.rowcount:
            self._connection.execute(sql.insert(notes).values(name=name, value=value))

    # -- rows ----------------------------------------------------------------------------------------------------

    def _write(self, batch: Batch) -> None:
        numbers = self._audiences.numbers(self._connection, batch.named())
        for changed in batch.changed:
            self._delete(changed)
            if changed.written:
                self._loader.put(self._connection, changed.shape.sql, record_rows(changed, numbers))
        for one in self._derivers:
            one.apply(self._connection, self._loader, batch, numbers)
        if batch.decided:
            schema, decided = self.schema, batch.decided
            self._loader.add(self._connection, schema.transactions, transaction_rows(decided, numbers))
            self._loader.add(self._connection, schema.events, event_rows(decided, numbers))

    def _delete(self, changed: Changed) -> None:
        if not changed.gone:
            return
        key = list(changed.shape.sql.primary_key)
        named = [f"key_{number}" for number in range(len(key))]
        statement = sql.delete(changed.shape.sql).where(
            *(column == sql.bindparam(name) for column, name in zip(key, named, strict=True))
        )
        self._connection.execute(statement, [dict(zip(named, parts, strict=True)) for parts in changed.gone])


def _text(place: Place) -> str:
    return msgspec.json.encode(place).decode()
