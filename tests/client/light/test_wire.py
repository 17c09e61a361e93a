"""Our bytes are those of protobuf, for every value that a header or a vote may have."""

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BytesValue, Int64Value, StringValue
from hypothesis import example, given
from hypothesis import strategies as st

from sogdia.client.light import wire

INT64 = st.integers(-(2**63), 2**63 - 1)


def encoded(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)


@given(INT64)
@example(0)
@example(-1)
@example(127)
@example(128)
@example(2**63 - 1)
def test_a_number_is_encoded_as_protobuf_does_it(number: int) -> None:
    assert wire.number_field(1, number) == encoded(Int64Value(value=number))


@given(st.binary(max_size=300))
@example(b"")
@example(bytes(128))
def test_bytes_are_encoded_as_protobuf_does_it(content: bytes) -> None:
    assert wire.bytes_field(1, content) == encoded(BytesValue(value=content))


@given(st.text(max_size=50))
def test_text_is_encoded_as_protobuf_does_it(text: str) -> None:
    assert wire.bytes_field(1, text.encode()) == encoded(StringValue(value=text))


@given(st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, 999_999_999))
@example(-62_135_596_800, 0)
@example(0, 0)
@example(1, 1)
def test_a_time_is_encoded_as_protobuf_does_it(seconds: int, nanos: int) -> None:
    assert wire.timestamp(seconds, nanos) == encoded(Timestamp(seconds=seconds, nanos=nanos))


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_a_number_that_is_too_long_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        wire.varint(number)


def test_no_block_is_an_empty_message_that_stands_there() -> None:
    assert wire.block_id(b"", 0, b"").hex() == "1200"


def test_a_fixed_number_has_eight_bytes_and_zero_none() -> None:
    assert wire.fixed_field(2, 258).hex() == "11" + "0201" + "00" * 6
    assert wire.fixed_field(3, 0) == b""


def test_the_round_0_leaves_no_trace_in_a_vote_and_the_length_stands_in_front() -> None:
    vote = wire.precommit("c", 1, 0, wire.block_id(b"h", 1, b"p"), wire.timestamp(0, 0))
    assert vote[0] == len(vote) - 1
    assert vote[1:].hex() == "0802" + "11" + "01" + "00" * 7 + "220a" + "0a0168" + "12050801120170" + "2a00" + "320163"
