"""The rehearsal's times: the fortnight before its first run, in order, never in the future, the same at every run."""

from pathlib import Path
from typing import Any

import pytest

from sogdia.interfaces.authority.risk import road
from sogdia.interfaces.authority.times import Stage, due_ms, stated_ms
from sogdia.interfaces.demo.calendar import (
    DAY_MS,
    DAYS,
    HOUR_MS,
    MINUTE_MS,
    Calendar,
    calendar_of,
    is_of_an_earlier_release,
)
from sogdia.interfaces.demo.orders import import_orders
from sogdia.standards.orders import DraftOrder, Options, read
from sogdia.standards.orders.examples import example
from tests.interfaces.demo.conftest import demo

NOW_MS = 1_793_501_234_567
CALENDAR = Calendar(NOW_MS // MINUTE_MS * MINUTE_MS)
ORDERS = tuple(f"SM{number:08d}" for number in range(600))
STAGES: tuple[Stage, ...] = ("taken", "sent_on", "looked_at", "ended")


def test_a_trade_goes_forward_and_stays_in_the_past() -> None:
    last = DAYS * DAY_MS - 9 * HOUR_MS
    for place, order in enumerate(ORDERS):
        placed = CALENDAR.start_ms + place * (last // len(ORDERS))
        issued, declared = CALENDAR.issued_ms(order, placed), CALENDAR.declared_ms(order, placed)
        journey = [at for _, at in CALENDAR.journey(order, declared)]
        times = [placed, issued, declared, *journey, CALENDAR.began_ms]
        assert times == sorted(times)


def test_of_parcels_released_all_along_many_have_arrived_and_some_are_on_their_way() -> None:
    ends = [
        [step for step, _ in CALENDAR.journey(order, CALENDAR.start_ms + place * (DAYS * DAY_MS // len(ORDERS)))][-1:]
        for place, order in enumerate(ORDERS)
    ]
    assert 300 < ends.count(["delivered"]) < 500
    assert ends.count(["in_transit"]) > 50


def test_orders_lie_within_the_fortnight_however_many_there_are() -> None:
    placed = [one.draft.placed_at_ms for one in import_orders(1_900, start_ms=CALENDAR.start_ms)]
    assert len(set(placed)) == len(placed)
    assert CALENDAR.start_ms <= min(placed) < max(placed) < CALENDAR.began_ms - DAY_MS // 3


def test_a_made_export_is_of_the_days_before_the_first_run(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(CALENDAR.dated(example("shopify", 200, seed=7).text()))
    read_back = [one for one in read(file, "shopify", options=Options(timezone="UTC")) if isinstance(one, DraftOrder)]
    times = [one.placed_at_ms for one in read_back]
    assert CALENDAR.start_ms - DAY_MS < min(times)
    assert max(times) < CALENDAR.began_ms
    assert len({time // DAY_MS for time in times}) > 10


@pytest.mark.parametrize("value_minor, stages", [(200_000, STAGES), (10_000, ("taken", "ended"))])
def test_customs_answers_of_a_rehearsal_follow_the_declaration_in_order_and_not_the_clock(
    value_minor: int, stages: tuple[Stage, ...]
) -> None:
    for said in declared(value_minor):
        times = [stated_ms(said, stage) for stage in stages]
        assert times == sorted(times)
        assert said["declared_at_ms"] < times[0] < times[-1] < said["declared_at_ms"] + DAY_MS // 2 + DAY_MS // 8


@pytest.mark.parametrize(
    "value_minor, phases", [(200_000, ("", "accepted", "held", "approved")), (10_000, ("", "accepted"))]
)
def test_what_is_due_next_is_what_will_be_stated(value_minor: int, phases: tuple[str, ...]) -> None:
    stages = STAGES if value_minor == 200_000 else ("taken", "ended")
    for said in declared(value_minor):
        assert [due_ms(said, phase) for phase in phases] == [stated_ms(said, stage) for stage in stages]


def declared(value_minor: int) -> list[dict[str, Any]]:
    """Lists that are reviewed for their value, or are neither reviewed nor inspected."""
    made = [
        {"list_no": f"SG{n:016}", "declared_at_ms": NOW_MS, "value_minor": value_minor, "net_weight_grams": 500}
        for n in range(200)
    ]
    return [one for one in made if road(one) in ("review", "release")]


def test_the_first_run_is_noted_and_later_ones_keep_its_times(tmp_path: Path) -> None:
    first = calendar_of(tmp_path, NOW_MS)
    assert first == CALENDAR
    assert calendar_of(tmp_path, NOW_MS + 30 * DAY_MS) == first


def test_a_folder_of_an_earlier_release_is_told_apart(tmp_path: Path) -> None:
    assert not is_of_an_earlier_release(tmp_path)
    (tmp_path / "report.json").write_text("{}")
    assert is_of_an_earlier_release(tmp_path)
    said = demo(tmp_path, "--limit", 5)
    assert said.status == 2
    assert "--data" in said.err
    calendar_of(tmp_path, NOW_MS)
    assert not is_of_an_earlier_release(tmp_path)
