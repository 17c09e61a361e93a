"""The oracle: what a query finds among a few events, read off the events' JSON as the standard's text says it.

Slow and simple. It knows the conditions of a query and the JSON names of EPCIS 2.0, and nothing of entries or indexes.
Whoever answers queries faster must answer as this does. From the code under test it takes the spellings only: the one
name of a thing, the bare word of CBV, instants, and units.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from sogdia.standards.epcis.contexts import BUILT_IN
from sogdia.standards.epcis.model import EXTENSIONS, AnyEvent, Vocabulary, VocabularyElement
from sogdia.standards.epcis.query.conditions import Attribute, Compare, Condition, Exists, Match, Order, Query, Value
from sogdia.standards.epcis.query.names import attribute_name, element_name, expanded, thing_or_text
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.units import in_base_unit
from sogdia.standards.epcis.query.values import instant_in, number_in
from sogdia.standards.epcis.vocabulary import bare

Json = dict[str, Any]
CLASSES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
PLAIN = {"eventID", "action", "eventTime", "recordTime"}
WORDS = {"bizStep": "bizStep", "disposition": "disposition"}
DECLARED = {
    "errorDeclarationTime": "declarationTime",
    "errorReason": "reason",
    "correctiveEventID": "correctiveEventIDs",
}
MEASURES = {"value", "minValue", "maxValue", "meanValue", "sDev", "percValue", "percRank"}
SENSED = MEASURES | {"type", "time", "startTime", "endTime", "stringValue", "booleanValue", "hexBinaryValue"}
SENSED_THINGS = {"deviceID", "dataProcessingMethod", "bizRules", "microorganism", "chemicalSubstance", "uriValue"}


def answer(query: Query, events: Sequence[AnyEvent], master: Sequence[Vocabulary] = ()) -> list[AnyEvent]:
    """The events that a query finds, in its order; in the order given where it has none."""
    found = [event for event in events if all(holds(one, event, master) for one in query.conditions)]
    if query.max_event_count is not None and len(found) > query.max_event_count:
        raise QueryRefused("maxEventCount", query.max_event_count, "more were found", "ask", "QueryTooLargeException")
    if query.order is not None:
        found = in_order(query.order, found)
    return found[: query.event_count_limit]


def in_order(order: Order, events: Sequence[AnyEvent]) -> list[AnyEvent]:
    keys = [
        (event, sorted(key for raw in raws(event, order.path) if (key := rank(raw)) is not None)) for event in events
    ]
    with_one = [(event, ranks[-1] if order.is_descending else ranks[0]) for event, ranks in keys if ranks]
    with_one.sort(key=lambda both: both[1], reverse=order.is_descending)
    return [event for event, _ in with_one] + [event for event, ranks in keys if not ranks]


def rank(raw: Any) -> tuple[Any, ...] | None:
    text, number, time = senses(raw)
    if number is not None:
        return 0, number
    if time is not None:
        return 1, time
    return None if text is None else (2, text)


def holds(condition: Condition, event: AnyEvent, master: Sequence[Vocabulary]) -> bool:
    """Whether one condition holds for one event."""
    if isinstance(condition, Compare):
        found = measured(event, condition) if condition.uom else raws(event, condition.path)
        return any(compares(condition.op, senses(raw), value) for raw in found for value in condition.values)
    if isinstance(condition, Match):
        uris = [uri for role in condition.roles for uri in things(plain(event), role)]
        return any(
            uri.startswith(one.prefix)
            and (one.length is None or len(uri) == one.length)
            and one.part in uri[len(one.prefix) :]
            for uri in uris
            for one in condition.patterns
        )
    if isinstance(condition, Exists):
        return condition.path in plain(event) or bool(extended(event, condition.path))
    if isinstance(condition, Attribute):
        return any(has_attribute(element_name(str(raw)), condition, master) for raw in raws(event, condition.path))
    return any(
        lies_within(raw, place, master, set()) for raw in raws(event, condition.path) for place in condition.places
    )


# --- comparing -------------------------------------------------------------------------------------------------------


def senses(raw: Any) -> tuple[str | None, Decimal | None, int | None]:
    """Text, number and instant of a JSON value."""
    if isinstance(raw, bool):
        return str(raw).lower(), None, None
    if isinstance(raw, int | Decimal):
        return None, Decimal(raw), None
    if isinstance(raw, str):
        return raw, number_in(raw), instant_in(raw)
    return None, None, None


def compares(op: str, raw: tuple[str | None, Decimal | None, int | None], value: Value) -> bool:
    text, number, time = raw
    if op == "EQ":
        return (
            (text is not None and text == value.text)
            or (time is not None and time == value.time_us)
            or (number is not None and number == value.number and (text is None or value.text is None))
        )
    for mine, other in ((number, value.number), (time, value.time_us)):
        if mine is not None and other is not None:
            return {"GT": mine > other, "GE": mine >= other, "LT": mine < other, "LE": mine <= other}[op]
    return False


def measured(event: AnyEvent, condition: Compare) -> Iterator[Decimal]:
    doc = plain(event)
    parts = quantities(doc) if condition.path == "quantity" else [report for _, report in sensor_parts(doc)]
    for part in parts:
        if condition.path in part and "uom" in part:
            number, base = in_base_unit(part[condition.path], part["uom"], is_spread=condition.path == "sDev")
            if base == condition.uom:
                yield number


# --- where values stand ----------------------------------------------------------------------------------------------


def plain(event: AnyEvent) -> Json:
    doc: Json = msgspec.to_builtins(event, builtin_types=(Decimal,))
    return doc


def things(doc: Json, role: str) -> list[str]:
    items = doc.get(role, [])
    uris = (
        [items] if isinstance(items, str) else [item if isinstance(item, str) else item["epcClass"] for item in items]
    )
    return [thing_or_text(uri) for uri in uris]


def quantities(doc: Json) -> list[Json]:
    return [element for role in CLASSES for element in doc.get(role, [])]


def sensor_parts(doc: Json) -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    for sensor in doc.get("sensorElementList", []):
        found += [("SENSORELEMENT_", sensor), ("SENSORMETADATA_", sensor.get("sensorMetadata", {}))]
        found += [("SENSORREPORT_", report) for report in sensor["sensorReport"]]
    return found


def raws(event: AnyEvent, path: str) -> list[Any]:
    """Every value that stands under a path."""
    doc = plain(event)
    known = list(standard(doc, path))
    return known + [own for item in extended(event, path) if (own := own_value(item)) is not None]


def standard(doc: Json, path: str) -> Iterator[Any]:
    context = doc.get("@context", {})
    if path == "eventType":
        yield doc["type"]
    elif path in PLAIN and path in doc:
        yield doc[path]
    elif path in WORDS and path in doc:
        yield bare(WORDS[path], expanded(doc[path], context))  # type: ignore[arg-type]
    elif path in ("readPoint", "bizLocation") and path in doc:
        yield thing_or_text(doc[path]["id"])
    elif path == "transformationID" and path in doc:
        yield thing_or_text(doc[path])
    elif path == "epcClass":
        yield from (uri for role in CLASSES for uri in things(doc, role))
    elif path == "quantity":
        yield from (element[path] for element in quantities(doc) if path in element)
    elif path in DECLARED:
        said = doc.get("errorDeclaration", {}).get(DECLARED[path], [])
        for one in [said] if isinstance(said, str) else said:
            yield bare("errorReason", expanded(one, context)) if path == "errorReason" else one
    elif path in SENSED | SENSED_THINGS:
        yield from sensed(doc, path)
    elif path.startswith("persistentDisposition_"):
        for word in doc.get("persistentDisposition", {}).get(path.rpartition("_")[2], []):
            yield bare("disposition", expanded(word, context))
    else:
        yield from typed(doc, path)


def sensed(doc: Json, path: str) -> Iterator[Any]:
    for _, part in sensor_parts(doc):
        if path in part:
            raw = part[path]
            if path == "type":
                raw = bare("measurement", expanded(raw, doc.get("@context", {})))
            yield raw.upper() if path == "hexBinaryValue" else thing_or_text(raw) if path in SENSED_THINGS else raw


def typed(doc: Json, path: str) -> Iterator[Any]:
    for field in ("bizTransaction", "source", "destination"):
        kind = "bizTransaction" if field == "bizTransaction" else "sourceDestination"
        for one in doc.get(f"{field}List", []):
            word = bare(kind, expanded(one.get("type", ""), doc.get("@context", {})))  # type: ignore[arg-type]
            if path == f"{field}_{word}":
                yield thing_or_text(one[field])


def extended(event: AnyEvent, path: str) -> list[Any]:
    """What stands under the name of an extension: at the top of its area, or anywhere inside for INNER_."""
    head, brace, _ = path.partition("{")
    if not brace:
        return []
    doc, name = plain(event), path[len(head) :]
    area = head.removeprefix("INNER_")
    parts = {"": [doc.get(EXTENSIONS, {})], "ILMD_": [doc.get("ilmd", {})]}.get(area) or [
        part.get(EXTENSIONS, {})
        for mark, part in [
            ("ERROR_DECLARATION_", doc.get("errorDeclaration", {})),
            ("readPoint_", doc.get("readPoint", {})),
            ("bizLocation_", doc.get("bizLocation", {})),
            *sensor_parts(doc),
        ]
        if mark == area
    ]
    if head.startswith("INNER_"):
        parts = [inner for part in parts for value in part.values() for inner in objects_in(value)]
    return [item for part in parts for key, value in part.items() if is_name(key, name, event) for item in flat(value)]


def objects_in(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from objects_in(item)
    if isinstance(value, dict):
        named = {key: inner for key, inner in value.items() if key[:1] not in "@#"}
        yield named
        for inner in named.values():
            yield from objects_in(inner)


def is_name(key: str, name: str, event: AnyEvent) -> bool:
    prefix, colon, local = key.partition(":")
    space = {**BUILT_IN, **event.context}.get(prefix, prefix) if colon else ""
    return name == f"{{{space[:-1] if space.endswith(('#', '/', ':')) else space}}}{local if colon else key}"


def flat(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [one for item in value for one in flat(item)] or [{}]
    return [] if value is None else [value]


def own_value(item: Any) -> Any:
    return item.get("@value", item.get("#text")) if isinstance(item, dict) else item


# --- master data -----------------------------------------------------------------------------------------------------


def elements(master: Sequence[Vocabulary], name: str) -> list[VocabularyElement]:
    return [element for one in master for element in one.elements if element_name(element.id) == name]


def has_attribute(name: str, asked: Attribute, master: Sequence[Vocabulary]) -> bool:
    return any(
        attribute_name(attribute.id) in asked.names and (not asked.values or attribute.value in asked.values)
        for element in elements(master, name)
        for attribute in element.attributes
    )


def lies_within(place: str, wanted: str, master: Sequence[Vocabulary], seen: set[str]) -> bool:
    if place == wanted:
        return True
    below = {thing_or_text(child) for element in elements(master, wanted) for child in element.children} - seen
    return any(lies_within(place, child, master, seen | below) for child in below)
