"""A rulebook answers for the days that its rows cover, names its source, and refuses to guess beyond them.

The value added tax rows are China's, from memory: 16 % from 2018-05-01 (Caishui 32/2018), 13 % from 2019-04-01
(announcement 39/2019 of the Ministry of Finance, the tax administration and customs).
"""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Committed, Overlay
from sogdia.core.store import MemoryStore
from sogdia.primitives.rulebooks import Refused, RuleRow, answer, longest_prefix, publish, shelves

SHELVES = shelves("test.rulebook")
VAT_16 = RuleRow("vat", "9105", "2018-05-01", "2019-12-31", "0.16", "Caishui 32/2018", "memory")
VAT_13 = RuleRow("vat", "9105", "2019-04-01", "2026-12-31", "0.13", "announcement 39/2019", "memory")
FIRST_DAY = date(2026, 1, 1)


@pytest.fixture
def ledger():
    return new_ledger()


def new_ledger():
    return Ledger(Overlay(Committed(MemoryStore())), network="test", height=1, time_ms=0)


def row(valid_from, valid_to, value="", key="9105"):
    return RuleRow("vat", key, valid_from, valid_to, value, "a test", "memory")


def refusal(asking, *given):
    with pytest.raises(Refusal) as no:
        asking(*given)
    return no.value.code, no.value.fields


def vat_on(ledger, day, key="9105"):
    return answer(ledger.state, SHELVES, "vat", key, day)


class TestAnswering:
    def test_the_row_of_the_day_with_its_source_and_certainty(self, ledger):
        publish(ledger, SHELVES, [VAT_16])
        assert vat_on(ledger, "2018-05-01") == VAT_16
        assert vat_on(ledger, "2019-12-31").source == "Caishui 32/2018"

    def test_past_the_last_day_it_never_gives_yesterdays_rate(self, ledger):
        publish(ledger, SHELVES, [VAT_16])
        told = {"book": "vat", "key": "9105", "day": "2020-01-01", "last_day": "2019-12-31"}
        assert refusal(vat_on, ledger, "2020-01-01") == (Refused.PAST_LAST_DAY, told)

    def test_before_the_first_day_and_without_a_shelf_there_is_no_row(self, ledger):
        publish(ledger, SHELVES, [VAT_16])
        assert refusal(vat_on, ledger, "2018-04-30")[0] == Refused.NO_ROW
        told = {"book": "vat", "key": "2404", "day": "2019-01-01"}
        assert refusal(vat_on, ledger, "2019-01-01", "2404") == (Refused.NO_ROW, told)

    def test_a_gap_between_rows_is_no_row_either(self, ledger):
        publish(ledger, SHELVES, [row("2026-01-01", "2026-01-31"), row("2026-03-01", "2026-03-31")])
        assert refusal(vat_on, ledger, "2026-02-15")[0] == Refused.NO_ROW


class TestPublishing:
    def test_a_later_row_cuts_the_standing_one_short(self, ledger):
        publish(ledger, SHELVES, [VAT_16, VAT_13])
        assert [one.valid_to for one in SHELVES.get(ledger.state, "vat", "9105").rows] == ["2019-03-31", "2026-12-31"]
        assert vat_on(ledger, "2019-03-31").value == "0.16"
        assert vat_on(ledger, "2019-04-01").value == "0.13"

    def test_a_row_published_twice_stands_once(self, ledger):
        publish(ledger, SHELVES, [VAT_16])
        publish(ledger, SHELVES, [VAT_16])
        assert SHELVES.get(ledger.state, "vat", "9105").rows == (VAT_16,)

    def test_nothing_is_put_under_days_that_are_covered_already(self, ledger):
        publish(ledger, SHELVES, [VAT_13])
        told = {"book": "vat", "key": "9105", "valid_from": "2018-05-01"}
        assert refusal(publish, ledger, SHELVES, [VAT_16]) == (Refused.ROWS_OVERLAP, told)
        same_day = row("2019-04-01", "2030-12-31")
        assert refusal(publish, ledger, SHELVES, [same_day])[0] == Refused.ROWS_OVERLAP

    def test_keys_do_not_disturb_each_other(self, ledger):
        publish(ledger, SHELVES, [VAT_13, row("2018-01-01", "2018-12-31", key="2404")])
        assert vat_on(ledger, "2026-01-01").value == "0.13"

    def test_a_row_ends_on_or_after_the_day_it_begins(self, ledger):
        publish(ledger, SHELVES, [row("2026-01-01", "2026-01-01")])
        backwards = row("2026-02-02", "2026-02-01")
        assert refusal(publish, ledger, SHELVES, [backwards])[0] == Refused.DAYS_REVERSED

    @pytest.mark.parametrize("day", ["2026-02-30", "2026-1-01 ", "20260101  ", "2026-W01-1", "tomorrow!!"])
    def test_a_day_is_one_of_the_calendar(self, ledger, day):
        for wrong in (row(day, "2026-12-31"), row("2026-01-01", day)):
            assert refusal(publish, ledger, SHELVES, [wrong]) == (Refused.NO_SUCH_DAY, {"day": day})


class TestLongestBeginning:
    def test_the_most_particular_heading_wins(self, ledger):
        publish(ledger, SHELVES, [row("2026-01-01", "2026-12-31", "heading", "9105")])
        publish(ledger, SHELVES, [row("2026-01-01", "2026-12-31", "clocks", "910511")])
        found = {
            code: longest_prefix(ledger.state, SHELVES, "vat", code, "2026-06-01").value
            for code in ("9105110000", "9105910000", "9105")
        }
        assert found == {"9105110000": "clocks", "9105910000": "heading", "9105": "heading"}

    def test_a_code_without_any_is_refused_by_its_name(self, ledger):
        told = {"book": "vat", "key": "2404120000", "day": "2026-06-01"}
        asked = (ledger.state, SHELVES, "vat", "2404120000", "2026-06-01")
        assert refusal(longest_prefix, *asked) == (Refused.NO_ROW, told)

    def test_a_heading_past_its_last_day_does_not_fall_back_to_a_wider_one(self, ledger):
        publish(ledger, SHELVES, [row("2026-01-01", "2026-12-31", key="9105")])
        publish(ledger, SHELVES, [row("2026-01-01", "2026-01-31", key="910511")])
        asked = (ledger.state, SHELVES, "vat", "9105110000", "2026-06-01")
        assert refusal(longest_prefix, *asked)[0] == Refused.PAST_LAST_DAY


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=12))
def test_rows_never_overlap_and_no_past_answer_changes(spans):
    ledger = new_ledger()
    answered: dict[str, str] = {}
    for number, (start, length) in enumerate(spans):
        first = FIRST_DAY + timedelta(days=start)
        new = row(first.isoformat(), (first + timedelta(days=length)).isoformat(), str(number))
        try:
            publish(ledger, SHELVES, [new])
        except Refusal:
            continue
        before = {day: value for day, value in answered.items() if day < new.valid_from}
        answered = answers(ledger)
        assert {day: value for day, value in answered.items() if day < new.valid_from} == before
    shelf = SHELVES.get(ledger.state, "vat", "9105")
    rows = shelf.rows if shelf else ()
    assert all(one.valid_from <= one.valid_to for one in rows)
    assert all(one.valid_to < other.valid_from for one, other in pairwise(rows))


def answers(ledger):
    """What the book says for each day that it has an answer for."""
    days = [(FIRST_DAY + timedelta(days=count)).isoformat() for count in range(100)]
    found = {}
    for day in days:
        try:
            found[day] = vat_on(ledger, day).value
        except Refusal:
            continue
    return found


def test_every_refusal_of_rulebooks_is_shown_here():
    source = Path(__file__).read_text(encoding="utf-8")
    assert [refused.name for refused in Refused if f"Refused.{refused.name}" not in source] == []
