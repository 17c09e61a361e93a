"""Random conditions that have a chance: made of what the events of a world say, now and then a little beside it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, get_args

from hypothesis import strategies as st

from sogdia.standards.epcis.model import AnyEvent
from sogdia.standards.epcis.query.conditions import (
    Attribute,
    Compare,
    Condition,
    Exists,
    Match,
    Op,
    Order,
    Pattern,
    Query,
    Value,
    Within,
)
from sogdia.standards.epcis.query.names import attribute_name, thing
from sogdia.standards.epcis.query.paths import CLASS_ROLES, ITEM_ROLES, ROLES, Entry, entries, head, postings
from tests.mirror.trace.worlds import HALL, ROOM, SITE, TEMPERATURE, YARD

TIMES = ("eventTime", "recordTime")
PLACES = tuple(map(thing, (HALL, ROOM, YARD)))
WHERE = "{https://ns.example.com/epcis}where"
DESCRIBED = ("readPoint", "bizLocation", "bizStep", "disposition", "epcClass", WHERE)


def said(events: Sequence[AnyEvent]) -> list[Entry]:
    return [one for event in events for source in (head, entries) for one in source(event)]


@st.composite
def beside(draw: st.DrawFn, value: Value) -> Value:
    """The value, or one that is close to it."""
    match draw(st.integers(0, 5)), value:
        case 0, Value(text=str(text)):
            return Value(text + "x")
        case 1, Value(text=None, number=Decimal() as number):
            return Value(None, number + Decimal("1E-25"))
        case 2, Value(text=None, number=Decimal() as number):
            return Value(str(number), number)
        case 3, Value(number=None, time_us=int(time_us)):
            return Value(None, None, time_us + draw(st.sampled_from((-1, 1, 500))))
        case 4, Value(number=Decimal() as number):
            return Value(None, number)
    return value


@st.composite
def compares(draw: st.DrawFn, there: list[Entry]) -> Condition:
    entry = draw(st.sampled_from(there))
    value = draw(beside(entry.value))
    is_ordered = value.number is not None or value.time_us is not None
    op: Op = draw(st.sampled_from(get_args(Op))) if is_ordered else "EQ"
    if op != "EQ":
        only_number = value.number is not None
        return Compare(
            entry.path, op, (Value(None, value.number) if only_number else Value(None, None, value.time_us),), entry.uom
        )
    same = [one.value for one in there if one.path == entry.path and one.uom == entry.uom]
    others = draw(st.lists(st.sampled_from(same), max_size=2))
    values = tuple(one for one in (value, *others) if one != Value())
    return Compare(entry.path, "EQ", values, entry.uom) if values else Exists(entry.path)


@st.composite
def matches(draw: st.DrawFn, named: list[tuple[str, str]]) -> Condition:
    role, uri = draw(st.sampled_from(named))
    roles = draw(st.sampled_from(((role,), ROLES, ITEM_ROLES, CLASS_ROLES)))
    cut = draw(st.integers(max(1, len(uri) - 12), len(uri)))
    pattern = draw(
        st.sampled_from(
            (Pattern(uri, len(uri)), Pattern(uri[:cut]), Pattern(uri[:cut], len(uri)), Pattern(uri[:18], None, "/21/"))
        )
    )
    other = draw(st.sampled_from(named))[1]
    more = draw(st.sampled_from(((), (Pattern(other, len(other)),), (Pattern("urn:uuid:"),))))
    return Match(tuple(roles), (pattern, *more))


def exists(there: list[Entry]) -> st.SearchStrategy[Condition]:
    paths = sorted({one.path for one in there if "{" in one.path} | {"errorDeclaration", "sensorElementList"})
    return st.sampled_from(paths).map(Exists)


WITHIN = st.builds(
    Within,
    st.sampled_from(("readPoint", "bizLocation")),
    st.lists(st.sampled_from(PLACES), min_size=1, max_size=2).map(tuple),
)
ATTRIBUTES = st.builds(
    Attribute,
    st.sampled_from(DESCRIBED),
    st.lists(st.sampled_from((attribute_name(SITE), TEMPERATURE)), min_size=1, max_size=2).map(tuple),
    st.sampled_from(((), ("a",), ("a", "b"), ("c",))),
)


def conditions(events: Sequence[AnyEvent]) -> st.SearchStrategy[Condition]:
    """One condition of any kind."""
    there, named = said(events), [one for event in events for one in postings(event)]
    kinds: list[Any] = [compares(there), compares(there), exists(there), WITHIN, ATTRIBUTES]
    return st.one_of(*kinds, *([matches(named)] if named else []))


def orders(events: Sequence[AnyEvent]) -> st.SearchStrategy[Order]:
    added = [one.path for one in said(events) if "{" in one.path]
    return st.builds(Order, st.sampled_from((*TIMES, *sorted(set(added)))), st.booleans())


@st.composite
def queries(draw: st.DrawFn, events: Sequence[AnyEvent]) -> Query:
    """Up to three conditions that hold together, perhaps an order."""
    asked = draw(st.lists(conditions(events), max_size=3))
    order = draw(st.one_of(st.none(), orders(events)))
    limit = draw(st.one_of(st.none(), st.integers(1, 4))) if order is not None else None
    return Query(conditions=tuple(asked), order=order, event_count_limit=limit, per_page=draw(st.integers(1, 3)))
