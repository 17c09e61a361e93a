"""Each field of an event put right by what kind of value it holds; the same tree as the rules in `event_rules`.

A mender takes a value, where it stands and the work, and gives the value to read. `GONE` leaves the field out. What a
mender does not understand it gives back: the rules then say what is wrong with it.
"""

from collections.abc import Callable
from typing import Any, Final

from sogdia.standards.epcis.moments import is_moment
from sogdia.standards.epcis.repairing import plain
from sogdia.standards.epcis.repairing.keys import Role, repaired_key, require_right
from sogdia.standards.epcis.repairing.names import Aliases, own_names
from sogdia.standards.epcis.repairing.plain import GONE, is_nothing
from sogdia.standards.epcis.repairing.told import Kind
from sogdia.standards.epcis.repairing.values import repaired_event_id, repaired_offset, repaired_time, repaired_uri
from sogdia.standards.epcis.repairing.work import Work
from sogdia.standards.gs1.errors import BadIdentifier

Mender = Callable[[Any, str, Work], Any]
Menders = dict[str, Mender]

_KEPT_EMPTY: Final = frozenset(("stringValue", "errorDeclaration", "@context"))
"""Fields in which nothing is said by an empty value, or that the rules judge."""


def uri(role: Role = "other") -> Mender:
    """A URI; where it is meant as an identifier of GS1, a right one."""

    def mend(value: Any, at: str, work: Work) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            value = work.put(at, value, str(value), "number")
        text = address(value, at, work)
        if not isinstance(text, str):
            return text
        try:
            kind: Kind = "gtin" if text.lower().startswith("http") else "key"
            text = work.swap(at, text, repaired_key(text, role), kind)
            require_right(text)
        except BadIdentifier as wrong:
            work.refuse(at, wrong)
        return text

    return mend


def address(value: Any, at: str, work: Work) -> Any:
    """A URI that names no thing."""
    if not isinstance(value, str):
        return value
    text = work.stripped(at, value)
    return work.swap(at, text, repaired_uri(text), "urn")


def time(value: Any, at: str, work: Work) -> Any:
    """A time; without an offset only the operator's zone tells which."""
    return _timed(value, at, work, "")


def event_time(value: Any, at: str, work: Work) -> Any:
    """The time of the event, whose offset the event may tell beside it."""
    return _timed(value, at, work, work.offset)


def _timed(value: Any, at: str, work: Work, offset: str) -> Any:
    if not isinstance(value, str):
        return value
    text = work.stripped(at, value)
    if is_moment(text):
        return text
    repaired = repaired_time(text, offset, work.zone)
    return work.swap(at, text, repaired, "time") if is_moment(repaired) else text


def offset(value: Any, at: str, work: Work) -> Any:
    """The offset of local time."""
    if not isinstance(value, str):
        return value
    text = work.stripped(at, value)
    return work.swap(at, text, repaired_offset(text), "offset")


def event_id(value: Any, at: str, work: Work) -> Any:
    """The ID of an event."""
    if not isinstance(value, str):
        return value
    text = work.stripped(at, value)
    return work.swap(at, text, repaired_event_id(text), "urn")


def listed(item: Mender, *wrappers: str, unique: bool = False) -> Mender:
    """A list; one thing alone, and what XML puts around (`{"epc": […]}`), become one."""

    def mend(value: Any, at: str, work: Work) -> Any:
        if isinstance(value, dict) and len(value) == 1 and value.keys() <= set(wrappers):
            value = work.put(at, value, next(iter(value.values())), "shape")
        if not isinstance(value, list):
            value = work.put(at, value, [value], "list")
        found: list[Any] = []
        for place, thing in enumerate(value, 1):
            here = f"{at}[{place}]"
            if is_nothing(thing):
                work.left_out(here, thing)
                continue
            mended = item(thing, here, work)
            if unique and isinstance(mended, str) and mended in found:
                work.left_out(here, thing, "twice")
            elif mended is not GONE:
                found.append(mended)
        return found

    return mend


def part(fields: Menders, aliases: Aliases | None = None, alone: str = "") -> Mender:
    """A part with fields; one value alone is the field `alone`."""

    def mend(value: Any, at: str, work: Work) -> Any:
        if alone and isinstance(value, str):
            value = work.put(at, value, {alone: value}, "shape")
        return mended(value, fields, f"{at}.", work, aliases or {}) if isinstance(value, dict) else value

    return mend


def mended(value: dict[str, Any], fields: Menders, at: str, work: Work, aliases: Aliases) -> dict[str, Any]:
    """An object with its fields named and put right, without those that hold nothing."""
    found: dict[str, Any] = {}
    for name, thing in own_names(value, fields, aliases, at, work).items():
        is_own = ":" not in name
        if is_own and name not in _KEPT_EMPTY and is_nothing(thing):
            work.left_out(f"{at}{name}", thing)
            continue
        new = fields[name](thing, f"{at}{name}", work) if name in fields else thing
        if new is not GONE:
            found[name] = new
    return found


def ended(kind: str) -> Mender:
    """A source or destination: its type tells whether a bare number names a place or a party."""

    def mend(value: Any, at: str, work: Work) -> Any:
        if not isinstance(value, dict):
            return value
        typed = part({"type": plain.word("sourceDestination"), kind: _keep}, {"@type": "type", "#text": kind})
        found = typed(value, at, work)
        role: Role = "place" if found.get("type") == "location" else "party"
        if kind in found:
            found[kind] = uri(role if found.get("type") in _ENDS else "other")(found[kind], f"{at}.{kind}", work)
        return found

    return mend


def _keep(value: Any, at: str, work: Work) -> Any:
    return value


def _place(value: Any, at: str, work: Work) -> Any:
    found = _PLACE(value, at, work)
    return GONE if found == {} else found


def _persistent(value: Any, at: str, work: Work) -> Any:
    found = _PERSISTENT(value, at, work)
    if not isinstance(found, dict):
        return found
    for name in [name for name, words in found.items() if words == []]:
        work.left_out(f"{at}.{name}", found.pop(name))
    return found or GONE


def _context(value: Any, at: str, work: Work) -> Any:
    return GONE if is_nothing(value) else value


_ENDS: Final = ("location", "owning_party", "possessing_party")
_THINGS: Final = listed(uri("thing"), "epc", unique=True)
_REPEATED: Final = listed(uri("thing"), "epc")
_QUANTITIES: Final = listed(
    part({"epcClass": uri("class"), "quantity": plain.number, "uom": plain.unit}), "quantityElement"
)
_PLACE: Final = part({"id": uri("place")}, {"@id": "id", "ID": "id"}, alone="id")
_DISPOSITIONS: Final = listed(plain.word("disposition"), unique=True)
_PERSISTENT: Final = part({"set": _DISPOSITIONS, "unset": _DISPOSITIONS})
_TRANSACTIONS: Final = listed(
    part(
        {"type": plain.word("bizTransaction"), "bizTransaction": uri()},
        {"@type": "type", "#text": "bizTransaction"},
        alone="bizTransaction",
    ),
    "bizTransaction",
)
_DEVICE: Final[Menders] = {
    "time": time,
    "deviceID": uri(),
    **dict.fromkeys(("deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), address),
}
_REPORT: Final[Menders] = {
    **_DEVICE,
    "type": plain.word("measurement"),
    "exception": plain.word("alert"),
    "component": plain.word("component"),
    **dict.fromkeys(("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), address),
    **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), plain.number),
    "stringValue": _keep,
    "booleanValue": plain.truth,
    "hexBinaryValue": plain.text,
    "uom": plain.unit,
}
_SENSORS: Final = listed(
    part(
        {
            "sensorMetadata": part({**_DEVICE, "startTime": time, "endTime": time}),
            "sensorReport": listed(part(_REPORT)),
        }
    ),
    "sensorElement",
)
EVENT: Final[Menders] = {
    "@context": _context,
    "type": plain.event_type,
    "eventID": event_id,
    "eventTimeZoneOffset": offset,
    "eventTime": event_time,
    "recordTime": time,
    "action": plain.action,
    "certificationInfo": lambda value, at, work: (listed(address) if isinstance(value, list) else address)(
        value, at, work
    ),
    "errorDeclaration": part(
        {
            "declarationTime": time,
            "reason": plain.word("errorReason"),
            "correctiveEventIDs": listed(event_id, "correctiveEventID"),
        }
    ),
    "bizStep": plain.word("bizStep"),
    "disposition": plain.word("disposition"),
    "persistentDisposition": _persistent,
    "readPoint": _place,
    "bizLocation": _place,
    "bizTransactionList": _TRANSACTIONS,
    "sourceList": listed(ended("source"), "source"),
    "destinationList": listed(ended("destination"), "destination"),
    "sensorElementList": _SENSORS,
    "epcList": lambda value, at, work: (_REPEATED if work.kind == "TransactionEvent" else _THINGS)(value, at, work),
    "childEPCs": _REPEATED,
    "inputEPCList": _THINGS,
    "outputEPCList": _THINGS,
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _QUANTITIES),
    "parentID": uri("thing"),
    "transformationID": uri(),
    "ilmd": _keep,
}
"""Every field of every event."""
ALIASES: Final[Aliases] = {"isA": "type", "@type": "type", "eventType": "type", "@id": "eventID"}
"""Other names under which programs write them."""
