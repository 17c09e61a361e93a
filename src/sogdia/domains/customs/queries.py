"""What the outside may ask about lists, customs' answers and quotas."""

from typing import Any

import sqlalchemy as sql

from sogdia.core.query import Asker, Picture, Queries
from sogdia.core.state import Table
from sogdia.domains.customs.state import (
    DECIDED,
    EXPORT_LISTS,
    IMPORT_LISTS,
    QUOTA_USES,
    QUOTAS,
    RULEBOOK,
    STANDINGS,
)
from sogdia.domains.logistics.state import WAYBILLS
from sogdia.domains.orders.state import ORDERS
from sogdia.domains.payments.state import PAYMENTS

queries = Queries("customs")

_TABLES: dict[str, Table[Any]] = {"import_list": IMPORT_LISTS, "export_list": EXPORT_LISTS}
_NAMED = ("broker", "list_no", "seller", "platform", "order", "carrier", "waybill", "mode", "currency")
_STATED = ("district", "declared_at_ms", "country", "gross_weight_grams", "net_weight_grams")


@queries.answer
def queue(picture: Picture, asker: Asker, after: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """Lists that wait for customs' answer, oldest declaration first, with what order, payment and waybill say.

    The payment is that of the institution which the order names, for an asker who may read the order.
    `after` is the `place` of the last row seen; at most `limit` (1-500). A party sees the lists that name it.
    """
    lists = _both(picture, asker).subquery()
    orders, payments, waybills = picture.table(ORDERS), picture.table(PAYMENTS), picture.table(WAYBILLS)
    same_order = [lists.c.platform == orders.c.platform, lists.c.order == orders.c.order]
    paid = [lists.c.platform == payments.c.platform, lists.c.order == payments.c.order]
    paid.append(orders.c.institution == payments.c.institution)
    carried = [lists.c.carrier == waybills.c.carrier, lists.c.waybill == waybills.c.waybill]
    joined = lists.outerjoin(orders, sql.and_(*same_order, picture.visible(ORDERS, asker)))
    joined = joined.outerjoin(payments, sql.and_(*paid, picture.visible(PAYMENTS, asker)))
    joined = joined.outerjoin(waybills, sql.and_(*carried, picture.visible(WAYBILLS, asker)))
    wanted = sql.select(
        lists,
        *_as("order", orders, "placed_at_ms", "ship_from", "ship_to", "paid_minor", "currency"),
        *_as("payment", payments, "institution", "payment", "amount_minor", "currency", "paid_at_ms"),
        *_as("waybill", waybills, "status", "gross_weight_grams", "packages"),
    ).select_from(joined)
    return _paged(picture, wanted.where(lists.c.phase.not_in(DECIDED)), lists, after, limit)


@queries.answer
def lists(picture: Picture, asker: Asker, phase: str = "", after: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """The asker's lists of both directions, oldest declaration first; with `phase` only those that stand there.

    A list that was never answered is in phase `declared`. `after` is the `place` of the last row seen; at most `limit`
    (1-500).
    """
    both = _both(picture, asker).subquery()
    wanted = sql.select(both)
    if phase:
        wanted = wanted.where(both.c.phase == phase)
    return _paged(picture, wanted, both, after, limit)


@queries.answer
def list_in_full(picture: Picture, asker: Asker, subject: str, broker: str, list_no: str) -> dict[str, Any] | None:
    """One list with its lines and customs' latest answer; `subject` is import_list or export_list."""
    kind = _TABLES.get(subject)
    if kind is None:
        return None
    table = picture.table(kind)
    wanted = sql.select(table).where(table.c.broker == broker, table.c.list_no == list_no)
    found = picture.rows(wanted.where(picture.visible(kind, asker)))
    return {**found[0], "standing": standing(picture, asker, subject, broker, list_no)} if found else None


@queries.answer
def standing(picture: Picture, asker: Asker, subject: str, party: str, number: str) -> dict[str, Any] | None:
    """Customs' latest answer on one message: an order, payment, waybill, delivery or list."""
    table = picture.table(STANDINGS)
    wanted = sql.select(table).where(table.c.subject == subject, table.c.party == party, table.c.number == number)
    found = picture.rows(wanted.where(picture.visible(STANDINGS, asker)))
    return found[0] if found else None


@queries.answer
def lists_of_order(picture: Picture, asker: Asker, platform: str, order: str) -> list[dict[str, Any]]:
    """Every list by which one order was declared, rejected ones included, oldest first."""
    both = _both(picture, asker).subquery()
    wanted = sql.select(both).where(both.c.platform == platform, both.c.order == order)
    return picture.rows(wanted.order_by(both.c.declared_at_ms, both.c.broker, both.c.list_no))


@queries.answer
def counts_by_phase(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """How many lists of each direction stand in each phase; never answered is `declared`."""
    both = _both(picture, asker).subquery()
    wanted = sql.select(both.c.subject, both.c.phase, sql.func.count().label("lists"))
    return picture.rows(wanted.group_by(both.c.subject, both.c.phase).order_by(both.c.subject, both.c.phase))


@queries.answer
def quota(picture: Picture, asker: Asker, person: str, year: str) -> dict[str, Any] | None:
    """A person's yearly quota with its pieces and the lists that draw on it; for customs alone."""
    quotas, uses = picture.table(QUOTAS), picture.table(QUOTA_USES)
    wanted = sql.select(quotas).where(quotas.c.series == person, quotas.c.number == year)
    found = picture.rows(wanted.where(picture.visible(QUOTAS, asker)))
    if not found:
        return None
    drawn = sql.select(uses).where(uses.c.person == person, uses.c.year == year, picture.visible(QUOTA_USES, asker))
    return {**found[0], "uses": picture.rows(drawn.order_by(uses.c.broker, uses.c.list_no))}


@queries.answer
def limits(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    """Published limits with their days, sources and certainty."""
    table = picture.table(RULEBOOK)
    wanted = sql.select(table).where(picture.visible(RULEBOOK, asker))
    return picture.rows(wanted.order_by(table.c.book, table.c.key))


def _both(picture: Picture, asker: Asker) -> "sql.CompoundSelect[Any]":
    imports = _with_standing(picture, asker, "import_list", "value_fen")
    return imports.union_all(_with_standing(picture, asker, "export_list", "value_minor"))


def _with_standing(picture: Picture, asker: Asker, subject: str, value: str) -> "sql.Select[Any]":
    table, answers = picture.table(_TABLES[subject]), picture.table(STANDINGS)
    answered = sql.and_(
        answers.c.subject == subject, answers.c.party == table.c.broker, answers.c.number == table.c.list_no
    )
    return (
        sql.select(
            sql.literal(subject).label("subject"),
            *(table.c[name] for name in (*_NAMED, *_STATED)),
            table.c[value].label("value_minor"),
            sql.func.coalesce(answers.c.phase, "declared").label("phase"),
            *(answers.c[name] for name in ("code", "note", "pre_no", "invt_no")),
        )
        .select_from(table.outerjoin(answers, answered))
        .where(picture.visible(_TABLES[subject], asker))
    )


def _as(party: str, table: sql.Table, *names: str) -> list["sql.Label[Any]"]:
    return [table.c[name].label(f"{party}_{name}") for name in names]


def _paged(
    picture: Picture, wanted: "sql.Select[Any]", lists: "sql.Subquery", after: str, limit: int
) -> list[dict[str, Any]]:
    key = (lists.c.declared_at_ms, lists.c.broker, lists.c.list_no, lists.c.subject)
    instant, _, rest = after.partition("|")
    broker, _, rest = rest.partition("|")
    list_no, _, subject = rest.rpartition("|")
    if instant.isdigit():
        wanted = wanted.where(sql.tuple_(*key) > sql.tuple_(int(instant), broker, list_no, subject))
    rows = picture.rows(wanted.order_by(*key).limit(max(1, min(limit, 500))))
    return [{**row, "place": "|".join((str(row["declared_at_ms"]), *(row[n] for n in _PLACE)))} for row in rows]


_PLACE = ("broker", "list_no", "subject")
