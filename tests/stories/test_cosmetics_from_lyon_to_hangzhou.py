"""A buyer in Hangzhou orders make-up and soap from Lyon, in mode 9610, and owes the tax to the fen.

Rates: 13 % value added tax on both, 15 % consumption tax on make-up, no duty; 70 % of either is due within the limits
(Caiguanshui 18/2016). Freight goes to the lines by their value.
"""

from decimal import ROUND_HALF_UP, Decimal

from sogdia.domains.customs.state import QUOTA_USES, STANDINGS
from sogdia.domains.tax.state import BILLS

VAT, CONSUMPTION, DUE = Decimal("0.13"), Decimal("0.15"), Decimal("0.7")


def fen(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def test_the_parcel_is_released_and_the_bill_is_right_to_the_fen(network, cast, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 120)
    assert network.find(QUOTA_USES, *trade.key).amount_fen == 50_000
    assert network.find(BILLS, *trade.key) is None, "nothing is owed before the release"
    border.answers(trade, 800)

    make_up, soap = Decimal(30_000), Decimal(18_000)
    make_up, soap = (goods + 2_000 * goods / 48_000 for goods in (make_up, soap))
    consumption = make_up / (1 - CONSUMPTION) * CONSUMPTION
    bill = network.find(BILLS, *trade.key)
    assert bill.duty_fen == 0
    assert bill.consumption_fen == fen(consumption * DUE) == 3_860
    assert bill.vat_fen == fen((make_up + consumption) * VAT * DUE) + fen(soap * VAT * DUE) == 5_052
    assert bill.payer == cast.platform.did, "the platform collects the tax"
    assert network.find(STANDINGS, "import_list", *trade.key).invt_no == bill.invt_no


def test_over_the_single_limit_one_article_pays_the_whole_tax(network, border, import_trade):
    trade = import_trade(sold=(("MAKEUP", 1, 600_000),), freight=0)
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 120, 800)
    bill = network.find(BILLS, *trade.key)
    value = Decimal(600_000)
    duty = value * Decimal("0.05")
    consumption = (value + duty) / (1 - CONSUMPTION) * CONSUMPTION
    assert bill.duty_fen == fen(duty)
    assert bill.consumption_fen == fen(consumption)
    assert bill.vat_fen == fen((value + duty + consumption) * VAT)
    assert bill.share == "over"
