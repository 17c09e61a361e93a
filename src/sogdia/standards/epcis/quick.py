"""Whether a typed event keeps every rule of `checks`, said in a few microseconds; a no is only a doubt.

What the types cannot hold apart is looked up in the text: numbers in quotation marks, empty lists, `null`, an `ilmd`
without content. Where that is in doubt the answer is no, and `checks` decides on the plain value.
"""

import re
from decimal import Decimal
from typing import Final

from sogdia.standards.epcis.checks import CBV_PREFIXES, HEX, NUMBER_CHARS, OFFSET, UOM, VOC_PREFIXES
from sogdia.standards.epcis.model import (
    AggregationEvent,
    AnyEvent,
    AssociationEvent,
    BizTransaction,
    ErrorDeclaration,
    ObjectEvent,
    PersistentDisposition,
    QuantityElement,
    SensorElement,
    SensorMetadata,
    SensorReport,
    TransactionEvent,
)
from sogdia.standards.epcis.moments import is_moment
from sogdia.standards.epcis.uris import all_uris, is_uri
from sogdia.standards.epcis.vocabulary import BIZ_STEPS, DISPOSITIONS, WORDS, Kind, bare

_NUMBER_AS_TEXT: Final = re.compile(rb'"(?:quantity|value|m(?:in|ax|ean)Value|sDev|perc(?:Rank|Value))"\s*:\s*"')
_EMPTY_LIST: Final = re.compile(rb"\[\s*\]")


def has_doubtful_signs(text: bytes) -> bool:
    """Whether a text has what a typed event cannot tell: `null`, escaped letters, the model's name for extensions."""
    return b"null" in text or b"\\u" in text or b'"*"' in text


def fits(event: AnyEvent, text: bytes) -> bool:
    """Whether an event keeps all rules; `text` is the JSON that it was read from, without doubtful signs."""
    uris: list[str] = []
    return (
        OFFSET.fullmatch(event.event_time_zone_offset) is not None
        and is_moment(event.event_time)
        and (event.biz_step is None or event.biz_step in BIZ_STEPS or _is_word("bizStep", event.biz_step))
        and (
            event.disposition is None or event.disposition in DISPOSITIONS or _is_word("disposition", event.disposition)
        )
        and _has_its_things(event, text, uris)
        and _has_good_rest(event, text, uris)
        and (not uris or all_uris(uris))
    )


def _is_word(kind: Kind, value: str | None) -> bool:
    if value is None or value in WORDS[kind]:
        return True
    foreign = bare(kind, value) == value and is_uri(value)
    return foreign and not value.startswith(VOC_PREFIXES if kind in ("measurement", "alert") else CBV_PREFIXES)


def _has_its_things(event: AnyEvent, text: bytes, uris: list[str]) -> bool:
    if isinstance(event, ObjectEvent):
        things = event.epc_list
        uris += things
        sensed = event.sensor_element_list and event.read_point is not None
        return (
            bool(things or event.quantity_list or sensed)
            and len(set(things)) == len(things)
            and (event.action == "ADD" or b'"ilmd"' not in text)
            and _are_quantities(event.quantity_list, text, uris)
        )
    if isinstance(event, AggregationEvent | AssociationEvent):
        if event.parent_id is not None:
            uris.append(event.parent_id)
        uris += event.child_epcs
        return bool(event.child_epcs or event.child_quantity_list or event.action == "DELETE") and _are_quantities(
            event.child_quantity_list, text, uris
        )
    if isinstance(event, TransactionEvent):
        if event.parent_id is not None:
            uris.append(event.parent_id)
        uris += event.epc_list
        return (
            bool(event.biz_transaction_list)
            and bool(event.epc_list or event.quantity_list or event.action == "DELETE")
            and _are_quantities(event.quantity_list, text, uris)
        )
    put_in, came_out = event.input_epc_list, event.output_epc_list
    uris += put_in
    uris += came_out
    if event.transformation_id is not None:
        uris.append(event.transformation_id)
    has_input, has_output = put_in or event.input_quantity_list, came_out or event.output_quantity_list
    return (
        bool((has_input and has_output) or (event.transformation_id is not None and (has_input or has_output)))
        and len(set(put_in)) == len(put_in)
        and len(set(came_out)) == len(came_out)
        and _are_quantities(event.input_quantity_list + event.output_quantity_list, text, uris)
    )


def _are_quantities(quantities: tuple[QuantityElement, ...], text: bytes, uris: list[str]) -> bool:
    if not quantities:
        return True
    uris += [quantity.epc_class for quantity in quantities]
    return not _NUMBER_AS_TEXT.search(text) and all(
        _is_short(quantity.quantity) and (quantity.uom is None or UOM.fullmatch(quantity.uom))
        for quantity in quantities
    )


def _is_short(number: Decimal | None) -> bool:
    return number is None or len(str(number)) <= NUMBER_CHARS


def _has_good_rest(event: AnyEvent, text: bytes, uris: list[str]) -> bool:
    if event.event_id is not None:
        uris.append(event.event_id)
    if event.read_point is not None:
        uris.append(event.read_point.id)
    if event.biz_location is not None:
        uris.append(event.biz_location.id)
    if event.certification_info:
        uris += [event.certification_info] if isinstance(event.certification_info, str) else event.certification_info
    uris += [transaction.biz_transaction for transaction in event.biz_transaction_list]
    uris += [source.source for source in event.source_list]
    uris += [destination.destination for destination in event.destination_list]
    return (
        (event.record_time is None or is_moment(event.record_time))
        and (not event.biz_transaction_list or _are_transactions(event.biz_transaction_list))
        and all(_is_word("sourceDestination", source.type) for source in event.source_list)
        and all(_is_word("sourceDestination", destination.type) for destination in event.destination_list)
        and (event.persistent_disposition is None or _persists(event.persistent_disposition, text))
        and (event.error_declaration is None or _declares(event.error_declaration, uris))
        and (not event.sensor_element_list or _are_sensors(event.sensor_element_list, text, uris))
    )


def _are_transactions(transactions: tuple[BizTransaction, ...]) -> bool:
    return all(_is_word("bizTransaction", transaction.type) for transaction in transactions)


def _persists(both: PersistentDisposition, text: bytes) -> bool:
    return (
        bool(both.set or both.unset)
        and (bool(both.set and both.unset) or not _EMPTY_LIST.search(text))
        and len(set(both.set)) == len(both.set)
        and len(set(both.unset)) == len(both.unset)
        and all(_is_word("disposition", disposition) for disposition in (*both.set, *both.unset))
    )


def _declares(declaration: ErrorDeclaration, uris: list[str]) -> bool:
    uris += declaration.corrective_event_ids
    return is_moment(declaration.declaration_time) and _is_word("errorReason", declaration.reason)


def _are_sensors(elements: tuple[SensorElement, ...], text: bytes, uris: list[str]) -> bool:
    return not _NUMBER_AS_TEXT.search(text) and all(
        element.sensor_report
        and (element.sensor_metadata is None or _is_metadata(element.sensor_metadata, uris))
        and all(_is_report(report, uris) for report in element.sensor_report)
        for element in elements
    )


def _is_metadata(metadata: SensorMetadata, uris: list[str]) -> bool:
    _add_device(metadata, uris)
    times = (metadata.time, metadata.start_time, metadata.end_time)
    return all(time is None or is_moment(time) for time in times)


def _is_report(report: SensorReport, uris: list[str]) -> bool:
    _add_device(report, uris)
    others = (report.microorganism, report.chemical_substance, report.coordinate_reference_system, report.uri_value)
    uris += [other for other in others if other is not None]
    numbers = (report.value, report.min_value, report.max_value, report.mean_value)
    return (
        report.type is not None
        and _is_word("measurement", report.type)
        and _is_word("alert", report.exception)
        and _is_word("component", report.component)
        and (report.time is None or is_moment(report.time))
        and all(map(_is_short, (*numbers, report.s_dev, report.perc_rank, report.perc_value)))
        and (report.hex_binary_value is None or HEX.fullmatch(report.hex_binary_value) is not None)
    )


def _add_device(told: SensorMetadata | SensorReport, uris: list[str]) -> None:
    given = (told.device_id, told.device_metadata, told.raw_data, told.data_processing_method, told.biz_rules)
    uris += [uri for uri in given if uri is not None]
