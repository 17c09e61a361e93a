"""Files of EPCIS events as drafts: which events go on record, which are set aside and why, and their transactions."""

import uuid
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from sogdia.core.codec import json_bytes
from sogdia.core.query import Asker
from sogdia.domains.trace.messages import Audience, Describe
from sogdia.interfaces.console.importing_drafts import Draft, Step
from sogdia.interfaces.console.importing_recorded import record_of
from sogdia.interfaces.epcis.packing import Readers, TooManyParts, described, is_too_deep, pack
from sogdia.standards.epcis.faults import Fault
from sogdia.standards.epcis.strict import StrictEvents
from sogdia.standards.epcis.writing import normal

if TYPE_CHECKING:
    from sogdia.app import Node

_IDS: Final = uuid.UUID("4f8f2a3e-6d6c-5a30-9a51-0f5a64b6a7d1")
"""The same as for files on the command line: a file that was captured there is known here."""
_KEYS: Final = (b'"EPCISDocument"', b'"EPCISQueryDocument"', b'"epcisBody"')
_HEAD_BYTES: Final = 65_536
EVENTS_LIMIT: Final = 20_000


class EventsJudged(msgspec.Struct, frozen=True):
    """What a file of events comes to: events by number and text, kinds of events, master data, and faults."""

    events: tuple[tuple[int, bytes], ...]
    kinds: Mapping[str, int]
    described: tuple[Describe, ...]
    faults: tuple[Fault, ...]
    is_cut: bool = False


def looks_like_events(content: bytes) -> bool:
    """Whether a file is one of EPCIS events, in XML or JSON."""
    head = content[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    return (head[:1] == b"<" and b"EPCIS" in head) or (head[:1] == b"{" and any(key in head for key in _KEYS))


def judge_events(draft: Draft) -> EventsJudged:
    """Every event read by itself: a bad one costs no good one."""
    name = sha256(draft.party.encode() + b"\0" + draft.content).hexdigest()
    numbers = iter(range(1, 1 << 60))
    reading = StrictEvents(draft.content, lambda: f"urn:uuid:{uuid.uuid5(_IDS, f'{name} {next(numbers)}')}")
    events, faults, kinds, is_cut = list[tuple[int, bytes]](), list[Fault](), Counter[str](), False
    for one in reading:
        faults += one.faults
        text = b"" if one.event is None else normal(one.event)
        if one.event is None or is_too_deep(text):
            if not one.faults:
                faults.append(Fault(one.number, "", "", "is nested too deep", "put at most 90 lists into one another"))
        elif len(events) >= EVENTS_LIMIT:
            is_cut = True
        else:
            kinds[type(one.event).__name__] += 1
            events.append((one.number, text))
    messages, unfit = described(reading.vocabularies, _readers(draft))
    if reading.is_void:
        events.clear()
        kinds.clear()
    return EventsJudged(tuple(events), dict(kinds), tuple(messages), (*reading.faults, *unfit, *faults), is_cut)


def events_ready(node: "Node", asker: Asker, draft: Draft, judged: EventsJudged) -> tuple[list[Step], int]:
    """The transactions for what is not on record yet, and how many events are. TooManyParts."""
    missing = [one for one in judged.events if not _stands(node, asker, draft.party, one[1])]
    bundles = pack(missing, judged.described, _readers(draft), "", "proceed") if missing or judged.described else []
    steps = [Step(number, json_bytes(one.messages), ()) for number, one in enumerate(bundles, 1)]
    return steps, len(judged.events) - len(missing)


class _Key(msgspec.Struct):
    eventID: str = ""
    errorDeclaration: Mapping[str, msgspec.Raw] | None = None


_key_of = msgspec.json.Decoder(_Key).decode


def _stands(node: "Node", asker: Asker, party: str, text: bytes) -> bool:
    said = _key_of(text)
    declared = msgspec.json.decode((said.errorDeclaration or {}).get("declarationTime", b'""'))
    found = record_of(node, asker, "trace.event", party, said.eventID, str(declared))
    return found is not None and not found["job"] and found["text"].encode() == text


def _readers(draft: Draft) -> Readers:
    audience: Audience = "everyone" if draft.choices.audience == "everyone" else "named"
    return Readers(draft.party, draft.choices.shared_with, audience)


__all__ = ["EVENTS_LIMIT", "EventsJudged", "TooManyParts", "events_ready", "judge_events", "looks_like_events"]
