"""Trades on a town's record, for the pages of orders and customs: lanterns to France, declared by their seller."""

from typing import Any

from sogdia.domains.customs.messages import Answer, DeclareExport, ListLine, Transport
from sogdia.domains.logistics.messages import IssueWaybill
from sogdia.domains.orders.messages import Place
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CARRIER, CUSTOMS, PLATFORM, SELLER, Caller, Town, order

ORDERED_MS = 1_780_000_000_000


def shipped(town: Town) -> Place:
    """An order whose parcel was issued."""
    asked = order()
    waybill = IssueWaybill(
        carrier=CARRIER.did,
        waybill=f"WB-{asked.order}",
        platform=asked.platform,
        order=asked.order,
        issued_at_ms=ORDERED_MS + 3_600_000,
        ship_to="FR",
        gross_weight_grams=2_900,
        currency="EUR",
        shared_with=(SELLER.did,),
    )
    _on_record(town, asked, PLATFORM)
    _on_record(town, waybill, CARRIER)
    return asked


def declared(town: Town, **changed: Any) -> DeclareExport:
    """A list that waits for customs."""
    asked = shipped(town)
    line = asked.lines[0]
    given: dict[str, Any] = {
        "broker": SELLER.did, "list_no": f"YW{asked.order}", "seller": SELLER.did, "platform": PLATFORM.did,
        "order": asked.order, "carrier": CARRIER.did, "waybill": f"WB-{asked.order}", "district": "2925",
        "port": "2925", "declared_at_ms": ORDERED_MS + 7_200_000, "country": "FR", "currency": "EUR",
        "freight_minor": 500, "gross_weight_grams": 2_900, "net_weight_grams": 2_520, "transport": Transport(mode="5"),
    }  # fmt: skip
    listed = ListLine(
        line=1,
        sku=line.sku,
        name=line.name,
        hs_code="9405500000",
        origin="CN",
        quantity=line.quantity,
        unit="007",
        legal_quantity_e5=252_000,
        legal_unit="035",
        price_e5=line.price_e5,
        total_minor=line.total_minor,
    )
    asked_list = DeclareExport(**{**given, **changed}, lines=(listed,))
    _on_record(town, asked_list, SELLER)
    return asked_list


def answered(town: Town, listed: DeclareExport, code: int, **numbers: str) -> None:
    """Customs' answer on a list."""
    said = Answer(
        customs=CUSTOMS.did,
        subject="export_list",
        party=listed.broker,
        number=listed.list_no,
        code=code,
        answered_at_ms=ORDERED_MS + 9_000_000,
        **numbers,
    )
    _on_record(town, said, CUSTOMS)


def come_in(house: House, one: Visit, party: Caller = CUSTOMS, path: str = "/console/tower") -> None:
    """Sign in as a person of this party and go to a page."""
    person = house.person(party)
    one.page.goto(f"{house.local}/console/sign-in")
    for field, value in (("#name", person.name), ("#password", person.password), ("#code", person.code())):
        one.page.fill(field, value)
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/console/")
    one.page.goto(house.local + path)


def _on_record(town: Town, message: Any, by: Caller) -> None:
    reply = town.submit(message, by=by)
    assert reply.accepted, reply
