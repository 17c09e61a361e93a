"""A list is declared by the right broker, complete for its mode, once for each order, and only when all agree."""

import pytest
from msgspec.structs import replace

from sogdia.core.values import CLOCK_TOLERANCE_MS
from sogdia.domains.customs.messages import DeclareExport, DeclareImport, PublishLimits, Refused
from sogdia.domains.customs.state import (
    DECLARATIONS,
    EXPORT_LISTS,
    IMPORT_LISTS,
    LIMITS_BOOK,
    ExportList,
    ImportList,
    records_of_trade,
)
from sogdia.domains.identity.messages import Refused as Identity
from sogdia.domains.orders.messages import Cancel, CancelledLine
from sogdia.domains.orders.messages import Refused as Orders
from sogdia.primitives.rulebooks import Refused as Rulebooks
from sogdia.primitives.rulebooks import RuleRow
from tests.domains.customs.conftest import list_lines


def with_list(trade, **fields):
    trade.declare = replace(trade.declare, **fields)
    return trade


class TestImport:
    @pytest.mark.parametrize("mode", ["9610", "1210"])
    def test_an_agreeing_list_comes_on_record_and_waits_for_customs(self, scene, cast, border, import_trade, mode):
        trade = import_trade(mode=mode)
        border.stands(trade)
        (told,) = border.declares(trade)
        assert (told["type"], told["direction"], told["list_no"]) == ("customs.declared", "import", "L1")
        assert told["roles"] == ["customs"]
        assert told["parties"] == [cast.broker.did, cast.seller.did, cast.platform.did, cast.carrier.did]
        found = scene.find(IMPORT_LISTS, *trade.key)
        assert (found.value_fen, found.share, found.mode) == (50_000, "within", mode)
        assert found.lines == trade.declare.lines
        assert scene.find(DECLARATIONS, cast.platform.did, "O1").list_no == "L1"

    def test_the_record_holds_the_messages_fields_in_their_order(self):
        said, kept = DeclareImport.__struct_fields__, ImportList.__struct_fields__
        assert kept == (*said, "value_fen", "share")
        assert ExportList.__struct_fields__ == (*DeclareExport.__struct_fields__, "value_minor")

    def test_every_disagreement_is_in_the_refusal(self, border, import_trade):
        trade = import_trade()
        border.stands(trade)
        trade = with_list(trade, packages=2, buyer_name="e0" * 32, currency="EUR")
        answer = border.scene.send(trade.declare, by=border.cast.broker)
        assert (answer.code, answer.fields["count"], answer.fields["list_no"]) == (Refused.DISAGREES, 3, "L1")
        told = [(one["rule"], one["field"]) for one in answer.fields["disagreements"]]
        assert told == [("R9", "buyer_name"), ("R6", "currency"), ("R6", "packages")]
        values = answer.fields["disagreements"][2]["values"]
        assert values == {"customs": 1, "broker": 2, "carrier": 1}

    def test_a_trade_without_payment_or_waybill_disagrees(self, border, import_trade):
        trade = import_trade()
        trade.attest, trade.waybill, waybill = None, None, trade.waybill
        border.stands(trade)
        border.refuses_list(Refused.DISAGREES, trade, count=2)
        border.scene.accepts(waybill, by=border.cast.carrier)
        border.refuses_list(Refused.DISAGREES, trade, count=1)

    def test_at_most_fifty_disagreements_are_listed_and_all_are_counted(self, border, export_trade):
        trade = export_trade(sold=(("71053", 6, 339),) * 60)
        border.stands(trade)
        lines = tuple(replace(line, name="Lamp") for line in trade.declare.lines)
        answer = border.scene.send(with_list(trade, lines=lines).declare, by=border.cast.broker)
        assert (answer.fields["count"], len(answer.fields["disagreements"])) == (60, 50)

    def test_a_false_payment_does_not_block_an_import(self, border, cast, import_trade):
        trade = import_trade()
        false = replace(trade.attest, institution=cast.other_institution.did, payment="FALSE", amount_minor=1)
        border.scene.accepts(false, by=cast.other_institution)
        border.stands(trade)
        border.declares(trade)
        found = records_of_trade(border.scene.state, cast.platform.did, "O1")
        paid = [key for key in found if key[0] == "payments.payment"]
        assert paid == [("payments.payment", cast.institution.did, "P1")]
        assert ("customs.standing", "payment", cast.institution.did, "P1") in found

    def test_an_import_whose_order_names_no_institution_disagrees(self, border, cast, import_trade):
        trade = import_trade()
        trade.place = replace(trade.place, institution=None)
        border.stands(trade)
        answer = border.scene.send(trade.declare, by=cast.broker)
        (found,) = answer.fields["disagreements"]
        assert (answer.code, found["field"], found["rule"]) == (Refused.DISAGREES, "institution", "R2")
        keys = records_of_trade(border.scene.state, cast.platform.did, "O1")
        assert not any(key[0] == "payments.payment" for key in keys)

    def test_what_customs_rejected_does_not_carry_a_list(self, border, import_trade):
        trade = import_trade()
        border.stands(trade)
        rejected = border.answer("payment", trade.attest.institution, "P1", -301010)
        border.scene.accepts(rejected, by=border.cast.customs)
        border.refuses_list(Refused.DISAGREES, trade, count=1)
        border.scene.accepts(border.answer("payment", trade.attest.institution, "P1", 120), by=border.cast.customs)
        border.declares(trade)

    def test_only_what_is_left_of_an_order_is_declared(self, border, cast, import_trade):
        trade = import_trade()
        border.stands(trade)
        lines = (CancelledLine(line=1, quantity=1),)
        of_order = {"platform": cast.platform.did, "order": "O1", "cancelled_at_ms": 1_772_441_250_000}
        border.scene.accepts(Cancel(**of_order, cancellation="C1", lines=lines), by=cast.platform)
        border.refuses_list(Refused.DISAGREES, trade, count=2)
        first = replace(trade.declare.lines[0], quantity=1, total_minor=15_000)
        border.declares(with_list(trade, lines=(first, *trade.declare.lines[1:])))
        assert border.scene.find(IMPORT_LISTS, *trade.key).value_fen == 35_000

    def test_nothing_of_a_cancelled_order_is_declared(self, border, cast, import_trade):
        trade = import_trade()
        border.stands(trade)
        lines = (CancelledLine(line=1, quantity=2), CancelledLine(line=2, quantity=3))
        of_order = {"platform": cast.platform.did, "order": "O1", "cancelled_at_ms": 1_772_441_250_000}
        border.scene.accepts(Cancel(**of_order, cancellation="C1", lines=lines), by=cast.platform)
        border.refuses_list(Refused.ORDER_CANCELLED, trade, order="O1")

    def test_an_order_must_be_on_record(self, border, import_trade):
        border.refuses_list(Orders.ORDER_UNKNOWN, import_trade())

    @pytest.mark.parametrize(
        "mode,fields,missing",
        [
            ("1210", {"ems_no": ""}, ["ems_no"]),
            ("1210", {"area_code": "", "area_name": "", "country": "FR"}, ["area_code", "area_name", "country"]),
            ("9610", {"transport": None}, ["transport.means", "transport.voyage", "transport.bill"]),
        ],
    )
    def test_each_mode_needs_its_own_fields(self, border, import_trade, export_trade, mode, fields, missing):
        trade = import_trade(mode=mode)
        border.stands(trade)
        if "transport" in fields:
            fields = {"transport": export_trade().declare.transport}
        told = {"mode": mode, "fields": missing, "count": len(missing)}
        border.refuses_list(Refused.MODE_FIELDS, with_list(trade, **fields), **told)

    def test_lines_need_ten_digits_and_from_bond_their_record_number(self, border, import_trade):
        trade = import_trade(mode="1210")
        border.stands(trade)
        lines = (replace(trade.declare.lines[0], hs_code="33049900", record_no=""), *trade.declare.lines[1:])
        told = {"fields": ["lines[1].hs_code", "lines[1].record_no"]}
        border.refuses_list(Refused.MODE_FIELDS, with_list(trade, lines=lines), **told)


class TestExport:
    def test_an_agreeing_list_comes_on_record(self, scene, border, export_trade):
        trade = export_trade()
        border.stands(trade)
        (told,) = border.declares(trade)
        assert (told["direction"], told["order"]) == ("export", "O1")
        assert scene.find(EXPORT_LISTS, *trade.key).value_minor == 2_034

    def test_a_seller_may_declare_for_itself(self, border, cast, export_trade):
        trade = with_list(export_trade(), broker=cast.seller.did)
        border.stands(trade)
        border.scene.accepts(trade.declare, by=cast.seller)

    def test_six_hundred_lines_are_declared(self, border, export_trade):
        trade = export_trade(sold=(("71053", 6, 339),) * 600)
        border.stands(trade)
        border.declares(trade)


class TestWhoDeclares:
    def test_only_a_broker(self, border, cast, export_trade):
        trade = with_list(export_trade(), broker=cast.carrier.did)
        border.stands(trade)
        border.scene.refuses(Identity.ROLE_MISSING, trade.declare, by=cast.carrier, role="broker")

    def test_only_one_who_signed(self, border, cast, export_trade):
        trade = export_trade()
        border.stands(trade)
        border.scene.refuses(Identity.NOT_SIGNED_BY, trade.declare, by=cast.seller, party=cast.broker.did)

    def test_only_with_the_sellers_delegation(self, border, cast, export_trade):
        trade = with_list(export_trade(), seller=cast.other_seller.did)
        border.stands(trade)
        told = {"party": cast.other_seller.did, "action": "customs.declare_export"}
        border.scene.refuses(Identity.NOT_SIGNED_BY, trade.declare, by=cast.broker, **told)

    def test_only_for_the_seller_of_the_order(self, border, cast, export_trade):
        trade = with_list(export_trade(), seller=cast.other_seller.did)
        border.stands(trade)
        border.scene.refuses(Refused.DISAGREES, trade.declare, by=(cast.broker, cast.other_seller), count=1)


class TestOnce:
    def test_a_list_number_is_taken_once_per_broker(self, border, export_trade):
        trade, other = export_trade(), export_trade("2")
        border.stands(trade)
        border.stands(other)
        border.declares(trade)
        border.refuses_list(Refused.LIST_EXISTS, with_list(other, list_no="L1"), list_no="L1")

    def test_an_order_is_declared_once(self, border, export_trade):
        trade = export_trade()
        border.stands(trade)
        border.declares(trade)
        again = with_list(trade, list_no="L2")
        told = {"list_no": "L1", "order": "O1"}
        border.refuses_list(Refused.ORDER_ALREADY_DECLARED, again, **told)

    @pytest.mark.parametrize("codes", [(100,), (-621005,), (3, 100), (120, 300, 100)])
    def test_after_a_rejection_it_is_declared_by_another_list(self, border, import_trade, codes):
        trade = import_trade()
        border.stands(trade)
        border.declares(trade)
        border.answers(trade, *codes)
        border.refuses_list(Refused.LIST_EXISTS, trade)
        border.declares(with_list(trade, list_no="L2"))
        assert border.scene.find(DECLARATIONS, trade.place.platform, "O1").list_no == "L2"
        border.answers(trade, 120, 800)

    def test_it_is_not_declared_later_than_now_give_or_take_a_clock(self, border, export_trade):
        edge = border.scene.time_ms + CLOCK_TOLERANCE_MS
        trade = with_list(export_trade(), declared_at_ms=edge + 1)
        border.stands(trade)
        border.refuses_list(Refused.STATED_IN_FUTURE, trade, time_ms=border.scene.time_ms)
        border.declares(with_list(trade, declared_at_ms=edge))


class TestSingleLimit:
    def test_up_to_the_limit_the_tax_is_reduced(self, border, import_trade):
        trade = import_trade(sold=(("MAKEUP", 2, 249_000),))
        border.stands(trade)
        border.declares(trade)
        found = border.scene.find(IMPORT_LISTS, *trade.key)
        assert (found.value_fen, found.share) == (500_000, "within")

    def test_over_it_a_list_of_several_items_is_refused(self, border, import_trade):
        trade = import_trade(sold=(("MAKEUP", 2, 249_001),))
        border.stands(trade)
        told = {"rule": "R10", "asked_fen": 500_002, "limit_fen": 500_000, "certainty": "secondary"}
        border.refuses_list(Refused.OVER_SINGLE_LIMIT, trade, **told)

    def test_over_it_one_indivisible_item_pays_full_tax(self, border, import_trade):
        trade = import_trade(sold=(("MAKEUP", 1, 600_000),), freight=0)
        border.stands(trade)
        border.declares(trade)
        assert border.scene.find(IMPORT_LISTS, *trade.key).share == "over"

    def test_unless_the_row_forbids_it(self, border, cast, import_trade):
        row = RuleRow(
            "customs.cn.retail_import.limits",
            "over_limit_single_item",
            "2026-01-01",
            "2026-12-31",
            "refused",
            "a test",
            "memory",
        )
        border.scene.accepts(PublishLimits(authority=cast.customs.did, rows=(row,)), by=cast.customs)
        trade = import_trade(sold=(("MAKEUP", 1, 600_000),), freight=0)
        border.stands(trade)
        border.refuses_list(Refused.OVER_SINGLE_LIMIT, trade, asked_fen=600_000)

    def test_past_the_last_day_of_the_limits_nothing_is_declared(self, border, import_trade):
        days = ("2026-01-01", "2026-12-31")
        last = RuleRow(LIMITS_BOOK, "single_fen", *days, "500000", "a test", "memory")
        border.scene.accepts(PublishLimits(authority=border.cast.customs.did, rows=(last,)), by=border.cast.customs)
        trade = import_trade()
        border.scene.time_ms = 1_798_732_800_000  # 2027-01-01 00:00 in China
        border.scene.accepts(trade.place, by=border.cast.platform)
        border.scene.accepts(trade.attest, by=border.cast.institution)
        border.scene.accepts(trade.waybill, by=border.cast.carrier)
        by = (border.cast.broker, border.cast.seller)
        border.scene.refuses(Rulebooks.PAST_LAST_DAY, trade.declare, by=by, key="single_fen", day="2027-01-01")


class TestLimits:
    @pytest.mark.parametrize(
        "key,value",
        [("single_fen", "5000.00"), ("yearly_fen", "0"), ("yearly_fen", ""), ("over_limit_single_item", "yes")],
    )
    def test_a_value_that_cannot_be_used_never_comes_on_record(self, border, cast, key, value):
        days = ("2026-07-01", "2026-12-31")
        row = RuleRow("customs.cn.retail_import.limits", key, *days, value, "a test", "memory")
        asked = PublishLimits(authority=cast.customs.did, rows=(row,))
        border.scene.refuses(Refused.ROW_VALUE_WRONG, asked, by=cast.customs, key=key, value=value)

    def test_customs_publishes_its_own_books_only(self, border, cast):
        row = RuleRow("tax.cn.retail_import.rates", "33", "2026-01-01", "2026-12-31", "{}", "a test", "memory")
        asked = PublishLimits(authority=cast.customs.did, rows=(row,))
        border.scene.refuses(Refused.BOOK_NOT_OF_CUSTOMS, asked, by=cast.customs, book=row.book)
        asked = PublishLimits(authority=cast.broker.did, rows=(row,))
        border.scene.refuses(Identity.ROLE_MISSING, asked, by=cast.broker, role="customs")


def test_the_lists_lines_are_the_orders_lines(import_trade):
    trade = import_trade()
    assert list_lines(trade.place.lines) == trade.declare.lines
