"""Bytes to plain data: reads one CEB message, refuses hostile bytes, and reports faults instead of stopping at one."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec
from lxml import etree

from sogdia.standards.ceb.document import BaseSubscribe, BaseTransfer, Document, Extension, Node, Record
from sogdia.standards.ceb.errors import XmlRefused
from sogdia.standards.ceb.facts import MESSAGES, ROOTS
from sogdia.standards.ceb.fields import BASE_SUBSCRIBE, BASE_TRANSFER, NAMESPACE, PDF_MISPRINTS, Field, Message
from sogdia.standards.ceb.problems import Layer, Problem, problem
from sogdia.standards.ceb.safe_xml import LIMITS, Limits, read_xml
from sogdia.standards.ceb.values import read

DS = "http://www.w3.org/2000/09/xmldsig#"
_CEB = f"{{{NAMESPACE}}}"
_SIGNATURE = f"{{{DS}}}Signature"
_ROOT_ATTRIBUTES = {
    "guid",
    "version",
    "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation",
    "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation",
}
_EXTENSION = ("name", "version", "Message")

_ATTRIBUTES = etree.XPath("boolean(//ceb:*[@*][parent::*])", namespaces={"ceb": NAMESPACE})
"""Whether any element below the root has attributes: almost never, so only then is each one asked."""

Index = dict[object, tuple[int, Field]]
Part = TypeVar("Part", BaseTransfer, BaseSubscribe)


def parse(xml: bytes, limits: Limits = LIMITS) -> Document:
    """Reads a message. What is wrong inside it comes back in `Document.findings` and from `validate`.

    An empty element counts as absent. Of a doubled element the first is kept, of an unknown one nothing.
    Raises `XmlRefused` when the bytes are hostile, not XML, or no CEB message that the table knows.
    """
    root = read_xml(xml, limits)
    return _Reader(message_of(root), limits).document(root)


def message_of(root: etree._Element) -> Message:
    """The message that a root element stands for. Raises `XmlRefused` for a foreign namespace or name."""
    name = etree.QName(root)
    if name.namespace != NAMESPACE:
        shown = name.namespace or "none"
        raise XmlRefused("wrong_namespace", f"namespace {shown}, {NAMESPACE} is expected", namespace=shown)
    if name.localname not in ROOTS:
        raise XmlRefused(
            "wrong_root", f"root {name.localname}, expected one of {', '.join(ROOTS)}", root=name.localname
        )
    return ROOTS[name.localname]


def _index(fields: tuple[Field, ...]) -> Index:
    return {_CEB + field.name: (rank, field) for rank, field in enumerate(fields)}


_HEADS = {number: _index(message.head) for number, message in MESSAGES.items()}
_LINES = {number: _index(message.lines) for number, message in MESSAGES.items()}
_TRANSFER = _index(BASE_TRANSFER)
_SUBSCRIBE = _index(BASE_SUBSCRIBE)


class _Reader:
    """Walks one message; collects faults as it goes."""

    def __init__(self, message: Message, limits: Limits) -> None:
        self.message = message
        self.limits = limits
        self.findings: list[Problem] = []
        self.attributes = False
        self.node: int | None = None
        self.line: int | None = None

    def document(self, root: etree._Element) -> Document:
        """The whole message; its top-level children by name, in the order that the flow prescribes."""
        self._attributes(root, _ROOT_ATTRIBUTES)
        self.attributes = bool(_ATTRIBUTES(root))
        parts = self._parts(root)
        extension = self._only(parts["ExtendMessage"])
        transfer = self._only(parts["BaseTransfer"])
        return Document(
            number=self.message.number,
            guid=root.get("guid", ""),
            nodes=self._nodes(parts[self.message.node_element]),
            transfer=None if transfer is None else self._part(transfer, _TRANSFER, BaseTransfer),
            version=root.get("version", ""),
            subscribes=tuple(self._part(part, _SUBSCRIBE, BaseSubscribe) for part in parts["BaseSubscribe"]),
            extension=None if extension is None else self._extension(extension),
            signed=self._only(parts["Signature"]) is not None,
            findings=tuple(self.findings),
        )

    def _parts(self, root: etree._Element) -> dict[str, list[etree._Element]]:
        """Import puts ExtendMessage before Signature, export after it."""
        sequence = top_level(self.message)
        parts: dict[str, list[etree._Element]] = {name: [] for name in sequence}
        last = 0
        for child in _elements(root):
            name = _top_name(child)
            if name not in parts:
                self._unknown(child)
                continue
            rank = sequence.index(name)
            if rank < last:
                self._find("out_of_order", name, expected=sequence[last])
            last = max(last, rank)
            parts[name].append(child)
        return parts

    def _nodes(self, elements: list[etree._Element]) -> tuple[Node, ...]:
        if len(elements) > self.limits.nodes_max:
            most = self.limits.nodes_max
            raise XmlRefused("too_many_nodes", f"{len(elements)} nodes, at most {most} are read", most=most)
        nodes = []
        for self.node, element in enumerate(elements, 1):
            nodes.append(self._node(element))
        self.node = None
        return tuple(nodes)

    def _node(self, element: etree._Element) -> Node:
        message, number = self.message, self.message.number
        self._attributes(element)
        if message.head_element is None:
            return Node(self._record(element, _HEADS[number]))
        head = None
        lines: list[Record] = []
        for child in _elements(element):
            if child.tag == _CEB + message.head_element:
                if head is not None:
                    self._find("duplicate_element", message.head_element)
                    continue
                if lines:
                    self._find("out_of_order", message.head_element, expected=message.line_element or "")
                head = self._record(child, _HEADS[number])
            elif message.line_element is not None and child.tag == _CEB + message.line_element:
                lines.append(self._goods_line(child, len(lines) + 1))
            else:
                self._unknown(child)
        return Node(head or {}, tuple(lines))

    def _goods_line(self, element: etree._Element, place: int) -> Record:
        if place > self.limits.lines_max:
            most = self.limits.lines_max
            raise XmlRefused("too_many_lines", f"more than {most} lines in one node", most=most)
        self.line = place
        before = len(self.findings)
        record = self._record(element, _LINES[self.message.number])
        gnum = record.get("gnum")
        if isinstance(gnum, int):
            self.findings[before:] = [msgspec.structs.replace(found, line=gnum) for found in self.findings[before:]]
        self.line = None
        return record

    def _record(self, parent: etree._Element, index: Index) -> Record:
        """The fields under one element: hot, so it asks the index once per child."""
        record: Record = {}
        last, behind, ordered = -1, "", self.message.ordered
        if self.attributes:
            self._attributes(parent)
        for child in parent:
            known = index.get(child.tag)
            if known is None:
                if isinstance(child.tag, str):
                    self._unknown(child)
                continue
            rank, field = known
            if rank > last:
                last, behind = rank, field.name
            elif rank < last and ordered:
                self._find("out_of_order", field.name, expected=behind)
            if field.name in record:
                self._find("duplicate_element", field.name, value=child.text or "")
            elif len(child):
                self._find("nested_element", field.name)
            elif text := child.text:
                record[field.name] = read(field, text)
            if self.attributes:
                self._attributes(child)
        return record

    def _part(self, element: etree._Element, index: Index, kind: type[Part]) -> Part:
        fields = dict.fromkeys(kind.__struct_encode_fields__, "") | self._record(element, index)
        return msgspec.convert(fields, kind)

    def _extension(self, element: etree._Element) -> Extension:
        found: dict[str, str] = {}
        for child in _elements(element):
            name = _local(child)
            if name not in _EXTENSION or name in found:
                self._unknown(child)
                continue
            if len(child):  # comments were refused, so these are elements
                self._find("unread_extension", "ExtendMessage", layer="business")
            found[name] = child.text or ""
        return Extension(*(found.get(name, "") for name in _EXTENSION))

    def _only(self, elements: list[etree._Element]) -> etree._Element | None:
        """The one element that may stand here; any further one is a fault."""
        for extra in elements[1:]:
            self._find("duplicate_element", _top_name(extra))
        return elements[0] if elements else None

    def _attributes(self, element: etree._Element, allowed: set[str] | None = None) -> None:
        for name in map(str, element.attrib):
            if not allowed or name not in allowed:
                self._find("unknown_attribute", etree.QName(element).localname, value=name)

    def _unknown(self, element: etree._Element) -> None:
        name = etree.QName(element)
        shown = name.localname if name.namespace == NAMESPACE else name.text
        expected = PDF_MISPRINTS.get(name.localname, "")
        self._find(
            "misprinted_element" if expected else "unknown_element", shown, value=element.text or "", expected=expected
        )

    def _find(
        self,
        code: str,
        element: str,
        *,
        value: object = "",
        expected: str = "",
        layer: Layer = "schema",
    ) -> None:
        """Notes a fault; a `derived` one where the elements of the message were not all read from the source."""
        if len(self.findings) >= self.limits.findings_max:
            most = self.limits.findings_max
            raise XmlRefused("too_many_faults", f"more than {most} faults of structure; reading stopped", most=most)
        found = problem(
            code,
            self.message.number,
            element,
            node=self.node,
            line=self.line,
            value=value,
            expected=expected,
            layer=layer,
            certainty="read" if self.message.ordered else "derived",
        )
        self.findings.append(found)


def top_level(message: Message) -> tuple[str, ...]:
    """The children of the root in order. Import puts ExtendMessage before Signature, export after (CEB 202205)."""
    tail = ("ExtendMessage", "Signature") if message.flow == "import" else ("Signature", "ExtendMessage")
    return (message.node_element, "BaseTransfer", "BaseSubscribe", *tail)


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    """Children without the comments between them."""
    return (child for child in parent if isinstance(child.tag, str))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if str(element.tag).startswith(_CEB) else ""


def _top_name(element: etree._Element) -> str:
    return "Signature" if element.tag == _SIGNATURE else _local(element)
