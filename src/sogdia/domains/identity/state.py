"""Parties, keys and delegations on record, and the questions that every other domain asks about them."""

from collections.abc import Sequence

from msgspec.structs import replace

from sogdia.core import keys
from sogdia.core.module import KeyOnRecord, Ledger
from sogdia.core.refusal import Refusal
from sogdia.core.state import Record, Table, View
from sogdia.core.transaction import Message
from sogdia.domains.identity.messages import (
    NewKey,
    PartyRegistered,
    Recover,
    Refused,
    Register,
    Role,
    StandingChanged,
)


class Party(Record, frozen=True, array_like=True):
    """An organisation on record. `suspended` holds the reason, or nothing."""

    did: str
    name: str
    country: str
    registration: str
    roles: tuple[str, ...]
    agreement: str
    suspended: str = ""


class Delegation(Record, frozen=True, array_like=True):
    """What an agent may sign for its principal, until when."""

    principal: str
    agent: str
    actions: tuple[str, ...]
    until_ms: int


PARTIES = Table("identity.party", Party, key=("did",), public=True)
KEYS = Table("identity.key", KeyOnRecord, key=("id",), public=True)
DELEGATIONS = Table(
    "identity.delegation", Delegation, key=("principal", "agent"), seen_by=("principal", "agent"), roles=("customs",)
)


def find_key(state: View, kid: str, messages: Sequence[Message]) -> KeyOnRecord | None:
    """The key that may sign under this id: on record and not retired, or introduced by these very messages."""
    key = KEYS.get(state, kid)
    if key is not None:
        idle = key.purpose == "recover" and not any(_recovers_with(message, kid) for message in messages)
        return None if key.retired_height or idle else key
    for message in messages:
        introduced = _introduced(message, kid)
        if introduced is not None:
            return introduced
    return None


def _recovers_with(message: Message, kid: str) -> bool:
    return isinstance(message, Recover) and message.recovery_key == kid


def _introduced(message: Message, kid: str) -> KeyOnRecord | None:
    if isinstance(message, Register):
        new, party = message.keys, message.party
    elif isinstance(message, Recover):
        new, party = (message.key,), message.party
    else:
        return None
    for key in new:
        if key.id == kid and kid.partition("#")[0] == party:
            return KeyOnRecord(key.id, party, key.scheme, key.public, key.purpose, 0)
    return None


def party_on_record(ledger: Ledger, did: str) -> Party:
    """The party, or refusal PARTY_UNKNOWN."""
    party = PARTIES.get(ledger.state, did)
    if party is None:
        raise Refusal(Refused.PARTY_UNKNOWN, party=did)
    return party


def require(ledger: Ledger, did: str, action: str) -> Party:
    """The party, when it signed this itself or through an agent delegated for the action, and is not suspended."""
    party = party_on_record(ledger, did)
    if ledger.founding:
        return party
    if party.suspended:
        raise Refusal(Refused.PARTY_SUSPENDED, party=did, reason=party.suspended)
    if did not in ledger.signers and not any(_may_act(ledger, did, agent, action) for agent in ledger.signers):
        raise Refusal(Refused.NOT_SIGNED_BY, party=did, action=action, signed_by=list(ledger.signers))
    return party


def require_role(ledger: Ledger, did: str, role: str, action: str) -> Party:
    """As `require`, and the party holds the role."""
    party = require(ledger, did, action)
    if role not in party.roles:
        raise Refusal(Refused.ROLE_MISSING, party=did, role=role, roles=list(party.roles))
    return party


def holder_of(ledger: Ledger, did: str, role: str) -> Party:
    """A party that is named but does not sign here: on record, in the role, not suspended."""
    party = party_on_record(ledger, did)
    if role not in party.roles:
        raise Refusal(Refused.ROLE_MISSING, party=did, role=role, roles=list(party.roles))
    if party.suspended:
        raise Refusal(Refused.PARTY_SUSPENDED, party=did, reason=party.suspended)
    return party


def _may_act(ledger: Ledger, principal: str, agent: str, action: str) -> bool:
    given = DELEGATIONS.get(ledger.state, principal, agent)
    if given is None or given.until_ms < ledger.time_ms or action not in given.actions:
        return False
    acting = PARTIES.get(ledger.state, agent)
    return acting is not None and not acting.suspended


def put_key(ledger: Ledger, party: str, new: NewKey) -> None:
    """Put a new key on record under an id that belongs to the party and was never used."""
    if not _is_key_id_of(party, new.id):
        raise Refusal(Refused.KEY_ID_NOT_OF_PARTY, key=new.id, party=party)
    if KEYS.get(ledger.state, new.id) is not None:
        raise Refusal(Refused.KEY_EXISTS, key=new.id)
    KEYS.put(ledger.state, KeyOnRecord(new.id, party, new.scheme, new.public, new.purpose, ledger.height))


def _is_key_id_of(party: str, kid: str) -> bool:
    try:
        return keys.parse_key_id(kid)[0] == party
    except keys.MalformedIdentifier:
        return False


def signing_keys(ledger: Ledger, party: str) -> list[KeyOnRecord]:
    """The party's keys that sign now."""
    held = KEYS.starting(ledger.state, party + "#")
    return [key for key in held if key.purpose == "sign" and not key.retired_height]


def retire_key(ledger: Ledger, party: str, kid: str) -> None:
    """Stop a key of the party from signing; its record stays, so that what it signed can be checked."""
    key = KEYS.get(ledger.state, kid)
    if key is None or key.party != party:
        raise Refusal(Refused.KEY_UNKNOWN, key=kid)
    if key.retired_height:
        raise Refusal(Refused.KEY_RETIRED, key=kid, retired_height=key.retired_height)
    KEYS.put(ledger.state, replace(key, retired_height=ledger.height))


def is_identifier_of(did: str, public: str) -> bool:
    """Whether the identifier is the one that this public key, in hexadecimal, has."""
    try:
        code = keys.parse_identifier(did).network_code
        return keys.identifier(code, bytes.fromhex(public)) == did
    except keys.MalformedIdentifier:
        return False


def check_newcomer(ledger: Ledger, did: str, new: Sequence[NewKey]) -> None:
    """Refuse keys under which the party could not come on record; the first must be the one it is named after."""
    if PARTIES.get(ledger.state, did) is not None:
        raise Refusal(Refused.PARTY_EXISTS, party=did)
    first = new[0]
    if not is_identifier_of(did, first.public):
        raise Refusal(Refused.IDENTIFIER_NOT_OF_KEY, party=did, key=first.id)
    if first.purpose != "sign":
        raise Refusal(Refused.PURPOSE_WRONG, key=first.id, purpose=first.purpose)
    named = [key.id for key in new]
    for kid in named:
        if not _is_key_id_of(did, kid):
            raise Refusal(Refused.KEY_ID_NOT_OF_PARTY, key=kid, party=did)
        if named.count(kid) > 1 or KEYS.get(ledger.state, kid) is not None:
            raise Refusal(Refused.KEY_EXISTS, key=kid)


def enrol(ledger: Ledger, party: Party, new: Sequence[NewKey]) -> None:
    """Put a party with its keys on record, by a decision that another domain has taken."""
    check_newcomer(ledger, party.did, new)
    PARTIES.put(ledger.state, party)
    for key in new:
        put_key(ledger, party.did, key)
    ledger.announce(PartyRegistered(party=party.did, party_roles=party.roles, parties=(party.did,)))


def set_suspended(ledger: Ledger, did: str, reason: str) -> None:
    """Stop a party's signatures from counting, or let them count again with no reason; as another domain decided."""
    party = party_on_record(ledger, did)
    if party.suspended != reason:
        PARTIES.put(ledger.state, replace(party, suspended=reason))
        change = "suspended" if reason else "reinstated"
        ledger.announce(StandingChanged(party=did, change=change, detail=reason, parties=(did,)))


def take_roles(ledger: Ledger, did: str) -> None:
    """Take every role from a party, as another domain decided."""
    party = party_on_record(ledger, did)
    for role in party.roles:
        ledger.announce(StandingChanged(party=did, change="role revoked", detail=role, parties=(did,)))
    PARTIES.put(ledger.state, replace(party, roles=()))


def set_role(ledger: Ledger, did: str, role: Role, held: bool) -> None:
    """Give a party a role or take it, as another domain decided. Refusals ROLE_HELD and ROLE_MISSING."""
    party = party_on_record(ledger, did)
    if held and role in party.roles:
        raise Refusal(Refused.ROLE_HELD, party=did, role=role)
    if not held and role not in party.roles:
        raise Refusal(Refused.ROLE_MISSING, party=did, role=role, roles=list(party.roles))
    roles = {*party.roles, role} if held else set(party.roles) - {role}
    PARTIES.put(ledger.state, replace(party, roles=tuple(sorted(roles))))
    change = "role granted" if held else "role revoked"
    ledger.announce(StandingChanged(party=did, change=change, detail=role, parties=(did,)))
