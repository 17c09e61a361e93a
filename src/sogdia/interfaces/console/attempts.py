"""How often one may try to sign in: each failure makes the next wait longer, by name and by address.

Names that no user has are counted as well, so that waiting tells nothing. A browser in which the user has signed in
before (`known`) is counted by itself: whoever fails on purpose in somebody's name does not lock them out of it. Nothing
is kept on disk. Used on the event loop alone.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from sogdia.interfaces.http.proxies import subscriber_of
from sogdia.interfaces.http.sessions import Clock

FREE_FOR_NAME: Final = 3
FREE_FOR_ADDRESS: Final = 20
"""An office is one address for many people; so is a proxy in front of the node that the node was not told of."""
LONGEST_SECONDS: Final = 300
KEPT_SECONDS: Final = 3_600
_MOST: Final = 50_000


class Attempts:
    """Failures of the last hour."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[bytes, tuple[int, float]] = {}
        """Number of failures and time of the last, the longest ago first."""

    def wait_seconds(self, name: str, address: str, known: str = "") -> int:
        """How long to wait before the next attempt; 0 for not at all. Without a name the address alone counts."""
        return max(self._wait(key, free) for key, free in _keys(name, address, known))

    def failed(self, name: str, address: str, known: str = "") -> None:
        """Count a failure. An attempt under way counts as one until it has succeeded."""
        for key, _ in _keys(name, address, known):
            count, _ = self._failed.pop(key, (0, 0.0))
            self._failed[key] = (count + 1, self._clock())
        self._forget()

    def succeeded(self, name: str, address: str, known: str = "") -> None:
        """Forget the failures of a name or known browser, and take back the one that was counted for the address."""
        for key, free in _keys(name, address, known):
            count, at = self._failed.pop(key, (0, 0.0))
            if free == FREE_FOR_ADDRESS and count > 1:
                self._failed[key] = (count - 1, at)

    def _wait(self, key: bytes, free: int) -> int:
        count, at = self._failed.get(key, (0, 0.0))
        since = self._clock() - at
        if count < free or since >= KEPT_SECONDS:
            return 0
        due = min(2.0 ** min(count - free + 1, 20), LONGEST_SECONDS)
        return max(0, int(due - since + 0.999))

    def _forget(self) -> None:
        """Those that are too old, and the oldest of too many."""
        now = self._clock()
        while self._failed:
            oldest = next(iter(self._failed))
            if now - self._failed[oldest][1] < KEPT_SECONDS and len(self._failed) <= _MOST:
                return
            del self._failed[oldest]


def _keys(name: str, address: str, known: str) -> Iterator[tuple[bytes, int]]:
    """Hashes, because people type passwords into the wrong field; and how many failures are free."""
    if known:
        yield sha256(f"known {known} {name}".encode("utf-8", "replace")).digest(), FREE_FOR_NAME
        return
    yield sha256(f"address {subscriber_of(address)}".encode()).digest(), FREE_FOR_ADDRESS
    if name:
        yield sha256(f"name {name}".encode("utf-8", "replace")).digest(), FREE_FOR_NAME
