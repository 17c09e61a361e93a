"""The trade table says what the records say, however many blocks come at once, and in both databases."""

from collections.abc import Callable

import pytest
import sqlalchemy as sql

from bench import pages
from bench.pages import Made, beginning, block_of
from sogdia.app.modules import TABLES
from sogdia.core.receipt import Seal
from sogdia.core.state import Table
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.state import ORDERS
from sogdia.domains.payments.state import PAYMENTS
from sogdia.mirror.errors import BadSchema
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.writer import Writer
from tests.mirror.conftest import contents

TRADES = ("trade", "trade_number", "trade_step")
MADE = 60


def outcomes() -> list[bytes]:
    """Each part of each order in a block of its own kind: orders, then payments, then parcels, then lists."""
    blocks, size = [beginning()], 0
    steps: list[list[tuple[Table, object]]] = [[] for _ in range(4)]
    for made in map(Made, range(MADE)):
        for table, record in made.changes():
            place = {ORDERS.name: 0, PAYMENTS.name: 1, WAYBILLS.name: 2}.get(table.name, 3)
            steps[place].append((table, record))
    for height, changes in enumerate(steps, 2):
        done = tuple(Made(number).done(height, number) for number in range(MADE)) if height in (2, 5) else ()
        size += len(done)
        seal = Seal(height, pages.NOW_MS + height, bytes(32), size, bytes(32))
        blocks.append(block_of(seal, done, iter(changes)))
    return blocks


def written(url: str, at_once: int) -> dict[str, list[dict[str, object]]]:
    writer, blocks = Writer(url, TABLES), outcomes()
    for start in range(0, len(blocks), at_once):
        writer.apply(blocks[start : start + at_once])
    writer.close()
    found = contents(url, TABLES)
    return {name: found[name] for name in TRADES}


def test_the_rows_are_the_same_however_many_blocks_come_at_once(new_url: Callable[[], str]) -> None:
    one_by_one, at_once = written(new_url(), 1), written(new_url(), 10)
    rows = [{name: value for name, value in row.items() if "audience" not in name} for row in one_by_one["trade"]]
    assert rows == [{name: value for name, value in row.items() if "audience" not in name} for row in at_once["trade"]]
    assert len(rows) == MADE
    keys = [
        [(row["number"], row["kind"], row["order"]) for row in one["trade_number"]] for one in (one_by_one, at_once)
    ]
    assert keys[0] == keys[1]
    assert one_by_one["trade_step"] == at_once["trade_step"]


def test_a_trade_begins_when_it_was_placed_and_before_that_with_what_is_there(url: str) -> None:
    made = next(one for one in map(Made, range(1, 90)) if len([*one.changes()]) > 4)
    parts = [*made.changes()]
    writer = Writer(url, TABLES)
    picture = SqlPicture(url, TABLES)

    def row() -> dict[str, object]:
        return picture.rows(sql.select(picture.trades.trades))[0]

    def block(height: int, changes: list[tuple[Table, object]]) -> None:
        writer.apply([block_of(Seal(height, pages.NOW_MS, bytes(32), 0, bytes(32)), (), iter(changes))])

    try:
        block(1, [one for one in parts if one[0] is WAYBILLS])
        assert (row()["began_at_ms"], row()["waits_for"], row()["order_audience"]) == (made.issued, None, None)
        block(2, [one for one in parts if one[0] is not WAYBILLS])
        assert (row()["began_at_ms"], row()["seller"]) == (made.placed, made.seller)
    finally:
        writer.close()
        picture.close()


def test_a_mirror_without_every_part_has_no_trades(tmp_path) -> None:  # type: ignore[no-untyped-def]
    picture = SqlPicture(str(tmp_path / "mirror.sqlite"), [ORDERS])
    with pytest.raises(BadSchema, match="table of trades"):
        _ = picture.trades
    picture.close()
