"""What this node knows of transactions ahead of order: form and signatures, looked at once and remembered.

A transaction is checked when it enters the mempool, here or by gossip, and never again: the proposal and the block find
it by the hash of its bytes. What the mempool of one party may hold is bounded, so that nobody fills it for the others.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from threading import Lock
from typing import Final

from sogdia.core.machine import Checked, InForce, Machine
from sogdia.core.once import places_of, taken_at
from sogdia.core.refusal import Refusal, Refused
from sogdia.core.terms import STRANGERS
from sogdia.engines.checkers import Checkers, Verdict

REMEMBERED_LIMIT: Final = 60_000
PENDING_OF_PARTY_LIMIT: Final = 10_000
PENDING_OF_STRANGERS_BLOCKS: Final = 4
"""What strangers may have waiting, all together, in blocks full of theirs: anyone can make up keys, and what stands at
the head of the mempool keeps out what stands behind it."""
FORGOTTEN_AFTER_BLOCKS: Final = 3
"""A transaction that no recheck has named for so many blocks has left the mempool."""


class Checks:
    """Remembers checked transactions by digest; threads may share it."""

    def __init__(self, machine: Machine, clock: Callable[[], int], threads: int = 2) -> None:
        self._machine = machine
        self._clock = clock
        self._checkers = Checkers(machine, threads)
        self._known: dict[bytes, Checked] = {}
        self._pending: dict[bytes, tuple[str, int]] = {}
        self._held = Counter[str]()
        self._lock = Lock()
        self._in_force: tuple[int, InForce] | None = None
        self.verified = 0
        """Transactions whose signatures were computed; each once."""

    def close(self) -> None:
        """End the threads."""
        self._checkers.close()

    def verdicts(self, raws: Sequence[bytes], digests: Sequence[bytes]) -> list[Verdict]:
        """Each transaction checked, from memory where it was seen before."""
        known = self._known
        remembered = [known.get(digest) for digest in digests]
        missing = [place for place, one in enumerate(remembered) if one is None]
        verdicts = self._checkers.verdicts([raws[place] for place in missing])
        self.verified += len(missing)
        for place, verdict in zip(missing, verdicts, strict=True):
            if isinstance(verdict, Checked) and _is_complete(verdict):
                self._remember(digests[place], verdict)
        new = iter(verdicts)
        return [next(new) if one is None else one for one in remembered]

    def standing(self, one: Checked) -> Refusal | None:
        """Why a checked transaction cannot go on record now, as far as this node can tell; None if it can.

        The clock serves here as in every mempool: what the order would turn away must not wait for its turn.
        """
        transaction, now_ms = one.transaction, max(self._machine.seal.time_ms, self._clock())
        if taken_at(places_of(self._machine.store, transaction.id), transaction) is not None:
            return Refusal(Refused.ALREADY_ON_RECORD, transaction=transaction.id)
        try:
            self._machine.admit(transaction, self._ahead(), now_ms)
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
        in_block = self._ahead().terms.stranger_limit
        return STRANGERS, PENDING_OF_STRANGERS_BLOCKS * in_block or PENDING_OF_PARTY_LIMIT

    def _ahead(self) -> InForce:
        height, known = self._machine.seal.height, self._in_force
        if known is None or known[0] != height:
            known = self._in_force = height, self._machine.ahead()
        return known[1]

    # -- inside --------------------------------------------------------------------------------------------------

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
