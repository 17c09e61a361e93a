"""The rows that the world of goods leaves in the trace index, made without reading its events.

Ten million items through the writer take most of an hour; their rows alone, a few minutes. Entries and values are those
that the index's own code makes of one event of each kind, with numbers, times and names put in. A test has the writer
read a small world and compares the tables.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from bench.goods import (
    A_DAY_US,
    AN_HOUR_US,
    CASES_PER_LOT,
    ITEM_GTIN,
    LOTS_PER_PALLET,
    PARTIES,
    PER_CASE,
    PLACES,
    PLANT,
    RAW_GTIN,
    SECOND_US,
    Goods,
    born,
    case_seq,
    case_uri,
    case_us,
    event_id,
    item_uri,
    loaded,
    lot_name,
    lot_seq,
    lot_uri,
    lot_us,
    made,
    order_uri,
    packed,
    pallet_seq,
    pallet_uri,
    pallet_us,
    party_uri,
    place_uri,
    raw_uri,
    received,
    shipped,
)
from sogdia.core.state import Table
from sogdia.mirror.audiences import Audiences
from sogdia.mirror.database import writing_engine
from sogdia.mirror.loaders import loader
from sogdia.mirror.schema import Schema
from sogdia.mirror.trace.arrivals import Arrival
from sogdia.mirror.trace.index import TraceIndex
from sogdia.mirror.trace.rows import entry_row, read, value_rows
from sogdia.mirror.trace.things import spelled
from sogdia.mirror.trace.words import Kind, Link, Role
from sogdia.mirror.writer import Writer

Row = tuple[Any, ...]
READERS: Final = (PLANT, ())
"""Who may read each event, as its record names them: the party, and nobody that it shares it with."""
_CASES_PER_PALLET: Final = LOTS_PER_PALLET * CASES_PER_LOT
_MEMBER, _HOLDS, _USED, _MADE = (int(one) for one in (Link.MEMBER, Link.HOLDS, Link.USED, Link.MADE))
_NOTHING: Final = (None, None)
_KILOGRAMS: Final = ("10", "KGM"), ("40", "KGM")


def recorded_ms(seq: int) -> int:
    """When an event comes on record."""
    return 1_000 + seq


def fill(url: str, tables: Mapping[str, Table[Any]] | tuple[Table[Any], ...], goods: Goods) -> None:
    """Make a mirror in a new SQLite file whose trace index holds the goods; it has no records of their events."""
    Writer(url, tables).close()
    schema = Schema(tables)
    index = next(one for one in schema.derived if isinstance(one, TraceIndex))
    engine = writing_engine(url)
    with engine.connect() as connection:
        # A file that is thrown away after a failure needs no journal.
        driver: Any = connection.connection.driver_connection
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-524288"):
            driver.execute(f"PRAGMA {pragma}").fetchall()
        with connection.begin():
            _fill(connection, schema, index, goods)
    engine.dispose()


def _fill(connection: sql.Connection, schema: Schema, index: TraceIndex, goods: Goods) -> None:
    write, tables = loader(connection.dialect, schema), index.tables
    audiences = Audiences(schema)
    audiences.open(connection)
    rows = _Rows(goods, audiences.numbers(connection, {READERS})[READERS])
    write.add(connection, tables.things, rows.things())
    write.add(connection, tables.postings, rows.postings())
    write.add(connection, tables.fwd, rows.forward())
    write.add(connection, tables.rev, rows.back())
    write.add(connection, tables.entries, rows.entries())
    write.add(connection, tables.values, rows.values())


class _Rows:
    # Things are numbered by kind, so that all tables are filled in the order of their keys.

    def __init__(self, goods: Goods, audience: int) -> None:
        self._goods, self._audience = goods, audience
        self._fixed = [
            f"https://id.gs1.org/01/{RAW_GTIN}", f"https://id.gs1.org/01/{ITEM_GTIN}",
            *map(place_uri, range(PLACES)), *map(party_uri, range(PARTIES)),
        ]  # fmt: skip
        self._raw = 1 + len(self._fixed)
        self._lot = self._raw + goods.raws + 1
        self._case = self._lot + goods.lots
        self._pallet = self._case + goods.cases
        self._item = self._pallet + goods.pallets

    def things(self) -> Iterator[Row]:
        goods = self._goods
        for number, uri in enumerate(self._fixed, 1):
            yield number, uri, int(spelled(uri).kind), None
        for raw in range(goods.raws + 1):
            yield self._raw + raw, raw_uri(raw), int(Kind.LOT_CLASS), 1
        for lot in range(goods.lots):
            yield self._lot + lot, lot_uri(lot), int(Kind.LOT_CLASS), 2
        for case in range(goods.cases):
            yield self._case + case, case_uri(case), int(Kind.LOGISTIC_UNIT), None
        for pallet in range(goods.pallets):
            yield self._pallet + pallet, pallet_uri(pallet), int(Kind.LOGISTIC_UNIT), None
        instance = int(Kind.INSTANCE)
        for item in range(goods.items):
            yield self._item + item, item_uri(item), instance, 2

    def postings(self) -> Iterator[Row]:
        goods = self._goods
        used, put_out = _KILOGRAMS
        for raw in range(goods.raws + 1):
            for lot in goods.lots_of(raw):
                yield self._raw + raw, lot_us(lot), lot_seq(lot), int(Role.INPUT_CLASS), 0, *used
        for lot in range(goods.lots):
            yield self._lot + lot, lot_us(lot), lot_seq(lot), int(Role.OUTPUT_CLASS), 0, *put_out
        for case in range(goods.cases):
            thing, pallet = self._case + case, case // _CASES_PER_PALLET
            yield thing, case_us(case) + SECOND_US, case_seq(case) + 1, int(Role.PARENT), 0, *_NOTHING
            yield thing, pallet_us(pallet), pallet_seq(pallet), int(Role.CHILD), 0, *_NOTHING
        for pallet in range(goods.pallets):
            thing, time_us, seq = self._pallet + pallet, pallet_us(pallet), pallet_seq(pallet)
            yield thing, time_us, seq, int(Role.PARENT), 0, *_NOTHING
            yield thing, time_us + AN_HOUR_US, seq + 1, int(Role.EPC), 0, *_NOTHING
            yield thing, time_us + A_DAY_US, seq + 2, int(Role.EPC), 0, *_NOTHING
        epc, child = int(Role.EPC), int(Role.CHILD)
        for case in range(goods.cases):
            time_us, seq, first = case_us(case), case_seq(case), self._item + case * PER_CASE
            later_us, later = time_us + SECOND_US, seq + 1
            for thing in range(first, first + PER_CASE):
                yield thing, time_us, seq, epc, 0, None, None
                yield thing, later_us, later, child, 0, None, None

    def forward(self) -> Iterator[Row]:
        goods = self._goods
        for lot in range(goods.lots - 1, -1, -1):
            yield -lot_seq(lot), _MADE, self._lot + lot, lot_us(lot), lot_seq(lot), None
        for raw in range(goods.raws + 1):
            for lot in reversed(goods.lots_of(raw)):
                yield self._raw + raw, _USED, -lot_seq(lot), lot_us(lot), lot_seq(lot), None
        for lot in range(goods.lots):
            for case in range(lot * CASES_PER_LOT, (lot + 1) * CASES_PER_LOT):
                first, time_us, seq = self._item + case * PER_CASE, case_us(case), case_seq(case)
                for item in range(first, first + PER_CASE):
                    yield self._lot + lot, _MEMBER, item, time_us, seq, None
        for case in range(goods.cases):
            first, time_us, seq = self._item + case * PER_CASE, case_us(case) + SECOND_US, case_seq(case) + 1
            for item in range(first, first + PER_CASE):
                yield self._case + case, _HOLDS, item, time_us, seq, None
        for pallet in range(goods.pallets):
            first, time_us, seq = self._case + pallet * _CASES_PER_PALLET, pallet_us(pallet), pallet_seq(pallet)
            for case in range(first, first + _CASES_PER_PALLET):
                yield self._pallet + pallet, _HOLDS, case, time_us, seq, None

    def back(self) -> Iterator[Row]:
        goods = self._goods
        for lot in range(goods.lots - 1, -1, -1):
            for raw in sorted(goods.raws_in(lot)):
                yield -lot_seq(lot), _USED, self._raw + raw, lot_us(lot), lot_seq(lot), None
        for lot in range(goods.lots):
            yield self._lot + lot, _MADE, -lot_seq(lot), lot_us(lot), lot_seq(lot), None
        for case in range(goods.cases):
            pallet = case // _CASES_PER_PALLET
            yield self._case + case, _HOLDS, self._pallet + pallet, pallet_us(pallet), pallet_seq(pallet), None
        for case in range(goods.cases):
            first, time_us, seq = self._item + case * PER_CASE, case_us(case), case_seq(case)
            lot, holder = self._lot + case // CASES_PER_LOT, self._case + case
            later_us, later = time_us + SECOND_US, seq + 1
            for item in range(first, first + PER_CASE):
                yield item, _MEMBER, lot, time_us, seq, None
                yield item, _HOLDS, holder, later_us, later, None

    def entries(self) -> Iterator[Row]:
        numbers = {uri: number for number, uri in enumerate(self._fixed, 1)}
        heads = [entry_row(self._read(one), numbers) for one in self._one_of_each()]
        for seq, kind, time_us, _ in self._in_order():
            head = heads[kind]
            yield seq, head[1], event_id(seq), "", recorded_ms(seq), *head[5:10], time_us, *head[11:]

    def values(self) -> Iterator[Row]:
        kinds = [[row[1:] for row in value_rows(self._read(one))] for one in self._one_of_each()]
        before = {lot_name(0): lot_name, order_uri(0): order_uri}
        with_wide, without = len(kinds[0]), len(kinds[0]) - 2
        quantities = kinds[0]
        for seq, kind, _, number in self._in_order():
            rows = kinds[kind]
            if kind == 0:  # of a lot without the wide raw lot, the first four inputs and the output are there
                width = with_wide if len(self._goods.raws_in(number)) * 2 + 2 == with_wide else without
                rows = [*quantities[: width - 2], *quantities[-2:]]
                rows = [(place, *row[1:]) for place, row in enumerate(rows)]
            for place, path, text, *rest in rows:
                named = before.get(text)
                yield seq, place, path, text if named is None else named(number), *rest

    def _one_of_each(self) -> list[dict[str, Any]]:
        return [made(self._goods, 0), born(0), packed(0), loaded(0), shipped(0), received(0)]

    def _read(self, said: dict[str, Any]) -> Any:
        text = msgspec.json.encode(said).decode()
        return read(1, Arrival(0, 1, PLANT, said["eventID"], "", text, False, self._audience))

    def _in_order(self) -> Iterator[tuple[int, int, int, int]]:
        """Number, kind, time, and the number in its name, of each event."""
        for pallet in range(self._goods.pallets):
            for lot in range(pallet * LOTS_PER_PALLET, (pallet + 1) * LOTS_PER_PALLET):
                yield lot_seq(lot), 0, lot_us(lot), lot
                for case in range(lot * CASES_PER_LOT, (lot + 1) * CASES_PER_LOT):
                    seq, time_us = case_seq(case), case_us(case)
                    yield seq, 1, time_us, lot
                    yield seq + 1, 2, time_us + SECOND_US, lot
            seq, time_us = pallet_seq(pallet), pallet_us(pallet)
            yield seq, 3, time_us, pallet
            yield seq + 1, 4, time_us + AN_HOUR_US, pallet
            yield seq + 2, 5, time_us + A_DAY_US, pallet
