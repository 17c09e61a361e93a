"""The bytes that CometBFT hashes and signs: six protobuf messages, encoded as gogoproto does it.

A number that is zero and bytes that are empty leave no trace; an embedded message that is not nullable stands there
even when it is empty. Field numbers: `proto/tendermint/types/{types,canonical,validator}.proto` of CometBFT 0.38.
Nothing is ever decoded.
"""

from typing import Final

_VARINT, _FIXED64, _BYTES = 0, 1, 2
_PRECOMMIT: Final = 2


def varint(number: int) -> bytes:
    """A number of at most 64 bits in groups of seven; a negative one as its two's complement, in ten bytes."""
    if not -(2**63) <= number < 2**64:
        raise ValueError(f"{number} does not fit into 64 bits")
    rest, groups = number % 2**64, bytearray()
    while rest > 0x7F:
        groups.append(rest & 0x7F | 0x80)
        rest >>= 7
    groups.append(rest)
    return bytes(groups)


def number_field(field: int, number: int) -> bytes:
    """A field of type int32, int64, uint32, uint64 or enum."""
    return varint(field << 3 | _VARINT) + varint(number) if number else b""


def fixed_field(field: int, number: int) -> bytes:
    """A field of type sfixed64."""
    return varint(field << 3 | _FIXED64) + number.to_bytes(8, "little", signed=True) if number else b""


def bytes_field(field: int, content: bytes) -> bytes:
    """A field of type bytes or string."""
    return message_field(field, content) if content else b""


def message_field(field: int, content: bytes) -> bytes:
    """An embedded message that is not nullable."""
    return varint(field << 3 | _BYTES) + varint(len(content)) + content


def timestamp(seconds: int, nanos: int) -> bytes:
    """google.protobuf.Timestamp: seconds since 1970 and nanoseconds, 0 to 999,999,999. Go's zero time is negative."""
    return number_field(1, seconds) + number_field(2, nanos)


def version(block: int, app: int) -> bytes:
    """tendermint.version.Consensus."""
    return number_field(1, block) + number_field(2, app)


def block_id(block_hash: bytes, parts: int, parts_hash: bytes) -> bytes:
    """BlockID and CanonicalBlockID, which have one form; of no block: `12 00`."""
    return bytes_field(1, block_hash) + message_field(2, number_field(1, parts) + bytes_field(2, parts_hash))


def simple_validator(ed25519_key: bytes, power: int) -> bytes:
    """SimpleValidator: what stands of a validator under the hash of its set."""
    return message_field(1, message_field(1, ed25519_key)) + number_field(2, power)


def precommit(chain: str, height: int, round_number: int, block: bytes, time: bytes) -> bytes:
    """What a validator signs: CanonicalVote with its length in front, for a block and not for nil."""
    vote = (
        number_field(1, _PRECOMMIT),
        fixed_field(2, height),
        fixed_field(3, round_number),
        message_field(4, block),
        message_field(5, time),
        bytes_field(6, chain.encode()),
    )
    content = b"".join(vote)
    return varint(len(content)) + content
