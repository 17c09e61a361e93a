"""Challenges for passkeys: 256 random bits each, for one browser and one purpose, good once and for five minutes."""

import secrets
from threading import Lock
from typing import Final

from sogdia.interfaces.http.sessions import Clock

GOOD_SECONDS: Final = 300
_MOST: Final = 10_000


class Challenges:
    """Those that were given out; threads may share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._given: dict[bytes, tuple[str, float]] = {}
        self._lock = Lock()

    def new(self, purpose: str) -> bytes:
        """A challenge for this purpose; of too many the oldest is forgotten."""
        now, challenge = self._clock(), secrets.token_bytes(32)
        with self._lock:
            while self._given:
                oldest = next(iter(self._given))
                if self._given[oldest][1] > now and len(self._given) < _MOST:
                    break
                del self._given[oldest]
            self._given[challenge] = (purpose, now + GOOD_SECONDS)
        return challenge

    def use(self, challenge: bytes, purpose: str) -> bool:
        """Whether it was given for this purpose and is still good; it never is again."""
        with self._lock:
            wanted, until = self._given.pop(challenge, ("", 0.0))
        return wanted == purpose and until > self._clock()
