"""Documents of whole trades: which, in which order, without a problem; and what is said when something is missing."""

from datetime import UTC, datetime

import msgspec
import pytest

from sogdia.domains.orders.messages import Cancel, CancelledLine
from sogdia.interfaces.documents import Made, OrderUnknown, Terms, documents, open_persons
from sogdia.interfaces.documents.shortfalls import Shortfall
from sogdia.interfaces.intake import parts
from sogdia.standards.ceb import parse, validate, verify
from tests.interfaces.documents.scene import GOODS, NOON_MS, SECRET, Border


def numbers(made: list[Made]) -> list[int]:
    return [int(one.name[6:9]) for one in made]


def head(made: list[Made], number: int) -> dict:
    return next(parse(one.xml).nodes[0].head for one in made if f"CEB{number}" in one.name)


def codes(made: list[Made], number: int) -> list[tuple[str, str]]:
    return [(p.code, p.element) for one in made if f"CEB{number}" in one.name for p in one.problems]


class TestExport:
    def test_a_closed_export_gives_order_waybill_and_list_each_with_customs_receipt(self, border, stamp):
        trade = border.closed(border.trade("export"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, sign_with=stamp)
        assert numbers(made) == [303, 304, 505, 506, 603, 604]
        assert [one.problems for one in made] == [[]] * 6
        assert [validate(one.xml) for one in made] == [[]] * 6

    def test_it_needs_no_personal_value_and_shows_none(self, border, stamp):
        trade = border.closed(border.trade("export"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, sign_with=stamp)
        whole = b"".join(one.xml for one in made).decode()
        assert not [value for value in trade.persons.values() if value in whole]

    def test_what_is_sent_is_signed_and_what_customs_sends_is_not(self, border, stamp):
        trade = border.closed(border.trade("export"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, sign_with=stamp)
        at = datetime(2026, 3, 2, tzinfo=UTC)
        sent = [one for one in made if int(one.name[6:9]) in (303, 505, 603)]
        assert all(verify(one.xml, [stamp.certificate], at=at) for one in sent)
        assert all(parse(one.xml).signed == (one in sent) for one in made)

    def test_without_a_signature_the_list_is_a_draft_and_still_without_problems(self, border):
        trade = border.declared(border.trade("export"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        assert numbers(made) == [303, 505, 603]
        assert [one.problems for one in made] == [[]] * 3
        assert [head(made, number)["appStatus"] for number in (303, 505, 603)] == ["2", "2", "1"]

    def test_amounts_weights_times_and_codes_are_customs_own(self, border):
        trade = border.declared(border.trade("export"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        order, listed = head(made, 303), head(made, 603)
        assert (str(order["goodsValue"]), str(order["freight"]), order["currency"]) == ("33.09", "5.00", "300")
        assert order["appTime"] == "20260302120000"
        assert (listed["country"], listed["POD"], listed["fCurrency"]) == ("305", "305", "300")
        assert str(listed["netWeight"]) == "2.820"
        assert (listed["agentCode"], listed["ebcCode"]) == ("91330782MA28DEMO0X", "3307960002")

    def test_a_short_hs_code_is_filled_up_and_the_line_says_so(self, border):
        trade = border.declared(border.trade("export"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        lines = parse(made[-1].xml).nodes[0].lines
        assert [line["gcode"] for line in lines] == ["9405500000", "6912001000"]
        assert "stated to 6 digits" in lines[0]["note"]
        assert "note" not in lines[1]

    def test_guids_stay_the_same_and_are_each_message_s_own(self, border):
        trade = border.declared(border.trade("export"))
        first, second = (documents(border.seen_by(), border.did("platform"), trade.draft.order) for _ in range(2))
        assert [one.xml for one in first] == [one.xml for one in second]
        guids = [parse(one.xml).guid for one in first]
        assert len(set(guids)) == 3
        assert all(guid == guid.upper() for guid in guids)

    def test_a_foreign_platform_without_a_customs_code_has_the_word_for_none(self, border):
        trade = border.declared(border.trade("export"), platform="abroad")
        made = documents(border.seen_by(), border.did("abroad"), trade.draft.order)
        assert [one.problems for one in made] == [[]] * 3
        assert (head(made, 303)["ebpCode"], head(made, 303)["ebpName"]) == ("无", "Bazaar of Marseille")

    def test_the_broker_makes_its_list_from_what_it_may_see(self, border, stamp):
        trade = border.closed(border.trade("export"))
        made = documents(border.seen_by("broker"), border.did("platform"), trade.draft.order, sign_with=stamp)
        assert numbers(made) == [303, 304, 505, 506, 603, 604]
        assert [one.problems for one in made] == [[]] * 6

    def test_an_order_notes_on_its_lines_what_was_cancelled(self, border):
        trade = border.declared(border.trade("export"))
        cancelled = Cancel(
            platform=border.did("platform"),
            order=trade.draft.order,
            cancellation="C-1",
            cancelled_at_ms=NOON_MS,
            lines=(CancelledLine(line=1, quantity=2),),
        )
        border.accepts("platform", cancelled)
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        assert made[0].problems == []
        assert [line.get("note") for line in parse(made[0].xml).nodes[0].lines] == ["2 of 6 cancelled", None]

    def test_receipts_may_be_left_out_and_terms_be_given(self, border):
        trade = border.closed(border.trade("export"))
        terms = Terms(dxp_id="DXPENT0000000001", wrap_type="4")
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, receipts=False, terms=terms)
        assert numbers(made) == [303, 505, 603]
        document = parse(made[2].xml)
        assert document.transfer is not None
        assert (document.transfer.dxp_id, document.nodes[0].head["wrapType"]) == ("DXPENT0000000001", "4")


class TestImport:
    def test_a_closed_import_gives_everything_up_to_its_tax_bill(self, border, stamp):
        trade = border.closed(border.trade("import"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, trade.persons, stamp)
        assert numbers(made) == [311, 312, 411, 412, 511, 512, 621, 622, 513, 514, 816]
        assert [one.problems for one in made] == [[]] * 11
        assert [one.name[:2] for one in made] == [f"{place:02d}" for place in range(1, 12)]

    def test_an_order_names_its_payment_institution_and_the_payment_once_that_one_has_attested_it(self, border):
        trade = border.trade("import")
        asked = border.seen_by(), border.did("platform"), trade.draft.order, trade.persons
        border.accepts("platform", parts.order(trade, border.parties(), "FR", None))
        before = head(documents(*asked), 311)
        assert (before["payCode"], before["payName"]) == ("3307960003", "Zhejiang Payment Institution")
        assert "payTransactionId" not in before
        border.accepts("institution", parts.payment(trade, border.parties()))
        assert head(documents(*asked), 311) == {**before, "payTransactionId": "PAY-A-1"}

    def test_what_another_institution_attests_of_the_order_stands_in_no_document(self, border):
        trade = border.trade("import")
        asked = border.seen_by(), border.did("platform"), trade.draft.order, trade.persons
        other = msgspec.structs.replace(border.parties(), institution=border.did("other_institution"))
        border.accepts("platform", parts.order(trade, border.parties(), "FR", None))
        before = documents(*asked)
        border.accepts("other_institution", parts.payment(trade, other))
        assert documents(*asked) == before
        assert codes(before, 411) == [("not_on_record", "import payment")]

    def test_an_order_that_names_no_payment_institution_tells_none(self, border):
        trade = border.trade("import")
        unnamed = msgspec.structs.replace(parts.order(trade, border.parties(), "FR", None), institution=None)
        border.accepts("platform", unnamed)
        border.accepts("institution", parts.payment(trade, border.parties()))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, trade.persons)
        assert made[0].problems == []
        assert not [element for element in head(made, 311) if element.startswith("pay")]
        assert codes(made, 411) == [("not_on_record", "import payment")]

    def test_the_tax_bill_is_that_of_the_record_to_the_fen(self, border, stamp):
        trade = border.closed(border.trade("import"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, trade.persons, stamp)
        _, broker, list_no = border.list_of(trade)
        bill = border.seen_by().lookup([("tax.bill", broker, list_no)])[0]
        told = head(made, 816)
        assert int(told["valueAddedTax"] * 100) == bill["vat_fen"] > 0
        assert int(told["consumptionTax"] * 100) == bill["consumption_fen"] > 0
        assert told["invtNo"] == bill["invt_no"]
        assert "certainty: memory" in told["note"]

    def test_persons_open_from_the_envelope_of_the_one_who_asks(self, border, stamp):
        trade = border.closed(border.trade("import"))
        broker, order = border.actors["broker"], (border.did("platform"), trade.draft.order)
        seen = border.seen_by("broker")
        record = seen.lookup([("orders.order", *order)])[0]
        persons, secret = open_persons(seen, record, broker.did, broker.agreement)
        made = documents(seen, *order, persons, stamp, secret=secret)
        assert head(made, 621)["buyerName"] == "Wang Wei"
        assert all(not one.problems for one in made if "CEB621" in one.name)

    def test_who_is_no_recipient_opens_nothing(self, border):
        trade = border.declared(border.trade("import"))
        carrier = border.actors["carrier"]
        record = border.seen_by().lookup([("orders.order", border.did("platform"), trade.draft.order)])[0]
        assert open_persons(border.seen_by("carrier"), record, carrier.did, carrier.agreement) == ({}, None)

    def test_bonded_goods_name_their_account_book_and_leave_from_china(self, border, stamp):
        trade = border.trade("import")
        border.declared(trade, bonded=True)
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, trade.persons, stamp)
        assert [one.problems for one in made] == [[]] * 4
        listed = head(made, 621)
        assert (listed["tradeMode"], listed["emsNo"], listed["country"]) == ("1210", "T2925W000001", "142")
        assert [line["itemRecordNo"] for line in parse(made[3].xml).nodes[0].lines] == ["1", "2"]

    def test_a_payer_s_telephone_is_told_where_it_is_known_and_not_missed_where_it_is_not(self, border):
        trade = border.declared(border.trade("import"))
        asked = border.seen_by(), border.did("platform"), trade.draft.order
        known = documents(*asked, trade.persons)[1]
        assert parse(known.xml).nodes[0].head["telephone"] == "19900000000"
        some = {name: value for name, value in trade.persons.items() if name != "buyer_telephone"}
        assert documents(*asked, some)[1].problems == []

    def test_without_persons_four_messages_are_not_made_and_each_value_has_its_holder(self, border):
        trade = border.declared(border.trade("import"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        assert [bool(one.xml) for one in made] == [False] * 4
        assert ("person_not_given", "buyerIdNumber") in codes(made, 621)
        payer = next(p for p in made[1].problems if p.element == "payerName")
        assert "Zhejiang Payment Institution" in payer.explain()
        assert "浙" not in payer.explain("zh")
        assert "持有" in payer.explain("zh")

    def test_a_person_that_the_record_does_not_commit_to_is_never_written(self, border):
        trade = border.declared(border.trade("import"))
        other = {**trade.persons, "buyer_id_number": "99999919000101002X"}
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, other, secret=SECRET)
        assert codes(made, 621) == [("person_differs", "buyerIdNumber")]
        assert codes(made, 411) == [("person_differs", "payerIdNumber")]
        assert codes(made, 511) == []
        assert "99999919000101002X" not in "".join(p.explain() for one in made for p in one.problems)

    def test_a_person_whom_nobody_told_is_named_as_such(self, border):
        trade = border.trade("import")
        del trade.persons["buyer_account"]
        border.accepts("platform", parts.order(trade, border.parties(), "FR", None))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, trade.persons)
        assert codes(made, 311) == [("person_not_told", "buyerRegNo")]


class TestWhatIsMissing:
    def test_an_order_alone_names_the_three_messages_that_are_to_come(self, border):
        trade = border.trade("import")
        border.accepts("platform", parts.order(trade, border.parties(), "FR", None))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order, trade.persons)
        assert numbers(made) == [311, 411, 511, 621]
        assert [codes(made, number) for number in (411, 511, 621)] == [
            [("not_on_record", "import payment")],
            [("not_on_record", "import waybill")],
            [("not_on_record", "import list")],
        ]

    def test_an_export_that_nobody_declared_says_so(self, border):
        trade = border.trade("export")
        border.accepts("platform", parts.order(trade, border.parties(), "CN", None))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        assert numbers(made) == [303, 505, 603]
        assert codes(made, 505) == [("not_on_record", "export waybill")]
        assert codes(made, 603) == [("not_on_record", "export list")]

    def test_an_order_that_stays_at_home_has_no_documents(self, border):
        trade = border.trade("export", country="CN")
        border.accepts("platform", parts.order(trade, border.parties(), "CN", None))
        assert documents(border.seen_by(), border.did("platform"), trade.draft.order) == []

    def test_a_currency_that_is_not_in_customs_table_is_named(self, border):
        trade = border.declared(border.trade("export", currency="XCD"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        assert ("code_unknown", "currency") in codes(made, 303)
        said = next(p for p in made[0].problems if p.element == "currency").explain()
        assert "XCD" in said
        assert "currencies.csv" in said

    def test_a_country_that_is_not_in_customs_table_is_named(self, border):
        trade = border.declared(border.trade("export", country="AQ"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        assert codes(made, 603) == [("code_unknown", "country")]
        assert [bool(one.xml) for one in made] == [True, True, False]

    def test_a_registration_too_long_for_customs_is_named_and_never_cut(self, border):
        trade = border.trade("export")
        parties = border.parties()
        border.accepts("platform", parts.order(trade, parties, "CN", None))
        waybill = parts.waybill(trade, parties, parts.gross_weight_grams(trade.draft, GOODS))
        border.accepts("winding", type(waybill)(**{**_fields(waybill), "carrier": border.did("winding")}))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        assert ("party_code_too_long", "logisticsCode") in codes(made, 505)
        assert "unified social credit code" in made[1].problems[0].explain()

    def test_a_receipt_waits_for_the_number_that_it_cannot_be_without(self, border):
        trade = border.declared(border.trade("export"))
        border.accepts("customs", border.answer(*border.list_of(trade), 120))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        assert codes(made, 604) == [("number_not_given", "invtNo")]

    def test_an_unknown_order_is_said_to_be_unknown(self, border):
        with pytest.raises(OrderUnknown, match="Z-9"):
            documents(border.seen_by(), border.did("platform"), "Z-9")

    def test_who_may_not_see_the_order_gets_nothing(self, border):
        trade = border.declared(border.trade("export"))
        with pytest.raises(OrderUnknown):
            documents(border.seen_by("abroad"), border.did("platform"), trade.draft.order)

    def test_every_shortfall_has_words_in_both_languages(self, border: Border):
        trade = border.declared(border.trade("import"))
        made = documents(border.seen_by(), border.did("platform"), trade.draft.order)
        found = [p for one in made for p in one.problems if isinstance(p, Shortfall)]
        assert found
        assert all(p.explain("en") != p.explain("zh") and p.place in p.explain("en") for p in found)


def _fields(message) -> dict:
    return {name: getattr(message, name) for name in message.__struct_fields__}
