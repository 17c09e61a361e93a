"""Customs' receipts as answers: the true gateway's bytes lead to the same standing as our authority's."""

import msgspec
import pytest

from sogdia.domains.customs.messages import Refused
from sogdia.interfaces.authority.persons import pseudonym
from sogdia.interfaces.documents import documents, read_answers
from sogdia.standards.ceb import Node, XmlRefused, build, example, parse
from tests.interfaces.documents.scene import PERSON, Border
from tests.interfaces.documents.test_reading import directory


def receipts(border, trade) -> dict[int, bytes]:
    made = documents(border.seen_by(), border.did("platform"), trade.draft.order, trade.persons)
    return {int(one.name[6:9]): one.xml for one in made if one.xml}


def answer_of(border, xml, **how):
    read = [one for one in read_answers(xml, directory(border), border.did("customs"), **how) if one.node]
    assert len(read) == 1
    return read[0]


def with_head(xml: bytes, **values) -> bytes:
    document = parse(xml)
    head = {name: value for name, value in {**document.nodes[0].head, **values}.items() if value is not None}
    return build(msgspec.structs.replace(document, nodes=(Node(head, document.nodes[0].lines),)))


class TestTheRoadOfTheTrueGateway:
    @pytest.mark.parametrize("direction", ["export", "import"])
    def test_each_receipt_leads_a_second_record_to_the_same_standing(self, border, direction):
        trade = border.closed(border.trade(direction))
        twin = Border()
        twin.declared(twin.trade(direction))
        said = receipts(border, trade)
        order = [number for number in (304, 506, 312, 412, 512) if number in said]
        for number in order:
            answer = answer_of(twin, said[number]).answer
            twin.accepts("customs", answer)
        keys = [("customs.standing", *subject) for subject in border.subjects(trade)]
        assert twin.seen_by().lookup(keys) == border.seen_by().lookup(keys)
        assert None not in twin.seen_by().lookup(keys)

    def test_a_list_goes_from_acceptance_to_release_by_receipts_alone(self, border):
        trade = border.closed(border.trade("import"))
        final = receipts(border, trade)[622]
        twin = Border()
        twin.declared(twin.trade("import"))
        for code in ("120", "300", "399", "800"):
            xml = with_head(
                final, returnStatus=code, invtNo=None if code != "800" else parse(final).nodes[0].head["invtNo"]
            )
            read = answer_of(twin, xml, person_of=lambda broker, list_no: PERSON)
            assert read.problems == ()
            twin.accepts("customs", read.answer)
        key = [("customs.standing", *border.list_of(trade)), ("tax.bill", *border.list_of(trade)[1:])]
        standing, bill = twin.seen_by().lookup(key)
        assert (standing["phase"], bill["invt_no"]) == ("released", standing["invt_no"])

    def test_an_export_list_is_released_and_closed_by_604(self, border):
        trade = border.closed(border.trade("export"))
        final = receipts(border, trade)[604]
        twin = Border()
        twin.declared(twin.trade("export"))
        for code in ("120", "800", "899"):
            twin.accepts("customs", answer_of(twin, with_head(final, returnStatus=code)).answer)
        assert twin.seen_by().lookup([("customs.standing", *border.list_of(trade))])[0]["phase"] == "closed"

    def test_a_delivery_is_answered_by_514(self, border):
        trade = border.closed(border.trade("import"))
        answer = answer_of(border, receipts(border, trade)[514]).answer
        assert (answer.subject, answer.code) == ("delivery", 120)

    def test_an_error_code_rejects(self, border):
        trade = border.declared(border.trade("import"))
        xml = build(example(622))
        head = {
            "agentCode": "91330782MA28DEMO0X",
            "copNo": border.list_of(trade)[2],
            "returnStatus": "-621018",
            "returnTime": "20260302130000001",
            "invtNo": None,
        }
        border.accepts("customs", answer_of(border, with_head(xml, **head)).answer)
        assert border.seen_by().lookup([("customs.standing", *border.list_of(trade))])[0]["phase"] == "rejected"

    def test_a_code_that_cannot_follow_is_the_rules_to_refuse(self, border):
        trade = border.closed(border.trade("export"))
        xml = with_head(receipts(border, trade)[604], returnStatus="300")
        assert border.send("customs", answer_of(border, xml).answer).code == Refused.CODE_CANNOT_FOLLOW


class TestWhatIsUnfit:
    def test_accepting_an_import_list_needs_a_pseudonym(self, border):
        trade = border.closed(border.trade("import"))
        xml = with_head(receipts(border, trade)[622], returnStatus="120")
        read = answer_of(border, xml)
        assert [one.code for one in read.problems] == ["person_needed"]
        assert border.list_of(trade)[2] in read.problems[0].explain()
        assert read.answer is None

    def test_the_pseudonym_is_keyed(self):
        assert pseudonym(b"a" * 32, "2026", "99999919000101001X") != pseudonym(b"b" * 32, "2026", "99999919000101001X")
        assert len(pseudonym(b"a" * 32, "2026", "99999919000101001X")) == 64

    def test_one_person_has_one_pseudonym_a_year_however_the_number_is_typed(self):
        typed = {pseudonym(b"a" * 32, "2026", text) for text in ("99999919000101001X", "99999919000101001x ")}
        assert len(typed) == 1
        assert pseudonym(b"a" * 32, "2027", "99999919000101001X") not in typed

    def test_a_receipt_that_does_not_name_the_broker_needs_it_said(self, border):
        trade = border.closed(border.trade("export"))
        xml = with_head(receipts(border, trade)[604], agentCode=None)
        assert [one.code for one in answer_of(border, xml).problems] == ["absent"]
        assert answer_of(border, xml, broker=border.did("broker")).answer.party == border.did("broker")

    def test_a_status_that_is_no_number(self, border):
        trade = border.closed(border.trade("export"))
        read = answer_of(border, with_head(receipts(border, trade)[304], returnStatus="fine"))
        assert read.answer is None
        assert ("unreadable", "returnStatus") in [(one.code, one.element) for one in read.problems]

    def test_a_code_that_this_receipt_cannot_carry_is_named(self, border):
        trade = border.closed(border.trade("export"))
        read = answer_of(border, with_head(receipts(border, trade)[304], returnStatus="800"))
        assert "status_not_permitted" in [one.code for one in read.problems]

    def test_an_order_is_no_answer(self, border):
        read = read_answers(build(example(303)), directory(border), border.did("customs"))
        assert [(one.answer, one.problems[0].code) for one in read] == [(None, "no_message_for")]

    def test_hostile_bytes_are_refused(self, border):
        with pytest.raises(XmlRefused):
            read_answers(b"<!DOCTYPE a><a/>", directory(border), border.did("customs"))
