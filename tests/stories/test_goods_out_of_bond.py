"""Make-up lies in the bonded zone of Yiwu before anybody buys it, and leaves it in mode 1210."""

from msgspec.structs import replace

from sogdia.domains.customs.messages import Refused
from sogdia.domains.customs.state import IMPORT_LISTS
from sogdia.domains.tax.state import BILLS


def test_a_bonded_sale_names_its_ledger_and_its_record_numbers_and_pays_the_same_tax(network, border, import_trade):
    trade = import_trade(mode="1210")
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 120, 800)
    found = network.find(IMPORT_LISTS, *trade.key)
    assert (found.mode, found.country, found.ems_no) == ("1210", "CN", "T2925W000001")
    assert all(line.record_no for line in found.lines)
    assert network.find(BILLS, *trade.key).vat_fen == 5_052


def test_goods_in_bond_without_their_ledger_number_stay_there(border, import_trade):
    trade = import_trade(mode="1210")
    border.stands(trade)
    right, trade.declare = trade.declare, replace(trade.declare, ems_no="")
    border.refuses_list(Refused.MODE_FIELDS, trade)
    trade.declare = right
    border.declares(trade)
