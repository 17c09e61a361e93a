"""A sale that the buyer took back is not declared; one of which a part is left is declared for what is left."""

import pytest
from msgspec.structs import replace

from sogdia.domains.customs.messages import Refused
from sogdia.domains.customs.state import EXPORT_LISTS
from sogdia.domains.orders.messages import Cancel, CancelledLine


@pytest.fixture
def take_back(network, cast):
    """The platform takes so many of the order's six lanterns off it."""

    def cancel(quantity: int) -> None:
        said = Cancel(
            platform=cast.platform.did,
            order="O1",
            cancellation=f"C{quantity}",
            cancelled_at_ms=network.time_ms,
            lines=(CancelledLine(line=1, quantity=quantity),),
        )
        network.accepts(said, by=cast.platform)

    return cancel


def test_nothing_is_declared_of_an_order_that_was_cancelled_as_a_whole(network, border, export_trade, take_back):
    trade = export_trade()
    border.stands(trade)
    take_back(6)
    border.refuses_list(Refused.ORDER_CANCELLED, trade)
    assert network.find(EXPORT_LISTS, *trade.key) is None


def test_four_lanterns_are_left_when_two_were_cancelled(network, border, export_trade, take_back, disagreements):
    trade = export_trade()
    border.stands(trade)
    take_back(2)
    points = disagreements(trade)
    assert {point["rule"] for point in points} == {"R4"}
    (line,) = trade.declare.lines
    left = replace(line, quantity=4, total_minor=4 * 339, legal_quantity_e5=line.legal_quantity_e5 * 4 // 6)
    trade.declare = replace(trade.declare, lines=(left,))
    border.declares(trade)
    assert network.find(EXPORT_LISTS, *trade.key).value_minor == 4 * 339
