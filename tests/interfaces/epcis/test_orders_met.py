"""What ties trace to trade in an answer: the order's URI in events, whoever wrote it there."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.logistics.messages import IssueWaybill, ReportStatus
from sogdia.domains.logistics.state import quoted
from sogdia.interfaces.epcis import orders_met
from tests.interfaces.epcis.repository import JSON, Repository, event, serial
from tests.interfaces.http.town import CARRIER, CUSTOMS, LANTERN, OTHER_PLATFORM, PLATFORM, SELLER, order

GTIN = "09506000134352"


def told_of(thing: str) -> list[dict[str, str]]:
    """A carrier's tie, as it follows from a waybill."""
    return [{"type": "po", "bizTransaction": f"urn:sogdia:order:{PLATFORM.did}/{quoted(thing)}"}]


def orders_of(repository: Repository, thing: str, by: Any = PLATFORM) -> list[dict[str, Any]]:
    """The orders in a recall of this thing alone; a history of it tells the same."""
    repository.mirrored()
    answer = repository.call("POST", "/recall", by, json.dumps({"things": [thing]}).encode(), JSON)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["orders"]
    assert repository.get(f"/trace/{quote(thing, safe='')}/history", by).json()["orders"] == found
    return found


def test_who_picks_may_write_the_order_itself_and_the_item_is_tied_to_its_line(repository: Repository) -> None:
    placed, thing = order("2026/17 für Lyon"), serial()
    assert repository.submit(placed, by=PLATFORM).accepted
    fields = {name: getattr(LANTERN, name) for name in LANTERN.__struct_fields__}
    assert repository.submit(ListProduct(**fields | {"gtin": GTIN}), by=SELLER).accepted
    repository.captured(event(epcList=[thing], bizTransactionList=told_of(placed.order)))
    [found] = orders_of(repository, thing)
    assert (found["order"], found["seller"], found["ship_to"]) == ("2026/17 für Lyon", SELLER.did, "FR")
    assert found["things"] == [thing]
    assert [(one["product"], one["things"]) for one in found["lines"]] == [(f"https://id.gs1.org/01/{GTIN}", [thing])]
    assert (found["parcels"], found["declared"]) == ([], None)
    assert orders_of(repository, thing, CUSTOMS) == [found]
    assert orders_of(repository, thing, SELLER) == [], "the order is its own, the event that names it is not"


def test_a_listing_without_gtin_ties_no_item_to_the_line(repository: Repository) -> None:
    placed, thing = order("2026-18", paid_minor=2_534), serial()
    bare = ListProduct(**{name: getattr(LANTERN, name) for name in LANTERN.__struct_fields__} | {"sku": "BARE"})
    assert repository.submit(bare, by=SELLER).accepted
    lines = tuple(
        type(line)(**{n: getattr(line, n) for n in line.__struct_fields__} | {"sku": "BARE"}) for line in placed.lines
    )
    placed = type(placed)(**{name: getattr(placed, name) for name in placed.__struct_fields__} | {"lines": lines})
    assert repository.submit(placed, by=PLATFORM).accepted
    repository.captured(event(epcList=[thing], bizTransactionList=told_of("2026-18")))
    [found] = orders_of(repository, thing)
    assert found["things"] == [thing]
    assert [(one["sku"], one["product"], one["things"]) for one in found["lines"]] == [("BARE", "", [])]


def test_an_order_on_no_record_is_named_and_nothing_is_said_of_it(repository: Repository) -> None:
    thing = serial()
    repository.captured(event(epcList=[thing], bizTransactionList=told_of("nowhere")))
    [found] = orders_of(repository, thing)
    assert (found["order"], found["is_redacted"], found["things"]) == ("nowhere", True, [thing])


@pytest.mark.parametrize("text", ["urn:sogdia:order:", "urn:sogdia:order:no-slash", "urn:example:order:x/1"])
def test_what_only_looks_like_an_order_is_a_document_and_no_order(repository: Repository, text: str) -> None:
    thing = serial()
    repository.captured(event(epcList=[thing], bizTransactionList=[{"type": "po", "bizTransaction": text}]))
    assert orders_of(repository, thing) == []


def test_a_waybill_ties_what_was_in_the_parcel_to_its_order_and_who_may_not_read_learns_nothing(
    repository: Repository,
) -> None:
    inside, outside = serial(), serial()
    parcel = "https://id.gs1.org/00/095060001343500016"
    packed = {
        "type": "AggregationEvent",
        "eventTime": "2026-05-28T10:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "ADD",
        "parentID": parcel,
        "childEPCs": [inside],
    }
    repository.captured(event(epcList=[inside, outside], eventTime="2026-05-28T09:00:00Z"), packed)
    issued_ms = 1_780_000_060_000
    bill = {"carrier": CARRIER.did, "waybill": "SF-1"}
    assert repository.submit(
        IssueWaybill(
            **bill,
            platform=PLATFORM.did,
            order="2026-19",
            issued_at_ms=issued_ms,
            ship_to="FR",
            gross_weight_grams=400,
            contents=(parcel,),
        ),
        ReportStatus(**bill, status="picked_up", reported_at_ms=issued_ms + 1),
        by=CARRIER,
    ).accepted
    [found] = orders_of(repository, inside)
    assert (found["order"], found["things"]) == ("2026-19", [inside])
    [one] = found["parcels"]
    assert (one["waybill"], one["status"], one["things"]) == ("SF-1", "picked_up", [inside])
    assert orders_of(repository, outside) == []
    assert orders_of(repository, inside, OTHER_PLATFORM) == []


def test_a_parcel_that_waits_for_its_carrier_is_told_by_the_contents_of_its_waybill(repository: Repository) -> None:
    """The packer named the order; the waybill is issued, and nobody has reported anything of it."""
    inside, taken_out = serial(), serial()
    parcel = "https://id.gs1.org/00/095060001343500023"
    packed = {
        "type": "AggregationEvent",
        "eventTime": "2026-05-28T10:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "ADD",
        "parentID": parcel,
        "childEPCs": [inside, taken_out],
        "bizTransactionList": told_of("2026-20"),
    }
    out = {**packed, "eventTime": "2026-05-28T11:00:00Z", "action": "DELETE", "childEPCs": [taken_out]}
    repository.captured(packed, {**out, "bizTransactionList": []})
    waybill = IssueWaybill(
        carrier=CARRIER.did,
        waybill="SF-2",
        platform=PLATFORM.did,
        order="2026-20",
        issued_at_ms=1_780_000_060_000,
        ship_to="FR",
        gross_weight_grams=400,
        contents=(parcel,),
    )
    assert repository.submit(waybill, by=CARRIER).accepted
    [found] = orders_of(repository, inside)
    assert [(one["waybill"], one["status"], one["things"]) for one in found["parcels"]] == [
        ("SF-2", "issued", [inside])
    ]
    [found] = orders_of(repository, taken_out)
    assert [one["things"] for one in found["parcels"]] == [[]]
    assert found["things"] == [taken_out], "the packer's event stands"


def test_an_answer_tells_so_many_orders_at_most(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    thing = serial()
    both = [*told_of("limit-2"), *told_of("limit-1")]
    repository.captured(event(epcList=[thing], bizTransactionList=both))
    assert [one["order"] for one in orders_of(repository, thing)] == ["limit-1", "limit-2"]
    monkeypatch.setattr(orders_met, "ORDERS_LIMIT", 1)
    assert [one["order"] for one in orders_of(repository, thing)] == ["limit-1"]
