"""What is known of XML from strangers before a parser sees it, and how the parser is set up.

DTDs, entities and foreign encodings are how documents lie or explode. UTF-8 is checked first: then ASCII cannot hide.
"""

import re
from typing import Final, TypedDict

import msgspec

_DECLARATION: Final = re.compile(rb"\s*<\?xml\s[^>]*?\?>")
_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_PREFIX: Final = re.compile(rb"xmlns[^=\s]*\s*=")
_BOM: Final = b"\xef\xbb\xbf"


class ParserOptions(TypedDict):
    """Options of lxml's parsers."""

    encoding: str
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    dtd_validation: bool
    attribute_defaults: bool
    huge_tree: bool
    recover: bool
    collect_ids: bool


PARSER: Final[ParserOptions] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "recover": False,
    "collect_ids": False,
}
"""Nothing is fetched, nothing expanded, and libxml2's own limits on depth and names hold."""


class Danger(msgspec.Struct, frozen=True):
    """Why bytes must not be parsed: a stable code, words for people, plain fields for programs."""

    code: str
    words: str
    fields: dict[str, str | int] = {}


def danger_of(xml: bytes, bytes_max: int, prefixes_max: int) -> Danger | None:
    """The first reason not to parse these bytes: size, encoding, DTD, too many namespace prefixes; None if fit."""
    if len(xml) > bytes_max:
        return Danger("too_large", f"{len(xml)} bytes, at most {bytes_max} are read", {"most": bytes_max})
    try:
        xml.decode("utf-8")
    except UnicodeDecodeError as error:
        return Danger("not_utf8", f"not UTF-8 at byte {error.start}", {"byte": error.start})
    if b"\x00" in xml:
        return Danger("not_utf8", "a NUL byte: UTF-16 or no text at all")
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        return Danger("dtd", "a DTD or an entity declaration, which are not read")
    return _foreign_encoding(xml) or _many_prefixes(xml, prefixes_max)


def _foreign_encoding(xml: bytes) -> Danger | None:
    declaration = declaration_of(xml)
    encoding = _ENCODING.search(declaration)
    if encoding is None or encoding[1].lower() in (b"utf-8", b"utf8"):
        return None
    named = encoding[1].decode("utf-8")
    return Danger("not_utf8", f"the encoding is declared as {named}, only UTF-8 is read", {"encoding": named})


def declaration_of(xml: bytes) -> bytes:
    """The declaration of XML that the bytes begin with, empty without one."""
    found = _DECLARATION.match(xml.removeprefix(_BOM))
    return found[0] if found else b""


def _many_prefixes(xml: bytes, most: int) -> Danger | None:
    """Canonical form and look-up of prefixes cost elements times the prefixes in scope."""
    if xml.count(b"xmlns") > most and len(set(_PREFIX.findall(xml))) > most:
        return Danger("too_many_prefixes", f"more than {most} namespace prefixes", {"most": most})
    return None
