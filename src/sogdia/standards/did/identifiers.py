"""DIDs and DID URLs of any method (W3C DID Core 1.0, section 3), and where a did:web document lies."""

import re
from typing import Final

import msgspec

from sogdia.core.keys import MalformedIdentifier, is_did

_URL: Final = re.compile(
    r"(?P<did>did:(?P<method>[a-z0-9]+):(?P<name>[A-Za-z0-9._:%-]+))"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*)"
    r"(?:\?(?P<query>[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*))?"
    r"(?:#(?P<fragment>[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*))?"
)
_MAX_URL_CHARS: Final = 1024
_HOST: Final = re.compile(r"(?=.{1,253}(?:%3[Aa]|$))(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*"
                          r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:%3[Aa]([1-9][0-9]{0,4}))?")  # fmt: skip
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._-]+")


class DidUrl(msgspec.Struct, frozen=True):
    """A DID URL in its parts; an absent part is empty."""

    did: str
    method: str
    name: str
    path: str = ""
    query: str = ""
    fragment: str = ""


def parse(text: str) -> DidUrl:
    """The parts of a DID or DID URL of any method; raises `MalformedIdentifier`."""
    found = _URL.fullmatch(text) if len(text) <= _MAX_URL_CHARS else None
    if found is None or not is_did(found["did"]):
        raise MalformedIdentifier("expected a DID, did:<method>:<name>, perhaps with /path, ?query and #fragment")
    did, method, name, path, query, fragment = found.groups(default="")
    return DidUrl(did, method, name, path, query, fragment)


def is_host(text: str) -> bool:
    """Whether the text is a lower-case domain name, perhaps with `%3A` and a port."""
    found = _HOST.fullmatch(text)
    return found is not None and int(found[1] or 443) <= 65535


def web_url(did: str) -> str:
    """Where the document of a did:web lies (did:web method specification, read and resolve).

    Only names of hosts, an optional port and plain path segments; whoever fetches decides which hosts are allowed.
    """
    parts = parse(did)
    if parts.method != "web" or parts.did != did:
        raise MalformedIdentifier("expected did:web:<host>, perhaps with :<path segments>")
    host, *segments = parts.name.split(":")
    if not is_host(host):
        raise MalformedIdentifier("the host of a did:web is a lower-case domain name, perhaps with %3A and a port")
    if not all(_SEGMENT.fullmatch(segment) and segment.strip(".") for segment in segments):
        raise MalformedIdentifier("the path of a did:web is letters, digits and . _ - between colons, without . or ..")
    where = "/".join(segments) if segments else ".well-known"
    return f"https://{re.sub('%3[Aa]', ':', host)}/{where}/did.json"
