"""An organisation's validator key gets a new one while transactions flow, and the old one counts for nothing."""

import json
from pathlib import Path

import pytest

from bench.traffic import NETWORK
from sogdia.app.organisation import Home
from sogdia.app.sockets import asked
from sogdia.client.evidence import holds, read, verify
from sogdia.client.http import HttpConnection, NodeUnreachable
from sogdia.client.light.trusted import Trusted
from sogdia.core.codec import from_base64url
from sogdia.core.keys import SigningKey
from sogdia.engines.cometbft.rpc import RpcRefused
from sogdia.engines.journal import Journal, JournalBlock
from sogdia.interfaces.cli import networks
from sogdia.interfaces.network import cometbft_keys, rotation
from tests.interfaces.network.networks import eventually, lay_network
from tests.survival import double_vote
from tests.survival.chamber import Chamber
from tests.survival.network import LiveNetwork


def signed_by(home: Home, height: int) -> set[bytes]:
    """Addresses of those whose votes decided a height."""
    with asked(home.folder) as rpc:
        commit = rpc.commit(height).commit
    return {bytes(one.validator_address) for one in commit.signatures if one.block_id_flag == 2}


def validates_from(home: Home, public: bytes) -> int:
    """The first height of CometBFT's at which this key validates."""
    with asked(home.folder) as rpc:
        last = rpc.status().sync_info.latest_block_height
        return next(h for h in range(1, last + 1) if any(v.pub_key.value == public for v in rpc.validators(h)))


def the_change(home: Home) -> tuple[JournalBlock, bytes]:
    """The block that holds the one rotation, and the rotation."""
    blocks = [block for _, block in Journal(home.folder / "journal").blocks()]
    found = [(block, raw) for block in blocks for raw in block.transactions if "rotate_validator" in said(raw)]
    assert len(found) == 1
    return found[0]


def said(raw: bytes) -> str:
    """What a transaction says, as JSON."""
    return from_base64url(json.loads(raw)["payload"]).decode()


@pytest.mark.slow
def test_a_stolen_key_is_replaced_under_way_and_what_it_signs_counts_no_more(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path) as live:
        chamber, genoa, yiwu = Chamber(live), live.homes["genoa"], live.homes["yiwu"]
        stolen = double_vote.validator_key(genoa)
        with live.traffic("hangzhou") as traffic:
            traffic.flows()
            before = networks.write_trusted(tmp_path, "yiwu", 0, tmp_path / "trusted.json")
            public = rotation.rotate(genoa)
            traffic.flows()
            chamber.validate({**chamber.seats("yiwu", "hangzhou", "lyon"), public.hex(): 10})
            eventually(
                lambda: cometbft_keys.address(public) in signed_by(yiwu, live.ordered("yiwu") - 1),
                "genoa's new key signs",
            )
            first = validates_from(yiwu, public)
            assert cometbft_keys.address(stolen.public) not in signed_by(yiwu, first)
            refused_from(yiwu, stolen, first)
            double_vote.tell(
                yiwu, double_vote.double_vote(yiwu, stolen, first - 1)
            )  # for then it can be held to account
            traffic.flows()
            evidence_holds(live, before)
        old = chamber.record("lyon", "governance.validator", stolen.public.hex())
        assert (old["power"], old["reason"], old["party"]) == (0, "rotated", chamber.did("genoa"))
        change, raw = the_change(yiwu)
        live.submit("yiwu", [raw])  # the same receipt once more, for the books
        live.check()
    assert change.ordered == first - 2
    assert change.height == old["retired_height"]


def refused_from(home: Home, key: SigningKey, height: int) -> None:
    """CometBFT does not know the key as a validator of this height."""
    with pytest.raises(RpcRefused, match="was not a validator"):
        double_vote.tell(home, double_vote.double_vote(home, key, height))


def evidence_holds(live: LiveNetwork, trusted: Trusted) -> None:
    """Whoever trusts this header believes the evidence for the first order, over every change of validators since."""
    platform = live.world.keys["platform"]
    with HttpConnection(live.url("lyon"), NETWORK, platform) as node:
        found = read(node.evidence_of_order(platform.did, "B-00000000"))
    checks = verify(found, trusted=trusted)
    assert holds(checks), [check for check in checks if not check.holds]
    assert len(found.light) > 1
    assert found.light[-1].header.height > trusted.header.height
    assert found.light[-1].header.validators_hash != trusted.header.next_validators_hash


@pytest.mark.slow
def test_a_network_of_one_changes_its_only_key_and_goes_on(tmp_path: Path) -> None:
    with LiveNetwork(tmp_path, 1) as live:
        with live.traffic() as traffic:
            traffic.flows()
            public = rotation.rotate(live.homes["yiwu"])
            traffic.flows()
        assert Chamber(live).validators("yiwu") == {public.hex(): 10}
        live.submit("yiwu", [the_change(live.homes["yiwu"])[1]])
        live.check()


# -- the files -------------------------------------------------------------------------------------------------------


def test_a_key_that_is_due_is_taken_up_before_cometbft_starts_and_has_signed_nothing(tmp_path: Path) -> None:
    lay_network(tmp_path)
    home = Home(tmp_path / "genoa")
    state = home.data / "priv_validator_state.json"
    state.write_text('{"height": "812", "round": 0, "step": 3}')
    rotation.install(home)
    assert "812" in state.read_text()  # no key is due: what the old one signed is remembered
    public = cometbft_keys.create_voting(home.config / "priv_validator_key.due.json")
    assert rotation.is_due(home)
    rotation.install(home)
    assert not rotation.is_due(home)
    assert double_vote.validator_key(home).public == public
    assert home.read().validator == public.hex()
    assert "812" not in state.read_text()
    assert (home.config / "priv_validator_key.json").stat().st_mode & 0o077 == 0


def test_no_key_is_made_twice_when_the_node_does_not_answer(tmp_path: Path) -> None:
    lay_network(tmp_path)
    home = Home(tmp_path / "genoa")
    before = double_vote.validator_key(home).public
    coming = home.config / "priv_validator_key.coming.json"
    made = set()
    for _ in range(2):
        with pytest.raises(NodeUnreachable):
            rotation.rotate(home)
        made.add(cometbft_keys.voting_public(coming))
    assert len(made) == 1
    assert double_vote.validator_key(home).public == before
