"""Writers of the fields of events: a value of the model under an element, in the order of the XSD."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec
from lxml import etree

from sogdia.standards.epcis import model
from sogdia.standards.epcis.vocabulary import Kind, Spelling, spelled
from sogdia.standards.epcis.xml.foreign_writing import Lost, plain_text, write_attribute, write_part
from sogdia.standards.epcis.xml.names import XSI, tag_of
from sogdia.standards.epcis.xml.shapes import FIXED_LIMIT, hex_or_none, time_or_none


class Pen(msgspec.Struct, frozen=True):
    """How one event is written: its context, the spelling of CBV's words, and who is told what is lost."""

    context: dict[str, str]
    spelling: Spelling
    lost: Lost

    def word(self, kind: Kind, value: str) -> str:
        """A word of CBV as asked for."""
        return spelled(kind, value, self.spelling)


Writer = Callable[[etree._Element, str, Any, Pen], None]


def text(parent: etree._Element, name: str, value: str, pen: Pen, **attributes: str) -> None:
    """A URI or another text; nothing, told as lost, where it or an attribute has characters that XML cannot have."""
    element = etree.SubElement(parent, name)
    try:
        element.text = value
        element.attrib.update(attributes)
    except ValueError:
        parent.remove(element)
        pen.lost(name, value, "has characters that XML cannot have")


def time(parent: etree._Element, name: str, value: str, pen: Pen) -> None:
    """A time, if XML has such; one that it has not is told as lost."""
    written = time_or_none(value)
    if written is None:
        pen.lost(name, value, "is a time that XML does not know")
    else:
        etree.SubElement(parent, name).text = written


def word(kind: Kind) -> Writer:
    """A writer of words of CBV."""

    def write(parent: etree._Element, name: str, value: str, pen: Pen) -> None:
        text(parent, name, pen.word(kind, value), pen)

    return write


def texts(tag: str) -> Writer:
    """A writer of lists of URIs."""

    def write(parent: etree._Element, name: str, value: tuple[str, ...], pen: Pen) -> None:
        listed = etree.SubElement(parent, name)
        for one in value:
            text(listed, tag, one, pen)

    return write


def typed(tag: str, kind: Kind, field: str) -> Writer:
    """A writer of lists of URIs that have a type of CBV."""

    def write(parent: etree._Element, name: str, value: tuple[Any, ...], pen: Pen) -> None:
        listed = etree.SubElement(parent, name)
        for one in value:
            given = {} if one.type is None else {"type": pen.word(kind, one.type)}
            text(listed, tag, getattr(one, field), pen, **given)

    return write


def quantities(parent: etree._Element, name: str, value: tuple[model.QuantityElement, ...], pen: Pen) -> None:
    """So much of each class; without a number but with a unit, the number is said to be none."""
    listed = etree.SubElement(parent, name)
    for one in value:
        element = etree.SubElement(listed, "quantityElement")
        text(element, "epcClass", one.epc_class, pen)
        if one.quantity is not None:
            number = one.quantity
            if abs(number.adjusted()) > FIXED_LIMIT:
                pen.lost(name, number, "is a number too long to be written without an exponent")
                continue
            etree.SubElement(element, "quantity").text = format(number, "f")
        elif one.uom is not None:
            etree.SubElement(element, "quantity").set(f"{{{XSI}}}nil", "true")
        if one.uom is not None:
            text(element, "uom", one.uom, pen)


def others(parent: etree._Element, extensions: dict[str, Any], pen: Pen) -> None:
    """What other vocabularies add, as elements."""
    for name, value in extensions.items():
        if ":" in name:
            write_part(parent, name, value, pen.context, pen.lost)
        else:
            pen.lost(name, value, "has no namespace")


def place(parent: etree._Element, name: str, value: model.Place, pen: Pen) -> None:
    """A read point or business location."""
    element = etree.SubElement(parent, name)
    text(element, "id", value.id, pen)
    others(element, value.extensions, pen)


def ilmd(parent: etree._Element, name: str, value: dict[str, Any], pen: Pen) -> None:
    """What others say of items and lots."""
    others(etree.SubElement(parent, name), value, pen)


def certification(parent: etree._Element, name: str, value: str | tuple[str, ...], pen: Pen) -> None:
    """The first certificate; the XSD has room for no other."""
    found = (value,) if isinstance(value, str) else value
    for one in found[:1]:
        text(parent, name, one, pen)
    for one in found[1:]:
        pen.lost(name, one, "is one certificate more than XML has room for")


_REASON: Final = word("errorReason")
_DISPOSITION: Final = word("disposition")
_CORRECTIVE: Final = texts("correctiveEventID")


def declaration(parent: etree._Element, name: str, value: model.ErrorDeclaration, pen: Pen) -> None:
    """That the event with this ID was wrong."""
    element = etree.SubElement(parent, name)
    time(element, "declarationTime", value.declaration_time, pen)
    if value.reason is not None:
        _REASON(element, "reason", value.reason, pen)
    if value.corrective_event_ids:
        _CORRECTIVE(element, "correctiveEventIDs", value.corrective_event_ids, pen)
    others(element, value.extensions, pen)


def persistent(parent: etree._Element, name: str, value: model.PersistentDisposition, pen: Pen) -> None:
    """Conditions that end and begin."""
    element = etree.SubElement(parent, name)
    for one in value.unset:
        _DISPOSITION(element, "unset", one, pen)
    for one in value.set:
        _DISPOSITION(element, "set", one, pen)


_SENSOR_WORDS: Final[dict[str, Kind]] = {"type": "measurement", "exception": "alert", "component": "component"}
_SENSOR_TIMES: Final = frozenset(("time", "startTime", "endTime"))


def sensors(parent: etree._Element, name: str, value: tuple[model.SensorElement, ...], pen: Pen) -> None:
    """Readings; all that one says stands in attributes."""
    listed = etree.SubElement(parent, name)
    for one in value:
        element = etree.SubElement(listed, "sensorElement")
        if one.sensor_metadata is not None:
            _attributes(etree.SubElement(element, "sensorMetadata"), one.sensor_metadata, pen)
        for report in one.sensor_report:
            _attributes(etree.SubElement(element, "sensorReport"), report, pen)
        others(element, one.extensions, pen)


def _attributes(element: etree._Element, part: model.Extended, pen: Pen) -> None:
    for field in msgspec.structs.fields(part):
        value = getattr(part, field.name)
        if field.encode_name != model.EXTENSIONS and value is not None:
            _attribute(element, field.encode_name, value, pen)
    for name, value in part.extensions.items():
        write_attribute(element, name, value, pen.context, pen.lost)


def _attribute(element: etree._Element, name: str, value: str | bool | Decimal, pen: Pen) -> None:
    written: str | None = plain_text(value)
    if isinstance(value, str):
        if name in _SENSOR_WORDS:
            written = pen.word(_SENSOR_WORDS[name], value)
        elif name in _SENSOR_TIMES:
            written = time_or_none(value)
        elif name == "hexBinaryValue":
            written = hex_or_none(value)
    try:
        if written is not None:
            element.set(name, written)
    except ValueError:
        written = None
    if written is None:
        pen.lost(f"{tag_of(element)}/{name}", value, "is nothing that XML has for this")
