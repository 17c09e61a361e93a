"""The model as XML of 2.0 or 1.2, valid by the XSD, and all that the version cannot say named.

An event that XML cannot have at all, such as one in a leap second, is left out and named. What 1.2 has no word for
(sensors, persistent dispositions, certificates, association events) stands in the innermost `extension`, the place its
schema keeps for later editions: nothing is lost on the way back, and a reader of 1.2 passes over it.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from lxml import etree

from sogdia.standards.epcis import model
from sogdia.standards.epcis.faults import shown
from sogdia.standards.epcis.vocabulary import Spelling
from sogdia.standards.epcis.xml import parts
from sogdia.standards.epcis.xml.changes import Loss
from sogdia.standards.epcis.xml.envelope import BusinessHeader, write_envelope
from sogdia.standards.epcis.xml.kinds import NAMES, kind_of
from sogdia.standards.epcis.xml.layouts import EMPTY_BUT_THERE, LAYOUTS, UNKNOWN_TO_1_2, WRAPPERS, Layout, Version
from sogdia.standards.epcis.xml.names import declared
from sogdia.standards.epcis.xml.parts import Pen, Writer
from sogdia.standards.epcis.xml.shapes import time_or_none

_EPCS: Final = parts.texts("epc")
_WRITERS: Final[dict[str, Writer]] = {
    "eventTime": parts.time,
    "recordTime": parts.time,
    "eventTimeZoneOffset": parts.text,
    "eventID": parts.text,
    "errorDeclaration": parts.declaration,
    "certificationInfo": parts.certification,
    "action": parts.text,
    "bizStep": parts.word("bizStep"),
    "disposition": parts.word("disposition"),
    "persistentDisposition": parts.persistent,
    "readPoint": parts.place,
    "bizLocation": parts.place,
    "bizTransactionList": parts.typed("bizTransaction", "bizTransaction", "biz_transaction"),
    "sourceList": parts.typed("source", "sourceDestination", "source"),
    "destinationList": parts.typed("destination", "sourceDestination", "destination"),
    "sensorElementList": parts.sensors,
    "epcList": _EPCS,
    "childEPCs": _EPCS,
    "inputEPCList": _EPCS,
    "outputEPCList": _EPCS,
    "quantityList": parts.quantities,
    "childQuantityList": parts.quantities,
    "inputQuantityList": parts.quantities,
    "outputQuantityList": parts.quantities,
    "parentID": parts.text,
    "transformationID": parts.text,
    "ilmd": parts.ilmd,
}
_SINCE_2: Final = "came with 2.0"


class Written(msgspec.Struct, frozen=True):
    """A document and what it does not say, or says only to readers of 2.0."""

    xml: bytes
    losses: tuple[Loss, ...]


def write(
    document: model.Document,
    version: Version = "2.0",
    spelling: Spelling = "No_Preference",
    business_header: BusinessHeader | None = None,
) -> Written:
    """A document with events and master data; an answer to a query if it has a `query_name`.

    `spelling` is the header GS1-CBV-XML-Format; without a wish, and in 1.2, words of CBV are URNs. Master data in 1.2
    need a business header and are named as lost without one. Raises Refused for a document without a creation date.
    """
    losses: list[Loss] = []
    root, listed = write_envelope(document, version, business_header, _told(losses, 0))
    for number, event in enumerate(document.events, 1):
        write_event(listed, event, number, version, "Always_URN" if version == "1.2" else spelling, losses)
    return Written(etree.tostring(root, xml_declaration=True, encoding="UTF-8"), tuple(losses))


def write_event(
    listed: etree._Element,
    event: model.AnyEvent,
    number: int,
    version: Version,
    spelling: Spelling,
    losses: list[Loss],
) -> None:
    """Put one event into a list of events; `losses` grows by what is lost."""
    kind = kind_of(event)
    told = _told(losses, number)
    if _is_untold(event):
        told(kind, event.event_id or event.event_time, "is an event at a time that XML does not know")
        return
    holder = listed
    for wrapper in WRAPPERS[version].get(kind, ()):
        holder = etree.SubElement(holder, wrapper)
    element = etree.SubElement(holder, kind, nsmap=declared(event.context))
    pen = Pen(event.context, spelling, told)
    if version == "1.2" and kind == "AssociationEvent":
        losses.append(Loss(number, kind, event.event_id or "", _SINCE_2, carried=True))
    _write_fields(element, event, LAYOUTS[version][kind], EMPTY_BUT_THERE[version].get(kind, ""), pen)
    if version == "1.2":
        losses.extend(_beyond(event, number))
    parts.others(element, event.extensions, pen)


def _is_untold(event: model.AnyEvent) -> bool:
    declared_at = event.error_declaration.declaration_time if event.error_declaration else event.event_time
    return time_or_none(event.event_time) is None or time_or_none(declared_at) is None


def _write_fields(parent: etree._Element, event: model.AnyEvent, layout: Layout, always: str, pen: Pen) -> None:
    names = NAMES[kind_of(event)]
    for entry in layout:
        if isinstance(entry, tuple):
            name = entry[0]
            assert isinstance(name, str)
            wrapper = etree.SubElement(parent, name)
            _write_fields(wrapper, event, entry[1:], always, pen)
            if len(wrapper) == 0:
                parent.remove(wrapper)
            continue
        value: Any = getattr(event, names[entry])
        if value or entry == always:
            _WRITERS[entry](parent, entry, value, pen)


def _beyond(event: model.AnyEvent, number: int) -> list[Loss]:
    names = NAMES[kind_of(event)]
    return [
        Loss(number, name, "", _SINCE_2, carried=True) for name in sorted(UNKNOWN_TO_1_2) if getattr(event, names[name])
    ]


def _told(losses: list[Loss], number: int) -> Callable[[str, object, str], None]:
    def told(field: str, value: object, wrong: str) -> None:
        losses.append(Loss(number, field, shown(value), wrong))

    return told
