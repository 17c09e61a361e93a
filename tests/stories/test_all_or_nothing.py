"""Two messages of two signers in one transaction happen together, or neither does."""

from msgspec.structs import replace

from sogdia.core.refusal import Refused
from sogdia.domains.identity.messages import Refused as Identity
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.messages import Refused as Orders
from sogdia.domains.orders.state import ORDERS
from sogdia.domains.payments.state import PAYMENTS


def test_order_and_payment_of_two_signers_stand_together(network, cast, border, import_trade):
    trade = import_trade()
    network.accepts(trade.place, trade.attest, by=[cast.platform, cast.institution])
    assert network.find(ORDERS, cast.platform.did, "O1") is not None
    assert network.find(PAYMENTS, cast.institution.did, "P1") is not None


def test_a_payment_that_is_refused_takes_the_order_with_it(network, cast, border, import_trade):
    first, second = import_trade("1"), import_trade("2")
    network.accepts(first.place, first.attest, by=[cast.platform, cast.institution])
    used = replace(second.attest, payment="P1")
    root = network.machine.seal.state_root
    answer = network.send(second.place, used, by=[cast.platform, cast.institution])
    assert answer.code == 4001, "the payment's number is taken"
    assert network.find(ORDERS, cast.platform.did, "O2") is None
    assert network.machine.seal.state_root == root, "nothing has moved"


def test_one_signature_does_not_carry_the_others_message(network, cast, border, import_trade):
    trade = import_trade()
    network.refuses(Identity.NOT_SIGNED_BY, trade.place, trade.attest, by=cast.platform)
    assert network.find(ORDERS, cast.platform.did, "O1") is None


def test_the_third_of_three_messages_takes_the_first_two_with_it(network, cast, border, import_trade):
    trade = import_trade()
    wrong = replace(trade.place, order="O2", goods_minor=trade.place.goods_minor + 1)
    network.refuses(Orders.GOODS_VALUE_WRONG, trade.place, trade.waybill, wrong, by=[cast.platform, cast.carrier])
    assert network.find(ORDERS, cast.platform.did, "O1") is None
    assert network.find(WAYBILLS, cast.carrier.did, "W1") is None


def test_a_forged_second_signature_spoils_both(network, cast, border, import_trade):
    trade = import_trade()
    forger = cast.institution.pen("key-1")
    assert forger.kid == cast.institution.kid
    network.refuses(Refused.BAD_SIGNATURE, trade.place, trade.attest, by=[cast.platform, forger])
    assert network.find(ORDERS, cast.platform.did, "O1") is None
