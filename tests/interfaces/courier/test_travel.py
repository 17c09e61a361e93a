"""A sealed envelope arrives where it is addressed and nowhere else, whatever is down meanwhile."""

import socket

import pytest

from sogdia.domains.governance.messages import Host, SetUrl
from sogdia.domains.governance.state import MEMBERS, Member
from sogdia.interfaces.http.sealed_shelf import Pair
from sogdia.primitives.sealed import envelope as envelopes
from tests.interfaces.courier.league import ALPHA, BETA, GAMMA, House, League, arrives, until, write
from tests.interfaces.http.town import CARRIER, OTHER_PLATFORM, PLATFORM, SELLER, STRANGER, Caller, envelope, order


def settled(house: House) -> None:
    """It has read everything and wants nothing more."""
    tip = house.node.machine.seal.height
    until(lambda: house.courier.status().height == tip and not house.courier.status().wanted, "nothing is wanted")


def asked(house: House, by: Caller | None, *wanted: Pair) -> tuple[int, list[bytes]]:
    body = [{"trade": one.trade, "envelope": one.envelope} for one in wanted]
    answer = house.call("POST", "/sealed/fetch", by, body)
    return answer.status_code, answer.content.split(b"\n")[:-1]


def test_it_arrives_at_the_node_that_serves_a_recipient_and_at_no_other(league: League) -> None:
    sale = league.carried()
    settled(league.gamma)
    assert not league.gamma.holds(sale.trade, sale.envelope)
    assert league.gamma.courier.status().not_ours == 1
    with league.beta.connection(CARRIER) as connection:
        raw = connection.get_sealed(sale.trade, sale.envelope)
    assert raw is not None
    values, _ = envelopes.open_envelope(envelopes.from_bytes(raw), CARRIER.did, CARRIER.agreement_private)
    assert values == {"buyer_name": "Jeanne Martin"}


def test_a_member_that_joined_by_snapshot_reads_the_state_for_the_blocks_that_it_lacks(league: League) -> None:
    league.beta.close()
    sale = league.sold(CARRIER, at=league.alpha)
    league.beta.open(with_courier=False)
    store = league.beta.node.store
    store.write({place: None for place, _ in store.scan(b"O")})
    league.beta.send_courier()
    arrives(league.beta, sale)


def test_an_order_without_an_envelope_is_nobody_s_errand(league: League) -> None:
    league.submit(order(), by=PLATFORM)
    for house in league.houses:
        settled(house)
        assert house.courier.status().fetched == 0


def test_it_arrives_when_the_serving_node_is_back(league: League) -> None:
    placed = order()
    trade = f"{placed.platform}/{placed.order}"
    sealed = envelope(trade, PLATFORM, CARRIER)
    with league.alpha.connection(PLATFORM) as connection:
        connection.put_sealed([sealed])
    league.alpha.close()
    sale = league.placed(placed, sealed)
    until(lambda: bool(league.beta.courier.status().missing), "beta has asked everybody in vain")
    status = league.beta.courier.status()
    assert [one.member for one in status.failing] == [ALPHA.did]
    assert status.failing[0].why == "unreachable"
    assert (status.wanted, status.missing[0].envelopes) == (1, 1)
    league.alpha.open()
    arrives(league.beta, sale)
    settled(league.beta)
    assert league.beta.courier.status().failing == ()
    assert league.beta.courier.status().missing == ()


def test_what_rests_for_hours_is_fetched_as_soon_as_its_member_answers_again(league: League) -> None:
    league.beta.close()
    placed = order()
    sealed = envelope(f"{placed.platform}/{placed.order}", PLATFORM, CARRIER)
    with league.alpha.connection(PLATFORM) as connection:
        connection.put_sealed([sealed])
    league.alpha.close()
    sale = league.placed(placed, sealed)
    league.beta.open(with_courier=False)
    league.beta.send_courier(first_pause_seconds=3600.0, longest_rest_seconds=3600.0)
    until(lambda: bool(league.beta.courier.status().missing), "it rests for an hour")
    league.alpha.open()
    arrives(league.beta, sale)


def test_a_member_that_holds_a_copy_gives_it_when_the_serving_node_is_gone(league: League) -> None:
    league.gamma.close()
    sale = league.sold(CARRIER, SELLER, at=league.alpha)
    arrives(league.beta, sale)
    league.alpha.close()
    league.gamma.open()
    arrives(league.gamma, sale)


def test_a_node_that_never_answers_holds_up_nobody(league: League) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}"
        league.submit(SetUrl(member=ALPHA.did, url=nowhere), by=ALPHA)
        waiting = league.sold(CARRIER, at=league.alpha)
        other = league.sold(CARRIER, at=league.gamma, platform=OTHER_PLATFORM)
        arrives(league.beta, other)
        assert not league.beta.holds(waiting.trade, waiting.envelope)
        league.submit(SetUrl(member=ALPHA.did, url=league.alpha.url), by=ALPHA)
    arrives(league.beta, waiting)


def test_a_forged_envelope_is_noticed_and_named_and_another_member_is_asked(
    league: League, monkeypatch: pytest.MonkeyPatch
) -> None:
    league.gamma.close()
    sale = league.sold(CARRIER, SELLER, at=league.alpha)
    arrives(league.beta, sale)
    forged = envelopes.from_bytes(envelope(sale.trade, PLATFORM, CARRIER, SELLER))
    monkeypatch.setattr(league.alpha.shelf, "find", lambda trade, wanted: forged)
    league.gamma.open()
    arrives(league.gamma, sale)
    named = league.gamma.courier.status().forged
    assert [(one.member, one.times) for one in named] == [(ALPHA.did, 1)]
    assert league.gamma.shelf.find(sale.trade, forged.id) is None


def test_an_envelope_of_another_trade_under_the_id_on_record_is_not_kept(league: League) -> None:
    elsewhere = f"{PLATFORM.did}/{order().order}"
    sealed = envelope(elsewhere, PLATFORM, CARRIER)
    with league.alpha.connection(PLATFORM) as connection:
        connection.put_sealed([sealed])
    sale = league.placed(order(), sealed)
    until(lambda: bool(league.beta.courier.status().missing), "beta has looked for it")
    assert not league.beta.holds(sale.trade, sale.envelope)
    assert not league.beta.holds(elsewhere, sale.envelope)


# --- who is given what ----------------------------------------------------------------------------------------------


def test_a_member_that_serves_no_recipient_gets_nothing(league: League) -> None:
    sale = league.carried()
    status, (said,) = asked(league.alpha, GAMMA, sale)
    assert status == 200
    assert said == b'{"type":"sogdia.not_given.1","envelope":"%s","reason":"not_for_you"}' % sale.envelope.encode()
    _, (given,) = asked(league.alpha, BETA, sale)
    assert envelopes.from_bytes(given).id == sale.envelope


def test_only_the_platform_s_node_lets_a_member_know_that_there_is_something(league: League) -> None:
    sale = league.carried()
    unknown = Pair(sale.trade, "0" * 64)
    for wanted in (sale, unknown):
        _, (said,) = asked(league.beta, GAMMA, wanted)
        assert said.endswith(b'"reason":"not_here"}')


@pytest.mark.parametrize("by, status", [(CARRIER, 403), (PLATFORM, 403), (STRANGER, 401), (None, 401)])
def test_an_outsider_gets_nothing(league: League, by: Caller | None, status: int) -> None:
    sale = league.sold(CARRIER, at=league.alpha)
    assert asked(league.alpha, by, sale)[0] == status


def test_a_suspended_member_gets_nothing(league: League) -> None:
    sale = league.sold(CARRIER, at=league.alpha)
    write(league.alpha.node, MEMBERS, Member(BETA.did, 1, "suspended", league.beta.url))
    assert asked(league.alpha, BETA, sale)[0] == 403


def test_a_request_has_its_bounds(league: League) -> None:
    sale = Pair(f"{PLATFORM.did}/1", "0" * 64)
    assert asked(league.alpha, BETA, *[sale] * 201)[0] == 413
    assert asked(league.alpha, BETA, Pair("no trade", "0" * 64))[0] == 400
    assert asked(league.alpha, BETA, Pair(f"{PLATFORM.did}/1", "short"))[0] == 400


# --- parties that move ----------------------------------------------------------------------------------------------


def test_a_party_that_moves_finds_its_envelopes_at_its_new_member(league: League) -> None:
    sale = league.carried()
    settled(league.gamma)
    assert not league.gamma.holds(sale.trade, sale.envelope)
    league.submit(Host(party=CARRIER.did, member=GAMMA.did), by=CARRIER)
    arrives(league.gamma, sale)
    with league.gamma.connection(CARRIER) as connection:
        assert connection.get_sealed(sale.trade, sale.envelope) is not None
    assert league.gamma.courier.status().not_ours == 0


def test_a_member_that_names_nobody_is_served_by_its_own_node(league: League) -> None:
    sale = league.sold(BETA, at=league.alpha)
    arrives(league.beta, sale)
    settled(league.gamma)
    assert not league.gamma.holds(sale.trade, sale.envelope)


# --- patience -------------------------------------------------------------------------------------------------------


def test_what_is_not_found_in_time_is_given_up(league: League) -> None:
    league.beta.close()
    league.beta.open(with_courier=False)
    league.beta.send_courier(keep_asking_days=0)
    placed = order()
    league.placed(placed, envelope(f"{placed.platform}/{placed.order}", PLATFORM, CARRIER))
    until(lambda: league.beta.courier.status().given_up == 1, "it is given up")
    assert league.beta.courier.status().wanted == 0


def test_a_node_that_starts_its_courier_late_reads_the_state(league: League) -> None:
    league.beta.close()
    sale = league.sold(CARRIER, at=league.alpha)
    league.beta.open(with_courier=False)
    assert not league.beta.holds(sale.trade, sale.envelope)
    league.beta.send_courier()
    arrives(league.beta, sale)
