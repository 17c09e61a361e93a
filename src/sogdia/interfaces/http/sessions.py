"""What the node remembers of callers, in bounded memory: sessions, and the nonces of signed requests."""

import secrets
from collections.abc import Callable
from hashlib import sha256
from threading import Lock

import msgspec

from sogdia.client.request_signing import CLOCK_SKEW_SECONDS, MAX_AGE_SECONDS
from sogdia.interfaces.http.limits import Limits

Clock = Callable[[], float]
"""Seconds of UTC."""


class Session(msgspec.Struct, frozen=True):
    """A caller who signed in: the key that signed, its party, and until when (seconds of UTC)."""

    kid: str
    party: str
    until: float


class Sessions:
    """Sessions by the hash of their token: whoever reads this memory learns no token."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits, self._clock = limits, clock
        self._known: dict[bytes, Session] = {}
        self._by_party: dict[str, list[bytes]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def open(self, kid: str, party: str) -> str | None:
        """A new token of 256 random bits; None when too many sessions are open. A party's oldest makes room."""
        self._drop_ended()
        held = self._by_party.setdefault(party, [])
        if len(held) >= self._limits.sessions_per_party:
            self._known.pop(held.pop(0), None)
        if len(self._known) >= self._limits.sessions:
            return None
        token = secrets.token_urlsafe(32)
        place = _hash(token)
        self._known[place] = Session(kid, party, self._clock() + self._limits.session_seconds)
        held.append(place)
        return token

    def find(self, token: str) -> Session | None:
        """The session of this token, unless it has ended."""
        session = self._known.get(_hash(token))
        return session if session is not None and session.until > self._clock() else None

    def close(self, token: str) -> None:
        """End a session; a token that is not known is none."""
        self._forget(_hash(token))

    def close_of(self, kid: str) -> None:
        """End every session that was opened under this name."""
        for place in [place for place, session in self._known.items() if session.kid == kid]:
            self._forget(place)

    def _drop_ended(self) -> None:
        """Sessions stand in the order of their end, because all of them last equally long."""
        now = self._clock()
        for place in [place for place, session in self._known.items() if session.until <= now]:
            self._forget(place)

    def _forget(self, place: bytes) -> None:
        session = self._known.pop(place, None)
        if session is not None:
            held = self._by_party.get(session.party, [])
            if place in held:
                held.remove(place)
            if not held:
                self._by_party.pop(session.party, None)


class Nonces:
    """Which nonces a key has used within the time that its signatures are good for."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits, self._clock = limits, clock
        self._until: dict[tuple[str, str], float] = {}
        self._used: dict[str, int] = {}
        self._lock = Lock()

    def use(self, kid: str, nonce: str) -> str:
        """Remember a nonce; says why not, in the terms of the catalogue, or nothing when it is new."""
        with self._lock:
            self._forget_old()
            if (kid, nonce) in self._until:
                return "signature_replayed"
            if len(self._until) >= self._limits.nonces or self._used.get(kid, 0) >= self._limits.nonces_per_key:
                return "too_many_signatures"
            self._until[kid, nonce] = self._clock() + MAX_AGE_SECONDS + CLOCK_SKEW_SECONDS
            self._used[kid] = self._used.get(kid, 0) + 1
        return ""

    def _forget_old(self) -> None:
        """The oldest stand first: every nonce is remembered equally long."""
        now = self._clock()
        while self._until:
            oldest = next(iter(self._until))
            if self._until[oldest] > now:
                return
            del self._until[oldest]
            left = self._used[oldest[0]] - 1
            self._used.pop(oldest[0])
            if left:
                self._used[oldest[0]] = left


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
