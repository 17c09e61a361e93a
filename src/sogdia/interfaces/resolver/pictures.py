"""A picture of a thing, where its owner links to one. It lies with the owner: it is fetched when the reader says so."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from sogdia.standards.gs1.linkset import VOCABULARY, Link

_RELATIONS: Final = frozenset(VOCABULARY + name for name in ("relatedImage", "productImage", "image"))
"""Types of links to pictures, by names written from memory; a link whose media type is an image's counts by that."""
_NAME: Final = re.compile(r"https://[^?#]+\.(?:avif|gif|jpe?g|png|webp)", re.IGNORECASE)
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?")
_VECTOR: Final = "image/svg+xml"


def picture_in(links: Iterable[Link]) -> str:
    """The first picture among links that a page may show: over TLS, no drawing with scripts; empty without one."""
    for one in links:
        is_image = one.type.startswith("image/") or (one.relation in _RELATIONS and _NAME.fullmatch(one.href))
        if is_image and one.type != _VECTOR and host_of(one.href):
            return one.href
    return ""


def host_of(href: str) -> str:
    """The host of a picture, for the page's policy and for the reader; empty for what is not on a host over TLS."""
    parts = urlsplit(href)
    return parts.netloc if parts.scheme == "https" and _HOST.fullmatch(parts.netloc) else ""
