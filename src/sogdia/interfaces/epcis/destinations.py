"""Where webhooks may go: over TLS to public addresses, so that nobody has the node call what only the node can reach.

An address is looked up anew at every call, judged, and called itself: a name that leads elsewhere a moment later does
not help.
"""

import asyncio
import ipaddress
import socket
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.settings import Settings
from sogdia.standards.epcis.uris import is_uri

URL_CHARS: Final = 2_000
_LOOKUP_SECONDS: Final = 10.0


class Destination(NamedTuple):
    """A URL with an address in place of its host, the Host field, and the name for TLS."""

    url: str
    host: str
    name: str


class Forbidden(Exception):
    """The address is none that a webhook may go to."""


def require_fit(dest: object, settings: Settings) -> str:
    """A URL that can be a destination as far as it can be told without looking its name up; EpcisProblem 400 else."""
    if not isinstance(dest, str) or len(dest) > URL_CHARS or not is_uri(dest):
        raise _unfit("-")
    try:
        parts = urlsplit(dest)
        port_is_fine = parts.port != 0
    except ValueError:
        raise _unfit(dest) from None
    host = parts.hostname or ""
    is_plain = parts.scheme == "http" and settings.destinations_loopback and _is_loopback(host)
    if not (parts.scheme == "https" or is_plain) or not host or parts.username or parts.password or not port_is_fine:
        raise _unfit(dest)
    address = _address(host)
    if address is not None and not _is_allowed(address, settings):
        raise _unfit(dest)
    return dest


async def resolved(dest: str, settings: Settings) -> Destination:
    """Where to go for a destination now; Forbidden or OSError when that is nowhere."""
    parts = urlsplit(dest)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(_LOOKUP_SECONDS):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses or not all(_is_allowed(address, settings) for address in addresses):
        raise Forbidden(host)
    if parts.scheme == "http" and not all(address.is_loopback for address in addresses):
        raise Forbidden(host)
    return _at(parts, addresses[0], port)


def _at(parts: SplitResult, address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> Destination:
    shown = f"[{address}]" if address.version == 6 else str(address)
    url = parts._replace(netloc=f"{shown}:{port}", fragment="").geturl()
    return Destination(url, parts.netloc, parts.hostname or "")


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_allowed(address: ipaddress.IPv4Address | ipaddress.IPv6Address, settings: Settings) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.sixtofour is not None or address.teredo is not None or address.is_site_local:
            return False  # a tunnel leads to whatever address stands in it
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return settings.destinations_loopback
    if address.is_multicast or address.is_unspecified or address.is_link_local or address.is_reserved:
        return False
    return address.is_global or settings.destinations_private


def _unfit(dest: str) -> EpcisProblem:
    return EpcisProblem(400, "destination", "SubscriptionControlsException", dest=dest[:200])
