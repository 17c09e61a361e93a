"""What comes out of a block: receipts, the seal over everything, and the outcome that followers read.

A receipt's JSON bytes are the leaf of the log, so whoever holds a receipt and a checkpoint can prove what was decided,
when and for which bytes. Field values of a refusal are part of it.
"""

from typing import Any

import msgspec

from sogdia.core.codec import json_bytes

ACCEPTED = 0


class Receipt(msgspec.Struct, frozen=True):
    """The decision on one transaction; `code` is 0 or a refusal's number. Digests are SHA-256 in hexadecimal."""

    network: str
    height: int
    index: int
    time_ms: int
    transaction: str
    envelope: str
    code: int
    fields: dict[str, Any]
    events: str

    def entry(self) -> bytes:
        """The bytes that stand in the log."""
        return json_bytes(self)


class Seal(msgspec.Struct, frozen=True, array_like=True):
    """What one block left behind: the roots that the network signs."""

    height: int
    time_ms: int
    state_root: bytes
    log_size: int
    log_root: bytes


class Announced(msgspec.Struct, frozen=True, array_like=True):
    """An event as it stands in an outcome: its tag, who may hear it, and its JSON."""

    tag: str
    parties: tuple[str, ...]
    roles: tuple[str, ...]
    json: bytes


class Done(msgspec.Struct, frozen=True, array_like=True):
    """One transaction in an outcome: receipt bytes, the messages' tags, the parties that signed, what was announced."""

    receipt: bytes
    tags: tuple[str, ...]
    signers: tuple[str, ...]
    events: tuple[Announced, ...]


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """Everything a follower needs of one block: decisions in order and the records as they stand after it."""

    seal: Seal
    done: tuple[Done, ...]
    changes: tuple[tuple[bytes, bytes | None], ...]


decode_outcome = msgspec.msgpack.Decoder(Outcome).decode
decode_receipt = msgspec.json.Decoder(Receipt).decode
