"""What may be asked of identity, what it announces and what it refuses."""

from enum import IntEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sogdia.core.transaction import Event, Message
from sogdia.core.values import CountryCode, Instant, KeyId, PartyId, Reference, Text

Role = Literal[
    "registrar",
    "seller",
    "platform",
    "payment_institution",
    "carrier",
    "warehouse",
    "broker",
    "customs",
    "tax_authority",
    "bank",
    "buyer",
    "operator",
]
KeyPurpose = Literal["sign", "recover"]
PublicKey = Annotated[
    str, Meta(pattern="^[0-9a-f]{64}$", max_length=64, description="32-byte public key in hexadecimal")
]


class Refused(IntEnum):
    """Refusals of identity, 1000-1999."""

    PARTY_UNKNOWN = 1001
    PARTY_EXISTS = 1002
    PARTY_SUSPENDED = 1003
    NOT_SIGNED_BY = 1004
    ROLE_MISSING = 1005
    KEY_EXISTS = 1006
    KEY_UNKNOWN = 1007
    KEY_RETIRED = 1008
    LAST_KEY = 1009
    IDENTIFIER_NOT_OF_KEY = 1010
    KEY_ID_NOT_OF_PARTY = 1011
    DELEGATION_UNKNOWN = 1012
    DELEGATION_PAST = 1013
    NOT_SUSPENDED = 1014
    ROLE_HELD = 1015
    PURPOSE_WRONG = 1016
    SELF_DELEGATION = 1017


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to put on record; `id` is the party's DID, `#` and a name that was never used."""

    id: KeyId
    public: PublicKey
    scheme: Literal["EdDSA"] = "EdDSA"
    purpose: KeyPurpose = "sign"


class Register(Message, frozen=True, kw_only=True, tag="identity.register"):
    """Put a party on record. Signed by a registrar and by the party's first key.

    The identifier must be the one that its first key has (did:bid, key type e). `agreement` is the X25519 key to which
    others seal confidential values for it.
    """

    party: PartyId
    name: Text
    country: CountryCode
    registration: Reference
    roles: Annotated[tuple[Role, ...], Meta(min_length=1, max_length=8)]
    keys: Annotated[tuple[NewKey, ...], Meta(min_length=1, max_length=4)]
    agreement: PublicKey
    registrar: PartyId


class Rotate(Message, frozen=True, kw_only=True, tag="identity.rotate"):
    """Add a key, retire keys, or change the sealing key. Signed by the party with a key that is not being added."""

    party: PartyId
    add: Annotated[tuple[NewKey, ...], Meta(max_length=4)] = ()
    retire: Annotated[tuple[KeyId, ...], Meta(max_length=4)] = ()
    agreement: PublicKey | None = None


class Recover(Message, frozen=True, kw_only=True, tag="identity.recover"):
    """Replace every signing key by a new one. Signed by the party's recovery key and by the new key."""

    party: PartyId
    recovery_key: KeyId
    key: NewKey


class GrantRole(Message, frozen=True, kw_only=True, tag="identity.grant_role"):
    """Give a party a role. Signed by a registrar."""

    party: PartyId
    role: Role
    registrar: PartyId


class RevokeRole(Message, frozen=True, kw_only=True, tag="identity.revoke_role"):
    """Take a role from a party. Signed by a registrar."""

    party: PartyId
    role: Role
    registrar: PartyId


class Delegate(Message, frozen=True, kw_only=True, tag="identity.delegate"):
    """Let an agent sign named messages for the principal until an instant. Signed by the principal."""

    principal: PartyId
    agent: PartyId
    actions: Annotated[tuple[Annotated[str, Meta(max_length=60)], ...], Meta(min_length=1, max_length=20)]
    until_ms: Instant


class RevokeDelegation(Message, frozen=True, kw_only=True, tag="identity.revoke_delegation"):
    """End a delegation now. Signed by the principal or by the agent."""

    principal: PartyId
    agent: PartyId


class Suspend(Message, frozen=True, kw_only=True, tag="identity.suspend"):
    """Stop a party's signatures from counting. Signed by a registrar."""

    party: PartyId
    reason: Text
    registrar: PartyId


class Reinstate(Message, frozen=True, kw_only=True, tag="identity.reinstate"):
    """Let a suspended party's signatures count again. Signed by a registrar."""

    party: PartyId
    registrar: PartyId


class PartyRegistered(Event, frozen=True, kw_only=True, tag="identity.party_registered"):
    """A party is on record."""

    party: PartyId
    party_roles: tuple[str, ...]


class KeysChanged(Event, frozen=True, kw_only=True, tag="identity.keys_changed"):
    """A party's keys were rotated or recovered."""

    party: PartyId
    added: tuple[str, ...]
    retired: tuple[str, ...]


class StandingChanged(Event, frozen=True, kw_only=True, tag="identity.standing_changed"):
    """A role, a delegation or a suspension changed."""

    party: PartyId
    change: str
    detail: str


_ACME = "did:bid:sogd:efdPP4ympm36RxTYQJPber1PRKmLWZE"
_REGISTRAR = "did:bid:sogd:ef18F9AVK4SQLZPRrPkrVWwp9kbpdXHx"
_KEY = NewKey(id=_ACME + "#key-1", public="66" * 32)

EXAMPLES: tuple[Message, ...] = (
    Register(
        party=_ACME,
        name="Yiwu Lantern Trading Co.",
        country="CN",
        registration="91330782MA28DEMO0X",
        roles=("seller",),
        keys=(_KEY,),
        agreement="77" * 32,
        registrar=_REGISTRAR,
    ),
    Rotate(party=_ACME, add=(NewKey(id=_ACME + "#key-2", public="88" * 32),), retire=(_ACME + "#key-1",)),
    Recover(party=_ACME, recovery_key=_ACME + "#recovery", key=NewKey(id=_ACME + "#key-3", public="99" * 32)),
    GrantRole(party=_ACME, role="platform", registrar=_REGISTRAR),
    RevokeRole(party=_ACME, role="platform", registrar=_REGISTRAR),
    Delegate(principal=_ACME, agent=_REGISTRAR, actions=("customs.declare_export",), until_ms=1_893_456_000_000),
    RevokeDelegation(principal=_ACME, agent=_REGISTRAR),
    Suspend(party=_ACME, reason="licence expired", registrar=_REGISTRAR),
    Reinstate(party=_ACME, registrar=_REGISTRAR),
)
