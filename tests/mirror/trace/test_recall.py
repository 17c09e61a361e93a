"""What has to come back, where it is, who has it, and how sure that is."""

from decimal import Decimal
from typing import Any

import pytest

from sogdia.core.query import Asker
from sogdia.mirror.trace.beginnings import Excursion, Serials, Wanted
from sogdia.mirror.trace.documents import Document
from sogdia.mirror.trace.recall import Affected, Recall, recall
from tests.mirror.trace.stories import (
    BAKERY,
    BREAD,
    CUSTOMS,
    FARM,
    FLOUR,
    MILL,
    SHOP,
    WHEAT,
    Records,
    at_us,
    born,
    bound,
    case,
    event,
    item,
    lot,
    mirrored,
    packed,
    place,
    product,
    quantity,
    seen,
    told,
    turned,
    unpacked,
    view_of,
)

BAKER, GROCER = "https://id.gs1.org/417/9506000134000", "https://id.gs1.org/417/9506000139999"
ORDER = {"type": "po", "bizTransaction": "https://bakery.example/po/4711"}


def shipped(name: str, minute: int, *things: str, step: str = "shipping") -> dict[str, Any]:
    return seen(
        name, minute, *things, bizStep=step, bizTransactionList=[ORDER],
        readPoint=place(1 if step == "shipping" else 2),
        sourceList=[{"type": "possessing_party", "source": BAKER}],
        destinationList=[{"type": "possessing_party", "destination": GROCER}],
    )  # fmt: skip


@pytest.fixture
def ledger() -> Records:
    """Wheat becomes flour becomes three loaves; two of them go to the shop in a case on a pallet."""
    made = Records()
    made.capture(turned("milled", 10, [(lot(WHEAT, "W1"), 600)], [(lot(FLOUR, "F1"), 500)]), party=MILL)
    made.capture(
        turned("baked", 20, [(lot(FLOUR, "F1"), 100)], [(lot(BREAD, "B1"), 140)]),
        born("sliced", 21, "B1", item(1), item(2), item(3), bizLocation=place(5)),
        born("others", 21, "B2", item(4)),
        packed("packed", 22, case(1), item(1), item(2), item(4), readPoint=place(5)),
        packed("loaded", 23, case(9), case(1)),
        shipped("shipped", 24, case(9)),
        party=BAKERY,
    )
    return made


def found(url: str, asker: Asker = CUSTOMS, **wanted: Any) -> Recall:
    with view_of(url, asker) as view:
        return recall(view, Wanted(**wanted))


def things(answer: Recall) -> dict[str, Affected]:
    return {one.thing: one for one in answer.affected}


def test_a_recall_of_wheat_finds_each_loaf_its_pallet_and_who_has_it(url: str, ledger: Records) -> None:
    mirrored(url, ledger)
    answer = found(url, things=(lot(WHEAT, "W1"),))
    reached = things(answer)
    assert set(reached) == {lot(WHEAT, "W1"), lot(FLOUR, "F1"), lot(BREAD, "B1"), item(1), item(2), item(3)}
    loaf = reached[item(1)]
    assert (loaf.inside, loaf.place, loaf.seen_us, loaf.custodian) == (case(9), place(1)["id"], at_us(24), BAKER)
    left = reached[item(3)]
    assert (left.inside, left.place, left.seen_us, left.custodian) == (None, place(5)["id"], at_us(21), BAKERY)
    assert answer.documents == (Document("po", ORDER["bizTransaction"], 1),)
    assert answer.confidence.is_complete


def test_goods_that_arrived_are_with_whom_they_went_to(url: str, ledger: Records) -> None:
    ledger.capture(
        shipped("received", 30, case(9), step="receiving"), unpacked("out", 31, case(9), case(1)), party=SHOP
    )
    ledger.capture(unpacked("shelved", 32, case(1), item(1)), party=SHOP)
    ledger.capture(seen("scanned", 33, item(3), readPoint=place(7)), party=SHOP)
    mirrored(url, ledger)
    reached = things(found(url, things=(lot(BREAD, "B1"),)))
    waiting, shelved = reached[item(2)], reached[item(1)]
    assert (waiting.inside, waiting.place, waiting.seen_us) == (case(1), place(2)["id"], at_us(30))
    assert (shelved.inside, shelved.place, shelved.seen_us) == (None, place(2)["id"], at_us(30))
    assert waiting.custodian == shelved.custodian == GROCER
    assert (reached[item(3)].place, reached[item(3)].custodian) == (place(7)["id"], SHOP)


def test_the_balance_of_a_lot_says_what_was_made_used_and_sold_as_items(url: str, ledger: Records) -> None:
    ledger.capture(
        event("ObjectEvent", "burnt", 25, action="DELETE", quantityList=[quantity(lot(BREAD, "B1"), 0.25)]),
        party=BAKERY,
    )
    mirrored(url, ledger)
    sums = {
        one.thing: (one.uom, one.made, one.used) for one in found(url, things=(lot(WHEAT, "W1"),)).balances if one.uom
    }
    assert sums == {
        lot(WHEAT, "W1"): ("KGM", Decimal(0), Decimal(600)),
        lot(FLOUR, "F1"): ("KGM", Decimal(500), Decimal(100)),
        lot(BREAD, "B1"): ("KGM", Decimal(140), Decimal("0.25")),
    }
    serials = {one.thing: one.serials for one in found(url, things=(lot(BREAD, "B1"),)).balances}
    assert serials == {lot(BREAD, "B1"): 3}


def test_a_pallet_stands_for_what_was_in_it(url: str, ledger: Records) -> None:
    ledger.capture(turned("toasted", 40, [item(2)], [item(22)]), turned("early", 1, [item(4)], [item(44)]), party=SHOP)
    mirrored(url, ledger)
    reached = things(found(url, things=(case(9),)))
    assert set(reached) == {case(9), case(1), item(1), item(2), item(4), item(22)}


def test_serials_in_a_row_and_all_items_of_a_product(url: str) -> None:
    with told(url, [born("born", 1, None, *map(item, (1, 2, 9, 10, 11)), item("A7"))])() as view:
        by_number = recall(view, Wanted(serials=Serials(product(BREAD), "2", "10")))
        by_text = recall(view, Wanted(serials=Serials(product(BREAD), "9", "B")))
        everything = recall(view, Wanted(things=(product(BREAD),)))
    assert set(things(by_number)) == {item(2), item(9), item(10)}
    assert set(things(by_text)) == {item(9), item("A7")}
    assert set(things(everything)) >= {item(1), item(11), item("A7"), product(BREAD)} - {product(BREAD)}


def test_everything_from_a_supplier_in_some_hours(url: str) -> None:
    ledger = Records()
    ledger.capture(seen("one", 5, item(1), readPoint=place(1)), party=FARM)
    ledger.capture(seen("two", 15, item(2)), packed("in", 1, case(1), item(3)), party=MILL)
    ledger.capture(shipped("three", 25, case(1)), party=SHOP)
    mirrored(url, ledger)
    assert set(things(found(url, supplier=FARM))) == {item(1)}
    assert set(things(found(url, supplier=place(1)["id"]))) == {item(1), case(1), item(3)}
    assert set(things(found(url, supplier=place(1)["id"], until_us=at_us(20)))) == {item(1)}
    assert set(things(found(url, supplier=BAKER))) == {case(1), item(3)}


def test_a_warm_sensor_recalls_what_was_beside_it_at_the_time(url: str) -> None:
    sensor = "https://id.gs1.org/8004/9506000134352S1"

    def warm(name: str, minute: int, celsius: float) -> dict[str, Any]:
        report = {"type": "Temperature", "value": celsius, "uom": "CEL", "deviceID": sensor}
        elements = [{"sensorReport": [report]}]
        return event("ObjectEvent", name, minute, action="OBSERVE", readPoint=place(3), sensorElementList=elements)

    story = told(
        url,
        [bound("on", 1, case(1), sensor), packed("in", 2, case(1), item(1), item(2)), warm("cool", 5, 4)],
        [unpacked("out", 6, case(1), item(1)), warm("warm", 8, 21.5), packed("later", 9, case(1), item(3))],
    )
    with story() as view:
        excursion = Excursion("value", "KEL", above=283.15)
        by_value = recall(view, Wanted(excursion=excursion))
        by_event = recall(view, Wanted(events=("urn:uuid:warm",)))
        nothing = recall(view, Wanted(excursion=excursion, until_us=at_us(7)))
        with pytest.raises(ValueError, match="needs a limit"):
            recall(view, Wanted(excursion=Excursion("value")))
    assert set(things(by_value)) == set(things(by_event)) == {sensor, case(1), item(2)}
    assert nothing.affected == ()


def test_what_goes_through_a_class_without_lot_is_possible_and_not_certain(url: str) -> None:
    story = told(
        url,
        [turned("milled", 1, [(lot(WHEAT, "W1"), 1)], [(product(FLOUR), 1), (lot(FLOUR, "F1"), 1)])],
        [turned("vague", 2, [(product(FLOUR), 1)], [item(1)]), turned("exact", 2, [(lot(FLOUR, "F1"), 1)], [item(2)])],
        [turned("open", 3, [item(2)], [], "https://bakery.example/run/9")],
    )
    with story() as view:
        answer = recall(view, Wanted(things=(lot(WHEAT, "W1"),)))
    reached = things(answer)
    assert (reached[item(1)].is_certain, reached[item(2)].is_certain) == (False, True)
    assert answer.confidence.imprecise == (product(FLOUR),)
    assert (answer.confidence.open_ends, answer.confidence.is_complete) == (1, False)


def test_who_may_not_read_events_still_learns_what_must_come_back_and_from_whom(url: str, ledger: Records) -> None:
    mirrored(url, ledger)
    answer = found(url, Asker(MILL), things=(lot(WHEAT, "W1"),))
    loaf = things(answer)[item(1)]
    assert (loaf.is_redacted, loaf.place, loaf.seen_us, loaf.custodian) == (True, None, None, BAKERY)
    assert answer.documents == ()
    assert {one.thing: one.made for one in answer.balances if one.uom} == {
        lot(WHEAT, "W1"): Decimal(0), lot(FLOUR, "F1"): Decimal(500),
    }  # fmt: skip
    assert answer.confidence.hidden == 5
    assert found(url, Asker(MILL), events=("urn:uuid:sliced",)).affected == ()
    assert found(url, Asker(MILL), supplier=BAKERY).affected == ()


def test_nothing_named_recalls_nothing(url: str, ledger: Records) -> None:
    mirrored(url, ledger)
    for wanted in ({}, {"things": (item(999),)}, {"events": ("urn:uuid:none",)}, {"supplier": "did:bid:sogd:efNobody"}):
        assert found(url, **wanted).affected == ()
