"""The fields of the five events, and which of them go together; the rules themselves are in `checks`."""

from typing import Any, Final

from sogdia.standards.epcis.checks import (
    HEX,
    OFFSET,
    UOM,
    Fields,
    Told,
    anything,
    judge_fields,
    listed,
    names,
    number,
    one_of,
    part,
    shape,
    text,
    time,
    truth,
    uri,
    uri_or_uris,
    word,
)
from sogdia.standards.epcis.faults import Fault, shown

FAULTS_LIMIT: Final = 20
"""So many faults of one event are told; the rest follow when these are put right."""

_QUANTITIES = listed(
    part(
        {"epcClass": uri, "quantity": number, "uom": shape(UOM, "write a code of UN/ECE Rec. 20 like KGM")},
        ("epcClass",),
    )
)
_PLACE = part({"id": uri}, ("id",), is_open=True)
_DISPOSITIONS = listed(word("disposition"), least=1, unique=True)
_DEVICE: Fields = {
    "time": time,
    **dict.fromkeys(("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), uri),
}
_REPORT: Fields = {
    **_DEVICE,
    "type": word("measurement"),
    "exception": word("alert"),
    "component": word("component"),
    **dict.fromkeys(("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), uri),
    **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), number),
    "stringValue": text,
    "booleanValue": truth,
    "hexBinaryValue": shape(HEX, "write digits 0-9 and letters A-F"),
    "uom": text,
}
_SENSOR = part(
    {
        "sensorMetadata": part({**_DEVICE, "startTime": time, "endTime": time}, is_open=True),
        "sensorReport": listed(part(_REPORT, ("type",), is_open=True), least=1),
    },
    ("sensorReport",),
    is_open=True,
)


def _persistent(value: Any, at: str, told: Told) -> None:
    part({"set": _DISPOSITIONS, "unset": _DISPOSITIONS})(value, at, told)
    if value == {}:
        told(at, value, "says nothing", "add set or unset, or leave it out")


def _ended(kind: str) -> Any:
    return listed(part({"type": word("sourceDestination"), kind: uri}, ("type", kind)))


_SHARED: Fields = {
    "@context": anything,
    "type": anything,
    "eventTime": time,
    "recordTime": time,
    "eventTimeZoneOffset": shape(OFFSET, "write it like +08:00, from -14:00 to +14:00"),
    "eventID": uri,
    "certificationInfo": uri_or_uris,
    "errorDeclaration": part(
        {"declarationTime": time, "reason": word("errorReason"), "correctiveEventIDs": listed(uri)},
        ("declarationTime",),
        is_open=True,
    ),
    "bizStep": word("bizStep"),
    "disposition": word("disposition"),
    "persistentDisposition": _persistent,
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": listed(part({"type": word("bizTransaction"), "bizTransaction": uri}, ("bizTransaction",))),
    "sourceList": _ended("source"),
    "destinationList": _ended("destination"),
    "sensorElementList": listed(_SENSOR),
}
_SHARED_ACTION: Fields = {**_SHARED, "action": one_of("OBSERVE", "ADD", "DELETE")}
_CHILDREN: Fields = {**_SHARED_ACTION, "parentID": uri, "childEPCs": listed(uri), "childQuantityList": _QUANTITIES}
_THINGS = listed(uri, unique=True)
_TIMES = ("eventTime", "eventTimeZoneOffset")

FIELDS: Final[dict[str, Fields]] = {
    "ObjectEvent": {**_SHARED_ACTION, "epcList": _THINGS, "quantityList": _QUANTITIES, "ilmd": names},
    "AggregationEvent": _CHILDREN,
    "AssociationEvent": _CHILDREN,
    "TransactionEvent": {
        **_SHARED_ACTION,
        "parentID": uri,
        "epcList": listed(uri),
        "quantityList": _QUANTITIES,
        "bizTransactionList": listed(
            part({"type": word("bizTransaction"), "bizTransaction": uri}, ("bizTransaction",)), 1
        ),
    },
    "TransformationEvent": {
        **_SHARED,
        "inputEPCList": _THINGS,
        "inputQuantityList": _QUANTITIES,
        "outputEPCList": _THINGS,
        "outputQuantityList": _QUANTITIES,
        "transformationID": uri,
        "ilmd": names,
    },
}
_REQUIRED: Final = {
    "ObjectEvent": (*_TIMES, "action"),
    "AggregationEvent": (*_TIMES, "action"),
    "AssociationEvent": (*_TIMES, "action", "parentID"),
    "TransactionEvent": (*_TIMES, "action", "bizTransactionList"),
    "TransformationEvent": _TIMES,
}


def judge(value: Any, event: int = 1) -> tuple[Fault, ...]:
    """What is wrong with an event (plain JSON value, numbers exact), at most FAULTS_LIMIT faults; empty: nothing."""
    found: list[Fault] = []

    def told(field: str, thing: Any, wrong: str, remedy: str) -> None:
        found.append(
            Fault(event, field, "" if thing is None and wrong == "is missing" else shown(thing), wrong, remedy)
        )

    if not isinstance(value, dict):
        told("", value, "is no event", "put its fields in braces")
    elif not isinstance(value.get("type"), str) or value["type"] not in FIELDS:
        told("type", value.get("type"), "is no type of event that is read", f"write one of {', '.join(FIELDS)}")
    else:
        kind = value["type"]
        judge_fields(value, FIELDS[kind], _REQUIRED[kind], "", told, is_open=True)
        _judge_together(kind, value, told)
    return tuple(found[:FAULTS_LIMIT])


def _judge_together(kind: str, value: dict[str, Any], told: Told) -> None:
    action = value.get("action")
    if kind == "ObjectEvent":
        sensed = value.get("sensorElementList") and "readPoint" in value
        if "epcList" not in value and not value.get("quantityList") and not sensed:
            told("epcList", None, "is missing", "add epcList, quantityList, or sensorElementList with readPoint")
        if "ilmd" in value and action in ("OBSERVE", "DELETE"):
            told("ilmd", value["ilmd"], f"does not go with action {action}", "leave it out, or write action ADD")
    elif kind in ("AggregationEvent", "AssociationEvent"):
        if not value.get("childEPCs") and not value.get("childQuantityList") and action in ("OBSERVE", "ADD"):
            told("childEPCs", None, "is missing", "add childEPCs or childQuantityList; only DELETE goes without")
    elif kind == "TransactionEvent":
        if "epcList" not in value and not value.get("quantityList") and action in ("OBSERVE", "ADD"):
            told("epcList", None, "is missing", "add epcList or quantityList; only DELETE goes without")
    else:
        put_in = value.get("inputEPCList") or value.get("inputQuantityList")
        came_out = value.get("outputEPCList") or value.get("outputQuantityList")
        if not (put_in and came_out) and not ("transformationID" in value and (put_in or came_out)):
            told("outputEPCList", None, "is missing", "add inputs and outputs, or one of them and a transformationID")
