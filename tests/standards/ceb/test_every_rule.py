"""Each field of the table has its rule broken once, and the problem names the place, the value and the way out."""

from decimal import Decimal

import pytest

from sogdia.standards.ceb import MESSAGES, Document, Field, Message, Node, Problem, build, example, parse, validate
from sogdia.standards.ceb.fields import BASE_TRANSFER, PDF_MISPRINTS

HEADS = [(message, field) for message in MESSAGES.values() for field in message.head]
LINES = [(message, field) for message in MESSAGES.values() for field in message.lines]
PLACES = [(message, field, "head") for message, field in HEADS] + [(message, field, "line") for message, field in LINES]


def named(case: object) -> str | None:
    if isinstance(case, Message):
        return str(case.number)
    return case.name if isinstance(case, Field) else None


def places(kind: str = "", **wanted: bool) -> pytest.MarkDecorator:
    """The (message, field, place) of the table that have a kind and, by name, required, choices or format."""
    chosen = [
        case
        for case in PLACES
        if (not kind or case[1].kind == kind) and all(bool(getattr(case[1], name)) == w for name, w in wanted.items())
    ]
    return pytest.mark.parametrize(("message", "field", "place"), chosen, ids=named)


def with_value(message: Message, field: Field, place: str, value: object) -> Document:
    """The full example with one value changed; None takes it away."""
    document = example(message.number, lines=2, full=True)
    record = document.nodes[0].head if place == "head" else document.nodes[0].lines[1]
    record[field.name] = value  # type: ignore[assignment]
    if value is None:
        del record[field.name]
    return document


def of_field(problems: list[Problem], field: Field) -> Problem:
    """The one problem of this field (a changed tradeMode or gnum may wake other rules too)."""
    (found,) = [problem for problem in problems if problem.element == field.name]
    return found


def check(message: Message, field: Field, place: str, value: object, code: str) -> Problem:
    found = of_field(validate(with_value(message, field, place, value)), field)
    assert found.code == code
    assert (found.message_number, found.node) == (message.number, 1)
    if place == "head":
        assert found.line is None
    elif field.name != "gnum":
        assert found.line == 2
    assert found.rule
    assert found.remedy
    assert field.name in found.explain("zh")
    return found


@places(required=True)
def test_a_mandatory_element_that_is_absent_is_named(message: Message, field: Field, place: str) -> None:
    found = check(message, field, place, None, "missing")
    assert found.expected == field.type
    assert found.certainty == field.certainty


@places(required=True)
def test_a_mandatory_element_that_is_blank_counts_as_absent(message: Message, field: Field, place: str) -> None:
    check(message, field, place, " ", "missing")


@places(required=False)
def test_an_optional_element_may_be_absent(message: Message, field: Field, place: str) -> None:
    problems = validate(with_value(message, field, place, None))
    assert {problem.code for problem in problems if problem.element == field.name} <= {"condition_missing"}


@places(kind="text")
def test_a_text_longer_than_its_type_is_named(message: Message, field: Field, place: str) -> None:
    check(message, field, place, "元" * (field.maximum + 1), "too_long")


@pytest.mark.parametrize(("message", "field", "place"), [case for case in PLACES if case[1].minimum > 1], ids=named)
def test_a_text_shorter_than_its_type_is_named(message: Message, field: Field, place: str) -> None:
    check(message, field, place, "1" * (field.minimum - 1), "too_short")


@places(kind="text", choices=False, format=False)
def test_a_text_of_full_length_counts_characters_not_bytes(message: Message, field: Field, place: str) -> None:
    problems = validate(with_value(message, field, place, "元" * field.maximum))
    assert [problem for problem in problems if problem.element == field.name and problem.layer == "schema"] == []


@places(kind="decimal")
def test_an_amount_that_is_no_number_is_named(message: Message, field: Field, place: str) -> None:
    for value in ("1e3", "1,000.00", "NaN", "0x10", "１２", "--1", "1.2.3"):
        assert check(message, field, place, value, "not_a_number").value == value


@places(kind="decimal")
def test_an_amount_holds_fourteen_digits_and_five_decimals(message: Message, field: Field, place: str) -> None:
    assert validate(with_value(message, field, place, Decimal("99999999999999.99999"))) == []
    check(message, field, place, Decimal(10**14), "too_many_digits")
    check(message, field, place, Decimal("0.000001"), "too_many_decimals")


@places(kind="decimal")
def test_an_amount_below_zero_is_named_as_a_derived_business_rule(message: Message, field: Field, place: str) -> None:
    found = check(message, field, place, Decimal("-0.01"), "negative")
    assert (found.layer, found.certainty) == ("business", "derived")


@places(kind="integer")
def test_a_count_that_is_no_integer_is_named(message: Message, field: Field, place: str) -> None:
    check(message, field, place, "1.5", "not_a_number")
    check(message, field, place, Decimal("1.5"), "wrong_type")
    check(message, field, place, 10**field.maximum, "too_many_digits")


@places(choices=True)
def test_a_value_outside_its_list_is_named_as_a_business_rule(message: Message, field: Field, place: str) -> None:
    value: object = 6000 if field.kind == "integer" else "9" * max(field.minimum, 1)
    found = check(message, field, place, value, "not_allowed")
    assert found.layer == "business"
    assert found.expected == " / ".join(field.choices)


@places(format=True)
def test_a_value_in_another_format_is_named(message: Message, field: Field, place: str) -> None:
    found = check(message, field, place, "x" * max(field.minimum, 1), "bad_format")
    assert found.layer == "business"


@places()
def test_a_doubled_element_is_named_and_the_first_is_kept(message: Message, field: Field, place: str) -> None:
    document = example(message.number, lines=2, full=True)
    xml = build(document)
    tag = f"</ceb:{field.name}>".encode()
    head, closing, tail = xml.rpartition(tag)
    if place == "head" and message.lines:
        limit = xml.index(f"<ceb:{message.line_element}>".encode())
        head, closing, tail = xml[:limit].rpartition(tag)
        tail += xml[limit:]
    doubled = parse(head + closing + f"<ceb:{field.name}>second</ceb:{field.name}>".encode() + tail)
    (found,) = doubled.findings
    assert (found.code, found.element, found.value, found.node) == ("duplicate_element", field.name, "second", 1)
    assert found.line == (2 if place == "line" else None)
    assert doubled.nodes == document.nodes


ORDERED = [message for message in MESSAGES.values() if message.ordered]


@pytest.mark.parametrize("message", ORDERED, ids=named)
def test_an_element_out_of_order_is_named(message: Message) -> None:
    first, second = (f"<ceb:{field.name}>".encode() for field in message.head[:2])
    xml = build(example(message.number))
    begin, middle = xml.index(first), xml.index(second)
    end = xml.index(b"<ceb:", middle + 1)
    swapped = xml[:begin] + xml[middle:end] + xml[begin:middle] + xml[end:]
    (found,) = parse(swapped).findings
    assert (found.code, found.element, found.expected) == ("out_of_order", message.head[0].name, message.head[1].name)


@pytest.mark.parametrize("message", [each for each in MESSAGES.values() if not each.ordered], ids=named)
def test_the_order_inside_a_receipt_is_not_judged_because_nobody_read_it(message: Message) -> None:
    document = example(message.number)
    xml = build(document)
    fields = list(document.nodes[0].head)
    first, last = f"<ceb:{fields[0]}>".encode(), f"<ceb:{fields[1]}>".encode()
    begin, middle = xml.index(first), xml.index(last)
    end = xml.index(b"<ceb:", middle + 1)
    assert parse(xml[:begin] + xml[middle:end] + xml[begin:middle] + xml[end:]) == document


@pytest.mark.parametrize("message", MESSAGES.values(), ids=named)
def test_an_unknown_element_is_named_in_a_document_and_in_bytes(message: Message) -> None:
    document = example(message.number)
    xml = build(document).replace(b"</ceb:guid>", b"</ceb:guid><ceb:colour>red</ceb:colour>")
    document.nodes[0].head["colour"] = "red"
    in_bytes = validate(xml, to_send=False)
    for found in (*validate(document), *in_bytes):
        assert (found.code, found.element, found.value) == ("unknown_element", "colour", "red")


@pytest.mark.parametrize(("misprint", "name"), PDF_MISPRINTS.items())
def test_a_misprint_of_the_pdf_is_told_apart_from_other_unknown_elements(misprint: str, name: str) -> None:
    document = example(311)
    document.nodes[0].head[misprint] = "x"
    (found,) = validate(document)
    assert (found.code, found.expected) == ("misprinted_element", name)
    assert name in found.remedy


@pytest.mark.parametrize("field", BASE_TRANSFER, ids=named)
def test_the_sender_part_of_the_envelope_has_its_rules_too(field: Field) -> None:
    xml = build(example(311))
    tag = f"<ceb:{field.name}>".encode()
    begin = xml.index(b"<ceb:BaseTransfer>")
    if field.required:
        at = xml.index(tag, begin) + len(tag)
        xml = xml[:at] + b"x" * (field.maximum + 1) + xml[xml.index(b"<", at) :]
        (found,) = validate(xml)
        assert (found.code, found.element, found.node) == ("too_long", field.name, None)


def test_all_problems_come_at_once_each_with_its_own_place() -> None:
    document = example(621, lines=3, nodes=2)
    document.nodes[0].head["ebpCode"] = "x" * 19
    document.nodes[1].head.pop("orderNo")
    document.nodes[1].lines[2]["qty1"] = "many"
    assert [(found.code, found.place) for found in validate(document)] == [
        ("too_long", "CEB621 node 1 ebpCode"),
        ("missing", "CEB621 node 2 orderNo"),
        ("not_a_number", "CEB621 node 2 line 3 qty1"),
    ]


def test_a_problem_is_explained_in_english_and_in_chinese() -> None:
    document = example(311)
    document.nodes[0].head["currency"] = "840"
    (found,) = validate(document)
    assert found.explain() == (
        "CEB311 node 1 currency: currency may be 142, not 840. Choose one of the permitted values."
    )
    assert found.explain("zh") == "CEB311 node 1 currency: currency 只能为 142，实际为 840。 请选择允许的值。"


def test_braces_and_great_length_in_a_value_do_no_harm_to_the_words() -> None:
    document = example(311)
    document.nodes[0].head["unit{value}"] = "{element}" * 100
    (found,) = validate(document)
    assert len(found.value) == 80
    assert "{element}{element}" in found.rule


def test_a_value_has_no_attributes_and_no_elements_inside() -> None:
    xml = (
        build(example(311))
        .replace(b"<ceb:orderNo>", b'<ceb:orderNo lang="zh"><ceb:b/>')
        .replace(b"INVENTED-ORDER-1", b"")
    )
    codes = {(found.code, found.element) for found in parse(xml).findings}
    assert codes == {("unknown_attribute", "orderNo"), ("nested_element", "orderNo")}


def test_a_node_holds_one_head_before_its_lines() -> None:
    xml = build(example(311))
    begin, end = xml.index(b"<ceb:OrderHead>"), xml.index(b"<ceb:OrderList>")
    close = xml.index(b"</ceb:Order>")
    head = xml[begin:end]
    late = parse(xml[:begin] + xml[end:close] + head + xml[close:])
    assert [found.code for found in late.findings] == ["out_of_order"]
    twice = parse(xml[:end] + head + xml[end:])
    assert [(found.code, found.element) for found in twice.findings] == [("duplicate_element", "OrderHead")]
    assert twice.nodes == example(311).nodes
    stray = parse(xml.replace(b"</ceb:Order>", b"<ceb:OrderTail/></ceb:Order>"))
    assert [(found.code, found.element) for found in stray.findings] == [("unknown_element", "OrderTail")]


def test_a_node_without_head_misses_every_mandatory_element() -> None:
    problems = validate(
        Document(311, example(311).guid, (Node({}, example(311).nodes[0].lines),), example(311).transfer)
    )
    assert [problem.element for problem in problems] == [field.name for field in MESSAGES[311].head if field.required]
