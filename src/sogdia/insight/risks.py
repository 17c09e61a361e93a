"""What is refused or at risk beside the trades themselves: documents, transactions, quotas, rulebooks, delegations."""

from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.core.state import Table
from sogdia.core.values import day_of
from sogdia.domains.catalog.state import BANS
from sogdia.domains.customs.state import LEGAL_DAY_OFFSET_HOURS, LIMITS_BOOK, QUOTA_USES, QUOTAS, STANDINGS
from sogdia.domains.customs.state import RULEBOOK as CUSTOMS_RULEBOOK
from sogdia.domains.identity.state import DELEGATIONS
from sogdia.domains.tax.state import RULEBOOK as TAX_RULEBOOK
from sogdia.insight.measures import A_DAY_MS
from sogdia.insight.moment import Moment
from sogdia.insight.picture import Pictured

Found = list[tuple[int, Any, Any]]
"""Since when (or until when), record, and what a sentence needs."""
Built = tuple["sql.Select[Any]", "sql.ColumnElement[Any]", list["sql.ColumnElement[Any]"]]
RULEBOOKS: Final[tuple[Table[Any], ...]] = (CUSTOMS_RULEBOOK, TAX_RULEBOOK, BANS)
UNCHECKED: Final = ("memory", "suggestion")
"""The certainties of rows that nobody has checked against their source."""
REFUSED_LIMIT: Final = 10_000
_DOCUMENTS: Final = ("order", "payment", "waybill", "delivery")


def refused_documents(picture: Pictured, asker: Asker, moment: Moment) -> Built:
    """Orders, payments and waybills that customs sent back and has not taken since."""
    made = picture.table(STANDINGS)
    wanted = sql.select(made.c.subject, made.c.party, made.c.number, made.c.code, made.c.note).where(
        made.c.phase == "rejected", made.c.subject.in_(_DOCUMENTS), picture.visible(STANDINGS, asker)
    )
    return wanted, made.c.answered_at_ms, [made.c.subject, made.c.party, made.c.number]


def refused_transactions(picture: Pictured, asker: Asker, moment: Moment) -> Built:
    """What the rules refused in the last days, of what the asker signed or may hear; the newest 10,000 at most."""
    made = picture.transactions
    since = moment.now_ms - moment.patience.refused_days * A_DAY_MS
    # Refusals are few and have an index of their own, which knows them by these very words.
    refused = sql.select(made.c.log_index).where(made.c.code != sql.literal_column("0"), made.c.time_ms >= since)
    newest = refused.order_by(made.c.time_ms.desc()).limit(REFUSED_LIMIT)
    wanted = sql.select(made.c.code, made.c.tags, made.c.signers, made.c.fields, made.c.height).where(
        made.c.log_index.in_(newest), picture.visible_transactions(asker)
    )
    return wanted, made.c.time_ms, [made.c.id]


def delegations_ending(picture: Pictured, asker: Asker, moment: Moment) -> Built:
    """Delegations given or held by the asker that end within the days set."""
    made = picture.table(DELEGATIONS)
    until = moment.now_ms + moment.patience.ends_within_days * A_DAY_MS
    wanted = sql.select(made.c.principal, made.c.agent, made.c.actions, made.c.until_ms).where(
        made.c.until_ms >= moment.now_ms, made.c.until_ms < until, picture.visible(DELEGATIONS, asker)
    )
    return wanted, made.c.until_ms, [made.c.principal, made.c.agent]


def quotas_near(picture: Pictured, asker: Asker, moment: Moment) -> Found:
    """Persons who have used or reserved most of this year's quota; for those who may see quotas.

    Lists are added up by person; a lot is read only for whom they come near the smallest limit ever published.
    """
    year = day_of(moment.now_ms, LEGAL_DAY_OFFSET_HOURS)[:4]
    smallest = min(_yearly_limits(picture, asker), default=0)
    uses, quotas = picture.table(QUOTA_USES), picture.table(QUOTAS)
    used = sql.func.sum(uses.c.amount_fen)
    percent = moment.patience.quota_percent
    heavy = (
        sql.select(uses.c.person, used.label("used_fen"))
        .where(uses.c.year == year, picture.visible(QUOTA_USES, asker))
        .group_by(uses.c.person)
        .having(used * 100 >= smallest * percent)
        .subquery()
    )
    same = sql.and_(quotas.c.series == heavy.c.person, quotas.c.number == year)
    wanted = sql.select(heavy.c.person, heavy.c.used_fen, quotas.c.size).select_from(heavy.join(quotas, same))
    rows = picture.rows(wanted.where(picture.visible(QUOTAS, asker)))
    return [
        (moment.now_ms, (QUOTAS.name, row["person"], year), {"year": year, **row})
        for row in rows
        if row["used_fen"] * 100 >= row["size"] * percent
    ]


def rows_ending(picture: Pictured, asker: Asker, moment: Moment) -> Found:
    """Rulebook rows in force that end within the days set and that no row follows."""
    today = day_of(moment.now_ms, LEGAL_DAY_OFFSET_HOURS)
    last = (date.fromisoformat(today) + timedelta(days=moment.patience.ends_within_days)).isoformat()
    return [
        (_end_of(row["valid_to"]), (table.name, row["book"], row["key"]), {"days_left": _days(today, row), **row})
        for table, shelf in _shelves(picture, asker)
        for row in shelf[-1:]
        if row["valid_from"] <= today <= row["valid_to"] <= last
    ]


def rows_unchecked(picture: Pictured, asker: Asker, moment: Moment) -> Found:
    """Rulebook rows in force that nobody has checked against their source."""
    today = day_of(moment.now_ms, LEGAL_DAY_OFFSET_HOURS)
    return [
        (_start_of(row["valid_from"]), (table.name, row["book"], row["key"]), dict(row))
        for table, shelf in _shelves(picture, asker)
        for row in shelf
        if row["certainty"] in UNCHECKED and row["valid_from"] <= today <= row["valid_to"]
    ]


def _yearly_limits(picture: Pictured, asker: Asker) -> list[int]:
    made = picture.table(CUSTOMS_RULEBOOK)
    wanted = sql.select(made.c.rows).where(made.c.book == LIMITS_BOOK, made.c.key == "yearly_fen")
    found = picture.rows(wanted.where(picture.visible(CUSTOMS_RULEBOOK, asker)))
    return [int(row["value"]) for shelf in found for row in shelf["rows"]]


def _shelves(picture: Pictured, asker: Asker) -> list[tuple[Table[Any], list[dict[str, Any]]]]:
    found = []
    for table in RULEBOOKS:
        made = picture.table(table)
        shelves = picture.rows(sql.select(made.c.rows).where(picture.visible(table, asker)))
        found += [(table, shelf["rows"]) for shelf in shelves]
    return found


def _start_of(day: str) -> int:
    """The first millisecond of a legal day."""
    return ((date.fromisoformat(day) - date(1970, 1, 1)).days * 24 - LEGAL_DAY_OFFSET_HOURS) * 3_600_000


def _end_of(day: str) -> int:
    return _start_of(day) + A_DAY_MS - 1


def _days(today: str, row: dict[str, Any]) -> int:
    return (date.fromisoformat(row["valid_to"]) - date.fromisoformat(today)).days
