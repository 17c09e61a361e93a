"""Canonical JSON (RFC 8785), for the part of JSON that documents here use.

Strings, whole numbers that every JSON reader keeps exact, booleans, null, arrays, objects with ASCII keys; no
fractions. Within this profile the bytes are exactly those of RFC 8785, at a fraction of the cost; outside it the value
is refused.
"""

from typing import Any, Final

import msgspec

MAX_SAFE_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 32

_encode: Final = msgspec.json.Encoder(order="sorted").encode


class NotCanonical(ValueError):
    """The value lies outside the profile; the sentence says where and why."""


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of plain data (dict, list, tuple, str, int, bool, None)."""
    _check(value, "$", MAX_DEPTH)
    try:
        return _encode(value)
    except UnicodeEncodeError:
        raise NotCanonical("a text contains half a character (a lone surrogate)") from None


def _check(value: Any, where: str, depth_left: int) -> None:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is int:
        if abs(value) > MAX_SAFE_INTEGER:
            raise NotCanonical(f"{where}: whole numbers go up to 2^53-1; write larger ones as text")
    elif depth_left == 0:
        raise NotCanonical(f"nested deeper than {MAX_DEPTH} levels")
    elif kind is dict:
        _check_object(value, where, depth_left)
    elif kind is list or kind is tuple:
        for place, item in enumerate(value):
            _check(item, f"{where}[{place}]", depth_left - 1)
    else:
        raise NotCanonical(f"{where}: {kind.__name__} has no canonical form here; write fractions as text")


def _check_object(value: dict[Any, Any], where: str, depth_left: int) -> None:
    for key, item in value.items():
        if type(key) is not str or not key.isascii():
            raise NotCanonical(f"{where}: keys are ASCII text")
        _check(item, f"{where}.{key}", depth_left - 1)
