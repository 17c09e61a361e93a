"""Where things come from and what becomes of them: farm, mill, bakery, shop."""

from sogdia.core.query import Asker
from sogdia.mirror.trace.tracing import Graph, trace
from sogdia.mirror.trace.view import View
from sogdia.mirror.trace.words import Kind
from tests.mirror.trace.stories import (
    BAKERY,
    BREAD,
    FARM,
    FLOUR,
    MILL,
    WHEAT,
    Records,
    born,
    case,
    item,
    lot,
    mirrored,
    packed,
    product,
    told,
    turned,
    view_of,
    wrong,
)


def things(graph: Graph | None) -> set[str]:
    """Everything in a graph but what it begins with and its transformations."""
    assert graph is not None
    kept = [node for node in graph.nodes if node.number != graph.start and node.kind is not Kind.TRANSFORMATION]
    return {node.uri for node in kept}


def up(view: View, thing: str, **limits: int) -> set[str]:
    return things(trace(view, thing, "up", **limits))


def down(view: View, thing: str, **limits: int) -> set[str]:
    return things(trace(view, thing, "down", **limits))


def chain(ledger: Records) -> None:
    """Two lots of wheat to one of flour, that to a lot of bread, and two loaves of it."""
    ledger.capture(
        turned("milled", 10, [(lot(WHEAT, "W1"), 600), (lot(WHEAT, "W2"), 400)], [(lot(FLOUR, "F1"), 800)]), party=MILL
    )
    ledger.capture(
        turned("baked", 20, [(lot(FLOUR, "F1"), 100)], [(lot(BREAD, "B1"), 140)]),
        born("sliced", 21, "B1", item(1), item(2)),
        packed("packed", 22, case(1), item(1), item(3)),
        party=BAKERY,
    )


def test_bread_is_traced_to_the_wheat_and_wheat_to_the_bread(url: str) -> None:
    ledger = Records()
    chain(ledger)
    mirrored(url, ledger)
    grain, bread = {lot(WHEAT, "W1"), lot(WHEAT, "W2")}, {lot(BREAD, "B1"), item(1), item(2)}
    with view_of(url) as view:
        assert up(view, item(1)) == {lot(BREAD, "B1"), lot(FLOUR, "F1")} | grain
        assert down(view, lot(WHEAT, "W1")) == {lot(FLOUR, "F1")} | bread
        assert up(view, item(3)) == set()
        graph = trace(view, item(1), "up")
        assert graph is not None
        assert {arrow.event.event for arrow in graph.arrows if arrow.event} == {
            "urn:uuid:milled", "urn:uuid:baked", "urn:uuid:sliced",
        }  # fmt: skip
        assert trace(view, item(99), "up") is None


def test_a_trace_ends_at_its_limits_and_says_so(url: str) -> None:
    ledger = Records()
    chain(ledger)
    mirrored(url, ledger)
    with view_of(url) as view:
        near = trace(view, item(1), "up", depth=2)
        assert things(near) == {lot(BREAD, "B1"), lot(FLOUR, "F1")}
        few = trace(view, lot(WHEAT, "W1"), "down", nodes=2)
        whole = trace(view, lot(WHEAT, "W1"), "down")
        assert near is not None
        assert few is not None
        assert whole is not None
        assert (near.is_cut, few.is_cut, whole.is_cut) == (True, True, False)


def test_what_was_used_before_it_was_touched_is_not_affected(url: str) -> None:
    story = told(
        url,
        [turned("early", 5, [(lot(FLOUR, "F1"), 1)], [item(1)])],
        [turned("late", 15, [(lot(FLOUR, "F1"), 1)], [item(2)])],
        [turned("milled", 10, [(lot(WHEAT, "W1"), 1)], [(lot(FLOUR, "F1"), 2)])],
    )
    with story() as view:
        assert down(view, lot(WHEAT, "W1")) == {lot(FLOUR, "F1"), item(2)}
        assert up(view, item(1)) == {lot(FLOUR, "F1")}
        assert up(view, item(2)) == {lot(FLOUR, "F1"), lot(WHEAT, "W1")}


def test_events_with_one_transformation_id_are_one_transformation(url: str) -> None:
    run = "https://bakery.example/run/7"
    story = told(
        url,
        [turned("out-1", 9, [], [item(1)], run)],
        [turned("in-1", 10, [(lot(FLOUR, "F1"), 1)], [], run), turned("in-2", 11, [(lot(FLOUR, "F2"), 1)], [], run)],
        [turned("out-2", 30, [], [item(2)], run), turned("other", 10, [(lot(FLOUR, "F3"), 1)], [item(3)])],
    )
    with story() as view:
        assert up(view, item(1)) == up(view, item(2)) == {lot(FLOUR, "F1"), lot(FLOUR, "F2")}
        assert down(view, lot(FLOUR, "F1")) == {item(1), item(2)}
        graph = trace(view, item(1), "up")
        assert graph is not None
        assert [node.uri for node in graph.nodes if node.kind is Kind.TRANSFORMATION] == [run]


def test_a_transformation_declared_wrong_leads_nowhere_and_its_correction_does(url: str) -> None:
    false = turned("false", 10, [(lot(WHEAT, "W1"), 1)], [(lot(FLOUR, "F1"), 1)])
    false_lot = born("false-lot", 11, "F1", item(1, FLOUR))
    story = told(
        url,
        [false, false_lot],
        [wrong(false, 30, "urn:uuid:right"), wrong(false_lot, 31)],
        [turned("right", 10, [(lot(WHEAT, "W2"), 1)], [(lot(FLOUR, "F1"), 1)])],
    )
    with story() as view:
        assert down(view, lot(WHEAT, "W1")) == set()
        assert up(view, lot(FLOUR, "F1")) == {lot(WHEAT, "W2")}
        assert up(view, item(1, FLOUR)) == set()


def test_a_lot_in_the_path_of_a_serial_makes_it_a_member(url: str) -> None:
    story = told(
        url, [born("born", 1, None, f"https://id.gs1.org/01/{BREAD}/10/B9/21/5")], [born("b", 2, None, item(6))]
    )
    with story() as view:
        assert up(view, item(5)) == {lot(BREAD, "B9")}
        assert down(view, lot(BREAD, "B9")) == {item(5)}
        assert up(view, item(6)) == set()


def test_the_lot_of_a_transformations_outputs_holds_for_its_serials(url: str) -> None:
    story = told(url, [turned("baked", 1, [(lot(FLOUR, "F1"), 1)], [item(1)], ilmd={"cbvmda:lotNumber": "B1"})])
    with story() as view:
        assert up(view, item(1)) == {lot(BREAD, "B1"), lot(FLOUR, "F1")}


def test_a_class_without_lot_is_marked_as_imprecise(url: str) -> None:
    story = told(url, [turned("baked", 1, [(product(FLOUR), 1), (lot(WHEAT, "W1"), 1)], [item(1)])])
    with story() as view:
        graph = trace(view, item(1), "up")
        assert graph is not None
        assert {node.uri for node in graph.nodes if node.is_imprecise} == {product(FLOUR)}


def test_a_thing_made_of_itself_ends_the_walk(url: str) -> None:
    story = told(url, [turned("a", 1, [item(1)], [item(2)]), turned("b", 2, [item(2)], [item(1)])])
    with story() as view:
        assert down(view, item(1)) == up(view, item(1)) == {item(2)}


def test_things_reached_by_secret_events_stay_and_are_redacted(url: str) -> None:
    ledger = Records()
    chain(ledger)
    mirrored(url, ledger)
    with view_of(url, Asker(MILL)) as view:
        graph = trace(view, lot(WHEAT, "W1"), "down")
    assert graph is not None
    assert things(graph) == {lot(FLOUR, "F1"), lot(BREAD, "B1"), item(1), item(2)}
    hidden = {node.uri: node.party for node in graph.nodes if node.is_redacted}
    assert {uri: hidden[uri] for uri in hidden if uri} == dict.fromkeys((lot(BREAD, "B1"), item(1), item(2)), BAKERY)
    secrets = [arrow.event for arrow in graph.arrows if arrow.event and arrow.event.is_redacted]
    assert secrets
    assert {(one.event, one.time_us, one.party) for one in secrets} == {("", 0, BAKERY)}
    with view_of(url, Asker(FARM)) as view:
        nothing = trace(view, lot(WHEAT, "W1"), "down")
    assert nothing is not None
    assert all(node.is_redacted for node in nothing.nodes if node.number != nothing.start)
