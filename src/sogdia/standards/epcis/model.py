"""The events of EPCIS 2.0 as typed values; the JSON names are the standard's.

What another vocabulary adds to an event, place, sensor element or declaration is in `extensions`, under its name as it
was written, `prefix:name`; `context` of the event says which namespace each prefix stands for. Numbers are exact.
Times and identifiers stay as they were written: `moments` and `standards.gs1` tell which instants and things they are.

Source: EPCIS 2.0.1 JSON Schema; XSD 2.0 for what the two differ in.
"""

from decimal import Decimal
from typing import Any, Final, Literal

import msgspec
from msgspec import field

EXTENSIONS: Final = "*"
"""The name under which the model keeps what others add; no name of the standard or of a vocabulary looks like it."""

Action = Literal["OBSERVE", "ADD", "DELETE"]
Extensions = dict[str, Any]


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What all parts of an event have in common: fields that hold nothing are left out."""


class Extended(Part, frozen=True, kw_only=True, omit_defaults=True):
    """A part to which other vocabularies may add."""

    extensions: Extensions = field(name=EXTENSIONS, default_factory=dict)


class Place(Extended, frozen=True, kw_only=True, omit_defaults=True):
    """A read point or business location."""

    id: str


class QuantityElement(Part, frozen=True, kw_only=True, omit_defaults=True):
    """So much of a class: a number of pieces, or with `uom` (UN/ECE Recommendation 20) a measure."""

    epc_class: str = field(name="epcClass")
    quantity: Decimal | None = None
    uom: str | None = None


class BizTransaction(Part, frozen=True, kw_only=True, omit_defaults=True):
    """A business document that the event belongs to."""

    type: str | None = None
    biz_transaction: str = field(name="bizTransaction")


class Source(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Where or whose things were before."""

    type: str
    source: str


class Destination(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Where or whose things are meant to be afterwards."""

    type: str
    destination: str


class PersistentDisposition(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Conditions that begin (`set`) and end (`unset`) and hold in between; at least one of them is given."""

    set: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()


class ErrorDeclaration(Extended, frozen=True, kw_only=True, omit_defaults=True):
    """The event with this one's ID was wrong; others may stand in its place."""

    declaration_time: str = field(name="declarationTime")
    reason: str | None = None
    corrective_event_ids: tuple[str, ...] = field(name="correctiveEventIDs", default=())


class SensorMetadata(Extended, frozen=True, kw_only=True, omit_defaults=True):
    """What holds for all reports of a sensor element."""

    time: str | None = None
    start_time: str | None = field(name="startTime", default=None)
    end_time: str | None = field(name="endTime", default=None)
    device_id: str | None = field(name="deviceID", default=None)
    device_metadata: str | None = field(name="deviceMetadata", default=None)
    raw_data: str | None = field(name="rawData", default=None)
    data_processing_method: str | None = field(name="dataProcessingMethod", default=None)
    biz_rules: str | None = field(name="bizRules", default=None)


class SensorReport(Extended, frozen=True, kw_only=True, omit_defaults=True):
    """One reading of one kind; `exception` marks an alarm or a fault of the sensor."""

    type: str | None = None
    exception: str | None = None
    device_id: str | None = field(name="deviceID", default=None)
    device_metadata: str | None = field(name="deviceMetadata", default=None)
    raw_data: str | None = field(name="rawData", default=None)
    data_processing_method: str | None = field(name="dataProcessingMethod", default=None)
    biz_rules: str | None = field(name="bizRules", default=None)
    time: str | None = None
    microorganism: str | None = None
    chemical_substance: str | None = field(name="chemicalSubstance", default=None)
    coordinate_reference_system: str | None = field(name="coordinateReferenceSystem", default=None)
    value: Decimal | None = None
    component: str | None = None
    string_value: str | None = field(name="stringValue", default=None)
    boolean_value: bool | None = field(name="booleanValue", default=None)
    hex_binary_value: str | None = field(name="hexBinaryValue", default=None)
    uri_value: str | None = field(name="uriValue", default=None)
    min_value: Decimal | None = field(name="minValue", default=None)
    max_value: Decimal | None = field(name="maxValue", default=None)
    mean_value: Decimal | None = field(name="meanValue", default=None)
    s_dev: Decimal | None = field(name="sDev", default=None)
    perc_rank: Decimal | None = field(name="percRank", default=None)
    perc_value: Decimal | None = field(name="percValue", default=None)
    uom: str | None = None


class SensorElement(Extended, frozen=True, kw_only=True, omit_defaults=True):
    """Readings that belong together."""

    sensor_metadata: SensorMetadata | None = field(name="sensorMetadata", default=None)
    sensor_report: tuple[SensorReport, ...] = field(name="sensorReport")


class EpcisEvent(Extended, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What the five kinds of events have in common: when, why, where, and what other vocabularies add."""

    context: dict[str, str] = field(name="@context", default_factory=dict)
    event_id: str | None = field(name="eventID", default=None)
    event_time: str = field(name="eventTime")
    record_time: str | None = field(name="recordTime", default=None)
    event_time_zone_offset: str = field(name="eventTimeZoneOffset")
    error_declaration: ErrorDeclaration | None = field(name="errorDeclaration", default=None)
    certification_info: tuple[str, ...] | str | None = field(name="certificationInfo", default=None)
    biz_step: str | None = field(name="bizStep", default=None)
    disposition: str | None = None
    persistent_disposition: PersistentDisposition | None = field(name="persistentDisposition", default=None)
    read_point: Place | None = field(name="readPoint", default=None)
    biz_location: Place | None = field(name="bizLocation", default=None)
    biz_transaction_list: tuple[BizTransaction, ...] = field(name="bizTransactionList", default=())
    source_list: tuple[Source, ...] = field(name="sourceList", default=())
    destination_list: tuple[Destination, ...] = field(name="destinationList", default=())
    sensor_element_list: tuple[SensorElement, ...] = field(name="sensorElementList", default=())


class ObjectEvent(EpcisEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ObjectEvent"):
    """Something happened to things."""

    action: Action
    epc_list: tuple[str, ...] = field(name="epcList", default=())
    quantity_list: tuple[QuantityElement, ...] = field(name="quantityList", default=())
    ilmd: dict[str, Any] = field(default_factory=dict)


class AggregationEvent(EpcisEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AggregationEvent"):
    """Things were put into a parent, seen in it, or taken out."""

    action: Action
    parent_id: str | None = field(name="parentID", default=None)
    child_epcs: tuple[str, ...] = field(name="childEPCs", default=())
    child_quantity_list: tuple[QuantityElement, ...] = field(name="childQuantityList", default=())


class AssociationEvent(EpcisEvent, frozen=True, kw_only=True, omit_defaults=True, tag="AssociationEvent"):
    """Things were bound to a parent, such as a sensor to a container."""

    action: Action
    parent_id: str = field(name="parentID")
    child_epcs: tuple[str, ...] = field(name="childEPCs", default=())
    child_quantity_list: tuple[QuantityElement, ...] = field(name="childQuantityList", default=())


class TransactionEvent(EpcisEvent, frozen=True, kw_only=True, omit_defaults=True, tag="TransactionEvent"):
    """Things became part of a business transaction, or ceased to be."""

    action: Action
    parent_id: str | None = field(name="parentID", default=None)
    epc_list: tuple[str, ...] = field(name="epcList", default=())
    quantity_list: tuple[QuantityElement, ...] = field(name="quantityList", default=())


class TransformationEvent(EpcisEvent, frozen=True, kw_only=True, omit_defaults=True, tag="TransformationEvent"):
    """Inputs were used up and outputs made, in one event or in several with one `transformation_id`."""

    input_epc_list: tuple[str, ...] = field(name="inputEPCList", default=())
    input_quantity_list: tuple[QuantityElement, ...] = field(name="inputQuantityList", default=())
    output_epc_list: tuple[str, ...] = field(name="outputEPCList", default=())
    output_quantity_list: tuple[QuantityElement, ...] = field(name="outputQuantityList", default=())
    transformation_id: str | None = field(name="transformationID", default=None)
    ilmd: dict[str, Any] = field(default_factory=dict)


AnyEvent = ObjectEvent | AggregationEvent | AssociationEvent | TransactionEvent | TransformationEvent
EVENT_TYPES: Final = {
    kind.__struct_config__.tag: kind
    for kind in (ObjectEvent, AggregationEvent, AssociationEvent, TransactionEvent, TransformationEvent)
}


class VocabularyAttribute(msgspec.Struct, frozen=True):
    """One attribute of master data; a value with parts is a list of names and values."""

    id: str
    value: Any


class VocabularyElement(msgspec.Struct, frozen=True):
    """One place or thing of a vocabulary; `children` are those within it."""

    id: str
    attributes: tuple[VocabularyAttribute, ...] = ()
    children: tuple[str, ...] = ()


class Vocabulary(msgspec.Struct, frozen=True):
    """Master data of one kind."""

    type: str
    elements: tuple[VocabularyElement, ...] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """An EPCIS document or the answer to a query; `query_name` is empty for a document."""

    schema_version: str = "2.0"
    creation_date: str = ""
    events: tuple[AnyEvent, ...] = ()
    vocabularies: tuple[Vocabulary, ...] = ()
    context: dict[str, str] = field(default_factory=dict)
    query_name: str = ""
    subscription_id: str = ""
