"""The node's vault of sealed envelopes: kept for the recipients of a trade, erased by the trade's platform.

An envelope is kept under the party that left it; beside the vault stands a list of who left something for which trade.
The node holds ciphertext only, and encrypts that once more under a key of its own, so that erasure is destroying a key.
"""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final

from sogdia.app import write_guarded
from sogdia.engines.store import RocksStore
from sogdia.primitives.sealed.envelope import Envelope, to_bytes
from sogdia.primitives.sealed.errors import UnfitValue
from sogdia.primitives.sealed.vault import VAULT_KEY_BYTES, ErasureReceipt, Vault

SENDERS_PER_TRADE: Final = 16
_SENDER: Final = b"shelf/sender/"


class SealedShelf:
    """Envelopes in `folder/sealed`, under the key in `folder/sealed.key`. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        key = _key(folder / "sealed.key", is_new=not (folder / "sealed").exists())
        self._store = RocksStore(folder / "sealed")
        self._vault = Vault(self._store, key)
        self._lock = Lock()

    def close(self) -> None:
        """Let go of the folder."""
        with self._lock:
            self._store.close()

    def put_all(self, sender: str, envelopes: Sequence[Envelope]) -> None:
        """Keep envelopes that this party leaves; durable when it returns. Raises `Erased` and `UnfitValue`."""
        with self._lock:
            for envelope in envelopes:
                self._note_sender(envelope.trade, sender)
                self._vault.put(envelope.trade, sender, envelope)
            self._store.sync()

    def get(self, trade: str, did: str, wanted: str = "") -> list[bytes]:
        """The envelopes of a trade that were sealed for this party, its platform's first, or the one with this id.

        Raises `Erased`.
        """
        senders = sorted(self._senders(trade), key=lambda sender: (sender != platform_of(trade), sender))
        if not senders:
            self._vault.get(trade, did)  # says so when the trade was erased
        found = [envelope for sender in senders for envelope in self._vault.get(trade, sender)]
        return [to_bytes(one) for one in found if did in one.keys and wanted in ("", one.id)]

    def erase(self, trade: str, erased_at_ms: int, reason: str) -> ErasureReceipt:
        """Destroy what was kept of a trade; durable when it returns. A second call gives the first receipt."""
        with self._lock:
            receipt = self._vault.erase(trade, erased_at_ms, reason)
            self._store.write({place: None for place, _ in self._store.scan(_place(trade))})
            self._store.sync()
        return receipt

    def _note_sender(self, trade: str, sender: str) -> None:
        place = _place(trade) + sha256(sender.encode()).digest()
        if self._store.get(place) is not None:
            return
        if len(self._senders(trade)) >= SENDERS_PER_TRADE:
            raise UnfitValue(f"{SENDERS_PER_TRADE} parties have left envelopes for trade {trade}: no more are taken")
        self._store.write({place: sender.encode()})

    def _senders(self, trade: str) -> list[str]:
        return [sender.decode() for _, sender in self._store.scan(_place(trade))]


def platform_of(trade: str) -> str:
    """The platform of a trade: `<platform>/<order>`."""
    return trade.partition("/")[0]


def _key(place: Path, is_new: bool) -> bytes:
    """The vault key, drawn when the shelf is new; a shelf whose key is gone cannot be read, so it is not opened."""
    if is_new and not place.exists():
        write_guarded(place, secrets.token_bytes(VAULT_KEY_BYTES).hex())
    if place.stat().st_mode & 0o077:
        raise PermissionError(f"others can read {place}; make it your own with: chmod 600 {place}")
    return bytes.fromhex(place.read_text().strip())


def _place(trade: str) -> bytes:
    return _SENDER + sha256(trade.encode()).digest()
