"""XML from strangers: either an ordinary small tree, or `XmlRefused` before anything was read from it.

CEB needs elements, text and a handful of attributes. Everything else that XML can do (DTD, entities, processing
instructions, foreign encodings, comments inside a value) is how documents lie or explode, and is refused by name.
"""

import re
from functools import cache
from typing import cast

import msgspec
from lxml import etree

from sogdia.standards.ceb.errors import XmlRefused


class Limits(msgspec.Struct, frozen=True):
    """How much one message may weigh. A full message of 100 nodes with 99 lines is about 220,000 elements.

    `nodes_max`, `lines_max` and `findings_max` (faults of structure) guard the reader; customs' own limits (100, 99)
    are `validate`'s and lie below.
    """

    bytes_max: int = 32 * 1024 * 1024
    elements_max: int = 300_000
    depth_max: int = 12
    attributes_max: int = 12
    prefixes_max: int = 16
    nodes_max: int = 1_000
    lines_max: int = 1_000
    findings_max: int = 1_000


LIMITS = Limits()

_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_PREFIX = re.compile(rb"xmlns[^=\s]*\s*=")
_BOM = b"\xef\xbb\xbf"

# Predicates only, each one walk: a path of several steps makes libxml2 compare all nodes with all others.
_COUNT = etree.XPath("count(//*)")
_COMMENT_IN_VALUE = etree.XPath("boolean(//*[comment()][not(*)])")
_STRAY_TEXT = etree.XPath("boolean(//*[*][text()[normalize-space()]])")
_MANY_ATTRIBUTES = etree.XPath("boolean(//*[@*[position() > $most]])")


@cache
def _deeper_than(depth: int) -> etree.XPath:
    """Asks whether the root has a child that has a child that ... : as many brackets as levels."""
    return etree.XPath("boolean(/*" + "[*" * depth + "]" * depth + ")")


def read_xml(xml: bytes, limits: Limits = LIMITS) -> etree._Element:
    """The root of a harmless tree. Raises `XmlRefused`, whose code names what was wrong."""
    _check_bytes(xml, limits)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise XmlRefused("not_well_formed", f"not well-formed XML at line {line}: {error.msg}", line=line) from None
    _check_tree(root, limits, commented=b"<!--" in xml)
    return root


def _check_bytes(xml: bytes, limits: Limits) -> None:
    """What must be known before a parser sees the bytes. UTF-8 is checked first: then ASCII cannot hide."""
    if len(xml) > limits.bytes_max:
        raise XmlRefused("too_large", f"{len(xml)} bytes, at most {limits.bytes_max} are read", most=limits.bytes_max)
    try:
        xml.decode("utf-8")
    except UnicodeDecodeError as error:
        raise XmlRefused("not_utf8", f"not UTF-8 at byte {error.start}", byte=error.start) from None
    if b"\x00" in xml:
        raise XmlRefused("not_utf8", "a NUL byte: UTF-16 or no text at all")
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise XmlRefused("dtd", "a DTD or an entity declaration; CEB messages have neither")
    _check_declaration(xml)
    _check_prefixes(xml, limits)


def _check_declaration(xml: bytes) -> None:
    declaration = _DECLARATION.match(xml.removeprefix(_BOM))
    if xml.count(b"<?") > (declaration is not None):
        raise XmlRefused("processing_instruction", "a processing instruction; CEB messages have none")
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    if encoding and encoding[1].lower() not in (b"utf-8", b"utf8"):
        named = encoding[1].decode("utf-8")
        raise XmlRefused("not_utf8", f"the encoding is declared as {named}, only UTF-8 is read", encoding=named)


def _check_prefixes(xml: bytes, limits: Limits) -> None:
    """Few namespace prefixes: canonical form costs elements times the square of the prefixes in scope."""
    most = limits.prefixes_max
    if xml.count(b"xmlns") > most and len(set(_PREFIX.findall(xml))) > most:
        raise XmlRefused("too_many_prefixes", f"more than {most} namespace prefixes", most=most)


def _check_tree(root: etree._Element, limits: Limits, *, commented: bool) -> None:
    """Shape of the whole tree, signature included."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused("dtd", "a DTD; CEB messages have none")
    if cast(float, _COUNT(root)) > limits.elements_max:
        raise XmlRefused("too_many_elements", f"more than {limits.elements_max} elements", most=limits.elements_max)
    if _deeper_than(limits.depth_max)(root):
        raise XmlRefused("too_deep", f"elements deeper than {limits.depth_max}", most=limits.depth_max)
    if _MANY_ATTRIBUTES(root, most=limits.attributes_max):
        most = limits.attributes_max
        raise XmlRefused("too_many_attributes", f"an element with more than {most} attributes", most=most)
    if commented and _COMMENT_IN_VALUE(root):
        raise XmlRefused("comment_in_value", "a comment inside a value, where it can hide half of it")
    if _STRAY_TEXT(root):
        raise XmlRefused("stray_text", "text between elements, where no value belongs")
