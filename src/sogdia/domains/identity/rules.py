"""One rule per message of identity: refuse or change."""

from msgspec.structs import replace

from sogdia.core.module import Ledger, Module
from sogdia.core.refusal import Refusal
from sogdia.domains.identity import messages, state
from sogdia.domains.identity.messages import (
    Delegate,
    GrantRole,
    KeysChanged,
    PartyRegistered,
    Recover,
    Refused,
    Register,
    Reinstate,
    RevokeDelegation,
    RevokeRole,
    Rotate,
    StandingChanged,
    Suspend,
)
from sogdia.domains.identity.state import DELEGATIONS, KEYS, PARTIES, Delegation, Party

module = Module("identity", 1000, messages, state)


@module.rule
def register(ledger: Ledger, asked: Register) -> None:
    """A party comes on record with its keys; the registrar and the party's own first key have signed."""
    if PARTIES.get(ledger.state, asked.party) is not None:
        raise Refusal(Refused.PARTY_EXISTS, party=asked.party)
    first = asked.keys[0]
    if not state.is_identifier_of(asked.party, first.public):
        raise Refusal(Refused.IDENTIFIER_NOT_OF_KEY, party=asked.party, key=first.id)
    if first.purpose != "sign":
        raise Refusal(Refused.PURPOSE_WRONG, key=first.id, purpose=first.purpose)
    if not ledger.founding:
        _require_key(ledger, asked.party, first.id, "identity.register")
        state.require_role(ledger, asked.registrar, "registrar", "identity.register")
    roles = tuple(sorted(set(asked.roles)))
    party = Party(asked.party, asked.name, asked.country, asked.registration, roles, asked.agreement)
    PARTIES.put(ledger.state, party)
    for key in asked.keys:
        state.put_key(ledger, asked.party, key)
    ledger.announce(PartyRegistered(party=asked.party, party_roles=roles, parties=(asked.party, asked.registrar)))


@module.rule
def rotate(ledger: Ledger, asked: Rotate) -> None:
    """New keys come, old ones no longer sign; at least one signing key stays."""
    party = _require_in_person(ledger, asked.party, "identity.rotate")
    for key in asked.add:
        state.put_key(ledger, asked.party, key)
    for kid in asked.retire:
        state.retire_key(ledger, asked.party, kid)
    if not state.signing_keys(ledger, asked.party):
        raise Refusal(Refused.LAST_KEY, party=asked.party)
    if asked.agreement is not None:
        PARTIES.put(ledger.state, replace(party, agreement=asked.agreement))
    _keys_changed(ledger, asked.party, tuple(key.id for key in asked.add), asked.retire)


@module.rule
def recover(ledger: Ledger, asked: Recover) -> None:
    """The recovery key puts one new signing key in the place of all the others."""
    party = state.require(ledger, asked.party, "identity.recover")
    recovery = KEYS.get(ledger.state, asked.recovery_key)
    if recovery is None or recovery.party != asked.party:
        raise Refusal(Refused.KEY_UNKNOWN, key=asked.recovery_key)
    if recovery.purpose != "recover" or asked.key.purpose != "sign":
        raise Refusal(Refused.PURPOSE_WRONG, key=asked.recovery_key, purpose=recovery.purpose)
    for kid in (asked.recovery_key, asked.key.id):
        _require_key(ledger, asked.party, kid, "identity.recover")
    lost = tuple(key.id for key in state.signing_keys(ledger, asked.party))
    state.put_key(ledger, asked.party, asked.key)
    for kid in lost:
        state.retire_key(ledger, asked.party, kid)
    _keys_changed(ledger, party.did, (asked.key.id,), lost)


@module.rule
def grant_role(ledger: Ledger, asked: GrantRole) -> None:
    """A registrar gives a party a role."""
    state.require_role(ledger, asked.registrar, "registrar", "identity.grant_role")
    party = state.party_on_record(ledger, asked.party)
    if asked.role in party.roles:
        raise Refusal(Refused.ROLE_HELD, party=asked.party, role=asked.role)
    PARTIES.put(ledger.state, replace(party, roles=tuple(sorted((*party.roles, asked.role)))))
    _standing(ledger, asked.party, "role granted", asked.role)


@module.rule
def revoke_role(ledger: Ledger, asked: RevokeRole) -> None:
    """A registrar takes a role from a party."""
    state.require_role(ledger, asked.registrar, "registrar", "identity.revoke_role")
    party = state.party_on_record(ledger, asked.party)
    if asked.role not in party.roles:
        raise Refusal(Refused.ROLE_MISSING, party=asked.party, role=asked.role, roles=list(party.roles))
    PARTIES.put(ledger.state, replace(party, roles=tuple(role for role in party.roles if role != asked.role)))
    _standing(ledger, asked.party, "role revoked", asked.role)


@module.rule
def delegate(ledger: Ledger, asked: Delegate) -> None:
    """The principal lets an agent sign named messages until an instant; a new delegation replaces the old one."""
    _require_in_person(ledger, asked.principal, "identity.delegate")
    state.party_on_record(ledger, asked.agent)
    if asked.agent == asked.principal:
        raise Refusal(Refused.SELF_DELEGATION, party=asked.principal)
    if asked.until_ms <= ledger.time_ms:
        raise Refusal(Refused.DELEGATION_PAST, until_ms=asked.until_ms, time_ms=ledger.time_ms)
    actions = tuple(sorted(set(asked.actions)))
    DELEGATIONS.put(ledger.state, Delegation(asked.principal, asked.agent, actions, asked.until_ms))
    _standing(ledger, asked.principal, "delegated", asked.agent)


@module.rule
def revoke_delegation(ledger: Ledger, asked: RevokeDelegation) -> None:
    """Principal or agent ends a delegation."""
    if DELEGATIONS.get(ledger.state, asked.principal, asked.agent) is None:
        raise Refusal(Refused.DELEGATION_UNKNOWN, principal=asked.principal, agent=asked.agent)
    ending = asked.agent if asked.agent in ledger.signers else asked.principal
    _require_in_person(ledger, ending, "identity.revoke_delegation")
    DELEGATIONS.delete(ledger.state, asked.principal, asked.agent)
    _standing(ledger, asked.principal, "delegation revoked", asked.agent)


@module.rule
def suspend(ledger: Ledger, asked: Suspend) -> None:
    """A registrar stops a party's signatures from counting."""
    state.require_role(ledger, asked.registrar, "registrar", "identity.suspend")
    party = state.party_on_record(ledger, asked.party)
    if party.suspended:
        raise Refusal(Refused.PARTY_SUSPENDED, party=asked.party, reason=party.suspended)
    PARTIES.put(ledger.state, replace(party, suspended=asked.reason or "suspended"))
    _standing(ledger, asked.party, "suspended", asked.reason)


@module.rule
def reinstate(ledger: Ledger, asked: Reinstate) -> None:
    """A registrar lets a suspended party's signatures count again."""
    state.require_role(ledger, asked.registrar, "registrar", "identity.reinstate")
    party = state.party_on_record(ledger, asked.party)
    if not party.suspended:
        raise Refusal(Refused.NOT_SUSPENDED, party=asked.party)
    PARTIES.put(ledger.state, replace(party, suspended=""))
    _standing(ledger, asked.party, "reinstated", "")


def _require_in_person(ledger: Ledger, did: str, action: str) -> Party:
    """An agent may neither hand on nor end what it was given for itself, nor put its own keys in the principal's."""
    party = state.require(ledger, did, action)
    if not ledger.founding and did not in ledger.signers:
        raise Refusal(Refused.NOT_SIGNED_BY, party=did, action=action, signed_by=list(ledger.signers))
    return party


def _require_key(ledger: Ledger, party: str, kid: str, action: str) -> None:
    """This very key has signed: another one that the same message introduces would prove nothing."""
    if kid not in ledger.signing_keys:
        raise Refusal(Refused.NOT_SIGNED_BY, party=party, action=action, key=kid)


def _keys_changed(ledger: Ledger, party: str, added: tuple[str, ...], retired: tuple[str, ...]) -> None:
    ledger.announce(KeysChanged(party=party, added=added, retired=retired, parties=(party,)))


def _standing(ledger: Ledger, party: str, change: str, detail: str) -> None:
    ledger.announce(StandingChanged(party=party, change=change, detail=detail, parties=(party,)))
