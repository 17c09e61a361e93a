"""Events, jobs and master data on record, and the only functions that write them."""

from hashlib import sha256
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table
from sogdia.core.values import day_of
from sogdia.domains.trace.messages import EVENT_LIMIT_BYTES, Attribute, Capture, Describe, Element, Refused

JOB_OPEN_MS: Final = 24 * 3_600_000
"""How long the parts of a job may take, from the block of the first."""


class TraceEvent(Record, frozen=True, array_like=True):
    """An event as it was signed; `text` is its JSON, byte for byte.

    `declared` is the time of its error declaration as written there, empty when it declares none: the declaration has
    the same event ID as what it declares wrong. An event of a job counts when the job is complete.
    """

    party: str
    event: str
    declared: str
    job: str
    shared_with: tuple[str, ...]
    audience: str
    captured_at_ms: int
    text: str


class Job(Record, frozen=True, array_like=True):
    """A job of several transactions; `parts` are the numbers of those on record, ascending."""

    party: str
    job: str
    of: int
    parts: tuple[int, ...]
    status: Literal["open", "complete", "withdrawn"]
    until_ms: int
    shared_with: tuple[str, ...]


class Description(Record, frozen=True, array_like=True):
    """What a party says of a place or thing."""

    party: str
    vocabulary: str
    element: str
    attributes: tuple[Attribute, ...]
    children: tuple[str, ...]
    shared_with: tuple[str, ...]
    audience: str
    described_at_ms: int


EVENTS = Table(
    "trace.event",
    TraceEvent,
    key=("party", "event", "declared"),
    seen_by=("party", "shared_with"),
    roles=("customs",),
)
JOBS = Table("trace.job", Job, key=("party", "job"), seen_by=("party", "shared_with"), roles=("customs",))
DESCRIPTIONS = Table(
    "trace.description",
    Description,
    key=("party", "vocabulary", "element"),
    seen_by=("party", "shared_with"),
    roles=("customs",),
)


class _Declaration(msgspec.Struct, frozen=True, rename="camel"):
    declaration_time: str


class Head(msgspec.Struct, frozen=True):
    """What the rules read of an event."""

    type: str
    event: str = msgspec.field(name="eventID")
    declaration: _Declaration | None = msgspec.field(name="errorDeclaration", default=None)

    @property
    def declared(self) -> str:
        """The time of the error declaration as written, empty without one."""
        return self.declaration.declaration_time if self.declaration else ""


_head = msgspec.json.Decoder(Head).decode
_KEY_LIMIT: Final = 500


def head_of(text: bytes | memoryview, number: int) -> Head:
    """Type, ID and error declaration of an event; Refusal EVENT_MALFORMED names the event by its number from 1."""
    if len(text) > EVENT_LIMIT_BYTES:
        raise _malformed(number, f"{len(text)} bytes, at most {EVENT_LIMIT_BYTES} are taken")
    try:
        str(text, "utf-8")  # the decoder reads no text that it passes over
        head = _head(text)
    except (ValueError, RecursionError) as wrong:
        raise _malformed(number, str(wrong)[:200]) from None
    for name, value in (("eventID", head.event), ("declarationTime", head.declared)):
        if len(value) > _KEY_LIMIT or "\0" in value or (name == "eventID" and not value):
            raise _malformed(number, f"{name} has 1 to {_KEY_LIMIT} characters and no NUL")
    return head


def _malformed(number: int, detail: str) -> Refusal:
    return Refusal(Refused.EVENT_MALFORMED, event=number, detail=detail)


def put_event(ledger: Ledger, asked: Capture, number: int, text: bytes) -> None:
    """Put one event on record; Refusal EVENT_EXISTS unless what stands there is of a job that never counts."""
    head = head_of(text, number)
    before = EVENTS.get(ledger.state, asked.party, head.event, head.declared)
    if before is not None and not _is_void(ledger, before):
        raise Refusal(Refused.EVENT_EXISTS, event=number, id=head.event, party=asked.party)
    job = asked.job if asked.of > 1 else ""
    EVENTS.put(
        ledger.state,
        TraceEvent(
            asked.party,
            head.event,
            head.declared,
            job,
            asked.shared_with,
            asked.audience,
            ledger.time_ms,
            text.decode(),
        ),
    )


def put_observed(ledger: Ledger, party: str, shared_with: tuple[str, ...], text: bytes) -> None:
    """Put an event on record that follows from what a party signed elsewhere; what stands under its ID stays."""
    head = head_of(text, 1)
    if EVENTS.get(ledger.state, party, head.event, "") is None:
        event = TraceEvent(party, head.event, "", "", shared_with, "named", ledger.time_ms, text.decode())
        EVENTS.put(ledger.state, event)


def event_id(*parts: str) -> str:
    """An ID for such an event: a UUID of version 8 (RFC 9562, 5.8) from the SHA-256 of what it follows from."""
    digest = bytearray(sha256("\0".join(parts).encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"urn:uuid:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def utc(instant_ms: int) -> str:
    """An instant as xsd:dateTimeStamp in UTC."""
    day, rest = divmod(instant_ms, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{day_of(day * 86_400_000)}T{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}Z"


def quoted(text: str) -> str:
    """Text as one segment of a URI: all but unreserved characters percent-encoded (RFC 3986, 2.3)."""
    return "".join(
        char
        if char.isascii() and (char.isalnum() or char in "-._~")
        else "".join(f"%{byte:02X}" for byte in char.encode())
        for char in text
    )


def _is_void(ledger: Ledger, event: TraceEvent) -> bool:
    if not event.job:
        return False
    job = JOBS.get(ledger.state, event.party, event.job)
    return job is not None and (job.status == "withdrawn" or has_lapsed(ledger, job))


def has_lapsed(ledger: Ledger, job: Job) -> bool:
    """Whether a job's time was up before it was complete."""
    return job.status == "open" and job.until_ms < ledger.time_ms


def put_part(ledger: Ledger, asked: Capture) -> Job:
    """Count a part of a job; the job as it stands then. Refusals JOB_PART_WRONG, JOB_PART_EXISTS, JOB_CLOSED."""
    job = JOBS.get(ledger.state, asked.party, asked.job)
    if job is None:
        until_ms = ledger.time_ms + JOB_OPEN_MS
        job = Job(asked.party, asked.job, asked.of, (), "open", until_ms, asked.shared_with)
    if job.of != asked.of:
        raise Refusal(Refused.JOB_PART_WRONG, job=asked.job, of=asked.of, expected=job.of)
    if asked.part in job.parts:
        raise Refusal(Refused.JOB_PART_EXISTS, job=asked.job, part=asked.part)
    require_open(ledger, job)
    parts = tuple(sorted((*job.parts, asked.part)))
    job = replace(job, parts=parts, status="complete" if len(parts) == job.of else "open")
    JOBS.put(ledger.state, job)
    return job


def require_open(ledger: Ledger, job: Job) -> None:
    """Refuse with JOB_CLOSED unless the job still waits for parts."""
    if job.status != "open" or has_lapsed(ledger, job):
        status = "lapsed" if job.status == "open" else job.status
        raise Refusal(Refused.JOB_CLOSED, job=job.job, status=status)


def put_withdrawn(ledger: Ledger, job: Job) -> None:
    """Give a job up."""
    JOBS.put(ledger.state, replace(job, status="withdrawn"))


def put_description(ledger: Ledger, asked: Describe, element: Element) -> None:
    """Put the newest word on a place or thing in place of the one before; without content, take it away."""
    if not element.attributes and not element.children:
        DESCRIPTIONS.delete(ledger.state, asked.party, asked.vocabulary, element.id)
        return
    DESCRIPTIONS.put(
        ledger.state,
        Description(
            asked.party,
            asked.vocabulary,
            element.id,
            element.attributes,
            element.children,
            asked.shared_with,
            asked.audience,
            ledger.time_ms,
        ),
    )
