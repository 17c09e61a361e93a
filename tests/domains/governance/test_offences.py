"""What the engine saw of a validator goes on record once, and members decide what follows."""

import pytest

from sogdia.core.refusal import Refused as Machine
from sogdia.domains.governance.messages import (
    Misbehaved,
    Refused,
    RemoveMember,
    RotateValidator,
    SuspendMember,
    Withdraw,
)
from sogdia.domains.governance.rules import module
from sogdia.domains.governance.rules.offences import address_of
from sogdia.domains.governance.state import CASES, DOCKET, MEMBERS, MISBEHAVIOUR, PROPOSALS, SCOPE
from sogdia.domains.identity.messages import Refused as IdentityRefused
from sogdia.primitives.cases import Refused as CasesRefused
from tests.domains.governance.conftest import Guild, consensus_key


def offence(actor, key="seat", **other):
    """The engine saw this member's validator sign twice."""
    seen = {
        "kind": "double_sign",
        "address": address_of(consensus_key(actor, key)),
        "power": 10,
        "engine_height": 4711,
        "time_ms": 1_772_441_000_000,
    }
    return Misbehaved(**seen | other)


def seen_of(scene, asked):
    return scene.find(MISBEHAVIOUR, asked.address, f"{asked.engine_height:019}-{asked.kind}")


def test_an_address_is_the_one_that_cometbft_has():
    """RFC 8032, section 7.1, test 1: the key; its SHA-256 cut to 20 bytes, as crypto/ed25519 of CometBFT has it."""
    key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert address_of(key) == "21fe31dfa154a261626bf854046fd2271b7bed4b"


def test_it_opens_a_case_that_nobody_asked_for(scene, cast):
    asked = offence(cast.fourth)
    told = scene.tells(asked)
    assert [one["type"] for one in told] == ["governance.case_opened", "governance.misbehaviour_seen"]
    assert all(cast.first.did in one["parties"] and cast.fourth.did in one["parties"] for one in told)
    record = seen_of(scene, asked)
    assert (record.party, record.case_no, record.power) == (cast.fourth.did, "000001", 10)
    case = scene.find(CASES, "000001")
    assert (case.kind, case.opened_by, case.ballots) == ("suspend_member", "", ())
    assert scene.find(PROPOSALS, "000001").what == SuspendMember(party=cast.fourth.did)
    scene.vote("000001", *cast.members[:3])
    assert scene.find(MEMBERS, cast.fourth.did).standing == "suspended"


def test_a_repetition_changes_nothing_and_is_no_refusal(scene, cast):
    scene.tells(offence(cast.fourth))
    before = seen_of(scene, offence(cast.fourth))
    assert scene.tells(offence(cast.fourth, power=11)) == ()
    assert seen_of(scene, offence(cast.fourth)) == before


def test_a_second_offence_joins_the_open_case(scene, cast):
    scene.tells(offence(cast.fourth), offence(cast.fourth, kind="light_client_attack"))
    scene.tells(offence(cast.fourth, engine_height=4712))
    assert scene.find(DOCKET, SCOPE).waiting == ("000001",)
    assert seen_of(scene, offence(cast.fourth, engine_height=4712)).case_no == "000001"


def test_so_does_one_that_members_have_opened(scene, cast):
    case_no = scene.propose(RemoveMember(party=cast.fourth.did), cast.first)
    scene.tells(offence(cast.fourth))
    assert seen_of(scene, offence(cast.fourth)).case_no == case_no


def test_when_the_first_case_has_lapsed_a_new_offence_opens_another(scene, cast):
    scene.tells(offence(cast.fourth))
    scene.time_ms = scene.find(CASES, "000001").deadline_ms + 1
    scene.tells(offence(cast.fourth, engine_height=4712))
    assert scene.find(DOCKET, SCOPE).waiting == ("000002",)


def test_a_key_that_was_rotated_away_still_names_its_member(scene, cast):
    new = RotateValidator(member=cast.fourth.did, validator=consensus_key(cast.fourth, "new"))
    scene.accepts(new, by=cast.fourth)
    scene.tells(offence(cast.fourth))
    assert seen_of(scene, offence(cast.fourth)).party == cast.fourth.did


def test_a_member_that_is_suspended_already_gets_no_case(scene, cast):
    scene.pass_case(SuspendMember(party=cast.fourth.did))
    scene.tells(offence(cast.fourth))
    assert seen_of(scene, offence(cast.fourth)).case_no == ""
    assert scene.find(DOCKET, SCOPE).waiting == ()


def test_an_address_that_nobody_has_is_recorded_without_a_case(scene, cast):
    (told,) = scene.tells(offence(cast.stranger))
    assert (told["type"], told["party"]) == ("governance.misbehaviour_seen", "")
    assert seen_of(scene, offence(cast.stranger)).case_no == ""
    assert scene.find(DOCKET, SCOPE) is None


def test_a_ledger_without_governance_records_it_too(bare):
    bare.founding, bare.by_engine = False, True
    module.rules[Misbehaved](bare, offence(Guild.first))
    assert len(list(MISBEHAVIOUR.under(bare.state))) == 1


def test_no_party_says_what_the_engine_saw(scene, cast):
    scene.refuses(Refused.ENGINE_ONLY, offence(cast.fourth), by=cast.first, message="governance.misbehaved")


@pytest.mark.parametrize("party", ["first", "fourth"])
def test_nobody_takes_the_engines_case_back(scene, cast, party):
    scene.tells(offence(cast.fourth))
    member = getattr(cast, party)
    asked = Withdraw(party=member.did, case_no="000001")
    scene.refuses(CasesRefused.NOT_THE_OPENER, asked, by=member, opened_by="")


def test_nor_in_the_name_of_nobody(network, cast):
    network.tells(offence(cast.fourth))
    network.refuses(Machine.MALFORMED, Withdraw(party="", case_no="000001"), by=cast.first)


def test_signing_for_another_does_not_help(scene, cast):
    scene.tells(offence(cast.fourth))
    asked = Withdraw(party=cast.first.did, case_no="000001")
    scene.refuses(IdentityRefused.NOT_SIGNED_BY, asked, by=cast.second)
