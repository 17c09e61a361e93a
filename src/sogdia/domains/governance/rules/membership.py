"""What a member may do without a vote: change its seat's key, its address, come back; and who hosts a party."""

from msgspec.structs import replace

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.domains.governance.messages import (
    Host,
    HostChanged,
    MemberChanged,
    Refused,
    Rejoin,
    RotateValidator,
    SetUrl,
)
from sogdia.domains.governance.rules.seats import check_key, retire, seat_of
from sogdia.domains.governance.state import (
    HOSTINGS,
    MEMBERS,
    SUSPENDED,
    VALIDATORS,
    Hosting,
    Validator,
    active_member,
    announce,
    require_member,
    require_signed,
)
from sogdia.domains.identity.state import party_on_record, set_suspended
from sogdia.domains.identity.state import require as require_party


def rotate_validator(ledger: Ledger, asked: RotateValidator) -> None:
    """The seat goes on with a new key; a key that others may hold must not wait for votes."""
    member = require_member(ledger, asked.member, "governance.rotate_validator")
    held = seat_of(ledger, member)
    if held is None:
        raise Refusal(Refused.NO_SEAT, party=asked.member)
    check_key(ledger, None, asked.validator)
    retire(ledger, held, "rotated")
    VALIDATORS.put(ledger.state, Validator(asked.validator, asked.member, held.power, ledger.height))
    MEMBERS.put(ledger.state, replace(member, validator=asked.validator))
    announce(ledger, MemberChanged, party=asked.member, change="validator rotated", detail=asked.validator)


def set_url(ledger: Ledger, asked: SetUrl) -> None:
    """The member's node has moved."""
    member = require_member(ledger, asked.member, "governance.set_url")
    if member.url == asked.url:
        raise Refusal(Refused.NOTHING_CHANGES, subject=asked.member)
    MEMBERS.put(ledger.state, replace(member, url=asked.url))
    announce(ledger, MemberChanged, party=asked.member, change="moved", detail=asked.url)


def rejoin(ledger: Ledger, asked: Rejoin) -> None:
    """A member whose suspension is over has its vote and its party's signatures again; its seat waits for a vote."""
    require_signed(ledger, asked.member, "governance.rejoin")
    member = MEMBERS.get(ledger.state, asked.member)
    if member is None or member.standing != "suspended":
        standing = member.standing if member else "none"
        raise Refusal(Refused.NOT_SUSPENDED, party=asked.member, standing=standing)
    if not member.until_ms or ledger.time_ms <= member.until_ms:
        raise Refusal(Refused.SUSPENSION_LASTS, party=asked.member, until_ms=member.until_ms)
    MEMBERS.put(ledger.state, replace(member, standing="active", until_ms=0))
    if party_on_record(ledger, asked.member).suspended == SUSPENDED:
        set_suspended(ledger, asked.member, "")
    announce(ledger, MemberChanged, party=asked.member, change="rejoined", detail="")


def host(ledger: Ledger, asked: Host) -> None:
    """A party names the active member that hosts it, or another one than before."""
    require_party(ledger, asked.party, "governance.host")
    active_member(ledger, asked.member)
    before = HOSTINGS.get(ledger.state, asked.party)
    if before is not None and before.member == asked.member:
        raise Refusal(Refused.NOTHING_CHANGES, subject=asked.party)
    HOSTINGS.put(ledger.state, Hosting(asked.party, asked.member))
    told = (asked.party, asked.member, *((before.member,) if before else ()))
    ledger.announce(HostChanged(party=asked.party, member=asked.member, parties=tuple(dict.fromkeys(told))))
