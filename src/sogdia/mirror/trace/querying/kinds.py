"""Every kind of condition as a term, what the asker may see as one more, and the column that leads a walk."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sql

from sogdia.domains.trace.state import EVENTS
from sogdia.mirror.text import AUDIENCE
from sogdia.mirror.trace.querying import heads, named, valued
from sogdia.mirror.trace.querying.described import attributed, within
from sogdia.mirror.trace.querying.terms import Scope, Term, apart
from sogdia.standards.epcis.query.conditions import Attribute, Compare, Condition, Exists, Match

_LEADING: Final = ("bizLocation", "readPoint", "disposition", "bizStep", "eventType")
"""Paths whose columns have an index together with the time of the event, the one that says most first."""


def visible(scope: Scope) -> Term:
    """What the asker may see."""
    entries, members = scope.view.tables.entries, scope.picture.schema.members
    if any(role in EVENTS.roles for role in scope.asker.roles):
        return Term(sql.true())
    if scope.asker.party is None:
        return Term(entries.c.everyone, scope.entries(entries.c.everyone))
    mine = sql.select(members.c.audience).where(members.c.member == scope.asker.party)
    check = sql.or_(entries.c.everyone, apart(entries.c[AUDIENCE]).in_(mine))
    either = scope.entries(entries.c[AUDIENCE].in_(mine)), scope.entries(entries.c.everyone)
    return Term(check, sql.union_all(*either))


def term_of(scope: Scope, condition: Condition) -> Term:
    """What a condition is in SQL."""
    if isinstance(condition, Match):
        return named.matched(scope, condition)
    if isinstance(condition, Attribute):
        return attributed(scope, condition)
    if isinstance(condition, Compare):
        is_column = condition.path in heads.COLUMNS
        return heads.compared(scope, condition) if is_column else valued.compared(scope, condition)
    if isinstance(condition, Exists):
        is_column = condition.path in heads.COLUMNS
        return heads.there(scope, condition) if is_column else valued.there(scope, condition.path)
    return within(scope, condition)


def leading(scope: Scope, compares: Sequence[Compare]) -> Any:
    """The condition on a column that has an index with the time: one value, so that the index keeps the order."""
    of_path = {one.path: one for one in compares if one.op == "EQ" and len(one.values) == 1}
    path = next((path for path in _LEADING if path in of_path), None)
    if path is None:
        return None
    values = heads.stored(scope, path, [str(of_path[path].values[0].text)])
    return scope.view.tables.entries.c[heads.COLUMNS[path]] == values[0] if values else sql.false()
