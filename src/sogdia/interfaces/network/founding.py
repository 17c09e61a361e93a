"""The founding agreement of a network: who its members are, who has which public office, and the first rulebooks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sogdia.app import MODULES
from sogdia.core.codec import json_bytes
from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import PublishBans
from sogdia.domains.customs.messages import PublishLimits
from sogdia.domains.governance.messages import FirstVersion, Found, Founder, Parameters
from sogdia.domains.identity.messages import NewKey, Register, Role
from sogdia.domains.tax.messages import PublishRates
from sogdia.interfaces.network.laying import Member
from sogdia.standards import seed

OFFICES: Final[tuple[tuple[str, tuple[Role, ...]], ...]] = (
    ("zone", ("registrar",)),
    ("customs", ("customs",)),
    ("tax", ("tax_authority",)),
    ("bank", ("bank",)),
)
"""The first organisations of a network and their roles: without the first three nobody registers or publishes."""


def names(count: int) -> list[str]:
    """What so many organisations are called unless said otherwise."""
    offices = [name for name, _ in OFFICES]
    return [*offices[:count], *(f"member{number}" for number in range(len(offices) + 1, count + 1))]


def agreement(
    members: Sequence[Member],
    roles: Mapping[str, Sequence[Role]],
    more: Callable[[Mapping[str, str]], Sequence[Message]] = lambda parties: (),
    parameters: Parameters | None = None,
) -> bytes:
    """The founding messages as a JSON list: the members' parties, the network itself, and what else is agreed.

    `roles` are by the members' names; `more` is given each member's DID by name.
    """
    parties = {member.name: member.identity.did for member in members}
    founders = tuple(Founder(m.identity.did, m.peer.url, m.validator.hex()) for m in members)
    versions = tuple(FirstVersion(module.name, module.version) for module in MODULES)
    found = Found(members=founders, parameters=parameters or Parameters(), versions=versions)
    registrar = next(iter(parties.values()))
    registrations = [_registration(member, tuple(roles.get(member.name, ())), registrar) for member in members]
    return json_bytes([*registrations, found, *more(parties)])


def offices(members: Sequence[Member], rulebooks: bool = True) -> bytes:
    """The agreement of a network whose first members hold the public offices, with the rulebooks that come along."""
    held = dict(zip((member.name for member in members), (roles for _, roles in OFFICES), strict=False))
    if len(members) == 1:
        held = {members[0].name: tuple(role for _, roles in OFFICES for role in roles)}

    def published(parties: Mapping[str, str]) -> Sequence[Message]:
        holder = {role: parties[name] for name, roles in held.items() for role in roles}
        customs, tax = holder.get("customs"), holder.get("tax_authority")
        books: list[Message] = []
        if rulebooks and customs:
            books.append(PublishLimits(authority=customs, rows=seed.rows("customs_cn_limits")))
            books.append(PublishBans(authority=customs, rows=seed.rows("catalog_bans")))
        if rulebooks and tax:
            books.append(PublishRates(authority=tax, rows=seed.rows("tax_cn_retail_import")))
        return books

    return agreement(members, held, published)


def _registration(member: Member, roles: tuple[Role, ...], registrar: str) -> Register:
    return Register(
        party=member.identity.did,
        name=member.name.capitalize(),
        country="CN",
        registration=f"FOUNDING-{member.name.upper()}",
        roles=roles or ("operator",),
        keys=tuple(NewKey(id=key.kid, public=key.public) for key in member.identity.signing_keys),
        agreement=member.identity.agreement,
        registrar=registrar,
    )
