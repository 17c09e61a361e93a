"""A block's lines and one transaction, decoded for people from the very bytes that were signed."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from sogdia.app import Node
from sogdia.core import keys
from sogdia.core.codec import from_base64url
from sogdia.core.query import Asker, may_see
from sogdia.core.receipt import Done, Outcome, Receipt, Seal, decode_outcome, decode_receipt
from sogdia.core.state import Committed, Record, Table
from sogdia.core.transaction import Signed, Transaction
from sogdia.domains.identity.state import KEYS
from sogdia.interfaces.console.parties_signed import concerns, is_open_to, records_written

_RECORDS: Final = 200


class Glance(msgspec.Struct, frozen=True, array_like=True):
    """An outcome without the records that it holds, which are most of it."""

    seal: Seal
    done: tuple[Done, ...]


class BlockLine(msgspec.Struct, frozen=True, kw_only=True):
    """A block, or one transaction of it: for a block `own` of its `count` are the asker's to read."""

    height: int
    time_ms: int
    count: int = 0
    own: int = 0
    state_root: str = ""
    index: int = 0
    transaction: str = ""
    tags: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    code: int = 0


class SignatureShown(msgspec.Struct, frozen=True):
    """A signature: whose key, whether that is on record now, when it was retired, and whether the signature holds."""

    kid: str
    party: str
    scheme: str
    retired_height: int | None
    holds: bool


class TransactionShown(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction in full: `messages` as the signed bytes say them, `records` written that the asker may see."""

    receipt: Receipt
    leaf: int
    nonce: str
    valid_until_ms: int
    messages: tuple[tuple[str, dict[str, Any]], ...]
    payload: str
    signatures: tuple[SignatureShown, ...]
    records: tuple[tuple[str, tuple[str, ...]], ...]
    events: tuple[str, ...]


glance = msgspec.msgpack.Decoder(Glance).decode


def block_line(outcome: Glance, asker: Asker) -> BlockLine:
    """A block in one line, with how many of its transactions the asker signed or may hear of."""
    seal = outcome.seal
    own = sum(concerns(asker, done) for done in outcome.done)
    root = seal.state_root.hex()
    return BlockLine(height=seal.height, time_ms=seal.time_ms, count=len(outcome.done), own=own, state_root=root)


def lines_of_block(outcome: Glance, asker: Asker) -> Iterator[BlockLine]:
    """Those transactions of a block that the asker signed or may hear of, in order."""
    for index, done in enumerate(outcome.done):
        if concerns(asker, done):
            receipt = decode_receipt(done.receipt)
            yield BlockLine(
                height=receipt.height,
                time_ms=receipt.time_ms,
                index=index,
                transaction=receipt.transaction,
                tags=done.tags,
                signers=done.signers,
                code=receipt.code,
            )


def transaction_shown(node: Node, asker: Asker, wanted: str) -> TransactionShown | None:
    """The transaction of this id; None when it is not on record here, or not the asker's to read."""
    place = node.engine.place_of(wanted) if len(wanted) == 64 and wanted.isascii() else None
    if place is None:
        return None
    height, index, leaf = place
    outcome = decode_outcome(node.engine.outcome_at(height))
    block = node.engine.block_at(height)
    raw = None if block is None else block.envelope(index)
    if raw is None or not is_open_to(node, asker, outcome, index):
        return None
    done, parsed = outcome.done[index], node.machine.codec.parse(raw)
    payload = from_base64url(msgspec.json.decode(raw)["payload"])
    said = msgspec.json.decode(payload)
    return TransactionShown(
        receipt=decode_receipt(done.receipt),
        leaf=leaf,
        nonce=said["nonce"],
        valid_until_ms=said["valid_until_ms"],
        messages=tuple((one["type"], _without_type(one)) for one in said["messages"]),
        payload=msgspec.json.format(payload, indent=2).decode(),
        signatures=tuple(_signatures(node, parsed)),
        records=tuple(_seen(node, asker, outcome, index)),
        events=tuple(one.tag for one in done.events),
    )


def _without_type(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "type" and value is not None}


def _signatures(node: Node, parsed: Transaction) -> Iterator[SignatureShown]:
    view = Committed(node.store, cached=0)
    for one in parsed.signatures:
        key = KEYS.get(view, one.kid)
        retired = key.retired_height if key is not None else None
        holds = key is not None and _holds(one, key.public)
        yield SignatureShown(one.kid, one.kid.partition("#")[0], one.scheme, retired, holds)


def _holds(one: Signed, public: str) -> bool:
    return keys.verify(one.scheme, bytes.fromhex(public), one.signing_input, one.signature)


def _seen(node: Node, asker: Asker, outcome: Outcome, index: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Table and key of the records written, as far as the asker may see them; the first 200."""
    told = 0
    for table, record in records_written(node, outcome, index):
        if may_see(table, record, asker) and told < _RECORDS:
            told += 1
            yield table.name, key_of(table, record)


def key_of(table: Table[Any], record: Record) -> tuple[str, ...]:
    """The key fields of a record."""
    return tuple(getattr(record, name) for name in table.key)
