"""The file with a trusted header: made from a block that holds, read only when it is of one piece."""

import json
from typing import Any

import msgspec
import pytest

from sogdia.client.light.blocks import LightBlockRefused
from sogdia.client.light.trusted import SIZE_LIMIT_BYTES, TrustedUnreadable, read_trusted, trust
from tests.client.light.signers import block, validators
from tests.client.light.test_recorded import BLOCKS, TOLD

POWERS = {1: 10, 2: 10, 3: 10}
TRUSTED = trust("sogdia", "sogdia.example/main", block(7, POWERS))


def test_people_compare_the_hash_that_every_node_shows() -> None:
    told = TOLD[0][0]["signed_header"]["commit"]["block_id"]["hash"]
    assert trust("sogdia", "sogdia.example/main", BLOCKS[0]).fingerprint == told


def test_it_comes_back_as_it_was_written() -> None:
    assert read_trusted(msgspec.json.encode(TRUSTED)) == TRUSTED


def test_where_the_set_changes_the_next_one_must_be_given() -> None:
    after = {2: 10, 3: 10, 4: 10}
    turning = block(7, POWERS, after)
    assert trust("sogdia", "o", turning, validators(after)).known().next_validators == validators(after)
    with pytest.raises(LightBlockRefused, match="not those that the header names for 8"):
        trust("sogdia", "o", turning)


def test_a_block_that_too_few_signed_is_not_taken_as_trusted() -> None:
    with pytest.raises(LightBlockRefused, match="more than two thirds"):
        trust("sogdia", "o", block(7, POWERS, voting=(1, 2)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "sogdia-trusted/2"}, "sogdia-trusted/2"),
        ({"chain": "another"}, "the file is of chain another, its header of signers-1"),
        ({"next_validators": []}, "next_validators"),
        ({"header": None}, "header"),
        ({"network": ""}, "network"),
        ({"next_validators": [{"public_key": "A" * 43 + "=", "power": 10}]}, "not those that the header names for 8"),
        ({"next_validators": [{"public_key": "AAAA", "power": 10}]}, "public_key"),
        ({"next_validators": [{"public_key": "A" * 43 + "=", "power": 0}]}, "power"),
    ],
)
def test_a_file_that_is_not_of_one_piece_is_refused(change: dict[str, Any], said: str) -> None:
    file = {**json.loads(msgspec.json.encode(TRUSTED)), **change}
    with pytest.raises(TrustedUnreadable, match=said):
        read_trusted(json.dumps(file).encode())


@pytest.mark.parametrize("raw", [b"", b"{}", b"null", b"[" * 100_000, b"\xff", bytes(SIZE_LIMIT_BYTES + 1)])
def test_what_is_no_trusted_header_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(TrustedUnreadable):
        read_trusted(raw)
