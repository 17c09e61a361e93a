"""A network is founded once, by an agreement that names members and terms."""

from sogdia.core.state import Committed
from sogdia.core.store import MemoryStore
from sogdia.core.terms import Terms
from sogdia.domains.governance.messages import FirstVersion, Found, Founder, Parameters, Refused, SetUrl
from sogdia.domains.governance.rules import module
from sogdia.domains.governance.state import MEMBERS, TERMS, VALIDATORS, Member, Validator, terms, total_power
from sogdia.domains.identity.messages import Refused as IdentityRefused
from sogdia.primitives.cases import Refused as CasesRefused
from sogdia.primitives.cases import Share
from tests.domains.governance.conftest import Guild, application, consensus_key, url_of

FIRST = Founder(Guild.first.did, url_of(Guild.first), consensus_key(Guild.first))


def test_founders_are_members_with_seats(scene, cast):
    first = cast.first
    assert scene.find(MEMBERS, first.did) == Member(first.did, 1, "active", url_of(first), consensus_key(first))
    assert scene.find(VALIDATORS, consensus_key(first)) == Validator(consensus_key(first), first.did, 10, 1)
    assert total_power(scene.state) == 40


def test_a_member_may_do_without_a_seat(bare):
    module.rules[Found](bare, Found(members=(Founder(Guild.first.did, url_of(Guild.first)),)))
    assert MEMBERS.get(bare.state, Guild.first.did).validator == ""
    assert list(VALIDATORS.under(bare.state)) == []


def test_the_terms_begin_with_the_versions_that_are_named(bare):
    versions = (FirstVersion("tax", 2), FirstVersion("orders", 3))
    module.rules[Found](bare, Found(members=(FIRST,), versions=versions, parameters=Parameters(party_limit=7)))
    held = terms(bare.state, bare.height + 1, 0)
    assert (held.versions, held.party_limit) == ({"orders": 3, "tax": 2}, 7)
    assert [one.module for one in TERMS.get(bare.state, "network").versions] == ["orders", "tax"]


def test_a_ledger_without_governance_has_no_terms(scene, cast):
    assert terms(Committed(MemoryStore()), 5, 0) == Terms()


def test_nobody_founds_a_network_that_runs(scene, cast):
    scene.refuses(Refused.FOUNDING_ONLY, Found(members=(FIRST,)), by=cast.first, message="governance.found")


def test_a_network_is_founded_once(refused_at_founding):
    refused_at_founding(Refused.FOUNDED_ALREADY, Found(members=(FIRST,)), Found(members=(FIRST,)))


def test_a_founder_is_named_once(refused_at_founding):
    refused_at_founding(Refused.MEMBER_ALREADY, Found(members=(FIRST, FIRST)))


def test_founders_are_parties_on_record(refused_at_founding):
    unknown = Founder(Guild.stranger.did, url_of(Guild.stranger))
    refused_at_founding(IdentityRefused.PARTY_UNKNOWN, Found(members=(unknown,)))


def test_two_founders_do_not_share_a_consensus_key(refused_at_founding):
    second = Founder(Guild.second.did, url_of(Guild.second), FIRST.validator)
    refused_at_founding(Refused.KEY_TAKEN, Found(members=(FIRST, second)))


def test_the_votes_that_are_needed_are_more_than_two_thirds_and_less_than_all(refused_at_founding):
    few, never = (Parameters(votes_needed=share) for share in (Share(1, 2), Share(3, 3)))
    refused_at_founding(Refused.VOTES_NEEDED_TOO_FEW, Found(members=(FIRST,), parameters=few))
    refused_at_founding(CasesRefused.SHARE_WRONG, Found(members=(FIRST,), parameters=never))


def test_without_governance_nobody_is_a_member_and_nobody_applies(refused_at_founding):
    refused_at_founding(Refused.NOT_A_MEMBER, SetUrl(member=Guild.first.did, url="https://elsewhere.example"))
    refused_at_founding(Refused.NOT_FOUNDED, application(Guild.newcomer))
