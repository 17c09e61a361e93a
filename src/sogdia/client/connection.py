"""What a party's program needs of a node, wherever the node is: in this process or behind HTTP."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from sogdia.core.receipt import ACCEPTED, Receipt
from sogdia.core.transaction import Message, Signer, payload_bytes, sign


class Reply(msgspec.Struct, frozen=True):
    """The node's answer to one transaction: on record with a receipt, or kept out of the order with a refusal."""

    code: int
    fields: dict[str, Any]
    receipt: Receipt | None = None

    @property
    def accepted(self) -> bool:
        """Whether the rules took it."""
        return self.code == ACCEPTED


class Connection(Protocol):
    """A node as one party sees it."""

    network: str

    def submit(self, raws: Sequence[bytes]) -> list[Reply]:
        """Send signed transactions, to be taken in this order, and wait for every answer."""
        ...

    def lookup(self, wanted: Sequence[tuple[str, ...]]) -> list[dict[str, Any] | None]:
        """Records by table and key fields, in the order asked; None for absent ones and those not the asker's."""
        ...

    def query(self, name: str, **parameters: Any) -> Any:
        """A domain's answer, `<domain>/<query>`."""
        ...

    def put_sealed(self, envelopes: Sequence[bytes]) -> None:
        """Leave sealed envelopes with the node; durable when this returns, and the same one twice is kept once."""
        ...

    def get_sealed(self, trade: str, envelope: str) -> bytes | None:
        """The envelope of a trade with this id, for one of its recipients."""
        ...

    def lookup_sealed(self, wanted: Sequence[tuple[str, str]]) -> dict[str, bytes]:
        """Envelopes by id, of those asked for by trade and id; without what is absent, erased or not the asker's."""
        ...

    def status(self) -> dict[str, Any]:
        """Height, time, roots, lag of the mirror."""
        ...


def signed(
    network: str,
    now_ms: int,
    nonce: str,
    messages: Sequence[Message],
    signers: Sequence[Signer],
    valid_ms: int = 3_600_000,
) -> bytes:
    """A transaction of these messages, valid for an hour unless said otherwise."""
    return sign(payload_bytes(network, now_ms + valid_ms, nonce, messages), signers)
