"""Seats among the validators: who gets one, who loses one, and that somebody is always left to make blocks."""

from typing import Final

from msgspec.structs import replace

from sogdia.core.module import Ledger
from sogdia.core.refusal import Refusal
from sogdia.domains.governance.messages import Refused
from sogdia.domains.governance.state import MEMBERS, VALIDATORS, Member, Validator, active_member, total_power

POWER_LIMIT: Final = 10_000
"""What all seats may weigh together; CometBFT counts to 2**60."""


def seat(ledger: Ledger, party: str, key: str, power: int) -> None:
    """The member validates with this key and power from now on. Refusals KEY_TAKEN, SEAT_HELD, TOO_MUCH_POWER.

    A key that left in this very block keeps the height from which it had its seat: for CometBFT it never left.
    """
    member = active_member(ledger, party)
    held = seat_of(ledger, member)
    if held is not None and held.validator != key:
        raise Refusal(Refused.SEAT_HELD, party=party, validator=held.validator)
    check_key(ledger, member, key)
    total = total_power(ledger.state) - (held.power if held else 0) + power
    if total > POWER_LIMIT:
        raise Refusal(Refused.TOO_MUCH_POWER, power=total, limit=POWER_LIMIT)
    before = VALIDATORS.get(ledger.state, key)
    stayed = before is not None and before.retired_height in (0, ledger.height)
    since = before.since_height if before is not None and stayed else ledger.height
    VALIDATORS.put(ledger.state, Validator(key, party, power, since))
    MEMBERS.put(ledger.state, replace(member, validator=key))


def vacate(ledger: Ledger, member: Member, reason: str) -> None:
    """The member's key stops validating, if it did. LAST_VALIDATOR when nobody would be left."""
    held = seat_of(ledger, member)
    if held is None:
        return
    if total_power(ledger.state) == held.power:
        raise Refusal(Refused.LAST_VALIDATOR, party=member.party)
    retire(ledger, held, reason)


def retire(ledger: Ledger, held: Validator, reason: str) -> None:
    """The key weighs nothing any more; its record stays, for what it signed can still be held against it."""
    VALIDATORS.put(ledger.state, replace(held, power=0, retired_height=ledger.height, reason=reason))


def seat_of(ledger: Ledger, member: Member) -> Validator | None:
    """The member's key as long as it validates."""
    held = VALIDATORS.get(ledger.state, member.validator) if member.validator else None
    return held if held is not None and held.power else None


def check_key(ledger: Ledger, member: Member | None, key: str) -> None:
    """Refuse with KEY_TAKEN a key that was ever on record, unless it is the very one that this member stands with."""
    if VALIDATORS.get(ledger.state, key) is not None and (member is None or member.validator != key):
        raise Refusal(Refused.KEY_TAKEN, validator=key)
