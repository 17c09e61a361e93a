"""The JSON of one event, read into the model and checked: the hot path of index, capture and queries.

Most events are decoded typed and looked over by `quick`. Those with names of other vocabularies are sorted first
(`extensions`). Only where something is in doubt does `event_rules` judge the plain value, and say what is wrong.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from sogdia.standards.epcis import quick
from sogdia.standards.epcis.checks import NUMBER_CHARS
from sogdia.standards.epcis.contexts import NONE, ContextRefused, Prefixes, read_context
from sogdia.standards.epcis.event_rules import judge
from sogdia.standards.epcis.extensions import Names, set_apart
from sogdia.standards.epcis.faults import Fault, Refused, shown
from sogdia.standards.epcis.model import EVENT_TYPES, AnyEvent, ObjectEvent, TransformationEvent
from sogdia.standards.epcis.spelling import with_bare_words

UNREADABLE: Final = (ValueError, ArithmeticError, RecursionError, NotImplementedError)
"""What decoders raise on bytes that are no JSON or too large a number in them."""


def exact_number(text: str) -> Decimal:
    """A JSON number with a fraction or exponent, exactly; ValueError where it is too long."""
    if len(text) > NUMBER_CHARS:
        raise ValueError(f"a number has {len(text)} characters; at most {NUMBER_CHARS} are taken")
    return Decimal(text)


_typed: Final[Callable[[bytes], AnyEvent]] = msgspec.json.Decoder(AnyEvent, float_hook=exact_number).decode
plain_json: Final = msgspec.json.Decoder(float_hook=exact_number).decode
"""Any JSON as plain values with exact numbers; raises one of UNREADABLE."""


def read_event(text: bytes, prefixes: Prefixes = NONE, number: int = 1) -> AnyEvent:
    """An event from the JSON text of it alone. Raises Refused, whose faults name the event by its number.

    `prefixes` hold before those of its own `@context`; the event keeps the prefixes that it uses. CBV words come out
    bare. The text is UTF-8; its `eventID` may be missing.
    """
    event = None if quick.has_doubtful_signs(text) else _read_plain(text, prefixes)
    return event if event is not None else _read_with_care(text, prefixes, number)


def _read_plain(text: bytes, prefixes: Prefixes) -> AnyEvent | None:
    """An event with names of the standard alone, if nothing about it is in doubt."""
    try:
        event = _typed(text)
    except UNREADABLE:
        return None
    has_names = event.context or (isinstance(event, ObjectEvent | TransformationEvent) and event.ilmd)
    if has_names or not quick.fits(event, text):
        return None
    used = prefixes.used_in(text) if prefixes.namespaces else None
    return replace(event, context=used) if used else event


def _read_with_care(text: bytes, prefixes: Prefixes, number: int) -> AnyEvent:
    value = _plain_event(text, number)
    is_doubtful = quick.has_doubtful_signs(text)
    if is_doubtful or not isinstance(value, dict) or not _is_read(value.get("type")):
        _require_right(value, number)
    event = _converted(value, text, prefixes, number)
    if event is not None and not is_doubtful and quick.fits(event, text):
        return event
    _require_right(_plain_event(text, number), number)
    if event is None:  # the rules and the types disagree, which tests look for
        raise Refused((Fault(number, "", "", "cannot be read", "compare it with the standard's JSON Schema"),))
    return with_bare_words(event)


def _is_read(kind: Any) -> bool:
    return isinstance(kind, str) and kind in EVENT_TYPES


def _plain_event(text: bytes, number: int) -> Any:
    try:
        return plain_json(text)
    except UNREADABLE as wrong:
        raise Refused((unreadable(number, wrong),)) from None


def unreadable(number: int, wrong: BaseException) -> Fault:
    """The fault of bytes that are no JSON, or JSON that is too deep or has too long a number."""
    words = "is nested too deep" if isinstance(wrong, RecursionError) else f"is no JSON that can be read ({wrong})"
    return Fault(number, "", "", words, "write it as JSON in UTF-8")


def _require_right(value: Any, number: int) -> None:
    faults = judge(value, number)
    if faults:
        raise Refused(faults)


def _converted(value: dict[str, Any], text: bytes, prefixes: Prefixes, number: int) -> AnyEvent | None:
    """The model's event of a plain value, names sorted out; None where the types do not fit. Changes the value."""
    faults: list[Fault] = []

    def told(field: str, thing: Any, wrong: str, remedy: str) -> None:
        faults.append(Fault(number, field, "" if thing is None else shown(thing), wrong, remedy))

    own = prefixes
    try:
        if "@context" in value:
            own = read_context(value["@context"], prefixes)
    except ContextRefused as wrong:
        faults.append(Fault(number, wrong.field, wrong.value, wrong.wrong, wrong.remedy))
        own = NONE
    names = Names(own, told)
    set_apart(value, EVENT_TYPES[value["type"]], names)
    if faults:
        raise Refused(judge(_plain_event(text, number), number) or tuple(faults))
    value["@context"] = own.used_in(text) | names.made
    try:
        event: AnyEvent = msgspec.convert(value, AnyEvent)
    except (msgspec.ValidationError, ArithmeticError):
        return None
    return event
