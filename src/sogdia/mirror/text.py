"""Text as both databases can hold it: PostgreSQL stores no NUL, so neither mirror does; U+FFFD stands in its place."""

from typing import Any, Final

import msgspec

from sogdia.core.codec import json_bytes

SHOWN_FOR_NUL: Final = "\N{REPLACEMENT CHARACTER}"
_plain = msgspec.json.Decoder().decode


def without_nul(text: str) -> str:
    """The text with U+FFFD for each NUL."""
    return text.replace("\0", SHOWN_FOR_NUL) if "\0" in text else text


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
