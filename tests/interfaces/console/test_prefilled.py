"""From what is seen to what is done: an order's page offers the act, the form is filled from the record."""

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from playwright.sync_api import expect

from sogdia import app
from sogdia.domains.customs.messages import DeclareExport
from sogdia.domains.identity.messages import Delegate
from sogdia.domains.logistics.messages import IssueWaybill, ReportStatus
from sogdia.domains.orders.messages import Place
from tests.interfaces.console.axe import is_wider_than_its_window
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import ORDERED_MS, answered, declared, joined, shipped
from tests.interfaces.console.house import House, token_of
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.console.test_zones import there
from tests.interfaces.http.town import CARRIER, CUSTOMS, PLATFORM, SELLER, Caller, Town, cancellation, order

BROKER = Caller("broker", "broker")
Visiting = Callable[..., Visit]


def undeclared(town: Town) -> Place:
    """An order that waits for its list, which the seller's broker may see with its parcel."""
    joined(town, BROKER)
    actions = ("customs.declare_export", "customs.declare_import")
    on_record(
        town, Delegate(principal=SELLER.did, agent=BROKER.did, actions=actions, until_ms=4_102_444_800_000), SELLER
    )
    asked = msgspec.structs.replace(order(), shared_with=(CARRIER.did, BROKER.did))
    waybill = IssueWaybill(
        carrier=CARRIER.did, waybill=f"WB-{asked.order}", platform=asked.platform, order=asked.order,
        issued_at_ms=ORDERED_MS + 3_600_000, ship_to="FR", gross_weight_grams=2_900, currency="EUR",
        shared_with=(SELLER.did, BROKER.did),
    )  # fmt: skip
    on_record(town, asked, PLATFORM)
    on_record(town, waybill, CARRIER)
    return asked


def on_record(town: Town, message: Any, by: Caller) -> None:
    reply = town.submit(message, by=by)
    assert reply.accepted, reply


def seen(house: House, party: Caller, path: str) -> str:
    """A page as somebody of this party sees it."""
    house.town.mirrored()
    with house.signed_in(house.person(party)) as client:
        found = client.get(path)
        assert found.status_code == 200, found.text
        return unescape(found.text)


def page_of(asked: Place, path: str = "/console/orders/order") -> str:
    return f"{path}?{urlencode({'platform': asked.platform, 'order': asked.order})}"


def given(house: House, party: Caller, asked: Place, verb: str) -> dict[str, Any]:
    """What stands in the form beforehand."""
    text = seen(house, party, page_of(asked, f"/console/actions/{verb}"))
    found = re.search(r'data-given="(\{.*?\})" data-back', text)
    assert found is not None, text
    told: dict[str, Any] = json.loads(found[1])
    return told


def prepared(house: House, party: Caller, **wish: Any) -> dict[str, Any]:
    house.town.mirrored()
    with house.signed_in(house.person(party)) as client:
        headers = {"x-sogdia-token": token_of(client.get("/console/account").text), "accept": "application/json"}
        answer = client.post("/console/acts/messages", json=wish, headers=headers)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


# --- what comes next ------------------------------------------------------------------------------------------------


def test_the_broker_is_told_what_it_is_to_declare_and_another_broker_is_not(house: House) -> None:
    asked = undeclared(house.town)
    text = seen(house, BROKER, page_of(asked))
    assert "The broker declares the list" in text
    assert page_of(asked, "/console/actions/customs/declare_export") in text
    assert asked.order in seen(house, BROKER, "/console/acts/declare")
    other = Caller("idle broker", "broker")
    joined(house.town, other)
    assert asked.order not in seen(house, other, "/console/acts/declare")


def test_a_rejected_order_says_who_declares_it_again_under_another_number(house: House) -> None:
    listed = declared(house.town)
    answered(house.town, listed, 100, note="the invoice is missing")
    named = {"platform": listed.platform, "order": listed.order}
    text = seen(house, SELLER, f"/console/orders/order?{urlencode(named)}")
    assert "Correct it and declare again under a new number" in text
    assert "the invoice is missing" in text
    assert "Declare again" in text
    form = f"/console/actions/customs/declare_export?{urlencode(named)}"
    assert form in text
    filled = seen(house, SELLER, form)
    assert "A list for this order waits" not in filled


def test_why_a_declaration_was_refused_stands_on_the_orders_page_with_its_transaction(house: House) -> None:
    asked = undeclared(house.town)
    values = given(house, BROKER, asked, "customs/declare_export")["values"]
    wrong = msgspec.convert(values | {"district": "2925", "port": "2925", "gross_weight_grams": 1}, DeclareExport)
    reply = house.town.submit(wrong, by=BROKER)
    assert not reply.accepted
    text = seen(house, BROKER, page_of(asked))
    assert "Refused by the rules" in text
    assert "/console/network/log/transaction/" in text
    assert "Refused by the rules" not in seen(house, SELLER, page_of(asked)), "who did not sign it does not see it"


# --- what the forms are filled with ---------------------------------------------------------------------------------


def test_a_declaration_is_filled_from_order_waybill_and_product_and_the_record_takes_it(house: House) -> None:
    asked = undeclared(house.town)
    on_record(house.town, cancellation(asked, "C-1"), PLATFORM)
    told = given(house, BROKER, asked, "customs/declare_export")
    values = told["values"]
    line = values["lines"][0]
    assert (line["hs_code"], line["quantity"], line["total_minor"]) == ("9405500000", 5, 1_695)
    assert (values["net_weight_grams"], values["gross_weight_grams"], values["country"]) == (2_100, 2_900, "FR")
    assert "lines" not in told["asks"]
    message = msgspec.convert(values | {"district": "2925", "port": "2925"}, DeclareExport)
    on_record(house.town, message, BROKER)


def test_nothing_in_a_form_comes_from_the_address_but_the_order(house: House) -> None:
    asked = undeclared(house.town)
    path = page_of(asked, "/console/actions/customs/declare_export") + "&freight_minor=1&seller=did:bid:x"
    text = seen(house, BROKER, path)
    assert '"freight_minor":500' in text
    assert "did:bid:x" not in text
    with house.signed_in(house.person(BROKER)) as client:
        gone = client.get("/console/actions/customs/declare_export?platform=did:bid:x&order=none")
        assert gone.status_code == 404


def test_what_a_party_must_say_of_its_own_knowledge_is_left_open(house: House) -> None:
    asked = order()
    on_record(house.town, asked, PLATFORM)
    told = given(house, CARRIER, asked, "logistics/issue_waybill")
    assert told["values"]["ship_to"] == "FR"
    assert not {"consignee", "gross_weight_grams", "waybill"} & set(told["values"])
    assert {"consignee", "gross_weight_grams", "waybill"} <= set(told["asks"])


# --- many at once ---------------------------------------------------------------------------------------------------


def test_many_orders_are_prepared_at_once_and_what_cannot_be_is_set_aside_with_its_reason(house: House) -> None:
    first, second, lone = undeclared(house.town), undeclared(house.town), declared(house.town)
    chosen = [[one.platform, one.order] for one in (first, second)] + [[PLATFORM.did, "no such"]]
    told = prepared(house, BROKER, work="declare", orders=chosen, district="2925", port="2925")
    assert [group[0]["order"] for group in told["groups"]] == [first.order, second.order]
    assert len({group[0]["list_no"] for group in told["groups"]}) == 2
    assert [(one["order"], one["why"]) for one in told["aside"]] == [("no such", "gone")]
    unnamed = prepared(house, BROKER, work="declare", orders=chosen[:1], district="29")
    assert (unnamed["aside"][0]["why"], unnamed["aside"][0]["field"]) == ("unfit", "district")
    assert prepared(house, BROKER, work="declare", orders=[[lone.platform, lone.order]])["aside"][0]["why"] == "gone"


def test_a_carrier_reports_on_the_parcels_that_it_chose_and_not_out_of_turn(house: House) -> None:
    asked = shipped(house.town)
    chosen = [[asked.platform, asked.order]]
    told = prepared(house, CARRIER, work="report", orders=chosen, status="delivered", place="Lyon")
    assert told["groups"][0][0] | {"reported_at_ms": 0} == {
        "type": "logistics.report_status", "carrier": CARRIER.did, "waybill": f"WB-{asked.order}",
        "status": "delivered", "reported_at_ms": 0, "place": "Lyon",
    }  # fmt: skip
    assert abs(told["groups"][0][0]["reported_at_ms"] - app.milliseconds()) < 60_000
    early = prepared(house, CARRIER, work="report", orders=chosen, status="returned")
    assert early["aside"][0]["why"] == "not_next"


# --- in a browser ---------------------------------------------------------------------------------------------------


def test_a_broker_declares_from_the_orders_page_in_a_browser(house: House, visit: Visiting, tmp_path: Path) -> None:
    asked = undeclared(house.town)
    house.town.mirrored()
    at = SigningDesk(house, visit(), BROKER).with_key(tmp_path)
    at.page.goto(house.local + page_of(asked))
    at.page.get_by_role("link", name="Declare", exact=True).click()
    at.page.locator("[id='f-district']").fill("2925")
    at.page.locator("[id='f-port']").fill("2925")
    at.page.get_by_role("button", name="Check and sign").or_(at.page.locator("form .actions .primary")).first.click()
    dialog = at.page.get_by_role("dialog")
    dialog.locator(".actions .primary").click()
    expect(dialog).to_contain_text("On record at height")
    at.page.keyboard.press("Escape")
    expect(at.page.get_by_role("link", name="Back to the order")).to_be_visible()


def test_a_broker_declares_many_in_one_go_on_a_phone_too(house: House, visit: Visiting, tmp_path: Path) -> None:
    for _ in range(2):
        undeclared(house.town)
    house.town.mirrored()
    at = SigningDesk(house, visit(width=390), BROKER).with_key(tmp_path)
    at.page.goto(f"{house.local}/console/acts/declare")
    assert not is_wider_than_its_window(at.one)
    at.page.locator("#all").check()
    at.page.fill("#district", "2925")
    at.page.fill("#port", "2925")
    at.page.locator("#acts button.primary").click()
    dialog = at.page.get_by_role("dialog")
    dialog.locator(".actions .primary").click()
    expect(dialog).to_contain_text("on record")


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC"])
def test_a_time_that_stands_in_a_form_is_signed_as_the_instant_that_it_is(
    house: House, visit: Visiting, tmp_path: Path, zone: str
) -> None:
    asked = shipped(house.town)
    house.town.mirrored()
    at = SigningDesk(house, there(visit(), zone), CARRIER).with_key(tmp_path)
    at.page.goto(house.local + page_of(asked, "/console/actions/logistics/report_status"))
    expect(at.page.locator("[name='reported_at_ms']")).not_to_have_value("")
    at.page.locator("[name='status']").select_option("picked_up")
    at.page.locator("[name='place']").fill("Ningbo")
    at.page.locator("form .actions .primary").first.click()
    dialog = at.page.get_by_role("dialog")
    dialog.locator(".actions .primary").click()
    expect(dialog).to_contain_text("On record at height")
    reported = house.town.node.record("logistics.waybill", CARRIER.did, f"WB-{asked.order}").reports[-1]
    assert abs(reported.reported_at_ms - app.milliseconds()) < 120_000


def test_who_signs_many_reads_what_each_of_them_decides(house: House, visit: Visiting, tmp_path: Path) -> None:
    orders = [shipped(house.town) for _ in range(2)]
    house.town.mirrored()
    at = SigningDesk(house, visit(), CARRIER).with_key(tmp_path)
    statuses = ("picked_up", "delivered", "picked_up")
    parcels = [orders[0], orders[0], orders[1]]
    said = [
        ReportStatus(carrier=CARRIER.did, waybill=f"WB-{one.order}", status=status, reported_at_ms=app.milliseconds())
        for one, status in zip(parcels, statuses, strict=True)
    ]
    dialog = at.ask(*([one] for one in said))
    terms = dialog.locator(".terms").first
    expect(terms).to_contain_text(re.compile(r"Report a parcel's status · picked up\s*2"))
    expect(terms).to_contain_text(re.compile(r"Report a parcel's status · delivered\s*1"))
    expect(dialog.locator(".acts > li")).to_have_count(3)


def test_customs_has_no_page_of_work_but_its_desk(house: House) -> None:
    with house.signed_in(house.person(CUSTOMS)) as client:
        assert client.get("/console/acts/declare").status_code == 403
