"""The entries of an event answer every question as the oracle does, who reads the event's JSON instead."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia.standards.epcis import model
from sogdia.standards.epcis.model import AnyEvent
from sogdia.standards.epcis.query.conditions import Compare, Condition, Exists, Match, Op, Order, Pattern, Query, Value
from sogdia.standards.epcis.query.paths import HEAD, ROLES, Entry, entries, head, postings, values_of
from tests.standards.epcis.events import events, times
from tests.standards.epcis.query import naive
from tests.standards.epcis.query.asked import GTIN, measured, seen

OPS: tuple[Op, ...] = ("EQ", "GT", "GE", "LT", "LE")


def rows(event: AnyEvent) -> list[Entry]:
    return [*head(event), *entries(event)]


def by_rows(condition: Condition, event: AnyEvent) -> bool:
    """The answer of an index that knows entries and postings only."""
    if isinstance(condition, Match):
        return any(
            role in condition.roles and uri.startswith(one.prefix) and one.length in (None, len(uri))
            for role, uri in postings(event)
            for one in condition.patterns
        )
    assert isinstance(condition, Compare | Exists)
    there = [row for row in rows(event) if row.path == condition.path]
    if isinstance(condition, Exists):
        return bool(there)
    return any(_compares(row, condition, one) for row in there for one in condition.values)


def _compares(row: Entry, condition: Compare, asked: Value) -> bool:
    value = row.value
    return row.uom == condition.uom and naive.compares(condition.op, (value.text, value.number, value.time_us), asked)


def questions(event: AnyEvent) -> list[Condition]:
    """Everything that could be asked with what is in an event."""
    asked: list[Condition] = [Match((role,), (Pattern(uri, len(uri)),)) for role, uri in postings(event)]
    for row in rows(event):
        asked.append(Exists(row.path) if not _is_standard(row) else Compare(row.path, "EQ", (row.value,), row.uom))
        asked += [Compare(row.path, op, (row.value,), row.uom) for op in OPS if row.value != Value()]
    return asked


def _is_standard(row: Entry) -> bool:
    return "{" not in row.path and row.value != Value()


def distinct(asked: Sequence[Condition]) -> list[Condition]:
    return list(dict.fromkeys(asked))


@settings(max_examples=25, deadline=None)
@given(st.lists(events(), min_size=2, max_size=3))
def test_entries_answer_as_the_oracle_does(found: list[AnyEvent]) -> None:
    for condition in distinct([one for event in found for one in questions(event)])[:120]:
        by_entries = [event for event in found if by_rows(condition, event)]
        assert by_entries == naive.answer(Query(conditions=(condition,)), found), condition


@settings(max_examples=25, deadline=None)
@given(events())
def test_an_event_is_found_by_everything_that_it_says(event: AnyEvent) -> None:
    for condition in distinct(questions(event))[:120]:
        if not isinstance(condition, Compare) or condition.op == "EQ":
            assert naive.answer(Query(conditions=(condition,)), [event]) == [event], condition


@settings(max_examples=20, deadline=None)
@given(events())
def test_what_has_one_value_at_most_is_in_the_head(event: AnyEvent) -> None:
    paths = [row.path for row in head(event)]
    assert set(paths) <= set(HEAD)
    assert len(paths) == len(set(paths))
    assert not {row.path for row in entries(event)} & set(HEAD)
    assert {role for role, _ in postings(event)} <= set(ROLES)


@given(st.lists(times(), min_size=2, max_size=4))
def test_the_order_of_times_is_the_order_of_instants(written: list[str]) -> None:
    found = [seen(str(number), event_time=text) for number, text in enumerate(written)]
    ordered = naive.answer(Query(order=Order("eventTime", False)), found)
    instants = [values_of(event, "eventTime")[0].time_us for event in ordered]
    assert instants == sorted(one for one in instants if one is not None)


# --- by hand ---------------------------------------------------------------------------------------------------------


def listed(event: AnyEvent) -> dict[str, list[Any]]:
    """Paths with their values, text or else number; units after an @."""
    found: dict[str, list[Any]] = {}
    for row in entries(event):
        value = row.value.number if row.value.text is None else row.value.text
        found.setdefault(row.path + (f"@{row.uom}" if row.uom else ""), []).append(value)
    return found


def test_an_extension_leaves_an_entry_at_the_top_and_one_for_each_part_inside() -> None:
    ns = "{https://ns.example.com/epcis}"
    said = {"ex:look": {"ex:shade": ["dark", "red"], "size": 5}, "ex:none": None, "ex:empty": []}
    assert listed(seen("a", extensions=said)) == {
        f"{ns}look": [None],
        f"INNER_{ns}shade": ["dark", "red"],
        "INNER_{}size": [Decimal(5)],
        f"{ns}empty": [None],
    }


def test_a_measure_stands_as_written_and_in_its_base_unit() -> None:
    event = seen("a", sensor_element_list=(measured("20", "CEL", s_dev=Decimal("0.9")),))
    assert listed(event) == {
        "sensorElementList": [None],
        "type": ["Temperature"],
        "value": [Decimal(20)],
        "value@KEL": [Decimal("293.15")],
        "sDev": [Decimal("0.9")],
        "sDev@KEL": [Decimal("0.9")],
    }


def test_classes_are_under_a_path_of_their_own() -> None:
    event = seen("a", quantity_list=(model.QuantityElement(epc_class=f"{GTIN}/10/L1", quantity=Decimal(3)),))
    assert values_of(event, "epcClass") == [Value(f"{GTIN}/10/L1")]
    assert listed(event) == {"quantity": [Decimal(3)]}


def test_a_number_beyond_all_measure_is_a_text() -> None:
    assert listed(seen("a", extensions={"ex:n": 10**50})) == {"{https://ns.example.com/epcis}n": ["1" + "0" * 50]}
    assert listed(seen("a", extensions={"ex:n": Decimal("1E+999999")})) == {
        "{https://ns.example.com/epcis}n": ["1E+999999"]
    }


def test_a_text_that_is_almost_a_number_or_a_time_is_a_text() -> None:
    odd = {"ex:a": "", "ex:b": " 5", "ex:c": "2026-02-30T00:00:00Z"}
    event = seen("a", extensions=odd)
    assert [row.value for row in entries(event)] == [Value(text) for text in odd.values()]
