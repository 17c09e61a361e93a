"""From a trusted header to a later one: adjacent, by skipping, or along a chain of light blocks.

The rules of CometBFT's light client (`light/verifier.go`, `spec/light-client/verification`). Where Go may measure a
skip by the validators of the trusted height, here only those of the height after it count: they are the set that the
trusted header names, and a validator that was voted out is out. A block whose set changes right after it is therefore
no place to skip from; its neighbour is.

Each signature in a block must hold, by `sogdia.core.keys`. CometBFT follows ZIP-215, which takes odd signatures that
libsodium refuses; for whatever an honest program signed the two agree. `rpc` leaves odd votes out.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import msgspec

from sogdia.client.light.blocks import (
    BLOCK_PROTOCOL,
    BlockHeader,
    LightBlock,
    LightBlockRefused,
    Validator,
    set_hash,
    total_power,
)
from sogdia.core.keys import EDDSA, verify

TRUST_LEVEL: Final = Fraction(1, 3)
"""More than this part of a trusted set must sign what is skipped to: then one honest member of it did."""
_DECIDES: Final = Fraction(2, 3)


class TooFewTrusted(LightBlockRefused):
    """The block may be good, but too little of what is trusted signed it; a block between the two may lead there."""


class Known(msgspec.Struct, frozen=True):
    """A header that is trusted, with the set of the next height; None when nothing here says who is in it."""

    header: BlockHeader
    next_validators: tuple[Validator, ...] | None


class Signed(msgspec.Struct, frozen=True):
    """Who signed a block: how many validators with how much power, of how many with how much."""

    height: int
    validators: int
    of_validators: int
    power: int
    of_power: int
    trusted_power: int
    """Of the set that was trusted before; both 0 for adjacent blocks, where the set itself is the trusted one."""
    of_trusted_power: int


def known(block: LightBlock) -> Known:
    """A block as a place to go on from, once it is believed: the next set is its own unless it changes there."""
    same = block.header.next_validators_hash == block.header.validators_hash
    return Known(block.header, block.validators if same else None)


def advance(trusted: Known, block: LightBlock, level: Fraction = TRUST_LEVEL) -> Signed:
    """Believe a later block on the word of a trusted one; LightBlockRefused or TooFewTrusted says why not."""
    if block.height == trusted.header.height + 1:
        return verify_adjacent(trusted, block)
    return verify_skipping(trusted, block, level)


def follow(trusted: Known, blocks: Sequence[LightBlock], level: Fraction = TRUST_LEVEL) -> Iterator[Signed]:
    """Go along blocks of ascending height and say of each who signed it; the first that does not hold is refused,
    and the error's `height` says which.

    Blocks below the trusted height are passed over; one at that height must be the trusted block itself.
    """
    before = 0
    for block in blocks:
        try:
            signed = _step(trusted, block, before, level)
        except LightBlockRefused as wrong:
            wrong.height = block.height
            raise
        before = block.height
        if signed is not None:
            yield signed
            trusted = known(block)


def _step(trusted: Known, block: LightBlock, before: int, level: Fraction) -> Signed | None:
    if block.height <= before:
        raise LightBlockRefused(f"height {block.height} comes after {before}; heights must ascend")
    if block.height > trusted.header.height:
        return advance(trusted, block, level)
    if block.height == trusted.header.height and block.header.hash() != trusted.header.hash():
        raise LightBlockRefused(f"the block at height {block.height} is another one than the trusted block")
    return None


def verify_adjacent(trusted: Known, block: LightBlock) -> Signed:
    """A block right after the trusted one: its set is the one that the trusted header names, and decided it."""
    if block.height != trusted.header.height + 1:
        raise LightBlockRefused(f"height {block.height} is not next to {trusted.header.height}")
    _check_headers(trusted.header, block)
    if block.header.validators_hash != trusted.header.next_validators_hash:
        raise LightBlockRefused(f"the validators of height {block.height} are not those that the header before names")
    return _check_votes(block, 0, 0)


def verify_skipping(trusted: Known, block: LightBlock, level: Fraction = TRUST_LEVEL) -> Signed:
    """A block further on: more than `level` of the trusted set signed it, and more than two thirds of its own.

    `level` is at least one third and less than one.
    """
    if not TRUST_LEVEL <= level < 1:
        raise ValueError(f"a trust level is at least 1/3 and less than 1, got {level}")
    if block.height <= trusted.header.height + 1:
        raise LightBlockRefused(f"there is nothing to skip between heights {trusted.header.height} and {block.height}")
    _check_headers(trusted.header, block)
    if trusted.next_validators is None:
        raise TooFewTrusted(f"the validators change after height {trusted.header.height}; the block next to it is due")
    trusted_total = total_power(trusted.next_validators)
    trusted_power = _power_of(block, trusted.next_validators)
    if not trusted_power > level * trusted_total:
        signed = f"{trusted_power} of {trusted_total} of the power trusted at height {trusted.header.height}"
        raise TooFewTrusted(f"height {block.height} is signed by {signed}; more than {level} is needed")
    return _check_votes(block, trusted_power, trusted_total)


def check_itself(block: LightBlock) -> Signed:
    """Whether a block holds by itself: its own set is the one that its header names, and decided it."""
    _check_header(block)
    return _check_votes(block, 0, 0)


def _check_headers(trusted: BlockHeader, block: LightBlock) -> None:
    header = block.header
    if header.chain != trusted.chain:
        raise LightBlockRefused(f"height {header.height} is of chain {header.chain}, not of {trusted.chain}")
    if header.time <= trusted.time:
        raise LightBlockRefused(f"the time of height {header.height} is not after that of height {trusted.height}")
    _check_header(block)


def _check_header(block: LightBlock) -> None:
    header = block.header
    if header.block_protocol != BLOCK_PROTOCOL:
        said = f"height {header.height} is of block protocol {header.block_protocol}"
        raise LightBlockRefused(f"{said}; this verifier knows {BLOCK_PROTOCOL}")
    if set_hash(block.validators) != header.validators_hash:
        raise LightBlockRefused(f"the validators given for height {header.height} are not those of its header")
    if len(block.commit.votes) != len(block.validators):
        votes = f"{len(block.commit.votes)} votes for {len(block.validators)} validators"
        raise LightBlockRefused(f"height {header.height} has {votes}; expected is one place for each")


def _power_of(block: LightBlock, trusted: Sequence[Validator]) -> int:
    # By key: the trusted set has an order and powers of its own.
    voted = {one.public_key for one, vote in zip(block.validators, block.commit.votes, strict=True) if vote}
    return sum(one.power for one in trusted if one.public_key in voted)


def _check_votes(block: LightBlock, trusted_power: int, of_trusted_power: int) -> Signed:
    total = total_power(block.validators)
    power = _power_of(block, block.validators)
    if not power > _DECIDES * total:
        raise LightBlockRefused(f"height {block.height} is signed by {power} of {total}; more than two thirds decide")
    count = 0
    for validator, vote, signed in block.cast():
        if not verify(EDDSA, validator.public_key, signed, vote.signature):
            who = validator.address.hex().upper()
            raise LightBlockRefused(f"the signature of validator {who} at height {block.height} does not hold")
        count += 1
    return Signed(block.height, count, len(block.validators), power, total, trusted_power, of_trusted_power)
