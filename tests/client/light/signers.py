"""Validators of the tests' own, who sign whatever header they are given."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

from msgspec.structs import replace

from sogdia.client.light import wire
from sogdia.client.light.blocks import (
    BLOCK_PROTOCOL,
    BlockHeader,
    BlockId,
    Commit,
    LightBlock,
    Timestamp,
    Validator,
    Vote,
    set_hash,
)
from sogdia.core.keys import SigningKey

CHAIN = "signers-1"
FIRST_SECOND = 1_795_000_000
Powers = Mapping[int, int]
"""Validators by number, each with its power."""


def key(number: int) -> SigningKey:
    """The key of the validator with this number."""
    return SigningKey(sha256(b"validator %d" % number).digest())


def validators(powers: Powers) -> tuple[Validator, ...]:
    """The set, in the order given."""
    return tuple(Validator(key(number).public, power) for number, power in powers.items())


def signed(header: BlockHeader, powers: Powers, voting: Collection[int] | None = None) -> LightBlock:
    """A light block of this header; who is not among `voting` did not vote."""
    votes: list[Vote | None] = []
    for place, number in enumerate(powers):
        time = Timestamp(header.time.seconds + 1, 1 + place)
        block = wire.block_id(header.hash(), 1, bytes(32))
        message = wire.precommit(header.chain, header.height, 0, block, time.encoded())
        votes.append(Vote(time, key(number).sign(message)) if voting is None or number in voting else None)
    return LightBlock(header, Commit(0, 1, bytes(32), tuple(votes)), validators(powers))


def header(height: int, powers: Powers, after: Powers | None = None, app_hash: bytes = bytes(32)) -> BlockHeader:
    """A header of this height, a second for each; `after` are the validators of the next one."""
    names = set_hash(validators(powers)), set_hash(validators(powers if after is None else after))
    digests = [sha256(b"%d of %d" % (which, height)).digest() for which in range(7)]
    return BlockHeader(
        BLOCK_PROTOCOL, 1, CHAIN, height, Timestamp(FIRST_SECOND + height, 5), BlockId(digests[0], 1, digests[1]),
        digests[2], digests[3], *names, digests[4], app_hash, digests[5], digests[6], validators(powers)[0].address,
    )  # fmt: skip


def block(
    height: int,
    powers: Powers,
    after: Powers | None = None,
    voting: Collection[int] | None = None,
    app_hash: bytes = bytes(32),
) -> LightBlock:
    """A light block of this height that everybody signed, or those among `voting`."""
    return signed(header(height, powers, after, app_hash), powers, voting)


def later(one: LightBlock, seconds: int, powers: Powers) -> LightBlock:
    """The same block with its header's time moved, signed anew."""
    moved = replace(one.header.time, seconds=one.header.time.seconds + seconds)
    return signed(replace(one.header, time=moved), powers)


def chain(sets: Sequence[Powers]) -> list[LightBlock]:
    """Blocks from height 1 on, one for each set; each header names the set of the next."""
    return [block(at + 1, powers, sets[min(at + 1, len(sets) - 1)]) for at, powers in enumerate(sets)]
