"""Signed HTTP requests: RFC 9421 message signatures with Ed25519, and RFC 9530 digests of bodies.

A caller signs the method, the target, the digest of the body, the time and a nonce with a key that is on record;
whoever receives the request builds the same base string and checks it. Of the structured fields of RFC 9651 only what
these signatures need is read. No clock and no randomness here: time and nonce are given. Sizes are bounded before
anything is read.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Final
from urllib.parse import SplitResult, urlsplit

import msgspec

from sogdia.core.transaction import Signer

ALGORITHM: Final = "ed25519"
LABEL: Final = "sogdia"
"""The label of our signature, where a request carries several."""
MAX_AGE_SECONDS: Final = 300
CLOCK_SKEW_SECONDS: Final = 30
"""How far the signer's clock may run ahead of the receiver's."""
MAX_FIELD_CHARS: Final = 4_096
NONCE_CHARS: Final = range(16, 129)

_TARGET: Final = frozenset({"@authority", "@path", "@query"})
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}

ParameterValue = str | int | bool | bytes


class UnfitSignature(Exception):
    """The request's signature cannot count; `name` says why, in the terms of the catalogue of words."""

    def __init__(self, name: str, **fields: str | int) -> None:
        super().__init__(name, fields)
        self.name = name
        self.fields = fields

    def __str__(self) -> str:
        return f"{self.name} {self.fields}" if self.fields else self.name


class Target(msgspec.Struct, frozen=True):
    """What of a request can be signed. `path` and `query` as they travel, percent-encoded; `query` without its `?`."""

    method: str
    scheme: str
    authority: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    """Field values by lower-case name; several fields of one name are joined by a comma and a space."""

    def component(self, name: str) -> str:
        """The value of a component (RFC 9421, section 2); `UnfitSignature` for one that is absent or unknown here."""
        if not name.startswith("@"):
            value = self.headers.get(name)
            if value is None:
                raise UnfitSignature("signature_field_absent", component=name)
            return value.strip()
        derived = {
            "@method": self.method,
            "@scheme": self.scheme,
            "@authority": self.authority,
            "@path": self.path or "/",
            "@query": f"?{self.query}",
            "@target-uri": f"{self.scheme}://{self.authority}{self.request_target}",
            "@request-target": self.request_target,
        }
        if name not in derived:
            raise UnfitSignature("signature_field_absent", component=name)
        return derived[name]

    @property
    def request_target(self) -> str:
        """Path and query, as in the request line."""
        return (self.path or "/") + (f"?{self.query}" if self.query else "")


class RequestSignature(msgspec.Struct, frozen=True):
    """A signature as a request carries it; `covered` is the member of Signature-Input as received, which is signed."""

    components: tuple[str, ...]
    parameters: dict[str, ParameterValue]
    covered: str
    signature: bytes

    def text(self, name: str) -> str:
        """A parameter that must be text; `UnfitSignature` when it is missing or something else."""
        value = self.parameters.get(name)
        if not isinstance(value, str) or not value:
            raise UnfitSignature("signature_parameter_missing", parameter=name)
        return value


def authority_of(scheme: str, host: str) -> str:
    """A host field as it is signed: lower case, without the port that the scheme has anyway (RFC 9421, 2.2.3)."""
    return host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, "\0"))


def digest_of(body: bytes) -> str:
    """The Content-Digest of a body (RFC 9530)."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def base_string(target: Target, components: tuple[str, ...], covered: str) -> bytes:
    """What is signed: a line for each component, and last the list of them (RFC 9421, section 2.5)."""
    lines = [f'"{name}": {target.component(name)}' for name in components]
    return "\n".join([*lines, f'"@signature-params": {covered}']).encode()


# --- signing --------------------------------------------------------------------------------------------------------


def sign_request(method: str, url: str, body: bytes, signer: Signer, created: int, nonce: str) -> dict[str, str]:
    """The fields to add to a request so that it is signed: Signature-Input, Signature, and Content-Digest for a body.

    `created` is in seconds of UTC; a nonce is used once.
    """
    parts = urlsplit(url)
    headers = {"content-digest": digest_of(body)} if body else {}
    components = ("@method", "@authority", "@path", "@query", *headers)
    named = " ".join(f'"{name}"' for name in components)
    covered = f'({named});created={created};nonce="{nonce}";keyid="{signer.kid}";alg="{ALGORITHM}"'
    signature = signer.sign(base_string(_target(method, parts, headers), components, covered))
    return {
        **headers,
        "signature-input": f"{LABEL}={covered}",
        "signature": f"{LABEL}=:{b64encode(signature).decode()}:",
    }


def _target(method: str, parts: SplitResult, headers: Mapping[str, str]) -> Target:
    host = parts.netloc.rpartition("@")[2]
    return Target(method, parts.scheme, authority_of(parts.scheme, host), parts.path, parts.query, headers)


# --- reading --------------------------------------------------------------------------------------------------------


def read_signature(target: Target) -> RequestSignature:
    """The signature that the request carries: the one labelled `sogdia`, or the only one."""
    inputs = _dictionary(_field(target, "signature-input"))
    signatures = _dictionary(_field(target, "signature"))
    label = LABEL if LABEL in inputs else next(iter(inputs), "")
    if len(inputs) != 1 and label != LABEL:
        raise UnfitSignature("signature_ambiguous", label=LABEL)
    found, given = inputs.get(label), signatures.get(label)
    if found is None or given is None or not isinstance(found.value, tuple) or not isinstance(given.value, bytes):
        raise UnfitSignature("signature_unreadable")
    return RequestSignature(found.value, found.parameters, found.text, given.value)


def check_form(target: Target, body: bytes, signature: RequestSignature, now: int) -> None:
    """Raise `UnfitSignature` unless the signature covers enough, is fresh, and the body is the one it speaks of.

    `now` is in seconds of UTC. Whose key it is, and whether the signature holds, is not looked at here.
    """
    covered = set(signature.components)
    if "@method" not in covered:
        raise UnfitSignature("signature_covers_too_little", component="@method")
    if "@target-uri" not in covered and not covered >= _TARGET:
        raise UnfitSignature("signature_covers_too_little", component="@target-uri")
    if body and "content-digest" not in covered:
        raise UnfitSignature("signature_covers_too_little", component="content-digest")
    if signature.text("alg") != ALGORITHM:
        raise UnfitSignature("signature_algorithm", expected=ALGORITHM)
    if len(signature.text("nonce")) not in NONCE_CHARS:
        raise UnfitSignature("signature_nonce", least=NONCE_CHARS.start, most=NONCE_CHARS.stop - 1)
    _check_time(signature.parameters, now)
    if "content-digest" in covered:
        _check_digest(target.component("content-digest"), body)


def _check_time(parameters: Mapping[str, ParameterValue], now: int) -> None:
    created, expires = parameters.get("created"), parameters.get("expires")
    if not isinstance(created, int):
        raise UnfitSignature("signature_parameter_missing", parameter="created")
    if created > now + CLOCK_SKEW_SECONDS:
        raise UnfitSignature("signature_from_future", created=created, now=now)
    if now - created > MAX_AGE_SECONDS or (isinstance(expires, int) and expires < now):
        raise UnfitSignature("signature_expired", created=created, now=now, most=MAX_AGE_SECONDS)


def _check_digest(field: str, body: bytes) -> None:
    found = _dictionary(field).get("sha-256")
    if found is None:
        raise UnfitSignature("digest_missing")
    if found.value != sha256(body).digest():
        raise UnfitSignature("digest_wrong")


def _field(target: Target, name: str) -> str:
    value = target.headers.get(name, "")
    if not value:
        raise UnfitSignature("signature_missing", field=name)
    if len(value) > MAX_FIELD_CHARS:
        raise UnfitSignature("signature_unreadable")
    return value


# --- structured fields ----------------------------------------------------------------------------------------------

_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*")
_STRING: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BYTES: Final = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_INTEGER: Final = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_TOKEN: Final = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*")
_BOOLEAN: Final = re.compile(r"\?[01]")
_SPACE: Final = re.compile(r"[ \t]*")


class _Member(msgspec.Struct, frozen=True):
    value: ParameterValue | tuple[str, ...]
    parameters: dict[str, ParameterValue]
    text: str


class _Reader:
    """Reads one field value from left to right; `UnfitSignature` at the first character that does not belong."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def done(self) -> bool:
        return self.at >= len(self.text)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, pattern: re.Pattern[str]) -> str:
        found = self.match(pattern)
        if not found:
            raise UnfitSignature("signature_unreadable")
        return found[0]

    def take(self, char: str) -> bool:
        taken = self.text.startswith(char, self.at)
        self.at += taken
        return taken

    def item(self) -> ParameterValue:
        if found := self.match(_STRING):
            return re.sub(r'\\(["\\])', r"\1", found[1])
        if found := self.match(_BYTES):
            return _base64(found[1])
        if found := self.match(_INTEGER):
            return int(found[0])
        if found := self.match(_BOOLEAN):
            return found[0] == "?1"
        return self.need(_TOKEN)

    def parameters(self) -> dict[str, ParameterValue]:
        found: dict[str, ParameterValue] = {}
        while self.take(";"):
            self.match(_SPACE)
            name = self.need(_KEY)
            found[name] = self.item() if self.take("=") else True
        return found

    def inner_list(self) -> tuple[str, ...]:
        """Names of components, each once; parameters of a component (`;req`, `;sf`) are not read here."""
        names: list[str] = []
        self.match(_SPACE)
        while not self.take(")"):
            name = self.item()
            if not isinstance(name, str) or name in names:
                raise UnfitSignature("signature_unreadable")
            names.append(name)
            if not self.text.startswith((" ", ")"), self.at):
                raise UnfitSignature("signature_unreadable")
            self.match(_SPACE)
        return tuple(names)

    def next_member(self) -> None:
        """Pass over the comma before the next member, or be at the end."""
        self.match(_SPACE)
        if self.done():
            return
        comma = self.take(",")
        self.match(_SPACE)
        if not comma or self.done():
            raise UnfitSignature("signature_unreadable")


def _dictionary(text: str) -> dict[str, _Member]:
    """The members of a dictionary (RFC 9651, section 3.2): inner lists of strings, or items."""
    reader, members = _Reader(text.strip(" ")), dict[str, _Member]()
    while not reader.done():
        name, start = reader.need(_KEY), reader.at + 1
        value: ParameterValue | tuple[str, ...] = True
        if reader.take("="):
            value = reader.inner_list() if reader.take("(") else reader.item()
        members[name] = _Member(value, reader.parameters(), reader.text[start : reader.at])
        reader.next_member()
    return members


def _base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise UnfitSignature("signature_unreadable") from None
