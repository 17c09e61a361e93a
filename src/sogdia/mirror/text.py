"""Text as both databases can hold it: PostgreSQL stores no NUL, so neither mirror does; U+FFFD stands in its place."""

from hashlib import sha256
from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.codec import json_bytes

TEXT: Final = sql.Text().with_variant(sql.Text(collation="C"), "postgresql")
"""Text in code point order, as SQLite has it."""
AUDIENCE: Final = "mirror_audience"
"""The column that numbers the readers of a row."""
SHOWN_FOR_NUL: Final = "\N{REPLACEMENT CHARACTER}"
_plain = msgspec.json.Decoder().decode


def without_nul(text: str) -> str:
    """The text with U+FFFD for each NUL."""
    return text.replace("\0", SHOWN_FOR_NUL) if "\0" in text else text


def kept(text: str, limit_chars: int = 300) -> str:
    """Text short enough for an index of PostgreSQL: beyond the limit its beginning and its SHA-256 stand for it.

    Two such texts are equal where the whole ones are. An index row has at most 2,704 bytes, a character up to 4.
    """
    if len(text) > limit_chars:
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        text = f"{text[: limit_chars - len(digest) - 1]}#{digest}"
    return without_nul(text)


def json_text(value: Any) -> str:
    """The value as JSON text without NUL."""
    return "[]" if value == () else json_without_nul(json_bytes(value))


def json_without_nul(raw: bytes) -> str:
    """JSON bytes as text, with U+FFFD where a string in them has an escaped NUL."""
    text = raw.decode()
    return _without_spelled(text) if "\\u0000" in text else text


def _without_spelled(text: str) -> str:
    """JSON text without escaped NULs; an escaped backslash before `u0000` is not one."""
    return json_bytes(_replaced(_plain(text))).decode()


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", SHOWN_FOR_NUL)
    if isinstance(value, list):
        return [_replaced(one) for one in value]
    if isinstance(value, dict):
        return {_replaced(name): _replaced(one) for name, one in value.items()}
    return value
