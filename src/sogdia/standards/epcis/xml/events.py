"""One event of XML, 1.2 or 2.0, as an event of the model: what 1.2 wraps in `extension` is read where 2.0 has it."""

from typing import Any, Final

from lxml import etree

from sogdia.standards.epcis import model
from sogdia.standards.epcis.moments import is_moment
from sogdia.standards.epcis.repairing.told import Repair
from sogdia.standards.epcis.repairing.values import offset_of, repaired_offset
from sogdia.standards.epcis.xml import fields
from sogdia.standards.epcis.xml.fields import Reader, several, typed, word
from sogdia.standards.epcis.xml.kinds import KINDS, NAMES, NEEDED, QUANTITY_EVENT
from sogdia.standards.epcis.xml.names import tag_of
from sogdia.standards.epcis.xml.scope import Scope
from sogdia.standards.epcis.xml.sensors import sensor

_EPCS: Final = several("epc", fields.thing)
_QUANTITIES: Final = several("quantityElement", fields.quantity)
_FIELDS: Final[dict[str, Reader]] = {
    "eventTime": fields.time,
    "recordTime": fields.time,
    "eventTimeZoneOffset": fields.offset,
    "eventID": fields.uri,
    "errorDeclaration": fields.declaration,
    "certificationInfo": fields.uri,
    "action": fields.action,
    "bizStep": word("bizStep"),
    "disposition": word("disposition"),
    "persistentDisposition": fields.persistent,
    "readPoint": fields.place,
    "bizLocation": fields.place,
    "bizTransactionList": several("bizTransaction", typed("bizTransaction", model.BizTransaction, "biz_transaction")),
    "sourceList": several("source", typed("sourceDestination", model.Source, "source")),
    "destinationList": several("destination", typed("sourceDestination", model.Destination, "destination")),
    "sensorElementList": several("sensorElement", sensor),
    "epcList": _EPCS,
    "childEPCs": _EPCS,
    "inputEPCList": _EPCS,
    "outputEPCList": _EPCS,
    "quantityList": _QUANTITIES,
    "childQuantityList": _QUANTITIES,
    "inputQuantityList": _QUANTITIES,
    "outputQuantityList": _QUANTITIES,
    "parentID": fields.thing,
    "transformationID": fields.uri,
    "ilmd": fields.parts,
}
_MAY_BE_EMPTY: Final = frozenset(name for name in _FIELDS if name.endswith(("List", "EPCs")) or name == "ilmd")
_WRAPPERS: Final = ("extension", "baseExtension")


def read_event(element: etree._Element, scope: Scope) -> model.AnyEvent:
    """The event that an element is. Raises Unread for the first fault; the checks of the standard are not made here."""
    is_quantity = element.tag == QUANTITY_EVENT
    kind = "ObjectEvent" if is_quantity else tag_of(element)
    if scope.tolerance is not None:
        scope.offset = repaired_offset(element.findtext("eventTimeZoneOffset") or "")
    _take_declarations(element, scope)
    given: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    scope.foreign_attributes(extensions, element)
    if is_quantity:
        given |= {"action": "OBSERVE", "quantity_list": (_quantity_of(element, scope),)}
    _collect(element, kind, given, extensions, scope)
    _add_offset(element, given, scope)
    for name, shown in NEEDED[kind]:
        if name not in given:
            raise scope.unread(element, None, f"has no {shown}", "add it")
    return KINDS[kind](**given, extensions=extensions, context=scope.prefixes.context)


def _collect(
    element: etree._Element, kind: str, given: dict[str, Any], extensions: dict[str, Any], scope: Scope
) -> None:
    names = NAMES[kind]
    for child in element:
        tag = tag_of(child)
        read = _FIELDS.get(tag)
        if read is None:
            if tag in _WRAPPERS:
                _collect(child, kind, given, extensions, scope)
            else:
                scope.foreign(extensions, child)
            continue
        name = names.get(tag)
        if name is None or name in given:
            wrong = "stands twice" if name else f"is nothing that {kind} has"
            raise scope.unread(child, None, wrong, "take it out")
        if scope.tolerance is not None and _is_void(child) and tag not in _MAY_BE_EMPTY:
            scope.repair(child, "", "nothing")
            continue
        given[name] = read(child, scope)


def _add_offset(element: etree._Element, given: dict[str, Any], scope: Scope) -> None:
    """Put the offset there that the event's time tells, or the operator's zone."""
    time = given.get("event_time", "")
    if scope.tolerance is None or "event_time_zone_offset" in given or not is_moment(time):
        return
    found = offset_of(time, scope.tolerance.zone)
    if found:
        at = f"eventTimeZoneOffset in the event at line {element.sourceline}"
        scope.repairs.append(Repair(scope.number, at, "", found))
        given["event_time_zone_offset"] = found


def _is_void(element: etree._Element) -> bool:
    return len(element) == 0 and not (element.text or "").strip() and not element.keys()


def _quantity_of(element: etree._Element, scope: Scope) -> model.QuantityElement:
    """The class and quantity of a QuantityEvent, taken out of it."""
    whole = etree.Element("quantityElement")
    for name in ("epcClass", "quantity"):
        found = element.find(name)
        if found is None:
            raise scope.unread(element, None, f"has no {name}", "add it")
        whole.append(found)
    return fields.quantity(whole, scope)


def _take_declarations(element: etree._Element, scope: Scope) -> None:
    parent = element.getparent()
    known = {} if parent is None else parent.nsmap
    for prefix, namespace in element.nsmap.items():
        if known.get(prefix) != namespace:
            scope.prefixes.declare(prefix, namespace)
