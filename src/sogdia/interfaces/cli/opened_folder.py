"""A node's folder that nobody works on, opened in this process while a command runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sogdia.interfaces.cli import answering, mirroring
from sogdia.interfaces.cli.terminal import Failure

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sogdia.client.connection import Reply
    from sogdia.core.receipt import Receipt

GROUP = 1_000


class OpenedFolder:
    """A node's folder as a `Place`: the node runs in this process while the command does."""

    def __init__(self, folder: Path, party: str) -> None:
        from sogdia.app import Node

        self.node: Node = Node(folder)
        self.network = self.node.info.network
        self._party = party

    def __enter__(self) -> "OpenedFolder":
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
        url = mirroring.default_url(self.node.folder)
        mirroring.catch_up(self.node, url)
        return answering.answer(self.node, url, name, parameters, self._party)

    def status(self) -> dict[str, Any]:
        """Height, time, roots."""
        return self.node.status()

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
