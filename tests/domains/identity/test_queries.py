"""Parties and their keys are public; delegations are between the two and customs."""

from sogdia.domains.identity import queries
from sogdia.domains.identity.messages import Delegate, Rotate


def test_anyone_finds_a_party_with_its_keys(network, ask, cast):
    new = cast.seller.pen("key-2")
    network.accepts(Rotate(party=cast.seller.did, add=(new.new(),), retire=(cast.seller.kid,)), by=cast.seller)
    found = ask(queries.party, did=cast.seller.did)
    assert (found["name"], found["roles"]) == ("seller", ["seller"])
    assert [(key["id"], key["retired_height"]) for key in found["keys"]] == [(cast.seller.kid, 2), (new.kid, 0)]
    assert ask(queries.party, did=cast.stranger.did) is None


def test_parties_are_read_page_by_page(ask, cast):
    everyone = sorted(registration.party for registration in cast.registrations())
    first = ask(queries.parties, limit=4)
    rest = ask(queries.parties, after=first[-1]["did"])
    assert [party["did"] for party in first + rest] == everyone


def test_a_delegation_is_seen_by_both_sides_and_customs(network, ask, cast):
    until_ms = network.time_ms + 1
    given = Delegate(principal=cast.seller.did, agent=cast.broker.did, actions=("orders.place",), until_ms=until_ms)
    network.accepts(given, by=cast.seller)
    for asker in (cast.seller, cast.broker, cast.customs):
        (found,) = ask(queries.delegations, by=asker)
        assert (found["agent"], found["actions"]) == (cast.broker.did, ["orders.place"])
    assert ask(queries.delegations, by=cast.platform) == []
    assert ask(queries.delegations) == []
    assert ask(queries.delegations, by=cast.customs, principal=cast.platform.did) == []


def test_delegations_are_found_by_agent_too(network, ask, cast):
    until_ms = network.time_ms + 1
    for principal, agent in ((cast.seller, cast.broker), (cast.platform, cast.broker), (cast.seller, cast.carrier)):
        given = Delegate(principal=principal.did, agent=agent.did, actions=("orders.place",), until_ms=until_ms)
        network.accepts(given, by=principal)
    held = ask(queries.delegations, by=cast.customs, agent=cast.broker.did)
    assert sorted(one["principal"] for one in held) == sorted((cast.seller.did, cast.platform.did))
    (one,) = ask(queries.delegations, by=cast.customs, principal=cast.seller.did, agent=cast.carrier.did)
    assert (one["principal"], one["agent"]) == (cast.seller.did, cast.carrier.did)
    assert ask(queries.delegations, by=cast.platform, agent=cast.carrier.did) == []
