"""The world of goods of the measurements: its rows are those that the writer makes of its events."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench import goods as world
from bench.goods import PER_PALLET, Goods
from bench.goods_rows import fill
from bench.trace import Blocks
from sogdia.mirror.writer import Writer
from tests.mirror.conftest import contents
from tests.mirror.trace.stories import TRACE_TABLES
from tests.mirror.trace.test_random import edges, named


def test_rows_that_are_made_at_once_are_those_that_the_writer_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "WIDE_REACHES", 5)
    goods = Goods(2 * PER_PALLET)
    written, filled = str(tmp_path / "written.db"), str(tmp_path / "filled.db")
    writer = Writer(written, TRACE_TABLES)
    blocks = Blocks()
    blocks.add(list(world.events(goods, range(goods.pallets))), first=1)
    writer.apply(blocks.outcomes)
    writer.close()
    fill(filled, TRACE_TABLES, goods)
    one, other = contents(written, TRACE_TABLES), contents(filled, TRACE_TABLES)
    assert len(other["traced_entry"]) == goods.events
    assert things(one) == things(other)
    for table in ("traced_entry", "traced_posting", "traced_closing", "traced_value"):
        assert named(one, table) == named(other, table), table
    assert edges(one) == edges(other)


def things(rows: dict[str, list[dict[str, Any]]]) -> set[tuple[Any, ...]]:
    uris = {row["id"]: row["uri"] for row in rows["traced_thing"]}
    return {(row["uri"], row["kind"], uris.get(row["product"])) for row in rows["traced_thing"]}


def test_each_raw_lot_goes_into_the_lots_that_name_it() -> None:
    goods = Goods(10 * PER_PALLET)
    for raw in range(goods.raws + 1):
        assert goods.lots_of(raw) == [lot for lot in range(goods.lots) if raw in goods.raws_in(lot)]
    assert msgspec.json.encode(world.born(0)).count(b"/21/") == world.PER_CASE
