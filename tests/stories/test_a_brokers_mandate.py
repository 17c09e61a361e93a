"""A broker declares for a seller only as long as the seller wants it to."""

import pytest
from msgspec.structs import replace

from sogdia.domains.customs.state import DECLARATIONS
from sogdia.domains.identity.messages import Delegate, Refused, RevokeDelegation

DECLARES = ("customs.declare_export", "customs.declare_import")


@pytest.fixture
def two_trades(border, export_trade):
    first, second = export_trade("1"), export_trade("2")
    border.stands(first)
    border.stands(second)
    return first, second


def test_a_broker_without_a_mandate_declares_nothing(network, cast, border, export_trade):
    trade = export_trade()
    trade.place = replace(trade.place, seller=cast.seller.did)
    border.stands(trade)
    stranger = replace(trade.declare, broker=cast.institution.did)
    network.refuses(Refused.ROLE_MISSING, stranger, by=cast.institution)
    network.accepts(RevokeDelegation(principal=cast.seller.did, agent=cast.broker.did), by=cast.seller)
    answer = network.send(trade.declare, by=cast.broker)
    assert answer.code in (Refused.NOT_SIGNED_BY, Refused.DELEGATION_UNKNOWN)
    assert network.find(DECLARATIONS, cast.platform.did, "O1") is None


def test_a_broker_that_loses_its_mandate_declares_no_more_and_what_it_declared_stays(network, cast, border, two_trades):
    first, second = two_trades
    border.declares(first)
    network.accepts(RevokeDelegation(principal=cast.seller.did, agent=cast.broker.did), by=cast.seller)
    assert network.send(second.declare, by=cast.broker).code != 0
    assert network.find(DECLARATIONS, cast.platform.did, "O1").list_no == "L1"
    again = Delegate(
        principal=cast.seller.did, agent=cast.broker.did, actions=DECLARES, until_ms=network.time_ms + 86_400_000
    )
    network.accepts(again, by=cast.seller)
    border.declares(second)


def test_a_mandate_ends_on_its_last_day(network, cast, border, two_trades):
    first, second = two_trades
    short = Delegate(
        principal=cast.seller.did, agent=cast.broker.did, actions=DECLARES, until_ms=network.time_ms + 1_000
    )
    network.accepts(short, by=cast.seller)
    border.declares(first)
    network.time_ms += 2_000
    assert network.send(second.declare, by=cast.broker).code != 0


def test_a_mandate_for_one_direction_is_none_for_the_other(network, cast, border, two_trades):
    only_imports = Delegate(
        principal=cast.seller.did, agent=cast.broker.did, actions=DECLARES[1:], until_ms=network.time_ms + 10**9
    )
    network.accepts(only_imports, by=cast.seller)
    assert network.send(two_trades[0].declare, by=cast.broker).code != 0


def test_a_seller_may_declare_for_itself(network, cast, two_trades):
    itself = replace(two_trades[0].declare, broker=cast.seller.did)
    network.accepts(itself, by=cast.seller)
