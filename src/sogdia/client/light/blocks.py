"""Headers, validators and votes of CometBFT 0.38, and their hashes.

A light block holds nothing twice: the id of the block that was voted for follows from the header, addresses follow from
keys, and only votes for this block are in it. So each value in it stands under a hash or under a signature.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from sogdia.client.light import wire
from sogdia.core import log
from sogdia.core.keys import PUBLIC_KEY_BYTES, SIGNATURE_BYTES

BLOCK_PROTOCOL: Final = 11
"""The version of headers and votes that is read here. Source: version/version.go of CometBFT 0.38."""
MAX_VALIDATORS: Final = 10_000
"""Most validators of a set. Source: MaxVotesCount of CometBFT."""
MAX_TOTAL_POWER: Final = (2**63 - 1) // 8
"""Most voting power of a set together. Source: MaxTotalVotingPower of CometBFT."""

Hash = Annotated[bytes, Meta(min_length=32, max_length=32, description="SHA-256")]
MaybeHash = Annotated[bytes, Meta(max_length=32, description="SHA-256, or empty")]
Height = Annotated[int, Meta(ge=1, le=2**63 - 1, description="CometBFT's height, which counts empty blocks too")]
Power = Annotated[int, Meta(ge=1, le=MAX_TOTAL_POWER, description="voting power")]


class LightBlockRefused(ValueError):
    """A header, its votes or its validators do not hold; the message says what and why."""

    height = 0
    """Of the block that was refused, where a chain of them was followed."""


class Timestamp(msgspec.Struct, frozen=True, order=True):
    """An instant of UTC to the nanosecond, between the years 1 and 9999; a vote's time is signed that exactly."""

    seconds: Annotated[int, Meta(ge=-62_135_596_800, le=253_402_300_799, description="seconds since 1970")]
    nanos: Annotated[int, Meta(ge=0, le=999_999_999, description="nanoseconds")] = 0

    @property
    def ms(self) -> int:
        """Milliseconds since 1970, cut off."""
        return self.seconds * 1000 + self.nanos // 1_000_000

    def encoded(self) -> bytes:
        """The protobuf message."""
        return wire.timestamp(self.seconds, self.nanos)


class BlockId(msgspec.Struct, frozen=True):
    """A block by the hash of its header and by the parts in which it was sent; all empty before the first block."""

    hash: MaybeHash
    parts: Annotated[int, Meta(ge=0, le=2**32 - 1, description="how many parts")]
    parts_hash: MaybeHash

    def encoded(self) -> bytes:
        """The protobuf message."""
        return wire.block_id(self.hash, self.parts, self.parts_hash)


class BlockHeader(msgspec.Struct, frozen=True):
    """A header's fields in the order in which they are hashed. The app hash is that of the state before this block."""

    block_protocol: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    app_version: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    chain: Annotated[str, Meta(min_length=1, max_length=50, description="the chain's name")]
    height: Height
    time: Timestamp
    last_block: BlockId
    last_commit_hash: MaybeHash
    data_hash: MaybeHash
    validators_hash: Hash
    next_validators_hash: Hash
    consensus_hash: MaybeHash
    app_hash: Annotated[bytes, Meta(max_length=64)]
    last_results_hash: MaybeHash
    evidence_hash: MaybeHash
    proposer: Annotated[bytes, Meta(min_length=20, max_length=20, description="address of the proposer")]

    def hash(self) -> bytes:
        """The block's hash: the root of RFC 6962 over the fourteen fields as protobuf has them."""
        wrapped = (
            self.last_commit_hash, self.data_hash, self.validators_hash, self.next_validators_hash,
            self.consensus_hash, self.app_hash, self.last_results_hash, self.evidence_hash, self.proposer,
        )  # fmt: skip
        fields = (
            wire.version(self.block_protocol, self.app_version),
            wire.bytes_field(1, self.chain.encode()),
            wire.number_field(1, self.height),
            self.time.encoded(),
            self.last_block.encoded(),
            *(wire.bytes_field(1, one) for one in wrapped),
        )
        return log.root_of([log.leaf_hash(field) for field in fields])


class Validator(msgspec.Struct, frozen=True):
    """A validator: its Ed25519 public key and its voting power."""

    public_key: Annotated[bytes, Meta(min_length=PUBLIC_KEY_BYTES, max_length=PUBLIC_KEY_BYTES)]
    power: Power

    @property
    def address(self) -> bytes:
        """How CometBFT names it: the first 20 bytes of the SHA-256 of its key."""
        return sha256(self.public_key).digest()[:20]


Validators = Annotated[tuple[Validator, ...], Meta(min_length=1, max_length=MAX_VALIDATORS)]


class Vote(msgspec.Struct, frozen=True):
    """A validator's precommit for the block: when it signed by its own clock, and the signature."""

    time: Timestamp
    signature: Annotated[bytes, Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)]


class Commit(msgspec.Struct, frozen=True):
    """The votes for a block, one place for each validator in the order of the set; null for who did not vote for it."""

    round: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    parts: Annotated[int, Meta(ge=1, le=2**32 - 1)]
    parts_hash: Hash
    votes: Annotated[tuple[Vote | None, ...], Meta(min_length=1, max_length=MAX_VALIDATORS)]


class LightBlock(msgspec.Struct, frozen=True):
    """A header, the votes for it, and the validators of its height."""

    header: BlockHeader
    commit: Commit
    validators: Validators

    @property
    def height(self) -> int:
        """CometBFT's height."""
        return self.header.height

    def cast(self) -> Iterator[tuple[Validator, Vote, bytes]]:
        """Each validator who voted, its vote, and the bytes that it signed."""
        commit, header = self.commit, self.header
        block = wire.block_id(header.hash(), commit.parts, commit.parts_hash)
        for validator, vote in zip(self.validators, commit.votes, strict=True):
            if vote is not None:
                signed = wire.precommit(header.chain, header.height, commit.round, block, vote.time.encoded())
                yield validator, vote, signed


def set_hash(validators: Sequence[Validator]) -> bytes:
    """The hash of a set of validators in its order, as `validators_hash` has it."""
    return log.root_of([log.leaf_hash(wire.simple_validator(one.public_key, one.power)) for one in validators])


def total_power(validators: Sequence[Validator]) -> int:
    """The voting power of the set together; refused when the same key is in it twice or it is more than may be."""
    if len({one.public_key for one in validators}) != len(validators):
        raise LightBlockRefused("the same validator is in the set twice")
    total = sum(one.power for one in validators)
    if total > MAX_TOTAL_POWER:
        raise LightBlockRefused(f"the set has a voting power of {total}; {MAX_TOTAL_POWER} at most")
    return total
