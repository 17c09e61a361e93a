"""A document cut into transactions: what one transaction holds, and in what order they go.

All of a document that fits into one transaction goes in one, so that it happens all or not at all. Otherwise master
data go first, then the events: under `rollback` as the numbered parts of one job, under `proceed` each for itself.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec
from msgspec import Raw

from sogdia.core.codec import json_bytes
from sogdia.core.transaction import ENVELOPE_LIMIT_BYTES, MESSAGES_LIMIT, NESTING_LIMIT, Message
from sogdia.domains.trace.messages import EVENTS_LIMIT, PARTS_LIMIT, Attribute, Audience, Capture, Describe, Element
from sogdia.standards.epcis.faults import Fault, shown
from sogdia.standards.epcis.model import Vocabulary, VocabularyElement
from sogdia.standards.epcis.writing import value_as_json

Behaviour = Literal["rollback", "proceed"]

PAYLOAD_BYTES: Final = (ENVELOPE_LIMIT_BYTES - 2_048) * 3 // 4 - 4_096
"""What base64 makes of it, the signature and the names around the events stay below the limit of a transaction."""
_ELEMENTS: Final = 500
_AROUND: Final = 4
"""Objects and lists that an event stands in within a transaction."""
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class Readers(msgspec.Struct, frozen=True):
    """Whose events they are and who may read them."""

    party: str
    shared_with: tuple[str, ...] = ()
    audience: Audience = "named"


class Bundle(msgspec.Struct, frozen=True):
    """One transaction: its messages, and the numbers that the events in it have in the document."""

    messages: tuple[Message, ...]
    numbers: tuple[int, ...] = ()


class TooManyParts(Exception):
    """The document needs more transactions than a job may have; `parts` says how many."""

    def __init__(self, parts: int) -> None:
        super().__init__(parts)
        self.parts = parts


def pack(
    events: Sequence[tuple[int, bytes]],
    descriptions: Sequence[Describe],
    readers: Readers,
    job: str,
    behaviour: Behaviour,
) -> list[Bundle]:
    """The transactions of a document, in order. TooManyParts when they are too many for a job."""
    said = sum(len(json_bytes(one)) + 1 for one in descriptions)
    groups = list(_groups(events))
    size = said + sum(len(text) + 1 for _, text in events)
    if len(groups) <= 1 and size <= PAYLOAD_BYTES and len(descriptions) < MESSAGES_LIMIT:
        messages = (*descriptions, *(_captured(group, readers, "", 1, 1) for group in groups))
        return [Bundle(messages, tuple(number for number, _ in events))] if messages else []
    if len(groups) > PARTS_LIMIT:
        raise TooManyParts(len(groups))
    of = len(groups) if behaviour == "rollback" else 1
    bundles = [Bundle(tuple(some)) for some in _described(descriptions)]
    for part, group in enumerate(groups, 1):
        message = _captured(group, readers, job if of > 1 else "", part if of > 1 else 1, of)
        bundles.append(Bundle((message,), tuple(number for number, _ in group)))
    return bundles


def _captured(group: Sequence[tuple[int, bytes]], readers: Readers, job: str, part: int, of: int) -> Capture:
    return Capture(
        party=readers.party,
        events=tuple(Raw(text) for _, text in group),
        shared_with=readers.shared_with,
        audience=readers.audience,
        job=job,
        part=part,
        of=of,
    )


def _groups(events: Iterable[tuple[int, bytes]]) -> Iterable[list[tuple[int, bytes]]]:
    group: list[tuple[int, bytes]] = []
    size = 0
    for number, text in events:
        if group and (len(group) >= EVENTS_LIMIT or size + len(text) + 1 > PAYLOAD_BYTES):
            yield group
            group, size = [], 0
        group.append((number, text))
        size += len(text) + 1
    if group:
        yield group


def _described(descriptions: Iterable[Describe]) -> Iterable[list[Describe]]:
    group: list[Describe] = []
    size = 0
    for one in descriptions:
        more = len(json_bytes(one)) + 1
        if group and (len(group) >= MESSAGES_LIMIT or size + more > PAYLOAD_BYTES):
            yield group
            group, size = [], 0
        group.append(one)
        size += more
    if group:
        yield group


def is_too_deep(text: bytes) -> bool:
    """Whether an event is nested deeper than a transaction may be."""
    if text.count(b"[") + text.count(b"{") <= NESTING_LIMIT - _AROUND:
        return False
    depth = deepest = 0
    is_text = is_escaped = False
    for char in text:
        if is_text:
            is_text, is_escaped = is_escaped or char != 0x22, not is_escaped and char == 0x5C
        elif char == 0x22:
            is_text = True
        elif char in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in b"]}":
            depth -= 1
    return deepest > NESTING_LIMIT - _AROUND


# --- master data ----------------------------------------------------------------------------------------------------


def described(vocabularies: Iterable[Vocabulary], readers: Readers) -> tuple[list[Describe], list[Fault]]:
    """The messages that say what a document's master data say, and what of it the record does not take.

    An element about which nothing is said is left out: on the record that would take back what was said before.
    """
    messages: list[Describe] = []
    faults: list[Fault] = []
    for vocabulary in vocabularies:
        taken, size = list[Element](), 0
        for one in vocabulary.elements:
            if not one.attributes and not one.children:
                continue
            try:
                element = _element(one)
            except (ValueError, RecursionError) as wrong:
                faults.append(_fault(one, wrong))
                continue
            more = len(json_bytes(element)) + 1
            if taken and (len(taken) >= _ELEMENTS or size + more > PAYLOAD_BYTES // 2):
                messages.append(_describe(vocabulary.type, taken, readers))
                taken, size = [], 0
            taken.append(element)
            size += more
        if taken:
            messages.append(_describe(vocabulary.type, taken, readers))
    return messages, faults


def _describe(vocabulary: str, elements: Sequence[Element], readers: Readers) -> Describe:
    return Describe(
        party=readers.party,
        vocabulary=vocabulary,
        elements=tuple(elements),
        shared_with=readers.shared_with,
        audience=readers.audience,
    )


def _element(given: VocabularyElement) -> Element:
    made = Element(given.id, tuple(Attribute(one.id, _text(one.value)) for one in given.attributes), given.children)
    return msgspec.convert(msgspec.to_builtins(made), Element)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    plain = value_as_json(value)
    return _encode(plain).decode() if isinstance(plain, dict) else str(plain)


def _fault(element: VocabularyElement, wrong: Exception) -> Fault:
    remedy = "an element has at most 100 attributes, values of 2,000 characters and URIs of 500"
    return Fault(0, "vocabularyElement", shown(element.id), f"does not fit on record ({wrong})", remedy)
