"""The writer: it knows how far it came, refuses what does not follow, and rebuilds when the record types change."""

import logging
from collections.abc import Callable

import msgspec
import psycopg
import pytest
import sqlalchemy as sql

from sogdia.core.codec import record_bytes
from sogdia.core.receipt import Outcome, decode_outcome
from sogdia.core.state import Record, Table
from sogdia.mirror.database import database_url, writing_engine
from sogdia.mirror.errors import AnotherWriter, BadSchema, MissingBlock, OtherLedger, UnknownTable
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.schema import Schema
from sogdia.mirror.writer import Writer
from tests.mirror.conftest import contents
from tests.mirror.ledger import PARCELS, RATES, SALES, TABLES, Ledger, Parcel, Rate, sale, trade


class LongerRate(Record, frozen=True, array_like=True):
    """The rate of a later version, with one more field."""

    name: str
    value: str
    source: str = "not told"


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    for number in range(6, 12):
        trade(made, number)
    return made


def opened(url: str, tables: object = TABLES) -> Writer:
    return Writer(url, tables)  # type: ignore[arg-type]


def test_a_new_mirror_stands_at_height_0_and_goes_on_where_it_was_left(url: str, ledger: Ledger) -> None:
    writer = opened(url)
    assert (writer.place.height, writer.rebuilt) == (0, "")
    writer.apply(ledger.outcomes(0, 4))
    writer.close()
    again = opened(url)
    assert (again.place.height, again.place.time_ms, again.place.log_size, again.rebuilt) == (4, 4_000, 4, "")
    assert again.apply(ledger.outcomes(4, 9)).height == 6
    again.close()


def test_a_block_that_is_left_out_is_refused_and_nothing_of_the_batch_stays(url: str, ledger: Ledger) -> None:
    writer = opened(url)
    writer.apply(ledger.outcomes(0, 2))
    before = contents(url)
    with pytest.raises(MissingBlock, match="expected block 4, the feed gave 5"):
        writer.apply([ledger.blocks[2], ledger.blocks[4]])
    writer.close()
    assert contents(url) == before


def test_a_new_mirror_may_begin_with_the_records_of_a_snapshot_at_any_height(url: str, ledger: Ledger) -> None:
    seal = decode_outcome(ledger.blocks[3]).seal
    changes = [one for raw in ledger.blocks[:4] for one in decode_outcome(raw).changes]
    parts = [
        record_bytes(Outcome(msgspec.structs.replace(seal, height=height), (), tuple(part)))
        for height, part in ((3, changes[:5]), (4, changes[5:]))
    ]
    writer = opened(url)
    writer.apply([*parts, *ledger.outcomes(4, 9)])
    assert (writer.place.height, writer.place.log_size) == (6, 6)
    assert len(contents(url)["transactions"]) == 2
    with pytest.raises(MissingBlock, match="expected block 7, the feed gave 3"):
        writer.apply(parts)
    writer.rebuild("to begin where history is missing")
    with pytest.raises(MissingBlock, match="expected block 1, the feed gave 5"):
        writer.apply(ledger.outcomes(4, 9))
    writer.close()


def test_a_block_of_another_ledger_is_refused(url: str, ledger: Ledger) -> None:
    other = Ledger()
    for number in range(3):
        trade(other, 10 * number + 1, 2)
    writer = opened(url)
    writer.apply(ledger.outcomes(0, 2))
    with pytest.raises(OtherLedger, match="rebuild it"):
        writer.apply(other.outcomes(2, 1))
    writer.close()


def test_two_writers_of_one_mirror_are_noticed_before_they_do_harm(url: str, ledger: Ledger) -> None:
    one, other = opened(url), opened(url)
    one.apply(ledger.outcomes(0, 1))
    with pytest.raises(AnotherWriter):
        other.apply(ledger.outcomes(0, 1))
    one.close()
    other.close()
    assert len(contents(url)["transactions"]) == 1


def test_a_table_that_the_mirror_was_not_told_of_stops_it(url: str, ledger: Ledger) -> None:
    writer = opened(url, (SALES, RATES))
    with pytest.raises(UnknownTable, match=r"block 1 changes table 'shop\.parcel'"):
        writer.apply(ledger.outcomes(0, 1))
    writer.close()


def test_a_batch_that_fails_in_the_middle_leaves_no_row(url: str, ledger: Ledger) -> None:
    writer = opened(url)
    before = contents(url)
    broken = Ledger()
    broken.block([(SALES, sale(1)), (PARCELS, Parcel("P1", "p", "o", 2**63))])  # one more than 64 bits can hold
    with pytest.raises((OverflowError, sql.exc.DBAPIError, psycopg.Error)):
        writer.apply(broken.blocks)
    writer.close()
    assert contents(url) == before


def test_a_rebuilt_mirror_is_empty_and_comes_out_the_same(url: str, ledger: Ledger) -> None:
    writer = opened(url)
    writer.apply(ledger.blocks)
    whole = contents(url)
    writer.rebuild("to see whether it can be done")
    assert not any(contents(url).values())
    assert writer.place.height == 0
    writer.apply(ledger.blocks)
    writer.close()
    assert contents(url) == whole


def test_a_changed_record_type_rebuilds_the_mirror_and_says_so(
    url: str, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    writer = opened(url)
    writer.apply(ledger.blocks)
    writer.close()
    later = {**TABLES, RATES.name: Table(RATES.name, LongerRate, key=("name",), public=True)}
    with caplog.at_level(logging.WARNING):
        changed = opened(url, later)
    assert changed.place.height == 0
    assert changed.rebuilt == "the record types have changed"
    assert "rebuilding the mirror from height 0: the record types have changed" in caplog.text
    ledger.block([(RATES, Rate("EUR/CNY", "8.1"))])
    changed.apply(ledger.blocks)
    changed.close()
    assert contents(url, later)["shop_rate"] == [
        {"name": "EUR/CNY", "value": "8.1", "source": "not told", "height": 7, "readers": []}
    ]


def test_a_table_that_is_no_more_is_dropped(url: str, ledger: Ledger) -> None:
    opened(url).close()
    opened(url, (SALES, RATES)).close()
    engine = writing_engine(url)
    names = sql.inspect(engine).get_table_names()
    engine.dispose()
    assert "shop_sale" in names
    assert "shop_parcel" not in names


def test_other_words_about_a_record_type_rebuild_nothing(url: str, ledger: Ledger) -> None:
    said = msgspec.defstruct("Rate", [("name", str), ("value", str)], bases=(Record,), frozen=True, array_like=True)
    said.__doc__ = "The same rate in other words."
    writer = opened(url)
    writer.apply(ledger.blocks)
    writer.close()
    again = opened(url, {**TABLES, RATES.name: Table(RATES.name, said, key=("name",), public=True)})
    assert (again.place.height, again.rebuilt) == (ledger.height, "")
    again.close()


def test_a_change_inside_a_nested_value_changes_the_fingerprint() -> None:
    dialect = sql.create_engine("sqlite://").dialect
    made = set()
    for inside in (str, int, str | None):
        line = msgspec.defstruct("Line", [("title", str), ("description", inside)], frozen=True)
        kept = msgspec.defstruct("Kept", [("name", str), ("lines", tuple[line, ...])], bases=(Record,), array_like=True)
        made.add(Schema([Table("a.b", kept, key=("name",))]).fingerprint(dialect))
    assert len(made) == 3


def test_a_field_named_like_a_column_of_the_mirror_is_refused() -> None:
    class Tall(Record, frozen=True, array_like=True):
        """Has a height of its own."""

        name: str
        height: int

    with pytest.raises(BadSchema, match=r"a\.tall: a record cannot have a field 'height'"):
        Schema([Table("a.tall", Tall, key=("name",))])


def test_a_table_that_two_modules_list_is_one_table_and_two_of_one_name_are_refused() -> None:
    assert Schema([SALES, RATES, SALES]).names() == Schema([SALES, RATES]).names()
    with pytest.raises(BadSchema, match="would be the SQL table shop_rate, which is taken"):
        Schema([RATES, Table("shop_rate", Rate, key=("name",))])


def test_columns_that_name_a_record_elsewhere_are_indexed() -> None:
    made = Schema(TABLES)
    found = {
        name: sorted(tuple(column.name for column in index.columns) for index in table.indexes)
        for name, table in made.metadata.tables.items()
        if name.startswith("shop_")
    }
    assert found == {
        "shop_sale": [("mirror_audience",)],
        "shop_parcel": [("platform", "order")],
        "shop_rate": [],
    }


def test_a_database_that_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="SQLite file or in PostgreSQL"):
        database_url("mysql://here/there")


def test_a_picture_of_an_empty_database_stands_at_height_0(new_url: Callable[[], str]) -> None:
    picture = SqlPicture(new_url(), TABLES)
    assert picture.place().height == 0
    picture.close()
