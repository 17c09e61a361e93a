"""Members are suspended, reinstated and removed by vote; seats come and go; somebody is always left."""

import pytest

from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.governance.messages import (
    ChangeRole,
    Host,
    Parameters,
    Propose,
    Refused,
    ReinstateMember,
    Rejoin,
    RemoveMember,
    RotateValidator,
    SeatValidator,
    SetUrl,
    SuspendMember,
    UnseatValidator,
    Vote,
)
from sogdia.domains.governance.state import (
    CASES,
    HOSTINGS,
    MEMBERS,
    SUSPENDED,
    VALIDATORS,
    total_power,
    validator_updates,
)
from sogdia.domains.identity.messages import Refused as IdentityRefused
from sogdia.domains.identity.messages import Reinstate, Suspend
from sogdia.domains.identity.state import PARTIES
from tests.domains.conftest import Actor
from tests.domains.governance.conftest import DAY_MS, consensus_key


def proposed(what, by):
    return Propose(member=by.did, what=what)


@pytest.fixture
def suspended(scene, cast):
    """The fourth member is suspended for ten days."""
    scene.pass_case(SuspendMember(party=cast.fourth.did, until_ms=scene.time_ms + 10 * DAY_MS))
    return scene


class TestSuspending:
    def test_vote_seat_and_signatures_are_gone(self, suspended, cast):
        fourth, key = cast.fourth, consensus_key(cast.fourth)
        assert suspended.find(MEMBERS, fourth.did).standing == "suspended"
        seat = suspended.find(VALIDATORS, key)
        assert (seat.power, seat.reason) == (0, "suspended")
        assert seat.retired_height > seat.since_height
        assert suspended.find(PARTIES, fourth.did).suspended == SUSPENDED
        suspended.propose(ChangeRole(party=cast.seller.did, role="platform", change="grant"), cast.first)
        vote = Vote(member=fourth.did, case_no="000002", choice="no")
        suspended.refuses(Refused.NOT_A_MEMBER, vote, by=fourth, standing="suspended")
        moved = SetUrl(member=fourth.did, url="https://moved.example")
        suspended.refuses(Refused.NOT_A_MEMBER, moved, by=fourth)

    def test_the_end_lies_ahead(self, scene, cast):
        asked = SuspendMember(party=cast.fourth.did, until_ms=scene.time_ms)
        scene.refuses(Refused.UNTIL_PAST, proposed(asked, cast.first), by=cast.first, until_ms=scene.time_ms)

    def test_only_active_members_are_suspended(self, suspended, cast):
        for party in (cast.fourth.did, cast.seller.did):
            asked = proposed(SuspendMember(party=party), cast.first)
            suspended.refuses(Refused.NOT_A_MEMBER, asked, by=cast.first, party=party)

    def test_a_registrars_reason_is_left_alone(self, scene, cast):
        scene.accepts(Suspend(party=cast.fourth.did, reason="debts", registrar=cast.registrar.did), by=cast.registrar)
        scene.pass_case(SuspendMember(party=cast.fourth.did, until_ms=scene.time_ms + 1))
        assert scene.find(PARTIES, cast.fourth.did).suspended == "debts"
        scene.time_ms += 2
        scene.accepts(Rejoin(member=cast.fourth.did), by=cast.fourth)
        assert scene.find(MEMBERS, cast.fourth.did).standing == "active"
        assert scene.find(PARTIES, cast.fourth.did).suspended == "debts"


class TestComingBack:
    def test_members_reinstate_with_seat_and_all(self, suspended, cast):
        suspended.pass_case(ReinstateMember(party=cast.fourth.did))
        key = consensus_key(cast.fourth)
        assert suspended.find(MEMBERS, cast.fourth.did).standing == "active"
        assert (suspended.find(VALIDATORS, key).power, suspended.find(VALIDATORS, key).retired_height) == (10, 0)
        assert suspended.find(PARTIES, cast.fourth.did).suspended == ""

    def test_when_the_suspension_is_over_the_member_says_so(self, suspended, cast):
        asked = Rejoin(member=cast.fourth.did)
        until_ms = suspended.find(MEMBERS, cast.fourth.did).until_ms
        suspended.time_ms = until_ms
        suspended.refuses(Refused.SUSPENSION_LASTS, asked, by=cast.fourth, until_ms=until_ms)
        suspended.time_ms = until_ms + 1
        suspended.accepts(asked, by=cast.fourth)
        assert suspended.find(MEMBERS, cast.fourth.did).standing == "active"
        assert suspended.find(PARTIES, cast.fourth.did).suspended == ""
        assert suspended.find(VALIDATORS, consensus_key(cast.fourth)).power == 0, "the seat waits for a vote"
        seat = SeatValidator(party=cast.fourth.did, validator=consensus_key(cast.fourth), power=10)
        suspended.pass_case(seat)
        assert suspended.find(VALIDATORS, consensus_key(cast.fourth)).power == 10

    def test_a_suspension_without_end_ends_by_vote_only(self, scene, cast):
        scene.pass_case(SuspendMember(party=cast.fourth.did))
        scene.time_ms += 1000 * DAY_MS
        scene.refuses(Refused.SUSPENSION_LASTS, Rejoin(member=cast.fourth.did), by=cast.fourth, until_ms=0)

    def test_who_is_not_suspended_has_nothing_to_come_back_from(self, scene, cast):
        scene.refuses(Refused.NOT_SUSPENDED, Rejoin(member=cast.first.did), by=cast.first, standing="active")
        asked = proposed(ReinstateMember(party=cast.seller.did), cast.first)
        scene.refuses(Refused.NOT_SUSPENDED, asked, by=cast.first, standing="none")
        scene.refuses(IdentityRefused.NOT_SIGNED_BY, Rejoin(member=cast.first.did), by=cast.second)

    def test_a_registrar_gives_back_signatures_but_no_vote(self, suspended, cast):
        suspended.accepts(Reinstate(party=cast.fourth.did, registrar=cast.registrar.did), by=cast.registrar)
        asked = SetUrl(member=cast.fourth.did, url="https://moved.example")
        suspended.refuses(Refused.NOT_A_MEMBER, asked, by=cast.fourth)


class TestRemoving:
    def test_membership_seat_and_roles_are_gone_and_the_party_stays(self, scene, cast):
        scene.pass_case(RemoveMember(party=cast.second.did))
        assert scene.find(MEMBERS, cast.second.did).standing == "removed"
        assert scene.find(VALIDATORS, consensus_key(cast.second)).reason == "removed"
        party = scene.find(PARTIES, cast.second.did)
        assert (party.roles, party.suspended) == ((), "")
        asked = proposed(RemoveMember(party=cast.second.did), cast.first)
        scene.refuses(Refused.NOT_A_MEMBER, asked, by=cast.first, standing="removed")

    def test_a_suspended_member_can_be_removed(self, suspended, cast):
        suspended.pass_case(RemoveMember(party=cast.fourth.did))
        assert suspended.find(MEMBERS, cast.fourth.did).standing == "removed"

    def test_the_last_member_stays(self, new_network, cast):
        scene = new_network()
        for one in (cast.fourth, cast.third, cast.second):
            case_no = scene.propose(SuspendMember(party=one.did), cast.first)
            for other in cast.members[1:]:
                if scene.find(CASES, case_no).status == "open":
                    scene.vote(case_no, other)
        for what in (RemoveMember(party=cast.first.did), SuspendMember(party=cast.first.did)):
            scene.refuses(Refused.LAST_MEMBER, proposed(what, cast.first), by=cast.first)


class TestSeats:
    def test_a_seat_may_weigh_more(self, scene, cast):
        heavier = SeatValidator(party=cast.first.did, validator=consensus_key(cast.first), power=30)
        scene.pass_case(heavier)
        seat = scene.find(VALIDATORS, consensus_key(cast.first))
        assert (seat.power, seat.since_height) == (30, 1)
        scene.refuses(Refused.NOTHING_CHANGES, proposed(heavier, cast.first), by=cast.first)

    def test_a_member_without_a_seat_gets_one(self, scene, cast):
        scene.pass_case(UnseatValidator(party=cast.fourth.did))
        assert scene.find(MEMBERS, cast.fourth.did).standing == "active"
        old = SeatValidator(party=cast.fourth.did, validator=consensus_key(cast.fourth), power=10)
        scene.refuses(Refused.KEY_TAKEN, proposed(old, cast.first), by=cast.first)
        scene.pass_case(SeatValidator(party=cast.fourth.did, validator=consensus_key(cast.fourth, "new"), power=5))
        assert scene.find(VALIDATORS, consensus_key(cast.fourth, "new")).power == 5
        assert total_power(scene.state) == 35

    def test_a_vote_does_not_change_the_key_under_a_member(self, scene, cast):
        asked = SeatValidator(party=cast.fourth.did, validator=consensus_key(cast.fourth, "new"), power=10)
        scene.refuses(Refused.SEAT_HELD, proposed(asked, cast.first), by=cast.first, party=cast.fourth.did)

    def test_seats_are_for_members(self, scene, cast):
        asked = SeatValidator(party=cast.seller.did, validator=consensus_key(cast.seller), power=10)
        scene.refuses(Refused.NOT_A_MEMBER, proposed(asked, cast.first), by=cast.first)

    def test_all_seats_together_have_a_limit(self, new_network, cast):
        extra = [Actor(f"member {number}") for number in range(7)]
        scene = new_network(Parameters(validator_power=905), extra)
        assert total_power(scene.state) == 9955
        asked = SeatValidator(party=cast.first.did, validator=consensus_key(cast.first), power=951)
        scene.refuses(Refused.TOO_MUCH_POWER, proposed(asked, cast.first), by=cast.first, power=10_001, limit=10_000)
        least = SeatValidator(party=cast.first.did, validator=consensus_key(cast.first), power=950)
        scene.accepts(proposed(least, cast.first), by=cast.first)

    def test_nobody_takes_the_last_seat(self, scene, cast):
        for one in cast.members[1:]:
            scene.pass_case(UnseatValidator(party=one.did))
        for what in (
            UnseatValidator(party=cast.first.did),
            RemoveMember(party=cast.first.did),
            SuspendMember(party=cast.first.did),
        ):
            scene.refuses(Refused.LAST_VALIDATOR, proposed(what, cast.second), by=cast.second, party=cast.first.did)

    def test_of_two_votes_in_a_row_the_second_does_not_take_the_last_seat(self, new_network, cast):
        scene = new_network(Parameters(open_cases_limit=10))
        for one in cast.members[2:]:
            scene.pass_case(UnseatValidator(party=one.did))
        first = scene.propose(UnseatValidator(party=cast.first.did), cast.first)
        second = scene.propose(UnseatValidator(party=cast.second.did), cast.first)
        scene.vote(first, cast.second, cast.third)
        scene.vote(second, cast.second)
        last = Vote(member=cast.third.did, case_no=second, choice="yes")
        scene.refuses(Refused.LAST_VALIDATOR, last, by=cast.third, party=cast.second.did)


class TestRotating:
    def test_the_seat_goes_on_with_the_new_key_at_once(self, scene, cast):
        old, new = consensus_key(cast.first), consensus_key(cast.first, "new")
        (told,) = scene.accepts(RotateValidator(member=cast.first.did, validator=new), by=cast.first)
        assert (told["type"], told["detail"]) == ("governance.member_changed", new)
        assert (scene.find(VALIDATORS, old).power, scene.find(VALIDATORS, new).power) == (0, 10)
        assert scene.find(VALIDATORS, old).retired_height == scene.find(VALIDATORS, new).since_height
        assert scene.find(MEMBERS, cast.first.did).validator == new

    def test_a_key_is_used_once(self, scene, cast):
        for taken in (consensus_key(cast.first), consensus_key(cast.second)):
            asked = RotateValidator(member=cast.first.did, validator=taken)
            scene.refuses(Refused.KEY_TAKEN, asked, by=cast.first, validator=taken)

    def test_without_a_seat_there_is_nothing_to_rotate(self, scene, cast):
        scene.pass_case(UnseatValidator(party=cast.fourth.did))
        asked = RotateValidator(member=cast.fourth.did, validator=consensus_key(cast.fourth, "new"))
        scene.refuses(Refused.NO_SEAT, asked, by=cast.fourth)

    def test_nobody_rotates_for_another(self, scene, cast):
        asked = RotateValidator(member=cast.first.did, validator=consensus_key(cast.first, "new"))
        scene.refuses(IdentityRefused.NOT_SIGNED_BY, asked, by=cast.second, action="governance.rotate_validator")
        scene.refuses(
            Refused.NOT_A_MEMBER, RotateValidator(member=cast.seller.did, validator="88" * 32), by=cast.seller
        )


class TestWhatCometBftHears:
    """It stops at a removal of a validator that it does not have, so keys that came and went are not told."""

    def test_old_key_out_and_new_key_in(self, network, cast):
        old, new = consensus_key(cast.first), consensus_key(cast.first, "new")
        network.accepts(RotateValidator(member=cast.first.did, validator=new), by=cast.first)
        assert validator_updates(network.blocks[-1].records) == sorted([(old, 0), (new, 10)])

    def test_a_key_that_came_and_went_within_a_block(self, network, cast):
        old, brief, new = (consensus_key(cast.first, name) for name in ("seat", "brief", "new"))
        twice = [RotateValidator(member=cast.first.did, validator=key) for key in (brief, new)]
        network.accepts(*twice, by=cast.first)
        assert validator_updates(network.blocks[-1].records) == sorted([(old, 0), (new, 10)])

    def test_a_key_that_came_back_and_went_within_a_block(self, network, cast):
        fourth, key = cast.fourth, consensus_key(cast.fourth)
        cases = [
            network.propose(what, cast.first)
            for what in (SuspendMember(party=fourth.did), UnseatValidator(party=fourth.did))
        ]
        network.vote(cases[0], cast.second)
        network.vote(cases[1], cast.second)
        network.accepts(Vote(member=cast.third.did, case_no=cases[0], choice="yes"), by=cast.third)
        assert validator_updates(network.blocks[-1].records) == [(key, 0)]
        back = network.propose(ReinstateMember(party=fourth.did), cast.first)
        network.vote(back, cast.second)
        both = [Vote(member=cast.third.did, case_no=case_no, choice="yes") for case_no in (back, cases[1])]
        network.accepts(*both, by=cast.third)
        assert network.find(VALIDATORS, key).power == 0
        assert validator_updates(network.blocks[-1].records) == [], "CometBFT has not seen it come back"

    def test_a_key_that_went_and_came_back_within_a_block_and_went_for_good(self, network, cast):
        fourth, three = cast.fourth, cast.members[:3]

        def carried(case_no, what):
            others = [Vote(member=one.did, case_no=case_no, choice="yes") for one in three[1:]]
            return [Propose(member=cast.first.did, what=what), *others]

        gone_and_back = [
            *carried("000001", SuspendMember(party=fourth.did)),
            *carried("000002", ReinstateMember(party=fourth.did)),
        ]
        network.accepts(*gone_and_back, by=three)
        assert validator_updates(network.blocks[-1].records) == [(consensus_key(fourth), 10)]
        assert network.find(VALIDATORS, consensus_key(fourth)).since_height == 1, "for CometBFT it never left"
        gone = [
            *carried("000003", SuspendMember(party=fourth.did)),
            *carried("000004", ReinstateMember(party=fourth.did)),
            *carried("000005", UnseatValidator(party=fourth.did)),
        ]
        network.accepts(*gone, by=three)
        assert validator_updates(network.blocks[-1].records) == [(consensus_key(fourth), 0)]

    def test_a_block_about_something_else_says_nothing(self, network, cast):
        lamp = ListProduct(
            seller=cast.seller.did, sku="1", name="Lamp", hs_code="9405500000", origin="CN", unit="007",
            net_weight_grams=1,
        )  # fmt: skip
        network.accepts(lamp, by=cast.seller)
        assert validator_updates(network.blocks[-1].records) == []

    def test_the_founding_block_names_all(self, network, cast):
        founders = sorted((consensus_key(one), 10) for one in cast.members)
        assert validator_updates(network.blocks[0].records) == founders


class TestAddressesAndHosts:
    def test_a_member_moves(self, scene, cast):
        asked = SetUrl(member=cast.first.did, url="https://moved.example")
        scene.accepts(asked, by=cast.first)
        assert scene.find(MEMBERS, cast.first.did).url == "https://moved.example"
        scene.refuses(Refused.NOTHING_CHANGES, asked, by=cast.first, subject=cast.first.did)

    def test_any_party_names_the_member_that_hosts_it(self, scene, cast):
        (told,) = scene.accepts(Host(party=cast.seller.did, member=cast.first.did), by=cast.seller)
        assert set(told["parties"]) == {cast.seller.did, cast.first.did}
        moved = Host(party=cast.seller.did, member=cast.second.did)
        (told,) = scene.accepts(moved, by=cast.seller)
        assert cast.first.did in told["parties"], "who has lost a guest hears of it"
        assert scene.find(HOSTINGS, cast.seller.did).member == cast.second.did
        scene.refuses(Refused.NOTHING_CHANGES, moved, by=cast.seller)

    def test_a_host_is_an_active_member(self, suspended, cast):
        for host in (cast.fourth, cast.broker):
            asked = Host(party=cast.seller.did, member=host.did)
            suspended.refuses(Refused.NOT_A_MEMBER, asked, by=cast.seller, party=host.did)

    def test_nobody_chooses_for_another(self, scene, cast):
        asked = Host(party=cast.seller.did, member=cast.first.did)
        scene.refuses(IdentityRefused.NOT_SIGNED_BY, asked, by=cast.first, action="governance.host")


class TestRoles:
    def test_members_give_and_take_a_role(self, scene, cast):
        scene.pass_case(ChangeRole(party=cast.seller.did, role="bank", change="grant"))
        assert scene.find(PARTIES, cast.seller.did).roles == ("bank", "seller")
        scene.pass_case(ChangeRole(party=cast.seller.did, role="seller", change="revoke"))
        assert scene.find(PARTIES, cast.seller.did).roles == ("bank",)

    def test_a_role_that_is_not_held_is_not_taken(self, scene, cast):
        asked = ChangeRole(party=cast.seller.did, role="bank", change="revoke")
        scene.refuses(IdentityRefused.ROLE_MISSING, proposed(asked, cast.first), by=cast.first, role="bank")
        unknown = ChangeRole(party=cast.stranger.did, role="bank", change="grant")
        scene.refuses(IdentityRefused.PARTY_UNKNOWN, proposed(unknown, cast.first), by=cast.first)
