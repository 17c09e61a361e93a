"""Customs' queue: the lists that wait for a decision, by risk and by how long they wait, and the numbers given last.

Risk is told by signs that anyone can check on the record. Their bounds are ours (certainty: suggestion), those of the
rehearsal's authority; true selection rules are customs' secret and not here.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.domains.customs.state import EXPORT_LISTS, IMPORT_LISTS, RELEASED, STANDINGS
from sogdia.insight.moment import Moment
from sogdia.insight.picture import Pictured
from sogdia.insight.places import cut, key_at, place_of
from sogdia.insight.sight import Sight
from sogdia.insight.taxes import codes_without_rates
from sogdia.insight.typed import begins

LOWEST_MINOR_PER_KILOGRAM: Final = 30
HIGH_VALUE_MINOR: Final = 100_000
QUEUE_LIMIT: Final = 1_000
RISKS: Final[Mapping[str, int]] = {
    "document_rejected": 2, "order_changed": 2, "undervalued": 2, "no_rate": 2, "declared_before": 2, "near_limit": 1,
    "high_value": 1,
}  # fmt: skip
"""The signs, and how much each weighs: 2 a doubt, 1 worth a look."""
Order = Literal["risk", "waiting"]


class Wanted(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which lists; what is empty does not matter. `below_minor` needs a currency; `risk_most` is 0, 1 or 2."""

    direction: str = ""
    ship_from: str = ""
    ship_to: str = ""
    phase: str = ""
    currency: str = ""
    below_minor: int | None = None
    risk_most: int = 2
    list_no: str = ""


class Waiting(msgspec.Struct, frozen=True):
    """A list that waits. `risk` is the weight of its heaviest sign, `signs` are their names; value in minor units."""

    subject: str
    broker: str
    list_no: str
    platform: str
    order: str
    seller: str | None
    direction: str
    ship_from: str | None
    ship_to: str | None
    district: str
    declared_at_ms: int
    since_ms: int
    phase: str
    value_minor: int
    currency: str
    net_weight_grams: int
    risk: int
    signs: tuple[str, ...]

    @property
    def place(self) -> str:
        """How the next page names this row."""
        return place_of(-self.risk, self.since_ms, self.platform, self.order)


class Sum(msgspec.Struct, frozen=True):
    """Lists of one currency: how many, and their value together."""

    currency: str
    lists: int
    value_minor: int


def waiting_lists(
    picture: Pictured,
    asker: Asker,
    moment: Moment,
    wanted: Wanted,
    order: Order = "risk",
    after: str = "",
    limit: int = 50,
) -> tuple[list[Waiting], str]:
    """At most `limit` (1-1,000) lists, those after a place, and the place to go on from, empty at the end."""
    limit = max(1, min(limit, QUEUE_LIMIT))
    place = key_at(after, tuple[int, int, str, str])
    return cut(_beyond(picture, asker, moment, wanted, order, place, limit + 1), limit)


def waiting_lists_before(
    picture: Pictured, asker: Asker, moment: Moment, wanted: Wanted, order: Order, before: str, limit: int = 50
) -> tuple[list[Waiting], str]:
    """At most `limit` (1-1,000) lists just before a place, and the place to go back from, empty at the beginning."""
    limit = max(1, min(limit, QUEUE_LIMIT))
    place = key_at(before, tuple[int, int, str, str])
    found = [] if place is None else _beyond(picture, asker, moment, wanted, order, place, limit + 1, is_back=True)
    rows, farther = cut(found, limit)
    return rows[::-1], farther


def waiting_list(
    picture: Pictured, asker: Asker, moment: Moment, subject: str, broker: str, list_no: str
) -> Waiting | None:
    """One list of the queue, or None when it does not wait or is not the asker's to see."""
    found = _selected(picture, asker, moment, Wanted()).subquery()
    same = (found.c.subject == subject, found.c.broker == broker, found.c.list_no == list_no)
    rows = picture.rows(sql.select(found).where(*same))
    return _waiting(rows[0]) if rows else None


def waiting_sums(picture: Pictured, asker: Asker, moment: Moment, wanted: Wanted) -> list[Sum]:
    """How many there are and what they are worth, by currency."""
    found = _selected(picture, asker, moment, wanted).subquery()
    counted = sql.select(
        found.c.currency, sql.func.count().label("lists"), sql.func.sum(found.c.value_minor).label("v")
    )
    rows = picture.rows(counted.group_by(found.c.currency).order_by(found.c.currency))
    return [Sum(row["currency"], row["lists"], int(row["v"])) for row in rows]


def last_number(picture: Pictured, asker: Asker, kind: Literal["pre_no", "invt_no"], prefix: str) -> str:
    """The highest number of customs' on record that begins so, empty when there is none."""
    table = RELEASED if kind == "invt_no" else STANDINGS
    column = picture.table(table).c[kind]
    wanted = sql.select(sql.func.max(column).label("last")).where(begins(column, prefix))
    return str(picture.rows(wanted.where(picture.visible(table, asker)))[0]["last"] or "")


def _beyond(
    picture: Pictured,
    asker: Asker,
    moment: Moment,
    wanted: Wanted,
    order: Order,
    place: tuple[int, int, str, str] | None,
    limit: int,
    is_back: bool = False,
) -> list[Waiting]:
    """The next lists after a place, or the nearest ones before it, the nearest first."""
    found = _selected(picture, asker, moment, wanted).subquery()
    key = [found.c.rank] if order == "risk" else []
    key += [found.c.since_ms, found.c.platform, found.c.order]
    statement = sql.select(found)
    if place is not None:
        here, last = sql.tuple_(*key), sql.tuple_(*(place if order == "risk" else place[1:]))
        statement = statement.where(here < last if is_back else here > last)
    ordered = statement.order_by(*(one.desc() if is_back else one for one in key))
    return [_waiting(row) for row in picture.rows(ordered.limit(limit))]


# --- the select -----------------------------------------------------------------------------------------------------


def _selected(picture: Pictured, asker: Asker, moment: Moment, wanted: Wanted) -> "sql.Select[Any]":
    sight = Sight(picture, asker)
    made = sight.table.c
    imports, exports = picture.table(IMPORT_LISTS), picture.table(EXPORT_LISTS)
    joined = sight.table
    for lists, direction in ((imports, "import"), (exports, "export")):
        same = (made.direction == direction, lists.c.broker == made.broker, lists.c.list_no == made.list_no)
        joined = joined.outerjoin(lists, sql.and_(*same))  # type: ignore[assignment]
    weight = sql.func.coalesce(imports.c.net_weight_grams, exports.c.net_weight_grams)
    signs = _signs(picture, sight, moment, weight)
    signs |= _signs_of_goods(picture, asker, moment, imports, exports, sight.table)
    risk = sql.case(*((condition, weight_of) for condition, weight_of in _heaviest(signs)), else_=0)
    columns = {
        "subject": sql.case((made.direction == "import", "import_list"), else_="export_list"),
        **{name: made[name] for name in ("broker", "list_no", "platform", "order", "seller", "direction")},
        "ship_from": made.ship_from, "ship_to": sight.ship_to, "declared_at_ms": made.declared_at_ms,
        "district": sql.func.coalesce(imports.c.district, exports.c.district), "since_ms": made.waits_since_ms,
        "phase": sql.func.coalesce(made.phase, "declared"), "value_minor": made.declared_minor,
        "currency": made.declared_currency, "net_weight_grams": weight, "risk": risk, "rank": -risk,
        **{f"sign_{name}": sql.case((condition, 1), else_=0) for name, condition in signs.items()},
    }  # fmt: skip
    found = sql.select(*(one.label(name) for name, one in columns.items())).select_from(joined)
    found = found.where(sight.waits_for("customs"), sight.sees["list"])
    return found.where(*_conditions(columns, wanted))


def _signs(picture: Pictured, sight: Sight, moment: Moment, weight: Any) -> dict[str, "sql.ColumnElement[bool]"]:
    made, answers = sight.table.c, picture.table(STANDINGS)
    named = [
        sql.and_(answers.c.subject == subject, answers.c.party == party, answers.c.number == number)
        for subject, party, number in (
            ("order", made.platform, made.order), ("payment", made.institution, made.payment),
            ("waybill", made.carrier, made.waybill),
        )
    ]  # fmt: skip
    thrown_back = [sql.exists().where(one, answers.c.phase == "rejected") for one in named]
    near = made.declared_minor * 100 >= moment.single_limit_fen * moment.patience.limit_percent
    return {
        "document_rejected": sql.or_(*thrown_back),
        "order_changed": sql.func.coalesce(made.cancelled, 0) > 0,
        "undervalued": made.declared_minor * 1000 < LOWEST_MINOR_PER_KILOGRAM * weight,
        "near_limit": sql.and_(made.direction == "import", near),
        "high_value": made.declared_minor > HIGH_VALUE_MINOR,
    }


def _signs_of_goods(
    picture: Pictured, asker: Asker, moment: Moment, imports: sql.Table, exports: sql.Table, trades: sql.Table
) -> dict[str, "sql.ColumnElement[bool]"]:
    """That an earlier list of the same order stands on record, which customs rejected; and that no tax can be told."""
    made, before = trades.c, []
    for lists in (imports, exports):
        other = lists.alias()
        same = (other.c.platform == made.platform, other.c.order == made.order)
        before.append(sql.exists().where(*same, other.c.list_no != made.list_no))
    said = sql.cast(imports.c.lines, sql.Text)
    untaxed = [said.like(f'%"hs_code":"{code}%') for code in codes_without_rates(picture, asker, moment)]
    return {"declared_before": sql.or_(*before), "no_rate": sql.func.coalesce(sql.or_(sql.false(), *untaxed), False)}


def _heaviest(signs: dict[str, "sql.ColumnElement[bool]"]) -> list[tuple["sql.ColumnElement[bool]", int]]:
    return [(signs[name], weight) for name, weight in sorted(RISKS.items(), key=lambda one: -one[1])]


def _conditions(columns: dict[str, Any], wanted: Wanted) -> list["sql.ColumnElement[bool]"]:
    exact = ("direction", "ship_from", "ship_to", "phase", "currency")
    found = [columns[name] == getattr(wanted, name) for name in exact if getattr(wanted, name)]
    if wanted.below_minor is not None:
        found.append(columns["value_minor"] < wanted.below_minor)
    if wanted.risk_most < max(RISKS.values()):
        found.append(columns["risk"] <= wanted.risk_most)
    if wanted.list_no:
        found.append(begins(columns["list_no"], wanted.list_no))
    return found


def _waiting(row: dict[str, Any]) -> Waiting:
    signs = tuple(name for name in RISKS if row[f"sign_{name}"])
    said = {name: row[name] for name in Waiting.__struct_fields__ if name != "signs"}
    return Waiting(**said, signs=signs)
