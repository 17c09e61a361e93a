"""Rules between elements, limits of a message, receipts, and the places where the PDF and the XSD disagree."""

from decimal import Decimal

import msgspec
import pytest

from sogdia.standards.ceb import (
    ERROR_NAMES,
    MESSAGES,
    PERMITTED,
    STATUS_NAMES,
    BaseSubscribe,
    Document,
    Field,
    answers,
    build,
    example,
    meaning,
    parse,
    permits,
    validate,
)
from sogdia.standards.ceb.examples import invented_id_number
from sogdia.standards.ceb.words import WORDS


def codes(document: Document | bytes) -> list[tuple[str, str]]:
    return [(problem.code, problem.element) for problem in validate(document)]


def field_of(number: int, name: str, place: str = "head") -> Field:
    (found,) = [each for each in getattr(MESSAGES[number], place) if each.name == name]
    assert isinstance(found, Field)
    return found


BONDED = {"tradeMode": "1210", "emsNo": "H99001", "areaCode": "9900990009", "areaName": "Invented zone"}


def bonded_list() -> Document:
    document = example(621, lines=2)
    document.nodes[0].head.update(BONDED)
    for line in document.nodes[0].lines:
        line["itemRecordNo"] = "1"
    return document


def test_a_bonded_import_list_with_its_account_book_is_in_order() -> None:
    assert codes(bonded_list()) == []


@pytest.mark.parametrize("name", ["emsNo", "areaCode", "areaName"])
def test_a_bonded_import_list_needs_its_account_book_and_its_zone(name: str) -> None:
    document = bonded_list()
    del document.nodes[0].head[name]
    (found,) = validate(document)
    assert (found.code, found.element, found.expected) == ("condition_missing", name, "tradeMode = 1210")
    assert found.layer == "business"


def test_every_line_of_a_bonded_import_list_needs_its_record_number() -> None:
    document = bonded_list()
    document.nodes[0].lines[1]["itemRecordNo"] = " "
    (found,) = validate(document)
    assert (found.code, found.element, found.line) == ("condition_missing", "itemRecordNo", 2)


def test_bonded_goods_set_out_from_china() -> None:
    document = bonded_list()
    document.nodes[0].head["country"] = "502"
    (found,) = validate(document)
    assert (found.code, found.element, found.value) == ("condition_value", "country", "502")


@pytest.mark.parametrize("name", ["trafNo", "voyageNo", "billNo"])
def test_a_direct_mail_import_list_names_its_conveyance(name: str) -> None:
    document = example(621)
    del document.nodes[0].head[name]
    assert codes(document) == [("condition_missing", name)]


@pytest.mark.parametrize("name", ["iacCode", "iacName", "emsNo"])
def test_a_bonded_export_list_names_the_firm_in_the_zone_and_its_book(name: str) -> None:
    document = example(603)
    document.nodes[0].head.update({"tradeMode": "1210", "iacCode": "1", "iacName": "Invented", "emsNo": "H1"})
    assert codes(document) == []
    del document.nodes[0].head[name]
    assert codes(document) == [("condition_missing", name)]


@pytest.mark.parametrize("number", [311, 621])
def test_an_import_message_holds_99_lines_and_no_more(number: int) -> None:
    assert codes(example(number, lines=99)) == []
    (found,) = validate(example(number, lines=100))
    assert (found.code, found.value, found.expected) == ("too_many_lines", "100", "99")


@pytest.mark.parametrize("number", sorted(MESSAGES))
def test_a_message_holds_1_to_100_nodes(number: int) -> None:
    assert codes(example(number, nodes=100)) == []
    assert codes(example(number, nodes=101)) == [("too_many_nodes", MESSAGES[number].node_element)]
    assert codes(example(number, nodes=0)) == [("no_nodes", MESSAGES[number].node_element)]


def test_a_list_without_lines_is_no_list() -> None:
    assert codes(example(621, lines=0)) == [("no_lines", "InventoryList")]


def test_a_gnum_that_comes_twice_is_named_once() -> None:
    document = example(311, lines=3)
    document.nodes[0].lines[2]["gnum"] = 1
    (found,) = validate(document)
    assert (found.code, found.line, found.layer) == ("repeated_gnum", 1, "business")


def test_who_sends_must_stand_in_the_envelope_but_not_on_what_customs_sends() -> None:
    assert codes(msgspec.structs.replace(example(311), transfer=None)) == [("missing", "BaseTransfer")]
    assert codes(example(312)) == []


def test_five_subscribers_at_most() -> None:
    some = tuple(BaseSubscribe("1", f"DXP{place}") for place in range(6))
    assert codes(msgspec.structs.replace(example(311), subscribes=some[:5])) == []
    assert codes(msgspec.structs.replace(example(311), subscribes=some)) == [("too_many_nodes", "BaseSubscribe")]


def test_a_second_transfer_is_named_as_the_official_samples_of_2022_need_it() -> None:
    xml = build(example(303))
    begin, end = xml.index(b"<ceb:BaseTransfer>"), xml.index(b"</ceb:CEB303Message>")
    assert codes(xml[:end] + xml[begin:end] + xml[end:]) == [("duplicate_element", "BaseTransfer")]


@pytest.mark.parametrize("guid", ["", "0a1b2c3d-0000-4000-8000-000000000001", "0A1B2C3D00004000800000000000000100000"])
def test_the_guid_of_a_message_has_36_characters_in_upper_case(guid: str) -> None:
    assert [element for _, element in codes(msgspec.structs.replace(example(311), guid=guid))] == ["guid"]


@pytest.mark.parametrize(
    ("number", "name", "good", "bad"),
    [
        (621, "preNo", "B20261122123456789", ["A20261122123456789", "B20261322123456789", "B2026112212345678"]),
        (621, "invtNo", "01012026I123456789", ["01012026E123456789", "0101202612345678X"]),
        (603, "invtNo", "01012026E12345678901", ["01012026I123456789", "01012026E12345678"]),
        (621, "declTime", "20240229", ["20250229", "20251301", "2025-1-1"]),
        (311, "appTime", "20261231235959", ["20261231240000", "20261131000000", "20261231236000"]),
        (622, "returnTime", "20261231235959999", ["2026123123595999x"]),
    ],
)
def test_numbers_and_times_have_the_form_that_customs_gives_them(
    number: int, name: str, good: str, bad: list[str]
) -> None:
    document = example(number, full=True)
    document.nodes[0].head[name] = good
    assert codes(document) == []
    for value in bad:
        document.nodes[0].head[name] = value
        assert [element for _, element in codes(document)] == [name]


def test_a_declared_import_list_in_bytes_must_be_signed_by_the_xsd_and_an_export_list_by_the_pdf() -> None:
    layers = {}
    for number in (621, 603):
        (found,) = validate(build(example(number)))
        assert found.code == "unsigned"
        layers[number] = found.layer
        assert [problem.code for problem in validate(example(number), to_send=True)] == ["unsigned"]
    assert layers == {621: "schema", 603: "business"}


@pytest.mark.parametrize("number", [311, 411, 511, 513, 303, 505])
def test_other_messages_need_no_signature(number: int) -> None:
    assert codes(build(example(number))) == []


def test_a_draft_needs_no_signature() -> None:
    document = example(621)
    document.nodes[0].head["appStatus"] = "1"
    assert codes(build(document)) == []


# --- receipts ---------------------------------------------------------------------------------------------------------

RECEIPTS = sorted(set(PERMITTED) & set(MESSAGES))


@pytest.mark.parametrize("number", RECEIPTS)
def test_a_receipt_carries_only_the_codes_of_its_kind(number: int) -> None:
    document = example(number)
    for code in STATUS_NAMES:
        document.nodes[0].head["returnStatus"] = str(code)
        expected = [] if code in PERMITTED[number] else [("status_not_permitted", "returnStatus")]
        assert codes(document) == expected


@pytest.mark.parametrize("number", RECEIPTS)
def test_any_receipt_may_carry_an_error_code(number: int) -> None:
    document = example(number)
    document.nodes[0].head["returnStatus"] = "-301010"
    assert codes(document) == []
    assert meaning(number, -301010).error


def test_the_matrix_of_codes_is_the_one_that_was_read() -> None:
    assert PERMITTED[312] == {2, 3, 4, 100, 120}
    assert PERMITTED[622] == {1, 2, 3, 4, 100, 120, 300, 399, 500, 501, 502, 503, 599, 700, 800, 899}
    assert PERMITTED[604] == {1, 2, 3, 4, 100, 120, 300, 399, 500, 800, 899}
    assert PERMITTED[304] == {1, 2, 3, 4, 100, 120}
    assert PERMITTED[214] == {1, 2, 3, 4, 100, 120, 300, 500, 505, 600, 800}
    assert not permits(312, 800)
    assert all(permitted <= set(STATUS_NAMES) for permitted in PERMITTED.values())


def test_a_code_is_read_in_words() -> None:
    assert meaning(622, 800).name == "released"
    assert meaning(604, 700).permitted is False
    assert meaning(622, -621018).name == ERROR_NAMES[-621018] == "over the buyer's yearly limit"
    assert meaning(622, 777).name == "unknown code"
    assert meaning(622, -1).name == "error not in our list"


def test_each_declaration_knows_its_receipt_and_each_receipt_its_declaration() -> None:
    pairs = {message.number: message.receipt for message in MESSAGES.values() if message.receipt}
    assert pairs == {311: 312, 411: 412, 511: 512, 513: 514, 621: 622, 303: 304, 505: 506, 603: 604}
    for number, receipt in pairs.items():
        answered = answers(receipt)
        assert answered is MESSAGES[number]
        shared = {field.name for field in MESSAGES[receipt].head} & {field.name for field in answered.head}
        assert set(answered.keys) <= shared
        for name in answered.keys:
            assert field_of(receipt, name).maximum == field_of(number, name).maximum
    assert answers(816) is None


def test_what_was_not_read_about_receipts_is_marked() -> None:
    for number in RECEIPTS:
        assert MESSAGES[number].certainty == "derived"
        assert not MESSAGES[number].ordered
        assert all(not field.required for field in MESSAGES[number].head if field.certainty == "memory")


# --- where the PDF and the XSD disagree (the XSD decides) -------------------------------------------------------------


@pytest.mark.parametrize(("number", "name"), [(311, "buyerTelephone"), (511, "orderNo")])
def test_elements_absent_from_the_pdf_table_are_mandatory_in_the_xsd(number: int, name: str) -> None:
    assert field_of(number, name).pdf
    document = example(number)
    del document.nodes[0].head[name]
    assert codes(document) == [("missing", name)]


@pytest.mark.parametrize("name", ["freight", "insuredFee"])
def test_freight_and_insurance_of_an_import_waybill_are_optional(name: str) -> None:
    assert field_of(511, name).pdf
    document = example(511, full=True)
    del document.nodes[0].head[name]
    assert codes(document) == []


def test_the_item_number_of_an_import_list_has_20_characters_not_30() -> None:
    assert field_of(621, "itemNo", "lines").pdf == "C..30 in the PDF"
    document = example(621)
    document.nodes[0].lines[0]["itemNo"] = "x" * 20
    assert codes(document) == []
    document.nodes[0].lines[0]["itemNo"] = "x" * 21
    assert codes(document) == [("too_long", "itemNo")]


@pytest.mark.parametrize(("number", "name"), [(622, "preNo"), (604, "invtNo")])
def test_the_numbers_that_customs_gives_are_mandatory_in_their_receipts(number: int, name: str) -> None:
    assert field_of(number, name).pdf
    document = example(number)
    del document.nodes[0].head[name]
    assert codes(document) == [("missing", name)]


def test_621_pairs_quantity_with_unit_and_603_does_not() -> None:
    names = {number: [field.name for field in MESSAGES[number].lines] for number in (621, 603)}
    wanted = ("qty", "unit", "qty1", "unit1", "qty2", "unit2")
    assert [name for name in names[621] if name in wanted] == ["qty", "unit", "qty1", "unit1", "qty2", "unit2"]
    assert [name for name in names[603] if name in wanted] == ["qty", "qty1", "qty2", "unit", "unit1", "unit2"]


def test_values_that_the_official_samples_carry_break_no_schema_rule() -> None:
    document = example(621)
    document.nodes[0].head["packNo"] = 6000
    document.nodes[0].lines[0]["totalPrice"] = Decimal(1)
    (found,) = validate(document)
    assert (found.element, found.layer) == ("packNo", "business")


# --- the table itself -------------------------------------------------------------------------------------------------


def test_no_message_names_an_element_twice() -> None:
    for message in MESSAGES.values():
        for fields in (message.head, message.lines):
            assert len({field.name for field in fields}) == len(fields)


def test_conditions_and_keys_name_elements_that_exist() -> None:
    for message in MESSAGES.values():
        head, line = ({field.name for field in fields} for fields in (message.head, message.lines))
        assert set(message.keys) <= head
        for condition in message.conditions:
            assert {condition.element, *condition.needs, *(name for name, _ in condition.fixed)} <= head
            assert set(condition.line_needs) <= line


def test_every_problem_has_words_in_both_languages() -> None:
    for code, languages in WORDS.items():
        assert set(languages) == {"en", "zh"}, code
        assert all(rule and remedy for rule, remedy in languages.values()), code


def test_the_invented_identity_number_has_a_right_check_digit_and_an_impossible_region() -> None:
    number = invented_id_number(7)
    weights = [pow(2, 17 - place, 11) for place in range(18)]
    assert (
        sum((10 if digit == "X" else int(digit)) * weight for digit, weight in zip(number, weights, strict=True)) % 11
        == 1
    )
    assert number.startswith("990099" + "1900")


def test_parsing_the_same_bytes_twice_gives_equal_documents() -> None:
    xml = build(example(603, lines=5, full=True))
    assert parse(xml) == parse(xml)
