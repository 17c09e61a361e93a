"""What this node is called in a browser: scheme and authority of its pages, and the name that passkeys belong to."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from sogdia.client.request_signing import authority_of
from sogdia.interfaces.http.problems import AnyRequest

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Place(msgspec.Struct, frozen=True):
    """Under which name a request came: `https` and `node.example`, and whether the node goes by that name."""

    scheme: str
    authority: str
    is_own: bool

    @property
    def origin(self) -> str:
        """As browsers send it."""
        return f"{self.scheme}://{self.authority}"

    @property
    def host(self) -> str:
        """The name alone."""
        return urlsplit(self.origin).hostname or ""

    @property
    def takes_passkeys(self) -> bool:
        """Whether a browser makes passkeys here: for a name, not an address, over TLS or on this machine."""
        return self.is_own and not _is_address(self.host) and (self.scheme == "https" or self.host == "localhost")


class Names:
    """The addresses that a node goes by; none given means those of this machine, at whatever port it listens."""

    def __init__(self, urls: Sequence[str] = ()) -> None:
        parts = [urlsplit(url) for url in urls]
        self._schemes = {authority_of(one.scheme, one.netloc): one.scheme for one in parts}

    def place(self, request: AnyRequest) -> Place:
        """Where this request came to."""
        scheme = str(request.scope["scheme"])
        authority = authority_of(scheme, request.headers.get("host", ""))
        if authority in self._schemes:
            return Place(self._schemes[authority], authority, True)
        return Place(scheme, authority, self._is_here(request, scheme, authority))

    def _is_here(self, request: AnyRequest, scheme: str, authority: str) -> bool:
        """Whether it is this machine's own name, or without any names the address at which the node listens."""
        host = urlsplit(f"{scheme}://{authority}").hostname or ""
        listens = (request.scope["server"] or ("", None))[0]
        return host in LOOPBACK or (not self._schemes and host == listens)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
