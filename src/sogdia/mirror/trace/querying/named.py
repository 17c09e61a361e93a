"""Conditions on the things that an event names in certain roles, `traced_posting`."""

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sql

from sogdia.mirror.trace.listed import NUMBERS
from sogdia.mirror.trace.querying.judging import names_thing
from sogdia.mirror.trace.querying.terms import NEVER, Scope, Term
from sogdia.mirror.trace.words import Role
from sogdia.standards.epcis.query.conditions import Match, Pattern

ROLES: Final = {
    "epcList": Role.EPC,
    "childEPCs": Role.CHILD,
    "parentID": Role.PARENT,
    "inputEPCList": Role.INPUT,
    "outputEPCList": Role.OUTPUT,
    "quantityList": Role.CLASS,
    "childQuantityList": Role.CHILD_CLASS,
    "inputQuantityList": Role.INPUT_CLASS,
    "outputQuantityList": Role.OUTPUT_CLASS,
}
CHECKED_LIMIT: Final = 16
"""Things that one event is checked for in SQL; with more of them, looking at the event is quicker."""
_PREFIX_CHARS: Final = 400  # longer identifiers are kept short in the index


def matched(scope: Scope, condition: Match) -> Term:
    """Events that name a thing which meets a pattern, in one of the roles."""
    roles = [int(ROLES[role]) for role in condition.roles]
    alone = [one.prefix for one in condition.patterns if one.is_one and not one.part]
    ranges = [_met(scope, one) for one in condition.patterns if not one.is_one or one.part]
    numbers = set(scope.view.numbers_of(alone).values())
    if ranges:
        things = scope.view.tables.things
        found = sql.select(things.c.id).where(sql.or_(*ranges)).limit(CHECKED_LIMIT + 1)
        numbers.update(scope.view.connection.execute(found).scalars())
    is_short = any(len(one.prefix) > _PREFIX_CHARS for one in condition.patterns)
    judge = names_thing(condition) if is_short else None
    if len(numbers) <= CHECKED_LIMIT:
        return of_things(scope, numbers, roles)._replace(judge=judge)
    sources = [_of_numbers(scope, sorted(scope.view.numbers_of(alone).values()), roles)] if alone else []
    sources += [_of_range(scope, one, roles) for one in ranges]
    return Term(sql.true(), sql.union_all(*sources), names_thing(condition))


def of_things(scope: Scope, numbers: Iterable[int], roles: list[int]) -> Term:
    """Events that name one of these few things in one of these roles."""
    entries, postings, things = scope.view.tables.entries, scope.view.tables.postings, sorted(numbers)
    if not things:
        return NEVER
    its = postings.c.time_us == entries.c.time_us, postings.c.seq == entries.c.seq
    named = postings.c.thing.in_(things), postings.c.role.in_(roles)
    check = sql.select(postings.c.seq).where(*named, *its).correlate(entries).exists()
    return Term(check, _of_numbers(scope, things, roles))


def _of_numbers(scope: Scope, numbers: list[int], roles: list[int]) -> Any:
    postings = scope.view.tables.postings
    if not numbers:
        return NEVER.source
    return scope.postings(scope.among(postings.c.thing, numbers, NUMBERS), postings.c.role.in_(roles))


def _of_range(scope: Scope, met: Any, roles: list[int]) -> Any:
    postings, things = scope.view.tables.postings, scope.view.tables.things
    return scope.postings(postings.c.thing == things.c.id, met, postings.c.role.in_(roles))


def _met(scope: Scope, pattern: Pattern) -> Any:
    uri, begin = scope.view.tables.things.c.uri, pattern.prefix[:_PREFIX_CHARS]
    conditions = [uri >= begin]
    end = after_all(begin)
    if end is not None:
        conditions.append(uri < end)
    if len(pattern.prefix) <= _PREFIX_CHARS:
        if pattern.length is not None:
            conditions.append(sql.func.length(uri) == pattern.length)
        if pattern.part:
            rest = sql.func.substr(uri, len(begin) + 1)
            conditions.append(sql.func.replace(rest, pattern.part, "") != rest)
    return sql.and_(*conditions)


def after_all(prefix: str) -> str | None:
    """The first text, in the order of code points, after all that begin so; None when there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[place])
        if code < 0x10FFFF:
            return prefix[:place] + chr(0xE000 if code == 0xD7FF else code + 1)
    return None
