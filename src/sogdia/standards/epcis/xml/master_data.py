"""Master data in the header of a document: places, parties and things, one element at a time."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from sogdia.standards.epcis.master_data import parts_of
from sogdia.standards.epcis.model import Vocabulary, VocabularyAttribute, VocabularyElement
from sogdia.standards.epcis.xml.fields import unwrapped
from sogdia.standards.epcis.xml.foreign import TEXT, TooDeep, put, value_of
from sogdia.standards.epcis.xml.foreign_writing import Lost, plain_text, write_attribute, write_part
from sogdia.standards.epcis.xml.names import NoName, prefix_of, tag_of
from sogdia.standards.epcis.xml.scope import Scope


def read_element(element: etree._Element, scope: Scope) -> VocabularyElement:
    """One place or thing. An attribute's value is a text, or pairs of the names and values in it. Raises Unread."""
    attributes: list[VocabularyAttribute] = []
    children: list[str] = []
    for child in unwrapped(element):
        if child.tag == "attribute":
            attributes.append(_attribute(child, scope))
        elif child.tag == "children":
            children.extend(scope.text(one) for one in child)
        else:
            raise scope.unread(child, None, "is not of the standard here", "take it out")
    return VocabularyElement(_id_of(element, scope), tuple(attributes), tuple(children))


def _id_of(element: etree._Element, scope: Scope) -> str:
    found = (element.get("id") or "").strip()
    if not found:
        raise scope.unread(element, None, "has no id", "add the attribute `id` with a URI")
    return found


def _attribute(element: etree._Element, scope: Scope) -> VocabularyAttribute:
    name = _id_of(element, scope)
    parts: dict[str, Any] = {}
    try:
        for child in element:
            put(parts, scope.prefixes.name(tag_of(child), child.prefix), value_of(child, scope.prefixes))
        for key, value in element.items():
            if key != "id" and "XMLSchema-instance" not in key:
                parts[f"@{scope.prefixes.name(key, prefix_of(element, key))}"] = value
    except (NoName, TooDeep) as wrong:
        raise scope.unread(element, None, str(wrong), "use names of your own namespace and fewer levels") from None
    text = "".join(str(piece) for piece in element.xpath("text()")).strip()
    if not parts:
        return VocabularyAttribute(name, text)
    return VocabularyAttribute(name, parts_of(parts | {TEXT: text} if text else parts))


def write_vocabularies(
    parent: etree._Element, vocabularies: tuple[Vocabulary, ...], context: Mapping[str, str], lost: Lost
) -> None:
    """Put a `VocabularyList` under an element."""
    listed = etree.SubElement(parent, "VocabularyList")
    for vocabulary in vocabularies:
        one = etree.SubElement(listed, "Vocabulary", type=vocabulary.type)
        if vocabulary.elements:
            elements = etree.SubElement(one, "VocabularyElementList")
            for element in vocabulary.elements:
                _write_element(elements, element, context, lost)


def _write_element(parent: etree._Element, element: VocabularyElement, context: Mapping[str, str], lost: Lost) -> None:
    made = etree.SubElement(parent, "VocabularyElement", id=element.id)
    for attribute in element.attributes:
        _write_attribute(etree.SubElement(made, "attribute", id=attribute.id), attribute, context, lost)
    if element.children:
        children = etree.SubElement(made, "children")
        for child in element.children:
            etree.SubElement(children, "id").text = child


def _write_attribute(
    element: etree._Element, attribute: VocabularyAttribute, context: Mapping[str, str], lost: Lost
) -> None:
    if not isinstance(attribute.value, tuple):
        try:
            element.text = "" if attribute.value is None else plain_text(attribute.value)
        except ValueError:
            lost(attribute.id, attribute.value, "has characters that XML cannot have")
        return
    for name, value in attribute.value:
        if name == TEXT:
            element.text = str(value)
        elif name.startswith("@"):
            write_attribute(element, name[1:], value, context, lost)
        else:
            write_part(element, name, _object_of(value), context, lost)


def _object_of(value: Any) -> Any:
    """A value of pairs as the object that it was."""
    if not isinstance(value, tuple):
        return value
    parts: dict[str, Any] = {}
    for name, inner in value:
        put(parts, name, _object_of(inner))
    return parts
