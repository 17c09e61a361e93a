"""What may be believed on the word of a trusted header, and what not, to the last unit of power."""

from fractions import Fraction

import pytest
from msgspec.structs import replace

from sogdia.client.light.blocks import MAX_TOTAL_POWER, LightBlock, LightBlockRefused, Validator, Vote, set_hash
from sogdia.client.light.bridge import bridge
from sogdia.client.light.chain import (
    Known,
    Signed,
    TooFewTrusted,
    advance,
    follow,
    known,
    verify_adjacent,
    verify_skipping,
)
from tests.client.light.signers import Powers, block, chain, header, key, later, signed, validators

FOUR = {1: 10, 2: 10, 3: 10, 4: 10}
OTHERS = {5: 10, 6: 10, 7: 10, 8: 10}


def trusting(height: int, powers: Powers) -> Known:
    return Known(header(height, powers), validators(powers))


# --- adjacent -------------------------------------------------------------------------------------------------------


def test_the_next_block_is_believed_when_the_set_that_was_named_decided_it() -> None:
    first = block(1, FOUR, OTHERS)
    assert verify_adjacent(known(first), block(2, OTHERS)) == Signed(2, 4, 4, 40, 40, 0, 0)


def test_the_next_block_of_another_set_is_refused() -> None:
    with pytest.raises(LightBlockRefused, match="not those that the header before names"):
        verify_adjacent(known(block(1, FOUR)), block(2, {**FOUR, 5: 1}))


@pytest.mark.parametrize(
    ("powers", "voting", "decided"),
    [
        ({1: 1, 2: 1, 3: 1}, (1, 2), False),  # exactly two thirds
        ({1: 1, 2: 1, 3: 1}, (1, 2, 3), True),
        (FOUR, (1, 2), False),
        (FOUR, (2, 3, 4), True),
        ({1: 67, 2: 33}, (1,), True),
        ({1: 66, 2: 33}, (1,), False),
        ({1: 2**59, 2: 2**58}, (1,), False),  # nothing is rounded
        ({1: 2**59, 2: 2**58 - 1}, (1,), True),
        (FOUR, (), False),
    ],
)
def test_more_than_two_thirds_of_the_power_decide(powers: Powers, voting: tuple[int, ...], decided: bool) -> None:
    trusted, one = trusting(1, powers), block(2, powers, voting=voting)
    if decided:
        power = sum(powers[number] for number in voting)
        assert verify_adjacent(trusted, one) == Signed(2, len(voting), len(powers), power, sum(powers.values()), 0, 0)
    else:
        with pytest.raises(LightBlockRefused, match="more than two thirds decide"):
            verify_adjacent(trusted, one)


def test_the_block_after_the_next_is_not_adjacent() -> None:
    with pytest.raises(LightBlockRefused, match="height 3 is not next to 1"):
        verify_adjacent(trusting(1, FOUR), block(3, FOUR))


# --- skipping -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "voting", "believed"),
    [
        ({1: 10, 5: 10, 6: 10}, None, False),  # a quarter of those trusted
        ({1: 10, 2: 10, 5: 10}, None, True),  # a half
        ({1: 10, 2: 10, 5: 100}, (1, 5), False),  # a half is in the set, and a quarter signed
        ({1: 1, 2: 1, 5: 100}, None, True),  # power counts as it was when it was trusted
        (OTHERS, None, False),
    ],
)
def test_more_than_a_third_of_the_trusted_power_must_sign(
    now: Powers, voting: tuple[int, ...] | None, believed: bool
) -> None:
    one = block(9, now, voting=voting)
    if believed:
        assert verify_skipping(trusting(1, FOUR), one).trusted_power == 20
    else:
        with pytest.raises(TooFewTrusted, match="of the power trusted at height 1"):
            verify_skipping(trusting(1, FOUR), one)


def test_exactly_a_third_is_too_few() -> None:
    trusted = {1: 1, 2: 1, 3: 1}
    with pytest.raises(TooFewTrusted):
        verify_skipping(trusting(1, trusted), block(9, {1: 1, 5: 1}))
    assert verify_skipping(trusting(1, trusted), block(9, {1: 1, 2: 1, 5: 1})).trusted_power == 2


def test_a_higher_level_of_trust_asks_for_more() -> None:
    one = block(9, {1: 10, 2: 10, 5: 10})
    with pytest.raises(TooFewTrusted, match="more than 1/2 is needed"):
        verify_skipping(trusting(1, FOUR), one, Fraction(1, 2))


@pytest.mark.parametrize("level", [Fraction(0), Fraction(33, 100), Fraction(1), Fraction(2)])
def test_a_level_of_trust_is_at_least_a_third_and_less_than_all(level: Fraction) -> None:
    with pytest.raises(ValueError, match="trust level"):
        verify_skipping(trusting(1, FOUR), block(9, FOUR), level)


def test_the_trusted_may_not_decide_alone_what_their_successors_did_not() -> None:
    """Four that were trusted sign, but they are less than two thirds of the set that the header names."""
    with pytest.raises(LightBlockRefused, match="signed by 40 of 90"):
        verify_skipping(trusting(1, FOUR), block(9, {**FOUR, 5: 50}, voting=FOUR))


def test_who_was_voted_out_right_after_the_trusted_block_does_not_count() -> None:
    trusted = Known(header(1, {1: 30, 2: 10}, {2: 10, 3: 10}), validators({2: 10, 3: 10}))
    with pytest.raises(TooFewTrusted, match="signed by 0 of 20"):
        verify_skipping(trusted, block(9, {1: 30, 5: 1}))


def test_a_block_after_which_the_set_changes_is_no_place_to_skip_from() -> None:
    turning = block(1, FOUR, {**FOUR, 5: 10})
    with pytest.raises(TooFewTrusted, match="the block next to it is due"):
        advance(known(turning), block(3, FOUR))
    assert advance(known(turning), block(2, {**FOUR, 5: 10})).height == 2


@pytest.mark.parametrize("height", [1, 7, 8])
def test_nothing_is_skipped_to_backwards_or_to_the_next(height: int) -> None:
    with pytest.raises(LightBlockRefused, match="nothing to skip"):
        verify_skipping(trusting(7, FOUR), block(height, FOUR))


# --- what makes any block false -------------------------------------------------------------------------------------


def false_blocks() -> dict[str, LightBlock]:
    good = block(2, FOUR)
    votes, commit, head = good.commit.votes, good.commit, good.header
    first = votes[0]
    assert first is not None

    def voted(*changed: Vote | None) -> LightBlock:
        return replace(good, commit=replace(commit, votes=changed))

    return {
        "does not hold": voted(replace(first, signature=bytes(64)), *votes[1:]),
        "validator [0-9A-F]{40} at height 2 does not hold": voted(votes[1], votes[0], *votes[2:]),
        "3 votes for 4": voted(*votes[1:]),
        "5 votes for 4": voted(*votes, first),
        "of chain other, not of signers-1": signed(replace(head, chain="other"), FOUR),
        "not after that": later(good, -1, FOUR),
        "protocol 12": signed(replace(head, block_protocol=12), FOUR),
        "not those of its header": replace(good, validators=good.validators[::-1]),
    }


@pytest.mark.parametrize("said", false_blocks())
def test_a_false_block_is_refused_with_what_is_false(said: str) -> None:
    with pytest.raises(LightBlockRefused, match=said):
        verify_adjacent(trusting(1, FOUR), false_blocks()[said])


def test_a_set_in_which_a_key_stands_twice_is_refused_though_its_header_names_it() -> None:
    twice = (*validators({1: 10, 2: 10}), Validator(key(1).public, 10))
    one = block(2, {1: 10, 2: 10, 3: 10})
    named = replace(one.header, validators_hash=set_hash(twice))
    trusted = Known(replace(header(1, FOUR), next_validators_hash=set_hash(twice)), None)
    with pytest.raises(LightBlockRefused, match="in the set twice"):
        verify_adjacent(trusted, replace(one, header=named, validators=twice))


def test_a_set_with_more_power_than_cometbft_allows_is_refused() -> None:
    huge = {1: MAX_TOTAL_POWER, 2: 1}
    with pytest.raises(LightBlockRefused, match="at most"):
        verify_adjacent(trusting(1, huge), block(2, huge))


def test_the_time_must_move_on_if_by_a_nanosecond() -> None:
    trusted, one = trusting(1, FOUR), block(2, FOUR)
    same = signed(replace(one.header, time=trusted.header.time), FOUR)
    with pytest.raises(LightBlockRefused, match="not after"):
        verify_adjacent(trusted, same)
    moved = replace(trusted.header.time, nanos=trusted.header.time.nanos + 1)
    assert verify_adjacent(trusted, signed(replace(one.header, time=moved), FOUR)).power == 40


# --- chains ---------------------------------------------------------------------------------------------------------

MOVING: list[Powers] = [dict.fromkeys(range(at // 4, at // 4 + 4), 10) for at in range(40)]
"""One validator goes and one comes every four blocks."""


def test_along_a_chain_each_block_is_believed_on_the_word_of_the_one_before() -> None:
    blocks = chain(MOVING)
    found = list(follow(known(blocks[0]), blocks[1:]))
    assert [one.height for one in found] == list(range(2, 41))
    assert all((one.validators, one.power) == (4, 40) for one in found)


def test_blocks_below_the_trusted_one_are_passed_over() -> None:
    blocks = chain(MOVING)
    assert [one.height for one in follow(known(blocks[20]), blocks[:22])] == [22]
    assert list(follow(known(blocks[20]), blocks[:21])) == []


def test_another_block_at_the_trusted_height_is_a_fork_and_refused() -> None:
    blocks = chain(MOVING)
    fork = signed(replace(blocks[4].header, app_hash=b"x" * 32), MOVING[4])
    with pytest.raises(LightBlockRefused, match="another one than the trusted block") as refused:
        list(follow(known(blocks[4]), [fork, blocks[5]]))
    assert refused.value.height == 5


@pytest.mark.parametrize("order", [(2, 1), (1, 1), (1, 3, 2)])
def test_heights_must_ascend(order: tuple[int, ...]) -> None:
    blocks = [block(height, FOUR) for height in range(6)]
    with pytest.raises(LightBlockRefused, match="heights must ascend"):
        list(follow(trusting(10, FOUR), [blocks[height] for height in order]))


def test_the_first_block_that_does_not_hold_ends_the_chain_and_is_named() -> None:
    blocks = chain(MOVING)
    blocks[7] = replace(blocks[7], header=replace(blocks[7].header, app_hash=b""))
    steps = follow(known(blocks[0]), blocks[1:])
    heights = []
    with pytest.raises(LightBlockRefused) as refused:
        heights.extend(step.height for step in steps)
    assert refused.value.height == 8


# --- bridges --------------------------------------------------------------------------------------------------------


def bridged(blocks: list[LightBlock], start: int, target: int) -> tuple[list[int], list[int]]:
    """The heights of the bridge, and those that were fetched for it."""
    asked: list[int] = []

    def fetch(height: int) -> LightBlock:
        asked.append(height)
        return blocks[height - 1]

    found = bridge(fetch, blocks[start - 1], target)
    assert len(list(follow(known(blocks[start - 1]), found))) == len(found)
    return [one.height for one in found], asked


def test_where_the_set_stays_one_skip_is_enough() -> None:
    assert bridged(chain([FOUR] * 30), 1, 30) == ([30], [30])


def test_where_it_moves_the_fewest_blocks_are_found() -> None:
    """Two of four must stay, and a block after which the set changes is no place to go on from."""
    heights, asked = bridged(chain(MOVING), 1, 40)
    assert heights == [11, 19, 27, 35, 40]
    assert len(asked) == len(set(asked)) < 30


def test_where_everybody_leaves_at_once_the_neighbours_lead_over() -> None:
    heights, _ = bridged(chain([FOUR] * 10 + [OTHERS] * 10), 1, 20)
    assert heights == [9, 10, 11, 20]


def test_where_the_set_changes_with_every_block_each_is_needed() -> None:
    sets: list[Powers] = [dict.fromkeys(range(3 * at, 3 * at + 3), 10) for at in range(6)]
    assert bridged(chain(sets), 1, 6)[0] == [2, 3, 4, 5, 6]


def test_to_the_trusted_block_itself_nothing_is_needed_and_before_it_nothing_leads() -> None:
    blocks = chain([FOUR] * 5)
    assert bridged(blocks, 3, 3) == ([], [])
    with pytest.raises(LightBlockRefused, match="lies before the trusted height"):
        bridged(blocks, 3, 2)


def test_a_block_that_does_not_hold_is_no_reason_to_look_for_another_way() -> None:
    blocks = chain([FOUR] * 9)
    blocks[8] = replace(blocks[8], header=replace(blocks[8].header, app_hash=b"x"))
    with pytest.raises(LightBlockRefused, match="does not hold"):
        bridged(blocks, 1, 9)
