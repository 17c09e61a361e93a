"""Whether a text is a URI by RFC 3986, which is what the schema's `format: uri` asks: with a scheme, ASCII only."""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Final

URI_LIMIT: Final = 2_000
"""Longest URI that is taken, in characters."""

_PERCENT = r"%[0-9A-Fa-f]{2}"
_PATH = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]++|{_PERCENT})*+"
_QUERY = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]++|{_PERCENT})*+"
_USER = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:-]++|{_PERCENT})*+"
_NAME = rf"(?:[A-Za-z0-9._~!$&'()*+,;=-]++|{_PERCENT})*+"
_BRACKETS = r"\[(?:v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+|(?P<v6>[0-9A-Fa-f:.]+))\]"
_AUTHORITY = rf"(?:{_USER}@)?(?:{_BRACKETS}|{_NAME})(?::[0-9]*+)?(?=[/?#]|\Z)"
_URI: Final = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*+:(?://{_AUTHORITY}|(?!//)){_PATH}(?:\?{_QUERY})?(?:\#{_QUERY})?",
)
_PLAIN = r"(?:https?://[A-Za-z0-9.-]++(?=/)|urn:(?!//))[A-Za-z0-9._~!$&'()*+,;=:@/-]++"
_PLAIN_LINES: Final = re.compile(rf"{_PLAIN}(?:\n{_PLAIN})*+")


def is_uri(text: str) -> bool:
    """Whether a text is a URI of at most URI_LIMIT characters."""
    found = _URI.fullmatch(text)
    return found is not None and len(text) <= URI_LIMIT and _is_address(found["v6"])


known_uri = lru_cache(maxsize=16_384)(is_uri)
"""The same for texts that come again and again, such as names of extensions."""


def all_uris(texts: list[str]) -> bool:
    """Whether each text is a URI; fast where all are plain web addresses and URNs."""
    lines = "\n".join(texts)
    if len(lines) <= URI_LIMIT and lines.count("\n") == len(texts) - 1 and _PLAIN_LINES.fullmatch(lines):
        return True
    return all(map(is_uri, texts))


def _is_address(text: str | None) -> bool:
    if text is None:
        return True
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
