"""The real CometBFT: what it decides today is believed, from its first block to its last, through changing sets."""

from pathlib import Path

import pytest

from sogdia.client.light.blocks import LightBlock
from sogdia.client.light.bridge import bridge
from sogdia.client.light.chain import TooFewTrusted, advance, follow, known
from sogdia.client.light.rpc import from_rpc
from sogdia.client.light.trusted import trust
from tests.client.light.network import CHAIN, changing_network
from tests.cometbft_binary import cometbft

pytestmark = pytest.mark.slow


def test_a_network_whose_first_validators_have_left_is_followed_to_its_last_block(tmp_path: Path) -> None:
    with changing_network(cometbft(), tmp_path) as (member, last):

        def fetch(height: int) -> LightBlock:
            return from_rpc(*member.answers(height))

        first = fetch(1)
        trusted = trust("test", "test.example/log", first)
        with pytest.raises(TooFewTrusted):
            advance(trusted.known(), fetch(last))
        found = bridge(fetch, first, last)
        everything = [fetch(height) for height in range(2, last + 1)]
    assert first.header.chain == CHAIN
    # One block between them at least; more where a vote came too late to be among a commit's signatures.
    assert 2 <= len(found) < len(everything)
    assert [step.height for step in follow(trusted.known(), found)] == [block.height for block in found]
    assert found[-1].height == last
    assert [step.height for step in follow(trusted.known(), everything)] == [block.height for block in everything]
    assert known(found[-1]).header.hash() == everything[-1].header.hash()
