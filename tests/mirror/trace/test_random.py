"""Random histories, in any order, with errors declared: the index and the naive tracer tell the same."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sogdia.core.query import Asker
from sogdia.mirror.trace.beginnings import Wanted
from sogdia.mirror.trace.histories import history
from sogdia.mirror.trace.recall import recall
from sogdia.mirror.trace.tracing import trace
from sogdia.mirror.trace.words import Kind
from tests.mirror.conftest import contents
from tests.mirror.trace.naive import Naive
from tests.mirror.trace.stories import (
    BAKERY,
    BREAD,
    MILL,
    TRACE_TABLES,
    Records,
    at_us,
    born,
    case,
    item,
    lot,
    mirrored,
    packed,
    place,
    seen,
    turned,
    unpacked,
    view_of,
    wrong,
)

ITEMS = [item(number) for number in range(4)]
THINGS = [*ITEMS, lot(BREAD, "A"), lot(BREAD, "B")]
CASES = [case(number) for number in range(3)]
MINUTES = st.integers(0, 12)
some = st.lists(st.sampled_from(THINGS), min_size=1, max_size=2, unique=True)
children = st.lists(st.sampled_from(ITEMS + CASES), min_size=1, max_size=2, unique=True)
born_items = st.lists(st.sampled_from(ITEMS), min_size=1, max_size=2, unique=True)

Step = tuple[Callable[..., Any], tuple[Any, ...]]
STEPS = st.one_of(
    st.tuples(st.just(packed), st.tuples(st.sampled_from(CASES), children)),
    st.tuples(st.just(unpacked), st.tuples(st.sampled_from(CASES), st.one_of(children, st.just([])))),
    st.tuples(st.just(unpacked), st.tuples(st.none(), children)),
    st.tuples(st.just(seen), st.tuples(st.none(), children)),
    st.tuples(st.just(born), st.tuples(st.sampled_from("AB"), born_items)),
    st.tuples(st.just(turned), st.tuples(some, some, st.sampled_from([None, None, "urn:x:run:1"]))),
    st.tuples(st.just(turned), st.tuples(some, st.just([]), st.just("urn:x:run:1"))),
)
STORIES = st.lists(st.tuples(STEPS, MINUTES, st.integers(0, 9)), min_size=1, max_size=14)
PACKING = st.one_of(
    st.tuples(st.just(packed), st.tuples(st.sampled_from(CASES), children)),
    st.tuples(st.just(packed), st.tuples(st.sampled_from(CASES), children)),
    st.tuples(st.just(unpacked), st.tuples(st.sampled_from(CASES), children)),
    st.tuples(st.just(seen), st.tuples(st.none(), children)),
)
PACKED = st.lists(st.tuples(PACKING, MINUTES, st.integers(0, 19)), min_size=4, max_size=14)


def told(number: int, step: Step, minute: int) -> dict[str, Any]:
    """One event of a story."""
    make, said = step
    if make is turned:
        return turned(f"e{number}", minute, *said)
    if make is seen:
        return seen(f"e{number}", minute, *said[1], readPoint=place(number))
    found: dict[str, Any] = make(f"e{number}", minute, said[0], *said[1])
    return {name: value for name, value in found.items() if value is not None}


def story(steps: list[tuple[Step, int, int]]) -> tuple[Records, list[tuple[int, dict[str, Any]]]]:
    """Blocks of events in the order of their IDs, and declarations for some of them, before them or after."""
    ledger, events = Records(), []
    for number, (step, minute, fate) in enumerate(steps):
        said = told(10 + number, step, minute)
        kept = [(minute, said)]
        if fate == 0:
            kept.append((minute, wrong(said, 30)))
        elif fate == 1:
            kept.insert(0, (minute, wrong(said, 30)))
        for one in kept:
            events.append(one)
            ledger.capture(one[1])
    return ledger, events


def things(graph: Any) -> set[str]:
    return {node.uri for node in graph.nodes if node.kind is not Kind.TRANSFORMATION} if graph else set()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STORIES, group=st.integers(1, 5))
def test_index_and_naive_tracer_tell_the_same(url: str, steps: list[tuple[Step, int, int]], group: int) -> None:
    ledger, events = story(steps)
    mirrored(url, ledger, *[group] * len(events), anew=True)
    naive = Naive(events)
    with view_of(url) as view:
        for thing in (*ITEMS, *CASES):
            found = history(view, thing)
            shown = {one.event.event for one in found.passages} if found else set()
            assert shown == naive.history(thing), thing
        for thing in THINGS:
            if view.number_of(thing) is not None:
                assert things(trace(view, thing, "down")) == set(naive.down(thing)), thing
                assert things(trace(view, thing, "up")) == set(naive.up(thing)), thing


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=PACKED)
def test_index_and_naive_tracer_find_things_at_the_same_places(url: str, steps: list[tuple[Step, int, int]]) -> None:
    ledger, events = story(steps)
    mirrored(url, ledger, anew=True)
    naive = Naive(events)
    with view_of(url) as view:
        answer = recall(view, Wanted(things=(*THINGS, *CASES)))
    for one in answer.affected:
        last = None if one.seen_us is None else (one.seen_us, one.place)
        expected = naive.last_place(one.thing)
        assert last == (expected and (at_us(expected[0]), expected[1])), one
        assert one.inside == naive.outermost(one.thing), one


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=PACKED, ours=st.integers(0, 2**14 - 1))
def test_who_may_not_read_all_events_learns_all_that_is_affected_and_no_more_than_its_events_say(
    url: str, steps: list[tuple[Step, int, int]], ours: int
) -> None:
    ledger, packings = Records(), set[str]()
    for number, (step, minute, _) in enumerate(steps):
        said, is_ours = told(10 + number, step, minute), bool(ours >> number & 1)
        ledger.capture(said, party=MILL if is_ours else BAKERY)
        if is_ours and said["type"] == "AggregationEvent" and said["action"] == "ADD":
            packings.add(said["parentID"])
    mirrored(url, ledger, anew=True)
    wanted = Wanted(things=(*ITEMS, *CASES))
    with view_of(url) as everything, view_of(url, Asker(MILL)) as some:
        whole, part = recall(everything, wanted), recall(some, wanted)
    assert [one.thing for one in part.affected] == [one.thing for one in whole.affected]
    for known, there in zip(part.affected, whole.affected, strict=True):
        assert known == there or known.is_redacted
        assert not known.is_redacted or (known.place, known.seen_us) == (None, None)
        assert known.inside is None or known.inside in packings
    assert part.confidence.hidden == sum(one.is_redacted for one in part.affected)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STORIES, group=st.integers(1, 5))
def test_batches_of_any_size_leave_the_same_index(
    new_url: Callable[[], str], url: str, steps: list[tuple[Step, int, int]], group: int
) -> None:
    ledger, _ = story(steps)
    mirrored(url, ledger, *[1] * ledger.height, anew=True)
    before = contents(url, TRACE_TABLES)
    mirrored(url, ledger, group, anew=True)
    after = contents(url, TRACE_TABLES)
    for name in ("traced_entry", "traced_posting", "traced_closing", "traced_value"):
        assert named(before, name) == named(after, name), name
    assert edges(before) == edges(after)


def named(rows: dict[str, list[dict[str, Any]]], table: str) -> list[Any]:
    """The rows of a table with the URIs of things, in no order: numbers of things depend on who was met first."""
    uris = {row["id"]: row["uri"] for row in rows["traced_thing"]}
    given = ("thing", "child", "parent", "transformation", "read_point", "location", "custodian")
    return sorted(
        repr({name: uris.get(value) if name in given else value for name, value in row.items()}) for row in rows[table]
    )


def edges(rows: dict[str, list[dict[str, Any]]]) -> set[Any]:
    """All edges, which must stand alike in both directions."""
    uris = {row["id"]: row["uri"] for row in rows["traced_thing"]}
    found = []
    for table in ("traced_fwd", "traced_rev"):
        ends = [(uris.get(row["src"], row["src"]), uris.get(row["dst"], row["dst"])) for row in rows[table]]
        rest = [(row["kind"], row["t0"], row["seq"], row["t1"]) for row in rows[table]]
        found.append(set(zip(ends, rest, strict=True)))
    assert found[0] == found[1]
    return found[0]
