"""Where a command goes: a node behind a URL, or a node's folder that nobody works on, opened for the moment.

A folder whose node is running is reached at the URL that its lock file names, so `--to DIR` always works.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sogdia.interfaces.cli.lock import held, holder_of
from sogdia.interfaces.cli.terminal import Failure, language

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sogdia.client.connection import Reply
    from sogdia.core.receipt import Receipt
    from sogdia.core.transaction import Signer

GROUP = 1_000
MIRROR_FILE = "mirror.sqlite"


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


def is_url(to: str) -> bool:
    """Whether this is a URL and no folder."""
    return to.startswith(("http://", "https://"))


@contextmanager
def opened(to: str, signer: "Signer | None" = None, party: str = "") -> Iterator[Place]:
    """The node at this URL or in this folder, as `party` (a folder) or the signer's party sees it."""
    if not to:
        raise Failure("where_missing")
    if is_url(to):
        with _behind(to, signer) as place:
            yield place
        return
    folder = existing(Path(to))
    holder = holder_of(folder)
    if holder is None:
        with held(folder), _Folder(folder, party or _party_of(signer)) as local:
            yield local
    elif not holder.url:
        raise Failure("folder_busy", folder=folder, pid=holder.pid or "?")
    else:
        with _behind(holder.url, signer) as place:
            yield place


def existing(folder: Path) -> Path:
    """The folder, when it holds a node."""
    if not (folder / "network.json").is_file():
        raise Failure("no_node", folder=folder)
    return folder


@contextmanager
def _behind(url: str, signer: "Signer | None") -> Iterator[Place]:
    """A connection that knows the network's name, as the node's status tells it."""
    from sogdia.client.http import HttpConnection

    with HttpConnection(url, "", signer, language=language(), attempts=3) as connection:
        connection.network = str(connection.status().get("network", ""))
        yield connection


def _party_of(signer: "Signer | None") -> str:
    return "" if signer is None else signer.kid.partition("#")[0]


class _Folder:
    """A node's folder as a `Place`: the node runs in this process while the command does."""

    def __init__(self, folder: Path, party: str) -> None:
        from sogdia.app import Node

        self.node: Node = Node(folder)
        self.network = self.node.info.network
        self._party = party

    def __enter__(self) -> "_Folder":
        self.node.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.node.close()

    def submit(self, raws: Sequence[bytes]) -> "list[Reply]":
        """Hand in the transactions in order and wait for every answer."""
        replies: list[Reply] = []
        for start in range(0, len(raws), GROUP):
            replies += map(_reply, self.node.submit_all(raws[start : start + GROUP]))
        return replies

    def lookup(self, wanted: Sequence[tuple[str, ...]]) -> list[dict[str, Any] | None]:
        """Records by table and key fields that the party may see."""
        from sogdia.app import shown

        found = [self._seen(table, *key) for table, *key in wanted]
        return [None if record is None else shown(record) for record in found]

    def get_sealed(self, trade: str, envelope: str) -> bytes | None:
        """Failure: envelopes are given by a running node, which asks who wants them."""
        raise Failure("needs_running", folder=self.node.folder)

    def query(self, name: str, **parameters: Any) -> Any:
        """A domain's answer, from the mirror as it stands in the folder, brought up to date first."""
        from sogdia.interfaces.cli import mirroring, querying

        url = mirroring.default_url(self.node.folder)
        mirroring.catch_up(self.node, url)
        return querying.answer(self.node, url, name, parameters, self._party)

    def status(self) -> dict[str, Any]:
        """Height, time, roots."""
        from sogdia.interfaces.cli.status import of_node

        return of_node(self.node)

    def evidence(self, table: str, *key: str) -> bytes | None:
        """Evidence for one record, or for an order's whole trade, as the party may see it."""
        if self._seen(table, *key) is None:
            return None
        asker = self.node.asker(self._party)
        if table == "orders.order":
            return self.node.evidence_of_order(key[0], key[1], asker)
        return self.node.evidence({"table": table, "key": " ".join(key)}, [(table, *key)], asker)

    def _seen(self, table: str, *key: str) -> Any:
        from sogdia.app import TABLES
        from sogdia.core.query import may_see

        record = self.node.record(table, *key)
        visible = record is not None and may_see(TABLES[table], record, self.node.asker(self._party))
        return record if visible else None


def _reply(future: "Future[Receipt]") -> "Reply":
    from sogdia.client.connection import Reply
    from sogdia.core.refusal import Refusal

    try:
        receipt = future.result()
    except Refusal as no:
        return Reply(no.code, no.fields)
    return Reply(receipt.code, receipt.fields, receipt)


def keys_beside(to: str) -> Path | None:
    """The keyring of a node's folder, when this is one."""
    folder = Path(to)
    return folder if to and not is_url(to) and (folder / "keys").is_dir() else None
