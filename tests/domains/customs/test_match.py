"""Every point on which the parties of a trade disagree is named, all at once, by rule and by party.

The rules are R1 to R9 of customs' interface (CEB 202205), and ours F1, C1 and W1; see rules/match.py.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sogdia.domains.catalog.state import Product
from sogdia.domains.customs.rules import match
from sogdia.domains.customs.rules.match import ExportTrade, ImportTrade, Point, disagreements
from sogdia.domains.logistics.state import Waybill
from sogdia.domains.orders.messages import OrderLine
from sogdia.domains.orders.state import Order
from sogdia.domains.payments.state import Payment

OTHER = "e0" * 32


def of_import(trade):
    return disagreements(match.of_import(trade))


def of_export(trade):
    return disagreements(match.of_export(trade))


def product(line):
    fields = (line.sku, line.name, line.hs_code, "stated", line.origin, line.unit, 100, None, None, ())
    return Product("did:bid:sogd:seller", *fields)


def record(kind, message, **more):
    """A record as the domain makes it of its message."""
    given = {name: getattr(message, name) for name in kind.__struct_fields__ if hasattr(message, name)}
    return kind(**given | more)


@pytest.fixture
def agreeing(import_trade):
    trade = import_trade()
    return ImportTrade(
        record(Order, trade.place),
        record(Payment, trade.attest),
        record(Waybill, trade.waybill, status="issued", status_at_ms=0),
        trade.declare,
        {line.sku: product(line) for line in trade.declare.lines},
        {},
    )


@pytest.fixture
def exported(export_trade):
    trade = export_trade()
    waybill = record(Waybill, trade.waybill, status="issued", status_at_ms=0)
    products = {line.sku: product(line) for line in trade.declare.lines}
    return ExportTrade(record(Order, trade.place), waybill, trade.declare, products, {})


def told(found):
    return sorted((one.rule, one.field) for one in found)


def changed(trade, part, **fields):
    """The trade with some fields of one part changed; `line` is the list's first line, `product` its product."""
    if part == "line":
        line = replace(trade.declared.lines[0], **fields)
        return replace(trade, declared=replace(trade.declared, lines=(line, *trade.declared.lines[1:])))
    if part == "product":
        sku = trade.order.lines[0].sku
        return replace(trade, products={**trade.products, sku: replace(trade.products[sku], **fields)})
    if part == "persons":
        return replace(trade, order=replace(trade.order, persons=replace(trade.order.persons, **fields)))
    return replace(trade, **{part: replace(getattr(trade, part), **fields)})


def test_an_agreeing_import_has_no_disagreement(agreeing):
    assert of_import(agreeing) == []


def test_an_agreeing_export_has_no_disagreement(exported):
    assert of_export(exported) == []


IMPORT = [
    ("R1", "order", {"paid_minor": 1}, {("R1", "order.paid_minor"), ("R2", "amount_minor")}),
    ("R1", "order", {"tax_minor": 1}, {("R1", "order.paid_minor")}),
    ("R1", "order", {"discount_minor": 1}, {("R1", "order.paid_minor")}),
    ("R1", "order", {"rounding_minor": 1}, {("R1", "order.paid_minor")}),
    ("R2", "payment", {"amount_minor": 1}, {("R2", "amount_minor")}),
    ("R2", "payment", {"order": "O2"}, {("R2", "payment.order")}),
    ("R2", "payment", {"platform": "x"}, {("R2", "payment.platform")}),
    ("R3", "waybill", {"consignee": OTHER}, {("R3", "consignee")}),
    ("R3", "waybill", {"consignee_telephone": OTHER}, {("R3", "consignee_telephone")}),
    ("R3", "waybill", {"consignee_telephone": None}, {("R3", "consignee_telephone")}),
    ("R3", "waybill", {"consignee_address": OTHER}, {("R3", "consignee_address")}),
    ("R3", "declared", {"consignee_address": OTHER}, {("R3", "consignee_address")}),
    ("R3", "persons", {"consignee": None}, {("R3", "consignee")}),
    ("R4", "line", {"sku": "SOAP"}, {("R4", "lines[1].sku")}),
    ("R4", "line", {"name": "Paint"}, {("R4", "lines[1].name")}),
    ("R4", "line", {"quantity": 3}, {("R4", "lines[1].quantity")}),
    ("R4", "line", {"price_e5": 1}, {("R4", "lines[1].price_e5")}),
    ("R4", "line", {"total_minor": 1}, {("R4", "lines[1].total_minor")}),
    ("R4", "line", {"hs_code": "3304910000"}, {("R4", "lines[1].hs_code")}),
    ("R4", "line", {"origin": "IT"}, {("R4", "lines[1].origin")}),
    ("R4", "line", {"unit": "011"}, {("R4", "lines[1].unit")}),
    ("R4", "line", {"legal_unit": "007"}, {("R4", "lines[1].legal_quantity_e5")}),
    ("R4", "line", {"line": 9}, {("R4", "lines[9]"), ("R4", "lines[1]")}),
    ("R4", "product", {"hs_code": "33050000"}, {("R4", "lines[1].hs_code")}),
    ("R5", "declared", {"platform": "x"}, {("R5", "platform")}),
    ("R5", "declared", {"order": "O2"}, {("R5", "order")}),
    ("R5", "declared", {"seller": "x"}, {("R5", "seller")}),
    ("R5", "declared", {"carrier": "x"}, {("R5", "carrier")}),
    ("R5", "declared", {"waybill": "W2"}, {("R5", "waybill")}),
    ("R5", "waybill", {"order": "O2"}, {("R5", "waybill.order")}),
    ("R5", "waybill", {"platform": "x"}, {("R5", "waybill.platform")}),
    ("R6", "declared", {"currency": "EUR"}, {("R6", "currency")}),
    ("R6", "payment", {"currency": "EUR"}, {("R6", "currency")}),
    ("R6", "waybill", {"currency": "EUR"}, {("R6", "currency")}),
    ("R6", "order", {"currency": "EUR"}, {("R6", "currency")}),
    ("R6", "declared", {"packages": 2}, {("R6", "packages")}),
    ("R6", "waybill", {"packages": 2}, {("R6", "packages")}),
    ("R7", "declared", {"assurer": "y"}, {("R7", "assurer")}),
    ("R8", "order", {"goods_minor": 1}, {("R8", "order.goods_minor"), ("R1", "order.paid_minor")}),
    ("R2", "order", {"institution": None}, {("R2", "institution")}),
    ("R2", "order", {"institution": "x"}, {("R2", "institution")}),
    ("R2", "payment", {"institution": "y"}, {("R2", "institution")}),
    ("R9", "payment", {"payer_name": OTHER}, {("R9", "buyer_name")}),
    ("R9", "payment", {"payer_id_number": None}, {("R9", "buyer_id_number")}),
    ("R9", "declared", {"buyer_name": OTHER}, {("R9", "buyer_name")}),
    ("R9", "declared", {"buyer_id_number": OTHER}, {("R9", "buyer_id_number")}),
    ("R9", "declared", {"buyer_telephone": OTHER}, {("R9", "buyer_telephone")}),
    ("F1", "declared", {"freight_minor": 1}, {("F1", "freight_minor")}),
    ("F1", "declared", {"insured_minor": 1}, {("F1", "freight_minor")}),
    ("C1", "declared", {"country": "DE"}, {("C1", "country")}),
    ("C1", "order", {"ship_to": "HK"}, {("C1", "ship_to")}),
    ("C1", "waybill", {"ship_to": "HK"}, {("C1", "ship_to")}),
    ("W1", "declared", {"gross_weight_grams": 1}, {("W1", "gross_weight_grams")}),
    ("W1", "declared", {"net_weight_grams": 701}, {("W1", "net_weight_grams")}),
]


@pytest.mark.parametrize("rule,part,fields,expected", IMPORT, ids=[f"{r}-{p}-{next(iter(f))}" for r, p, f, _ in IMPORT])
def test_one_field_of_an_import_changed_is_that_disagreement(agreeing, rule, part, fields, expected):
    assert told(of_import(changed(agreeing, part, **fields))) == sorted(expected)
    assert rule in {one for one, _ in expected}


def test_each_rule_is_broken_alone():
    assert {case[0] for case in IMPORT} == {*(f"R{number}" for number in range(1, 10)), "F1", "C1", "W1"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=st.lists(st.sampled_from([case for case in IMPORT if len(case[3]) == 1]), min_size=2, max_size=8))
def test_several_broken_together_are_all_named(agreeing, cases):
    by_field = {
        (part, name): (part, {name: value}, expected)
        for _, part, fields, expected in cases
        for name, value in fields.items()
    }
    trade, expected = agreeing, set()
    for part, fields, named in by_field.values():
        trade = changed(trade, part, **fields)
        expected |= named
    made_up_for = {("R1", "order.paid_minor"), ("R4", "lines[1].legal_quantity_e5"), ("F1", "freight_minor")}
    assert expected - made_up_for <= set(told(of_import(trade)))  # two changes of one sum may cancel out


def test_a_line_that_is_declared_twice(agreeing):
    lines = (agreeing.declared.lines[0], agreeing.declared.lines[0])
    found = of_import(replace(agreeing, declared=replace(agreeing.declared, lines=lines)))
    assert [(one.field, one.values) for one in found] == [
        ("lines[1]", {"platform": "once", "broker": "more than once"}),
        ("lines[2]", {"platform": "SOAP", "broker": None}),
    ]


class TestWhoSaysWhat:
    def test_each_partys_value_stands_under_its_role(self, agreeing):
        (found,) = of_import(changed(agreeing, "payment", amount_minor=1))
        said = {"platform": 54_000, "payment_institution": 1}
        assert found == Point("amount_minor", "R2", said)

    def test_personal_values_are_told_apart_by_the_beginning_of_their_commitments(self, agreeing):
        (found,) = of_import(changed(agreeing, "waybill", consignee_address=OTHER))
        address = agreeing.order.persons.consignee_address[:12]
        assert found.values == {"platform": address, "broker": address, "carrier": OTHER[:12]}

    def test_a_payment_that_nobody_attested(self, agreeing):
        (found,) = of_import(replace(agreeing, payment=None))
        assert found == Point("payment", "R2", {"platform": 54_000, "payment_institution": None})

    def test_an_order_that_names_no_payment_institution(self, agreeing):
        order = replace(agreeing.order, institution=None)
        (found,) = of_import(replace(agreeing, order=order, payment=None))
        assert found == Point("institution", "R2", {"platform": None})

    def test_a_waybill_that_nobody_issued(self, agreeing):
        (found,) = of_import(replace(agreeing, waybill=None))
        assert found == Point("waybill", "R5", {"broker": "W1", "carrier": None})

    def test_a_product_that_is_in_no_catalogue(self, agreeing):
        found = of_import(replace(agreeing, products={}))
        assert [one.values for one in found] == [
            {"seller": None, "broker": "MAKEUP"},
            {"seller": None, "broker": "SOAP"},
        ]

    def test_messages_that_customs_rejected(self, agreeing):
        found = of_import(replace(agreeing, rejected={"order": 100, "payment": -301010}))
        assert [(one.field, one.rule, one.values) for one in found] == [
            ("order", "R5", {"customs": 100}),
            ("payment", "R5", {"customs": -301010}),
        ]

    def test_an_order_whose_own_sums_are_wrong(self, agreeing):
        lines = (replace(agreeing.order.lines[0], total_minor=1), *agreeing.order.lines[1:])
        found = of_import(replace(agreeing, order=replace(agreeing.order, lines=lines)))
        assert ("R8", "order.lines[1].total_minor") in told(found)
        assert ("R8", "order.goods_minor") in told(found)


EXPORT = [
    ("line", {"quantity": 5}, ("R4", "lines[1].quantity")),
    ("line", {"name": "Lamp"}, ("R4", "lines[1].name")),
    ("line", {"origin": "VN"}, ("R4", "lines[1].origin")),
    ("line", {"hs_code": "9406500000"}, ("R4", "lines[1].hs_code")),
    ("declared", {"country": "DE"}, ("C1", "country")),
    ("waybill", {"ship_to": "DE"}, ("C1", "country")),
    ("declared", {"currency": "USD"}, ("R6", "currency")),
    ("declared", {"packages": 2}, ("R6", "packages")),
    ("declared", {"seller": "x"}, ("R5", "seller")),
    ("declared", {"waybill": "W2"}, ("R5", "waybill")),
    ("waybill", {"order": "O2"}, ("R5", "waybill.order")),
    ("declared", {"gross_weight_grams": 2_901}, ("W1", "gross_weight_grams")),
    ("declared", {"net_weight_grams": 2_901}, ("W1", "net_weight_grams")),
    ("order", {"discount_minor": 1}, ("R1", "order.paid_minor")),
]


class TestExport:
    @pytest.mark.parametrize("part,fields,expected", EXPORT, ids=[f"{p}-{next(iter(f))}" for p, f, _ in EXPORT])
    def test_one_field_changed_is_that_disagreement(self, exported, part, fields, expected):
        assert told(of_export(changed(exported, part, **fields))) == [expected]

    def test_without_a_waybill_nothing_passes(self, exported):
        assert told(of_export(replace(exported, waybill=None))) == [("R5", "waybill")]

    def test_a_simplified_list_needs_only_four_digits_of_the_code_to_be_right(self, exported):
        other = changed(exported, "line", hs_code="9405410000")
        assert of_export(other) == []
        full = changed(other, "declared", statistics="B")
        assert told(of_export(full)) == [("R4", "lines[1].hs_code")]

    def test_who_gets_the_parcel_is_not_part_of_an_export_list(self, exported):
        assert of_export(changed(exported, "waybill", consignee=OTHER, consignee_address=None)) == []


class TestWhatIsLeft:
    def cancelled(self, trade, *gone):
        return replace(trade, order=replace(trade.order, cancelled=gone))

    def test_a_list_declares_what_was_not_cancelled(self, agreeing):
        trade = self.cancelled(agreeing, 1, 0)
        assert told(of_import(trade)) == [("R4", "lines[1].quantity"), ("R4", "lines[1].total_minor")]
        assert of_import(changed(trade, "line", quantity=1, total_minor=15_000)) == []

    def test_a_line_that_is_wholly_cancelled_is_left_out(self, agreeing):
        trade = self.cancelled(agreeing, 2, 0)
        assert told(of_import(trade)) == [("R4", "lines[1].quantity"), ("R4", "lines[1].total_minor")]
        lines = trade.declared.lines[1:]
        assert of_import(replace(trade, declared=replace(trade.declared, lines=lines))) == []

    def test_a_line_of_which_something_is_left_is_not(self, agreeing):
        lines = agreeing.declared.lines[1:]
        found = of_import(replace(agreeing, declared=replace(agreeing.declared, lines=lines)))
        assert found == [Point("lines[1]", "R4", {"platform": "MAKEUP", "broker": None})]

    @given(total=st.integers(0, 10**6), quantity=st.integers(1, 50), gone=st.data())
    def test_what_is_left_and_what_was_cancelled_make_up_the_line(self, total, quantity, gone):
        less = gone.draw(st.integers(0, quantity))
        line = OrderLine(sku="x", name="x", quantity=quantity, price_e5=1, total_minor=total)
        left, value = match._left(line, less)
        assert left == quantity - less
        assert value + (2 * total * less + quantity) // (2 * quantity) == total
        assert 0 <= value <= total
