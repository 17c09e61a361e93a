"""The goods that the rehearsal makes up are such as the standard takes, and the same whenever they are made."""

import msgspec

from sogdia.interfaces.demo.goods import USED_ML, Packed, made_events, olives, parcel_of
from sogdia.interfaces.demo.orders import GTINS, IMPORT_GOODS, START_MS, import_orders
from sogdia.interfaces.demo.recalling import parcels_of
from sogdia.interfaces.intake import parts
from sogdia.interfaces.intake.trade import Parties, Trade
from sogdia.standards.epcis.reading import read_event
from sogdia.standards.gs1 import check_digits
from sogdia.standards.gs1.identifiers import canonical, kind_of

DRAFTS = [made.draft for made in import_orders(120)]
PARTIES = Parties(*(f"did:bid:sogd:{name}" for name in "platform seller institution carrier broker customs".split()))


def test_every_event_is_one_that_the_standard_takes() -> None:
    told, public = made_events(parcels_of(DRAFTS), PARTIES.platform, START_MS)
    read = [read_event(msgspec.json.encode(one)) for one in (*told, *public)]
    assert len({one.event_id for one in read}) == len(read) > 100
    assert {type(one).__name__ for one in read} == {"ObjectEvent", "TransformationEvent", "AggregationEvent"}


def test_each_piece_of_an_order_has_its_own_code_and_lies_in_the_orders_parcel() -> None:
    everything = list[str]()
    for draft in DRAFTS:
        parcel = parcel_of(draft)
        pieces = {line.sku: line.quantity for line in draft.lines if line.sku in GTINS}
        assert ({sku: len(made) for sku, made in parcel.things.items()} if parcel else {}) == pieces
        everything += [thing for made in parcel.things.values() for thing in made] if parcel else []
    assert len(set(everything)) == len(everything)
    assert all(canonical(one) == one and kind_of(one) == "instance" for one in everything)
    units = [parcel.unit for parcel in parcels_of(DRAFTS)]
    assert len(set(units)) == len(units)
    assert {kind_of(canonical(one)) for one in units} == {"logistic_unit"}


def test_more_orders_change_nothing_in_what_was_said_of_the_first() -> None:
    fewer, more = (made_events(parcels_of(DRAFTS[:count]), PARTIES.platform, START_MS) for count in (40, 120))
    for some, all_of in zip(fewer, more, strict=True):
        by_id = {one["eventID"]: one for one in all_of}
        assert [by_id[one["eventID"]] for one in some] == some


def test_a_waybill_names_the_parcel_and_a_carriers_mistake_stays() -> None:
    draft = next(one for one in DRAFTS if parcel_of(one))
    parcel = parcel_of(draft)
    assert parcel is not None
    trade = Trade(draft, "import", {}, b"\0" * 32)
    right = parts.waybill(trade, PARTIES, 1_000)
    assert Packed(lambda *_: None)("waybill", trade, right) == msgspec.structs.replace(right, contents=(parcel.unit,))
    wrong = msgspec.structs.replace(right, gross_weight_grams=1)
    found = Packed(lambda *_: wrong)("waybill", trade, right)
    assert found == msgspec.structs.replace(wrong, contents=(parcel.unit,))
    payment = parts.payment(trade, PARTIES)
    assert Packed(lambda *_: None)("payment", trade, payment) is None


def test_the_products_are_listed_under_the_codes_that_their_pieces_bear() -> None:
    for goods, _ in IMPORT_GOODS:
        listing = parts.listing(PARTIES.seller, goods)
        assert listing.gtin == GTINS.get(goods.sku)
        assert listing.gtin is None or check_digits.holds(listing.gtin)
    assert set(USED_ML) == set(GTINS)
    assert kind_of(canonical(olives("A"))) == "lot_class"
