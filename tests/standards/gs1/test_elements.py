"""Values under an AI: right ones pass, wrong ones are refused with what to do."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.standards.gs1.application_identifiers import table
from sogdia.standards.gs1.check_digits import check_digit, check_pair
from sogdia.standards.gs1.elements import check, check_exclusions, missing_beside
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.linters import LINTERS, UNCHECKED
from tests.standards.gs1.strategies import CSET_82, digits, serials

# linter, AI, values that are right, values that are wrong under that linter alone
CASES = [
    ("csum", "01", ["09506000134352", "00000000000000"], ["09506000134351"]),
    ("csumalpha", "8013", ["1987654Ad4X4bL5ttr2310c2K"], ["1987654Ad4X4bL5ttr2310c2L", "12"]),
    ("gcppos1", "8004", ["0614141A", "0614"], ["A0614141", "061"]),
    ("gcppos2", "00", ["106141412345678908"], []),
    ("hasnondigit", "8014", ["1987654Ad4X4bL5ttr2310c2K"], []),
    ("hh", "8008", ["26022023"], ["26022024"]),
    ("hhmi", "4324", ["2602282359"], ["2602282400", "2602280060"]),
    ("hyphen", "4330", ["001000", "001000-"], ["001000+"]),
    ("iban", "8007", ["GB82WEST12345698765432", "FR1420041010050500013M02606"], ["GB82WEST12345698765433", "GB8"]),
    ("importeridx", "7040", ["1AB_", "1AB-", "1ABz"], ["1AB.", "1AB!"]),
    ("iso3166", "422", ["156", "826"], ["000", "999"]),
    ("iso3166999", "7030", ["156ABC", "999ABC"], ["000ABC"]),
    ("iso3166alpha2", "4307", ["CN", "GB"], ["ZZ", "cn"]),
    ("iso4217", "3910", ["978100"], ["001100"]),
    ("iso5218", "7252", ["0", "1", "2", "9"], ["3"]),
    ("latitude", "4309", ["18000000003600000000"], ["18000000010000000000"]),
    ("longitude", "4309", ["00000000003600000000"], ["00000000003600000001"]),
    ("mediatype", "7241", ["01", "10", "80", "99"], ["00", "11", "79"]),
    ("mi", "8008", ["2602202359"], ["2602202360"]),
    ("nonzero", "8001", ["00010000100111"], ["00000000100111", "00010000000111"]),
    ("nozeroprefix", "8011", ["0", "10"], ["01", "00"]),
    ("pcenc", "4300", ["Silk%20Road", "a"], ["100%", "%2", "%zz"]),
    ("pieceoftotal", "8006", ["095060001343520102", "095060001343520202"],
     ["095060001343520302", "095060001343520001"]),
    ("posinseqslash", "7258", ["1/3", "3/3"], ["0/3", "4/3", "1-3", "a/3"]),
    ("ss", "8008", ["260220235959"], ["260220235960"]),
    ("winding", "8001", ["00010000100101", "00010000100191"], ["00010000100121"]),
    ("yesno", "4321", ["0", "1"], ["2"]),
    ("yymmd0", "17", ["260228", "260200", "280229", "000229"], ["260229", "261301", "260001", "260232"]),
    ("yymmdd", "7006", ["260228"], ["260200", "260229"]),
    ("yyyymmdd", "7250", ["19000228", "20000229"], ["19000229", "20260200", "00000101"]),
    ("zero", "8003", ["00614141123452400"], ["10614141123452400"]),
]  # fmt: skip


@pytest.mark.parametrize(("linter", "ai", "right", "wrong"), CASES, ids=[case[0] for case in CASES])
def test_each_check_lets_right_values_pass_and_stops_wrong_ones(linter, ai, right, wrong):
    assert linter in {name for part in table()[ai].components for name in part.linters}
    for value in right:
        check(ai, value)
    for value in wrong:
        with pytest.raises(BadIdentifier) as caught:
            check(ai, value)
        assert caught.value.remedy == LINTERS[linter].remedy
        assert caught.value.value == value


def test_a_global_model_number_in_a_mudi_needs_a_character_that_is_no_digit():
    models = (f"{number:010}" for number in range(10**9, 10**10, 10**7 + 19))
    digits_only = next(model + check_pair(model) for model in models if check_pair(model).isdigit())
    with pytest.raises(BadIdentifier, match="digits only"):
        check("8014", digits_only)
    check("8013", digits_only)


def test_every_check_has_a_case():
    assert {case[0] for case in CASES} == LINTERS.keys()


def test_what_is_not_checked_is_still_held_to_length_and_characters():
    named = {name for ai in ("8110", "8112", "7041") for part in table()[ai].components for name in part.linters}
    assert named == UNCHECKED.keys()
    check("7041", "PX")
    for value in ("PALET", "P X", ""):
        with pytest.raises(BadIdentifier):
            check("7041", value)


@pytest.mark.parametrize(
    ("ai", "value", "words"),
    [
        ("01", "9506000134352", "AI 01 '9506000134352': it has 13 characters, 14 were expected; give the whole value"),
        ("01", "0950600013435A", "a character does not belong here; it is made of digits"),
        ("01", "09506000134351", "the check digit is 1, 2 was expected; copy it again from the label"),
        ("10", "", "it has 0 characters, 1 to 20 were expected"),
        ("10", "A" * 21, "it has 21 characters, 1 to 20 were expected"),
        ("10", "a b", "no blank"),
        ("10", "批次", "the 82 characters of GS1"),
        ("21", "a\n", "does not belong here"),
        ("00", "106141412345678908\n", "it has 19 characters"),
        ("01", "٠٩٥٠٦٠٠٠١٣٤٣٥٢", "it is made of digits"),
        ("8010", "0614141abc", "capital letters, digits and # - /"),
        ("253", "0614141123452" + "A" * 18, "13 to 30 were expected"),
        ("05", "1", "GS1 has given out no such AI"),
        ("3106", "000001", "GS1 has given out no such AI"),
        ("gtin", "09506000134352", "GS1 has given out no such AI"),
    ],
)
def test_a_wrong_value_is_named_with_its_ai_its_fault_and_its_remedy(ai: str, value: str, words: str):
    with pytest.raises(BadIdentifier) as caught:
        check(ai, value)
    assert words in str(caught.value)
    assert caught.value.form == f"AI {ai}"
    assert caught.value.remedy in str(caught.value)


def test_a_long_value_is_shown_by_its_beginning_only():
    with pytest.raises(BadIdentifier) as caught:
        check("10", "A" * 100_000)
    assert len(str(caught.value)) < 300


@given(digits(13, 13))
def test_every_gtin_with_its_check_digit_is_right(payload: str):
    check("01", payload + check_digit(payload))


@given(serials())
def test_every_text_of_the_82_characters_is_a_serial(serial: str):
    check("21", serial)


@given(st.characters(exclude_characters=CSET_82))
def test_no_other_character_is(char: str):
    with pytest.raises(BadIdentifier):
        check("21", char)


def test_base64url_may_end_in_padding():
    check("8030", string.ascii_letters + "-_==")
    for value in ("=", "a=b", "a===", "a+b", "A" * 91):
        with pytest.raises(BadIdentifier):
            check("8030", value)


def test_a_gtin_and_a_coupon_never_stand_together():
    with pytest.raises(BadIdentifier, match="never stand together"):
        check_exclusions(["01", "255"])
    with pytest.raises(BadIdentifier, match="AI 3102 '3103'"):
        check_exclusions(["01", "3102", "3103"])
    check_exclusions(["01", "3102", "10", "21"])


@pytest.mark.parametrize(
    ("ais", "missing"),
    [
        (["01", "10"], ()),
        (["10"], ("10",)),
        (["00", "37"], ("37",)),
        (["00", "02", "37"], ()),
        (["01", "250"], ("250",)),
        (["01", "21", "250"], ()),
        (["01", "3922"], ("3922",)),
        (["01", "3922", "3103"], ()),
        (["01", "x"], ()),
    ],
)
def test_what_needs_company_says_so(ais: list[str], missing: tuple[str, ...]):
    assert missing_beside(ais) == missing
