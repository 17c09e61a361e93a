"""From what is seen to where it is done: the search of every page, refusals by reason, a warning before signing."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from sogdia import app
from sogdia.client.connection import signed
from sogdia.core.query import Asker
from sogdia.core.state import Committed
from sogdia.domains.customs.messages import DeclareExport
from sogdia.domains.logistics.messages import IssueWaybill, ReportStatus
from sogdia.interfaces.console.signing_warnings import warnings_of
from tests.interfaces.console.desks_town import ORDERED_MS, answered, declared, shipped
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CARRIER, NETWORK, OTHER_PLATFORM, PLATFORM


@pytest.fixture
def platform(house: House) -> Iterator[httpx.Client]:
    with house.signed_in(house.person(PLATFORM)) as client:
        yield client


def led_to(client: httpx.Client, text: str) -> str:
    found = client.get("/console/find", params={"q": text})
    assert found.status_code == 303, found.text
    return found.headers["location"]


def refused(house: House, listed: DeclareExport) -> str:
    """The carrier issues a waybill that is on record already; the transaction's id."""
    again = IssueWaybill(
        carrier=CARRIER.did, waybill=listed.waybill, platform=listed.platform, order=listed.order,
        issued_at_ms=ORDERED_MS + 3_600_000, ship_to="FR", gross_weight_grams=2_900, currency="EUR",
    )  # fmt: skip
    raw = signed(NETWORK.network, app.milliseconds(), f"again {listed.order}", [again], [CARRIER])
    with house.town.connection() as connection:
        reply = connection.submit([raw])[0]
    assert not reply.accepted
    return str(reply.receipt.transaction)


def delivered(listed: DeclareExport) -> ReportStatus:
    return ReportStatus(
        carrier=CARRIER.did, waybill=listed.waybill, status="delivered", reported_at_ms=ORDERED_MS + 9_000_000, place=""
    )


def test_one_order_is_opened_at_once_by_any_of_its_numbers(house: House, platform: httpx.Client) -> None:
    listed = declared(house.town)
    house.town.mirrored()
    for text in (listed.order, listed.waybill, listed.list_no, listed.list_no.lower(), f" {listed.list_no[2:]} "):
        path = urlsplit(led_to(platform, text))
        assert path.path == "/console/orders/order", text
        assert parse_qs(path.query) == {"platform": [PLATFORM.did], "order": [listed.order]}
    assert platform.get(led_to(platform, listed.list_no)).status_code == 200


def test_many_are_listed_and_what_no_trade_has_is_looked_for_among_things(house: House, platform: httpx.Client) -> None:
    shipped(house.town), shipped(house.town)
    house.town.mirrored()
    assert led_to(platform, "WB-") == "/console/orders?text=WB-"
    assert led_to(platform, "") == "/console/orders"
    assert led_to(platform, PLATFORM.did).startswith("/console/parties/did")
    assert led_to(platform, "nowhere & else") == "/console/trace?q=nowhere+%26+else"
    assert led_to(platform, "urn:epc:id:sgtin:1").startswith("/console/trace?q=urn")


def test_nobody_is_led_to_an_order_that_is_not_theirs_to_see(house: House) -> None:
    listed = declared(house.town)
    house.town.mirrored()
    with house.signed_in(house.person(OTHER_PLATFORM)) as stranger:
        assert led_to(stranger, listed.order).startswith("/console/trace?q=")


def test_what_was_refused_for_one_reason_stands_together_with_orders_and_transactions(house: House) -> None:
    lists = [declared(house.town), declared(house.town)]
    names = [refused(house, one) for one in lists]
    house.town.mirrored()
    with house.signed_in(house.person(CARRIER)) as carrier:
        shown = carrier.get("/console/tower/exceptions?kind=transaction_refused").text
        for one, name in zip(lists, names, strict=True):
            assert f"order={one.order}" in shown
            assert f"/console/network/log/transaction/{name}" in shown
        assert shown.count("<h2 id=") == 1, "one reason"
        assert carrier.get("/console/network/log/transaction/" + names[0]).status_code == 200
        assert "transaction_refused#r0" in carrier.get("/console/tower").text
    with house.signed_in(house.person(PLATFORM)) as other:
        assert names[0] not in other.get("/console/tower/exceptions?kind=transaction_refused").text


def test_the_refusals_about_an_order_are_found_by_those_who_signed_them(house: House) -> None:
    listed = declared(house.town)
    name = refused(house, listed)
    house.town.mirrored()
    picture, refusals = house.console.desk.picture, house.console.refusals
    about = (listed.platform, listed.order)
    for _ in range(2):
        found = refusals.of_order(picture, Asker(CARRIER.did, ("carrier",)), *about)
        assert [(one.transaction, one.orders) for one in found] == [(name, (about,))]
    assert refusals.of_order(picture, Asker(PLATFORM.did, ("platform",)), *about) == ()
    assert refusals.of_order(picture, Asker(CARRIER.did, ("carrier",)), listed.platform, "another") == ()


def test_who_delivers_a_parcel_that_is_not_released_is_told_before_signing(house: House) -> None:
    listed = declared(house.town)
    view, carrier = Committed(house.town.node.store, cached=0), Asker(CARRIER.did, ("carrier",))

    def told(asker: Asker = carrier) -> list[str]:
        return [one.name for one in warnings_of(view, asker, [delivered(listed)])]

    assert told() == ["delivers_unreleased"]
    assert told(Asker(OTHER_PLATFORM.did, ("platform",))) == []
    picked_up = msgspec.structs.replace(delivered(listed), status="picked_up")
    assert warnings_of(view, carrier, [picked_up]) == []
    answered(house.town, listed, 100)
    assert told() == ["delivers_rejected"]
    released = declared(house.town)
    answered(house.town, released, 120, pre_no="B20260602000000001")
    answered(house.town, released, 800, invt_no="29252026E000000001")
    assert warnings_of(view, carrier, [delivered(released)]) == []
    undeclared = shipped(house.town)
    late = msgspec.structs.replace(delivered(listed), waybill=f"WB-{undeclared.order}")
    for who, names in ((carrier, ["delivers_undeclared"]), (Asker(OTHER_PLATFORM.did, ("platform",)), [])):
        assert [one.name for one in warnings_of(view, who, [late])] == names
