"""What a lying proposer may slip into a block, one kind after the other, and what the honest say to it."""

import secrets
import time
from collections.abc import Iterator
from typing import NamedTuple

from bench.traffic import NETWORK, World
from sogdia.client.connection import signed
from sogdia.core.keys import SigningKey, identifier, key_id
from sogdia.core.transaction import Signer
from sogdia.domains.customs.messages import Answer
from sogdia.engines.cometbft.candidates import BLOCK_LIMIT
from sogdia.interfaces.intake.pipeline import BoundKey

REFUSED_LIMIT = 100
"""What governance's parameters allow one party of refused transactions in a block, unless it is set otherwise."""


class Lie(NamedTuple):
    """Transactions that no honest proposer puts into a block in this way, and the reason in the log of the others."""

    name: str
    raws: tuple[bytes, ...]
    reason: str


def lies(world: World, on_record: bytes) -> Iterator[Lie]:
    """Each kind of lie once; `on_record` is a transaction that the network has decided."""
    customs = world.keys["customs"]
    signs_as_customs = BoundKey(customs.kid, stranger().key, customs.did, b"")
    twice = answer(world, customs)
    yield Lie("a false signature", (answer(world, signs_as_customs),), "BAD_SIGNATURE")
    yield Lie("a key that nobody knows", (answer(world, stranger()),), "UNKNOWN_KEY")
    yield Lie("a transaction that is past its time", (answer(world, customs, valid_ms=-60_000),), "EXPIRED")
    yield Lie("a transaction that is on record", (on_record,), "ALREADY_ON_RECORD")
    yield Lie("the same transaction twice", (twice, twice), "ALREADY_ON_RECORD")
    yield Lie("bytes that are no transaction", (b"\x00garbage\xff",), "MALFORMED")
    yield Lie("a transaction of another network", (answer(world, customs, network="elsewhere"),), "OTHER_NETWORK")
    flood = tuple(answer(world, customs) for _ in range(REFUSED_LIMIT + 1))
    yield Lie("more of one party than its quota", flood, "OVER_QUOTA")
    crowd = tuple(b"%d" % number for number in range(BLOCK_LIMIT + 1))
    yield Lie("more than a block takes", crowd, f"the limit is {BLOCK_LIMIT}")


def stranger() -> BoundKey:
    """A key of a party that is on nobody's record."""
    key = SigningKey(secrets.token_bytes(32))
    did = identifier("benc", key.public)
    return BoundKey(key_id(did), key, did, b"")


def answer(world: World, signer: Signer, *, valid_ms: int = 3_600_000, network: str = NETWORK) -> bytes:
    """Customs speaks of a list that nobody has declared: a rule refuses it, and the refusal goes on record."""
    now_ms = time.time_ns() // 1_000_000
    message = Answer(
        customs=world.parties.customs,
        subject="export_list",
        party=world.parties.broker,
        number=f"L{secrets.token_hex(6)}",
        code=120,
        answered_at_ms=now_ms,
    )
    return signed(network, now_ms, secrets.token_hex(8), [message], [signer], valid_ms=valid_ms)
