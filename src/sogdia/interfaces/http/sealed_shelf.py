"""The node's vault of sealed envelopes: kept for the recipients of a trade, erased by the trade's platform.

An envelope is kept under the party that left it; beside the vault stands a list of who left something for which trade,
and who has confirmed an erasure. The node holds ciphertext only, and encrypts that once more under a key of its own, so
that erasure is destroying a key.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from sogdia.app import write_guarded
from sogdia.core.transaction import Envelope as Jws
from sogdia.core.values import Digest
from sogdia.engines.store import RocksStore
from sogdia.primitives.sealed.envelope import Envelope, to_bytes
from sogdia.primitives.sealed.errors import Erased, UnfitValue
from sogdia.primitives.sealed.vault import VAULT_KEY_BYTES, ErasureReceipt, Vault

SENDERS_PER_TRADE: Final = 16
_SENDER: Final = b"shelf/sender/"
_CONFIRMATION: Final = b"shelf/confirmation/"

Trade = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f/]+/[^\x00-\x1f\x7f]+$(?!\n)", max_length=120)]


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An envelope that is asked for: its trade, `<platform>/<order>`, and its id."""

    trade: Trade
    envelope: Digest


class NotGiven(msgspec.Struct, frozen=True, tag_field="type", tag="sogdia.not_given.1"):
    """An envelope that was asked for and is not in the answer, and why: a word, no sentence."""

    envelope: str
    reason: str


class Confirmation(msgspec.Struct, frozen=True):
    """What a member says of an erasure: its signed receipt, or not yet.

    `since_ms` is when the erasure came on record for the node that tells this.
    """

    member: str
    since_ms: int
    receipt: Jws | None = None


_read_confirmation = msgspec.json.Decoder(Confirmation).decode


class SealedShelf:
    """Envelopes in `folder/sealed`, under the key in `folder/sealed.key`. Threads may share it.

    `organisation` is the member of the network whose shelf this is, and `courier` tells how its courier does; empty and
    None where there is none.
    """

    organisation = ""
    courier: Callable[[], msgspec.Struct] | None = None

    def __init__(self, folder: Path) -> None:
        self._closing: list[Callable[[], None]] = []
        key = _key(folder / "sealed.key", is_new=not (folder / "sealed").exists())
        self._store = RocksStore(folder / "sealed")
        self._vault = Vault(self._store, key)
        self._lock = Lock()

    def close(self) -> None:
        """Let go of the folder, once those who work with the shelf have stopped."""
        for stop in self._closing:
            stop()
        with self._lock:
            self._store.close()

    def before_close(self, stop: Callable[[], None]) -> None:
        """Have this called before the folder is let go of."""
        self._closing.append(stop)

    def put_all(self, sender: str, envelopes: Sequence[Envelope]) -> None:
        """Keep envelopes that this party leaves; durable when it returns. Raises `Erased` and `UnfitValue`."""
        with self._lock:
            for envelope in envelopes:
                self._note_sender(envelope.trade, sender)
                self._vault.put(envelope.trade, sender, envelope)
            self._store.sync()

    def take_in(self, fetched: Iterable[tuple[str, Envelope]]) -> set[str]:
        """Keep envelopes that came from other nodes, each under a recipient; durable when it returns.

        Gives the ids of those that are kept: what was erased, or finds no room, is left out.
        """
        kept = set[str]()
        with self._lock:
            for recipient, envelope in fetched:
                with suppress(Erased, UnfitValue):
                    self._note_sender(envelope.trade, recipient)
                    self._vault.put(envelope.trade, recipient, envelope)
                    kept.add(envelope.id)
            self._store.sync()
        return kept

    def find(self, trade: str, wanted: str) -> Envelope | None:
        """The envelope of a trade with this id, whoever may read it. Raises `Erased`."""
        senders = self._senders(trade)
        if not senders:
            self._vault.get(trade, "")  # says so when the trade was erased
        found = (envelope for sender in senders for envelope in self._vault.get(trade, sender))
        return next((envelope for envelope in found if envelope.id == wanted), None)

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

    # -- erasure in a network ------------------------------------------------------------------------------------

    def confirm(self, trade: str, said: Confirmation) -> None:
        """Note what a member says of the erasure of a trade; durable when it returns."""
        with self._lock:
            self._store.write({_confirmations(trade) + said.member.encode(): msgspec.json.encode(said)})
            self._store.sync()

    def confirmations(self, trade: str) -> list[Confirmation]:
        """What this node knows of the erasure of a trade, by member; empty when none is on record."""
        return [_read_confirmation(raw) for _, raw in self._store.scan(_confirmations(trade))]

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


def _confirmations(trade: str) -> bytes:
    return _CONFIRMATION + sha256(trade.encode()).digest()


def _place(trade: str) -> bytes:
    return _SENDER + sha256(trade.encode()).digest()
