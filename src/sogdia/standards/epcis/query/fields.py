"""Each parameter of the standard to the condition that it puts.

Those with a name of their own stand in FIXED. Families have a part of their name from a vocabulary, a unit or a
namespace; they are recognised by their shape, in the order of FAMILIES.

More is taken than the published query schema lists, where the schema has a family for one area or operator and not for
its neighbour: all five comparisons and EXISTS hold for extensions everywhere, and EQ for every measured value.
"""

import re
from collections.abc import Callable
from typing import Final, get_args

from sogdia.standards.epcis.model import EVENT_TYPES, Action
from sogdia.standards.epcis.query.conditions import Attribute, Compare, Condition, Exists, Match, Op, Value, Within
from sogdia.standards.epcis.query.given import Given, word_of
from sogdia.standards.epcis.query.names import asked_name, attribute_name, expanded
from sogdia.standards.epcis.query.paths import AREAS, CLASS_ROLES, INNER, ITEM_ROLES, type_path
from sogdia.standards.epcis.query.patterns import patterns_of
from sogdia.standards.epcis.query.units import in_base_unit
from sogdia.standards.epcis.uris import is_uri
from sogdia.standards.epcis.vocabulary import Kind
from sogdia.standards.gs1.errors import BadIdentifier

Reader = Callable[[Given], Condition | None]
"""What a parameter asks; None when its value asks nothing."""

_OPS: Final[tuple[Op, ...]] = get_args(Op)
_OP = "(EQ|GT|GE|LT|LE)"
_AREA = f"({INNER})?({'|'.join(AREAS)})?"
_TYPE_PREFIX: Final = re.compile(r"(?:epcis:|https://ref\.gs1\.org/epcis/)([A-Za-z]+)")


# --- parameters with a name of their own -----------------------------------------------------------------------------


def _equal(path: str, read: Callable[[Given], tuple[Value, ...]]) -> Reader:
    return lambda given: Compare(path, "EQ", read(given))


def _words(path: str, kind: Kind) -> Reader:
    return lambda given: Compare(path, "EQ", given.words(kind))


def _since(path: str, op: Op) -> Reader:
    return lambda given: Compare(path, op, (given.instant(),))


def _number(path: str, op: Op) -> Reader:
    return lambda given: _compared(given, path, op, "")


def _compared(given: Given, path: str, op: Op, uom: str) -> Condition:
    numbers = given.numbers()
    if op != "EQ":
        given.one()
    converted = [in_base_unit(number, uom, is_spread=path == "sDev") for number in numbers]
    return Compare(path, op, tuple(Value(None, number) for number, _ in converted), converted[0][1])


def _match(*roles: str) -> Reader:
    def read(given: Given) -> Condition:
        try:
            return Match(roles, tuple(one for uri in given.uris() for one in patterns_of(uri, classes=is_class)))
        except BadIdentifier as wrong:
            raise given.refused(wrong.value, wrong.wrong, wrong.remedy) from None

    is_class = roles[0] in CLASS_ROLES
    return read


def _event_types(given: Given) -> Condition:
    found = []
    for text in given.texts():
        known = _TYPE_PREFIX.fullmatch(text)
        name = known[1] if known else expanded(text, given.context)
        if name not in EVENT_TYPES and not is_uri(name):
            remedy = f"write one of {' '.join(map(str, EVENT_TYPES))}, or the URI of another"
            raise given.refused(text, "it is no type of event", remedy)
        found.append(Value(name))
    return Compare("eventType", "EQ", tuple(found))


def _exists(path: str) -> Reader:
    return lambda given: Exists(path) if given.is_asked() else None


def _is_true(given: Given) -> Condition:
    return Compare("booleanValue", "EQ", (Value("true" if given.truth() else "false"),))


def _within(path: str) -> Reader:
    return lambda given: Within(path, tuple(str(place.text) for place in given.things()))


def _plain(given: Given) -> tuple[Value, ...]:
    return tuple(map(Value, given.texts()))


def _ids(given: Given) -> tuple[Value, ...]:
    return tuple(map(Value, given.uris()))


_TIMES: Final = {
    **{name: name for name in ("eventTime", "recordTime", "errorDeclarationTime", "time", "startTime", "endTime")},
    "errorDeclaration_Time": "errorDeclarationTime",
}
_ALL_CLASSES: Final = ("quantityList", "childQuantityList")

FIXED: Final[dict[str, Reader]] = {
    "eventType": _event_types,
    **{f"{op}_{name}": _since(path, op) for name, path in _TIMES.items() for op in ("GE", "LT")},
    "EQ_action": _equal("action", lambda given: given.among(get_args(Action))),
    "EQ_bizStep": _words("bizStep", "bizStep"),
    "EQ_disposition": _words("disposition", "disposition"),
    "EQ_persistentDisposition_set": _words("persistentDisposition_set", "disposition"),
    "EQ_persistentDisposition_unset": _words("persistentDisposition_unset", "disposition"),
    **{
        f"EQ_{path}": _equal(path, Given.things)
        for path in (
            "readPoint",
            "bizLocation",
            "transformationID",
            "deviceID",
            "dataProcessingMethod",
            "microorganism",
            "chemicalSubstance",
            "bizRules",
            "uriValue",
        )
    },
    "WD_readPoint": _within("readPoint"),
    "WD_bizLocation": _within("bizLocation"),
    "MATCH_epc": _match("epcList", "childEPCs"),
    "MATCH_parentID": _match("parentID"),
    "MATCH_inputEPC": _match("inputEPCList"),
    "MATCH_outputEPC": _match("outputEPCList"),
    "MATCH_anyEPC": _match(*ITEM_ROLES, "parentID"),
    "MATCH_epcClass": _match(*_ALL_CLASSES),
    "MATCH_inputEPCClass": _match("inputQuantityList"),
    "MATCH_outputEPCClass": _match("outputQuantityList"),
    "MATCH_anyEPCClass": _match(*CLASS_ROLES),
    **{f"{op}_quantity": _number("quantity", op) for op in _OPS},
    **{f"{op}_percRank": _number("percRank", op) for op in _OPS},
    "EQ_eventID": _equal("eventID", _ids),
    "EXISTS_errorDeclaration": _exists("errorDeclaration"),
    "EQ_errorReason": _words("errorReason", "errorReason"),
    "EQ_correctiveEventID": _equal("correctiveEventID", _ids),
    "EXISTS_sensorElementList": _exists("sensorElementList"),
    "EQ_type": _words("type", "measurement"),
    "EQ_stringValue": _equal("stringValue", _plain),
    "EQ_booleanValue": _is_true,
    "EQ_hexBinaryValue": _equal("hexBinaryValue", Given.hexes),
}


# --- families --------------------------------------------------------------------------------------------------------


def _typed(given: Given, field: str, type_name: str) -> Condition:
    kind: Kind = "bizTransaction" if field == "bizTransaction" else "sourceDestination"
    word_of(given, type_name, kind)
    return Compare(type_path(field, kind, type_name, given.context), "EQ", given.things())


def _measured(given: Given, op: Op, path: str, uom: str) -> Condition:
    return _compared(given, path, op, uom)


def _extension(given: Given, op: Op, inner: str, area: str, name: str) -> Condition:
    path = (inner or "") + (area or "") + asked_name(given.name, name, given.context)
    return Compare(path, op, given.any_values() if op == "EQ" else (given.measure(),))


def _extension_exists(given: Given, inner: str, area: str, name: str) -> Condition | None:
    path = (inner or "") + (area or "") + asked_name(given.name, name, given.context)
    return Exists(path) if given.is_asked() else None


_DESCRIBED: Final = ("readPoint", "bizLocation", "bizStep", "disposition", "epcClass")
_FIELD: Final = re.compile(rf"{_AREA}([^_]*[:#].*)")


def _field_path(given: Given, field: str) -> str:
    if field in _DESCRIBED:
        return field
    found = _FIELD.fullmatch(field)
    if found is None:
        remedy = f"name one of {' '.join(_DESCRIBED)}, or an extension with its namespace"
        raise given.refused("", f"master data do not describe the field {field}", remedy)
    return (found[1] or "") + (found[2] or "") + asked_name(given.name, found[3], given.context)


def _has_attribute(given: Given, field: str) -> Condition:
    names = tuple(attribute_name(expanded(text, given.context)) for text in given.texts())
    return Attribute(_field_path(given, field), names)


def _attribute_equals(given: Given, rest: str) -> Condition:
    field, name = _divided(given, rest)
    values = tuple(str(value.number) if value.text is None else value.text for value in given.any_values())
    return Attribute(_field_path(given, field), (attribute_name(expanded(name, given.context)),), values)


def _divided(given: Given, rest: str) -> tuple[str, str]:
    # <field>_<attribute>: a field of the standard has no underscore; an extension's ends where a namespace begins
    for field in _DESCRIBED:
        if rest.startswith(f"{field}_") and len(rest) > len(field) + 1:
            return field, rest[len(field) + 1 :]
    places = [place for place, char in enumerate(rest) if char == "_" and re.search("[:#]", rest[:place])]
    named = [place for place in places if re.match(r"[A-Za-z][A-Za-z0-9.-]*:", rest[place + 1 :])]
    for place in named or places[:1]:
        if len(named or places) == 1:
            return rest[:place], rest[place + 1 :]
    raise given.refused("", "field and attribute cannot be told apart", "write EQATTR_<field>_<attribute>, both with :")


FAMILIES: Final[tuple[tuple[re.Pattern[str], Callable[..., Condition | None]], ...]] = (
    (re.compile(r"EQ_(bizTransaction|source|destination)_(.+)"), _typed),
    (re.compile(rf"{_OP}_(value|minValue|maxValue|meanValue|sDev|percValue|quantity)_([A-Z0-9]{{2,4}})"), _measured),
    (re.compile(r"HASATTR_(.+)"), _has_attribute),
    (re.compile(r"EQ_?ATTR_(.+)"), _attribute_equals),
    (re.compile(rf"EXISTS_{_AREA}(.*[:#].*)"), _extension_exists),
    (re.compile(rf"{_OP}_{_AREA}(.*[:#].*)"), _extension),
)


def condition_of(given: Given) -> Condition | None:
    """What one parameter asks; QueryRefused when there is no such parameter or a value does not fit."""
    fixed = FIXED.get(given.name)
    if fixed is not None:
        return fixed(given)
    for shape, read in FAMILIES:
        found = shape.fullmatch(given.name)
        if found is not None:
            return read(given, *found.groups())
    remedy = "see the parameters of EPCIS 2.0, 8.2.7.1; an extension is <prefix>:<name> or <namespace>#<name>"
    raise given.refused("", "this parameter is not known", remedy)
