"""Readers of the fields that all kinds of events share: an element in, a value of the model out, or Unread."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, get_args

from lxml import etree

from sogdia.standards.epcis import model, moments
from sogdia.standards.epcis.repairing import values as repairs
from sogdia.standards.epcis.repairing.keys import Role, repaired_key, repaired_name
from sogdia.standards.epcis.vocabulary import Kind, bare
from sogdia.standards.epcis.xml.names import XSI
from sogdia.standards.epcis.xml.scope import Scope
from sogdia.standards.gs1.errors import BadIdentifier

Reader = Callable[[etree._Element, Scope], Any]

_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DOUBLE: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]{1,4})?")
_DIGITS_LIMIT: Final = 1_000
_ENDS: Final[dict[str, Role]] = {"location": "place", "owning_party": "party", "possessing_party": "party"}
_NIL: Final = f"{{{XSI}}}nil"
_WRAPPER: Final = "extension"


def uri(element: etree._Element, scope: Scope) -> str:
    """A URI, whatever it names."""
    text = scope.text(element)
    return scope.repair(element, text, repaired_name(text)) if scope.tolerance else text


def thing(element: etree._Element, scope: Scope) -> str:
    """A URI of a thing."""
    found = uri(element, scope)
    return scope.repair(element, found, _key(found, "thing")) if scope.tolerance else found


def _key(text: str, role: Role) -> str:
    """A bare number under the one key that this role leaves it; anything else as it stands, for the rules to refuse."""
    try:
        return repaired_key(text, role) if text.isdigit() else text
    except BadIdentifier:
        return text


def time(element: etree._Element, scope: Scope) -> str:
    """A time as it is written."""
    text = scope.text(element)
    if scope.tolerance and not moments.is_moment(text):
        offset = scope.offset if element.tag == "eventTime" else ""
        return scope.repair(element, text, repairs.repaired_time(text, offset, scope.tolerance.zone))
    return text


def offset(element: etree._Element, scope: Scope) -> str:
    """The offset of local time where the event happened."""
    text = scope.text(element)
    return scope.repair(element, text, repairs.repaired_offset(text)) if scope.tolerance else text


def action(element: etree._Element, scope: Scope) -> str:
    """ADD, OBSERVE or DELETE."""
    text = scope.text(element)
    if text not in get_args(model.Action):
        raise scope.unread(element, text, "is no action", "write ADD, OBSERVE or DELETE")
    return text


def word(kind: Kind) -> Reader:
    """A reader of words of CBV in any spelling, and of others' URIs."""

    def read(element: etree._Element, scope: Scope) -> str:
        return bare(kind, uri(element, scope))

    return read


def typed(kind: Kind, make: type, name: str) -> Reader:
    """A reader of an element with a `type` of CBV and a URI: `make(type=..., name=...)`."""

    def read(element: etree._Element, scope: Scope) -> Any:
        given = dict(element.items())
        type_ = given.pop("type", None)
        text = (element.text or "").strip()
        if len(element) or not text or any(not key.startswith(f"{{{XSI}}}") for key in given):
            raise scope.unread(element, text, "is no URI with a type", "write a URI, and its type as an attribute")
        if type_ is None and make is not model.BizTransaction:
            raise scope.unread(element, text, "has no type", "add the attribute `type`")
        named = None if type_ is None else bare(kind, type_.strip())
        if scope.tolerance:
            role: Role = "other" if make is model.BizTransaction else _ENDS.get(named or "", "other")
            text = scope.repair(element, text, _key(repairs.repaired_uri(text), role))
        return make(**{name: text, "type": named})

    return read


def several(tag: str, read: Reader) -> Reader:
    """A reader of lists whose elements are all of one name."""

    def read_all(element: etree._Element, scope: Scope) -> tuple[Any, ...]:
        scope.no_attributes(element)
        found = []
        for child in element:
            if child.tag != tag:
                raise scope.unread(child, None, f"is no {tag}", f"a list holds elements `{tag}` only")
            found.append(read(child, scope))
        return tuple(found)

    return read_all


def quantity(element: etree._Element, scope: Scope) -> model.QuantityElement:
    """So much of a class."""
    scope.no_attributes(element)
    given: dict[str, Any] = {}
    for child in element:
        if child.tag not in ("epcClass", "quantity", "uom") or child.tag in given:
            raise scope.unread(child, None, "is not of the standard here, or twice", "take it out")
        if child.tag == "quantity":
            given["quantity"] = _quantity(child, scope)
        else:
            given[child.tag] = uri(child, scope) if child.tag == "epcClass" else scope.text(child)
    if "epcClass" not in given:
        raise scope.unread(element, None, "has no epcClass", "say of what it is so much")
    return model.QuantityElement(epc_class=given["epcClass"], quantity=given.get("quantity"), uom=given.get("uom"))


def _quantity(element: etree._Element, scope: Scope) -> Decimal | None:
    if element.get(_NIL) in ("true", "1") and not element.text:
        return None
    return number(element, scope.text(element), scope, _DECIMAL)


def number(
    element: etree._Element, text: str, scope: Scope, shape: re.Pattern[str] = _DOUBLE, name: str = ""
) -> Decimal:
    """An exact number; infinities are none."""
    if len(text) > _DIGITS_LIMIT or not shape.fullmatch(text):
        raise scope.unread(element, text, "is no decimal number", "write digits with a point, like 26.5", name)
    return Decimal(text)


def place(element: etree._Element, scope: Scope) -> model.Place:
    """A read point or business location."""
    scope.no_attributes(element)
    found = ""
    extensions: dict[str, Any] = {}
    for child in unwrapped(element):
        if child.tag == "id":
            found = _place_uri(child, scope)
        else:
            scope.foreign(extensions, child)
    if not found and scope.tolerance and len(element) == 0:
        found = _place_uri(element, scope)
    if not found:
        raise scope.unread(element, None, "has no id", "put its URI into an element `id`")
    return model.Place(id=found, extensions=extensions)


def _place_uri(element: etree._Element, scope: Scope) -> str:
    text = scope.text(element)
    if scope.tolerance is None:
        return text
    return scope.repair(element, text, repairs.repaired_place(_key(text, "place"), scope.tolerance.base))


def unwrapped(element: etree._Element) -> list[etree._Element]:
    """The children, and in place of each `extension` what is in it."""
    found: list[etree._Element] = []
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        if child.tag == _WRAPPER:
            waiting.extend(reversed(child))
        else:
            found.append(child)
    return found


def parts(element: etree._Element, scope: Scope) -> dict[str, Any]:
    """What others say of items and lots (`ilmd`)."""
    found: dict[str, Any] = {}
    scope.foreign_attributes(found, element)
    for child in unwrapped(element):
        scope.foreign(found, child)
    return found


_corrective = several("correctiveEventID", uri)
_dispositions = word("disposition")


def declaration(element: etree._Element, scope: Scope) -> model.ErrorDeclaration:
    """That the event with this ID was wrong."""
    given: dict[str, Any] = {}
    readers: dict[str, tuple[str, Reader]] = {
        "declarationTime": ("declaration_time", time),
        "reason": ("reason", word("errorReason")),
        "correctiveEventIDs": ("corrective_event_ids", _corrective),
    }
    extensions: dict[str, Any] = {}
    scope.foreign_attributes(extensions, element)
    for child in unwrapped(element):
        if child.tag not in readers:
            scope.foreign(extensions, child)
            continue
        name, read = readers[child.tag]
        if name in given:
            raise scope.unread(child, None, "stands twice", "keep one")
        given[name] = read(child, scope)
    if "declaration_time" not in given:
        raise scope.unread(element, None, "has no declarationTime", "say when the error was declared")
    return model.ErrorDeclaration(**given, extensions=extensions)


def persistent(element: etree._Element, scope: Scope) -> model.PersistentDisposition:
    """Conditions that begin and end."""
    scope.no_attributes(element)
    found: dict[str, list[str]] = {"set": [], "unset": []}
    for child in element:
        if child.tag not in found:
            raise scope.unread(child, None, "is neither `set` nor `unset`", "take it out")
        found[child.tag].append(_dispositions(child, scope))
    return model.PersistentDisposition(set=tuple(found["set"]), unset=tuple(found["unset"]))
