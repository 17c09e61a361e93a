"""What is written is read back the same, for every message of the table."""

import doctest
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sogdia.standards import ceb
from sogdia.standards.ceb import MESSAGES, BuildRefused, Document, Extension, build, example, parse, validate
from tests.standards.ceb.strategies import documents

NUMBERS = sorted(MESSAGES)
OF_THE_WHOLE = {"condition_missing", "condition_value", "repeated_gnum"}


@pytest.mark.parametrize("number", NUMBERS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_message_is_read_back_as_it_was_written(number: int, data: st.DataObject) -> None:
    document = data.draw(documents(number))
    again = parse(build(document))
    assert again == document
    found = validate(document)
    assert {problem.code for problem in found} <= OF_THE_WHOLE
    assert validate(again) == found


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("full", [False, True], ids=["mandatory only", "every element"])
def test_the_example_of_every_message_is_without_problems(number: int, full: bool) -> None:
    document = example(number, lines=3, nodes=2, full=full)
    assert validate(document) == []
    assert parse(build(document)) == document


def test_elements_stand_in_the_order_of_the_table_whatever_the_order_of_the_dict() -> None:
    document = example(621)
    head = dict(reversed(document.nodes[0].head.items()))
    turned = Document(621, document.guid, (type(document.nodes[0])(head, document.nodes[0].lines),), document.transfer)
    assert build(turned) == build(document)
    names = [etree.QName(child).localname for child in etree.fromstring(build(document))[0][0]]
    assert names == [field.name for field in MESSAGES[621].head if field.name in head]


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Decimal("1E+2"), "100"),
        (Decimal("1.50"), "1.50"),
        (Decimal("0.00001"), "0.00001"),
        (Decimal("1E-5"), "0.00001"),
        (Decimal("-0"), "0"),
        (Decimal("1.2345600000"), "1.23456"),
        (Decimal("99999999999999.99999"), "99999999999999.99999"),
        (7, "7"),
    ],
)
def test_an_amount_is_written_without_exponent_and_with_at_most_five_decimals(amount: Decimal, written: str) -> None:
    document = example(311)
    document.nodes[0].head["goodsValue"] = amount
    assert f"<ceb:goodsValue>{written}</ceb:goodsValue>".encode() in build(document)
    assert parse(build(document)).nodes[0].head["goodsValue"] == amount


@pytest.mark.parametrize(
    ("element", "value", "code"),
    [
        ("goodsValue", Decimal("0.000001"), "too_many_decimals"),
        ("goodsValue", Decimal("1E+14"), "too_many_digits"),
        ("goodsValue", Decimal("1E+999999"), "too_many_digits"),
        ("goodsValue", Decimal("NaN"), "not_a_number"),
        ("goodsValue", Decimal("Infinity"), "not_a_number"),
        ("goodsValue", "100", "not_a_number"),
        ("goodsValue", 1.5, "wrong_type"),
        ("goodsValue", True, "wrong_type"),
        ("buyerName", 7, "wrong_type"),
        ("buyerName", "a\x00b", "illegal_character"),
        ("buyerName", "a\ud800b", "illegal_character"),
        ("consigneeDitrict", "990099", "unknown_element"),
    ],
)
def test_what_no_xml_of_the_message_could_carry_is_not_built(element: str, value: object, code: str) -> None:
    document = example(311)
    document.nodes[0].head[element] = value  # type: ignore[assignment]
    with pytest.raises(BuildRefused) as refused:
        build(document)
    assert refused.value.code == code
    assert refused.value.fields["element"] == element


def test_lines_are_refused_where_a_message_has_none() -> None:
    node = type(example(411).nodes[0])(example(411).nodes[0].head, ({"gnum": 1},))
    with pytest.raises(BuildRefused, match="no lines"):
        build(Document(411, "", (node,)))


def test_a_number_outside_the_table_is_refused_by_name() -> None:
    with pytest.raises(BuildRefused, match="CEB999"):
        build(Document(999, "", ()))
    assert [problem.code for problem in validate(Document(999, "", ()))] == ["no_message"]


def test_a_control_character_in_the_extension_is_refused() -> None:
    document = Document(312, "", example(312).nodes, extension=Extension("a", "1", "\x01"))
    with pytest.raises(BuildRefused, match="character"):
        build(document)


def test_an_empty_element_counts_as_absent() -> None:
    xml = build(example(311)).replace(b"<ceb:consignee>", b"<ceb:batchNumbers/><ceb:consignee>")
    document = parse(xml)
    assert "batchNumbers" not in document.nodes[0].head
    assert validate(document) == []


def test_a_message_may_use_any_prefix_or_none() -> None:
    xml = build(example(621))
    assert parse(xml.replace(b"ceb:", b"customs:").replace(b"xmlns:ceb", b"xmlns:customs")) == example(621)
    assert parse(xml.replace(b"xmlns:ceb", b"xmlns").replace(b"ceb:", b"")) == example(621)


def test_the_example_of_the_package_runs() -> None:
    results = doctest.testmod(ceb)
    assert results.attempted > 3
    assert results.failed == 0
