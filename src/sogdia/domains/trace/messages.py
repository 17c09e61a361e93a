"""What may be asked of trace, what it announces and what it refuses."""

from enum import IntEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sogdia.core.transaction import Event, Message
from sogdia.core.values import PartyId, Reference

EVENTS_LIMIT = 2_000
PARTS_LIMIT = 1_000
EVENT_LIMIT_BYTES = 64 * 1024

Uri = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x20\x7f<>\"{}|\\^`]+$(?!\n)",
        min_length=1,
        max_length=500,
        description="a URI as it was given",
    ),
]
Audience = Literal["named", "everyone"]
"""Who may read an event: its party and those it is shared with, or everyone."""
Readers = Annotated[tuple[PartyId, ...], Meta(max_length=20)]
JobNumber = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)",
        max_length=60,
        description="number of a job of several parts; empty: this is all",
    ),
]
"""As `Reference`, by which a job is withdrawn, but it may be empty."""


class Refused(IntEnum):
    """Refusals of trace, 9000-9999."""

    EVENT_MALFORMED = 9001
    EVENT_EXISTS = 9002
    JOB_PART_WRONG = 9003
    JOB_PART_EXISTS = 9004
    JOB_CLOSED = 9005
    JOB_UNKNOWN = 9006


class Capture(Message, frozen=True, kw_only=True, tag="trace.capture"):
    """Put events on record, all or none. Signed by the party that observed them.

    Each of `events` is a JSON object of EPCIS 2.0 with an `eventID`, at most 64 KiB; its `@context` holds only its own
    prefixes. What does not fit into one transaction is a job of `of` parts under one number: its events count from the
    moment the last part is on record, which must be within a day of the first.
    """

    party: PartyId
    events: Annotated[tuple[msgspec.Raw, ...], Meta(min_length=1, max_length=EVENTS_LIMIT)]
    shared_with: Readers = ()
    audience: Audience = "named"
    job: JobNumber = ""
    part: Annotated[int, Meta(ge=1, le=PARTS_LIMIT)] = 1
    of: Annotated[int, Meta(ge=1, le=PARTS_LIMIT)] = 1


class WithdrawJob(Message, frozen=True, kw_only=True, tag="trace.withdraw_job"):
    """Give up a job whose parts are not all on record; its events never count. Signed by its party."""

    party: PartyId
    job: Reference


class Attribute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One attribute of master data: a URI and a value, or a value with parts as JSON text."""

    id: Uri
    value: Annotated[str, Meta(max_length=2_000)]


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place, party or thing of a vocabulary (EPCIS 2.0, 6.5); `children` are places within this one."""

    id: Uri
    attributes: Annotated[tuple[Attribute, ...], Meta(max_length=100)] = ()
    children: Annotated[tuple[Uri, ...], Meta(max_length=1_000)] = ()


class Describe(Message, frozen=True, kw_only=True, tag="trace.describe"):
    """Say what places and things are: master data of one vocabulary. Signed by the party; the newest word counts.

    An element without attributes and children takes back what was said of it.
    """

    party: PartyId
    vocabulary: Uri
    elements: Annotated[tuple[Element, ...], Meta(min_length=1, max_length=500)]
    shared_with: Readers = ()
    audience: Audience = "named"


class Captured(Event, frozen=True, kw_only=True, tag="trace.captured"):
    """Events are on record; with a job, `complete` says whether they count."""

    party: PartyId
    events: int
    job: str
    complete: bool


class JobWithdrawn(Event, frozen=True, kw_only=True, tag="trace.job_withdrawn"):
    """The events of a job never count."""

    party: PartyId
    job: str


class Described(Event, frozen=True, kw_only=True, tag="trace.described"):
    """Master data are on record."""

    party: PartyId
    vocabulary: str
    elements: int


_FARM = "did:bid:sogd:efdPP4ympm36RxTYQJPber1PRKmLWZE"
_SEEN = (
    b'{"type":"ObjectEvent","eventID":"urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a55",'
    b'"eventTime":"2026-05-28T20:33:31.116Z","eventTimeZoneOffset":"+08:00","action":"ADD","bizStep":"commissioning",'
    b'"disposition":"active","epcList":["https://id.gs1.org/01/09506000134352/21/6Q4T8W2Z"],'
    b'"readPoint":{"id":"https://id.gs1.org/414/9506000138602"}}'
)

EXAMPLES: tuple[Message, ...] = (
    Capture(party=_FARM, events=(msgspec.Raw(_SEEN),), audience="everyone"),
    WithdrawJob(party=_FARM, job="2026-05-28/17"),
    Describe(
        party=_FARM,
        vocabulary="urn:epcglobal:epcis:vtype:BusinessLocation",
        elements=(
            Element(
                id="https://id.gs1.org/414/9506000138602",
                attributes=(Attribute(id="urn:epcglobal:cbv:mda#countryCode", value="CN"),),
                children=("https://id.gs1.org/414/9506000138602/254/12",),
            ),
        ),
    ),
)
