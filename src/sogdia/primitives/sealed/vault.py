"""The vault: envelopes and secrets at rest, and their erasure.

Each trade has its own random key, wrapped under the vault key; everything kept of the trade is encrypted under it.
Erasing removes that key, the secret and the envelopes in one atomic write and leaves a tombstone, so the commitments on
the ledger stay provable but nobody who only has this vault and the ledger can test a guess any more. Every other
recipient has a vault of its own and erases there. A store on disk frees removed bytes when it next compacts.

One writer at a time. For clients and operators: its keys are drawn at random, so no rule may call it.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag

from sogdia.core.store import Store
from sogdia.primitives.sealed import envelope as envelopes
from sogdia.primitives.sealed.commitments import SECRET_BYTES
from sogdia.primitives.sealed.envelope import Envelope
from sogdia.primitives.sealed.errors import BrokenEnvelope, Erased, UnfitValue

VAULT_KEY_BYTES: Final = 32
MAX_ENVELOPES_PER_TRADE: Final = 256
MAX_REASON_CHARS: Final = 250
_TRADE_KEY: Final = b"vault/key/"
_SECRET: Final = b"vault/secret/"
_ENVELOPE: Final = b"vault/envelope/"
_ERASED: Final = b"vault/erased/"


class ErasureReceipt(msgspec.Struct, frozen=True):
    """What this vault destroyed, and when; holds nothing personal."""

    trade: str
    erased_at_ms: int
    """Milliseconds of UTC, as the caller's clock told them."""
    reason: str
    envelopes: tuple[str, ...]
    """Ids of the envelopes destroyed, ascending."""
    had_secret: bool


class Vault:
    """Sealed values of many trades in one store, encrypted under one 32-byte vault key."""

    def __init__(self, store: Store, vault_key: bytes) -> None:
        if len(vault_key) != VAULT_KEY_BYTES:
            raise UnfitValue(f"a vault key has {VAULT_KEY_BYTES} bytes, got {len(vault_key)}")
        self._store = store
        self._vault_key = vault_key

    def __repr__(self) -> str:
        return "Vault(key hidden)"

    def put(self, trade: str, did: str, envelope: Envelope) -> None:
        """Keep an envelope addressed to this party; the same envelope twice is kept once. Raises `Erased`."""
        if envelope.trade != trade:
            raise UnfitValue(f"the envelope belongs to trade {envelope.trade}, not to {trade}")
        if did not in envelope.keys:
            raise UnfitValue(f"the envelope of trade {trade} was not sealed for {did}")
        place = _ENVELOPE + _hash(trade)
        if sum(1 for _ in self._store.scan(place)) >= MAX_ENVELOPES_PER_TRADE:
            raise UnfitValue(f"trade {trade} already has {MAX_ENVELOPES_PER_TRADE} envelopes in this vault")
        self._keep(trade, place + _hash(did) + bytes.fromhex(envelope.id), envelopes.to_bytes(envelope))

    def put_secret(self, trade: str, secret: bytes) -> None:
        """Keep the trade's shared secret; a second, different one is refused. Raises `Erased`."""
        if len(secret) != SECRET_BYTES:
            raise UnfitValue(f"the secret of a trade has {SECRET_BYTES} bytes, got {len(secret)}")
        if self.secret(trade) not in (None, secret):
            raise UnfitValue(f"trade {trade} already has another secret: its commitments would no longer compare")
        self._keep(trade, _SECRET + _hash(trade), secret)

    def get(self, trade: str, did: str) -> tuple[Envelope, ...]:
        """The envelopes of this trade for this party, ascending by id; empty if none. Raises `Erased`."""
        key = self._trade_key(trade)
        if key is None:
            return ()
        found = self._store.scan(_ENVELOPE + _hash(trade) + _hash(did))
        return tuple(envelopes.from_bytes(_decrypt(key, place, sealed)) for place, sealed in found)

    def secret(self, trade: str) -> bytes | None:
        """The trade's shared secret, or None if it was never kept here. Raises `Erased`."""
        key, place = self._trade_key(trade), _SECRET + _hash(trade)
        sealed = self._store.get(place)
        return None if key is None or sealed is None else _decrypt(key, place, sealed)

    def erase(self, trade: str, erased_at_ms: int, reason: str) -> ErasureReceipt:
        """Destroy key, secret and envelopes of the trade for ever; a second call returns the first receipt.

        The reason names the ground (a request, the end of a retention period), never a person.
        """
        if len(reason) > MAX_REASON_CHARS:
            raise UnfitValue(f"the reason of an erasure has at most {MAX_REASON_CHARS} characters, got {len(reason)}")
        before = self.receipt(trade)
        if before is not None:
            return before
        places = list(self._places(trade))
        ids = sorted(place[-32:].hex() for place in places if place.startswith(_ENVELOPE))
        had_secret = _SECRET + _hash(trade) in places
        receipt = ErasureReceipt(trade, erased_at_ms, reason, tuple(dict.fromkeys(ids)), had_secret)
        changes: dict[bytes, bytes | None] = dict.fromkeys(places)
        changes[_ERASED + _hash(trade)] = msgspec.json.encode(receipt)
        self._store.write(changes)
        return receipt

    def receipt(self, trade: str) -> ErasureReceipt | None:
        """The receipt of the trade's erasure, or None if it was not erased."""
        raw = self._store.get(_ERASED + _hash(trade))
        return None if raw is None else msgspec.json.decode(raw, type=ErasureReceipt)

    def _places(self, trade: str) -> Iterator[bytes]:
        for place in (_TRADE_KEY + _hash(trade), _SECRET + _hash(trade)):
            if self._store.get(place) is not None:
                yield place
        yield from (place for place, _ in self._store.scan(_ENVELOPE + _hash(trade)))

    def _trade_key(self, trade: str) -> bytes | None:
        if self._store.get(_ERASED + _hash(trade)) is not None:
            raise Erased(f"the sealed values of trade {trade} were erased from this vault and cannot come back")
        place = _TRADE_KEY + _hash(trade)
        wrapped = self._store.get(place)
        return None if wrapped is None else _decrypt(self._vault_key, place, wrapped)

    def _keep(self, trade: str, place: bytes, plain: bytes) -> None:
        key, changes = self._trade_key(trade), dict[bytes, bytes | None]()
        if key is None:
            key, at = envelopes.new_key(), _TRADE_KEY + _hash(trade)
            changes[at] = envelopes.encrypt(self._vault_key, key, at)
        changes[place] = envelopes.encrypt(key, plain, place)
        self._store.write(changes)


def _hash(text: str) -> bytes:
    try:
        return sha256(text.encode()).digest()
    except UnicodeEncodeError:
        raise UnfitValue("a trade reference or DID contains half a character (a lone surrogate)") from None


def _decrypt(key: bytes, place: bytes, sealed: bytes) -> bytes:
    try:
        return envelopes.decrypt(key, sealed, place)
    except (InvalidTag, ValueError):
        raise BrokenEnvelope("the vault's entry cannot be read: another vault key, or the entry was altered") from None
