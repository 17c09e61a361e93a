"""What an import will and will not put on record: articles to confirm, orders to hand over, orders that stand there."""

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.import_desk import Desk, file_of, order_row
from tests.interfaces.console.signing_desk import SigningDesk
from tests.interfaces.http.town import CARRIER, PLATFORM, SELLER

pytestmark = [pytest.mark.browser, pytest.mark.node]
Visiting = Callable[..., Visit]
FOR_THE_PLATFORM = "orders are the platform&#39;s to place; not on record yet"


def test_orders_wait_for_articles_that_the_seller_has_not_listed(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#981", **{"Lineitem sku": "NOT-LISTED"}), order_row("#982")))
        desk.choose(path, platform=PLATFORM, seller=SELLER, carrier=CARRIER)
        assert "orders wait for articles that the seller has not put on record" in client.get(path).text
        assert "Confirm all" not in client.get(f"{path}?view=articles").text
        desk.do(path, "ready")
        groups = desk.groups(path)
        assert [one[0]["order"] for one in groups] == ["#982"]
        assert desk.send(groups, PLATFORM) == [0]
        page = client.get(path).text
        assert "1 transaction is on record. This draft is not finished" in page
        assert "alert good" not in page


# --- a seller, and the hand-over ------------------------------------------------------------------------------------


def test_a_seller_signs_the_articles_and_is_told_what_the_platform_must_do(house: House) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#97", **{"Lineitem sku": "LAMP-7", "Lineitem name": "Lamp"})))
        described = {"sku": "LAMP-7", "description": "Lamp", "hs_code": "9405.50", "origin": "CN", "grams": "300"}
        assert desk.do(path, "article", **described, unit="piece", view="articles").status_code == 303
        desk.choose(path, platform=PLATFORM, seller=SELLER)
        assert FOR_THE_PLATFORM in client.get(path).text
        desk.do(path, "ready")
        groups = desk.groups(path)
        assert [(one["type"], one["sku"], one["hs_code"]) for (one,) in groups] == [
            ("catalog.list_product", "LAMP-7", "940550")
        ]
        assert desk.send(groups, SELLER) == [0]
        page = client.get(path).text
        assert "1 transaction is on record. This draft is not finished" in page
        assert FOR_THE_PLATFORM in page
        assert "alert good" not in page


def test_what_nobody_confirmed_is_not_signed_and_its_orders_stay(house: House) -> None:
    rows = [
        order_row("#1011", **{"Lineitem sku": "NOPE-1", "Lineitem name": "Red retrospot mug"}),
        order_row("#1012", **{"Lineitem sku": "NOPE-2", "Lineitem name": "Assorted thingummies"}),
        order_row("#1013"),
    ]
    with house.signed_in(house.person(SELLER)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(*rows))
        desk.choose(path, platform=PLATFORM, seller=SELLER)
        page = client.get(f"{path}?view=articles").text
        assert "Suggested by the system, not confirmed" in page
        assert 'name="grams" value=""' in page, "a weight that nobody knows stays empty"
        assert 'value="200"' not in page
        assert "2 not confirmed" in page
        assert desk.do(path, "ready").status_code == 409, "there is nothing that somebody confirmed"

        seen = page.partition('name="seen" value="')[2].partition('"')[0]
        assert desk.do(path, "confirm", seen="f" * 64).status_code == 409
        assert desk.do(path, "confirm", seen=seen).status_code == 303
        desk.do(path, "ready")
        ((said,),) = desk.groups(path)
        assert (said["sku"], said["hs_code"], said["hs_basis"]) == ("NOPE-1", "691200", "suggestion")
        page = client.get(path).text
        assert "articles are not confirmed by anybody" in page
        assert "orders wait for those articles" in page


def test_orders_are_handed_to_the_platform_with_what_was_mended_and_chosen(house: House) -> None:
    rows = [order_row("#1021", country=""), order_row("#1022"), order_row("#1023", country="")]
    with house.signed_in(house.person(SELLER)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(*rows), "june%20orders.csv")
        desk.choose(path, platform=PLATFORM, seller=SELLER, carrier=CARRIER)
        desk.do(path, "mend", **{"row": "1", "cell 19": "DE", "view": "aside"})
        desk.do(path, "leave-out", order="#1022", view="orders")
        answer = client.get(f"{path}/hand-over")
        assert "june-orders-for-the-platform.json" in answer.headers["content-disposition"]
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(answer.content, "whatever.json")
        page = client.get(f"{path}?view=orders").text
        assert "june orders.csv" in page
        assert "1 left out" in page
        assert desk.do(path, "ready").status_code == 303
        groups = desk.groups(path)
        assert [(one[0]["order"], one[0]["ship_to"], one[0]["seller"]) for one in groups] == [
            ("#1021", "DE", SELLER.did)
        ]
        assert CARRIER.did in groups[0][0]["shared_with"]
        assert desk.send(groups, PLATFORM) == [0]
        page = client.get(path).text
        assert "rows of the file are set aside and belong to no order" in page
        assert "#1023" in page


@pytest.mark.parametrize(
    "change",
    [
        {"content": "AAAA"},
        {"content": base64.b64encode(zlib.compress(bytes(20_000_000))).decode()},
        {"choices": {"format": "rubbish"}},
        {"choices": {"home": "XX"}},
        {"choices": {"timezone": "Mars/Sea"}},
        {"more": 1},
        {"left_out": 7},
    ],
    ids=repr,
)
def test_a_file_handed_over_that_was_meddled_with_is_refused(house: House, change: dict[str, Any]) -> None:
    good: dict[str, Any] = {"sogdia_orders": 1, "name": "x", "choices": {"format": "shopify"}, "left_out": []}
    good["content"] = base64.b64encode(zlib.compress(file_of(order_row("#1031")))).decode()
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(json.dumps(good, separators=(",", ":")).encode())
        assert "#1031" in client.get(f"{path}?view=orders").text
        headers = {"x-sogdia-token": desk.token, "content-type": "application/octet-stream", "x-sogdia-name": "x"}
        content = json.dumps(good | change, separators=(",", ":")).encode()
        answer = client.post("/console/import/file", content=content, headers=headers)
        assert answer.status_code == 400
        assert "Ask for it again" in answer.text


def test_each_order_says_how_it_stands_on_record(house: House) -> None:
    with house.signed_in(house.person(PLATFORM)) as client:
        desk = Desk(house, client)
        path = desk.bring(file_of(order_row("#1041"), order_row("#1042")))
        desk.choose(path, platform=PLATFORM, seller=SELLER, carrier=CARRIER)
        desk.do(path, "ready")
        assert desk.send(desk.groups(path), PLATFORM) == [0, 0]
        other = order_row("#1042", country="DE", Shipping="6.00", Total="12.78")
        again = desk.bring(file_of(order_row("#1041"), other, order_row("#1043")))
        desk.choose(again, platform=PLATFORM, seller=SELLER, carrier=CARRIER)
        page = " ".join(client.get(f"{again}?view=orders").text.split())
        assert page.index("On record, different: set aside") < page.index("Not on record yet")
        assert page.count("On record, the same: skipped") == 1
        aside = " ".join(client.get(f"{again}?view=aside").text.split())
        assert "file <b>12.78 EUR</b> · record <b>11.78 EUR</b>" in aside
        assert "file <b>DE</b> · record <b>FR</b>" in aside
        desk.do(again, "ready")
        assert [one[0]["order"] for one in desk.groups(again)] == ["#1043"]
        assert "orders are on record with other content; set aside" in client.get(again).text


def test_countries_are_chosen_by_name(house: House) -> None:
    with house.signed_in(house.person(SELLER)) as client:
        desk = Desk(house, client)
        page = client.get(f"{desk.bring(file_of(order_row('#1061')))}?view=choices").text
        assert "FR · France" in page
        assert "CN · China" in page


@pytest.mark.parametrize(
    ("language", "confirm", "ready", "left"),
    [
        ("en", "Confirm all 1 suggestion", "Go on to sign", "orders are the platform's to place; not on record yet"),
        ("zh", "确认全部 1 条建议", "去签名", "笔订单须由平台登记，目前尚未登记"),
    ],
)
def test_a_seller_confirms_what_it_saw_signs_it_and_is_told_what_remains(
    house: House, visit: Visiting, tmp_path: Path, language: str, confirm: str, ready: str, left: str
) -> None:
    at = SigningDesk(house, visit(language=language), SELLER).with_key(tmp_path)
    sku, place = f"MUG-{language}", f"{house.local}/console/import"
    row = order_row(f"#s{language}1", **{"Lineitem sku": sku, "Lineitem name": "Red retrospot mug"})
    at.page.goto(place)
    file = {"name": "may.csv", "mimeType": "text/csv", "buffer": file_of(row, order_row("#s2", country=""))}
    at.page.set_input_files("#file", file)
    at.page.locator(".cards").wait_for()
    place = at.page.url.partition("?")[0]
    at.page.goto(f"{place}?view=choices")
    at.page.select_option("#party-platform", PLATFORM.did)
    at.page.locator("main form button.primary").last.click()
    expect(at.page.get_by_role("button", name=ready)).to_have_count(0)
    at.page.goto(f"{place}?view=articles")
    at.page.get_by_role("button", name=confirm).click()
    at.page.get_by_role("button", name=ready).click()
    expect(at.page.locator(".remains")).to_contain_text(left)
    at.page.locator("[data-signs]").click()
    at.sign_to_the_end()
    expect(at.page.locator(".cards .value").nth(1)).to_have_text("1")
    expect(at.page.locator(".alert.good")).to_have_count(0)
    expect(at.page.locator(".remains")).to_contain_text(left)
    expect(at.page.locator("main")).to_contain_text("#s2")
    product = house.town.node.record("catalog.product", SELLER.did, sku)
    assert (product.hs_code, product.hs_basis) == ("691200", "suggestion")
    with at.page.expect_download() as saved:
        at.page.locator(".remains a.button").click()
    assert saved.value.suggested_filename == "may-for-the-platform.json"
