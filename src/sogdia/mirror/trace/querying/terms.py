"""A condition as SQL has it, and what the parts that make one have in common."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sql

from sogdia.core.query import Asker
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.text import TEXT
from sogdia.mirror.trace.listed import NUMBERS, listed
from sogdia.mirror.trace.view import View
from sogdia.standards.epcis.model import AnyEvent
from sogdia.standards.epcis.query.conditions import Compare, Op

Judge = Callable[[AnyEvent, str], bool]
"""Whether a condition holds for an event of this party."""
Bound = Callable[[Any], Any]
"""A condition on a column of times."""

OPERATORS: Final[dict[Op, Callable[[Any, Any], Any]]] = {
    "EQ": lambda one, other: one == other,
    "GT": lambda one, other: one > other,
    "GE": lambda one, other: one >= other,
    "LT": lambda one, other: one < other,
    "LE": lambda one, other: one <= other,
}


class Term(NamedTuple):
    """One condition.

    `check` is true for every row of `traced_entry` whose event fulfils it, None where SQL cannot tell. `source` selects
    at least all their numbers by an index; None without one. With `judge`, both let too many pass.
    """

    check: Any
    source: Any = None
    judge: Judge | None = None


NEVER: Final = Term(sql.false(), sql.select(sql.literal(0)).where(sql.false()))


class Scope(NamedTuple):
    """Who asks, where, and what the query says of the time of events, by which sources are narrowed."""

    view: View
    picture: SqlPicture
    asker: Asker
    times: Sequence[Bound] = ()

    def among(self, column: Any, values: Collection[Any], kind: Any = TEXT) -> Any:
        """The condition that a column has one of these values."""
        if len(values) == 1:
            return column == next(iter(values))
        return column.in_(sql.select(listed(self.view.connection, values, kind).c.value))

    def entries(self, *conditions: Any) -> Any:
        """The numbers of the events whose rows fulfil these, at the times in question."""
        table = self.view.tables.entries
        return sql.select(table.c.seq).where(*conditions, *(bound(table.c.time_us) for bound in self.times))

    def postings(self, *conditions: Any) -> Any:
        """The numbers of the events whose mentions of things fulfil these, at the times in question."""
        table = self.view.tables.postings
        return sql.select(table.c.seq).where(*conditions, *(bound(table.c.time_us) for bound in self.times))


def apart(column: Any) -> Any:
    """The column in a form that no index serves: events are checked by number, whatever a planner guesses."""
    return column + 0 if isinstance(column.type, type(NUMBERS)) else column.concat("")


def time_bound(condition: Compare) -> Bound:
    """What a comparison says of a column of microseconds."""
    instants = [value.time_us for value in condition.values if value.time_us is not None]
    return lambda column: sql.or_(sql.false(), *(OPERATORS[condition.op](column, instant) for instant in instants))


def record_bound(condition: Compare) -> Bound:
    """The same of a column of milliseconds."""
    instants = [value.time_us for value in condition.values if value.time_us is not None]
    return lambda column: sql.or_(sql.false(), *(_milliseconds(column, condition.op, one) for one in instants))


def _milliseconds(column: Any, op: Op, instant_us: int) -> Any:
    whole, rest = divmod(instant_us, 1_000)
    if op == "EQ":
        return sql.false() if rest else column == whole
    return OPERATORS[op](column, whole + 1 if rest and op in ("GE", "LT") else whole)
