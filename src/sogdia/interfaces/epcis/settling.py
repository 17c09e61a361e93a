"""What the record did with a transaction: a refusal as an error of a capture job, what is left, what stands."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from sogdia.app import Node
from sogdia.core.transaction import Message
from sogdia.domains.trace.messages import Capture, Refused
from sogdia.domains.trace.state import head_of
from sogdia.interfaces.epcis.signing import messages_in
from sogdia.interfaces.words import refusal_text, say

_OF_ONE_EVENT: Final = (Refused.EVENT_EXISTS, Refused.EVENT_MALFORMED)
_read_capture = msgspec.json.Decoder(Capture).decode


def refusal_error(code: int, fields: Mapping[str, Any], numbers: Sequence[int]) -> dict[str, Any]:
    """An entry of `errors`; `numbers` are those that the transaction's events have in the document."""
    exception = "ResourceAlreadyExistsException" if code == Refused.EVENT_EXISTS else "ValidationException"
    event = fields.get("event", 0) if code in _OF_ONE_EVENT else 0
    number = numbers[event - 1] if 0 < event <= len(numbers) else 0
    shown = {**fields, "event": number} if number else fields
    found = {
        "type": f"epcisException:{exception}",
        "title": say(f"epcis_title.{exception}"),
        "detail": refusal_text(code, shown),
        "code": code,
    }
    return {**found, "event": number} if number else found


def exists_error(number: int, event: str, party: str) -> dict[str, Any]:
    """The error of an event that stands on record already, in the words that the record would use."""
    return refusal_error(Refused.EVENT_EXISTS, {"event": 1, "id": event, "party": party}, (number,))


def is_on_record(node: Node, raw: bytes) -> bool:
    """Whether the events of a transaction stand on record as it says them; False for one without events."""
    try:
        asked = _read_capture(messages_in(raw)[-1])
    except msgspec.ValidationError:
        return False
    return all(_stands(node, asked.party, number, bytes(event)) for number, event in enumerate(asked.events, 1))


def _stands(node: Node, party: str, number: int, text: bytes) -> bool:
    head = head_of(text, number)
    found = node.record("trace.event", party, head.event, head.declared)
    return found is not None and found.text.encode() == text


def dropped(raw: bytes, code: int, fields: Mapping[str, Any]) -> tuple[list[Message | Raw], int] | None:
    """The messages of a transaction without the event that was refused, and which one that was, from 0.

    None when no event was named or none is left.
    """
    if code not in _OF_ONE_EVENT:
        return None
    *others, last = messages_in(raw)
    asked, index = _read_capture(last), int(fields["event"]) - 1
    left = (*asked.events[:index], *asked.events[index + 1 :])
    if not left:
        return (list(others), index) if others else None
    return [*others, replace(asked, events=left)], index
