"""Who asks: a session, a request signed by a key that is on record, or the public.

A signature counts only if it names this node in its target: another node that was handed a signed request cannot use it
here. Keys and parties are looked up at every request, so that a retired key or a suspended party is out at once.
"""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sogdia.client.request_signing import (
    RequestSignature,
    Target,
    UnfitSignature,
    authority_of,
    base_string,
    check_form,
    read_signature,
)
from sogdia.core import keys
from sogdia.core.module import KeyOnRecord
from sogdia.core.query import PUBLIC, Asker
from sogdia.interfaces.http.limits import Limits
from sogdia.interfaces.http.problems import LOG, AnyRequest, Problem
from sogdia.interfaces.http.sessions import Clock, Nonces, Sessions

if TYPE_CHECKING:
    from sogdia.app import Node

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_BEARER: Final = "bearer "


class Gate:
    """Tells who asks. `urls` are the addresses that this node goes by; none means the one it listens at."""

    def __init__(self, node: "Node", limits: Limits, urls: Iterable[str] = (), clock: Clock = time.time) -> None:
        self._node, self._limits, self._clock = node, limits, clock
        parts = [urlsplit(url) for url in urls]
        self._names = {authority_of(one.scheme, one.netloc): one.scheme for one in parts}
        self.sessions = Sessions(limits, clock)
        self.nonces = Nonces(limits, clock)

    def asker(self, request: AnyRequest, body: bytes = b"") -> Asker:
        """The party that asks, or the public; `Problem` 401 or 403 when a claim to be somebody does not hold."""
        given = request.headers.get("authorization", "")
        if given:
            return self._by_token(given)
        if "signature-input" in request.headers or "signature" in request.headers:
            return self._party(self._signer(request, body).party)
        return PUBLIC

    def member(self, request: AnyRequest, body: bytes = b"") -> Asker:
        """As `asker`, and it is a party on record."""
        found = self.asker(request, body)
        if found.party is None:
            raise Problem(401, "sign_in_needed")
        return found

    def open_session(self, request: AnyRequest, body: bytes) -> str:
        """A session token for whoever signed this very request."""
        if "signature-input" not in request.headers:
            raise Problem(401, "signature_missing", field="signature-input")
        key = self._signer(request, body)
        self._party(key.party)
        token = self.sessions.open(key.id, key.party)
        if token is None:
            raise Problem(503, "too_many_sessions")
        return token

    def close_session(self, request: AnyRequest) -> None:
        """End the session whose token the request carries."""
        self._by_token(request.headers.get("authorization", ""))
        self.sessions.close(_token(request.headers.get("authorization", "")))

    # -- sessions ------------------------------------------------------------------------------------------------

    def _by_token(self, given: str) -> Asker:
        session = self.sessions.find(_token(given))
        if session is None:
            raise Problem(401, "session_unknown")
        self._key(session.kid)
        return self._party(session.party)

    # -- signatures ----------------------------------------------------------------------------------------------

    def _signer(self, request: AnyRequest, body: bytes) -> KeyOnRecord:
        """The key that signed the request, once everything about its signature holds."""
        try:
            target = self._target(request)
            signature = read_signature(target)
            check_form(target, body, signature, int(self._clock()))
            return self._holder(target, signature)
        except UnfitSignature as unfit:
            raise Problem(401, unfit.name, **unfit.fields) from None

    def _holder(self, target: Target, signature: RequestSignature) -> KeyOnRecord:
        key = self._key(signature.text("keyid"))
        signed = base_string(target, signature.components, signature.covered)
        if not keys.verify(key.scheme, bytes.fromhex(key.public), signed, signature.signature):
            LOG.warning("refused", extra={"said": {"why": "signature_wrong", "key": key.id}})
            raise UnfitSignature("signature_wrong", key=key.id)
        seen = self.nonces.use(key.id, signature.text("nonce"))
        if seen == "too_many_signatures":
            raise Problem(429, seen, most=self._limits.nonces_per_key)
        if seen:
            LOG.warning("refused", extra={"said": {"why": seen, "key": key.id}})
            raise UnfitSignature(seen)
        return key

    def _key(self, kid: str) -> KeyOnRecord:
        try:
            key: KeyOnRecord | None = self._node.record("identity.key", kid)
        except UnicodeEncodeError:
            key = None
        if key is None:
            raise Problem(401, "key_unknown", key=kid)
        if key.retired_height:
            raise Problem(401, "key_retired", key=kid, retired_height=key.retired_height)
        if key.purpose != "sign" or key.scheme != keys.EDDSA:
            raise Problem(401, "key_purpose", key=kid, purpose=key.purpose)
        return key

    def _party(self, did: str) -> Asker:
        found = self._node.asker(did)
        if found.party is None:
            raise Problem(403, "party_suspended", party=did)
        return found

    def _target(self, request: AnyRequest) -> Target:
        scope = request.scope
        scheme = str(scope["scheme"])
        authority = authority_of(scheme, request.headers.get("host", ""))
        scheme = self._scheme(request, scheme, authority)
        fields: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1").strip()
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        return Target(str(request.method), scheme, authority, path, query, fields)

    def _scheme(self, request: AnyRequest, scheme: str, authority: str) -> str:
        """The scheme under which the node goes by this name; refused when it is not this node's."""
        if self._names:
            if authority not in self._names:
                raise UnfitSignature("signature_for_another", authority=authority, expected=", ".join(self._names))
            return self._names[authority]
        host, port = request.scope["server"] or ("", None)
        names = {host, "localhost"} if host in _LOOPBACK or port is None else {host}
        expected = {authority_of(scheme, f"{_bracketed(name)}:{port}" if port else name) for name in names}
        if authority not in expected:
            raise UnfitSignature("signature_for_another", authority=authority, expected=", ".join(sorted(expected)))
        return scheme


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _token(given: str) -> str:
    if not given.lower().startswith(_BEARER):
        raise Problem(401, "session_unknown")
    return given[len(_BEARER) :].strip()
