"""Names of XML, and names that other vocabularies add: `prefix:name` in the model, a namespace and a name in XML.

A prefix keeps its XML spelling where JSON-LD can have it. One that means something else there (`cbvmda`, `urn`,
`type`), two of one spelling, or none at all become `ns1`, `ns2` and so on. Letters outside ASCII in a name are
percent-encoded in the model, whose names are URIs; no XML name has a percent sign, so that goes both ways.

Source: Namespaces in XML 1.0; JSON-LD 1.1, 4.1.5; EPCIS 2.0 JSON-LD context for its own prefixes.
"""

import re
from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import quote, unquote

from lxml import etree

from sogdia.standards.epcis import contexts
from sogdia.standards.epcis.contexts import PREFIX, PROTECTED, SCHEMES

EPCIS: Final = {"1.2": "urn:epcglobal:epcis:xsd:1", "2.0": "urn:epcglobal:epcis:xsd:2"}
QUERY: Final = {"1.2": "urn:epcglobal:epcis-query:xsd:1", "2.0": "urn:epcglobal:epcis-query:xsd:2"}
MASTER_DATA: Final = {
    "1.2": "urn:epcglobal:epcis-masterdata:xsd:1",
    "2.0": "urn:epcglobal:epcis-masterdata:xsd:2",
}
SBDH: Final = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_NAMESPACES_LIMIT: Final = 100
_XINCLUDE: Final = "http://www.w3.org/2001/XInclude"

_MDA: Final = "urn:epcglobal:cbv:mda"
BUILT_IN: Final = contexts.BUILT_IN | {"cbvmda": _MDA}
"""Prefixes that every event has, with their namespaces in XML; that of `cbvmda` ends in a colon in JSON-LD only."""

_OF_BUILT_IN: Final = {namespace: prefix for prefix, namespace in BUILT_IN.items()} | {f"{_MDA}:": "cbvmda"}
_RESERVED: Final = PROTECTED | SCHEMES | frozenset(("xml", "xmlns", "xsi"))
_NAMESPACE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>\"{}|\\^`]+")
_NOT_FOREIGN: Final = frozenset((*EPCIS.values(), *QUERY.values(), *MASTER_DATA.values(), SBDH, XSI, _XINCLUDE))
_ASCII_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_START: Final = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME: Final = re.compile(f"[{_START}][{_START}.0-9\xb7\u0300-\u036f\u203f-\u2040-]*")


class NoName(ValueError):
    """An element or attribute whose name no event can have; the words say why."""


def tag_of(element: etree._Element) -> str:
    """The name of an element with its namespace; comments and instructions, which have none, are never read."""
    return cast(str, element.tag)


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


def prefix_of(element: etree._Element, attribute: str) -> str | None:
    """The prefix under which an element's attribute stands."""
    namespace = attribute.rpartition("}")[0][1:]
    return next((prefix for prefix, uri in element.nsmap.items() if prefix and uri == namespace), None)


class Prefixes:
    """The prefixes of one event as it is read; `context` grows with what is met."""

    def __init__(self) -> None:
        self.context: dict[str, str] = {}
        self._made = 0
        self._prefixes = dict(_OF_BUILT_IN)
        self._names: dict[tuple[str, str | None], str] = {}

    def name(self, tag: str, prefix: str | None) -> str:
        """The model's name of an element or attribute that XML writes with this prefix. Raises NoName."""
        known = self._names.get((tag, prefix))
        if known is None:
            known = self._names[tag, prefix] = self._name(tag, prefix)
        return known

    def declare(self, prefix: str | None, namespace: str) -> None:
        """Take over a declaration of the event itself, used or not, if JSON-LD can have it as it is."""
        if prefix and self._is_free(prefix) and namespace not in self._prefixes and _is_foreign(namespace):
            self._take(prefix, namespace)

    def _name(self, tag: str, prefix: str | None) -> str:
        namespace, _, name = tag.rpartition("}")
        name = name if name.isascii() else quote(name, safe="._-")
        if not namespace:
            return name
        namespace = namespace[1:]
        if namespace == _XML:
            return f"xml:{name}"
        return f"{self._prefix(namespace, prefix)}:{name}"

    def _prefix(self, namespace: str, prefix: str | None) -> str:
        if namespace == self.context.get(prefix or ""):
            return prefix or ""
        known = self._prefixes.get(namespace)
        if known:
            return known
        if namespace == _XINCLUDE:
            raise NoName("is XInclude, which is not followed")
        if not _is_foreign(namespace):
            raise NoName(f"has the namespace {namespace[:80]!r}, which is no absolute URI of another vocabulary")
        if len(self.context) >= _NAMESPACES_LIMIT:
            raise NoName(f"brings more than {_NAMESPACES_LIMIT} namespaces into one event")
        while not (prefix and self._is_free(prefix)):
            self._made += 1
            prefix = f"ns{self._made}"
        self._take(prefix, namespace)
        return prefix

    def _is_free(self, prefix: str) -> bool:
        return prefix not in self.context and prefix not in _RESERVED and PREFIX.fullmatch(prefix) is not None

    def _take(self, prefix: str, namespace: str) -> None:
        self.context[prefix] = namespace
        self._prefixes.setdefault(namespace, prefix)


def _is_foreign(namespace: str) -> bool:
    return namespace not in _NOT_FOREIGN and _NAMESPACE.fullmatch(namespace) is not None


def qualified(name: str, context: Mapping[str, str]) -> str | None:
    """The XML name of a name in the model; None for what no XML name can be.

    A name without a prefix stays without a namespace. A whole URI is split after its last `/`, `#` or `:`.
    """
    prefix, colon, rest = name.partition(":")
    if not colon:
        return _xml_name(name)
    namespace = BUILT_IN.get(prefix) or context.get(prefix)
    if prefix == "xml":
        namespace = _XML
    if namespace is None:
        cut = max(name.rfind("/"), name.rfind("#"), name.rfind(":")) + 1
        namespace, rest = name[:cut], name[cut:]
    namespace = BUILT_IN.get(_OF_BUILT_IN.get(namespace, ""), namespace)
    found = _xml_name(rest)
    if found is None or namespace in _NOT_FOREIGN or not _NAMESPACE.fullmatch(namespace):
        return None
    return f"{{{namespace}}}{found}"


def _xml_name(name: str) -> str | None:
    if _ASCII_NAME.fullmatch(name):
        return name
    try:
        plain = unquote(name, errors="strict")
    except UnicodeDecodeError:
        return None
    is_same = quote(plain, safe="._-") == name or plain == name
    return plain if is_same and _NAME.fullmatch(plain) else None


def declared(context: Mapping[str, str]) -> dict[str, str]:
    """The declarations of namespaces that an event of this context gets in XML."""
    return {
        prefix: namespace
        for prefix, namespace in context.items()
        if prefix not in BUILT_IN and _NAME.fullmatch(prefix) and _is_foreign(namespace)
    }
