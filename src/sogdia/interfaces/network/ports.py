"""TCP ports that nobody uses."""

import socket
from contextlib import ExitStack, suppress
from random import SystemRandom
from typing import Final

_PORTS: Final = range(20_000, 32_000)
"""Below those that the system gives to connections (ip(7), ip_local_port_range): nobody is given one meanwhile."""


def free_ports(count: int) -> list[int]:
    """So many ports of the loopback that are free now, all different. OSError when there are fewer."""
    found, drawn = list[int](), iter(SystemRandom().sample(_PORTS, len(_PORTS)))
    with ExitStack() as held:
        while len(found) < count:
            port = next(drawn, None)
            if port is None:
                raise OSError(f"fewer than {count} ports of {_PORTS.start} to {_PORTS.stop - 1} are free")
            with suppress(OSError):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
                found.append(port)
    return found
