"""What the outside may ask about the network: members, seats, cases and terms are open to everybody."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sql

from sogdia.core.query import Asker, Picture, Queries
from sogdia.domains.governance.state import (
    APPLICATIONS,
    CASES,
    HOSTINGS,
    MEMBERS,
    MISBEHAVIOUR,
    PROPOSALS,
    TERMS,
    VALIDATORS,
)

queries = Queries("governance")


@queries.answer
def members(picture: Picture, asker: Asker, standing: str = "") -> list[dict[str, Any]]:
    """Members, also former ones, by identifier; with `standing` (active, suspended, removed) only those."""
    table = picture.table(MEMBERS)
    wanted = sql.select(table).where(picture.visible(MEMBERS, asker))
    if standing:
        wanted = wanted.where(table.c.standing == standing)
    return picture.rows(wanted.order_by(table.c.party))


@queries.answer
def validators(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """Consensus keys, those that validate now first; the others say when and why they left."""
    table = picture.table(VALIDATORS)
    wanted = sql.select(table).where(picture.visible(VALIDATORS, asker))
    return picture.rows(wanted.order_by(table.c.power == 0, table.c.party, table.c.validator))


@queries.answer
def cases(picture: Picture, asker: Asker, before: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """Cases, open ones first, then the newest; with `before` only those with lower numbers. At most `limit` (1-500).

    `standing` is what a case is at the time of the latest block: lapsed when its deadline has passed since it was
    written.
    """
    table = picture.table(CASES)
    wanted = sql.select(table).where(picture.visible(CASES, asker))
    if before:
        wanted = wanted.where(table.c.case_no < before)
    now_ms = _now_ms(picture)
    waits = (table.c.status == "open") & (table.c.deadline_ms >= now_ms)
    found = picture.rows(wanted.order_by(sql.not_(waits), table.c.case_no.desc()).limit(max(1, min(limit, 500))))
    return [_standing(row, now_ms) for row in found]


@queries.answer
def case(picture: Picture, asker: Asker, case_no: str) -> dict[str, Any] | None:
    """One case with what it does when it passes: an action, or an application and its reviews."""
    found = _rows(picture, asker, CASES, case_no)
    if not found:
        return None
    proposals = _rows(picture, asker, PROPOSALS, case_no)
    submitted = _rows(picture, asker, APPLICATIONS, case_no)
    named = {"what": proposals[0]["what"] if proposals else None, "application": submitted[0] if submitted else None}
    return _standing(found[0], _now_ms(picture)) | named


@queries.answer
def applications(picture: Picture, asker: Asker, party: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """Applications with their reviews, newest first, at most `limit` (1-500); with `party` only those of one party."""
    table = picture.table(APPLICATIONS)
    wanted = sql.select(table).where(picture.visible(APPLICATIONS, asker))
    if party:
        wanted = wanted.where(table.c.party == party)
    return picture.rows(wanted.order_by(table.c.case_no.desc()).limit(max(1, min(limit, 500))))


@queries.answer
def parameters(picture: Picture, asker: Asker) -> dict[str, Any] | None:
    """The parameters by which the network runs, and its halt if one is on record; nothing without governance."""
    terms = _terms(picture, asker)
    return {**terms["parameters"], "halt": terms["halt"]} if terms else None


@queries.answer
def rules(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """Versions of rules by module, with the height from which each holds; a module that is not named runs version 1."""
    terms = _terms(picture, asker)
    named = ("module", "version", "from_height")
    return [dict(zip(named, one, strict=True)) for one in terms["versions"]] if terms else []


@queries.answer
def quotas(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """Parties that have a limit of their own: transactions in a block, 0 for none."""
    terms = _terms(picture, asker)
    return [dict(zip(("party", "limit"), one, strict=True)) for one in terms["quotas"]] if terms else []


@queries.answer
def hosts(picture: Picture, asker: Asker, member: str = "") -> list[dict[str, Any]]:
    """Which member hosts a party, by party; with `member` only those that it hosts. The address is the member's now."""
    table, nodes = picture.table(HOSTINGS), picture.table(MEMBERS)
    wanted = sql.select(table, nodes.c.url, nodes.c.standing).join(nodes, nodes.c.party == table.c.member)
    wanted = wanted.where(picture.visible(HOSTINGS, asker), picture.visible(MEMBERS, asker))
    if member:
        wanted = wanted.where(table.c.member == member)
    return picture.rows(wanted.order_by(table.c.party))


@queries.answer
def misbehaviour(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """What the engine saw of validators, newest first."""
    table = picture.table(MISBEHAVIOUR)
    wanted = sql.select(table).where(picture.visible(MISBEHAVIOUR, asker))
    return picture.rows(wanted.order_by(table.c.engine_height.desc(), table.c.address))


def _rows(picture: Picture, asker: Asker, of: Any, case_no: str) -> list[dict[str, Any]]:
    table = picture.table(of)
    return picture.rows(sql.select(table).where(table.c.case_no == case_no, picture.visible(of, asker)))


def _terms(picture: Picture, asker: Asker) -> dict[str, Any] | None:
    found = picture.rows(sql.select(picture.table(TERMS)).where(picture.visible(TERMS, asker)))
    return found[0] if found else None


def _now_ms(picture: Picture) -> int:
    """The time of the latest block."""
    blocks = sql.table("transactions", sql.column("time_ms"))
    (latest,) = picture.rows(sql.select(sql.func.max(blocks.c.time_ms).label("time_ms")))
    return latest["time_ms"] or 0


def _standing(row: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    over = row["status"] == "open" and row["deadline_ms"] < now_ms
    return {**row, "standing": row["silent"] if over else row["status"]}
