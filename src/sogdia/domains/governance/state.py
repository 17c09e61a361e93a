"""Members, seats, cases and terms on record, and what machine and engine ask of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from sogdia.core.module import KeyOnRecord, Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table, View
from sogdia.core.terms import Terms
from sogdia.core.transaction import Event, Message
from sogdia.domains.governance.messages import (
    Apply,
    Credential,
    Finding,
    HaltNetwork,
    Organisation,
    Parameters,
    Proposed,
    Refused,
    ResumeNetwork,
    SetParameters,
    Upgrade,
    Withdraw,
)
from sogdia.domains.identity.messages import Refused as IdentityRefused
from sogdia.domains.identity.messages import Role
from sogdia.domains.identity.state import PARTIES
from sogdia.domains.identity.state import find_key as find_key_on_record
from sogdia.primitives import cases

SPARED: Final = frozenset({"identity", "governance"})
"""Modules whose messages are admitted during a halt: keys can be changed, and the halt can be ended."""

ADMISSION: Final = "admission"
"""The kind of an application's case; other cases are of the kind of their action."""

SCOPE: Final = "network"
"""The key of records of which there is one."""

SUSPENDED: Final = "suspended by vote of the members"
"""Why a party's signatures do not count; a registrar's own reason is left alone."""

Standing = Literal["active", "suspended", "removed"]


class Member(Record, frozen=True, array_like=True):
    """An organisation that has, or had, a say. `validator` is the key of its seat, kept through a suspension.

    `until_ms` is the last instant of a suspension, 0 for one that only a vote ends.
    """

    party: str
    since_height: int
    standing: Standing
    url: str
    validator: str = ""
    until_ms: int = 0


class Validator(Record, frozen=True, array_like=True):
    """A consensus key: whose it is, what it weighs, and when and why it lost that. At power 0 it does not validate."""

    validator: str
    party: str
    power: int
    since_height: int
    retired_height: int = 0
    reason: str = ""


class Quota(msgspec.Struct, frozen=True, array_like=True):
    """A party's own limit of transactions in a block."""

    party: str
    limit: int


class RuleVersion(msgspec.Struct, frozen=True, array_like=True):
    """From this height of the machine on, a module's rules are of this version."""

    module: str
    version: int
    from_height: int


class Halt(msgspec.Struct, frozen=True, array_like=True):
    """Until when the network stands still, why, and by which case."""

    until_ms: int
    reason: str
    case_no: str


class NetworkTerms(Record, frozen=True, array_like=True):
    """By what terms the network runs, all in one record, because every block begins with reading it.

    Quotas are ascending by party, versions by module and height. `halt` stays when it is over.
    """

    scope: str
    parameters: Parameters
    quotas: tuple[Quota, ...] = ()
    versions: tuple[RuleVersion, ...] = ()
    halt: Halt | None = None


class Docket(Record, frozen=True, array_like=True):
    """The number that was given to a case last, and the cases that nobody has found closed yet."""

    scope: str
    last: int = 0
    waiting: tuple[str, ...] = ()


class Proposal(Record, frozen=True, array_like=True):
    """What a case does when it passes."""

    case_no: str
    what: Proposed


class Reviewer(msgspec.Struct, frozen=True, array_like=True):
    """What one member found: the digest of its report, and what everybody may read."""

    member: str
    finding: Finding
    digest: str
    text: str


class Application(Record, frozen=True, array_like=True):
    """What an applicant has submitted, and what members found. `organisation` is None for a party on record."""

    case_no: str
    party: str
    organisation: Organisation | None
    url: str
    validator: str
    roles: tuple[Role, ...]
    credentials: tuple[Credential, ...]
    reviews: tuple[Reviewer, ...] = ()


class Hosting(Record, frozen=True, array_like=True):
    """Whose node keeps a party's envelopes and answers it."""

    party: str
    member: str


class Misbehaviour(Record, frozen=True, array_like=True):
    """What the engine saw of a validator, once for each offence; `seen` is CometBFT's height and the kind.

    `party` is the member that had the key, `case_no` the case that this has opened; both may be empty.
    """

    address: str
    seen: str
    kind: str
    engine_height: int
    power: int
    time_ms: int
    party: str
    case_no: str


MEMBERS = Table("governance.member", Member, key=("party",), public=True)
VALIDATORS = Table("governance.validator", Validator, key=("validator",), public=True)
TERMS = Table("governance.terms", NetworkTerms, key=("scope",), public=True)
DOCKET = Table("governance.docket", Docket, key=("scope",), public=True)
CASES = cases.table("governance.case")
PROPOSALS = Table("governance.proposal", Proposal, key=("case_no",), public=True)
APPLICATIONS = Table("governance.application", Application, key=("case_no",), public=True)
HOSTINGS = Table("governance.hosting", Hosting, key=("party",), public=True)
MISBEHAVIOUR = Table("governance.misbehaviour", Misbehaviour, key=("address", "seen"), public=True)


# --- what the machine and the engine ask ----------------------------------------------------------------------------


def terms(view: View, height: int, time_ms: int) -> Terms:
    """The terms of the block of this height; a ledger without governance has none. One read."""
    found = TERMS.get(view, SCOPE)
    if found is None:
        return Terms()
    parameters = found.parameters
    return Terms(
        versions=versions_at(found.versions, height),
        party_limit=parameters.party_limit,
        refused_limit=parameters.refused_limit,
        stranger_limit=parameters.stranger_limit,
        limits={quota.party: quota.limit for quota in found.quotas},
        halted_until_ms=found.halt.until_ms if found.halt else 0,
        spared=SPARED,
    )


def versions_at(versions: Iterable[RuleVersion], height: int) -> dict[str, int]:
    """By module, the latest version whose height has come."""
    return {one.module: one.version for one in versions if one.from_height <= height}


def validator_updates(changes: Mapping[bytes, Any]) -> list[tuple[str, int]]:
    """What CometBFT must hear of a block: consensus keys and their powers, ascending by key, 0 for one that goes.

    `changes` are the records that the block wrote, by key. A key that came and went within the block is left out:
    CometBFT stops at the removal of a validator that it does not have.
    """
    seats = [record for key, record in changes.items() if key.startswith(VALIDATORS.prefix)]
    told = [seat for seat in seats if seat.power or seat.since_height != seat.retired_height]
    return sorted((seat.validator, seat.power) for seat in told)


def block_bytes(changes: Mapping[bytes, Any]) -> int | None:
    """How large a block may be from the next one on, in bytes, when this block's changes say so; None otherwise."""
    terms = changes.get(TERMS.path(SCOPE))
    return terms.parameters.block_bytes if terms is not None else None


def find_key(state: View, kid: str, messages: Sequence[Message]) -> KeyOnRecord | None:
    """As identity's, and the first key of an applicant that is not on record: to apply, and to take that back.

    Once the party is on record only identity answers, or a key that it has retired would sign again by its application.
    """
    found = find_key_on_record(state, kid, messages)
    party = kid.partition("#")[0]
    if found is not None or PARTIES.get(state, party) is not None:
        return found
    for message in messages:
        organisation = _applying(state, message, party)
        if organisation is not None and organisation.keys[0].id == kid:
            key = organisation.keys[0]
            return KeyOnRecord(kid, party, key.scheme, key.public, key.purpose, 0)
    return None


def _applying(state: View, message: Message, party: str) -> Organisation | None:
    """Who this party says it is, here or in the application that it takes back."""
    if isinstance(message, Apply) and message.party == party:
        return message.organisation
    if isinstance(message, Withdraw) and message.party == party:
        application = APPLICATIONS.get(state, message.case_no)
        return application.organisation if application is not None and application.party == party else None
    return None


# --- what the rules ask ---------------------------------------------------------------------------------------------


def terms_on_record(ledger: Ledger) -> NetworkTerms:
    """The terms as they stand; NOT_FOUNDED on a ledger without governance."""
    found = TERMS.get(ledger.state, SCOPE)
    if found is None:
        raise Refusal(Refused.NOT_FOUNDED, network=ledger.network)
    return found


def require_signed(ledger: Ledger, party: str, action: str) -> None:
    """The party has signed this itself: membership is not exercised through agents."""
    if party not in ledger.signers:
        signed_by = list(ledger.signers)
        raise Refusal(IdentityRefused.NOT_SIGNED_BY, party=party, action=action, signed_by=signed_by)


def require_member(ledger: Ledger, party: str, action: str) -> Member:
    """The active member, which has signed this itself.

    That its party is suspended in identity does not matter: a registrar must not silence a member.
    """
    member = active_member(ledger, party)
    require_signed(ledger, party, action)
    return member


def active_member(ledger: Ledger, party: str) -> Member:
    """The member, when it is active; NOT_A_MEMBER otherwise."""
    member = MEMBERS.get(ledger.state, party)
    if member is None or member.standing != "active":
        raise Refusal(Refused.NOT_A_MEMBER, party=party, standing=member.standing if member else "none")
    return member


def active_members(view: View) -> tuple[str, ...]:
    """The parties that may vote now, ascending."""
    return tuple(member.party for member in MEMBERS.under(view) if member.standing == "active")


def total_power(view: View) -> int:
    """What all seats weigh together."""
    return sum(seat.power for seat in VALIDATORS.under(view))


def subject_of(what: Proposed) -> str:
    """What an action is about: a party, a module, or the network."""
    match what:
        case Upgrade(module=module):
            return module
        case SetParameters() | HaltNetwork() | ResumeNetwork():
            return SCOPE
        case _:
            return what.party


def announce(ledger: Ledger, event: type[Event], *concerned: str, **fields: Any) -> None:
    """Tell every active member, and whom else it concerns; what a case is about may also be no party at all."""
    told = (*active_members(ledger.state), *(one for one in concerned if one.startswith("did:")))
    ledger.announce(event(parties=tuple(dict.fromkeys(told)), **fields))
