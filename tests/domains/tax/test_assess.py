"""Taxes come out to the fen as the reference says.

Vectors: section 3 of the reference on customs and tax (Caiguanshui 18/2016 and 49/2018): 45.50, 178.89, 230.59,
132.63 and 63.00 within the limits; 2,375.29 over them; the published composite rates 9.1, 11.9, 17.9, 23.1 and 47 %.
"""

import decimal
import json
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Committed, Overlay
from sogdia.core.store import MemoryStore
from sogdia.domains.tax.messages import Refused
from sogdia.domains.tax.state import (
    RATES_BOOK,
    ROUNDING,
    RULEBOOK,
    SHARE_BOOK,
    TaxedLine,
    assess,
    half_up,
    spread,
)
from sogdia.primitives import rulebooks
from sogdia.primitives.rulebooks import RuleRow

DAY = "2026-06-01"
WITHIN = {"duty": "0", "vat": "0.7", "consumption": "0.7"}
OVER = {"duty": "1", "vat": "1", "consumption": "1"}


def row(book, key, value, certainty="secondary", until="2026-12-31"):
    return RuleRow(book, key, "2019-04-01", until, json.dumps(value), "reference, section 3", certainty)


@pytest.fixture
def book(ledger):
    """Publishes rates by HS code beside the two shares."""
    rulebooks.publish(ledger, RULEBOOK, [row(SHARE_BOOK, "within", WITHIN), row(SHARE_BOOK, "over", OVER, "memory")])

    def publish(**rates):
        rulebooks.publish(ledger, RULEBOOK, [row(RATES_BOOK, key[1:], value) for key, value in rates.items()])
        return ledger.state

    return publish


def one(value_fen, hs_code="3304990000", legal_quantity_e5=0):
    return [TaxedLine(1, hs_code, value_fen, legal_quantity_e5)]


class TestReferenceVectors:
    @pytest.mark.parametrize(
        "value_yuan,vat,consumption,expected_consumption,expected_vat",
        [
            (500, "0.13", "0", 0, 4_550),
            (1_000, "0.13", "0.1", 7_778, 10_111),
            (1_000, "0.13", "0.15", 12_353, 10_706),
            (1_000, "0.09", "0", 0, 6_300),
        ],
    )
    def test_within_the_limits(self, book, value_yuan, vat, consumption, expected_consumption, expected_vat):
        view = book(_3304={"duty": "0.05", "vat": vat, "consumption": consumption})
        found = assess(view, DAY, one(value_yuan * 100), "within")
        assert (found.duty_fen, found.consumption_fen, found.vat_fen) == (0, expected_consumption, expected_vat)

    def test_consumption_tax_of_five_percent_comes_to_132_63_in_all(self, book):
        found = assess(book(_3304={"vat": "0.13", "consumption": "0.05"}), DAY, one(100_000), "within")
        assert found.consumption_fen + found.vat_fen == 13_263

    def test_over_the_limit_duty_is_due_and_nothing_is_reduced(self, book):
        view = book(_3304={"duty": "0.05", "vat": "0.13", "consumption": "0.15"})
        found = assess(view, DAY, one(600_000), "over")
        assert (found.duty_fen, found.consumption_fen, found.vat_fen) == (30_000, 111_176, 96_353)
        assert found.duty_fen + found.consumption_fen + found.vat_fen == 237_529

    @pytest.mark.parametrize(
        "vat,consumption,permille",
        [("0.13", "0", 91), ("0.13", "0.1", 179), ("0.13", "0.15", 231), ("0.17", "0", 119), ("0.17", "0.3", 470)],
    )
    def test_published_composite_rates(self, book, vat, consumption, permille):
        found = assess(book(_33={"vat": vat, "consumption": consumption}), DAY, one(10**11), "within")
        composite = Fraction(found.consumption_fen + found.vat_fen, 10**11)
        assert half_up(composite * 1000) == permille

    def test_specific_consumption_tax_counts_in_the_composite_price(self, book):
        # 2 kg of spirits at 300.00: q s = 2 x 1.00; CP = (300 + 2) / 0.8 = 377.50; CT = 75.50 + 2 = 77.50; VAT = 49.075
        rates = {"vat": "0.13", "consumption": "0.2", "consumption_per_unit_fen": "100"}
        found = assess(book(_2208=rates), DAY, one(30_000, "2208200000", 200_000), "within")
        assert (found.consumption_fen, found.vat_fen) == (5_425, 3_435)


class TestLines:
    def test_freight_and_insurance_are_taxed_with_the_line_that_they_belong_to(self, book):
        # 20.00 over 300.00 and 180.00 is 12.50 and 7.50
        view = book(_3304={"vat": "0.13", "consumption": "0.15"}, _3401={"vat": "0.13"})
        lines = [TaxedLine(1, "3304990000", 30_000, 0), TaxedLine(2, "3401110000", 18_000, 0)]
        found = assess(view, DAY, lines, "within", 2_000)
        assert [line.taxable_fen for line in found.lines] == [31_250, 18_750]
        assert [(line.consumption_fen, line.vat_fen) for line in found.lines] == [(3_860, 3_346), (0, 1_706)]
        assert (found.consumption_fen, found.vat_fen) == (3_860, 5_052)

    def test_each_line_is_rounded_by_itself(self, book):
        lines = [TaxedLine(number, "3304990000", 5, 0) for number in (1, 2, 3)]
        found = assess(book(_33={"vat": "0.13"}), DAY, lines, "within")
        assert found.vat_fen == 0  # 0.455 fen each; 1.365 together

    def test_a_half_fen_is_rounded_up(self, book):
        found = assess(book(_33={"vat": "0.1"}), DAY, one(50), "within")
        assert found.vat_fen == 4  # 3.5

    def test_the_longest_beginning_of_the_code_wins_and_is_named(self, book):
        view = book(_33={"vat": "0.13"}, _330499={"vat": "0.09"})
        found = assess(view, DAY, one(100_000), "within")
        assert found.vat_fen == 6_300
        assert (found.lines[0].rates_key, found.lines[0].rates_from) == ("330499", "2019-04-01")

    def test_what_nobody_could_check_is_shown(self, book):
        found = assess(book(_33={"vat": "0.13", "duty": "0"}), DAY, one(100), "over")
        assert (found.share_certainty, found.lines[0].certainty, found.rounding) == ("memory", "secondary", ROUNDING)


class TestNoAnswer:
    def test_a_code_without_rates_is_named(self, book):
        with pytest.raises(Refusal) as no:
            assess(book(_33={"vat": "0.13"}), DAY, one(100, "9405500000"), "within")
        assert no.value.code == Refused.CODE_WITHOUT_RATES
        assert no.value.fields == {"hs_code": "9405500000", "day": DAY, "missing": "rates"}

    def test_a_code_without_duty_is_not_taxed_over_the_limit(self, book):
        view = book(_33={"vat": "0.13"})
        with pytest.raises(Refusal) as no:
            assess(view, DAY, one(100), "over")
        assert (no.value.code, no.value.fields["missing"]) == (Refused.CODE_WITHOUT_RATES, "duty")
        assert assess(view, DAY, one(100), "within").duty_fen == 0

    def test_an_absurd_quantity_is_refused_and_does_not_stop_the_record(self, book):
        view = book(_22={"vat": "0.13", "consumption": "0.89", "consumption_per_unit_fen": "999999999"})
        with pytest.raises(Refusal) as no:
            assess(view, DAY, one(100, "2208200000", 10**17), "within")
        assert no.value.code == Refused.TAX_TOO_LARGE
        assert no.value.fields["hs_code"] == "2208200000"

    def test_a_day_past_the_last_is_refused(self, book):
        with pytest.raises(Refusal) as no:
            assess(book(_33={"vat": "0.13"}), "2027-01-01", one(100), "within")
        assert (no.value.code, no.value.fields["last_day"]) == (rulebooks.Refused.PAST_LAST_DAY, "2026-12-31")


class TestSpread:
    @given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=99))
    @example(100, [0, 0, 0])
    def test_nothing_is_lost_and_no_line_is_a_fen_off(self, total, values):
        parts = spread(total, values)
        whole = sum(values) or len(values)
        weights = values if sum(values) else [1] * len(values)
        assert sum(parts) == total
        assert all(abs(part - Fraction(total * w, whole)) < 1 for part, w in zip(parts, weights, strict=True))

    def test_the_largest_remainder_comes_first_and_then_the_earlier_line(self):
        assert spread(100, [1, 1, 1]) == [34, 33, 33]
        assert spread(10, [55, 45]) == [6, 4]  # 5.5 and 4.5: equal remainders
        assert spread(10, [51, 49]) == [5, 5]  # 5.1 and 4.9


def test_no_global_decimal_context_changes_an_amount(book):
    view = book(_33={"vat": "0.13", "consumption": "0.15"})
    with decimal.localcontext(prec=2, rounding=decimal.ROUND_FLOOR):
        found = assess(view, DAY, one(100_000), "within")
    assert (found.consumption_fen, found.vat_fen) == (12_353, 10_706)


@given(st.integers(0, 10**12), st.integers(0, 89), st.integers(0, 30), st.integers(0, 200))
def test_an_independent_calculation_agrees(value, consumption, vat, duty):
    """The same with decimals of 60 digits, rounded by the decimal module."""
    ledger = Ledger(Overlay(Committed(MemoryStore())), network="sogd", height=1, time_ms=0)
    rates = {"vat": f"0.{vat:02}", "consumption": f"0.{consumption:02}", "duty": f"{duty / 100:.2f}"}
    rulebooks.publish(ledger, RULEBOOK, [row(SHARE_BOOK, "over", OVER), row(RATES_BOOK, "33", rates)])
    found = assess(ledger.state, DAY, one(value), "over")
    with decimal.localcontext(prec=60):
        v, c, a, d = (decimal.Decimal(part) / 100 for part in (value * 100, consumption, vat, duty))
        price = (v + v * d) / (1 - c)
        exact = (v * d, price * c, price * a)
        expected = [int(tax.quantize(decimal.Decimal(1), rounding=decimal.ROUND_HALF_UP)) for tax in exact]
    assert [found.duty_fen, found.consumption_fen, found.vat_fen] == expected
