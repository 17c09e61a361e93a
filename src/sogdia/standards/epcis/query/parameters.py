"""Query parameters to a `Query`: from a URL (names and texts) or from the JSON object of a named query.

Parameters hold together, values of one parameter instead of each other. In a URL several values stand between `|`, or
the parameter stands several times. Namespaces come from the header GS1-Extensions and from the object's `@context`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sogdia.standards.epcis.query.conditions import PER_PAGE_DEFAULT, Order, Query
from sogdia.standards.epcis.query.fields import FIXED, condition_of
from sogdia.standards.epcis.query.given import Given
from sogdia.standards.epcis.query.names import asked_name, context_of
from sogdia.standards.epcis.query.paths import AREAS, INNER
from sogdia.standards.epcis.query.refusals import QueryRefused

PARAMETERS_LIMIT: Final = 200
VALUES_LIMIT: Final = 10_000
"""Most parameters and most values of a query; beyond them QueryTooComplexException."""

NAME_CHARS_LIMIT: Final = 1_000
"""Longest name of a parameter, with its namespace."""

_ORDERED: Final = ("eventTime", "recordTime")
_OPTIONS: Final = frozenset(("orderBy", "orderDirection", "eventCountLimit", "maxEventCount"))
_OPTIONS_OF_URL: Final = _OPTIONS | {"perPage", "nextPageToken"}


def of_url(parameters: Iterable[tuple[str, str]], extensions: Mapping[str, str] | None = None) -> Query:
    """The query of a URL's decoded names and texts, in any order. `extensions`: see `names.extensions_of`.

    Raises QueryRefused.
    """
    found: dict[str, list[Any]] = {}
    for name, text in parameters:
        texts = [text] if name == "nextPageToken" else text.split("|")
        found.setdefault(name, []).extend(texts)
    return _query(found, extensions or {}, _OPTIONS_OF_URL)


def of_object(query: object, extensions: Mapping[str, str] | None = None) -> Query:
    """The query of a decoded JSON object, such as the `query` of a named query. Raises QueryRefused.

    `perPage` and `nextPageToken` belong to a URL and are no part of it.
    """
    if not isinstance(query, Mapping) or not all(isinstance(name, str) for name in query):
        wrong = "it is no JSON object"
        raise QueryRefused("", "", wrong, 'write {"EQ_bizStep": ["shipping"]}', "QueryValidationException")
    context = {**(extensions or {}), **context_of(query.get("@context", []))}
    found = {name: _listed(value) for name, value in query.items() if name != "@context"}
    return _query(found, context, _OPTIONS)


def _listed(value: object) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    return [value]


def _query(found: Mapping[str, list[Any]], context: Mapping[str, str], options: frozenset[str]) -> Query:
    if len(found) > PARAMETERS_LIMIT or sum(map(len, found.values())) > VALUES_LIMIT:
        wrong = f"it has more than {PARAMETERS_LIMIT} parameters or {VALUES_LIMIT} values"
        raise QueryRefused("", "", wrong, "ask in several queries", "QueryTooComplexException")
    for name in found:
        if len(name) > NAME_CHARS_LIMIT:
            raise QueryRefused(name, "", f"its name has {len(name)} characters", f"write {NAME_CHARS_LIMIT} at most")
    given = {name: Given(name, tuple(values), context) for name, values in sorted(found.items())}
    asked = [condition_of(one) for name, one in given.items() if name not in options]
    limit, most = _count(given, "eventCountLimit"), _count(given, "maxEventCount")
    if limit is not None and most is not None:
        raise QueryRefused("eventCountLimit", limit, "maxEventCount is given too", "give one of the two")
    order = _order(given)
    if limit is not None and order is None:
        raise QueryRefused("eventCountLimit", limit, "it needs an order", "give orderBy too")
    return Query(
        conditions=tuple(condition for condition in asked if condition is not None),
        order=order,
        event_count_limit=limit,
        max_event_count=most,
        per_page=_count(given, "perPage") or PER_PAGE_DEFAULT,
        next_page_token=_text(given, "nextPageToken"),
    )


def _count(given: Mapping[str, Given], name: str) -> int | None:
    return given[name].count() if name in given else None


def _text(given: Mapping[str, Given], name: str) -> str:
    if name not in given:
        return ""
    given[name].one()
    return next(iter(given[name].texts()))


def _order(given: Mapping[str, Given]) -> Order | None:
    direction = "DESC"
    if "orderDirection" in given:
        given["orderDirection"].one()
        direction = str(given["orderDirection"].among(("ASC", "DESC"))[0].text)
    if "orderBy" not in given:
        return None
    return Order(_order_path(given["orderBy"], _text(given, "orderBy")), direction == "DESC")


def _order_path(given: Given, name: str) -> str:
    if name in _ORDERED:
        return name
    if not {":", "#"} & set(name) or f"EQ_{name}" in FIXED:
        remedy = f"write {' or '.join(_ORDERED)}, or the name of an extension with its namespace"
        raise given.refused(name, "results cannot be ordered by it", remedy)
    inner = INNER if name.startswith(INNER) else ""
    rest = name[len(inner) :]
    area = next((area for area in AREAS if rest.startswith(area)), "")
    return inner + area + asked_name("orderBy", rest[len(area) :], given.context)
