"""Parameters, quotas, versions of rules and halts: set by vote, read before every block, and a halt ends by itself."""

import pytest

from sogdia.core.module import UnknownRules
from sogdia.core.refusal import Refused as Machine
from sogdia.core.terms import Terms
from sogdia.core.transaction import payload_bytes, sign
from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.governance.messages import (
    HaltNetwork,
    Parameters,
    Propose,
    Refused,
    ResumeNetwork,
    SetParameters,
    SetQuota,
    SetUrl,
    Upgrade,
    Vote,
)
from sogdia.domains.governance.rules import effects
from sogdia.domains.governance.state import SCOPE, TERMS, Halt, RuleVersion, block_bytes, terms
from sogdia.domains.identity.messages import Refused as IdentityRefused
from sogdia.domains.identity.messages import Rotate
from tests.domains.governance.conftest import DAY_MS

HOUR_MS = 3_600_000


def proposed(what, by):
    return Propose(member=by.did, what=what)


def terms_of(scene, height=1):
    return terms(scene.state, height, scene.time_ms)


def lamp(cast, sku="1"):
    return ListProduct(
        seller=cast.seller.did, sku=sku, name="Lamp", hs_code="9405500000", origin="CN", unit="007", net_weight_grams=1
    )


class TestParameters:
    def test_what_is_left_out_stays(self, scene, cast):
        scene.pass_case(SetParameters(party_limit=50, stranger_limit=3))
        assert scene.find(TERMS, SCOPE).parameters == Parameters(party_limit=50, stranger_limit=3)
        held = terms_of(scene)
        assert (held.party_limit, held.stranger_limit, held.refused_limit) == (50, 3, 100)

    def test_new_cases_run_for_the_new_time(self, scene, cast):
        scene.pass_case(SetParameters(case_days=1))
        told = scene.accepts(proposed(SetParameters(case_days=2), cast.first), by=cast.first)
        assert told[0]["deadline_ms"] == scene.time_ms + DAY_MS

    def test_the_engine_hears_how_large_a_block_may_be(self, network, cast):
        assert block_bytes(network.blocks[0].records) == 4_194_304
        network.accepts(SetUrl(member=cast.first.did, url="https://moved.example"), by=cast.first)
        assert block_bytes(network.blocks[-1].records) is None
        network.pass_case(SetParameters(block_bytes=8_388_608))
        assert block_bytes(network.blocks[-1].records) == 8_388_608


class TestQuotas:
    def test_a_party_gets_a_limit_of_its_own_and_loses_it(self, scene, cast):
        scene.pass_case(SetQuota(party=cast.seller.did, limit=0))
        scene.pass_case(SetQuota(party=cast.platform.did, limit=9))
        assert terms_of(scene).limits == {cast.seller.did: 0, cast.platform.did: 9}
        scene.pass_case(SetQuota(party=cast.platform.did))
        assert terms_of(scene).limits == {cast.seller.did: 0}

    def test_a_quota_is_of_a_party_on_record_and_differs(self, scene, cast):
        unknown = proposed(SetQuota(party=cast.stranger.did, limit=1), cast.first)
        scene.refuses(IdentityRefused.PARTY_UNKNOWN, unknown, by=cast.first)
        none = proposed(SetQuota(party=cast.seller.did), cast.first)
        scene.refuses(Refused.NOTHING_CHANGES, none, by=cast.first, subject=cast.seller.did)

    def test_there_are_not_too_many(self, scene, cast, monkeypatch):
        monkeypatch.setattr(effects, "QUOTAS_LIMIT", 1)
        scene.pass_case(SetQuota(party=cast.seller.did, limit=5))
        one_more = proposed(SetQuota(party=cast.platform.did, limit=5), cast.first)
        scene.refuses(Refused.TOO_MANY_QUOTAS, one_more, by=cast.first, limit=1)
        scene.pass_case(SetQuota(party=cast.seller.did, limit=6))

    def test_the_machine_counts_by_them_from_the_next_block_on(self, network, cast):
        network.pass_case(SetQuota(party=cast.seller.did, limit=1))
        messages = [lamp(cast, "1"), lamp(cast, "2")]
        checked = [network.machine.check(raw) for raw in signed(network, messages, cast.seller)]
        codes = [receipt.code for receipt in network.machine.execute(network.time_ms, checked).receipts]
        assert codes == [0, Machine.OVER_QUOTA]


class TestUpgrades:
    def test_a_version_holds_from_its_height_on(self, scene, cast):
        scene.pass_case(Upgrade(module="orders", version=2, from_height=1_000))
        assert terms_of(scene, 999).versions == {}
        assert terms_of(scene, 1_000).versions == {"orders": 2}

    def test_versions_go_up_one_by_one(self, scene, cast):
        for version in (1, 3):
            asked = Upgrade(module="orders", version=version, from_height=1_000)
            scene.refuses(Refused.VERSION_NOT_NEXT, proposed(asked, cast.first), by=cast.first, expected=2)

    def test_everybody_has_time_to_install_it(self, scene, cast):
        asked = Upgrade(module="orders", version=2, from_height=11)
        scene.refuses(Refused.UPGRADE_TOO_SOON, proposed(asked, cast.first), by=cast.first, from_height=11)

    def test_a_vote_that_comes_too_late_for_its_height_is_refused(self, scene, cast):
        case_no = scene.propose(Upgrade(module="orders", version=2, from_height=20), cast.first)
        scene.vote(case_no, cast.second)
        scene.pass_blocks(15)
        last = Vote(member=cast.third.did, case_no=case_no, choice="yes")
        scene.refuses(Refused.UPGRADE_TOO_SOON, last, by=cast.third, from_height=20)

    def test_until_it_holds_an_upgrade_can_be_put_off(self, scene, cast):
        scene.pass_case(Upgrade(module="orders", version=2, from_height=100))
        after = proposed(Upgrade(module="orders", version=3, from_height=200), cast.first)
        scene.refuses(Refused.VERSION_NOT_NEXT, after, by=cast.first, expected=2)
        scene.pass_case(Upgrade(module="orders", version=2, from_height=300))
        assert scene.find(TERMS, SCOPE).versions == (RuleVersion("orders", 2, 300),)

    def test_the_next_version_comes_when_the_last_one_holds(self, scene, cast):
        scene.pass_case(Upgrade(module="stock", version=2, from_height=20))
        scene.pass_case(Upgrade(module="rights", version=2, from_height=30))
        scene.pass_blocks(20)
        scene.pass_case(Upgrade(module="stock", version=3, from_height=60))
        kept = scene.find(TERMS, SCOPE).versions
        assert kept == (RuleVersion("rights", 2, 30), RuleVersion("stock", 2, 20), RuleVersion("stock", 3, 60))
        assert terms_of(scene, 45).versions == {"rights": 2, "stock": 2}
        assert terms_of(scene, 60).versions == {"rights": 2, "stock": 3}

    def test_a_program_that_does_not_know_them_stops_before_that_block(self, network, cast):
        network.pass_case(Upgrade(module="orders", version=2, from_height=20))
        network.pass_blocks(19 - network.machine.seal.height)
        with pytest.raises(UnknownRules, match="version 2 of the rules of orders"):
            network.machine.execute(network.time_ms, [])
        assert network.machine.seal.height == 19


class TestHalts:
    def test_the_network_stands_still_until_the_instant_and_goes_on_by_itself(self, network, cast):
        until_ms = network.time_ms + HOUR_MS
        case_no = network.pass_case(HaltNetwork(until_ms=until_ms, reason="a rule is broken"))
        assert network.find(TERMS, SCOPE).halt == Halt(until_ms, "a rule is broken", case_no)
        network.refuses(Machine.HALTED, lamp(cast), by=cast.seller, until_ms=until_ms)
        network.accepts(SetUrl(member=cast.first.did, url="https://moved.example"), by=cast.first)
        network.accepts(Rotate(party=cast.seller.did, add=(cast.seller.pen("key-2").new(),)), by=cast.seller)
        network.time_ms = until_ms
        network.accepts(lamp(cast), by=cast.seller)

    def test_members_end_it_before_its_time(self, network, cast):
        network.pass_case(HaltNetwork(until_ms=network.time_ms + HOUR_MS, reason=""))
        network.pass_case(ResumeNetwork())
        network.accepts(lamp(cast), by=cast.seller)

    def test_a_halt_lies_ahead_and_has_a_longest_length(self, scene, cast):
        past = proposed(HaltNetwork(until_ms=scene.time_ms, reason=""), cast.first)
        scene.refuses(Refused.UNTIL_PAST, past, by=cast.first, time_ms=scene.time_ms)
        long = proposed(HaltNetwork(until_ms=scene.time_ms + DAY_MS + 1, reason=""), cast.first)
        scene.refuses(Refused.HALT_TOO_LONG, long, by=cast.first, limit_ms=DAY_MS)
        scene.pass_case(HaltNetwork(until_ms=scene.time_ms + DAY_MS, reason=""))

    def test_a_vote_that_comes_when_the_halt_would_be_over_is_refused(self, scene, cast):
        case_no = scene.propose(HaltNetwork(until_ms=scene.time_ms + HOUR_MS, reason=""), cast.first)
        scene.vote(case_no, cast.second)
        scene.time_ms += HOUR_MS
        last = Vote(member=cast.third.did, case_no=case_no, choice="yes")
        scene.refuses(Refused.UNTIL_PAST, last, by=cast.third)

    @pytest.mark.parametrize("after", [0, 1])
    def test_what_runs_cannot_be_resumed(self, scene, cast, after):
        asked = proposed(ResumeNetwork(), cast.first)
        scene.refuses(Refused.NOT_HALTED, asked, by=cast.first)
        until_ms = scene.time_ms + HOUR_MS
        scene.pass_case(HaltNetwork(until_ms=until_ms, reason=""))
        scene.time_ms = until_ms + after
        scene.refuses(Refused.NOT_HALTED, asked, by=cast.first, time_ms=scene.time_ms)


def test_the_terms_of_a_new_network_are_those_of_its_parameters(scene, cast):
    expected = Terms(
        party_limit=2000, refused_limit=100, stranger_limit=20, spared=frozenset({"identity", "governance"})
    )
    assert terms_of(scene) == expected


def signed(network, messages, pen):
    """Each of these in a transaction of its own."""
    until_ms = network.time_ms + 60_000
    payloads = [payload_bytes("sogd", until_ms, f"nonce-{n:08}", [one]) for n, one in enumerate(messages, 900)]
    return [sign(payload, [pen]) for payload in payloads]
