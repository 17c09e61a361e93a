"""XML from strangers: either an ordinary small tree, or `XmlRefused` before anything was read from it.

CEB needs elements, text and a handful of attributes. Everything else that XML can do (DTD, entities, processing
instructions, foreign encodings, comments inside a value) is how documents lie or explode, and is refused by name.
"""

from functools import cache
from typing import cast

import msgspec
from lxml import etree

from sogdia.standards.ceb.errors import XmlRefused
from sogdia.standards.safe_xml import PARSER, danger_of, declaration_of


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
    parser = etree.XMLParser(**PARSER)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise XmlRefused("not_well_formed", f"not well-formed XML at line {line}: {error.msg}", line=line) from None
    _check_tree(root, limits, commented=b"<!--" in xml)
    return root


def _check_bytes(xml: bytes, limits: Limits) -> None:
    """What must be known before a parser sees the bytes."""
    danger = danger_of(xml, limits.bytes_max, limits.prefixes_max)
    if danger is not None:
        raise XmlRefused(danger.code, danger.words, **danger.fields)
    if xml.count(b"<?") > (declaration_of(xml) != b""):
        raise XmlRefused("processing_instruction", "a processing instruction; CEB messages have none")


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
