"""What may be asked of governance, what it announces and what it refuses."""

from enum import IntEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sogdia.core.transaction import Event, Message
from sogdia.core.values import CountryCode, Digest, Instant, PartyId, Reference, Text
from sogdia.domains.identity.messages import NewKey, PublicKey, Role
from sogdia.primitives.cases import Choice, Share

Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[!-~]+$(?!\n)",
        max_length=200,
        description="address of a node's HTTP interface, http(s)://...",
    ),
]
ConsensusKey = Annotated[
    str,
    Meta(pattern="^[0-9a-f]{64}$", max_length=64, description="Ed25519 key of a validator, 64 hexadecimal digits"),
]
Address = Annotated[
    str, Meta(pattern="^[0-9a-f]{40}$", max_length=40, description="first 20 bytes of a consensus key's SHA-256, hex")
]
Power = Annotated[int, Meta(ge=1, le=1000, description="weight of a validator's vote on blocks, 1 to 1,000")]
ModuleName = Annotated[str, Meta(pattern="^[a-z][a-z_]{0,30}$", max_length=31, description="a domain, such as orders")]
Version = Annotated[int, Meta(ge=1, le=10_000, description="version of a domain's rules, from 1")]
BlockHeight = Annotated[int, Meta(ge=1, le=10**15, description="height of a block of the machine")]
Limit = Annotated[int, Meta(ge=0, le=1_000_000, description="transactions in a block, 0 for no limit")]
CaseNo = Annotated[str, Meta(pattern="^[0-9]{6,12}$", max_length=12, description="number of a case, six digits")]
CaseDays = Annotated[int, Meta(ge=1, le=90, description="days of 24 hours from opening to deadline, 1 to 90")]
Reviews = Annotated[int, Meta(ge=0, le=20, description="reviews in order that an admission needs, 0 to 20")]
Places = Annotated[int, Meta(ge=1, le=100, description="cases open at once, 1 to 100")]
BlockBytes = Annotated[int, Meta(ge=1_048_576, le=67_108_864, description="bytes of a block, 1 MiB to 64 MiB")]
HaltLimit = Annotated[int, Meta(ge=60_000, le=604_800_000, description="longest halt in ms, a minute to a week")]
Finding = Literal["in_order", "wanting"]
Offence = Literal["double_sign", "light_client_attack"]


class Refused(IntEnum):
    """Refusals of governance, 8000-8999."""

    FOUNDING_ONLY = 8001
    FOUNDED_ALREADY = 8002
    NOT_FOUNDED = 8003
    NOT_A_MEMBER = 8004
    MEMBER_ALREADY = 8005
    APPLIED_ALREADY = 8006
    TOO_MANY_APPLICATIONS = 8007
    TOO_MANY_CASES = 8008
    NOT_AN_APPLICATION = 8009
    VOTES_NEEDED_TOO_FEW = 8010
    NOTHING_CHANGES = 8011
    KEY_TAKEN = 8012
    NO_SEAT = 8013
    SEAT_HELD = 8014
    LAST_VALIDATOR = 8015
    LAST_MEMBER = 8016
    TOO_MUCH_POWER = 8017
    NOT_SUSPENDED = 8018
    SUSPENSION_LASTS = 8019
    UNTIL_PAST = 8020
    HALT_TOO_LONG = 8021
    NOT_HALTED = 8022
    UPGRADE_TOO_SOON = 8023
    VERSION_NOT_NEXT = 8024
    ENGINE_ONLY = 8025
    ORGANISATION_MISSING = 8026
    TOO_MANY_QUOTAS = 8027


# --- parts ----------------------------------------------------------------------------------------------------------


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By what numbers the network runs.

    `votes_needed` is the share of active members, by count, that more must agree than; it is never below two thirds.
    `open_cases_limit` holds for one member, `applications_limit` for all applications together. `party_limit`,
    `refused_limit` and `stranger_limit` bound what one party, its refused transactions, and all keys that no party on
    record has may take of a block. `validator_power` is what a new seat gets.
    """

    votes_needed: Share = Share(2, 3)
    case_days: CaseDays = 14
    reviews_needed: Reviews = 1
    open_cases_limit: Places = 5
    applications_limit: Places = 20
    party_limit: Limit = 2000
    refused_limit: Limit = 100
    stranger_limit: Limit = 20
    validator_power: Power = 10
    block_bytes: BlockBytes = 4_194_304
    halt_limit_ms: HaltLimit = 86_400_000


class Founder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A founding member: its party, its node's address, and its consensus key or nothing for a member without seat."""

    party: PartyId
    url: Url
    validator: ConsensusKey | None = None


class FirstVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version of a module's rules with which the network begins; 1 for modules that are not named."""

    module: ModuleName
    version: Version


class Credential(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document about an organisation: what it is, who issued it under which number, and its digest."""

    kind: Reference
    issuer: Reference
    reference: Reference
    digest: Digest


class Organisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who an applicant is that is not on record yet; as in identity.register, it is named after its first key."""

    name: Text
    country: CountryCode
    registration: Reference
    keys: Annotated[tuple[NewKey, ...], Meta(min_length=1, max_length=4)]
    agreement: PublicKey


# --- what may be proposed -------------------------------------------------------------------------------------------


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="action"):
    """What a case does when it passes."""


class SuspendMember(Action, frozen=True, kw_only=True, tag="suspend_member"):
    """A member loses vote, seat and its party's signatures. Past `until_ms` it may rejoin; 0: only by vote."""

    party: PartyId
    until_ms: Instant = 0


class ReinstateMember(Action, frozen=True, kw_only=True, tag="reinstate_member"):
    """A suspended member gets all of it back, its seat with the power of a new one."""

    party: PartyId


class RemoveMember(Action, frozen=True, kw_only=True, tag="remove_member"):
    """A member loses membership, seat and roles; its party stays on record."""

    party: PartyId


class SeatValidator(Action, frozen=True, kw_only=True, tag="seat_validator"):
    """A member without seat gets one, or the power of its seat changes."""

    party: PartyId
    validator: ConsensusKey
    power: Power


class UnseatValidator(Action, frozen=True, kw_only=True, tag="unseat_validator"):
    """A member loses its seat and keeps its vote."""

    party: PartyId


class SetParameters(Action, frozen=True, kw_only=True, tag="set_parameters"):
    """Parameters change; those that are left out stay. Each is explained at Parameters."""

    votes_needed: Share | None = None
    case_days: CaseDays | None = None
    reviews_needed: Reviews | None = None
    open_cases_limit: Places | None = None
    applications_limit: Places | None = None
    party_limit: Limit | None = None
    refused_limit: Limit | None = None
    stranger_limit: Limit | None = None
    validator_power: Power | None = None
    block_bytes: BlockBytes | None = None
    halt_limit_ms: HaltLimit | None = None


class SetQuota(Action, frozen=True, kw_only=True, tag="set_quota"):
    """A party gets a limit of its own, or with none again that of everybody."""

    party: PartyId
    limit: Limit | None = None


class Upgrade(Action, frozen=True, kw_only=True, tag="upgrade"):
    """From a height on, revised rules of a module hold; the height can be changed by vote until it comes."""

    module: ModuleName
    version: Version
    from_height: BlockHeight


class HaltNetwork(Action, frozen=True, kw_only=True, tag="halt_network"):
    """Until an instant, nothing is admitted but what concerns identity and governance."""

    until_ms: Instant
    reason: Text


class ResumeNetwork(Action, frozen=True, kw_only=True, tag="resume_network"):
    """A halt ends before its time."""


class ChangeRole(Action, frozen=True, kw_only=True, tag="change_role"):
    """A party is given a role or loses it, by vote and without a registrar."""

    party: PartyId
    role: Role
    change: Literal["grant", "revoke"]


Proposed = (
    SuspendMember
    | ReinstateMember
    | RemoveMember
    | SeatValidator
    | UnseatValidator
    | SetParameters
    | SetQuota
    | Upgrade
    | HaltNetwork
    | ResumeNetwork
    | ChangeRole
)


# --- messages -------------------------------------------------------------------------------------------------------


class Found(Message, frozen=True, kw_only=True, tag="governance.found"):
    """Found the network. Signed by nobody: it stands in the founding agreement, after the parties' registrations."""

    members: Annotated[tuple[Founder, ...], Meta(min_length=1, max_length=100)]
    parameters: Parameters = Parameters()
    versions: Annotated[tuple[FirstVersion, ...], Meta(max_length=50)] = ()


class Apply(Message, frozen=True, kw_only=True, tag="governance.apply"):
    """Ask to become a member; this opens the case of the admission. Signed by the applicant.

    An organisation that is not on record says who it is in `organisation` and signs with the first of the keys there; a
    party on record leaves it out. `validator` is the consensus key of its node, if it wants a seat.
    """

    party: PartyId
    organisation: Organisation | None = None
    url: Url
    validator: ConsensusKey | None = None
    roles: Annotated[tuple[Role, ...], Meta(max_length=8)] = ()
    credentials: Annotated[tuple[Credential, ...], Meta(max_length=20)] = ()


class Review(Message, frozen=True, kw_only=True, tag="governance.review"):
    """Say what a look at an applicant's credentials has shown; a later review replaces it. Signed by an active member.

    `digest` is that of a report that is kept elsewhere, `text` what everybody may read.
    """

    member: PartyId
    case_no: CaseNo
    finding: Finding
    digest: Digest
    text: Text = ""


class Vote(Message, frozen=True, kw_only=True, tag="governance.vote"):
    """Vote on an open case; a later vote replaces it. Signed by an active member."""

    member: PartyId
    case_no: CaseNo
    choice: Choice


class Withdraw(Message, frozen=True, kw_only=True, tag="governance.withdraw"):
    """Take an open case back. Signed by the party that opened it."""

    party: PartyId
    case_no: CaseNo


class Propose(Message, frozen=True, kw_only=True, tag="governance.propose"):
    """Open a case; the proposer's own vote, yes, is part of it. Signed by an active member.

    `what` is one of the actions among the parts below, named in its field `action`: suspend_member, reinstate_member,
    remove_member, seat_validator, unseat_validator, set_parameters, set_quota, upgrade, halt_network, resume_network,
    change_role.
    """

    member: PartyId
    what: Proposed


class RotateValidator(Message, frozen=True, kw_only=True, tag="governance.rotate_validator"):
    """Put a new consensus key in the place of the old one, at once and with its power. Signed by the seat's member."""

    member: PartyId
    validator: ConsensusKey


class SetUrl(Message, frozen=True, kw_only=True, tag="governance.set_url"):
    """Say where the member's node is found now. Signed by the member."""

    member: PartyId
    url: Url


class Rejoin(Message, frozen=True, kw_only=True, tag="governance.rejoin"):
    """Come back after the last day of a suspension; the seat waits for a vote. Signed by the suspended member."""

    member: PartyId


class Host(Message, frozen=True, kw_only=True, tag="governance.host"):
    """Name the member whose node keeps a party's envelopes and answers it. Signed by the party."""

    party: PartyId
    member: PartyId


class Misbehaved(Message, frozen=True, kw_only=True, tag="governance.misbehaved"):
    """A validator has broken the rules of consensus. Signed by nobody: the engine saw it and says so with the block.

    `power` is what the validator had at the time, `engine_height` and `time_ms` are those of CometBFT's evidence.
    """

    kind: Offence
    address: Address
    power: Annotated[int, Meta(ge=0, le=2**60)]
    engine_height: Annotated[int, Meta(ge=0, le=2**60)]
    time_ms: Instant


# --- events ---------------------------------------------------------------------------------------------------------


class Founded(Event, frozen=True, kw_only=True, tag="governance.founded"):
    """The network is founded."""

    members: tuple[str, ...]


class CaseOpened(Event, frozen=True, kw_only=True, tag="governance.case_opened"):
    """A case waits for votes; `opened_by` is empty when the engine's word opened it."""

    case_no: str
    kind: str
    subject: str
    opened_by: str
    deadline_ms: int


class Reviewed(Event, frozen=True, kw_only=True, tag="governance.reviewed"):
    """A member has looked at an applicant's credentials."""

    case_no: str
    member: str
    finding: str


class Voted(Event, frozen=True, kw_only=True, tag="governance.voted"):
    """A member has voted."""

    case_no: str
    member: str
    choice: str


class CaseClosed(Event, frozen=True, kw_only=True, tag="governance.case_closed"):
    """A case has passed, or was rejected or withdrawn, or it was found to have lapsed."""

    case_no: str
    kind: str
    subject: str
    status: str


class MemberChanged(Event, frozen=True, kw_only=True, tag="governance.member_changed"):
    """An organisation has become a member, or a member's standing, seat or address has changed."""

    party: str
    change: str
    detail: str


class TermsChanged(Event, frozen=True, kw_only=True, tag="governance.terms_changed"):
    """A parameter, a quota, a version of rules or a halt has changed."""

    change: str
    detail: str


class HostChanged(Event, frozen=True, kw_only=True, tag="governance.host_changed"):
    """A party has named the member that hosts it."""

    party: str
    member: str


class MisbehaviourSeen(Event, frozen=True, kw_only=True, tag="governance.misbehaviour_seen"):
    """The engine saw a validator break the rules of consensus; `party` is empty when no member has its key."""

    kind: str
    address: str
    party: str
    engine_height: int


_FIRST = "did:bid:sogd:efdPP4ympm36RxTYQJPber1PRKmLWZE"
_SECOND = "did:bid:sogd:ef18F9AVK4SQLZPRrPkrVWwp9kbpdXHx"
_CASE_NO = "000001"

EXAMPLES: tuple[Message, ...] = (
    Found(
        members=(
            Founder(_FIRST, "https://first.example:8443", "66" * 32),
            Founder(_SECOND, "https://second.example:8443", "77" * 32),
        ),
        parameters=Parameters(case_days=7),
        versions=(FirstVersion("orders", 1),),
    ),
    Apply(
        party=_FIRST,
        organisation=Organisation(
            name="Samarkand Customs Brokers",
            country="UZ",
            registration="302345678",
            keys=(NewKey(id=_FIRST + "#key-1", public="66" * 32),),
            agreement="77" * 32,
        ),
        url="https://broker.example:8443",
        validator="88" * 32,
        roles=("broker",),
        credentials=(Credential("trade licence", "Chamber of Commerce", "L-2026-118", "99" * 32),),
    ),
    Review(member=_SECOND, case_no=_CASE_NO, finding="in_order", digest="99" * 32, text="licence seen in original"),
    Vote(member=_SECOND, case_no=_CASE_NO, choice="yes"),
    Withdraw(party=_FIRST, case_no=_CASE_NO),
    Propose(member=_FIRST, what=Upgrade(module="orders", version=2, from_height=120_000)),
    RotateValidator(member=_FIRST, validator="99" * 32),
    SetUrl(member=_FIRST, url="https://node.first.example"),
    Rejoin(member=_FIRST),
    Host(party=_SECOND, member=_FIRST),
    Misbehaved(kind="double_sign", address="5a" * 20, power=10, engine_height=4711, time_ms=1_893_456_000_000),
)
