"""A record of the node as plain data, for whom it may be shown to."""

from typing import TYPE_CHECKING, Any

import msgspec

from sogdia.core.codec import json_bytes
from sogdia.core.query import Asker, may_see

if TYPE_CHECKING:
    from sogdia.app import Node


def record_of(node: "Node", asker: Asker, name: str, *key: str) -> dict[str, Any] | None:
    """A record as plain data, if the asker may see it."""
    table, found = node.machine.tables, node.record(name, *key)
    if found is None or not may_see(next(one for one in table.values() if one.name == name), found, asker):
        return None
    fields = {field: getattr(found, field) for field in found.__struct_fields__}
    plain: dict[str, Any] = msgspec.json.decode(json_bytes(fields))
    return plain
