"""What the engine saw of a validator: it is recorded once, and members decide what follows."""

from hashlib import sha256

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.domains.governance.messages import Misbehaved, MisbehaviourSeen, Refused, SuspendMember
from sogdia.domains.governance.rules.docket import open_case, open_cases
from sogdia.domains.governance.state import (
    MEMBERS,
    MISBEHAVIOUR,
    PROPOSALS,
    VALIDATORS,
    Misbehaviour,
    Proposal,
    announce,
)

AGAINST = ("suspend_member", "remove_member")
"""Cases that are about what a member has done."""


def misbehaved(ledger: Ledger, seen: Misbehaved) -> None:
    """The offence is on record, and a case to suspend the member is open. A repetition changes nothing.

    From the engine this is never refused: it stands in a block that is decided already.
    """
    if not ledger.by_engine:
        raise Refusal(Refused.ENGINE_ONLY, message="governance.misbehaved")
    which = f"{seen.engine_height:019}-{seen.kind}"
    if MISBEHAVIOUR.get(ledger.state, seen.address, which) is not None:
        return
    party = _party_of(ledger, seen.address)
    case_no = _case_against(ledger, party) if party else ""
    MISBEHAVIOUR.put(
        ledger.state,
        Misbehaviour(seen.address, which, seen.kind, seen.engine_height, seen.power, seen.time_ms, party, case_no),
    )
    announce(
        ledger,
        MisbehaviourSeen,
        *((party,) if party else ()),
        kind=seen.kind,
        address=seen.address,
        party=party,
        engine_height=seen.engine_height,
    )


def address_of(validator: str) -> str:
    """The address that CometBFT gives a consensus key, both in hexadecimal: SHA-256, its first 20 bytes."""
    return sha256(bytes.fromhex(validator)).hexdigest()[:40]


def _party_of(ledger: Ledger, address: str) -> str:
    """Whose key this is or was: evidence may come after the key has gone."""
    return next((seat.party for seat in VALIDATORS.under(ledger.state) if address_of(seat.validator) == address), "")


def _case_against(ledger: Ledger, party: str) -> str:
    """The number of the case that waits against this member, opened now if there is none and it is in good standing."""
    for case in open_cases(ledger):
        if case.subject == party and case.kind in AGAINST:
            return case.case_no
    member = MEMBERS.get(ledger.state, party)
    if member is None or member.standing != "active":
        return ""
    case = open_case(ledger, "suspend_member", party, "")
    PROPOSALS.put(ledger.state, Proposal(case.case_no, SuspendMember(party=party)))
    return case.case_no
