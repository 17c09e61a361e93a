"""What each party says of an order: numbers that stay apart, prices that are exact, and what is left to declare."""

import pytest
from msgspec.structs import replace

from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.trade import list_number, persons_of
from tests.interfaces.authority.conftest import LAMP, sale

GOODS = {LAMP.sku: LAMP}


def test_numbers_that_are_too_long_stay_apart() -> None:
    one, other = "A" * 59 + "1", "A" * 59 + "2"
    numbers = [parts.waybill_of(one), parts.waybill_of(other)]
    numbers += [parts.payment_number(sale(one, LAMP, 100)), parts.payment_number(sale(other, LAMP, 100))]
    assert len(set(numbers)) == 4
    assert all(len(number) <= 60 for number in numbers)
    assert parts.waybill_of("536370") == "WB-536370"


def test_an_orders_list_always_gets_the_same_number_and_another_attempt_another() -> None:
    assert list_number("did:a", "1") == list_number("did:a", "1")
    assert len({list_number("did:a", "1"), list_number("did:b", "1"), list_number("did:a", "1", 2)}) == 3
    assert len(list_number("did:a", "1")) == 18


@pytest.mark.parametrize(
    ("price", "total_minor", "quantity", "e5"),
    [("2.55", 1_530, 6, 255_000), ("0.00425", 3, 6, 425), ("10", 1_000, 1, 1_000_000), ("0.3333333", 100, 3, 33_333)],
)
def test_a_price_is_exact_where_it_can_be(price: str, total_minor: int, quantity: int, e5: int) -> None:
    (line,) = sale("1", LAMP, 100).lines
    line = replace(line, unit_price=price, total_minor=total_minor, quantity=quantity)
    assert parts.price_e5(line, "EUR") == e5


class TestCargo:
    def test_a_new_order_is_declared_as_a_whole(self) -> None:
        whole = parts.cargo(sale("1", LAMP, 339, 6, "FR"), GOODS, (), None)
        assert [(line.quantity, line.total_minor) for line in whole.lines] == [(6, 2_034)]
        assert (whole.net_weight_grams, whole.gross_weight_grams) == (2_520, 2_773)

    def test_what_was_cancelled_is_left_out_and_the_waybill_keeps_its_weight(self) -> None:
        left = parts.cargo(sale("1", LAMP, 339, 6, "FR"), GOODS, (2,), {"gross_weight_grams": 2_900})
        assert [(line.quantity, line.total_minor) for line in left.lines] == [(4, 1_356)]
        assert left.lines[0].legal_quantity_e5 == 4 * 420 * 100
        assert (left.net_weight_grams, left.gross_weight_grams) == (1_680, 2_900)

    def test_of_an_order_that_was_cancelled_nothing_is_left(self) -> None:
        assert parts.cargo(sale("1", LAMP, 339, 6, "FR"), GOODS, (6,), None).lines == ()

    def test_a_line_keeps_its_number_when_the_one_before_it_is_gone(self) -> None:
        order = sale("1", LAMP, 339, 6, "FR")
        two = replace(order, lines=(*order.lines, replace(order.lines[0], row=2)))
        assert [line.line for line in parts.cargo(two, GOODS, (6, 0), None).lines] == [2]


def test_a_trade_never_shows_its_persons_when_printed() -> None:
    draft = sale("1", LAMP, 100)
    assert persons_of(draft)["buyer_name"] == "Li Wei"
    assert "Li Wei" not in repr(draft)
