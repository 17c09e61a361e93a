"""Lists that customs has decided, the newest answer first: what it said and under which numbers.

Of each trade the newest list; its earlier ones stand on the order's page.
"""

from typing import Any, Final

import msgspec
import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.domains.customs.state import STANDINGS
from sogdia.insight.picture import Pictured
from sogdia.insight.places import cut, key_at, place_of
from sogdia.insight.sight import Sight
from sogdia.insight.typed import begins

DECIDED: Final = ("released", "closed", "rejected", "returned")
"""The phases after which customs waits for nothing of the list."""
LIMIT: Final = 500


class Decided(msgspec.Struct, frozen=True):
    """A list with customs' last answer; value in minor units of `currency`, times in milliseconds of UTC."""

    subject: str
    broker: str
    list_no: str
    platform: str
    order: str
    seller: str | None
    ship_from: str | None
    ship_to: str | None
    declared_at_ms: int
    answered_at_ms: int
    phase: str
    code: int
    note: str
    pre_no: str
    invt_no: str
    value_minor: int
    currency: str

    @property
    def place(self) -> str:
        """How the next page names this row."""
        return place_of(self.answered_at_ms, self.platform, self.order)


def decided_lists(
    picture: Pictured, asker: Asker, phase: str = "", list_no: str = "", after: str = "", limit: int = 50
) -> tuple[list[Decided], str]:
    """At most `limit` (1-500) lists, those after a place, and the place to go on from, empty at the end.

    `phase` is one of `DECIDED`, or empty for all; of `list_no` the beginning counts.
    """
    sight, limit, last = Sight(picture, asker), max(1, min(limit, LIMIT)), key_at(after, tuple[int, str, str])
    phases = [one for one in DECIDED if phase in ("", one)]
    # Each phase has an index in the order of its answers, so the newest of each are found without looking at the rest.
    newest = [_newest(sight, one, list_no, last, limit + 1).subquery() for one in phases]
    found = sql.union_all(*(sql.select(one) for one in newest)).subquery()
    answers = picture.table(STANDINGS)
    same = (
        answers.c.subject == found.c.subject,
        answers.c.party == found.c.broker,
        answers.c.number == found.c.list_no,
    )
    told = [sql.func.coalesce(answers.c[name], "").label(name) for name in ("note", "pre_no", "invt_no")]
    wanted = sql.select(found, *told).select_from(found.outerjoin(answers, sql.and_(*same)))
    ordered = wanted.order_by(*(found.c[name].desc() for name in _KEY)).limit(limit + 1)
    return cut([Decided(**row) for row in picture.rows(ordered)], limit)


_KEY: Final = ("answered_at_ms", "platform", "order")


def _newest(sight: Sight, phase: str, list_no: str, last: tuple[int, str, str] | None, limit: int) -> "sql.Select[Any]":
    made = sight.table.c
    columns = {
        "subject": sql.case((made.direction == "import", "import_list"), else_="export_list"),
        **{name: made[name] for name in ("broker", "list_no", "platform", "order", "seller", "ship_from")},
        "ship_to": sight.ship_to, "value_minor": made.declared_minor, "currency": made.declared_currency,
        **{name: made[name] for name in ("declared_at_ms", "answered_at_ms", "phase", "code")},
    }  # fmt: skip
    wanted = sql.select(*(one.label(name) for name, one in columns.items())).where(made.phase == phase)
    wanted = wanted.where(made.phase.is_not(None), made.answered_at_ms.is_not(None), sight.sees["list"])
    if list_no:
        wanted = wanted.where(begins(made.list_no, list_no))
    key = [made[name] for name in _KEY]
    if last is not None:
        wanted = wanted.where(made.answered_at_ms <= last[0], sql.tuple_(*key) < sql.tuple_(*last))
    return wanted.order_by(*(one.desc() for one in key)).limit(limit)
