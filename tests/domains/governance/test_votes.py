"""Members decide by more than two thirds of those who are members when it is counted, and before the deadline."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia.domains.governance.messages import (
    ChangeRole,
    Parameters,
    Propose,
    Refused,
    RemoveMember,
    SetParameters,
    SetQuota,
    SuspendMember,
    UnseatValidator,
    Vote,
    Withdraw,
)
from sogdia.domains.governance.state import CASES, DOCKET, MEMBERS, PROPOSALS, SCOPE, TERMS
from sogdia.domains.identity.messages import Delegate, Suspend
from sogdia.domains.identity.messages import Refused as IdentityRefused
from sogdia.primitives.cases import Ballot, Share
from sogdia.primitives.cases import Refused as CasesRefused
from tests.domains.conftest import Actor
from tests.domains.governance.conftest import DAY_MS

FASTER = SetParameters(case_days=3)
MORE = [Actor(f"member {number}") for number in range(8)]


def vote(member, case_no="000001", choice="yes"):
    return Vote(member=member.did, case_no=case_no, choice=choice)


class TestProposing:
    def test_a_proposal_is_a_case_with_the_proposers_vote(self, scene, cast):
        told = scene.accepts(Propose(member=cast.first.did, what=FASTER), by=cast.first)
        assert [one["type"] for one in told] == ["governance.case_opened", "governance.voted"]
        case = scene.find(CASES, "000001")
        assert (case.kind, case.subject, case.opened_by) == ("set_parameters", "network", cast.first.did)
        assert case.deadline_ms == scene.time_ms + 14 * DAY_MS
        assert case.ballots == (Ballot(cast.first.did, "yes"),)
        assert scene.find(PROPOSALS, "000001").what == FASTER
        assert set(told[0]["parties"]) == {one.did for one in cast.members}

    def test_a_single_member_decides_alone(self, new_network, cast):
        scene = new_network()
        for one in (cast.fourth, cast.third, cast.second):
            case_no = scene.propose(RemoveMember(party=one.did), cast.first)
            others = [other for other in cast.members[1:] if scene.find(MEMBERS, other.did).standing == "active"]
            for other in others:
                if scene.find(CASES, case_no).status == "open":
                    scene.vote(case_no, other)
        scene.propose(FASTER, cast.first)
        assert scene.find(TERMS, SCOPE).parameters.case_days == 3

    def test_only_members_propose_and_only_in_person(self, scene, cast):
        scene.refuses(Refused.NOT_A_MEMBER, Propose(member=cast.seller.did, what=FASTER), by=cast.seller)
        asked = Propose(member=cast.first.did, what=FASTER)
        until_ms = scene.time_ms + DAY_MS
        given_to = Delegate(
            principal=cast.first.did, agent=cast.broker.did, actions=("governance.propose",), until_ms=until_ms
        )
        scene.accepts(given_to, by=cast.first)
        scene.refuses(IdentityRefused.NOT_SIGNED_BY, asked, by=cast.broker, action="governance.propose")

    def test_one_member_does_not_fill_the_docket(self, new_network, cast):
        scene = new_network(Parameters(open_cases_limit=2))
        for limit in (7, 8):
            scene.propose(SetParameters(party_limit=limit), cast.first)
        asked = Propose(member=cast.first.did, what=FASTER)
        scene.refuses(Refused.TOO_MANY_CASES, asked, by=cast.first, limit=2)
        scene.propose(FASTER, cast.second)
        scene.time_ms = scene.find(CASES, "000001").deadline_ms + 1
        scene.accepts(asked, by=cast.first)
        assert scene.find(DOCKET, SCOPE).waiting == ("000004",), "what has lapsed is off the list"

    def test_what_changes_nothing_is_not_voted_on(self, scene, cast):
        asked = SetParameters(case_days=14)
        scene.refuses(Refused.NOTHING_CHANGES, Propose(member=cast.first.did, what=asked), by=cast.first)


class TestVoting:
    def test_three_of_four_decide_and_it_happens_at_once(self, scene, cast):
        case_no = scene.propose(FASTER, cast.first)
        scene.accepts(vote(cast.second), by=cast.second)
        assert scene.find(TERMS, SCOPE).parameters.case_days == 14
        told = scene.accepts(vote(cast.third), by=cast.third)
        assert [one["type"] for one in told][1:] == ["governance.case_closed", "governance.terms_changed"]
        assert scene.find(TERMS, SCOPE).parameters.case_days == 3
        assert scene.find(CASES, case_no).status == "passed"
        assert scene.find(DOCKET, SCOPE).waiting == ()

    def test_two_of_four_against_reject(self, scene, cast):
        scene.propose(FASTER, cast.first)
        scene.vote("000001", cast.second, cast.third, choice="no")
        assert scene.find(CASES, "000001").status == "rejected"
        scene.refuses(CasesRefused.CASE_CLOSED, vote(cast.fourth), by=cast.fourth, standing="rejected")

    def test_a_later_vote_replaces_the_earlier(self, scene, cast):
        scene.propose(FASTER, cast.first)
        scene.vote("000001", cast.second, choice="no")
        scene.vote("000001", cast.second)
        scene.vote("000001", cast.second)
        assert len(scene.find(CASES, "000001").ballots) == 2
        assert scene.find(CASES, "000001").status == "open", "nobody votes twice"

    def test_only_members_vote(self, scene, cast):
        scene.propose(FASTER, cast.first)
        scene.refuses(Refused.NOT_A_MEMBER, vote(cast.seller), by=cast.seller, party=cast.seller.did)
        scene.refuses(IdentityRefused.NOT_SIGNED_BY, vote(cast.second), by=cast.third)
        scene.refuses(CasesRefused.CASE_UNKNOWN, vote(cast.second, "000002"), by=cast.second, case_no="000002")

    def test_a_registrar_does_not_silence_a_member(self, scene, cast):
        scene.propose(FASTER, cast.first)
        scene.accepts(Suspend(party=cast.second.did, reason="", registrar=cast.registrar.did), by=cast.registrar)
        scene.vote("000001", cast.second, cast.third)
        assert scene.find(CASES, "000001").status == "passed"

    def test_ballots_are_counted_over_those_who_are_members_then(self, new_network, cast):
        scene = new_network(extra=MORE[:2])
        asked = scene.propose(FASTER, cast.first)
        scene.vote(asked, cast.second, cast.third, cast.fourth)
        assert scene.find(CASES, asked).status == "open", "four of six are not more than two thirds"
        removal = scene.propose(RemoveMember(party=MORE[0].did), cast.first)
        scene.vote(removal, cast.second, cast.third, cast.fourth, MORE[1])
        assert scene.find(CASES, removal).status == "passed"
        scene.vote(asked, cast.first)
        assert scene.find(CASES, asked).status == "passed", "four of five are"

    def test_the_ballot_of_one_who_was_suspended_does_not_count(self, new_network, cast):
        scene = new_network(extra=MORE[:3])
        asked = scene.propose(FASTER, MORE[0])
        scene.vote(asked, cast.first, cast.second, cast.third)
        removal = scene.propose(SuspendMember(party=MORE[0].did), cast.first)
        scene.vote(removal, cast.second, cast.third, cast.fourth, MORE[1])
        assert scene.find(MEMBERS, MORE[0].did).standing == "suspended"
        scene.vote(asked, cast.fourth)
        assert scene.find(CASES, asked).status == "open", "four of six, without the one who asked"
        scene.vote(asked, MORE[1])
        assert scene.find(CASES, asked).status == "passed"

    def test_a_case_keeps_the_share_that_it_was_opened_with(self, scene, cast):
        asked = scene.propose(FASTER, cast.first)
        scene.pass_case(SetParameters(votes_needed=Share(4, 5)))
        scene.vote(asked, cast.second, cast.third)
        assert scene.find(CASES, asked).status == "passed"
        later = scene.propose(SetParameters(case_days=4), cast.first)
        scene.vote(later, cast.second, cast.third)
        assert scene.find(CASES, later).status == "open", "three of four are not more than four fifths"

    def test_the_share_does_not_sink_below_two_thirds(self, scene, cast):
        for share, code in (
            (Share(3, 5), Refused.VOTES_NEEDED_TOO_FEW),
            (Share(5, 5), CasesRefused.SHARE_WRONG),
        ):
            scene.refuses(code, Propose(member=cast.first.did, what=SetParameters(votes_needed=share)), by=cast.first)


class TestTheDeadline:
    def test_silence_changes_nothing(self, scene, cast):
        scene.propose(FASTER, cast.first)
        scene.vote("000001", cast.second)
        scene.time_ms = scene.find(CASES, "000001").deadline_ms
        scene.accepts(vote(cast.second), by=cast.second)
        scene.time_ms += 1
        late = vote(cast.third)
        scene.refuses(CasesRefused.CASE_CLOSED, late, by=cast.third, standing="lapsed", case_no="000001")
        assert scene.find(TERMS, SCOPE).parameters.case_days == 14

    def test_what_has_lapsed_is_written_down_when_the_next_case_is_opened(self, scene, cast):
        scene.propose(FASTER, cast.first)
        deadline_ms = scene.find(CASES, "000001").deadline_ms
        scene.time_ms = deadline_ms + DAY_MS
        told = scene.accepts(Propose(member=cast.second.did, what=FASTER), by=cast.second)
        assert (told[0]["type"], told[0]["status"]) == ("governance.case_closed", "lapsed")
        assert (scene.find(CASES, "000001").status, scene.find(CASES, "000001").closed_ms) == ("lapsed", deadline_ms)


class TestWithdrawing:
    def test_whoever_opened_a_case_takes_it_back(self, scene, cast):
        scene.propose(FASTER, cast.first)
        other = Withdraw(party=cast.second.did, case_no="000001")
        scene.refuses(CasesRefused.NOT_THE_OPENER, other, by=cast.second, opened_by=cast.first.did)
        asked = Withdraw(party=cast.first.did, case_no="000001")
        (told,) = scene.accepts(asked, by=cast.first)
        assert (told["type"], told["status"]) == ("governance.case_closed", "withdrawn")
        scene.refuses(CasesRefused.CASE_CLOSED, asked, by=cast.first, standing="withdrawn")


class TestAnActionThatIsNoLongerPossible:
    def test_the_last_vote_is_refused_with_the_reason(self, scene, cast):
        quota = scene.propose(SetQuota(party=cast.seller.did, limit=9), cast.first)
        again = scene.propose(SetQuota(party=cast.seller.did, limit=9), cast.second)
        scene.vote(quota, cast.second, cast.third)
        scene.vote(again, cast.third)
        scene.refuses(Refused.NOTHING_CHANGES, vote(cast.fourth, again), by=cast.fourth, subject=cast.seller.did)
        assert scene.find(CASES, again).status == "open"
        assert len(scene.find(CASES, again).ballots) == 2, "and nothing of it is on record"

    def test_a_case_about_a_role_needs_a_party_without_it(self, scene, cast):
        held = ChangeRole(party=cast.seller.did, role="seller", change="grant")
        scene.refuses(IdentityRefused.ROLE_HELD, Propose(member=cast.first.did, what=held), by=cast.first)

    def test_nor_is_a_seat_taken_that_is_not_there(self, scene, cast):
        scene.pass_case(UnseatValidator(party=cast.fourth.did))
        again = Propose(member=cast.first.did, what=UnseatValidator(party=cast.fourth.did))
        scene.refuses(Refused.NO_SEAT, again, by=cast.first, party=cast.fourth.did)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.sampled_from(["yes", "no"])), max_size=40), st.integers(0, 8))
def test_two_thirds_are_never_enough(new_network, cast, votes, more):
    """Random votes of four to twelve members: what passes was wanted by more than two thirds, and all else is open."""
    scene = new_network(extra=MORE[:more])
    members = (*cast.members, *MORE[:more])
    last = {cast.first.did: "yes"}
    case_no = scene.propose(FASTER, cast.first)
    for number, choice in votes:
        member = members[number % len(members)]
        if scene.find(CASES, case_no).status != "open":
            break
        scene.vote(case_no, member, choice=choice)
        last[member.did] = choice
    agreed = list(last.values()).count("yes")
    passed = scene.find(CASES, case_no).status == "passed"
    assert passed == (agreed * 3 > 2 * len(members))
    assert scene.find(TERMS, SCOPE).parameters.case_days == (3 if passed else 14)
