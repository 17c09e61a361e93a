"""The event hash ID of CBV 2.0 (section 8.9), an alias by which equal events are found; never an event's identity here.

The published implementations disagree, so a hash belongs to a profile:

`canonical` follows the order of the standard's description, `type` before value, exact numbers, half milliseconds up,
all prefixes expanded, no certificationInfo. `reference` does what RalphTro's reference implementation does: parentID
before epcList; lists of transactions, sources and destinations, and ilmd sorted among the extensions;
certificationInfo counts; built-in prefixes in names stay; texts that look like numbers are numbers, and
numbers binary fractions; booleans are `True` and `False`; half milliseconds go to the even one.
docs/epcis.md has both side by side.

Not reproduced: what the reference does with extensions of places and sensors whose namespace does not end in `/`.
"""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, Literal

from sogdia.standards.epcis.contexts import expanded
from sogdia.standards.epcis.model import (
    AggregationEvent,
    AnyEvent,
    AssociationEvent,
    BizTransaction,
    Destination,
    ObjectEvent,
    Place,
    QuantityElement,
    SensorElement,
    SensorMetadata,
    SensorReport,
    Source,
    TransactionEvent,
    TransformationEvent,
)
from sogdia.standards.epcis.moments import microseconds, written
from sogdia.standards.epcis.vocabulary import Kind, bare, web_uri
from sogdia.standards.gs1.identifiers import canonical, identity

Profile = Literal["canonical", "reference"]

_DEVICE: Final = ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod")
_METADATA: Final = ("time", "startTime", "endTime", *_DEVICE, "bizRules")
_REPORT: Final = (
    *("type", "exception", *_DEVICE, "time", "microorganism", "chemicalSubstance", "value", "component", "stringValue"),
    *("booleanValue", "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev", "percRank"),
    *("percValue", "uom", "coordinateReferenceSystem"),
)
_TIMES: Final = ("time", "startTime", "endTime")
_WORDS: Final[dict[str, Kind]] = {"type": "measurement", "exception": "alert", "component": "component"}


def hash_id(event: AnyEvent, profile: Profile = "canonical") -> str:
    """`ni:///sha-256;…?ver=CBV2.0` of an event."""
    return f"ni:///sha-256;{hashlib.sha256(pre_hash(event, profile).encode()).hexdigest()}?ver=CBV2.0"


def pre_hash(event: AnyEvent, profile: Profile = "canonical") -> str:
    """The text of which the hash is taken: keys and values in their order, nothing between them."""
    return "".join(_Text(event, profile).parts())


class _Text:
    """One event on its way to its pre-hash text."""

    def __init__(self, event: AnyEvent, profile: Profile) -> None:
        self.event = event
        self.is_reference = profile == "reference"
        self.namespaces = event.context

    def parts(self) -> list[str]:
        """All parts in order."""
        event = self.event
        parts = [f"eventType={type(event).__struct_config__.tag}", f"eventTime={self._time(event.event_time)}"]
        parts.append(f"eventTimeZoneOffset={event.event_time_zone_offset}")
        if self.is_reference and event.certification_info:
            given = event.certification_info
            parts += sorted(f"certificationInfo={uri}" for uri in ((given,) if isinstance(given, str) else given))
        parts += self._things()
        parts += self._why_and_where()
        sensors = self._list("sensorElementList", map(self._sensor, event.sensor_element_list))
        own = self._extensions(event.extensions)
        ilmd = event.ilmd if isinstance(event, ObjectEvent | TransformationEvent) else {}
        named = [f"ilmd{''.join(self._extensions(ilmd))}"] if ilmd else []
        ended = [*self._transactions(), *self._ends("source", event.source_list)]
        ended += self._ends("destination", event.destination_list)
        if self.is_reference:
            return [*parts, *sensors, *sorted([*ended, *named, *own])]
        return [*parts, *ended, *sensors, *named, *own]

    def _things(self) -> list[str]:
        event = self.event
        if isinstance(event, TransformationEvent):
            parts = self._epcs("inputEPCList", event.input_epc_list)
            parts += self._quantities("inputQuantityList", event.input_quantity_list)
            parts += self._epcs("outputEPCList", event.output_epc_list)
            parts += self._quantities("outputQuantityList", event.output_quantity_list)
            return [*parts, *self._said("transformationID", event.transformation_id)]
        if isinstance(event, AggregationEvent | AssociationEvent):
            parts = self._said("parentID", event.parent_id)
            parts += self._epcs("childEPCs", event.child_epcs)
            parts += self._quantities("childQuantityList", event.child_quantity_list)
        else:
            parts = self._epcs("epcList", event.epc_list)
            parent = self._said("parentID", event.parent_id) if isinstance(event, TransactionEvent) else []
            parts = [*parent, *parts] if self.is_reference else [*parts, *parent]
            parts += self._quantities("quantityList", event.quantity_list)
        return [*parts, f"action={event.action}"]

    def _why_and_where(self) -> list[str]:
        event, both = self.event, self.event.persistent_disposition
        parts = self._word("bizStep", "bizStep", event.biz_step)
        parts += self._word("disposition", "disposition", event.disposition)
        if both is not None:
            parts.append("persistentDisposition")
            for key, words in (("set", both.set), ("unset", both.unset)):
                parts += sorted(part for word in words for part in self._word(key, "disposition", word))
        return [*parts, *self._place("readPoint", event.read_point), *self._place("bizLocation", event.biz_location)]

    def _said(self, key: str, value: Any) -> list[str]:
        return [] if value is None else [f"{key}={self._value(value)}"]

    def _word(self, key: str, kind: Kind, value: str | None) -> list[str]:
        return [] if value is None else [f"{key}={self._value(web_uri(kind, bare(kind, value)))}"]

    def _list(self, key: str, items: Iterable[str]) -> list[str]:
        found = sorted(items)
        return [key + "".join(found)] if found else []

    def _epcs(self, key: str, uris: tuple[str, ...]) -> list[str]:
        return self._list(key, [f"epc={self._value(uri)}" for uri in uris])

    def _quantities(self, key: str, quantities: tuple[QuantityElement, ...]) -> list[str]:
        return self._list(key, map(self._quantity, quantities))

    def _quantity(self, quantity: QuantityElement) -> str:
        parts = self._said("epcClass", quantity.epc_class) + self._said("quantity", quantity.quantity)
        return "quantityElement" + "".join(parts + self._said("uom", quantity.uom))

    def _place(self, key: str, place: Place | None) -> list[str]:
        return [] if place is None else [f"{key}id={self._value(place.id)}", *self._extensions(place.extensions)]

    def _transactions(self) -> list[str]:
        def said(item: BizTransaction) -> str:
            kind = self._word("type", "bizTransaction", item.type)
            return "".join([*kind, *self._said("bizTransaction", item.biz_transaction)])

        return self._list("bizTransactionList", map(said, self.event.biz_transaction_list))

    def _ends(self, key: str, ends: tuple[Source | Destination, ...]) -> list[str]:
        def said(end: Source | Destination) -> str:
            uri = end.source if isinstance(end, Source) else end.destination
            return "".join(self._word("type", "sourceDestination", end.type) + self._said(key, uri))

        return self._list(f"{key}List", map(said, ends))

    def _sensor(self, element: SensorElement) -> str:
        metadata, reports = element.sensor_metadata, sorted(map(self._report, element.sensor_report))
        head = "" if metadata is None else f"sensorMetadata{self._fields(metadata, _METADATA)}"
        return "".join(["sensorElement", head, *reports, *self._extensions(element.extensions)])

    def _report(self, report: SensorReport) -> str:
        return f"sensorReport{self._fields(report, _REPORT)}"

    def _fields(self, told: SensorMetadata | SensorReport, order: tuple[str, ...]) -> str:
        names = dict(zip(told.__struct_encode_fields__, told.__struct_fields__, strict=True))
        parts: list[str] = []
        for key in order:
            value = getattr(told, names[key])
            if key in _TIMES and value is not None:
                parts.append(f"{key}={self._time(value)}")
            elif key in _WORDS:
                parts += self._word(key, _WORDS[key], value)
            else:
                parts += self._said(key, value)
        return "".join([*parts, *self._extensions(told.extensions)])

    def _extensions(self, given: dict[str, Any]) -> list[str]:
        return sorted(part for name, value in given.items() for part in self._extension(self._name(name), value))

    def _extension(self, key: str, value: Any) -> list[str]:
        if value is None:
            return []
        if isinstance(value, list):
            return [part for item in value for part in self._extension(key, item)]
        if isinstance(value, dict):
            return [key + "".join(self._extensions(value))]
        shown = self._value(value)
        return [f"{key}={shown}" if shown else key]

    def _name(self, name: str) -> str:
        found = expanded(name, self.namespaces)
        if found is None or (self.is_reference and name.partition(":")[0] not in self.namespaces):
            return name
        return f"{{{found[0]}}}{found[1]}"

    def _time(self, text: str) -> str:
        instant = microseconds(text)
        millis, rest = divmod(instant, 1_000)
        is_odd = millis % 2 == 1
        up = rest > 500 or (rest == 500 and (is_odd or not self.is_reference))
        return written((millis + up) * 1_000, 3)

    def _value(self, value: Any) -> str:
        if isinstance(value, bool):
            return str(value) if self.is_reference else str(value).lower()
        if isinstance(value, int | Decimal):
            return _as_number(str(value)) if self.is_reference else _plain(Decimal(value))
        text = str(value).strip()
        if self.is_reference:
            return finest(_as_number(text))
        found = expanded(text, self.namespaces) if ":" in text else None
        return finest(text if found is None or text.startswith("urn:") else "".join(found))


def finest(text: str) -> str:
    """An identifier as Digital Link on id.gs1.org with the finest level alone; any other text as it stands."""
    if ":" not in text:
        return text
    try:
        uri = canonical(text)
    except ValueError:
        return text
    return identity(uri) if uri != text or uri.startswith("https://id.gs1.org/") else text


def _plain(number: Decimal) -> str:
    """A number without exponent and without zeros that say nothing."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _as_number(text: str) -> str:
    """What the reference makes of a text that Python reads as a binary fraction."""
    try:
        number = float(text)
        return str(int(number) if int(number) == number else number)
    except (ValueError, OverflowError):
        return text
