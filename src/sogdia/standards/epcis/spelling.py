"""One spelling throughout an event: CBV words made bare, identifiers given another form."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from sogdia.standards.epcis.model import (
    AggregationEvent,
    AnyEvent,
    AssociationEvent,
    BizTransaction,
    Destination,
    Place,
    QuantityElement,
    SensorElement,
    SensorReport,
    Source,
    TransactionEvent,
    TransformationEvent,
)
from sogdia.standards.epcis.vocabulary import Kind, bare

Translate = Callable[[str], str]


def with_bare_words(event: AnyEvent) -> AnyEvent:
    """The event with the bare word wherever CBV has one."""
    changed: dict[str, Any] = {
        "biz_step": _word("bizStep", event.biz_step),
        "disposition": _word("disposition", event.disposition),
        "biz_transaction_list": tuple(_typed("bizTransaction", item) for item in event.biz_transaction_list),
        "source_list": tuple(_typed("sourceDestination", item) for item in event.source_list),
        "destination_list": tuple(_typed("sourceDestination", item) for item in event.destination_list),
        "sensor_element_list": tuple(_sensor_words(element) for element in event.sensor_element_list),
    }
    both, declared = event.persistent_disposition, event.error_declaration
    if both is not None:
        kept = {name: tuple(bare("disposition", word) for word in getattr(both, name)) for name in ("set", "unset")}
        changed["persistent_disposition"] = replace(both, **kept)
    if declared is not None:
        changed["error_declaration"] = replace(declared, reason=_word("errorReason", declared.reason))
    return replace(event, **changed)


def _word(kind: Kind, value: str | None) -> str | None:
    return None if value is None else bare(kind, value)


def _typed(kind: Kind, item: BizTransaction | Source | Destination) -> BizTransaction | Source | Destination:
    return replace(item, type=_word(kind, item.type))


def _sensor_words(element: SensorElement) -> SensorElement:
    return replace(element, sensor_report=tuple(map(_report_words, element.sensor_report)))


def _report_words(report: SensorReport) -> SensorReport:
    return replace(
        report,
        type=_word("measurement", report.type),
        exception=_word("alert", report.exception),
        component=_word("component", report.component),
    )


def with_identifiers(event: AnyEvent, translate: Translate) -> AnyEvent:
    """The event with each identifier of a thing, class, place, party, document or device in another form.

    `translate` takes and gives the URI; what it cannot translate it gives back. Event IDs, words, sensor data and what
    others added stay as they are.
    """
    changed: dict[str, Any] = {
        "read_point": _place(event.read_point, translate),
        "biz_location": _place(event.biz_location, translate),
        "biz_transaction_list": tuple(
            replace(item, biz_transaction=translate(item.biz_transaction)) for item in event.biz_transaction_list
        ),
        "source_list": tuple(replace(item, source=translate(item.source)) for item in event.source_list),
        "destination_list": tuple(
            replace(item, destination=translate(item.destination)) for item in event.destination_list
        ),
        "sensor_element_list": tuple(_devices(element, translate) for element in event.sensor_element_list),
    }
    return replace(event, **changed, **_things(event, translate))


def _things(event: AnyEvent, translate: Translate) -> dict[str, Any]:
    def each(uris: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(translate, uris))

    def amounts(quantities: tuple[QuantityElement, ...]) -> tuple[QuantityElement, ...]:
        return tuple(replace(quantity, epc_class=translate(quantity.epc_class)) for quantity in quantities)

    if isinstance(event, TransformationEvent):
        return {
            "input_epc_list": each(event.input_epc_list),
            "input_quantity_list": amounts(event.input_quantity_list),
            "output_epc_list": each(event.output_epc_list),
            "output_quantity_list": amounts(event.output_quantity_list),
            "transformation_id": _maybe(event.transformation_id, translate),
        }
    if isinstance(event, AggregationEvent | AssociationEvent):
        return {
            "parent_id": _maybe(event.parent_id, translate),
            "child_epcs": each(event.child_epcs),
            "child_quantity_list": amounts(event.child_quantity_list),
        }
    parent = {"parent_id": _maybe(event.parent_id, translate)} if isinstance(event, TransactionEvent) else {}
    return {"epc_list": each(event.epc_list), "quantity_list": amounts(event.quantity_list), **parent}


def _maybe(uri: str | None, translate: Translate) -> str | None:
    return None if uri is None else translate(uri)


def _place(place: Place | None, translate: Translate) -> Place | None:
    return None if place is None else replace(place, id=translate(place.id))


def _devices(element: SensorElement, translate: Translate) -> SensorElement:
    metadata = element.sensor_metadata
    return replace(
        element,
        sensor_metadata=metadata and replace(metadata, device_id=_maybe(metadata.device_id, translate)),
        sensor_report=tuple(
            replace(report, device_id=_maybe(report.device_id, translate)) for report in element.sensor_report
        ),
    )
