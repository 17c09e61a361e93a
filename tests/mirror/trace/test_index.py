"""What stands in the trace index: rows that both databases can hold, made once, and made again when asked."""

from hashlib import sha256
from pathlib import Path

import pytest

from sogdia.mirror.errors import AnotherWriter, BadSchema
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.schema import Schema
from sogdia.mirror.text import kept
from sogdia.mirror.trace.histories import history, standing
from sogdia.mirror.trace.index import TraceIndex
from sogdia.mirror.trace.view import viewed
from sogdia.mirror.trace.words import Standing
from sogdia.mirror.writer import Writer
from tests.mirror.conftest import contents
from tests.mirror.ledger import TABLES
from tests.mirror.trace.stories import (
    CUSTOMS,
    FARM,
    FLOUR,
    TRACE_TABLES,
    Records,
    born,
    case,
    item,
    lot,
    mirrored,
    packed,
    place,
    seen,
    turned,
    unpacked,
    view_of,
    wrong,
)


def test_a_mirror_without_records_of_trace_has_no_index(tmp_path: Path) -> None:
    schema = Schema(TABLES)
    assert schema.derived == ()
    assert not [name for name in schema.names() if name.startswith("traced_")]
    picture = SqlPicture(str(tmp_path / "mirror.db"), schema)
    with pytest.raises(BadSchema, match="no trace index"), viewed(picture, CUSTOMS):
        pass
    picture.close()


def test_another_understanding_of_events_makes_the_mirror_anew(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Records()
    ledger.capture(seen("one", 1, item(1)))
    mirrored(url, ledger)
    monkeypatch.setattr(TraceIndex, "layout", TraceIndex.layout + 1)
    writer = Writer(url, TRACE_TABLES)
    assert (writer.place.height, writer.rebuilt) == (0, "the record types have changed")
    writer.close()
    assert contents(url, TRACE_TABLES)["traced_entry"] == []


def test_a_writer_that_comes_back_goes_on_with_the_numbers(url: str) -> None:
    ledger = Records()
    for number in range(6):
        ledger.capture(packed(f"e{number}", number, case(1), item(number)), seen(f"s{number}", number, item(0)))
    for _ in range(6):
        _one_more(url, ledger)
    rows = contents(url, TRACE_TABLES)
    assert [row["seq"] for row in rows["traced_entry"]] == list(range(1, 13))
    assert len({row["uri"] for row in rows["traced_thing"]}) == len(rows["traced_thing"]) == 8


def _one_more(url: str, ledger: Records) -> None:
    writer = Writer(url, TRACE_TABLES)
    writer.apply(ledger.outcomes(writer.place.height, 1))
    writer.close()


def test_a_batch_that_fails_leaves_nothing_in_the_index(url: str) -> None:
    ledger = Records()
    ledger.capture(packed("in", 1, case(1), item(1)))
    ledger.capture(unpacked("out", 2, case(1), item(1)))
    one, other = Writer(url, TRACE_TABLES), Writer(url, TRACE_TABLES)
    one.apply(ledger.outcomes(0, 1))
    before = contents(url, TRACE_TABLES)
    with pytest.raises(AnotherWriter):
        other.apply(ledger.outcomes(0, 2))
    other.close()
    assert contents(url, TRACE_TABLES) == before
    one.apply(ledger.outcomes(1, 1))
    one.close()
    with view_of(url) as view:
        found = history(view, item(1))
    assert found is not None
    assert [row["t1"] is None for row in contents(url, TRACE_TABLES)["traced_fwd"] if row["kind"] == 4] == [False]


def test_long_texts_and_nul_stop_neither_database(url: str) -> None:
    long = "".join(sha256(bytes([number])).hexdigest() for number in range(60))  # 3,840 characters no index can squeeze
    own = {"@context": {"ex": "https://ns.example/"}}
    ledger = Records()
    ledger.capture(
        seen("thing", 1, item(1), f"https://things.example/{long}"),
        seen("step", 2, item(1), bizStep=f"https://steps.example/{long[:1_900]}"),
        seen("note", 3, item(1), **own, **{"ex:note": long}),
        seen("name", 4, item(1), **own, **{f"ex:{long[:1_900]}": "灯" * 400}),
        seen("nul", 5, item(1), **own, **{"ex:note": "a\0b"}),
        seen("plain", 6, item(1)),
    )
    mirrored(url, ledger)
    picture = SqlPicture(url, TRACE_TABLES)
    standings = [
        standing(picture, FARM, f"urn:uuid:{name}") for name in ("thing", "step", "note", "name", "nul", "plain")
    ]
    picture.close()
    refused, counts = Standing.UNREADABLE, Standing.COUNTS
    assert [found[0] for found in standings if found] == [refused, counts, counts, counts, refused, counts]
    rows = contents(url, TRACE_TABLES)
    notes = [row["text"] for row in rows["traced_value"] if row["path"] == "{https://ns.example}note"]
    assert notes == [kept(long)]


def test_a_text_that_is_kept_short_stands_for_itself_alone() -> None:
    assert kept("short") == "short"
    one, other = kept("x" * 1_000), kept("x" * 1_001)
    assert (len(one), len(other)) == (300, 300)
    assert one != other
    assert kept("a\0") == "a\N{REPLACEMENT CHARACTER}"


def test_values_stand_by_path_with_number_and_unit(url: str) -> None:
    report = {"type": "Temperature", "value": 21.5, "uom": "CEL"}
    ledger = Records()
    ledger.capture(seen("warm", 1, item(1), readPoint=place(1), sensorElementList=[{"sensorReport": [report]}]))
    mirrored(url, ledger)
    rows = [row for row in contents(url, TRACE_TABLES)["traced_value"] if row["path"] == "value"]
    assert [(row["number"], row["uom"]) for row in rows] == [(21.5, ""), (294.65, "KEL")]


def test_taking_an_event_back_leaves_what_others_say(url: str) -> None:
    ledger = Records()
    same = turned("again", 1, [lot(FLOUR, "F1")], [item(1)])
    ledger.capture(turned("made", 1, [lot(FLOUR, "F1")], [item(1)]), same, born("born", 1, "B1", item(1)))
    ledger.capture(packed("in", 2, case(1), item(1)), packed("in-again", 3, case(1), item(1)))
    mirrored(url, ledger)
    before = {table: len(rows) for table, rows in contents(url, TRACE_TABLES).items()}
    ledger.capture(wrong(same, 9), wrong(packed("in", 2, case(1), item(1)), 9))
    mirrored(url, ledger)
    after = {table: len(rows) for table, rows in contents(url, TRACE_TABLES).items()}
    assert (before["traced_fwd"], after["traced_fwd"]) == (7, 4)
    assert before["traced_rev"] == before["traced_fwd"]
    assert after["traced_rev"] == after["traced_fwd"]
    assert after["traced_entry"] == before["traced_entry"] + 2


def test_everything_of_the_index_is_in_the_schema_and_nowhere_else() -> None:
    names = [name for name in Schema(TRACE_TABLES).names() if name.startswith("traced_")]
    assert names == [f"traced_{one}" for one in ("closing", "entry", "fwd", "posting", "rev", "thing", "value")]
