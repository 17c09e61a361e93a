"""Values of other vocabularies as elements and attributes, in the way that `foreign` reads them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from lxml import etree

from sogdia.standards.epcis.xml.foreign import NIL, TEXT, TYPE, flat
from sogdia.standards.epcis.xml.names import qualified

Lost = Callable[[str, object, str], None]
"""Told of what XML cannot say: name, value, why."""


def write_part(parent: etree._Element, name: str, value: Any, context: Mapping[str, str], lost: Lost) -> None:
    """Put what another vocabulary adds under an element; what XML cannot say is told to `lost` and left out."""
    tag = qualified(name, context)
    if tag is None:
        lost(name, value, "has a name that XML cannot have")
        return
    for one in flat(value):
        child = etree.SubElement(parent, tag)
        if isinstance(one, dict):
            _write_object(child, name, one, context, lost)
        else:
            _write_plain(child, name, one, lost)


def _write_object(
    element: etree._Element, name: str, value: dict[str, Any], context: Mapping[str, str], lost: Lost
) -> None:
    for part, inner in value.items():
        if part == TEXT:
            _write_text(element, f"{name}/{part}", inner, is_alone=len(value) == 1, lost=lost)
        elif part.startswith("@"):
            write_attribute(element, part[1:], inner, context, lost)
        else:
            write_part(element, part, inner, context, lost)
    if len(element) == 0 and not element.text and not element.keys():
        element.set(TYPE, "xsd:anyType")


def _write_text(element: etree._Element, name: str, value: Any, *, is_alone: bool, lost: Lost) -> None:
    if isinstance(value, dict | list | tuple) or (value is None and not is_alone):
        lost(name, value, "is no text")
    elif isinstance(value, str) or is_alone:
        _write_plain(element, name, value, lost)
    else:
        element.text = plain_text(value)
        lost(name, value, "becomes a text, for XML has no type beside attributes")


def write_attribute(element: etree._Element, name: str, value: Any, context: Mapping[str, str], lost: Lost) -> None:
    """Put what another vocabulary adds into an attribute; told to `lost` if it has parts or is no text."""
    tag = qualified(name, context)
    if tag is None or isinstance(value, dict | list | tuple) or value is None:
        why = (
            "has a name that XML cannot have" if tag is None else "has parts, and stands where XML has attributes only"
        )
        lost(name, value, why)
        return
    try:
        element.set(tag, plain_text(value))
    except ValueError:
        lost(name, value, "has characters that XML cannot have")
        return
    if not isinstance(value, str):
        lost(name, value, "becomes a text, for attributes have no type")


def _write_plain(element: etree._Element, name: str, value: Any, lost: Lost) -> None:
    if value is None:
        element.set(NIL, "true")
        return
    try:
        element.text = plain_text(value)
    except ValueError:
        lost(name, value, "has characters that XML cannot have")
        return
    if isinstance(value, bool):
        element.set(TYPE, "xsd:boolean")
    elif isinstance(value, int):
        element.set(TYPE, "xsd:integer")
    elif isinstance(value, Decimal):
        element.set(TYPE, "xsd:double" if "E" in element.text else "xsd:decimal")


def plain_text(value: Any) -> str:
    """A text, number or boolean as XML Schema writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
