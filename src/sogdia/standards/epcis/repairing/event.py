"""The text of one event to the event that was meant, with what was put right; or to what is wrong with it."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from sogdia.standards.epcis.contexts import NONE, Prefixes
from sogdia.standards.epcis.event_rules import FAULTS_LIMIT
from sogdia.standards.epcis.faults import Fault, Refused
from sogdia.standards.epcis.model import (
    AggregationEvent,
    AnyEvent,
    AssociationEvent,
    QuantityElement,
    TransactionEvent,
    TransformationEvent,
)
from sogdia.standards.epcis.moments import is_moment
from sogdia.standards.epcis.reading import UNREADABLE, plain_json, read_event
from sogdia.standards.epcis.repairing.fields import ALIASES, EVENT, mended
from sogdia.standards.epcis.repairing.names import own_names
from sogdia.standards.epcis.repairing.told import Repair, Tolerance
from sogdia.standards.epcis.repairing.values import offset_of
from sogdia.standards.epcis.repairing.work import Work
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_DOUBTFUL: Final = re.compile(
    rb'/01/(?:[0-9]{8}|[0-9]{12,13})["/?#]|"uom":\s*"[^"]*[a-z]|\\u|"(?i:epc:|epcglobal:|uuid:)'
)
"""What an event may have that keeps all rules: short GTINs, units in small letters, URNs without `urn:`."""
_ORDER: Final = ("type", "eventTimeZoneOffset")


class Put(msgspec.Struct):
    """An event that was read, with its repairs; or the faults of one that cannot be, and no event."""

    event: AnyEvent | None
    repairs: list[Repair] = []
    faults: list[Fault] = []


def put_right(text: bytes, number: int, tolerance: Tolerance, prefixes: Prefixes = NONE) -> Put:
    """Read an event, put right where that takes no guess. Never raises for what stands in it."""
    refused: tuple[Fault, ...] = ()
    try:
        event = read_event(text, prefixes, number)
    except Refused as wrong:
        refused = wrong.faults
    else:
        if not _DOUBTFUL.search(text) and _are_right(event):
            return Put(event)
    try:
        value = plain_json(text)
    except UNREADABLE:
        return Put(None, [], list(refused))
    if not isinstance(value, dict):
        return Put(None, [], list(refused))
    return _mended(value, Work(number, tolerance), prefixes)


def _mended(value: dict[str, Any], work: Work, prefixes: Prefixes) -> Put:
    right = _with_offset(_in_order(value, work), work)
    try:
        event = read_event(_encode(right), prefixes, work.number)
    except Refused as wrong:
        known = {fault.field for fault in work.faults}
        told = work.faults + [fault for fault in wrong.faults if fault.field not in known]
        return Put(None, work.repairs, told[:FAULTS_LIMIT])
    except UNREADABLE as wrong:
        return Put(None, work.repairs, [Fault(work.number, "", "", f"cannot be written ({wrong})", "write it as JSON")])
    return Put(None if work.faults else event, work.repairs, work.faults)


def _in_order(value: dict[str, Any], work: Work) -> dict[str, Any]:
    """Put right, the offset before the times that need it."""
    named = own_names(value, EVENT, ALIASES, "", work)
    first = mended({name: named[name] for name in _ORDER if name in named}, EVENT, "", work, {})
    work.kind, work.offset = str(first.get("type") or ""), str(first.get("eventTimeZoneOffset") or "")
    rest = mended({name: thing for name, thing in named.items() if name not in _ORDER}, EVENT, "", work, {})
    return first | rest


def _with_offset(value: dict[str, Any], work: Work) -> dict[str, Any]:
    time = value.get("eventTime")
    if "eventTimeZoneOffset" in value or not isinstance(time, str) or not is_moment(time):
        return value
    found = offset_of(time, work.zone)
    return {**value, "eventTimeZoneOffset": work.put("eventTimeZoneOffset", "", found, "offset")} if found else value


def _are_right(event: AnyEvent) -> bool:
    try:
        for text in _identifiers(event):
            canonical(text)
    except BadIdentifier:
        return False
    return True


def _identifiers(event: AnyEvent) -> Iterator[str]:
    """What names a thing, class, place, party or document in an event, as `fields` has them."""
    quantities: tuple[QuantityElement, ...]
    if isinstance(event, TransformationEvent):
        yield from event.input_epc_list
        yield from event.output_epc_list
        quantities = event.input_quantity_list + event.output_quantity_list
        if event.transformation_id is not None:
            yield event.transformation_id
    elif isinstance(event, AggregationEvent | AssociationEvent):
        yield from event.child_epcs
        quantities = event.child_quantity_list
    else:
        yield from event.epc_list
        quantities = event.quantity_list
    if isinstance(event, AggregationEvent | AssociationEvent | TransactionEvent) and event.parent_id is not None:
        yield event.parent_id
    for quantity in quantities:
        yield quantity.epc_class
    for place in (event.read_point, event.biz_location):
        if place is not None:
            yield place.id
    for transaction in event.biz_transaction_list:
        yield transaction.biz_transaction
    for source in event.source_list:
        yield source.source
    for destination in event.destination_list:
        yield destination.destination
    for element in event.sensor_element_list:
        for told in (element.sensor_metadata, *element.sensor_report):
            if told is not None and told.device_id is not None:
                yield told.device_id
