"""A run of the real CometBFT, as its RPC told it: every header and vote holds, and no altered one does.

`recorded.json` is written by `python -m tests.client.light.network`. Validators: A (power 10) and one that never runs
(1); then B (10) as well; then A is voted out. Height 6 was decided in the second round.
"""

import copy
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sogdia.client.light.blocks import LightBlock, LightBlockRefused, total_power
from sogdia.client.light.bridge import bridge
from sogdia.client.light.chain import Known, TooFewTrusted, advance, follow, known, verify_adjacent
from sogdia.client.light.rpc import from_rpc

TOLD: list[list[Any]] = json.loads(Path(__file__).with_name("recorded.json").read_text())
BLOCKS = [from_rpc(commit, validators) for commit, validators in TOLD]
FIRST, LAST = BLOCKS[0], BLOCKS[-1]


def test_the_run_holds_what_it_should() -> None:
    assert [block.height for block in BLOCKS] == list(range(1, len(BLOCKS) + 1))
    assert {total_power(block.validators) for block in BLOCKS} == {11, 21}
    assert {block.commit.round for block in BLOCKS} >= {0, 1}
    assert all(block.commit.votes.count(None) == 1 for block in BLOCKS), "one validator never ran"
    assert FIRST.header.last_block.parts == 0, "the first block follows on no block"


def test_each_hash_is_the_one_that_cometbft_computed() -> None:
    for (told, _), block in zip(TOLD, BLOCKS, strict=True):
        assert block.header.hash().hex().upper() == told["signed_header"]["commit"]["block_id"]["hash"]
    for before, after in pairwise(BLOCKS):
        assert after.header.last_block.hash == before.header.hash()


def test_each_block_is_believed_on_the_word_of_the_one_before() -> None:
    for before, after in pairwise(BLOCKS):
        signed = verify_adjacent(Known(before.header, None), after)
        assert (signed.of_power - signed.power, signed.of_validators - signed.validators) == (1, 1)


def test_each_later_block_is_believed_by_skipping_while_a_third_of_the_trusted_set_signs() -> None:
    (a,) = {one.public_key for one in FIRST.validators if one.power == 10}
    believed = []
    for block in BLOCKS[2:]:
        try:
            believed.append(advance(known(FIRST), block).height)
        except TooFewTrusted:
            assert a not in {one.public_key for one in block.validators}
    assert believed == [block.height for block in BLOCKS[2:] if a in {one.public_key for one in block.validators}]
    assert believed[-1] < LAST.height


def test_one_block_between_leads_from_the_first_to_the_last() -> None:
    with pytest.raises(TooFewTrusted):
        advance(known(FIRST), LAST)
    between, last = bridge(lambda height: BLOCKS[height - 1], FIRST, LAST.height)
    assert last == LAST
    assert len(between.validators) == 3, "of the time when both A and B signed"
    assert [step.height for step in follow(known(FIRST), (between, last))] == [between.height, last.height]


# --- every value counts ---------------------------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each number, text and byte string."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list | tuple):
        for at, inner in enumerate(value):
            yield from places(inner, (*path, at))
    elif value is not None:
        yield path


def others(value: Any) -> Iterator[Any]:
    """Values next to this one."""
    if isinstance(value, bytes):
        yield from (bytes([*value[:at], value[at] ^ 1, *value[at + 1 :]]) for at in range(0, len(value), 7))
        yield b"" if value else bytes(32)
    elif isinstance(value, str):
        yield from (value + "x", value.upper())
    else:
        yield from (value + 1, value + 2**32, value - 1)


def altered(block: LightBlock) -> Iterator[tuple[tuple[Any, ...], LightBlock]]:
    """The block with one value changed, for each value and each of its neighbours that the format can hold."""
    plain = msgspec.to_builtins(block, builtin_types=(bytes,))
    for path in places(plain):
        for other in others(_at(plain, path)):
            changed = copy.deepcopy(plain)
            _at(changed, path[:-1])[path[-1]] = other
            try:
                yield path, msgspec.convert(changed, LightBlock)
            except msgspec.ValidationError:
                continue


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize("height", [2, 6, 9])
def test_no_value_of_a_block_can_be_changed(height: int) -> None:
    """Adjacent and by skipping: the first block, one of the second round, and one of three validators."""
    block = BLOCKS[height - 1]
    before = Known(BLOCKS[height - 2].header, None)
    changed = set()
    for path, false in altered(_lists(block)):
        changed.add(path)
        with pytest.raises(LightBlockRefused):
            verify_adjacent(before, false)
        with pytest.raises(LightBlockRefused):
            list(follow(known(FIRST), (false,)))
    assert len(changed) >= 28, "header, votes and validators"


def _lists(block: LightBlock) -> Any:
    # msgspec leaves tuples as they are, and a place in a tuple cannot be changed.
    return json_like(msgspec.to_builtins(block, builtin_types=(bytes,)))


def json_like(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: json_like(inner) for name, inner in value.items()}
    return [json_like(inner) for inner in value] if isinstance(value, list | tuple) else value


def test_votes_and_validators_cannot_be_exchanged_between_heights() -> None:
    one, other = BLOCKS[8], BLOCKS[9]
    before = Known(BLOCKS[7].header, None)
    for false in (
        msgspec.structs.replace(one, commit=other.commit),
        msgspec.structs.replace(one, header=other.header),
        msgspec.structs.replace(one, validators=FIRST.validators),
    ):
        with pytest.raises(LightBlockRefused):
            verify_adjacent(before, false)


def test_a_block_comes_through_json_as_it_was() -> None:
    for block in BLOCKS:
        assert msgspec.json.decode(msgspec.json.encode(block), type=LightBlock) == block
