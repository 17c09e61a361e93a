"""A carrier addresses a parcel to somebody else: the match names the field and who says what, and no person."""

import json

from msgspec.structs import replace

from sogdia.domains.customs.state import IMPORT_LISTS
from sogdia.primitives.sealed.commitments import commit
from tests.domains.customs.conftest import CONSIGNEE, SECRET


def test_field_and_party_are_named_and_nobody_learns_the_name(network, cast, border, import_trade, disagreements):
    trade = import_trade()
    other = commit(SECRET, "name", "Zhao Liu")
    trade.waybill = replace(trade.waybill, consignee=other)
    border.stands(trade)
    (point,) = disagreements(trade)
    assert (point["field"], point["rule"]) == ("consignee", "R3")
    assert point["values"]["carrier"] == other[:12]
    assert point["values"]["platform"] == CONSIGNEE["consignee"][:12]
    assert "Zhao" not in json.dumps(point)
    assert network.find(IMPORT_LISTS, *trade.key) is None


def test_the_right_waybill_lets_the_list_pass(network, cast, border, import_trade, disagreements):
    trade = import_trade()
    right = trade.waybill
    trade.waybill = replace(right, consignee=commit(SECRET, "name", "Zhao Liu"))
    border.stands(trade)
    assert disagreements(trade)
    network.accepts(replace(right, waybill="W1-2"), by=cast.carrier)
    trade.declare = replace(trade.declare, waybill="W1-2")
    border.declares(trade)


def test_an_institution_that_was_paid_another_amount_is_named(border, import_trade, disagreements):
    trade = import_trade()
    trade.attest = replace(trade.attest, amount_minor=trade.attest.amount_minor + 100)
    border.stands(trade)
    (point,) = disagreements(trade)
    assert (point["field"], point["rule"]) == ("amount_minor", "R2")
    assert point["values"] == {
        "platform": trade.place.paid_minor,
        "payment_institution": trade.place.paid_minor + 100,
    }
