"""Much at a time: parts by number and by bytes, each judged after those before it, and none left out for its size."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from playwright.sync_api import expect

from sogdia.domains.orders.messages import OrderLine, Place
from sogdia.interfaces.console.signing_parts import KEPT_MS, waiting
from sogdia.interfaces.console.signing_preparing import BODY_BYTES
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.house import House
from tests.interfaces.console.signing_desk import SigningDesk, plain
from tests.interfaces.http.town import PLATFORM, SKU, cancellation, order

pytestmark = [pytest.mark.browser, pytest.mark.node]
LINES = 20


def long_order(number: int) -> Place:
    """An order of which every text is as long as it may be: each name 250 Chinese signs, of three bytes each."""
    line = OrderLine(sku=SKU, name="灯" * 250, quantity=1, price_e5=100_000, total_minor=100)
    goods = 100 * LINES
    return replace(
        order(f"2026-{number:055}"),
        channel="店" * 30,
        lines=(line,) * LINES,
        goods_minor=goods,
        paid_minor=goods + 500,
    )


def test_six_hundred_orders_with_the_longest_texts_are_signed_in_one_go(
    house: House, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    desk = SigningDesk(house, visit(), PLATFORM).with_key(tmp_path)
    orders = [long_order(number) for number in range(600)]
    size = sum(len(json.dumps(plain(one), ensure_ascii=False).encode()) for one in orders)
    assert size > BODY_BYTES, "more than the node takes at a time"
    sent: list[int] = []
    desk.page.on(
        "request", lambda one: sent.append(len(one.post_data_buffer or b"")) if "/prepare" in one.url else None
    )
    desk.page.context.set_default_timeout(120_000)
    dialog = desk.ask(*([one] for one in orders), [cancellation(orders[0], "C-1")])
    expect(dialog.locator("button.primary")).to_have_text("Sign and send 601 transactions")
    expect(dialog.locator(".alert.warn")).to_have_count(0)
    assert len([size for size in sent if size > BODY_BYTES / 8]) >= 4
    assert max(sent) < BODY_BYTES / 2
    dialog.locator("button.primary").click()
    expect(dialog).to_contain_text("601 of 601 on record", timeout=240_000)
    last = house.town.node.record("orders.order", PLATFORM.did, orders[-1].order)
    assert len(last.lines) == LINES


# --- parts that build on each other ---------------------------------------------------------------------------------


def asked(client: httpx.Client, *groups: object, after: str = "", more: bool = False) -> dict[str, object]:
    """One part, as a page asks for it."""
    told = {"groups": [[one] for one in groups], "kid": PLATFORM.kid, "after": after, "more": more}
    found: dict[str, object] = client.post("/console/prepare", json=told).json()
    return found


def refused(found: dict[str, object]) -> list[bool]:
    """For each transaction whether it would be refused."""
    return ["refusal" in one for one in found["prepared"]]  # type: ignore[attr-defined]


def at_work(house: House, client: httpx.Client) -> httpx.Client:
    """A script of the platform's page."""
    client.headers["accept"] = "application/json"
    client.headers["x-sogdia-token"] = client.get("/console/signing/context").json()["token"]
    return client


def test_a_later_part_is_judged_after_the_earlier_ones_once_and_by_its_own_session(house: House) -> None:
    placed = order()
    cancelled = plain(cancellation(placed, "C-1"))
    with house.signed_in(house.person(PLATFORM)) as one, house.signed_in(house.person(PLATFORM)) as other:
        at_work(house, one)
        at_work(house, other)
        first = asked(one, plain(placed), more=True)
        name = str(first["after"])
        assert refused(asked(other, cancelled, after=name)) == [True]
        second = asked(one, cancelled, after=name, more=True)
        assert refused(second) == [False]
        assert refused(asked(one, cancelled, after=str(second["after"]))) == [True], "cancelled twice"
        assert refused(asked(one, cancelled, after=name)) == [True], "that part was taken up already"
        assert "after" not in asked(one, plain(order()))


def test_what_waits_for_a_next_part_is_bounded_in_time_and_bytes(house: House) -> None:
    kept, now_ms = waiting(house.console), house.console.now_ms()
    with house.signed_in(house.person(PLATFORM)) as client:
        at_work(house, client)
        name = str(asked(client, plain(order()), more=True)["after"])
    (binding,) = {key[0] for key in kept._kept if key[1] == name}
    judge, _ = kept.take(binding, name, now_ms) or pytest.fail("is there")
    assert kept.take(binding, kept.keep(binding, judge, 1, now_ms), now_ms + KEPT_MS + 1) is None
    large = [kept.keep(binding, judge, 40 * 1024 * 1024, now_ms) for _ in range(2)]
    assert [kept.take(binding, one, now_ms) is None for one in large] == [True, False]
