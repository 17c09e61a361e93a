"""What the outside may ask about parties."""

from typing import Any

import sqlalchemy as sql

from sogdia.core.query import Asker, Picture, Queries
from sogdia.domains.identity.state import DELEGATIONS, KEYS, PARTIES

queries = Queries("identity")


@queries.answer
def party(picture: Picture, asker: Asker, did: str) -> dict[str, Any] | None:
    """One party with its keys; anyone may ask, for a signature is checked against them."""
    parties, keys = picture.table(PARTIES), picture.table(KEYS)
    found = picture.rows(sql.select(parties).where(parties.c.did == did, picture.visible(PARTIES, asker)))
    if not found:
        return None
    return {**found[0], "keys": picture.rows(sql.select(keys).where(keys.c.party == did).order_by(keys.c.id))}


@queries.answer
def parties(picture: Picture, asker: Asker, after: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """Parties by identifier, after a given one, at most `limit` (1-500)."""
    table = picture.table(PARTIES)
    wanted = sql.select(table).where(table.c.did > after, picture.visible(PARTIES, asker))
    return picture.rows(wanted.order_by(table.c.did).limit(max(1, min(limit, 500))))


@queries.answer
def delegations(picture: Picture, asker: Asker, principal: str = "", agent: str = "") -> list[dict[str, Any]]:
    """Delegations that the asker gave or holds, at most 500; only those of `principal`, only those to `agent`."""
    table = picture.table(DELEGATIONS)
    wanted = sql.select(table).where(picture.visible(DELEGATIONS, asker))
    if principal:
        wanted = wanted.where(table.c.principal == principal)
    if agent:
        wanted = wanted.where(table.c.agent == agent)
    return picture.rows(wanted.order_by(table.c.principal, table.c.agent).limit(500))
