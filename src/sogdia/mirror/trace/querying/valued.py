"""Conditions on the values of events by their path, `traced_value`."""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sql

from sogdia.mirror.text import TEXT, kept
from sogdia.mirror.trace.querying.judging import has_value
from sogdia.mirror.trace.querying.terms import OPERATORS, Scope, Term, apart
from sogdia.standards.epcis.query.conditions import Compare, Op, Value

_WITH_EQUAL: Final[dict[Op, Op]] = {"EQ": "EQ", "GT": "GE", "GE": "GE", "LT": "LE", "LE": "LE"}
"""What the double of a number fulfils when the number itself fulfils an operator."""


def compared(scope: Scope, condition: Compare) -> Term:
    """A comparison of the values under a path; numbers are told apart on the event, to the last digit."""
    values = scope.view.tables.values
    alternatives = list(_equal(scope, condition) if condition.op == "EQ" else _beyond(scope, condition))
    uom, path = values.c.uom == condition.uom, kept(condition.path)
    source = _union(values, [sql.and_(values.c.path == path, uom, one) for one in alternatives])
    check = _some(scope, path, uom, sql.or_(sql.false(), *alternatives))
    has_numbers = any(value.number is not None for value in condition.values)
    return Term(check, source, has_value(condition) if has_numbers else None)


def there(scope: Scope, path: str) -> Term:
    """Events with anything under a path."""
    values, path = scope.view.tables.values, kept(path)
    kinds = values.c.text, values.c.number, values.c.time_us
    rows = [kind.is_not(None) for kind in kinds] + [sql.and_(*(kind.is_(None) for kind in kinds))]
    return Term(_some(scope, path), _union(values, [sql.and_(values.c.path == path, one) for one in rows]))


def with_text(scope: Scope, path: str) -> Term:
    """Events with a text under a path, and no judge: whoever asks knows more of the text."""
    values, path = scope.view.tables.values, kept(path)
    said = values.c.text.is_not(None)
    return Term(_some(scope, path, said), _union(values, [sql.and_(values.c.path == path, said)]))


def _some(scope: Scope, path: str, *conditions: Any) -> Any:
    values, entries = scope.view.tables.values, scope.view.tables.entries
    its = values.c.seq == entries.c.seq, apart(values.c.path) == path
    return sql.select(values.c.seq).where(*its, *conditions).correlate(entries).exists()


def _union(values: sql.Table, rows: list[Any]) -> Any:
    return sql.union_all(*(sql.select(values.c.seq).where(one) for one in rows or [sql.false()]))


def _equal(scope: Scope, condition: Compare) -> Iterator[Any]:
    values = scope.view.tables.values
    texts = sorted({kept(value.text) for value in condition.values if value.text is not None})
    if texts:
        yield scope.among(values.c.text, texts, TEXT)
    times = sorted({value.time_us for value in condition.values if value.time_us is not None})
    if times:
        yield values.c.time_us.in_(times)
    for is_text in (False, True):
        numbers = sorted({float(one) for one in _numbers(condition.values, is_text)})
        if numbers:
            same = values.c.number.in_(numbers)
            yield sql.and_(same, values.c.text.is_(None)) if is_text else same


def _numbers(values: tuple[Value, ...], is_text: bool) -> Iterator[Any]:
    return (one.number for one in values if one.number is not None and (one.text is not None) is is_text)


def _beyond(scope: Scope, condition: Compare) -> Iterator[Any]:
    values = scope.view.tables.values
    for value in condition.values:
        if value.number is not None:
            yield OPERATORS[_WITH_EQUAL[condition.op]](values.c.number, float(value.number))
        if value.time_us is not None:
            yield OPERATORS[condition.op](values.c.time_us, value.time_us)
