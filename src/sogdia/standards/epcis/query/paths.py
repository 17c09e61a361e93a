"""Which values an event has under which path: what conditions ask about and what an index stores.

A path is the name of a query parameter after its operator, with extension names written out (`names`): `bizStep`,
`source_owning_party`, `value`, `{http://ns.example.com}shade`, `INNER_ILMD_{urn:epcglobal:cbv:mda}lotNumber`.

- Fields of the standard have the names of their parameters. Types in `bizTransaction_`, `source_` and `destination_`
  and all words of CBV are bare words, other types URIs; identifiers are canonical (`names.thing`).
- Extensions have the area they stand in (`AREAS`) before their name, and `INNER_` before that when they are inside
  another extension at any depth. Each item of a list is a value. An object has no value of its own unless it has one
  under `@value` or `#text`; that it is there is an entry without value.
- Numbers with a unit stand twice: as written without unit, and in the base unit of the dimension (`units`).
- What sensor metadata and sensor reports both have (`time`, `deviceID`, `bizRules` ...) has one path.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from sogdia.standards.epcis.model import EpcisEvent, Place, QuantityElement, SensorElement, SensorMetadata, SensorReport
from sogdia.standards.epcis.query.conditions import Value
from sogdia.standards.epcis.query.names import expanded, thing_or_text, written_out
from sogdia.standards.epcis.query.units import in_base_unit
from sogdia.standards.epcis.query.values import exact, instant_in, value_of
from sogdia.standards.epcis.vocabulary import Kind, bare

AREAS: Final = (
    "ILMD_",
    "ERROR_DECLARATION_",
    "SENSORELEMENT_",
    "SENSORMETADATA_",
    "SENSORREPORT_",
    "readPoint_",
    "bizLocation_",
)
"""Where an extension stands that is not at the top of the event; the event itself has no mark."""

INNER: Final = "INNER_"
HEAD: Final = (
    "eventType",
    "eventID",
    "eventTime",
    "recordTime",
    "action",
    "bizStep",
    "disposition",
    "readPoint",
    "bizLocation",
    "transformationID",
)
"""Paths with at most one value in an event; an index may hold them as columns of its own."""

ITEM_ROLES: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
CLASS_ROLES: Final = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
ROLES: Final = (*ITEM_ROLES, "parentID", *CLASS_ROLES)
"""How things stand in an event, by the names of the JSON."""

EPC_CLASS: Final = "epcClass"
"""The one path that has no entries: its values are the things in CLASS_ROLES."""

_MEASURES: Final = ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue")
_THINGS: Final = (
    "deviceID",
    "dataProcessingMethod",
    "bizRules",
    "microorganism",
    "chemicalSubstance",
    "uriValue",
)
_TIMES: Final = ("time", "startTime", "endTime")
_OWN_VALUE: Final = ("@value", "#text")


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One value under one path: one row of an index. `uom` is a base unit, or empty."""

    path: str
    value: Value
    uom: str = ""


def head(event: EpcisEvent) -> Iterator[Entry]:
    """The entries under HEAD; `recordTime` only where the event says it, so whoever knows it better gives it."""
    yield Entry("eventType", Value(type(event).__struct_config__.tag))  # type: ignore[arg-type]
    yield from _texts("eventID", event.event_id)
    yield from _time("eventTime", event.event_time)
    yield from _time("recordTime", event.record_time)
    yield from _texts("action", getattr(event, "action", None))
    yield from _word(event, "bizStep", "bizStep", event.biz_step)
    yield from _word(event, "disposition", "disposition", event.disposition)
    yield from _thing("readPoint", event.read_point.id if event.read_point else None)
    yield from _thing("bizLocation", event.biz_location.id if event.biz_location else None)
    yield from _thing("transformationID", getattr(event, "transformation_id", None))


def entries(event: EpcisEvent) -> Iterator[Entry]:
    """All entries but those of HEAD, in the order of the event; the same entry may come twice."""
    if event.persistent_disposition is not None:
        for word in event.persistent_disposition.set:
            yield from _word(event, "persistentDisposition_set", "disposition", word)
        for word in event.persistent_disposition.unset:
            yield from _word(event, "persistentDisposition_unset", "disposition", word)
    yield from _typed_things(event)
    for _, element in _quantities(event):
        yield from _measure("quantity", element.quantity, element.uom)
    if event.error_declaration is not None:
        yield from _declared(event)
    if event.sensor_element_list:
        yield Entry("sensorElementList", Value())
    for sensor in event.sensor_element_list:
        yield from _sensed(sensor, event.context)
    yield from _added("ILMD_", getattr(event, "ilmd", {}), event.context)
    yield from _added_to_place("readPoint_", event.read_point, event.context)
    yield from _added_to_place("bizLocation_", event.biz_location, event.context)
    yield from _added("", event.extensions, event.context)


def values_of(event: EpcisEvent, path: str, uom: str = "") -> list[Value]:
    """All values that an event has under a path in a base unit, HEAD and `epcClass` too."""
    if path == EPC_CLASS:
        return [Value(uri) for role, uri in postings(event) if role in CLASS_ROLES]
    return [
        entry.value for source in (head, entries) for entry in source(event) if entry.path == path and entry.uom == uom
    ]


def postings(event: EpcisEvent) -> Iterator[tuple[str, str]]:
    """Each thing in the event as (role, canonical URI)."""
    for role, name in _ITEM_FIELDS:
        for epc in getattr(event, name, ()):
            yield role, thing_or_text(epc)
    parent = getattr(event, "parent_id", None)
    if parent is not None:
        yield "parentID", thing_or_text(parent)
    for role, element in _quantities(event):
        yield role, thing_or_text(element.epc_class)


_ITEM_FIELDS: Final = (
    ("epcList", "epc_list"),
    ("childEPCs", "child_epcs"),
    ("inputEPCList", "input_epc_list"),
    ("outputEPCList", "output_epc_list"),
)
_CLASS_FIELDS: Final = (
    ("quantityList", "quantity_list"),
    ("childQuantityList", "child_quantity_list"),
    ("inputQuantityList", "input_quantity_list"),
    ("outputQuantityList", "output_quantity_list"),
)


def _quantities(event: EpcisEvent) -> Iterator[tuple[str, QuantityElement]]:
    for role, name in _CLASS_FIELDS:
        for element in getattr(event, name, ()):
            yield role, element


# --- fields of the standard ------------------------------------------------------------------------------------------


def _texts(path: str, *texts: str | None) -> Iterator[Entry]:
    return (Entry(path, Value(text)) for text in texts if text is not None)


def _thing(path: str, text: str | None) -> Iterator[Entry]:
    if text is not None:
        yield Entry(path, Value(thing_or_text(text)))


def _word(event: EpcisEvent, path: str, kind: Kind, text: str | None) -> Iterator[Entry]:
    if text is not None:
        yield Entry(path, Value(bare(kind, expanded(text, event.context))))


def _time(path: str, text: str | None) -> Iterator[Entry]:
    if text is not None:
        yield Entry(path, Value(text, None, instant_in(text)))


def _measure(path: str, number: Decimal | None, uom: str | None) -> Iterator[Entry]:
    written = None if number is None else exact(number)
    if written is None:
        return
    yield Entry(path, Value(None, written))
    if uom:
        converted, base = in_base_unit(written, uom, is_spread=path == "sDev")
        yield Entry(path, Value(None, converted), base)


def type_path(field: str, kind: Kind, type_name: str, context: Mapping[str, str]) -> str:
    """The path of typed things: `bizTransaction_po`, `source_owning_party`, `destination_<URI>`."""
    return f"{field}_{bare(kind, expanded(type_name, context))}"


def _typed_things(event: EpcisEvent) -> Iterator[Entry]:
    for one in event.biz_transaction_list:
        yield from _thing(
            type_path("bizTransaction", "bizTransaction", one.type or "", event.context), one.biz_transaction
        )
    for source in event.source_list:
        yield from _thing(type_path("source", "sourceDestination", source.type, event.context), source.source)
    for goal in event.destination_list:
        yield from _thing(type_path("destination", "sourceDestination", goal.type, event.context), goal.destination)


def _declared(event: EpcisEvent) -> Iterator[Entry]:
    declaration = event.error_declaration
    assert declaration is not None
    yield Entry("errorDeclaration", Value())
    yield from _time("errorDeclarationTime", declaration.declaration_time)
    yield from _word(event, "errorReason", "errorReason", declaration.reason)
    yield from _texts("correctiveEventID", *declaration.corrective_event_ids)
    yield from _added("ERROR_DECLARATION_", declaration.extensions, event.context)


def _sensed(sensor: SensorElement, context: Mapping[str, str]) -> Iterator[Entry]:
    if sensor.sensor_metadata is not None:
        yield from _described(sensor.sensor_metadata)
        yield from _added("SENSORMETADATA_", sensor.sensor_metadata.extensions, context)
    for report in sensor.sensor_report:
        yield from _described(report)
        yield from _reported(report, context)
        yield from _added("SENSORREPORT_", report.extensions, context)
    yield from _added("SENSORELEMENT_", sensor.extensions, context)


def _described(part: SensorMetadata | SensorReport) -> Iterator[Entry]:
    for name, read in _PART_READERS.items():
        value = getattr(part, name, None)
        if value is not None:
            yield from read(_PATHS[name], value)


def _reported(report: SensorReport, context: Mapping[str, str]) -> Iterator[Entry]:
    if report.type is not None:
        yield Entry("type", Value(bare("measurement", expanded(report.type, context))))
    yield from _texts("stringValue", report.string_value)
    if report.boolean_value is not None:
        yield Entry("booleanValue", Value("true" if report.boolean_value else "false"))
    if report.hex_binary_value is not None:
        yield Entry("hexBinaryValue", Value(report.hex_binary_value.upper()))
    yield from _measure("percRank", report.perc_rank, None)
    for path in _MEASURES:
        number = getattr(report, _FIELDS[path])
        if number is not None:
            yield from _measure(path, number, report.uom)


_FIELDS: Final = {
    field.encode_name: field.name for kind in (SensorMetadata, SensorReport) for field in msgspec.structs.fields(kind)
}
_PATHS: Final = {name: path for path, name in _FIELDS.items()}
_PART_READERS: Final[Mapping[str, Callable[[str, str], Iterator[Entry]]]] = {
    **{_FIELDS[path]: _time for path in _TIMES},
    **{_FIELDS[path]: _thing for path in _THINGS},
}


# --- what other vocabularies add -------------------------------------------------------------------------------------


def _added_to_place(area: str, place: Place | None, context: Mapping[str, str]) -> Iterator[Entry]:
    return iter(()) if place is None else _added(area, place.extensions, context)


def _added(area: str, fields: Mapping[str, Any], context: Mapping[str, str]) -> Iterator[Entry]:
    for name, value in fields.items():
        if name[:1] not in "@#":
            yield from _values(area + written_out(name, context), value)
            yield from _inner(area if area.startswith(INNER) else INNER + area, value, context)


def _inner(area: str, value: Any, context: Mapping[str, str]) -> Iterator[Entry]:
    for item in _items(value):
        if isinstance(item, dict):
            yield from _added(area, item, context)


def _values(path: str, value: Any) -> Iterator[Entry]:
    if value is None:
        return
    found = [own for item in _items(value) if (own := value_of(_own(item))) is not None]
    if not found:
        yield Entry(path, Value())
    for one in found:
        yield Entry(path, one)


def _own(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return next((item[name] for name in _OWN_VALUE if name in item), None)


def _items(value: Any) -> Iterable[Any]:
    if not isinstance(value, list | tuple):
        yield value
        return
    for item in value:
        yield from _items(item)
