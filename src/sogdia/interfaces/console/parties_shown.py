"""All that one party's page tells, gathered from the record and the picture."""

from typing import Any, Final

import msgspec

from sogdia.app import Node
from sogdia.core.module import KeyOnRecord
from sogdia.core.query import Asker, Picture
from sogdia.core.state import Committed
from sogdia.domains.governance import queries as governance
from sogdia.domains.governance.state import HOSTINGS, MEMBERS, VALIDATORS, Member
from sogdia.domains.identity import queries as identity
from sogdia.domains.identity.state import DELEGATIONS, KEYS, PARTIES, Party
from sogdia.interfaces.console.parties_signed import Written, writers

_SOON_MS: Final = 30 * 86_400_000
_DELEGATIONS_TOLD: Final = 500
"""More the query does not give."""


class KeyShown(msgspec.Struct, frozen=True):
    """A key with the transactions that put it on record and retired it, as far as this node knows them."""

    key: KeyOnRecord
    name: str
    state: str
    added: Written | None
    retired: Written | None


class Given(msgspec.Struct, frozen=True):
    """A delegation as a page tells it; `state` is holds, soon or over."""

    principal: str
    agent: str
    actions: tuple[str, ...]
    until_ms: int

    def state(self, now_ms: int) -> str:
        """How it stands at an instant; `soon` when it ends within thirty days."""
        if self.until_ms < now_ms:
            return "over"
        return "soon" if self.until_ms < now_ms + _SOON_MS else "holds"


class PartyShown(msgspec.Struct, frozen=True, kw_only=True):
    """One party. `host` is the member whose node answers for it, `hosted` are those whom its own node answers for."""

    party: Party
    keys: tuple[KeyShown, ...]
    changes: tuple[Written, ...]
    given: tuple[Given, ...]
    held: tuple[Given, ...]
    sees_all: bool
    """Whether whoever asks sees every delegation of this party, or only those that it is itself part of."""
    is_cut: bool
    host: Member | None
    hosted: tuple[str, ...]
    member: Member | None
    power: int


def shown(node: Node, picture: Picture, asker: Asker, did: str) -> PartyShown | None:
    """The party with everything about it that the asker may see; None for who is not on record."""
    view = Committed(node.store, cached=0)
    party = PARTIES.get(view, did)
    if party is None:
        return None
    given, held, is_cut = _delegations(picture, asker, did)
    hosting, member = HOSTINGS.get(view, did), MEMBERS.get(view, did)
    seat = VALIDATORS.get(view, member.validator) if member is not None and member.validator else None
    hosted = governance.hosts(picture, asker, did) if member is not None else []
    return PartyShown(
        party=party,
        keys=tuple(_key(node, asker, key) for key in KEYS.starting(view, did + "#")),
        changes=tuple(writers(node, asker, PARTIES, did)),
        given=given,
        held=held,
        sees_all=asker.party == did or any(role in DELEGATIONS.roles for role in asker.roles),
        is_cut=is_cut,
        host=MEMBERS.get(view, hosting.member) if hosting is not None else None,
        hosted=tuple(row["party"] for row in hosted),
        member=member,
        power=seat.power if seat is not None else 0,
    )


def _delegations(picture: Picture, asker: Asker, did: str) -> tuple[tuple[Given, ...], tuple[Given, ...], bool]:
    """Given and held, and whether there are more than the query tells."""
    given, held = identity.delegations(picture, asker, did), identity.delegations(picture, asker, agent=did)
    return _newest(given), _newest(held), max(len(given), len(held)) >= _DELEGATIONS_TOLD


def _newest(rows: list[dict[str, Any]]) -> tuple[Given, ...]:
    made = [Given(row["principal"], row["agent"], tuple(row["actions"]), row["until_ms"]) for row in rows]
    return tuple(sorted(made, key=lambda one: -one.until_ms))


def _key(node: Node, asker: Asker, key: KeyOnRecord) -> KeyShown:
    wrote = {one.height: one for one in writers(node, asker, KEYS, key.id)}
    state = "retired" if key.retired_height else key.purpose
    name = key.id.partition("#")[2]
    return KeyShown(key, name, state, wrote.get(key.since_height), wrote.get(key.retired_height))
