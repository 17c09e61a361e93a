"""Who calls: the address at the other end of the connection, or the one that a trusted proxy says it was called from.

A proxy writes behind what stands in `X-Forwarded-For` (or `Forwarded`, RFC 7239) who called it. What stands before that
anybody may have written. So the fields are read from the right, and the first address that is no trusted proxy counts.
From any other address the fields are not looked at. A proxy keeps one of the two fields and hands on the other as it
came: where both are there and differ, neither is believed, and the proxy itself is the caller.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from sogdia.interfaces.http.problems import AnyRequest

Address = IPv4Address | IPv6Address
HOPS: Final = 20
"""So many addresses are looked at, from the right: no node stands behind more proxies."""
SUBSCRIBER_BITS: Final = 64
"""What one subscriber has of IPv6 (RFC 6177): within it addresses are free to whoever wants another."""
_ADDRESS_CHARS: Final = 60


class Proxies:
    """The proxies that a node trusts: addresses or networks, such as 127.0.0.1 or 10.0.0.0/8; ValueError otherwise."""

    def __init__(self, given: Sequence[str] = ()) -> None:
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(one.strip()) for one in given)

    def caller(self, request: AnyRequest) -> str:
        """The caller's address; empty where the connection has none, as over a Unix socket."""
        peer = request.client.host if request.client else ""
        near = address_in(peer)
        if near is None or not self._trusts(near):
            return peer
        chains = (_x_forwarded_for(request), _forwarded(request))
        found = {self._caller_of(near, chain) for chain in chains if chain}
        return str(found.pop() if len(found) == 1 else near)

    def _caller_of(self, near: Address, chain: Sequence[str]) -> Address:
        """From the right the first that is no proxy of ours; what is no address ends the way at who wrote it."""
        for one in reversed(chain[-HOPS:]):
            found = address_in(one)
            if found is None:
                return near
            near = found
            if not self._trusts(near):
                break
        return near

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def caller_of(request: AnyRequest) -> str:
    """Who calls, as far as the node that this request came to may believe it."""
    proxies: Proxies = request.app.state.desk.proxies
    return proxies.caller(request)


def subscriber_of(address: str) -> str:
    """What to count by: an address of IPv4, or the network of 64 bits that one subscriber has of IPv6."""
    found = address_in(address)
    if found is None or found.version == 4:
        return address if found is None else str(found)
    return str(ip_network(f"{found}/{SUBSCRIBER_BITS}", strict=False))


def address_in(text: str) -> Address | None:
    """The address in `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7` or `[2001:db8::7]:4711`; None where there is none."""
    plain = text.strip()[: _ADDRESS_CHARS + 1]
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _x_forwarded_for(request: AnyRequest) -> list[str]:
    return [one for field in request.headers.getall("x-forwarded-for", []) for one in field.split(",")]


def _forwarded(request: AnyRequest) -> list[str]:
    """What each element of `Forwarded` says under `for`; an element that does not say it is no address."""
    elements = [one for field in request.headers.getall("forwarded", []) for one in field.split(",")]
    return [_for(element) for element in elements]


def _for(element: str) -> str:
    for pair in element.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            return value.strip().strip('"')
    return ""
