"""Who calls: by API key, by session or by signed request. An API key does what its scopes name, at a bounded rate."""

import time
from threading import Lock
from typing import Final

from sogdia.app import milliseconds
from sogdia.core.query import Asker
from sogdia.interfaces.epcis import api_keys
from sogdia.interfaces.epcis.api_keys import Scope
from sogdia.interfaces.epcis.notebook import Notebook
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.settings import Settings
from sogdia.interfaces.http.desk import Desk
from sogdia.interfaces.http.problems import AnyRequest

_BEARER: Final = "bearer "
_MINUTE_SECONDS: Final = 60.0


class Callers:
    """Tells who calls."""

    def __init__(self, desk: Desk, notebook: Notebook, settings: Settings) -> None:
        self._desk, self._notebook, self._settings = desk, notebook, settings
        self._rates: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def asker(self, request: AnyRequest, body: bytes, scope: Scope, is_counted: bool = True) -> Asker:
        """The party that calls, or the public; EpcisProblem or Problem when it may not.

        A second look at one request, such as that of a socket, is not counted.
        """
        token = _token(request)
        if not token.startswith(api_keys.TOKEN_BEGINS):
            return self._desk.gate.asker(request, body)
        key = api_keys.find(self._notebook, token)
        if key is None or not key.holds(milliseconds()):
            raise EpcisProblem(401, "key_unknown", headers={"www-authenticate": 'Bearer realm="sogdia"'})
        if scope not in key.scopes:
            raise EpcisProblem(403, "key_scope", id=key.id, scopes=", ".join(key.scopes), needed=scope)
        if is_counted:
            self._count(key.id)
        found = self._desk.node.asker(key.party)
        if found.party is None:
            raise EpcisProblem(403, "http.party_suspended", party=key.party)
        return found

    def member(self, request: AnyRequest, body: bytes, scope: Scope) -> Asker:
        """As `asker`, and it is a party on record."""
        found = self.asker(request, body, scope)
        if found.party is None:
            raise EpcisProblem(401, "sign_in_needed", headers={"www-authenticate": 'Bearer realm="sogdia"'})
        return found

    def _count(self, key: str) -> None:
        """A bucket that fills evenly: a minute's requests at once at most."""
        most = float(self._settings.requests_per_minute)
        now = time.monotonic()
        with self._lock:
            left, at = self._rates.get(key, (most, now))
            left = min(most, left + (now - at) * most / _MINUTE_SECONDS)
            self._rates[key] = (max(0.0, left - 1), now)
        if left < 1:
            raise EpcisProblem(429, "too_many_requests", most=int(most), headers={"retry-after": "1"})


def _token(request: AnyRequest) -> str:
    given = request.headers.get("authorization", "")
    return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else ""
