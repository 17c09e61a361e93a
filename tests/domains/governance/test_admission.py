"""An organisation applies, members look at its credentials, and more than two thirds of them let it in."""

import pytest
from msgspec.structs import replace

from sogdia.core.refusal import Refused as Machine
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.governance.messages import (
    Apply,
    Parameters,
    Refused,
    RemoveMember,
    Review,
    SetUrl,
    Vote,
    Withdraw,
)
from sogdia.domains.governance.state import APPLICATIONS, CASES, MEMBERS, VALIDATORS
from sogdia.domains.identity.messages import NewKey, Rotate
from sogdia.domains.identity.messages import Refused as IdentityRefused
from sogdia.domains.identity.state import KEYS, PARTIES
from sogdia.primitives.cases import Refused as CasesRefused
from tests.domains.conftest import Actor
from tests.domains.governance.conftest import application, consensus_key, url_of

CASE = "000001"


def review(member, finding="in_order", case_no=CASE):
    return Review(member=member.did, case_no=case_no, finding=finding, digest="99" * 32, text="licence seen")


@pytest.fixture
def applied(scene, cast):
    """The newcomer has applied."""
    scene.accepts(application(cast.newcomer), by=cast.newcomer)
    return scene


class TestApplying:
    def test_an_organisation_that_nobody_knows_signs_with_the_key_it_brings(self, scene, cast):
        (told,) = scene.accepts(application(cast.newcomer), by=cast.newcomer)
        assert (told["type"], told["kind"], told["subject"]) == (
            "governance.case_opened", "admission", cast.newcomer.did,
        )  # fmt: skip
        assert set(told["parties"]) == {*(one.did for one in cast.members), cast.newcomer.did}
        assert scene.find(APPLICATIONS, CASE).party == cast.newcomer.did
        assert scene.find(PARTIES, cast.newcomer.did) is None, "it is on record when it is admitted"

    def test_a_party_on_record_applies_with_its_own_key(self, scene, cast):
        asked = Apply(party=cast.seller.did, url=url_of(cast.seller), roles=("platform",))
        scene.accepts(asked, by=cast.seller)
        scene.accepts(review(cast.first), by=cast.first)
        scene.vote(CASE, *cast.members[:3])
        assert scene.find(MEMBERS, cast.seller.did).standing == "active"
        assert scene.find(PARTIES, cast.seller.did).roles == ("platform", "seller")

    def test_a_party_on_record_says_nothing_new_about_itself(self, scene, cast):
        scene.refuses(IdentityRefused.PARTY_EXISTS, application(cast.seller), by=cast.seller)

    def test_nobody_applies_for_another(self, scene, cast):
        asked = Apply(party=cast.seller.did, url=url_of(cast.seller))
        scene.refuses(IdentityRefused.NOT_SIGNED_BY, asked, by=cast.broker, party=cast.seller.did)
        scene.refuses(IdentityRefused.NOT_SIGNED_BY, application(cast.newcomer), by=cast.broker)

    def test_who_is_unknown_says_who_it_is(self, scene, cast):
        asked = replace(application(cast.newcomer), organisation=None)
        scene.refuses(Refused.ORGANISATION_MISSING, asked, by=cast.broker, party=cast.newcomer.did)

    def test_the_first_key_is_the_one_that_the_party_is_named_after(self, scene, cast):
        asked = application(cast.newcomer)
        other = NewKey(id=cast.newcomer.kid, public="66" * 32)
        forged = replace(asked, organisation=replace(asked.organisation, keys=(other,)))
        scene.refuses(IdentityRefused.IDENTIFIER_NOT_OF_KEY, forged, by=cast.broker)

    def test_the_first_key_signs(self, scene, cast):
        asked = application(cast.newcomer)
        idle = replace(asked.organisation, keys=(cast.newcomer.new("recover"),))
        scene.refuses(IdentityRefused.PURPOSE_WRONG, replace(asked, organisation=idle), by=cast.broker)

    def test_keys_are_the_applicants_own_and_differ(self, scene, cast):
        asked, own = application(cast.newcomer), cast.newcomer.new()
        for second, code in (
            (cast.seller.pen("key-7").new(), IdentityRefused.KEY_ID_NOT_OF_PARTY),
            (own, IdentityRefused.KEY_EXISTS),
        ):
            keys = replace(asked.organisation, keys=(own, second))
            scene.refuses(code, replace(asked, organisation=keys), by=cast.newcomer)

    def test_a_member_need_not_apply(self, scene, cast):
        asked = Apply(party=cast.second.did, url=url_of(cast.second))
        scene.refuses(Refused.MEMBER_ALREADY, asked, by=cast.second, standing="active")

    def test_a_consensus_key_on_record_is_not_given_again(self, scene, cast):
        asked = application(cast.newcomer, validator=consensus_key(cast.first))
        scene.refuses(Refused.KEY_TAKEN, asked, by=cast.newcomer)

    def test_one_application_at_a_time(self, applied, cast):
        asked = application(cast.newcomer, url="https://elsewhere.example")
        applied.refuses(Refused.APPLIED_ALREADY, asked, by=cast.newcomer, case_no=CASE)

    def test_after_the_deadline_one_may_apply_again(self, applied, cast):
        applied.time_ms = applied.find(CASES, CASE).deadline_ms + 1
        told = applied.accepts(application(cast.newcomer), by=cast.newcomer)
        assert [(one["type"], one["case_no"]) for one in told] == [
            ("governance.case_closed", CASE),
            ("governance.case_opened", "000002"),
        ]
        assert applied.find(CASES, CASE).status == "lapsed"

    def test_made_up_applicants_do_not_fill_the_docket_for_members(self, new_network, cast):
        scene = new_network(Parameters(applications_limit=2))
        for name in ("one", "two"):
            scene.accepts(application(Actor(name)), by=Actor(name))
        scene.refuses(Refused.TOO_MANY_APPLICATIONS, application(Actor("three")), by=Actor("three"), limit=2)
        scene.propose(RemoveMember(party=cast.fourth.did), cast.first)

    def test_the_applicants_key_is_good_for_nothing_else(self, applied, network, cast):
        lamp = ListProduct(
            seller=cast.newcomer.did, sku="1", name="Lamp", hs_code="9405500000", origin="CN", unit="007",
            net_weight_grams=1,
        )  # fmt: skip
        network.accepts(application(cast.newcomer), by=cast.newcomer)
        network.refuses(Machine.UNKNOWN_KEY, lamp, by=cast.newcomer)


class TestWithdrawing:
    def test_an_applicant_takes_its_application_back(self, applied, cast):
        applied.accepts(Withdraw(party=cast.newcomer.did, case_no=CASE), by=cast.newcomer)
        assert applied.find(CASES, CASE).status == "withdrawn"
        applied.accepts(application(cast.newcomer), by=cast.newcomer)

    def test_nobody_else_does(self, applied, cast):
        asked = Withdraw(party=cast.first.did, case_no=CASE)
        applied.refuses(CasesRefused.NOT_THE_OPENER, asked, by=cast.first, opened_by=cast.newcomer.did)
        forged = Withdraw(party=cast.newcomer.did, case_no=CASE)
        applied.refuses(IdentityRefused.NOT_SIGNED_BY, forged, by=cast.first)

    def test_another_newcomers_key_does_not_take_it_back(self, network, cast):
        network.accepts(application(cast.newcomer), by=cast.newcomer)
        forged = Withdraw(party=cast.stranger.did, case_no=CASE)
        network.refuses(Machine.UNKNOWN_KEY, forged, by=cast.stranger)

    def test_a_key_that_was_retired_since_does_not_come_back_by_an_application(self, network, cast):
        newcomer, new = cast.newcomer, cast.newcomer.pen("key-2")
        network.accepts(application(newcomer), by=newcomer)
        network.accepts(newcomer.registration(cast.registrar), by=(newcomer, cast.registrar))
        rotated = Rotate(party=newcomer.did, add=(new.new(),), retire=(newcomer.kid,))
        network.accepts(rotated, by=newcomer)
        withdrawal = Withdraw(party=newcomer.did, case_no=CASE)
        network.refuses(Machine.UNKNOWN_KEY, withdrawal, by=newcomer)
        network.accepts(withdrawal, by=new)

    def test_nor_does_an_application_bring_a_party_on_record_another_key(self, network, cast):
        evil = cast.stranger.new()
        asked = application(cast.seller)
        forged = replace(
            asked, organisation=replace(asked.organisation, keys=(replace(evil, id=f"{cast.seller.did}#key-9"),))
        )
        thief = cast.seller.pen("key-9")
        thief.key = cast.stranger.key
        network.refuses(Machine.UNKNOWN_KEY, forged, by=thief)


class TestReviewing:
    def test_a_later_review_replaces_the_earlier(self, applied, cast):
        applied.accepts(review(cast.first, "wanting"), by=cast.first)
        (told,) = applied.accepts(review(cast.first), by=cast.first)
        assert (told["type"], told["finding"]) == ("governance.reviewed", "in_order")
        (found,) = applied.find(APPLICATIONS, CASE).reviews
        assert (found.member, found.finding) == (cast.first.did, "in_order")

    def test_only_members_review(self, applied, cast):
        applied.refuses(Refused.NOT_A_MEMBER, review(cast.seller), by=cast.seller, standing="none")
        applied.refuses(IdentityRefused.NOT_SIGNED_BY, review(cast.first), by=cast.second)

    def test_only_applications_are_reviewed(self, scene, cast):
        case_no = scene.propose(RemoveMember(party=cast.fourth.did), cast.first)
        asked = review(cast.first, case_no=case_no)
        scene.refuses(Refused.NOT_AN_APPLICATION, asked, by=cast.first, kind="remove_member")
        scene.refuses(CasesRefused.CASE_UNKNOWN, review(cast.first, case_no="000099"), by=cast.first)

    def test_nothing_is_reviewed_after_the_deadline(self, applied, cast):
        applied.time_ms = applied.find(CASES, CASE).deadline_ms + 1
        applied.refuses(CasesRefused.CASE_CLOSED, review(cast.first), by=cast.first, standing="lapsed")


class TestAdmitting:
    def test_votes_and_a_review_let_it_in_at_once(self, applied, cast):
        applied.accepts(review(cast.fourth), by=cast.fourth)
        applied.vote(CASE, cast.first, cast.second)
        told = applied.accepts(Vote(member=cast.third.did, case_no=CASE, choice="yes"), by=cast.third)
        assert [one["type"] for one in told] == [
            "governance.voted", "governance.case_closed", "identity.party_registered", "governance.member_changed",
        ]  # fmt: skip
        newcomer, key = cast.newcomer, consensus_key(cast.newcomer)
        assert applied.find(MEMBERS, newcomer.did).standing == "active"
        assert applied.find(PARTIES, newcomer.did).roles == ("seller",)
        assert applied.find(KEYS, newcomer.kid).public == newcomer.key.public.hex()
        assert (applied.find(VALIDATORS, key).party, applied.find(VALIDATORS, key).power) == (newcomer.did, 10)
        applied.accepts(SetUrl(member=newcomer.did, url="https://moved.example"), by=newcomer)

    def test_votes_without_a_review_wait_for_one(self, applied, cast):
        applied.vote(CASE, *cast.members)
        assert applied.find(CASES, CASE).status == "open"
        applied.accepts(review(cast.first, "wanting"), by=cast.first)
        assert applied.find(CASES, CASE).status == "open"
        applied.accepts(review(cast.second), by=cast.second)
        assert applied.find(MEMBERS, cast.newcomer.did).standing == "active"

    def test_the_review_of_one_who_was_removed_does_not_count(self, applied, cast):
        applied.accepts(review(cast.fourth), by=cast.fourth)
        applied.pass_case(RemoveMember(party=cast.fourth.did))
        applied.vote(CASE, cast.first, cast.second, cast.third)
        assert applied.find(CASES, CASE).status == "open"

    def test_a_vote_against_it_that_cannot_be_made_good_rejects_it(self, applied, cast):
        applied.vote(CASE, cast.first, cast.second, choice="no")
        assert applied.find(CASES, CASE).status == "rejected"
        assert applied.find(MEMBERS, cast.newcomer.did) is None

    def test_one_who_was_registered_meanwhile_is_admitted_all_the_same(self, applied, cast):
        applied.accepts(cast.newcomer.registration(cast.registrar), by=(cast.newcomer, cast.registrar))
        applied.accepts(review(cast.first), by=cast.first)
        applied.vote(CASE, *cast.members[:3])
        assert applied.find(MEMBERS, cast.newcomer.did).standing == "active"

    def test_the_last_vote_is_refused_when_the_key_was_given_away_meanwhile(self, new_network, cast):
        scene, other = new_network(Parameters(reviews_needed=0)), Actor("other newcomer")
        scene.accepts(application(cast.newcomer), by=cast.newcomer)
        scene.accepts(application(other, validator=consensus_key(cast.newcomer)), by=other)
        scene.vote("000002", *cast.members[:3])
        scene.vote(CASE, cast.first, cast.second, cast.fourth)
        last = Vote(member=cast.third.did, case_no=CASE, choice="yes")
        scene.refuses(Refused.KEY_TAKEN, last, by=cast.third)
        assert scene.find(CASES, CASE).status == "open"

    def test_a_former_member_applies_anew_with_a_new_key(self, scene, cast):
        scene.pass_case(RemoveMember(party=cast.fourth.did))
        old = Apply(party=cast.fourth.did, url=url_of(cast.fourth), validator=consensus_key(cast.fourth))
        scene.refuses(Refused.KEY_TAKEN, old, by=cast.fourth)
        scene.accepts(replace(old, validator=consensus_key(cast.fourth, "new")), by=cast.fourth)
        scene.accepts(review(cast.first, case_no="000002"), by=cast.first)
        scene.vote("000002", cast.first, cast.second, cast.third)
        assert scene.find(MEMBERS, cast.fourth.did).standing == "active"
