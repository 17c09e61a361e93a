"""A list that customs rejected stays rejected; the order is declared again, under another number."""

from msgspec.structs import replace

from sogdia.domains.customs.messages import Refused
from sogdia.domains.customs.queries import lists_of_order
from sogdia.domains.customs.state import DECLARATIONS


def test_a_rejected_list_is_followed_by_another_one(network, cast, border, export_trade, ask):
    trade = export_trade()
    border.stands(trade)
    border.declares(trade)
    first = replace(trade.declare, list_no="L1-b")
    network.refuses(Refused.ORDER_ALREADY_DECLARED, first, by=cast.broker)
    border.answers(trade, 100)

    border.refuses_list(Refused.LIST_EXISTS, trade)
    network.time_ms += 60_000
    network.accepts(replace(first, declared_at_ms=network.time_ms), by=cast.broker)
    assert network.find(DECLARATIONS, cast.platform.did, "O1").list_no == "L1-b"
    found = ask(lists_of_order, by=cast.broker, platform=cast.platform.did, order="O1")
    assert [(one["list_no"], one["phase"]) for one in found] == [("L1", "rejected"), ("L1-b", "declared")]

    border.refuses_answer(Refused.CODE_CANNOT_FOLLOW, border.answer("export_list", *trade.key, 120))


def test_a_list_that_waits_or_was_released_is_not_declared_twice(network, cast, border, export_trade):
    trade = export_trade()
    border.stands(trade)
    border.declares(trade)
    for codes in ((), (120,), (800,)):
        border.answers(trade, *codes)
        again = replace(trade.declare, list_no="L9")
        network.refuses(Refused.ORDER_ALREADY_DECLARED, again, by=cast.broker)
