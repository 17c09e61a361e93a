"""Customs' queue: by risk and waiting time, page by page, and what a list's signs are."""

import msgspec
import pytest

from sogdia.domains.catalog.messages import ListProduct
from sogdia.domains.customs.state import IMPORT_LISTS
from sogdia.domains.orders.messages import Cancel, CancelledLine
from sogdia.domains.tax.state import BILLS
from sogdia.insight.names import names_of
from sogdia.insight.orders import Filter, every, search
from sogdia.insight.picture import Pictured
from sogdia.insight.queue import (
    Order,
    Waiting,
    Wanted,
    last_number,
    waiting_list,
    waiting_lists,
    waiting_lists_before,
    waiting_sums,
)
from sogdia.insight.taxes import estimated
from tests.insight.conftest import EVERYONE, at

CUSTOMS = EVERYONE["customs"]


def whole(crowd: Pictured, order: str, limit: int = 1_000, wanted: Wanted | None = None) -> list[Waiting]:
    """All that waits, turned through in pages."""
    found: list[Waiting] = []
    after, moment = "", at(crowd, CUSTOMS)
    while True:
        rows, after = waiting_lists(crowd, CUSTOMS, moment, wanted or Wanted(), order, after, limit)  # type: ignore[arg-type]
        found += rows
        if not after:
            return found


@pytest.mark.parametrize("order", ["risk", "waiting"])
def test_pages_show_every_list_once_in_the_order_asked_for(crowd: Pictured, order: str) -> None:
    found = whole(crowd, order, limit=3)
    assert found == whole(crowd, order)
    assert len({one.list_no for one in found}) == len(found) > 5
    key = (lambda one: (-one.risk, one.since_ms)) if order == "risk" else (lambda one: one.since_ms)
    assert [key(one) for one in found] == sorted(key(one) for one in found)


@pytest.mark.parametrize("order", ["risk", "waiting"])
def test_pages_are_turned_back_to_the_same_lists(crowd: Pictured, order: Order) -> None:
    everything, moment = whole(crowd, order), at(crowd, CUSTOMS)
    back: list[Waiting] = [everything[-1]]
    before = everything[-1].place
    while before:
        rows, before = waiting_lists_before(crowd, CUSTOMS, moment, Wanted(), order, before, 3)
        back = rows + back
    assert back == everything
    assert waiting_lists_before(crowd, CUSTOMS, moment, Wanted(), order, everything[0].place) == ([], "")
    assert waiting_lists_before(crowd, CUSTOMS, moment, Wanted(), order, "nonsense") == ([], "")


def test_what_waits_is_what_the_orders_say_waits_for_customs(crowd: Pictured) -> None:
    waiting = {one.order for one in whole(crowd, "risk")}
    rows = every(crowd, CUSTOMS, at(crowd, CUSTOMS), Filter())
    assert waiting == {row.order for row in rows if row.waits_for == "customs"}


def test_conditions_narrow_the_queue_and_the_sums_follow(crowd: Pictured) -> None:
    everything = whole(crowd, "risk")
    wanted = Wanted(direction="export", currency="EUR", below_minor=5_000, risk_most=0)
    found = whole(crowd, "risk", wanted=wanted)
    assert found == [
        one
        for one in everything
        if one.direction == "export" and one.currency == "EUR" and one.value_minor < 5_000 and one.risk == 0
    ]
    sums = waiting_sums(crowd, CUSTOMS, at(crowd, CUSTOMS), wanted)
    assert [(one.lists, one.value_minor) for one in sums] == [(len(found), sum(one.value_minor for one in found))]


def test_one_list_is_found_by_its_name_and_no_other(crowd: Pictured) -> None:
    one, moment = whole(crowd, "risk")[0], at(crowd, CUSTOMS)
    assert waiting_list(crowd, CUSTOMS, moment, one.subject, one.broker, one.list_no) == one
    assert waiting_list(crowd, CUSTOMS, moment, one.subject, one.broker, "none") is None
    other = "import_list" if one.subject == "export_list" else "export_list"
    assert waiting_list(crowd, CUSTOMS, moment, other, one.broker, one.list_no) is None


def test_nobody_sees_lists_that_are_not_theirs(crowd: Pictured) -> None:
    for name in ("stranger", "public"):
        asker = EVERYONE[name]
        assert waiting_lists(crowd, asker, at(crowd, asker), Wanted()) == ([], "")
    broker = EVERYONE["broker"]
    rows, _ = waiting_lists(crowd, broker, at(crowd, broker), Wanted())
    assert {one.broker for one in rows} <= {broker.party}


def test_the_last_number_is_the_highest_of_its_kind(crowd: Pictured) -> None:
    last = last_number(crowd, CUSTOMS, "invt_no", "29252026E")
    assert last.startswith("29252026E")
    assert last_number(crowd, CUSTOMS, "invt_no", "99992026E") == ""
    assert last_number(crowd, EVERYONE["public"], "invt_no", "29252026E") == ""


def test_names_are_those_on_record(crowd: Pictured) -> None:
    broker = EVERYONE["broker"].party
    assert names_of(crowd, CUSTOMS, [broker, None, "did:none"]) == {broker: "broker 3"}
    assert names_of(crowd, CUSTOMS, []) == {}


@pytest.mark.parametrize("sort", ["newest", "oldest", "value_high", "number"])
def test_one_turns_back_to_the_pages_that_one_came_from(crowd: Pictured, sort: str) -> None:
    moment = at(crowd, CUSTOMS)

    def page(**place: str) -> object:
        return search(crowd, CUSTOMS, moment, Filter(), sort, limit=30, **place)  # type: ignore[arg-type]

    first = page()
    second = page(after=first.after)  # type: ignore[attr-defined]
    third = page(after=second.after)  # type: ignore[attr-defined]
    back = page(before=third.before)  # type: ignore[attr-defined]
    assert back.rows == second.rows  # type: ignore[attr-defined]
    assert page(before=back.before).rows == first.rows  # type: ignore[attr-defined]
    assert page(before=back.before).before == first.before == ""  # type: ignore[attr-defined]


def test_a_list_whose_documents_were_thrown_back_or_whose_order_changed_is_a_doubt(look, border, export_trade):  # type: ignore[no-untyped-def]
    calm, doubted, changed = (export_trade(number) for number in ("1", "2", "3"))
    for one in (calm, doubted, changed):
        border.stands(one)
        border.declares(one)
    border.scene.accepts(
        border.answer("order", doubted.place.platform, doubted.place.order, 100), by=border.cast.customs
    )
    less = Cancel(
        platform=changed.place.platform,
        order=changed.place.order,
        cancellation="C1",
        cancelled_at_ms=changed.place.placed_at_ms + 1_000,
        lines=(CancelledLine(line=1, quantity=1),),
    )
    border.scene.accepts(less, by=border.cast.platform)
    found, _ = look(waiting_lists, by=border.cast.customs, wanted=Wanted())
    assert {one.list_no: (one.risk, one.signs) for one in found} == {
        calm.declare.list_no: (0, ()),
        doubted.declare.list_no: (2, ("document_rejected",)),
        changed.declare.list_no: (2, ("order_changed",)),
    }
    assert found[-1].list_no == calm.declare.list_no, "doubts come first"


def test_an_order_declared_again_and_goods_without_a_rate_are_doubts(look, border, import_trade):
    trade, cast = import_trade(), border.cast
    border.stands(trade)
    border.declares(trade)
    border.answers(trade, 100)
    trade.declare = msgspec.structs.replace(trade.declare, list_no="L1-AGAIN")
    border.declares(trade)
    honey = ListProduct(
        seller=cast.seller.did, sku="MAKEUP", name="Make-up", hs_code="0409000000", origin="FR", unit="007",
        net_weight_grams=60,
    )  # fmt: skip
    border.scene.accepts(honey, by=cast.seller)
    other = import_trade("2")
    first, *rest = other.declare.lines
    lines = (msgspec.structs.replace(first, hs_code="0409000000"), *rest)
    other.declare = msgspec.structs.replace(other.declare, lines=lines)
    border.stands(other)
    border.declares(other)
    found, _ = look(waiting_lists, by=cast.customs, wanted=Wanted())
    assert {one.list_no: (one.risk, one.signs) for one in found} == {
        "L1-AGAIN": (2, ("declared_before",)),
        other.declare.list_no: (2, ("no_rate",)),
    }


def test_what_a_list_would_owe_is_what_it_is_billed(look, border, import_trade):
    trade = import_trade()
    border.stands(trade)
    border.declares(trade)
    view = border.scene.state
    declared = IMPORT_LISTS.get(view, *trade.key)
    told = estimated(view, declared, border.scene.time_ms)
    border.answers(trade, 120, 800)
    bill = BILLS.get(border.scene.state, *trade.key)
    assert (told.duty_fen, told.consumption_fen, told.vat_fen) == (bill.duty_fen, bill.consumption_fen, bill.vat_fen)
    assert told.vat_fen > 0
