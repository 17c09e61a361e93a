"""Conditions on what stands in columns of `traced_entry`: the paths of HEAD."""

from typing import Any, Final

from sogdia.mirror.text import TEXT, kept, without_nul
from sogdia.mirror.trace.listed import NUMBERS
from sogdia.mirror.trace.querying.terms import NEVER, Scope, Term, apart, record_bound, time_bound
from sogdia.standards.epcis.query.conditions import Compare, Exists

WORDS: Final = {
    "eventType": "type",
    "eventID": "event",
    "action": "action",
    "bizStep": "biz_step",
    "disposition": "disposition",
}
THINGS: Final = {"readPoint": "read_point", "bizLocation": "location", "transformationID": "transformation"}
TIMES: Final = {"eventTime": "time_us", "recordTime": "recorded_ms"}
COLUMNS: Final = WORDS | THINGS | TIMES
_WITHOUT_INDEX: Final = ("action",)


def stored(scope: Scope, path: str, texts: list[str]) -> list[Any]:
    """Values as the column of this path holds them; things that no event names are left out."""
    if path in THINGS:
        return sorted(set(scope.view.numbers_of(texts).values()))
    return sorted({without_nul(text) if path == "eventID" else kept(text) for text in texts})


def compared(scope: Scope, condition: Compare) -> Term:
    """A comparison of a column."""
    column = scope.view.tables.entries.c[COLUMNS[condition.path]]
    if condition.path == "eventTime":
        return Term(time_bound(condition)(apart(column)), scope.entries())
    if condition.path == "recordTime":
        bound = record_bound(condition)
        return Term(bound(apart(column)), scope.entries(bound(column)))
    texts = [value.text for value in condition.values if value.text is not None]
    return one_of(scope, condition.path, stored(scope, condition.path, texts) if condition.op == "EQ" else [])


def one_of(scope: Scope, path: str, values: list[Any]) -> Term:
    """Events whose column has one of these values."""
    if not values:
        return NEVER
    column, kind = scope.view.tables.entries.c[COLUMNS[path]], NUMBERS if path in THINGS else TEXT
    has_index = path not in _WITHOUT_INDEX
    source = scope.entries(scope.among(column, values, kind)) if has_index else None
    return Term(scope.among(apart(column), values, kind), source)


def there(scope: Scope, condition: Exists) -> Term:
    """Events that have something in a column."""
    return Term(scope.view.tables.entries.c[COLUMNS[condition.path]].is_not(None))
