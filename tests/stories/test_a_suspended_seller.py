"""A seller whom the registrar suspends sells and declares nothing until it is reinstated."""

from sogdia.domains.customs.state import DECLARATIONS
from sogdia.domains.identity.messages import Refused, Reinstate, Suspend


def test_a_suspended_seller_sells_nothing_and_nothing_is_declared_for_it(network, cast, border, export_trade):
    before, after = export_trade("1"), export_trade("2")
    border.stands(before)
    told = {"party": cast.seller.did, "registrar": cast.registrar.did}
    network.accepts(Suspend(**told, reason="counterfeit lanterns"), by=cast.registrar)

    network.refuses(Refused.PARTY_SUSPENDED, after.place, by=cast.platform)
    network.refuses(Refused.PARTY_SUSPENDED, before.declare, by=cast.broker)

    network.accepts(Reinstate(**told), by=cast.registrar)
    border.stands(after)
    border.declares(before)
    border.declares(after)
    assert network.find(DECLARATIONS, cast.platform.did, "O1").list_no == "L1"
