"""The blind match: parties of one trade see that two values are equal, nobody sees more."""

import hmac
import re
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.primitives.sealed.commitments import PURPOSES, Commitment, commit, commit_all, matches, normalise
from sogdia.primitives.sealed.errors import SealedError, UnfitValue

THIS_TRADE, OTHER_TRADE = bytes(range(32)), bytes(range(1, 33))

# Spellings of the same value, as a platform, a payment company and a forwarder would send it.
# Widths: Unicode 3.2, NFKC. The id number is the example of GB 11643-1999, annex A.
SAME = [
    ("name", "王小明", " 王小明\u3000"),
    ("name", "Anna Maria Rossi", "Anna\u00a0 Maria\tRossi"),
    ("name", "Ｗａｎｇ", "Wang"),
    ("name", "Zoe\u0301", "Zo\u00e9"),
    ("name", "王\u200b小明", "\ufeff王小明"),
    ("id_number", "11010519491231002x", "110105 19491231 002X"),
    ("id_number", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
    ("telephone", "+86 139-1234-5678", "+８６ (139) 1234.5678"),
    ("telephone", "13912345678", "139 1234 5678"),
    ("address", "浙江省 杭州市  西湖区 １号", "浙江省 杭州市 西湖区 1号\n"),
    ("email", "Buyer@Example.COM", "buyer@example.com "),
    ("account_number", "62 2202 ab", "622202AB"),
]


@pytest.mark.parametrize(("field", "one", "other"), SAME)
def test_two_spellings_of_one_value_have_one_commitment(field: str, one: str, other: str):
    commitment = commit(THIS_TRADE, field, one)
    assert commitment == commit(THIS_TRADE, field, other)
    assert matches(THIS_TRADE, field, other, commitment)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("name", "王小明", "王小朋"),
        ("name", "Wang Wei", "WangWei"),
        ("name", "wang", "Wang"),
        ("telephone", "+8613912345678", "8613912345678"),
        ("id_number", "11010519491231002X", "110105194912310021"),
    ],
)
def test_different_values_have_different_commitments(field: str, one: str, other: str):
    assert commit(THIS_TRADE, field, one) != commit(THIS_TRADE, field, other)
    assert not matches(THIS_TRADE, field, other, commit(THIS_TRADE, field, one))


def test_the_same_buyer_in_two_trades_cannot_be_linked():
    assert commit(THIS_TRADE, "name", "王小明") != commit(OTHER_TRADE, "name", "王小明")
    assert not matches(OTHER_TRADE, "name", "王小明", commit(THIS_TRADE, "name", "王小明"))


def test_the_same_text_in_two_fields_cannot_be_linked():
    assert len({commit(THIS_TRADE, field, "13912345678") for field in PURPOSES}) == len(PURPOSES)


def test_a_commitment_is_an_hmac_under_the_fields_own_key_for_ever():
    key = hmac.new(THIS_TRADE, b"sogdia sealed value 1 telephone", sha256).digest()
    by_hand = hmac.new(key, b"+8613912345678", sha256).hexdigest()
    assert commit(THIS_TRADE, "telephone", "+86 139 1234 5678") == by_hand
    assert by_hand == "f4bb4bae3c7552d379f206dcd46ff87e37d010a38a8eda336210de513a0dd972"
    assert msgspec.convert(by_hand, Commitment) == by_hand


def test_all_fields_of_a_party_are_committed_to_at_once():
    values = {"name": "王小明", "telephone": "13912345678"}
    assert commit_all(THIS_TRADE, values) == {field: commit(THIS_TRADE, field, values[field]) for field in values}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " \u3000\t", "name: expected a value"),
        ("name", "x" * 501, "name: at most 500 characters, got 501"),
        ("name", "x\ud800", "name: contains half a character"),
        ("telephone", "139-CALL-ME", "telephone: expected 3 to 20 digits"),
        ("id_number", "A´", "id_number: expected digits and letters"),
        ("account_number", " ", "account_number: expected digits and letters"),
        ("telephone", "12", "telephone: expected 3 to 20 digits"),
        ("telephone", "1+39123", "telephone: expected 3 to 20 digits"),
        ("Name", "x", "a field name is lower-case"),
        ("", "x", "a field name is lower-case"),
        ("name\n", "x", "a field name is lower-case"),
    ],
)
def test_what_cannot_be_committed_to_is_refused_by_field_and_never_repeated(field: str, value: str, sentence: str):
    with pytest.raises(UnfitValue, match=re.escape(sentence)) as caught:
        commit(THIS_TRADE, field, value)
    assert "CALL" not in str(caught.value)
    assert not matches(THIS_TRADE, field, value, "0" * 64)


def test_a_secret_of_another_length_is_refused():
    with pytest.raises(UnfitValue, match="32 bytes, got 16"):
        commit(bytes(16), "name", "王小明")


def test_a_malformed_commitment_matches_nothing():
    for wrong in ("", "é" * 64, commit(THIS_TRADE, "name", "王").upper(), "\ud800"):
        assert not matches(THIS_TRADE, "name", "王", wrong)


@given(st.sampled_from(["name", "address", "id_number", "email", "goods_note"]), st.text(max_size=120))
def test_folding_a_value_twice_changes_nothing(field: str, value: str):
    try:
        once = normalise(field, value)
    except UnfitValue:
        return
    assert normalise(field, once) == once


@given(st.binary(max_size=40), st.text(max_size=40) | st.sampled_from(list(PURPOSES)), st.text(max_size=600))
def test_any_text_gives_a_commitment_or_the_one_error(secret: bytes, field: str, value: str):
    try:
        commitment = commit(secret, field, value)
    except SealedError:
        return
    assert matches(secret, field, value, commitment)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_white_space_around_a_name_never_matters(name: str):
    try:
        plain = commit(THIS_TRADE, "name", name)
    except UnfitValue:
        return
    assert commit(THIS_TRADE, "name", f"\u3000{name} \n") == plain
