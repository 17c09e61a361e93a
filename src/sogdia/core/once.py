"""An id is accepted once: which transactions are on record, where, and which may not come again.

The id is the hash of the payload alone, so others can sign the same payload. Therefore only acceptance uses an id up
for everybody; a refusal uses it up for the keys that had signed, and whoever was not among them loses nothing. What
was not admitted at all (unknown key, false signature, other network, out of its time) leaves no trace.
"""

from hashlib import sha256

import msgspec

from sogdia.core.codec import record_bytes
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.store import Reader
from sogdia.core.transaction import Transaction

PREFIX = b"X"


class Placed(msgspec.Struct, frozen=True, array_like=True):
    """Where a transaction stands: block, position in it, leaf of the log. `keys` digests the ids of its keys."""

    accepted: bool
    keys: bytes
    height: int
    index: int
    leaf: int


_decode = msgspec.msgpack.Decoder(tuple[Placed, ...]).decode


def keys_digest(transaction: Transaction) -> bytes:
    """Which keys signed, whatever their order: eight bytes, for telling signers of one payload apart."""
    kids = sorted(one.kid for one in transaction.signatures)
    return sha256("\n".join(kids).encode()).digest()[:8]


def places_of(reader: Reader, transaction: str) -> tuple[Placed, ...]:
    """Every place of an id on record, in order; at most one of them accepted, and that is the last."""
    raw = reader.get(PREFIX + bytes.fromhex(transaction))
    return () if raw is None else _decode(raw)


def taken_at(places: tuple[Placed, ...], transaction: Transaction) -> Placed | None:
    """Which of the places of its id keeps a transaction from coming again: its acceptance, or a refusal of its keys."""
    if not places:
        return None
    keys = keys_digest(transaction)
    return next((placed for placed in places if placed.accepted or placed.keys == keys), None)


class Register:
    """The ids of one block as it is executed, over those on record."""

    def __init__(self, reader: Reader, height: int, first_leaf: int) -> None:
        self._reader = reader
        self._height = height
        self._first_leaf = first_leaf
        self._places: dict[str, tuple[Placed, ...]] = {}

    def admit(self, transaction: Transaction) -> None:
        """Refuse with ALREADY_ON_RECORD what was accepted, or was refused under these very keys."""
        if taken_at(self._known(transaction.id), transaction) is not None:
            raise Refusal(Refused.ALREADY_ON_RECORD, transaction=transaction.id)

    def place(self, transaction: Transaction, index: int, accepted: bool) -> None:
        """Note where a transaction of this block goes on record."""
        placed = Placed(accepted, keys_digest(transaction), self._height, index, self._first_leaf + index)
        self._places[transaction.id] = (*self._known(transaction.id), placed)

    def puts(self) -> dict[bytes, bytes | None]:
        """What the store has to keep of this block's ids."""
        return {PREFIX + bytes.fromhex(id_): record_bytes(placed) for id_, placed in self._places.items()}

    def _known(self, transaction: str) -> tuple[Placed, ...]:
        known = self._places.get(transaction)
        return places_of(self._reader, transaction) if known is None else known
