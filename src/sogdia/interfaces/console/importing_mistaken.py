"""Files that people drop here and that belong elsewhere: one message as JSON, and customs' own XML messages."""

import re
from collections.abc import Collection
from typing import Final

import msgspec

from sogdia.interfaces.http.problems import Problem

_HEAD_BYTES: Final = 65_536
_CEB: Final = re.compile(rb"<(?:\w+:)?(CEB\d{3}Message)\b")


class _Message(msgspec.Struct):
    type: str


def mistaken(content: bytes, tags: Collection[str]) -> Problem | None:
    """Why a file is none to import, and where it belongs: a message of one of these types, or one of customs'."""
    head = content[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] == b"<" and (found := _CEB.search(head)):
        return Problem(400, "import_customs_message", kind=found[1].decode())
    if head[:1] != b"{":
        return None
    try:
        tag = msgspec.json.decode(content.lstrip(b"\xef\xbb\xbf"), type=_Message).type
    except msgspec.MsgspecError:
        return None
    if tag not in tags:
        return None
    return Problem(400, "import_one_message", kind=tag, command=tag.replace(".", " ").replace("_", "-"))
