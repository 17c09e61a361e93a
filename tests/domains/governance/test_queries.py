"""Who belongs to the network and how it runs is open to everybody."""

from sogdia.domains.governance import queries
from sogdia.domains.governance.messages import (
    HaltNetwork,
    Host,
    Misbehaved,
    RemoveMember,
    Review,
    RotateValidator,
    SetParameters,
    SetQuota,
    SuspendMember,
    UnseatValidator,
    Upgrade,
)
from sogdia.domains.governance.rules.offences import address_of
from tests.domains.governance.conftest import DAY_MS, application, consensus_key, url_of


def test_members_with_their_standing(network, ask, cast):
    network.pass_case(SuspendMember(party=cast.fourth.did))
    everyone = ask(queries.members)
    assert [one["party"] for one in everyone] == sorted(member.did for member in cast.members)
    assert [one["party"] for one in ask(queries.members, standing="suspended")] == [cast.fourth.did]


def test_validators_and_those_that_were(network, ask, cast):
    network.pass_case(UnseatValidator(party=cast.fourth.did))
    network.accepts(RotateValidator(member=cast.first.did, validator=consensus_key(cast.first, "new")), by=cast.first)
    found = ask(queries.validators)
    assert [one["power"] for one in found] == [10, 10, 10, 0, 0]
    assert {one["reason"] for one in found[3:]} == {"rotated", "unseated"}


def test_open_cases_come_first_and_lapsed_ones_do_not_count_as_open(network, ask, cast):
    network.propose(SetParameters(case_days=3), cast.first)
    network.pass_case(SetParameters(case_days=5))
    network.propose(RemoveMember(party=cast.fourth.did), cast.first)
    found = ask(queries.cases)
    assert [(one["case_no"], one["standing"]) for one in found] == [
        ("000003", "open"), ("000001", "open"), ("000002", "passed"),
    ]  # fmt: skip
    assert [one["case_no"] for one in ask(queries.cases, before="000003", limit=1)] == ["000001"]
    network.time_ms += 6 * DAY_MS
    network.accepts(Host(party=cast.seller.did, member=cast.first.did), by=cast.seller)
    standings = {one["case_no"]: (one["status"], one["standing"]) for one in ask(queries.cases)}
    assert standings["000003"] == ("open", "lapsed")
    assert standings["000001"] == ("open", "open")


def test_a_case_with_what_it_does(network, ask, cast):
    network.propose(RemoveMember(party=cast.fourth.did), cast.first)
    found = ask(queries.case, case_no="000001")
    assert (found["kind"], found["subject"], found["standing"]) == ("remove_member", cast.fourth.did, "open")
    assert found["what"] == {"action": "remove_member", "party": cast.fourth.did}
    assert found["application"] is None
    assert ask(queries.case, case_no="000009") is None


def test_applications_with_their_reviews(network, ask, cast):
    network.accepts(application(cast.newcomer), by=cast.newcomer)
    asked = Review(member=cast.first.did, case_no="000001", finding="wanting", digest="99" * 32, text="licence expired")
    network.accepts(asked, by=cast.first)
    (found,) = ask(queries.applications, party=cast.newcomer.did)
    assert found["organisation"]["registration"] == "302345678"
    assert found["reviews"] == [[cast.first.did, "wanting", "99" * 32, "licence expired"]]
    assert ask(queries.case, case_no="000001")["application"]["party"] == cast.newcomer.did
    assert ask(queries.applications, party=cast.seller.did) == []


def test_parameters_quotas_and_versions(network, ask, cast):
    network.pass_case(SetParameters(party_limit=40))
    network.pass_case(SetQuota(party=cast.seller.did, limit=7))
    network.pass_case(Upgrade(module="orders", version=2, from_height=900))
    network.pass_case(HaltNetwork(until_ms=network.time_ms + 1000, reason="test"))
    found = ask(queries.parameters)
    assert (found["party_limit"], found["votes_needed"]) == (40, {"numerator": 2, "denominator": 3})
    assert found["halt"] == [network.time_ms + 1000, "test", "000004"]
    assert ask(queries.quotas) == [{"party": cast.seller.did, "limit": 7}]
    assert ask(queries.rules) == [{"module": "orders", "version": 2, "from_height": 900}]


def test_who_hosts_whom_and_where(network, ask, cast):
    network.accepts(Host(party=cast.seller.did, member=cast.first.did), by=cast.seller)
    (found,) = ask(queries.hosts)
    assert (found["party"], found["member"], found["url"]) == (cast.seller.did, cast.first.did, url_of(cast.first))
    assert ask(queries.hosts, member=cast.second.did) == []


def test_misbehaviour(network, ask, cast):
    address = address_of(consensus_key(cast.fourth))
    for height in (5, 9):
        network.tells(
            Misbehaved(kind="double_sign", address=address, power=10, engine_height=height, time_ms=network.time_ms)
        )
    assert [(one["engine_height"], one["party"]) for one in ask(queries.misbehaviour)] == [
        (9, cast.fourth.did), (5, cast.fourth.did),
    ]  # fmt: skip
