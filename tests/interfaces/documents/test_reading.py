"""From XML back to messages: what another system tells equals what stands on the record, or is named."""

from decimal import Decimal

import msgspec
import pytest

from sogdia.domains.identity.state import PARTIES
from sogdia.interfaces.documents import Directory, Given, documents, read_messages
from sogdia.interfaces.intake import parts
from sogdia.standards.ceb import BaseTransfer, Document, Node, XmlRefused, build, example, parse
from tests.interfaces.documents.scene import SECRET, Border

EXPORT_READERS = ("institution", "carrier", "broker")


def directory(border: Border) -> Directory:
    found = [PARTIES.get(border.machine.state, actor.did) for actor in border.actors.values()]
    return Directory(party for party in found if party is not None)


def xml_of(border, trade, number, persons=None) -> bytes:
    made = documents(border.seen_by(), border.did("platform"), trade.draft.order, persons)
    return next(one.xml for one in made if f"CEB{number}" in one.name)


def read_one(border, xml, given=Given()):
    read = [one for one in read_messages(xml, directory(border), given) if one.node is not None]
    assert len(read) == 1
    return read[0]


def on_record(border, table, *key):
    record = border.seen_by().lookup([(table, *key)])[0]
    assert record is not None
    return record


def agrees(message, record, *, but=()) -> None:
    """Every field that message and record share is the same in both."""
    said = msgspec.to_builtins(message)
    shared = [name for name in said if name in record and name not in but]
    assert len(shared) > 3
    assert {name: said[name] for name in shared} == msgspec.to_builtins({name: record[name] for name in shared})


def changed(xml: bytes, line: int | None = None, **values) -> bytes:
    """The same message with other values in its head, or in a line of it."""
    document = parse(xml)
    node = document.nodes[0]
    lines = tuple({**one, **values} if place == line else one for place, one in enumerate(node.lines, 1))
    head = node.head if line else {k: v for k, v in {**node.head, **values}.items() if v is not None}
    return build(msgspec.structs.replace(document, nodes=(Node(head, lines),)))


class TestRoundTrip:
    def test_an_export_order_comes_back_as_it_stands(self, border):
        trade = border.declared(border.trade("export"))
        readers = tuple(border.did(key) for key in EXPORT_READERS)
        read = read_one(border, xml_of(border, trade, 303), Given(ship_to="FR", shared_with=readers))
        assert read.problems == ()
        assert read.message.institution is None
        record = on_record(border, "orders.order", border.did("platform"), trade.draft.order)
        agrees(read.message, record, but=("persons", "sealed", "evidence", "institution"))

    def test_an_export_waybill_comes_back_with_what_505_does_not_tell_said_beside_it(self, border):
        trade = border.declared(border.trade("export"))
        given = Given(platform=border.did("platform"), order=trade.draft.order, ship_to="FR")
        read = read_one(border, xml_of(border, trade, 505), given)
        record = on_record(border, "logistics.waybill", border.did("carrier"), f"WB-{trade.draft.order}")
        persons = ("consignee", "consignee_telephone", "consignee_address", "shared_with")
        agrees(read.message, record, but=persons)

    def test_an_export_list_comes_back_whole_with_the_digits_that_were_stated(self, border):
        trade = border.declared(border.trade("export"))
        read = read_one(border, xml_of(border, trade, 603))
        assert read.problems == ()
        agrees(read.message, border.list_record(trade)[1])
        assert [line.hs_code for line in read.message.lines] == ["940550", "6912001000"]

    def test_a_foreign_platform_is_found_by_its_name(self, border):
        trade = border.declared(border.trade("export"), platform="abroad")
        made = documents(border.seen_by(), border.did("abroad"), trade.draft.order)
        assert read_one(border, made[2].xml).message.platform == border.did("abroad")

    def test_an_import_order_comes_back_with_persons_and_the_same_commitments(self, border):
        trade = border.declared(border.trade("import"))
        readers = tuple(border.did(key) for key in EXPORT_READERS)
        given = Given(ship_from="FR", secret=SECRET, shared_with=readers)
        read = read_one(border, xml_of(border, trade, 311, trade.persons), given)
        assert read.persons == trade.persons
        record = on_record(border, "orders.order", border.did("platform"), trade.draft.order)
        assert read.problems == ()
        assert read.message.institution == border.did("institution")
        agrees(read.message, record, but=("sealed", "evidence"))

    def test_an_import_order_names_its_payment_institution_before_anything_is_paid(self, border):
        trade = border.trade("import")
        border.accepts("platform", parts.order(trade, border.parties(), "FR", None))
        read = read_one(border, xml_of(border, trade, 311, trade.persons), Given(ship_from="FR", secret=SECRET))
        assert read.problems == ()
        assert read.message.institution == border.did("institution")

    def test_an_import_payment_comes_back(self, border):
        trade = border.declared(border.trade("import"))
        read = read_one(border, xml_of(border, trade, 411, trade.persons), Given(secret=SECRET))
        record = on_record(border, "payments.payment", border.did("institution"), f"PAY-{trade.draft.order}")
        agrees(read.message, record, but=("shared_with",))
        assert set(read.persons) == {"buyer_name", "buyer_id_number", "buyer_telephone"}

    def test_an_import_waybill_and_its_delivery_come_back(self, border):
        trade = border.closed(border.trade("import"))
        given = Given(platform=border.did("platform"), secret=SECRET)
        record = on_record(border, "logistics.waybill", border.did("carrier"), f"WB-{trade.draft.order}")
        waybill = read_one(border, xml_of(border, trade, 511, trade.persons), given)
        agrees(waybill.message, record, but=("shared_with", "status"))
        delivery = read_one(border, xml_of(border, trade, 513))
        assert delivery.message.status == record["status"] == "delivered"
        assert delivery.message.reported_at_ms == record["status_at_ms"] // 1000 * 1000

    def test_an_import_list_comes_back_and_the_rules_take_it(self, border):
        trade = border.declared(border.trade("import"))
        read = read_one(border, xml_of(border, trade, 621, trade.persons), Given(secret=SECRET))
        agrees(read.message, border.list_record(trade)[1])
        border.accepts("customs", border.answer(*border.list_of(trade), 100))
        border.accepts("broker", msgspec.structs.replace(read.message, list_no="SG-AGAIN"))


class TestWhatIsUnfit:
    @pytest.fixture
    def listed(self, border) -> bytes:
        return xml_of(border, border.declared(border.trade("export")), 603)

    def problems(self, border, xml, given=Given()):
        read = read_one(border, xml, given)
        assert read.message is None
        return [(one.code, one.element) for one in read.problems]

    def test_an_unknown_country_code(self, border, listed):
        assert ("code_unknown", "country") in self.problems(border, changed(listed, country="998"))

    def test_a_place_that_iso_has_no_code_for(self, border, listed):
        assert ("code_unknown", "country") in self.problems(border, changed(listed, country="207"))

    def test_an_unknown_party(self, border, listed):
        assert ("party_not_registered", "ebcCode") in self.problems(border, changed(listed, ebcCode="9999999999"))

    def test_an_unknown_unit_in_a_line(self, border, listed):
        read = read_one(border, changed(listed, line=2, unit="999"))
        found = next(one for one in read.problems if one.code == "code_unknown")
        assert found.place == "CEB603 node 1 line 2 unit"
        assert "999" in found.explain("zh")

    def test_an_amount_finer_than_its_currency(self, border, listed):
        xml = changed(listed, line=1, totalPrice=Decimal("20.345"))
        assert ("unreadable", "totalPrice") in self.problems(border, xml)

    def test_half_a_lantern(self, border, listed):
        assert ("unreadable", "qty") in self.problems(border, changed(listed, line=1, qty=Decimal("5.5")))

    def test_a_weight_finer_than_a_gram(self, border, listed):
        assert ("unreadable", "grossWeight") in self.problems(border, changed(listed, grossWeight=Decimal("3.10351")))

    def test_freight_that_is_a_rate_and_no_total(self, border, listed):
        assert ("unreadable", "fFlag") in self.problems(border, changed(listed, fFlag="1"))

    def test_a_missing_value_is_named_by_the_format_and_by_us(self, border, listed):
        found = self.problems(border, changed(listed, orderNo=None))
        assert ("missing", "orderNo") in found
        assert ("absent", "orderNo") in found

    def test_a_time_that_is_none(self, border, listed):
        assert ("unreadable", "appTime") in self.problems(border, changed(listed, appTime="20260231120000"))

    def test_a_value_that_the_record_has_no_room_for(self, border, listed):
        assert ("unfit", "") in self.problems(border, changed(listed, customsCode="29-5"))

    def test_a_message_that_does_not_tell_enough(self, border):
        trade = border.declared(border.trade("export"))
        found = self.problems(border, xml_of(border, trade, 505))
        assert found == [("not_in_message", field) for field in ("platform", "order", "ship_to")]

    def test_persons_without_a_secret_make_no_message(self, border):
        trade = border.declared(border.trade("import"))
        xml = xml_of(border, trade, 621, trade.persons)
        assert self.problems(border, xml) == [("secret_needed", "buyerName")]

    def test_a_payment_institution_that_is_not_on_record(self, border):
        trade = border.declared(border.trade("import"))
        xml = changed(xml_of(border, trade, 311, trade.persons), payCode="9999999999")
        found = self.problems(border, xml, Given(ship_from="FR", secret=SECRET))
        assert found == [("party_not_registered", "payCode")]

    def test_an_import_order_without_payment_institution_is_read_and_says_that_the_match_needs_one(self, border):
        trade = border.declared(border.trade("import"))
        xml = changed(xml_of(border, trade, 311, trade.persons), payCode=None, payName=None, payTransactionId=None)
        read = read_one(border, xml, Given(ship_from="FR", secret=SECRET))
        assert read.message.institution is None
        assert [(one.code, one.place) for one in read.problems] == [("institution_needed", "CEB311 node 1 payCode")]
        assert "will not match" in read.problems[0].explain()
        assert "支付企业" in read.problems[0].explain("zh")

    def test_lines_that_are_not_numbered_through(self, border):
        trade = border.declared(border.trade("export"))
        xml = changed(xml_of(border, trade, 303), line=2, gnum=3)
        assert self.problems(border, xml, Given(ship_to="FR")) == [("unreadable", "gnum")]

    def test_a_receipt_becomes_no_message_of_a_party(self, border):
        read = read_messages(build(example(604)), directory(border))
        assert [(one.node, one.problems[0].code) for one in read] == [(None, "no_message_for")]

    def test_a_bad_node_never_costs_a_good_one(self, border, listed):
        document = parse(listed)
        bad = Node({**document.nodes[0].head, "country": "998", "copNo": "OTHER"}, document.nodes[0].lines)
        both = build(msgspec.structs.replace(document, nodes=(bad, document.nodes[0])))
        read = [one for one in read_messages(both, directory(border)) if one.node is not None]
        assert [one.message is None for one in read] == [True, False]

    def test_several_parties_with_one_code_are_told_apart_by_name_or_not_at_all(self, border, listed):
        parties = [PARTIES.get(border.machine.state, actor.did) for actor in border.actors.values()]
        twin = msgspec.structs.replace(parties[2], did="did:bid:sogd:twin")
        named = Directory([*parties, msgspec.structs.replace(twin, name="Twin")])
        assert read_messages(listed, named)[-1].message is not None
        found = read_messages(listed, Directory([*parties, twin]))[-1].problems
        assert [one.code for one in found if one.element == "ebcCode"] == ["party_ambiguous"]

    def test_what_is_read_is_never_shown_in_full(self, border):
        trade = border.declared(border.trade("import"))
        read = read_one(border, xml_of(border, trade, 311, trade.persons), Given(ship_from="FR", secret=SECRET))
        assert "Wang" not in repr(read)


class TestHostileBytes:
    @pytest.mark.parametrize(
        "xml",
        [
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
            b"<CEB603Message/>",
            b"not XML at all",
            b"\xff\xfe<\x00a\x00>\x00",
            b'<CEB999Message xmlns="http://www.chinaport.gov.cn/ceb"/>',
        ],
    )
    def test_they_are_refused_before_anything_is_read(self, border, xml):
        with pytest.raises(XmlRefused):
            read_messages(xml, directory(border))

    def test_an_empty_message_gives_its_problems_and_nothing_else(self, border):
        empty = build(Document(603, "X", (), BaseTransfer("1", "a", "DXP1")))
        read = read_messages(empty, directory(border))
        assert [one.node for one in read] == [None]
        assert "no_nodes" in [one.code for one in read[0].problems]
