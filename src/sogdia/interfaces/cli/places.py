"""Where a command goes: a node behind a URL, or a node's folder that nobody works on, opened for the moment.

A folder whose node is running is reached at the URL that its lock file names, so `--to DIR` always works.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sogdia.interfaces.cli.folders import existing, is_url
from sogdia.interfaces.cli.lock import held, holder_of
from sogdia.interfaces.cli.terminal import Failure, language

if TYPE_CHECKING:
    from sogdia.client.connection import Reply
    from sogdia.core.transaction import Signer


class Place(Protocol):
    """A node as a command sees it; `HttpConnection` is one."""

    network: str

    def submit(self, raws: Sequence[bytes]) -> "list[Reply]":
        """Send signed transactions, to be taken in this order, and wait for every answer."""
        ...

    def lookup(self, wanted: Sequence[tuple[str, ...]]) -> list[dict[str, Any] | None]:
        """Records by table and key fields, in the order asked; None for absent ones and those not the asker's."""
        ...

    def query(self, name: str, **parameters: Any) -> Any:
        """A domain's answer, `<domain>/<query>`."""
        ...

    def get_sealed(self, trade: str, envelope: str) -> bytes | None:
        """The envelope of a trade with this id, for one of its recipients."""
        ...

    def status(self) -> dict[str, Any]:
        """Height, time, roots."""
        ...

    def evidence(self, table: str, *key: str) -> bytes | None:
        """Evidence for a record and what wrote it, or None when it is not there or not the asker's."""
        ...


@contextmanager
def opened(to: str, signer: "Signer | None" = None, party: str = "") -> Iterator[Place]:
    """The node at this URL or in this folder, as `party` (a folder) or the signer's party sees it."""
    if not to:
        raise Failure("where_missing")
    if is_url(to):
        with _behind(to, signer) as place:
            yield place
        return
    from sogdia.interfaces.cli.opened_folder import OpenedFolder

    folder = existing(Path(to))
    holder = holder_of(folder)
    if holder is None:
        with held(folder), OpenedFolder(folder, party or _party_of(signer)) as local:
            yield local
    elif not holder.url:
        raise Failure("folder_busy", folder=folder, pid=holder.pid or "?")
    else:
        with _behind(holder.url, signer) as place:
            yield place


@contextmanager
def _behind(url: str, signer: "Signer | None") -> Iterator[Place]:
    """A connection that knows the network's name, as the node's status tells it."""
    from sogdia.client.http import HttpConnection

    with HttpConnection(url, "", signer, language=language(), attempts=3) as connection:
        connection.network = str(connection.status().get("network", ""))
        yield connection


def _party_of(signer: "Signer | None") -> str:
    return "" if signer is None else signer.kid.partition("#")[0]
