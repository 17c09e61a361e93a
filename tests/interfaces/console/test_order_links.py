"""From what a page names one click leads to it: parties, rates and rules of an order, the order of a transaction."""

import re
from collections.abc import Callable
from html import unescape
from itertools import count
from urllib.parse import quote

import httpx
import msgspec
import pytest
from playwright.sync_api import expect

from sogdia import app
from sogdia.client.connection import signed
from sogdia.core.transaction import Message
from sogdia.domains.customs.messages import DeclareExport, DeclareImport
from sogdia.domains.identity.messages import Delegate
from sogdia.domains.logistics.messages import ReportStatus
from sogdia.domains.orders.messages import Place
from sogdia.domains.payments.messages import Attest
from tests.interfaces.console.axe import is_wider_than_its_window
from tests.interfaces.console.chromium import Visit
from tests.interfaces.console.desks_town import (
    INSTITUTION,
    ORDERED_MS,
    TAX,
    answered,
    come_in,
    declared,
    imported,
    joined,
    shipped,
)
from tests.interfaces.console.house import House
from tests.interfaces.http.town import CARRIER, CUSTOMS, NETWORK, PLATFORM, SELLER, Caller, order

Visiting = Callable[..., Visit]
A_DAY_MS = 86_400_000
BROKEN = r"""(cells) => cells.flatMap((cell) => {
  const [found, walker] = [[], document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)];
  while (walker.nextNode()) {
    for (const word of walker.currentNode.textContent.matchAll(/\S*\d{3}\S*/g)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, word.index);
      range.setEnd(walker.currentNode, word.index + word[0].length);
      if (range.getClientRects().length > 1) {
        found.push(word[0]);
      }
    }
  }
  return found;
})"""
_numbers = count(1)


def links(page: str, beginning: str) -> set[str]:
    """Addresses that a page leads to, of those that begin so."""
    return {one for one in map(unescape, re.findall(r'href="([^"]+)"', page)) if one.startswith(beginning)}


def main(client: httpx.Client, path: str, language: str = "en", **given: str) -> str:
    """What a page tells, without the navigation around it."""
    found = client.get(path, params=given or None, headers={"accept-language": language})
    assert found.status_code == 200, found.text
    return found.text.partition("<main")[2].partition("</main")[0]


def refused(house: House, message: Message, by: Caller) -> str:
    """The id of a transaction that the rules refuse."""
    raw = signed(NETWORK.network, app.milliseconds(), f"refused {next(_numbers)}", [message], [by])
    with house.town.connection() as connection:
        reply = connection.submit([raw])[0]
    assert not reply.accepted
    house.town.mirrored()
    return str(reply.receipt.transaction)


def order_of(asked: Place | DeclareExport | DeclareImport) -> str:
    """The address of an order's page."""
    return f"/console/orders/order?platform={quote(asked.platform, safe='')}&order={asked.order}"


# --- one order ------------------------------------------------------------------------------------------------------


def test_every_party_of_an_order_leads_to_its_page(house: House) -> None:
    listed = imported(house.town)
    house.town.mirrored()
    with house.signed_in(house.person(PLATFORM)) as client:
        page = main(client, "/console/orders/order", platform=listed.platform, order=listed.order)
        found = links(page, "/console/parties/")
        for one in (PLATFORM, SELLER, INSTITUTION, CARRIER):
            assert f"/console/parties/{quote(one.did, safe='')}" in found, one.name
        assert {client.get(one).status_code for one in found} == {200}, "none of them is dead"


def test_parties_outside_of_an_order_are_not_led_to(house: House) -> None:
    asked = shipped(house.town)
    joined(house.town, INSTITUTION)
    house.town.mirrored()
    with house.signed_in(house.person(CUSTOMS)) as client:
        page = main(client, order_of(asked))
    assert quote(INSTITUTION.did, safe="") not in page


def test_a_tax_leads_to_the_rows_that_it_was_made_with(house: House) -> None:
    listed = imported(house.town)
    answered(house.town, listed, 120, pre_no="B20261123900007777", person="cd" * 32)
    answered(house.town, listed, 800, invt_no="29252026I900007777")
    house.town.mirrored()
    with house.signed_in(house.person(PLATFORM)) as client:
        page = main(client, "/console/orders/order", platform=listed.platform, order=listed.order)
        found = links(page, "/console/rulebooks/row")
        rows = [main(client, one) for one in sorted(found)]
    assert len(found) == 2, "rates of the line, and the share that is due"
    assert "3304" in rows[0]
    assert TAX.name in rows[0], "who published it"
    assert "Within the limits" in rows[1]
    billed = house.town.node.record("tax.bill", listed.broker, listed.list_no)
    said = f"{billed.day}, the day in China on which the record took customs&#39; acceptance"
    assert said in page, "customs states another day than that whose rates hold"


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_no_number_of_the_match_breaks_within_itself(house: House, visit: Visiting, width: int) -> None:
    listed = imported(house.town)
    house.town.mirrored()
    one = visit(width=width)
    come_in(house, one, CUSTOMS, order_of(listed))
    broken = one.page.locator(".match tbody .is").evaluate_all(BROKEN)
    assert broken == []
    assert not is_wider_than_its_window(one)


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_a_rule_of_the_match_leads_to_what_it_says(house: House, visit: Visiting, language: str, width: int) -> None:
    listed = declared(house.town)
    house.town.mirrored()
    one = visit(language=language, width=width)
    come_in(house, one, PLATFORM, order_of(listed))
    rule = one.page.locator("#rule-R4")
    expect(rule).to_be_hidden()
    one.page.locator(".match a[href='#rule-R4']").first.click()
    expect(rule).to_be_visible()
    expect(rule).to_contain_text("R4")


# --- a transaction --------------------------------------------------------------------------------------------------


def test_a_refused_transaction_leads_to_the_order_that_its_message_names(house: House) -> None:
    asked = shipped(house.town)
    delivered = ReportStatus(
        carrier=CARRIER.did, waybill=f"WB-{asked.order}", status="delivered", reported_at_ms=ORDERED_MS + 9_000_000,
        place="",
    )  # fmt: skip
    assert house.town.submit(delivered, by=CARRIER).accepted
    after = msgspec.structs.replace(delivered, status="in_transit", reported_at_ms=ORDERED_MS + 9_900_000)
    refusals = {"order": (asked, PLATFORM), "waybill": (after, CARRIER)}
    for what, (message, by) in refusals.items():
        name = refused(house, message, by)
        with house.signed_in(house.person(by)) as client:
            assert links(main(client, f"/console/network/log/transaction/{name}"), "/console/orders/order") == {
                order_of(asked)
            }, what
            page = main(client, "/console/tower/exceptions?kind=transaction_refused")
            assert order_of(asked) in links(page, "/console/orders/order"), what
            assert client.get(order_of(asked)).status_code == 200


def test_a_refused_transaction_about_a_list_or_a_payment_leads_to_its_order(house: House) -> None:
    listed = imported(house.town)
    payment = Attest(
        platform=listed.platform, order=listed.order, institution=INSTITUTION.did,
        payment=listed.order.replace("IN", "PAY"), amount_minor=12_800, currency="CNY", paid_at_ms=ORDERED_MS + 60_000,
    )  # fmt: skip
    for message, by in ((listed, SELLER), (payment, INSTITUTION)):
        name = refused(house, message, by)
        with house.signed_in(house.person(by)) as client:
            found = links(main(client, f"/console/network/log/transaction/{name}"), "/console/orders/order")
            assert found == {order_of(listed)}, message


def test_an_order_that_is_not_on_record_is_named_without_a_link(house: House) -> None:
    nobody = msgspec.structs.replace(order(), seller="did:bid:sogd:ef1nobody1nobody1nobody1no")
    name = refused(house, nobody, PLATFORM)
    with house.signed_in(house.person(PLATFORM)) as client:
        assert client.get(order_of(nobody)).status_code == 404
        for path in (f"/console/network/log/transaction/{name}", "/console/tower/exceptions?kind=transaction_refused"):
            page = main(client, path)
            assert name in page
            assert order_of(nobody) not in links(page, "/console/orders/order"), path


def test_of_many_messages_each_names_its_own_order(house: House) -> None:
    both = [shipped(house.town), shipped(house.town)]
    house.town.mirrored()
    raw = signed(NETWORK.network, app.milliseconds(), f"both {both[0].order}", both, [PLATFORM])
    with house.town.connection() as connection:
        reply = connection.submit([raw])[0]
    assert not reply.accepted
    house.town.mirrored()
    with house.signed_in(house.person(PLATFORM)) as client:
        page = main(client, f"/console/network/log/transaction/{reply.receipt.transaction}")
    for one, card in zip(both, page.partition('id="messages"')[2].split("<h3>")[1:], strict=True):
        assert links(card, "/console/orders/order") == {order_of(one)}


# --- delegations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sentence", "until", "ends"),
    [
        ("en", "carrier</a> <span>may sign for seller: Declare an export list</span>", "until ", "Ends"),
        ("zh", "carrier</a> <span>受 seller 委托办理：申报出口清单</span>", " 到期", "到期时间"),
    ],
)
def test_a_delegation_that_ends_is_one_sentence_that_says_once_until_when(
    house: House, language: str, sentence: str, until: str, ends: str
) -> None:
    delegated = Delegate(
        principal=SELLER.did, agent=CARRIER.did, actions=("customs.declare_export",),
        until_ms=app.milliseconds() + 5 * A_DAY_MS,
    )  # fmt: skip
    assert house.town.submit(delegated, by=SELLER).accepted
    house.town.mirrored()
    with house.signed_in(house.person(SELLER)) as client:
        tower = main(client, "/console/tower", language)
        told = tower[tower.index(sentence) :].partition("</li>")[0]
        assert told.count(until) == 1
        assert "customs.declare_export" not in told
        page = main(client, "/console/tower/exceptions", language, kind="delegation_ends")
        row = page.partition("<tbody>")[2].partition("</tbody>")[0]
        assert ends in page
        assert "customs.declare_export" not in row
        assert until not in row
        held = links(row, "/console/parties/")
        assert held == {f"/console/parties/{quote(CARRIER.did, safe='')}#held"}
        assert 'id="held"' in main(client, held.pop())
