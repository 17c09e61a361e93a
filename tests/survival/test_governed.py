"""Members decide while trades flow: who belongs to the network, who makes its blocks, how much each may ask of it."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sogdia.app.organisation import Home
from sogdia.app.sockets import asked
from sogdia.core.codec import from_base64url
from sogdia.domains.governance.messages import (
    HaltNetwork,
    Host,
    Refused,
    ReinstateMember,
    RemoveMember,
    Review,
    SetParameters,
    SuspendMember,
    Vote,
)
from sogdia.domains.identity.messages import Delegate
from sogdia.engines.journal import Journal, JournalBlock
from sogdia.interfaces.network.cometbft_keys import address
from tests.interfaces.network.networks import eventually
from tests.survival.chamber import Chamber
from tests.survival.network import LiveNetwork
from tests.survival.newcomer import application, arrive

pytestmark = pytest.mark.slow
FOUNDERS = ("yiwu", "hangzhou", "lyon", "genoa")
PARTY_LIMIT = 6
HALT_MS = 12_000


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveNetwork]:
    with LiveNetwork(tmp_path) as network:
        yield network


def has_signed(home: Home, validator: str) -> bool:
    """Whether this key's vote is among those that decided the latest settled block."""
    with asked(home.folder) as rpc:
        commit = rpc.commit(rpc.status().sync_info.latest_block_height - 1).commit
    return address(bytes.fromhex(validator)) in [bytes(one.validator_address) for one in commit.signatures]


def test_a_fifth_organisation_is_admitted_suspended_reinstated_and_removed(live: LiveNetwork) -> None:
    with live.traffic("yiwu") as traffic:
        fifth = arrive(live)
        chamber = Chamber(live)
        did, validator = chamber.did(fifth), live.homes[fifth].read().validator
        chamber.says(fifth, application(live, fifth), to="hangzhou")
        case_no = f"{chamber.record('hangzhou', 'governance.docket', 'network')['last']:06}"
        chamber.vote(case_no, *FOUNDERS[:3])
        assert chamber.record("lyon", "governance.case", case_no)["status"] == "open"  # nobody has reviewed it yet
        chamber.says("lyon", Review(member=chamber.did("lyon"), case_no=case_no, finding="in_order", digest="ab" * 32))
        assert chamber.record("lyon", "governance.case", case_no)["status"] == "passed"
        chamber.validate(chamber.seats(*live.names))
        eventually(lambda: has_signed(live.homes["yiwu"], validator), "the fifth takes part in deciding blocks")

        chamber.decide(SuspendMember(party=did), *FOUNDERS)
        chamber.validate(chamber.seats(*FOUNDERS))
        chamber.decide(ReinstateMember(party=did), *FOUNDERS[:3])
        chamber.validate(chamber.seats(*live.names))
        traffic.flows()
        chamber.decide(RemoveMember(party=did), fifth, *FOUNDERS[:3])
        chamber.validate(chamber.seats(*FOUNDERS))
        late = chamber.send(fifth, [Vote(member=did, case_no=case_no, choice="yes")], chamber.keys[fifth], to="genoa")
        assert late.code == Refused.NOT_A_MEMBER
        traffic.flows()
    assert chamber.everywhere("governance.member", did)["standing"] == "removed"
    live.check()


def test_a_limit_that_members_set_holds_from_the_next_block_on(live: LiveNetwork) -> None:
    chamber = Chamber(live)
    live.submit("hangzhou", live.trades(8))
    chamber.decide(SetParameters(party_limit=PARTY_LIMIT), *FOUNDERS[:3])
    changed = live.height("yiwu")
    replies = live.submit("hangzhou", live.trades(8))
    assert all(one.receipt is not None for one in replies)  # what was over came in a later block
    live.check()
    blocks = [block for _, block in Journal(live.homes["yiwu"].folder / "journal").blocks()]
    assert max(busiest(block) for block in blocks if block.height <= changed) > PARTY_LIMIT
    assert max(busiest(block) for block in blocks if block.height > changed) == PARTY_LIMIT


def busiest(block: JournalBlock) -> int:
    """The most transactions that one key has signed in a block."""
    counted = Counter(json.loads(raw)["signatures"][0]["protected"] for raw in block.transactions)
    return max(counted.values(), default=0)


def test_a_halt_spares_governance_and_identity_and_ends_by_itself_at_its_instant(live: LiveNetwork) -> None:
    chamber, seller = Chamber(live), live.world.keys["seller"]
    with live.traffic("hangzhou") as traffic:
        traffic.flows(24)
        until_ms = live.status("yiwu")["time_ms"] + HALT_MS
        halt = HaltNetwork(until_ms=until_ms, reason="a rule is looked into")
        chamber.decide(halt, *FOUNDERS[:3])
        halted = live.height("yiwu")
        hosted = Host(party=seller.did, member=chamber.did("genoa"))
        mandate = Delegate(
            principal=seller.did, agent=live.world.parties.broker, actions=("customs.declare_import",), until_ms=10**13
        )
        spared = [chamber.send("lyon", [message], seller).receipt for message in (hosted, mandate)]
        traffic.flows(24)
    live.check()
    blocks = [block for _, block in Journal(live.homes["yiwu"].folder / "journal").blocks()]
    during = [block for block in blocks if block.height > halted and block.time_ms < until_ms]
    assert {one.height for one in spared if one is not None} <= {block.height for block in during}
    assert set.union(*map(domains, during)) == {"governance", "identity"}
    after = [block for block in blocks if block.time_ms >= until_ms]
    assert "orders" in set.union(*map(domains, after))


def domains(block: JournalBlock) -> set[str]:
    """The domains whose messages stand in a block."""
    said = [json.loads(from_base64url(json.loads(raw)["payload"])) for raw in block.transactions]
    return {message["type"].partition(".")[0] for one in said for message in one["messages"]}
