"""How much a node takes from whoever calls it. Everything that a caller can make grow has its limit here."""

from typing import Final

import msgspec

HEADER_LIMIT_BYTES: Final = 32 * 1024
"""Request line and fields together."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one node."""

    body_bytes: int = 16 * 1024 * 1024
    """Longest body; of a batch, for everything else has `small_body_bytes`."""
    small_body_bytes: int = 1024 * 1024
    in_flight_bytes: int = 128 * 1024 * 1024
    """Bodies held at one time, all callers together."""
    lines: int = 2_000
    """Transactions or envelopes in one batch, records in one lookup."""
    parameter_chars: int = 1_000
    connections: int = 500
    streams: int = 100
    """Event streams open at one time."""
    streams_per_party: int = 10
    sessions: int = 10_000
    sessions_per_party: int = 50
    session_seconds: int = 3_600
    nonces: int = 100_000
    nonces_per_key: int = 5_000
    header_seconds: float = 10.0
    """From opening a connection, or beginning a request, to the end of its header."""
    body_seconds: float = 30.0
    answer_seconds: float = 60.0
    """Longest wait until transactions are durable."""
    heartbeat_seconds: float = 15.0
    stream_seconds: float = 3_600.0
    """An event stream ends after this time; the client goes on where it was."""
    blocks_per_read: int = 16
    """Blocks that an event stream reads at a time."""
