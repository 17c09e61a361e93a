"""Sessions of users, over the gate's own kind of sessions: the node keeps the hash of a token of 256 random bits.

A session ends when nobody used it for a while, after a working day in any case, and when its user says so. All are
forgotten when the node stops. Used on the event loop alone.
"""

import secrets
from typing import Final

import msgspec
from msgspec.structs import replace

from sogdia.interfaces.http.limits import Limits
from sogdia.interfaces.http.sessions import Clock, Sessions

IDLE_SECONDS: Final = 30 * 60
LONGEST_SECONDS: Final = 12 * 3_600
FRESH_SECONDS: Final = 15 * 60
"""So long after signing in a user may change how to sign in."""
PER_PARTY: Final = 500


class UserSession(msgspec.Struct, frozen=True):
    """One session: `id` names it where it is listed and opens nothing. Times are seconds of UTC."""

    id: str
    user: str
    how: str
    """passkey or password"""
    agent: str
    """The browser, as it calls itself."""
    opened: float
    seen: float


class UserSessions:
    """The sessions of all users."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        bounds = replace(limits, session_seconds=LONGEST_SECONDS, sessions_per_party=PER_PARTY)
        self._tokens, self._clock = Sessions(bounds, clock), clock
        self._open: dict[str, UserSession] = {}

    def open(self, user: str, party: str, how: str, agent: str) -> str | None:
        """The token of a new session; None when too many are open."""
        now = self._clock()
        self._open = {id: one for id, one in self._open.items() if not self._has_ended(one)}
        id = secrets.token_urlsafe(9)
        token = self._tokens.open(id, party)
        if token is not None:
            self._open[id] = UserSession(id, user, how, agent[:300], now, now)
        return token

    def use(self, token: str) -> UserSession | None:
        """The session of this token, used now; None when it is none or has ended."""
        kept = self._tokens.find(token)
        session = self._open.get(kept.kid) if kept is not None else None
        if session is None or self._has_ended(session):
            self._tokens.close(token)
            return None
        used = replace(session, seen=self._clock())
        self._open[session.id] = used
        return used

    def is_fresh(self, session: UserSession) -> bool:
        """Whether its user signed in a short while ago."""
        return self._clock() - session.opened < FRESH_SECONDS

    def of(self, user: str) -> list[UserSession]:
        """A user's open sessions, the last used first."""
        found = [one for one in self._open.values() if one.user == user and not self._has_ended(one)]
        return sorted(found, key=lambda one: -one.seen)

    def close(self, user: str, id: str = "", but: str = "") -> None:
        """End the session of this id, or every session of the user except `but`."""
        for one in self.of(user):
            if one.id != but and id in ("", one.id):
                del self._open[one.id]
                self._tokens.close_of(one.id)

    def _has_ended(self, session: UserSession) -> bool:
        now = self._clock()
        return now - session.seen >= IDLE_SECONDS or now - session.opened >= LONGEST_SECONDS
