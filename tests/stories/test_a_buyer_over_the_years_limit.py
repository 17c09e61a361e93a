"""A buyer may import retail goods of 26,000 CNY a year, in parcels of up to 5,000 CNY (Caiguanshui 49/2018)."""

from sogdia.domains.customs.messages import Refused
from sogdia.domains.customs.state import QUOTAS, STANDINGS
from sogdia.primitives import lots
from tests.domains.customs.conftest import PERSON

YEAR_FEN, PARCEL_FEN = 2_600_000, 500_000


def parcel(import_trade, number: int, fen: int = PARCEL_FEN):
    return import_trade(str(number), sold=(("SOAP", 1, fen),), freight=0)


def accepted(border, trade):
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 120)
    return trade


def test_the_sixth_full_parcel_of_a_year_is_refused_and_customs_rejects_it(network, cast, border, import_trade):
    for number in range(1, 6):
        accepted(border, parcel(import_trade, number))
    sixth = parcel(import_trade, 6)
    border.stands(sixth)
    border.declares(sixth)
    refused = border.answer("import_list", *sixth.key, 120)
    border.refuses_answer(Refused.OVER_YEARLY_LIMIT, refused, left_fen=YEAR_FEN - 5 * PARCEL_FEN)
    border.answers(sixth, -621018)
    assert network.find(STANDINGS, "import_list", *sixth.key).phase == "rejected"
    accepted(border, parcel(import_trade, 7, YEAR_FEN - 5 * PARCEL_FEN))


def test_a_parcel_that_is_rejected_later_gives_its_share_of_the_year_back(network, border, import_trade):
    first = accepted(border, parcel(import_trade, 1))
    free = lots.total(network.find(QUOTAS, PERSON, "2026"), "free")
    border.answers(first, 100)
    assert lots.total(network.find(QUOTAS, PERSON, "2026"), "free") == free + PARCEL_FEN == YEAR_FEN


def test_another_person_has_a_year_of_its_own(border, import_trade):
    for number in range(1, 6):
        accepted(border, parcel(import_trade, number))
    other = parcel(import_trade, 6)
    border.stands(other)
    border.declares(other)
    border.answers(other, 120, person="6f" * 32)
