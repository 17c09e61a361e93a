"""Six lanterns leave Yiwu for a buyer in Lyon, in mode 9610: sold, carried, declared, released, delivered."""

from sogdia.domains.customs.queries import lists_of_order
from sogdia.domains.customs.state import RELEASED, STANDINGS
from sogdia.domains.logistics.messages import ReportStatus
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.state import ORDERS


def test_the_lanterns_cross_the_border_and_arrive(network, cast, border, export_trade, ask):
    trade = export_trade()
    network.accepts(trade.place, by=cast.platform)
    network.accepts(trade.waybill, by=cast.carrier)
    (told,) = network.accepts(trade.declare, by=cast.broker)
    assert (told["type"], told["direction"]) == ("customs.declared", "export")

    border.answers(trade, 120)
    border.answers(trade, 800)
    standing = network.find(STANDINGS, "export_list", *trade.key)
    assert standing.phase == "released"
    assert network.find(RELEASED, standing.invt_no).order == trade.place.order

    for status in ("picked_up", "in_transit", "delivered"):
        at_ms = network.time_ms
        carried = {"carrier": cast.carrier.did, "waybill": "W1", "reported_at_ms": at_ms}
        network.accepts(ReportStatus(**carried, status=status), by=cast.carrier)
        network.time_ms += 3_600_000
    border.answers(trade, 899)

    assert network.find(WAYBILLS, cast.carrier.did, "W1").status == "delivered"
    assert network.find(ORDERS, cast.platform.did, "O1").ship_to == "FR"
    (seen,) = ask(lists_of_order, by=cast.seller, platform=cast.platform.did, order="O1")
    assert (seen["phase"], seen["value_minor"], seen["currency"]) == ("closed", 6 * 339, "EUR")
    assert ask(lists_of_order, by=cast.other_seller, platform=cast.platform.did, order="O1") == []
