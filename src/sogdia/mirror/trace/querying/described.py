"""Conditions on master data: what the event's own party and the asker say of places and things.

Only what the asker may know is looked at. What others say of a place does not change which events lie there.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import sqlalchemy as sql

from sogdia.domains.trace.state import DESCRIPTIONS
from sogdia.mirror.text import TEXT
from sogdia.mirror.trace.listed import NUMBERS, listed_rows
from sogdia.mirror.trace.querying.heads import COLUMNS, THINGS, stored
from sogdia.mirror.trace.querying.named import ROLES
from sogdia.mirror.trace.querying.terms import NEVER, Scope, Term, apart
from sogdia.mirror.trace.querying.valued import with_text
from sogdia.standards.epcis.query.conditions import Attribute, Within
from sogdia.standards.epcis.query.names import attribute_name, element_name, thing_or_text
from sogdia.standards.epcis.query.paths import CLASS_ROLES, EPC_CLASS, HEAD, values_of
from sogdia.standards.epcis.query.refusals import QueryRefused

ELEMENTS_LIMIT: Final = 200_000
"""Elements of master data that one condition goes through."""


class Names(NamedTuple):
    """Names that master data give: `shared` for every event, `of` besides for the events of one party."""

    shared: frozenset[str]
    of: Mapping[str, frozenset[str]]

    def hold(self, name: str, party: str) -> bool:
        """Whether it is one of the names for an event of this party."""
        return name in self.shared or name in self.of.get(party, ())

    def all(self) -> Iterator[str]:
        """Every name, some more than once."""
        yield from self.shared
        for names in self.of.values():
            yield from names


def within(scope: Scope, condition: Within) -> Term:
    """Events at these places, or at those that lie within them."""
    below: dict[str, dict[str, set[str]]] = {}
    table = scope.picture.table(DESCRIPTIONS)
    for party, element, children in _said(scope, table.c.children, _plain(table.c.children) != "[]"):
        kept = below.setdefault(party, {}).setdefault(element_name(element), set())
        kept.update(thing_or_text(child) for child in children)
    mine = below.pop(scope.asker.party or "", {})
    shared = _around(condition.places, (mine,))
    others = {party: _around(condition.places, (mine, its)) - shared for party, its in below.items()}
    return _in_column(scope, condition.path, Names(shared, others))


def _around(places: Iterable[str], said: Iterable[Mapping[str, set[str]]]) -> frozenset[str]:
    found, level = set(places), set(places)
    while level:
        level = {child for place in level for children in said for child in children.get(place, ())} - found
        found |= level
    return frozenset(found)


def attributed(scope: Scope, condition: Attribute) -> Term:
    """Events with a value under the path that master data give such an attribute."""
    names = _with_attribute(scope, condition)
    if condition.path in HEAD:
        return _in_column(scope, condition.path, names)
    if condition.path == EPC_CLASS:
        numbers = sorted(set(scope.view.numbers_of(set(names.all())).values()))
        if not numbers:
            return NEVER
        postings, roles = scope.view.tables.postings, [int(ROLES[role]) for role in CLASS_ROLES]
        named = scope.among(postings.c.thing, numbers, NUMBERS), postings.c.role.in_(roles)
        return Term(sql.true(), scope.postings(*named), _judge(condition.path, names))
    return with_text(scope, condition.path)._replace(judge=_judge(condition.path, names))


def _judge(path: str, names: Names) -> Any:
    return lambda event, party: any(
        value.text is not None and names.hold(element_name(value.text), party) for value in values_of(event, path)
    )


def _with_attribute(scope: Scope, condition: Attribute) -> Names:
    column = scope.picture.table(DESCRIPTIONS).c.attributes
    found: dict[str, set[str]] = {}
    # However a name is spelled, what comes after its last mark stands in the text.
    tails = {name[-_tail(name) :] for name in condition.names}
    could_be = sql.or_(*(_plain(column).contains(tail, autoescape=True) for tail in sorted(tails)))
    for party, element, attributes in _said(scope, column, could_be):
        if any(_is_asked(one, condition) for one in attributes):
            found.setdefault(party, set()).add(element_name(element))
    shared = frozenset(found.pop(scope.asker.party or "", ()))
    return Names(shared, {party: frozenset(names) - shared for party, names in found.items()})


def _tail(name: str) -> int:
    end = len(name)
    while end and (name[end - 1].isascii() and name[end - 1].isalnum()):
        end -= 1
    return len(name) - end or len(name)


def _is_asked(attribute: Any, condition: Attribute) -> bool:
    name, value = attribute["id"], attribute["value"]
    return attribute_name(name) in condition.names and (not condition.values or value in condition.values)


def _plain(column: Any) -> Any:
    return sql.type_coerce(column, sql.Text())


def _said(scope: Scope, content: Any, where: Any) -> Iterator[tuple[str, str, Any]]:
    """Party, element and content of what the asker may know of master data."""
    table = scope.picture.table(DESCRIPTIONS)
    known = sql.or_(scope.picture.visible(DESCRIPTIONS, scope.asker), table.c.audience == "everyone")
    wanted = sql.select(table.c.party, table.c.element, content).where(known, where).limit(ELEMENTS_LIMIT + 1)
    for number, row in enumerate(scope.view.connection.execute(wanted)):
        if number == ELEMENTS_LIMIT:
            wrong = f"master data of more than {ELEMENTS_LIMIT} places and things would be looked through"
            raise QueryRefused("", "", wrong, "ask without WD, HASATTR and EQATTR", "QueryTooComplexException")
        yield row[0], row[1], row[2]


def _in_column(scope: Scope, path: str, names: Names) -> Term:
    entries = scope.view.tables.entries
    column, kind = entries.c[COLUMNS[path]], NUMBERS if path in THINGS else TEXT
    shared = stored(scope, path, sorted(names.shared))
    own = [(party, value) for party, its in names.of.items() for value in stored(scope, path, sorted(its))]
    values = sorted({*shared, *(value for _, value in own)})
    if not values:
        return NEVER
    checks = [scope.among(apart(column), shared, kind)] if shared else []
    if own:
        given = listed_rows(scope.view.connection, own, party=TEXT, said=kind)
        both = sql.tuple_(apart(entries.c.party), apart(column))
        checks.append(both.in_(sql.select(given.c.party, given.c.said)))
    return Term(sql.or_(*checks), scope.entries(scope.among(column, values, kind)))
