"""Conditions judged on the event itself, where SQL lets too many pass."""

from collections.abc import Container
from decimal import Decimal

from sogdia.mirror.trace.querying.terms import OPERATORS, Judge
from sogdia.standards.epcis.query.conditions import Compare, Match, Op, Pattern, Value
from sogdia.standards.epcis.query.paths import postings, values_of


def has_value(condition: Compare) -> Judge:
    """Whether an event has a value that stands in the relation asked for (`conditions.Compare`)."""
    return lambda event, _: any(
        compares(condition.op, mine, other)
        for mine in values_of(event, condition.path, condition.uom)
        for other in condition.values
    )


def compares(op: Op, mine: Value, other: Value) -> bool:
    """Whether two values stand in this relation."""
    if op == "EQ":
        return (
            (mine.text is not None and mine.text == other.text)
            or (mine.time_us is not None and mine.time_us == other.time_us)
            or (mine.number is not None and mine.number == other.number and (mine.text is None or other.text is None))
        )
    if mine.number is not None and other.number is not None:
        return _stands(op, mine.number, other.number)
    return mine.time_us is not None and other.time_us is not None and _stands(op, mine.time_us, other.time_us)


def _stands(op: Op, one: Decimal | int, other: Decimal | int) -> bool:
    return bool(OPERATORS[op](one, other))


def names_thing(condition: Match) -> Judge:
    """Whether a thing in one of the roles meets one of the patterns."""
    single: Container[str] = frozenset(one.prefix for one in condition.patterns if one.is_one and not one.part)
    others = [one for one in condition.patterns if not one.is_one or one.part]
    return lambda event, _: any(
        role in condition.roles and (uri in single or any(meets(uri, one) for one in others))
        for role, uri in postings(event)
    )


def meets(uri: str, pattern: Pattern) -> bool:
    """Whether a canonical URI meets a pattern."""
    has_length = pattern.length is None or len(uri) == pattern.length
    return has_length and uri.startswith(pattern.prefix) and pattern.part in uri[len(pattern.prefix) :]
