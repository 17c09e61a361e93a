"""A platform has a trade erased: every node destroys its copy and signs for it, also the one that was down."""

from typing import Any

import pytest
from msgspec import convert
from msgspec.structs import replace

from sogdia.core.transaction import Envelope
from sogdia.domains.governance.messages import Host
from sogdia.interfaces.courier.receipts import Statement, UnfitReceipt, read_receipt, sign_receipt
from sogdia.interfaces.http.sealed_shelf import Confirmation, Pair
from sogdia.primitives.sealed.errors import Erased
from sogdia.primitives.sealed.vault import ErasureReceipt
from tests.interfaces.courier.league import ALPHA, BETA, GAMMA, House, League, until
from tests.interfaces.http.town import CARRIER, NETWORK, OTHER_PLATFORM, PLATFORM, SELLER, Caller


def told(house: House, sale: Pair, by: Caller = PLATFORM) -> dict[str, dict[str, Any]]:
    """What GET /sealed/receipts says, by member."""
    answer = house.call("GET", f"/sealed/receipts?trade={sale.trade}", by)
    assert answer.status_code in (200, 404)
    return {one["member"]: one for one in answer.json()} if answer.status_code == 200 else {}


def signed(house: House, sale: Pair) -> set[str]:
    return {member for member, one in told(house, sale).items() if one["receipt"]}


def statement(house: House, sale: Pair, member: Caller) -> Statement:
    """The receipt of a member, with its signature checked against the record."""
    receipt = convert(told(house, sale)[member.did]["receipt"], Envelope)
    return read_receipt(
        receipt, NETWORK.network, member.did, sale.trade, lambda kid: house.node.record("identity.key", kid)
    )


def erased_without_beta(league: League) -> Pair:
    """A sale that was erased while the carrier's node is down; those that run have signed for it."""
    sale = league.carried()
    league.beta.close()
    league.erase(sale)
    until(lambda: signed(league.alpha, sale) == {ALPHA.did, GAMMA.did}, "those that run have signed")
    return sale


def test_every_node_destroys_its_copy_and_signs_for_it(league: League) -> None:
    sale = league.carried()
    league.erase(sale)
    until(lambda: len(signed(league.alpha, sale)) == 3, "all have signed")
    for house in league.houses:
        assert not house.holds(sale.trade, sale.envelope)
        assert house.courier.status().erased == 1
    for member, destroyed in ((ALPHA, (sale.envelope,)), (BETA, (sale.envelope,)), (GAMMA, ())):
        said = statement(league.alpha, sale, member)
        assert (said.erasure.envelopes, said.erasure.reason) == (destroyed, "request")
    assert league.alpha.courier.status().receipts_due == 0
    with league.beta.connection(CARRIER) as connection, pytest.raises(Erased):
        connection.get_sealed(sale.trade, sale.envelope)


def test_it_reaches_a_node_that_was_down_and_nobody_says_so_before(league: League) -> None:
    sale = erased_without_beta(league)
    waiting = told(league.alpha, sale)[BETA.did]
    assert waiting["receipt"] is None
    assert waiting["since_ms"] > 1_700_000_000_000
    assert league.alpha.courier.status().receipts_due == 1
    league.beta.open()
    until(lambda: len(signed(league.alpha, sale)) == 3, "beta has signed too")
    assert statement(league.alpha, sale, BETA).erasure.envelopes == (sale.envelope,)
    assert not league.beta.holds(sale.trade, sale.envelope)


def test_the_receipts_outlive_a_restart_of_the_platform_s_node(league: League) -> None:
    sale = erased_without_beta(league)
    league.alpha.close()
    league.beta.open()
    league.alpha.open()
    until(lambda: len(signed(league.alpha, sale)) == 3, "alpha has gone on to ask")


def test_what_is_erased_is_never_fetched_again_nor_left_again(league: League) -> None:
    sale = league.carried()
    with league.beta.connection(CARRIER) as connection:
        copy = connection.get_sealed(sale.trade, sale.envelope)
    assert copy is not None
    league.gamma.close()
    league.erase(sale)
    until(lambda: BETA.did in signed(league.alpha, sale), "beta has signed")
    answer = league.beta.call("POST", "/sealed/fetch", GAMMA, [{"trade": sale.trade, "envelope": sale.envelope}])
    assert b'"reason":"erased"' in answer.content
    league.gamma.open()
    until(lambda: GAMMA.did in signed(league.alpha, sale), "gamma has signed, which never had it")
    status = league.gamma.courier.status()
    assert (status.wanted, status.not_ours) == (0, 0)
    with league.beta.connection(CARRIER) as connection, pytest.raises(Exception, match="Gone for ever"):
        connection.put_sealed([copy])


def test_a_platform_that_moves_can_show_it_at_its_new_member(league: League) -> None:
    sale = league.carried()
    league.erase(sale)
    until(lambda: len(signed(league.alpha, sale)) == 3, "all have signed")
    assert signed(league.gamma, sale) == {GAMMA.did}
    league.submit(Host(party=PLATFORM.did, member=GAMMA.did), by=PLATFORM)
    until(lambda: len(signed(league.gamma, sale)) == 3, "gamma has collected them too")


def test_a_receipt_that_another_key_has_signed_is_not_believed(league: League, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = league.carried()
    league.beta.close()
    league.beta.open(with_courier=False)
    false = ErasureReceipt(sale.trade, 1, "request", (), False)
    forged = Confirmation(BETA.did, 1, sign_receipt(NETWORK.network, BETA.did, false, GAMMA))
    monkeypatch.setattr(league.beta.shelf, "confirmations", lambda trade: [forged])
    league.erase(sale)
    until(lambda: signed(league.alpha, sale) == {ALPHA.did, GAMMA.did}, "the others have signed")
    until(lambda: league.alpha.courier.status().receipts_due == 1, "beta still owes one")
    assert told(league.beta, sale, by=ALPHA)[BETA.did]["receipt"] is not None
    assert told(league.alpha, sale)[BETA.did]["receipt"] is None


def test_who_has_no_part_in_the_trade_learns_nothing_of_its_erasure(league: League) -> None:
    sale = league.carried()
    league.erase(sale)
    until(lambda: len(signed(league.alpha, sale)) == 3, "all have signed")
    assert told(league.alpha, sale, by=OTHER_PLATFORM) == {}
    assert told(league.beta, sale, by=GAMMA) == {}
    assert set(told(league.beta, sale, by=ALPHA)) == {BETA.did}
    assert set(told(league.alpha, sale, by=SELLER)) == {ALPHA.did}


# --- the receipt itself ---------------------------------------------------------------------------------------------

TRADE = f"{PLATFORM.did}/2026-1"
ERASED = ErasureReceipt(TRADE, 1_790_000_000_000, "request", ("ab" * 32,), True)


class KeyOf:
    """The key of a party, as the record has it."""

    def __init__(self, party: Caller) -> None:
        self.id, self.party, self.scheme, self.public = party.kid, party.did, party.scheme, party.key.public.hex()
        self.purpose, self.retired_height = "sign", 0

    def __call__(self, kid: str) -> Any:
        return self if kid == self.id else None


def test_a_receipt_holds_for_its_member_its_trade_and_its_network() -> None:
    receipt = sign_receipt(NETWORK.network, BETA.did, ERASED, BETA)
    said = read_receipt(receipt, NETWORK.network, BETA.did, TRADE, KeyOf(BETA))
    assert said.erasure == ERASED
    for network, member, trade, key in (
        ("another", BETA.did, TRADE, KeyOf(BETA)),
        (NETWORK.network, GAMMA.did, TRADE, KeyOf(BETA)),
        (NETWORK.network, BETA.did, f"{PLATFORM.did}/2026-2", KeyOf(BETA)),
        (NETWORK.network, BETA.did, TRADE, KeyOf(GAMMA)),
    ):
        with pytest.raises(UnfitReceipt):
            read_receipt(receipt, network, member, trade, key)


def test_a_receipt_that_was_altered_does_not_hold() -> None:
    receipt = sign_receipt(NETWORK.network, BETA.did, ERASED, BETA)
    other = sign_receipt(NETWORK.network, BETA.did, replace(ERASED, envelopes=()), BETA)
    for altered in (
        replace(receipt, payload=other.payload),
        replace(receipt, signatures=()),
        replace(receipt, payload="#"),
        replace(receipt, payload="é"),
    ):
        with pytest.raises(UnfitReceipt):
            read_receipt(altered, NETWORK.network, BETA.did, TRADE, KeyOf(BETA))
