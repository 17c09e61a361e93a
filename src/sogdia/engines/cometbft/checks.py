"""What this node knows of transactions ahead of order: form and signatures, looked at once and remembered.

A transaction is checked when it enters the mempool, here or by gossip, and never again: the proposal and the block find
it by the hash of its bytes. What the mempool of one party may hold is bounded, so that nobody fills it for the others.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Lock
from typing import Final

from sogdia.core.machine import Checked, Machine
from sogdia.core.once import keys_digest, places_of
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.terms import STRANGERS, Terms
from sogdia.core.transaction import VALIDITY_LIMIT_MS

REMEMBERED_LIMIT: Final = 60_000
PENDING_OF_PARTY_LIMIT: Final = 10_000
PENDING_OF_STRANGERS_BLOCKS: Final = 4
"""What strangers may have waiting, all together, in blocks full of theirs: anyone can make up keys, and what stands at
the head of the mempool keeps out what stands behind it."""
GROUP: Final = 32
FORGOTTEN_AFTER_BLOCKS: Final = 3
"""A transaction that no recheck has named for so many blocks has left the mempool."""

Verdict = Checked | Refusal


class Checks:
    """Remembers checked transactions by digest; threads may share it."""

    def __init__(self, machine: Machine, clock: Callable[[], int], threads: int = 2) -> None:
        self._machine = machine
        self._clock = clock
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="checker")
        self._known: dict[bytes, Checked] = {}
        self._pending: dict[bytes, tuple[str, int]] = {}
        self._held = Counter[str]()
        self._lock = Lock()
        self._terms = -1, Terms()
        self.verified = 0
        """Transactions whose signatures were computed; each once."""

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)

    def verdicts(self, raws: Sequence[bytes], digests: Sequence[bytes]) -> list[Verdict]:
        """Each transaction checked, from memory where it was seen before."""
        known = self._known
        found: list[Verdict | None] = [known.get(digest) for digest in digests]
        missing = [place for place, one in enumerate(found) if one is None]
        groups = [missing[start : start + GROUP] for start in range(0, len(missing), GROUP)]
        run: Callable[..., object] = map if len(groups) < 2 else self._pool.map
        for group, verdicts in zip(groups, run(lambda places: self._check(raws, places), groups), strict=True):  # type: ignore[call-overload]
            for place, verdict in zip(group, verdicts, strict=True):
                found[place] = verdict
                if isinstance(verdict, Checked) and _is_complete(verdict):
                    self._remember(digests[place], verdict)
        return found  # type: ignore[return-value]

    def standing(self, one: Checked) -> Refusal | None:
        """Why a checked transaction cannot go on record now, as far as this node can tell; None if it can.

        The clock serves here as in every mempool: what the order would turn away must not wait for its turn.
        """
        transaction, now_ms = one.transaction, max(self._machine.seal.time_ms, self._clock())
        until_ms = transaction.payload.valid_until_ms
        if until_ms < now_ms:
            return Refusal(Refused.EXPIRED, valid_until_ms=until_ms, time_ms=now_ms)
        if until_ms > now_ms + VALIDITY_LIMIT_MS:
            return Refusal(Refused.TOO_FAR_AHEAD, valid_until_ms=until_ms, time_ms=now_ms)
        places = places_of(self._machine.store, transaction.id)
        if places:
            keys = keys_digest(transaction)
            if any(placed.accepted or placed.keys == keys for placed in places):
                return Refusal(Refused.ALREADY_ON_RECORD, transaction=transaction.id)
        return self._halted(one, now_ms)

    def _halted(self, one: Checked, now_ms: int) -> Refusal | None:
        terms = self._terms_ahead()
        try:
            for message in one.transaction.payload.messages:
                terms.admit(self._machine.tags[type(message)], now_ms)
        except Refusal as no:
            return no
        return None

    def unknown_key(self, one: Checked) -> Refusal | None:
        """A key that is neither on record nor introduced by the transaction itself may not fill the mempool."""
        checked = {kid for kid, _ in one.verified}
        for signed in one.transaction.signatures:
            if signed.kid not in checked:
                return Refusal(Refused.UNKNOWN_KEY, key=signed.kid)
        return None

    # -- the mempool's load --------------------------------------------------------------------------------------

    def hold(self, digest: bytes, one: Checked, height: int) -> Refusal | None:
        """Count a transaction that the mempool holds, or is asked to; refuse when its party holds its share."""
        party, limit = self.share(one)
        with self._lock:
            if digest not in self._pending:
                if self._held[party] >= limit:
                    return Refusal(Refused.OVER_QUOTA, party=party, limit=limit)
                self._held[party] += 1
            self._pending[digest] = party, height
        return None

    def settle(self, digests: Sequence[bytes], height: int) -> None:
        """Forget what went on record, and what has left the mempool unseen."""
        with self._lock:
            stale = [d for d, (_, seen) in self._pending.items() if seen + FORGOTTEN_AFTER_BLOCKS < height]
        for digest in (*digests, *stale):
            self.drop(digest)

    def drop(self, digest: bytes) -> None:
        """Forget a transaction."""
        with self._lock:
            self._known.pop(digest, None)
            held = self._pending.pop(digest, None)
            if held is not None:
                self._held[held[0]] -= 1
                if not self._held[held[0]]:
                    del self._held[held[0]]

    def pending(self) -> int:
        """How many transactions the mempool is known to hold."""
        return len(self._pending)

    def share(self, one: Checked) -> tuple[str, int]:
        """Under whose name a transaction waits, and how many may."""
        kid = one.transaction.signatures[0].kid
        if not self._machine.is_stranger(kid):
            return kid.partition("#")[0], PENDING_OF_PARTY_LIMIT
        in_block = self._terms_ahead().stranger_limit
        return STRANGERS, PENDING_OF_STRANGERS_BLOCKS * in_block or PENDING_OF_PARTY_LIMIT

    def _terms_ahead(self) -> Terms:
        height = self._machine.seal.height
        if self._terms[0] != height:
            self._terms = height, self._machine.terms_ahead()
        return self._terms[1]

    # -- inside --------------------------------------------------------------------------------------------------

    def _check(self, raws: Sequence[bytes], places: Sequence[int]) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for place in places:
            try:
                verdicts.append(self._machine.check(raws[place]))
            except Refusal as no:
                verdicts.append(no)
        self.verified += len(places)
        return verdicts

    def _remember(self, digest: bytes, checked: Checked) -> None:
        with self._lock:
            if len(self._known) >= REMEMBERED_LIMIT:
                self._known.pop(next(iter(self._known)))
            self._known[digest] = checked


def _is_complete(one: Checked) -> bool:
    """Whether every signature was verified: a key that is unknown today may be on record in the next block."""
    return len(one.verified) == len(one.transaction.signatures)


def digests_of(raws: Sequence[bytes]) -> list[bytes]:
    """SHA-256 of each transaction's bytes, the name that CometBFT too knows it by."""
    return [sha256(raw).digest() for raw in raws]
