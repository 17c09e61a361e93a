"""Where the sockets of an organisation are: in its folder, or elsewhere when its path is too long for a socket."""

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from sogdia.app.organisation import NetworkError
from sogdia.engines.cometbft.rpc import Rpc

ANSWER_SECONDS: Final = 3.0
PATH_BYTES: Final = 107
"""Longest path of a Unix socket on Linux (unix(7): 108 bytes, the last of them zero)."""


class Sockets(NamedTuple):
    """The node listens at `abci` for its CometBFT, CometBFT at `rpc` for its node."""

    abci: Path
    rpc: Path


def sockets_of(folder: Path) -> Sockets:
    """Where the sockets of the organisation in this folder are, now or once it runs.

    With a long path they are in a folder of their own under the system's temporary folder, named after a hash of the
    path; whoever asks must have the same TMPDIR as the one who runs it.
    """
    home = folder.resolve()
    if len(os.fsencode(home / "abci.sock")) > PATH_BYTES:
        name = sha256(os.fsencode(home)).hexdigest()[:16]
        home = Path(tempfile.gettempdir()) / f"sogdia-{os.getuid()}-{name}"
    return Sockets(home / "abci.sock", home / "rpc.sock")


@contextmanager
def asked(folder: Path) -> Iterator[Rpc]:
    """The CometBFT of this organisation, for a few questions; they raise RpcError when it does not answer."""
    with closing(Rpc(f"unix://{sockets_of(folder).rpc}", timeout_seconds=ANSWER_SECONDS)) as rpc:
        yield rpc


def make_room(folder: Path) -> Sockets:
    """The sockets' paths, once their folder is there and is ours alone."""
    found = sockets_of(folder)
    place = found.abci.parent
    if place != folder.resolve():
        place.mkdir(mode=0o700, exist_ok=True)
        told = place.lstat()
        if not stat.S_ISDIR(told.st_mode) or told.st_uid != os.getuid() or told.st_mode & 0o077:
            raise NetworkError(f"{place} is not a folder of this user alone; remove it and start again")
    return found


def clear(folder: Path) -> None:
    """Remove what is left of the sockets, once nobody listens at them."""
    found = sockets_of(folder)
    for path in found:
        path.unlink(missing_ok=True)
    if found.abci.parent != folder.resolve():
        with suppress(FileNotFoundError):
            found.abci.parent.rmdir()


def listens(path: Path) -> bool:
    """Whether somebody answers at this socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
