"""Errands on disk: each in one lane, under its instant, once, and the same after a restart."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sogdia.interfaces.courier.errands import FETCH, PASSED, Errand, Errands
from sogdia.interfaces.courier.settings import DAY_MS
from tests.interfaces.courier.league import ALPHA, quick

HERE, THERE = FETCH + "did:bid:sgdt:efhere", FETCH + "did:bid:sgdt:efthere"


def errand(number: int, **given: int) -> Errand:
    return Errand(f"did:bid:sgdt:efshop/{number}", f"{number:064x}", 1, 2, **given)  # type: ignore[arg-type]


@pytest.fixture
def errands(tmp_path: Path) -> Iterator[Errands]:
    made = Errands(tmp_path)
    yield made
    made.close()


def test_those_that_are_due_longest_come_first_and_others_wait(errands: Errands) -> None:
    for number, due_ms in ((1, 300), (2, 100), (3, 200), (4, 301)):
        assert errands.add(errand(number), HERE, due_ms)
    assert errands.due(HERE, 300, 10) == [errand(2), errand(3), errand(1)]
    assert errands.due(HERE, 300, 2) == [errand(2), errand(3)]
    assert errands.due(THERE, 300, 10) == []


def test_what_is_known_is_not_added_and_what_is_done_is_not_moved(errands: Errands) -> None:
    assert errands.add(errand(1), HERE, 1)
    assert not errands.add(errand(1, rounds=7), THERE, 1)
    assert errands.drop(errand(1), "fetched")
    assert not errands.move(errand(1), THERE, 1)
    assert not errands.drop(errand(1), "fetched")
    assert errands.count("fetched") == 1
    assert not errands.has(errand(1))


def test_an_errand_stands_in_one_lane_at_a_time(errands: Errands) -> None:
    errands.add(errand(1), HERE, 5)
    assert errands.move(errand(1, rounds=1), THERE, 6)
    assert (errands.due(HERE, 9, 9), errands.due(THERE, 9, 9)) == ([], [errand(1, rounds=1)])


def test_a_receipt_from_each_member_is_an_errand_of_its_own(errands: Errands) -> None:
    for member in ("", "a", "b"):
        assert errands.add(Errand("did:bid:sgdt:efshop/1", "", 1, 2, member), HERE, 1)
    assert len(errands.due(HERE, 1, 9)) == 3


STEP = st.tuples(st.sampled_from(["add", "move", "drop"]), st.integers(1, 5), st.sampled_from([HERE, THERE, PASSED]))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=25))
def test_after_any_steps_and_a_restart_lanes_and_counts_are_as_a_plain_dict_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("errands")
    errands, model = Errands(folder), dict[int, str]()
    for what, number, lane in steps:
        if what == "drop":
            assert errands.drop(errand(number)) == (model.pop(number, None) is not None)
            continue
        put = errands.add if what == "add" else errands.move
        if put(errand(number), lane, number):
            model[number] = lane
    errands.read_to(len(steps))
    errands.close()
    again = Errands(folder)
    for lane in (HERE, THERE, PASSED):
        expected = [errand(number) for number in sorted(model) if model[number] == lane]
        assert list(again.all(lane)) == expected
        assert again.waiting[lane] == len(expected)
    assert again.height == len(steps)
    again.close()


def test_a_new_store_has_read_nothing(errands: Errands) -> None:
    assert errands.height is None
    assert errands.forged() == ()


def test_pauses_double_up_to_the_longest_and_asking_has_a_date() -> None:
    patient = quick(ALPHA, first_pause_seconds=1.0, longest_pause_seconds=5.0, longest_rest_seconds=60.0)
    assert [patient.pause_ms(times) for times in (1, 2, 3, 4, 500)] == [1_000, 2_000, 4_000, 5_000, 5_000]
    assert [patient.rest_ms(times) for times in (1, 7, 500)] == [1_000, 60_000, 60_000]
    assert patient.until_ms(1_000) == 1_000 + 180 * DAY_MS
