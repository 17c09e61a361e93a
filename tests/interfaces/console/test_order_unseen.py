"""What a reader may not see is told as that, and never as not having happened."""

import re
from collections.abc import Callable
from urllib.parse import quote

import msgspec
import pytest

from sogdia.domains.orders.messages import Place
from tests.interfaces.console.axe import AXE, WITHOUT, is_wider_than_its_window, judged
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import (
    INSTITUTION,
    TAX,
    answered,
    come_in,
    imported,
    opened_for_imports,
    shipped,
)
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CARRIER, CUSTOMS, PLATFORM, SELLER, Caller, order

Visiting = Callable[..., Visit]
UNSEEN = {"en": "Not yours to see", "zh": "无权查看"}


def words(house: House, by: Caller, path: str, language: str = "en", **given: str) -> str:
    """The words of a page's middle, as somebody of this party reads them."""
    with house.signed_in(house.person(by)) as client:
        found = client.get(path, params=given or None, headers={"accept-language": language})
    assert found.status_code == 200, found.text
    middle = found.text.partition("<main")[2].partition("</main")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", middle).split())


def order_words(house: House, by: Caller, platform: str, number: str, language: str = "en") -> str:
    return words(house, by, "/console/orders/order", language, platform=platform, order=number)


def placed_for(house: House, institution: Caller) -> Place:
    """An order that names this institution and is shown to it."""
    opened_for_imports(house.town)
    asked = msgspec.structs.replace(order(), institution=institution.did, shared_with=(institution.did,))
    assert house.town.submit(asked, by=PLATFORM).accepted
    house.town.mirrored()
    return asked


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_carrier_is_not_told_that_a_paid_order_is_unpaid(house: House, language: str) -> None:
    listed = imported(house.town)
    house.town.mirrored()
    told = order_words(house, CARRIER, listed.platform, listed.order, language)
    paid, payment = {
        "en": ("Paid Expected – Actual", "The payment is not yours to see."),
        "zh": ("已付款 预计 – 实际", "您无权查看该订单的支付单。"),
    }[language]
    assert f"{paid} {UNSEEN[language]}" in told
    assert payment in told
    assert "No payment on record" not in told
    assert "没有支付记录" not in told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_institution_is_not_told_that_a_rejected_list_is_none(house: House, language: str) -> None:
    listed = imported(house.town, INSTITUTION)
    answered(house.town, listed, 100)
    house.town.mirrored()
    told = order_words(house, INSTITUTION, listed.platform, listed.order, language)
    if language == "en":
        for sentence in (
            "Nothing, of what you may see",
            "None, of what you may see",
            "Waybill issued Expected – Actual Not yours to see",
            "Declared Expected – Actual Not yours to see",
            "The customs list is not yours to see.",
            "Document Customs list Number Not yours to see",
        ):
            assert sentence in told, sentence
    for wrong in ("Not yet", "No customs list yet", "Nothing is waited for", "尚未申报清单", "没有待办环节 异常 无 "):
        assert wrong not in told, wrong


def test_an_institution_is_told_that_an_order_waits_for_its_payment(house: House) -> None:
    asked = placed_for(house, INSTITUTION)
    told = order_words(house, INSTITUTION, asked.platform, asked.order)
    assert "The payment institution attests the payment (by you)" in told
    assert "Paid Expected – Actual Not yet" in told
    assert "No payment on record." in told
    assert "Payment missing" in words(house, INSTITUTION, "/console/tower")


def test_a_platform_is_told_plainly_what_is_not_there(house: House) -> None:
    asked = shipped(house.town)
    house.town.mirrored()
    told = order_words(house, PLATFORM, asked.platform, asked.order)
    assert "Declared Expected – Actual Not yet" in told
    assert "No customs list yet." in told
    assert UNSEEN["en"] not in told.partition("Order, payment, parcel and list side by side")[0]


def test_a_parcel_that_nobody_picked_up_is_not_said_to_be_on_the_way(house: House) -> None:
    asked = shipped(house.town)
    house.town.mirrored()
    assert "State Waybill issued" in order_words(house, CARRIER, asked.platform, asked.order)
    assert "状态 已制单" in order_words(house, CARRIER, asked.platform, asked.order, "zh")
    english, chinese = (words(house, CARRIER, "/console/tower", language) for language in ("en", "zh"))
    assert "Parcels late" in english
    assert "Waybill issued for longer than 19 of 20 parcels of the lane took" in english
    assert "On the way for longer" not in english
    assert "制单后尚未签收" in chinese
    assert "在途时间" not in chinese


# --- the tower ------------------------------------------------------------------------------------------------------


def test_what_is_not_seen_is_no_zero_in_the_figures(house: House) -> None:
    placed_for(house, INSTITUTION)
    told = words(house, INSTITUTION, "/console/tower")
    today = told.partition("Today")[2]
    assert re.match(r" Placed \d+ Paid \d+ Waybill issued – Not yours to see Declared – Not yours to see", today), today
    assert "of these released by now" not in told
    assert "Nothing was released yet" not in told
    assert "Of what you may see, nothing in:" in told
    own = words(house, PLATFORM, "/console/tower").partition("Today")[2].partition("Show as a table")[0]
    assert UNSEEN["en"] not in own


def test_who_sees_no_part_of_any_trade_has_no_figures_of_trades(house: House) -> None:
    imported(house.town)
    house.town.mirrored()
    told = words(house, TAX, "/console/tower")
    for title in ("Orders, last", "Money, last", "From declaration to release", "Lanes"):
        assert title not in told, title
        assert title in words(house, CUSTOMS, "/console/tower"), title


def test_the_head_of_customs_tower_counts_the_lists_at_its_desk(house: House) -> None:
    imported(house.town)
    house.town.mirrored()
    with house.signed_in(house.person(CUSTOMS)) as client:
        page = client.get("/console/tower").text
        found = re.search(r'<a class="button" href="/console/customs">(\d+) lists? waits? at your desk</a>', page)
        assert found
        queue = client.get("/console/customs").text
    assert int(found[1]) > 0
    assert re.search(rf"shown of {found[1]}\b", queue)
    assert "Nothing in:" in words(house, CUSTOMS, "/console/tower"), "customs sees everything"
    assert "at your desk" not in words(house, SELLER, "/console/tower")


def test_an_unchecked_row_tells_since_when_it_is_in_force_and_not_for_how_many_days(house: House) -> None:
    imported(house.town)
    house.town.mirrored()
    english, chinese = (words(house, CUSTOMS, "/console/tower", language) for language in ("en", "zh"))
    told = english.partition("Published rows nobody has checked")[2].partition("Of what you may see")[0]
    assert re.search(r"in force since \d{4}-\d\d-\d\d", told), told
    assert re.search(r"自 \d{4}-\d\d-\d\d 起生效", chinese)
    rows = words(house, CUSTOMS, "/console/tower/exceptions", kind="row_unchecked")
    assert "In force since" in rows
    assert " ago" not in rows


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.parametrize("width, language", [(1280, "en"), (390, "zh")])
def test_what_is_not_seen_reads_well_on_every_width(house: House, visit: Visiting, width: int, language: str) -> None:
    if not AXE.is_file():
        pytest.skip(WITHOUT)
    listed = imported(house.town, INSTITUTION)
    house.town.mirrored()
    one = visit(width=width, language=language)
    come_in(house, one, INSTITUTION)
    for path in ("tower", f"orders/order?platform={quote(listed.platform, safe='')}&order={listed.order}"):
        one.page.goto(f"{house.local}/console/{path}")
        assert not is_wider_than_its_window(one), path
        assert judged(one, AXE.read_text(encoding="utf-8")) == [], path
