"""Customs answers by code: only what may stand on a message and follow what stands there; quota and tax move with it.

The bill of the import in conftest, by hand: 20.00 freight goes 12.50 to the make-up and 7.50 to the soap. Make-up:
CP = 312.50 / 0.85 = 367.65, consumption tax 55.15 x 0.7 = 38.60, value added tax 47.79 x 0.7 = 33.46; soap: 187.50 x
0.13 x 0.7 = 17.06.
"""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sogdia.core.refusal import Refusal
from sogdia.core.values import CLOCK_TOLERANCE_MS
from sogdia.domains.customs import rules, state
from sogdia.domains.customs.messages import Refused
from sogdia.domains.customs.rules import receipts
from sogdia.domains.customs.state import IMPORT_LISTS, NUMBERED, QUOTA_USES, QUOTAS, RELEASED, STANDINGS
from sogdia.domains.identity.messages import Refused as Identity
from sogdia.domains.logistics.messages import ReportStatus
from sogdia.domains.orders.messages import Cancel, CancelledLine
from sogdia.domains.tax.messages import Refused as Tax
from sogdia.domains.tax.state import BILLS
from sogdia.primitives import lots
from tests.domains.conftest import MODULES
from tests.domains.customs.conftest import PERSON

YEARLY_FEN = 2_600_000
NEXT_YEAR_MS = 1_798_732_800_000
"""2027-01-01 00:00 in China."""


def declared(border, trade):
    border.stands(trade)
    border.declares(trade)
    return trade


def quota(border, lot_state, year="2026"):
    return lots.total(border.scene.find(QUOTAS, PERSON, year), lot_state)


class TestImportCycle:
    @pytest.mark.parametrize("mode", ["9610", "1210"])
    def test_from_declaration_to_closing(self, border, cast, import_trade, mode):
        trade = import_trade(mode=mode)
        border.stands(trade)
        platform, institution, carrier = cast.platform.did, cast.institution.did, cast.carrier.did
        for message in (("order", platform, "O1"), ("payment", institution, "P1"), ("waybill", carrier, "W1")):
            for code in (2, 3, 120):
                border.scene.accepts(border.answer(*message, code), by=cast.customs)
        border.declares(trade)
        border.answers(trade, 1, 2, 3)
        assert border.scene.find(QUOTAS, PERSON, "2026") is None
        (told,) = border.answers(trade, 120)
        assert (told["type"], told["code"], told["number"]) == ("customs.answered", 120, "L1")
        assert cast.broker.did in told["parties"]
        assert (quota(border, "reserved"), quota(border, "free")) == (50_000, YEARLY_FEN - 50_000)
        border.answers(trade, 300, 500, 399)
        billed, answered = border.answers(trade, 800)
        assert (billed["type"], answered["code"]) == ("tax.billed", 800)
        assert (quota(border, "consumed"), quota(border, "free")) == (50_000, YEARLY_FEN - 50_000)
        arrived = {"waybill": "W1", "carrier": carrier, "reported_at_ms": border.scene.time_ms}
        border.refuses_answer(Refused.SUBJECT_UNKNOWN, border.answer("delivery", carrier, "W1", 120))
        border.scene.accepts(ReportStatus(**arrived, status="delivered"), by=cast.carrier)
        border.scene.accepts(border.answer("delivery", carrier, "W1", 120), by=cast.customs)
        border.answers(trade, 899)
        standing = border.scene.find(STANDINGS, "import_list", *trade.key)
        assert (standing.code, standing.phase) == (899, "closed")
        assert standing.pre_no.startswith("B20260302")
        assert standing.invt_no.startswith("29252026I")

    def test_release_writes_the_bill(self, border, cast, import_trade):
        trade = declared(border, import_trade())
        border.answers(trade, 120)
        billed, _ = border.answers(trade, 800)
        bill = border.scene.find(BILLS, *trade.key)
        assert [(one.taxable_fen, one.consumption_fen, one.vat_fen) for one in bill.lines] == [
            (31_250, 3_860, 3_346),
            (18_750, 0, 1_706),
        ]
        assert (bill.duty_fen, bill.consumption_fen, bill.vat_fen) == (0, 3_860, 5_052)
        assert (bill.share, bill.payer, bill.day) == ("within", cast.platform.did, "2026-03-02")
        assert (billed["vat_fen"], billed["consumption_fen"]) == (5_052, 3_860)
        assert bill.invt_no == border.scene.find(RELEASED, bill.invt_no).invt_no

    def test_over_the_single_limit_the_full_tax_is_billed(self, border, import_trade):
        trade = declared(border, import_trade(sold=(("MAKEUP", 1, 600_000),), freight=0))
        border.answers(trade, 120, 800)
        bill = border.scene.find(BILLS, *trade.key)
        assert (bill.duty_fen, bill.consumption_fen, bill.vat_fen) == (30_000, 111_176, 96_353)

    def test_a_gift_without_value_draws_on_no_quota(self, border, import_trade):
        trade = declared(border, import_trade(sold=(("SOAP", 1, 0),), freight=0))
        border.answers(trade, 120, 800)
        assert quota(border, "free") == YEARLY_FEN
        assert border.scene.find(BILLS, *trade.key).vat_fen == 0


class TestExportCycle:
    def test_from_declaration_to_closing(self, border, cast, export_trade):
        trade = declared(border, export_trade())
        border.scene.accepts(border.answer("order", cast.platform.did, "O1", 1), by=cast.customs)
        border.scene.accepts(border.answer("waybill", cast.carrier.did, "W1", 399), by=cast.customs)
        (told,) = border.answers(trade, 2, 120, 300, 399, 800, 899)
        assert told["code"] == 899
        standing = border.scene.find(STANDINGS, "export_list", *trade.key)
        assert border.scene.find(RELEASED, standing.invt_no).subject == "export_list"
        assert border.scene.find(QUOTAS, PERSON, "2026") is None

    @pytest.mark.parametrize("digits", [9, 10, 11])
    def test_the_number_of_an_export_list_has_18_to_20_characters(self, border, export_trade, digits):
        trade = declared(border, export_trade())
        border.answers(trade, 120)
        border.answers(trade, 800, invt_no="29252026E" + "7" * digits)


class TestQuota:
    @pytest.mark.parametrize("codes", [(100,), (-621005,), (300, 100), (501, 700)])
    def test_rejection_and_return_abroad_give_it_back(self, border, import_trade, codes):
        trade = declared(border, import_trade())
        border.answers(trade, 120, *codes)
        assert quota(border, "free") == YEARLY_FEN
        assert border.scene.find(QUOTA_USES, *trade.key) is None

    def test_over_what_is_left_a_list_is_not_accepted(self, border, import_trade):
        for number in range(1, 6):
            border.answers(declared(border, import_trade(str(number), sold=(("SOAP", 1, 498_000),))), 120)
        trade = declared(border, import_trade("6", sold=(("SOAP", 1, 98_001),)))
        told = {"asked_fen": 100_001, "left_fen": 100_000, "year": "2026", "rule": "R10"}
        asked = border.answer("import_list", *trade.key, 120)
        border.refuses_answer(Refused.OVER_YEARLY_LIMIT, asked, **told)
        border.answers(trade, 120, person="6f" * 32)
        assert quota(border, "reserved") == 2_500_000

    def test_the_year_is_that_of_the_day_in_china(self, border, import_trade):
        border.scene.time_ms = NEXT_YEAR_MS - 1
        trade = declared(border, import_trade())
        border.answers(trade, 120)
        use = border.scene.find(QUOTA_USES, *trade.key)
        assert (use.year, use.day) == ("2026", "2026-12-31")

    def test_whose_quota_it_is_must_be_said(self, border, import_trade):
        trade = declared(border, import_trade())
        asked = border.answer("import_list", *trade.key, 120, person=None)
        border.refuses_answer(Refused.PERSON_NEEDED, asked, list_no="L1")

    def test_the_pseudonym_stands_where_only_customs_reads(self, border, import_trade):
        trade = declared(border, import_trade())
        (told,) = border.answers(trade, 120)
        assert PERSON not in str(told)
        assert PERSON not in str(border.scene.find(STANDINGS, "import_list", *trade.key))
        assert PERSON not in str(border.scene.find(IMPORT_LISTS, *trade.key))
        assert (QUOTA_USES.roles, QUOTA_USES.seen_by, QUOTAS.roles) == (("customs",), (), ("customs",))

    def test_no_event_tells_the_pseudonym(self, border, import_trade):
        ends = {"1": (2, 120, 300, 399, 800, 899), "2": (120, 100), "3": (120, 700)}
        for number, codes in ends.items():
            trade = import_trade(number)
            border.stands(trade)
            heard = list(border.declares(trade))
            for code in codes:
                heard += border.answers(trade, code)
            assert len(heard) > len(codes)
            assert PERSON not in str(heard)
        named = {event.__name__ for module in MODULES for event in module.events if "person" in event.__struct_fields__}
        assert named == set()

    def test_a_list_that_cannot_be_taxed_is_not_accepted(self, border, cast, import_trade):
        trade = declared(border, import_trade(sold=(("SOAP", 1, 600_000),), freight=0))
        told = {"hs_code": "3401110000", "missing": "duty"}
        border.refuses_answer(Tax.CODE_WITHOUT_RATES, border.answer("import_list", *trade.key, 120), **told)

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(ends=st.lists(st.sampled_from([None, 100, 300, 700, 800]), min_size=1, max_size=8))
    def test_what_is_free_reserved_and_consumed_is_always_the_year(self, cast, border_of, import_trade, ends):
        from tests.domains.conftest import RulesScene

        border = border_of(RulesScene(cast))
        held = {"reserved": 0, "consumed": 0, "free": YEARLY_FEN}
        for number, end in enumerate(ends):
            trade = declared(border, import_trade(str(number), sold=(("SOAP", 1, 10_000 + number),), freight=0))
            border.answers(trade, 120, *(() if end is None else (end,)))
            into = {None: "reserved", 300: "reserved", 800: "consumed"}.get(end, "free")
            held["free"] -= 10_000 + number
            held[into] += 10_000 + number
        assert {lot_state: quota(border, lot_state) for lot_state in held} == held


class TestChangedOrders:
    def cancels(self, border, *lines):
        gone = tuple(CancelledLine(line=line, quantity=quantity) for line, quantity in lines)
        asked = Cancel(
            platform=border.cast.platform.did,
            order="O1",
            cancellation="C1",
            cancelled_at_ms=border.scene.time_ms,
            lines=gone,
        )
        border.scene.accepts(asked, by=border.cast.platform)

    @pytest.mark.parametrize("before", [(120,), (120, 300), (120, 500, 399)])
    @pytest.mark.parametrize("gone,line,listed,left", [(((2, 1),), 2, 3, 2), (((1, 2), (2, 3)), 1, 2, 0)])
    def test_what_was_cancelled_since_is_not_released(self, border, import_trade, before, gone, line, listed, left):
        trade = declared(border, import_trade())
        border.answers(trade, *before)
        self.cancels(border, *gone)
        told = {"order": "O1", "list_no": "L1", "line": line, "declared": listed, "left": left}
        border.refuses_answer(Refused.ORDER_CHANGED, border.answer("import_list", *trade.key, 800), **told)
        assert border.scene.find(BILLS, *trade.key) is None
        border.answers(trade, 100)
        assert quota(border, "free") == YEARLY_FEN

    def test_what_is_left_is_declared_again_and_released(self, border, import_trade):
        trade = declared(border, import_trade())
        border.answers(trade, 120)
        self.cancels(border, (2, 3))
        border.refuses_answer(Refused.ORDER_CHANGED, border.answer("import_list", *trade.key, 800), line=2, left=0)
        border.answers(trade, 100)
        trade.declare = replace(trade.declare, list_no="L2", lines=trade.declare.lines[:1])
        border.declares(trade)
        border.answers(trade, 120, 800)
        assert quota(border, "consumed") == 32_000

    def test_nor_is_an_export(self, border, export_trade):
        trade = declared(border, export_trade())
        self.cancels(border, (1, 1))
        border.answers(trade, 120, 399)
        told = {"line": 1, "declared": 6, "left": 5}
        border.refuses_answer(Refused.ORDER_CHANGED, border.answer("export_list", *trade.key, 800), **told)
        border.answers(trade, 100)

    def test_what_was_cancelled_before_is_not_in_the_list_and_what_comes_after_release_is_a_return(
        self, border, export_trade
    ):
        trade = export_trade()
        border.stands(trade)
        self.cancels(border, (1, 2))
        line = replace(trade.declare.lines[0], quantity=4, total_minor=1_356)
        trade.declare = replace(trade.declare, lines=(line,))
        border.declares(trade)
        border.answers(trade, 120, 800)
        again = Cancel(
            platform=border.cast.platform.did,
            order="O1",
            cancellation="C2",
            cancelled_at_ms=border.scene.time_ms,
            lines=(CancelledLine(line=1, quantity=4),),
        )
        border.scene.accepts(again, by=border.cast.platform)
        border.answers(trade, 899)


class TestWhatMayBeAnswered:
    @pytest.mark.parametrize("subject", ["order", "payment", "waybill", "delivery", "import_list", "export_list"])
    def test_it_must_be_on_record(self, border, cast, subject):
        told = {"subject": subject, "party": cast.broker.did, "number": "X"}
        border.refuses_answer(Refused.SUBJECT_UNKNOWN, border.answer(subject, cast.broker.did, "X", 120), **told)

    def test_only_customs_answers(self, border, cast, import_trade):
        trade = declared(border, import_trade())
        asked = border.answer("import_list", *trade.key, 120, customs=cast.broker.did)
        border.scene.refuses(Identity.ROLE_MISSING, asked, by=cast.broker, role="customs")

    def test_an_older_answer_does_not_turn_it_back(self, border, import_trade):
        trade = declared(border, import_trade())
        border.answers(trade, 2)
        late = border.answer("import_list", *trade.key, 3, answered_at_ms=border.scene.time_ms)
        border.refuses_answer(Refused.ANSWER_OLD, late, latest=2, latest_ms=border.scene.time_ms + 1)

    def test_nor_does_one_from_the_future(self, border, import_trade):
        trade = declared(border, import_trade())
        edge = border.scene.time_ms + CLOCK_TOLERANCE_MS
        asked = border.answer("import_list", *trade.key, 3, answered_at_ms=edge + 1)
        border.refuses_answer(Refused.STATED_IN_FUTURE, asked, time_ms=border.scene.time_ms)

    def test_a_code_that_the_message_does_not_carry(self, border, cast, import_trade):
        declared(border, import_trade())
        asked = border.answer("payment", cast.institution.did, "P1", 800)
        told = {"receipt": "CEB412", "answered": 800, "allowed": [2, 3, 4, 100, 120]}
        border.refuses_answer(Refused.CODE_NOT_OF_MESSAGE, asked, **told)

    @pytest.mark.parametrize("code", [0, 505, 600, 700, 501])
    def test_an_export_list_does_not_carry_what_only_import_lists_do(self, border, export_trade, code):
        trade = declared(border, export_trade())
        asked = border.answer("export_list", *trade.key, code)
        border.refuses_answer(Refused.CODE_NOT_OF_MESSAGE, asked, answered=code)

    @pytest.mark.parametrize(
        "before,code", [((), 800), ((3,), 300), ((120,), 120), ((120, 800), 100), ((120, 800, 899), 3), ((100,), 120)]
    )
    def test_a_code_that_cannot_follow(self, border, import_trade, before, code):
        trade = declared(border, import_trade())
        border.answers(trade, *before)
        told = {"answered": code, "after": before[-1] if before else None}
        border.refuses_answer(Refused.CODE_CANNOT_FOLLOW, border.answer("import_list", *trade.key, code), **told)

    def test_a_list_must_be_on_record_for_those_who_ask_for_it(self, border, ledger, export_trade):
        with pytest.raises(Refusal) as no:
            state.list_on_record(ledger, "export_list", "x", "L1")
        assert no.value.code == Refused.LIST_UNKNOWN
        with pytest.raises(Refusal):
            state.list_on_record(ledger, "import_list", "x", "L1")


class TestNumbers:
    @pytest.mark.parametrize("pre_no", ["", "B2026030200000001", "X20260302000000001", "B20261302000000001"])
    def test_acceptance_comes_with_the_pre_number(self, border, export_trade, pre_no):
        trade = declared(border, export_trade())
        asked = border.answer("export_list", *trade.key, 120, pre_no=pre_no)
        border.refuses_answer(Refused.NUMBER_FORMAT, asked, field="pre_no", value=pre_no)

    @pytest.mark.parametrize("invt_no", ["", "29252026E000000001", "2925202I000000001", "29252026I0000000012"])
    def test_release_comes_with_the_list_number(self, border, import_trade, invt_no):
        trade = declared(border, import_trade())
        border.answers(trade, 120)
        asked = border.answer("import_list", *trade.key, 800, invt_no=invt_no)
        border.refuses_answer(Refused.NUMBER_FORMAT, asked, field="invt_no", value=invt_no)

    def test_a_number_given_earlier_need_not_be_repeated_and_does_not_change(self, border, import_trade):
        trade = declared(border, import_trade())
        border.answers(trade, 120, invt_no="29252026I000000077")
        other = border.answer("import_list", *trade.key, 800, invt_no="29252026I000000078")
        told = {"field": "invt_no", "on_record": "29252026I000000077"}
        border.refuses_answer(Refused.NUMBER_CONFLICT, other, **told)
        border.answers(trade, 800, invt_no="")
        assert border.scene.find(BILLS, *trade.key).invt_no == "29252026I000000077"

    @pytest.mark.parametrize("field, number", [("pre_no", "B20260302000000077"), ("invt_no", "29252026I000000077")])
    def test_no_two_lists_are_given_one_number(self, border, import_trade, field, number):
        first, second = (declared(border, import_trade(one)) for one in ("1", "2"))
        border.answers(first, 120, **{field: number})
        again = border.answer("import_list", *second.key, 120, **{field: number})
        told = {"field": field, "value": number, "subject": "import_list", "list_no": "L1"}
        border.refuses_answer(Refused.NUMBER_TAKEN, again, **told)
        border.answers(second, 120)

    def test_a_number_is_the_lists_also_when_another_is_released_under_it(self, border, import_trade):
        for number in ("1", "2"):
            border.answers(declared(border, import_trade(number)), 120)
        border.answers(import_trade("1"), 800, invt_no="29252026I000000077")
        again = border.answer("import_list", *import_trade("2").key, 800, invt_no="29252026I000000077")
        border.refuses_answer(Refused.NUMBER_TAKEN, again, field="invt_no", list_no="L1")

    def test_a_number_of_a_rejected_list_stays_that_lists(self, border, export_trade):
        first, second = (declared(border, export_trade(one)) for one in ("1", "2"))
        border.answers(first, 100, pre_no="B20260302000000077")
        again = border.answer("export_list", *second.key, 120, pre_no="B20260302000000077")
        border.refuses_answer(Refused.NUMBER_TAKEN, again, field="pre_no", list_no="L1")

    def test_a_list_may_say_its_own_number_again(self, border, export_trade):
        trade = declared(border, export_trade())
        border.answers(trade, 3, 120, pre_no="B20260302000000077")
        border.answers(trade, 300, pre_no="B20260302000000077")
        assert border.scene.find(NUMBERED, "B20260302000000077").list_no == trade.declare.list_no


class TestReceiptTable:
    def test_every_code_of_every_receipt_has_a_phase_that_the_life_cycle_knows(self):
        for table in (receipts.LIST_MAY_FOLLOW, receipts.DOCUMENT_MAY_FOLLOW):
            assert {phase for following in table.values() for phase in following} <= set(receipts.PHASES.values())
        codes = {code for allowed in receipts.CODES.values() for code in allowed}
        assert codes == set(receipts.PHASES)

    def test_every_code_of_a_receipt_can_be_reached(self):
        for receipt, codes in receipts.CODES.items():
            table = receipts.LIST_MAY_FOLLOW if receipt in ("CEB622", "CEB604") else receipts.DOCUMENT_MAY_FOLLOW
            reached, waiting = set(), [""]
            while waiting:
                following = {phase for phase in table[waiting.pop()] if phase in map(receipts.phase_of, codes)}
                waiting += sorted(following - reached)
                reached |= following
            assert {receipts.phase_of(code) for code in codes} == reached

    def test_a_rejected_message_is_sent_again_but_a_rejected_list_is_not(self):
        assert receipts.phase_after("CEB412", 120, 100) == "accepted"
        with pytest.raises(Refusal):
            receipts.phase_after("CEB622", 120, -621004)


def test_every_refusal_of_customs_is_shown():
    here = Path(__file__)
    files = (here, here.with_name("test_declare.py"))
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    shown = set(re.findall(r"refuses\w*\(\s*Refused\.([A-Z_]+)", source))
    assert shown | {"LIST_UNKNOWN"} == {refusal.name for refusal in Refused}
    assert set(rules.module.rules) == set(rules.module.messages)
