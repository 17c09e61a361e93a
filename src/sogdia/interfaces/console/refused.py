"""What refused transactions said, read from the node's own blocks."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sogdia.app import Node
from sogdia.core.codec import from_base64url
from sogdia.insight.refusals import Read

Messages = Sequence[Mapping[str, Any]]


def reader_of(node: Node) -> Read:
    """Reads the messages of transactions; blocks before a snapshot's base are not there and give nothing."""

    def read(height: int, indexes: Sequence[int]) -> dict[int, Messages]:
        block = node.engine.block_at(height)
        if block is None:
            return {}
        found = {index: block.envelope(index) for index in indexes}
        return {index: _messages(raw) for index, raw in found.items() if raw is not None}

    return read


def _messages(raw: bytes) -> Messages:
    said: Messages = msgspec.json.decode(from_base64url(msgspec.json.decode(raw)["payload"]))["messages"]
    return said
