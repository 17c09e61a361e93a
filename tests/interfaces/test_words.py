"""What people read: complete in both languages, asking only for fields that come, and never a traceback."""

import ast
import importlib.util
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest

from sogdia import app
from sogdia.domains.customs.rules.receipts import PHASES
from sogdia.interfaces import cli, words
from sogdia.interfaces.words import language_of, language_of_environment, refusal_text, say

FILES = sorted(Path(words.__file__).parent.glob("*_en.toml"))


def _scan() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refusal_scan", Path(__file__).with_name("refusal_scan.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def passed() -> Mapping[int, set[str]]:
    """The fields that every refusal is raised with, as the source has it."""
    found: Mapping[int, set[str]] = _scan().fields_passed()
    return found


def placeholders(sentence: str) -> set[str]:
    """Names of fields; what stands after # is the word that is counted, and Chinese has one form for all numbers."""
    return {name.partition("#")[0] for _, name, _, _ in Formatter().parse(sentence) if name}


# --- the catalogue --------------------------------------------------------------------------------------------------


def test_english_and_chinese_have_the_same_keys() -> None:
    english, chinese = set(words.catalogue("en")), set(words.catalogue("zh"))
    assert english - chinese == set()
    assert chinese - english == set()


@pytest.mark.parametrize("key", sorted(words.catalogue("en")))
def test_both_languages_ask_for_the_same_fields(key: str) -> None:
    english, chinese = words.catalogue("en")[key], words.catalogue("zh").get(key, "")
    assert placeholders(chinese) == placeholders(english)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_has_its_other_half(path: Path) -> None:
    assert path.with_name(path.name.replace("_en", "_zh")).exists()


def test_no_key_stands_in_two_files() -> None:
    for language in words.LANGUAGES:
        keys = [key for path in FILES for key in _keys(path.with_name(path.name.replace("_en", f"_{language}")))]
        assert sorted(keys) == sorted(set(keys))


def _keys(path: Path) -> list[str]:
    return list(words._flat("", tomllib.loads(path.read_text(encoding="utf-8"))))


# --- counts ----------------------------------------------------------------------------------------------------------

NUMBERS = [(0, "0 lists were"), (1, "1 list was"), ("1", "1 list was"), ("1,001", "1,001 lists were")]
SEVERAL = {"files", "statements"}
"""What the page of verifying says of more than one alone."""


@pytest.mark.parametrize(("number", "told"), [*NUMBERS, ("{n}", "{n#list was|lists were}")])
def test_what_is_counted_stands_in_the_form_of_its_number(
    monkeypatch: pytest.MonkeyPatch, number: object, told: str
) -> None:
    english, chinese = {"k": "{n#list was|lists were} left, {name}"}, {"k": "剩 {n} 份，{name}"}
    monkeypatch.setattr(words, "catalogue", {"en": english, "zh": chinese}.__getitem__)
    assert say("k", "en", n=number, name="x") == f"{told} left, x"
    assert say("k", "zh", n=number, name="x") == f"剩 {number} 份，x"
    assert say("k", "en", name="x") == "? lists were left, x", "and a missing number breaks nothing"


@pytest.mark.parametrize("key", [key for key, text in words.catalogue("en").items() if "{n} " in text])
def test_no_count_is_followed_by_a_word_for_several_alone(key: str) -> None:
    after = re.findall(r"\{n\} (?:more |further )?([a-z]+s)\b", words.catalogue("en")[key])
    assert set(after) - SEVERAL - {"has"} == set(), "write {n#list|lists}"


# --- refusals -------------------------------------------------------------------------------------------------------

REFUSALS = [*app.PRIMITIVE_REFUSALS, *(one for module in app.MODULES for one in module.refusals)]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: f"{one.value}-{one.name}")
def test_every_refusal_has_words_that_say_what_to_do(refusal: int) -> None:
    for language in words.LANGUAGES:
        sentence = words.catalogue(language).get(f"refusal.{int(refusal)}", "")
        assert len(re.findall(r"[.。]", sentence)) >= 1, "a sentence says what was wrong and ends"


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: f"{one.value}-{one.name}")
def test_a_refusal_asks_only_for_fields_that_every_rule_passes(refusal: int, passed: Mapping[int, set[str]]) -> None:
    asked = placeholders(words.catalogue("en").get(f"refusal.{int(refusal)}", ""))
    assert asked - passed.get(int(refusal), set()) == set()


def test_no_words_are_kept_for_a_number_that_nobody_gives_out() -> None:
    numbers = {key.partition(".")[2] for key in words.catalogue("en") if key.startswith("refusal.")}
    assert numbers - {"unknown"} - {str(int(one)) for one in REFUSALS} == set()


def test_a_refusal_is_read_with_its_fields() -> None:
    said = refusal_text(3005, {"paid_minor": 2500, "expected_minor": 2534})
    sum_due = "goods + freight + tax - discount + rounding, which is 2534 (minor units). Correct the sums."
    assert said == f"The amount paid, 2500, is not {sum_due}"


def test_a_refusal_is_read_in_chinese() -> None:
    assert refusal_text(1001, {"party": "did:bid:sogd:ef"}, "zh").startswith("参与方 did:bid:sogd:ef 未在册")


def test_a_disagreement_names_field_rule_and_what_each_party_says() -> None:
    unequal = [{"field": "consignee", "rule": "R3", "values": {"platform": "ab12", "carrier": None}}]
    said = refusal_text(6003, {"order": "A-1", "list_no": "L-1", "count": 1, "disagreements": unequal})
    assert "1 point: Consignee (rule R3): Platform ab12, Carrier nothing." in said


def test_what_parties_say_of_an_amount_is_told_in_full_units_where_the_currency_is_known() -> None:
    paid = {"field": "amount_minor", "rule": "R2", "values": {"payment_institution": 15_400, "platform": 15_300}}
    given = {"order": "A-1", "list_no": "L-1", "count": 1, "disagreements": [paid]}
    assert "支付金额（规则 R2）：支付企业为 154.00 CNY，电商平台为 153.00 CNY。" in refusal_text(6003, given, "zh")
    other = {"field": "currency", "rule": "R6", "values": {"customs": "CNY", "platform": "EUR"}}
    said = refusal_text(6003, {**given, "count": 2, "disagreements": [paid, other]})
    assert "Payment institution 15,400 minor units, Platform 15,300 minor units" in said
    cut = refusal_text(6003, {**given, "count": 40}, "zh")
    assert "15,400（最小货币单位）" in cut, "the rest, which is not shown, may hold another currency"


def test_a_line_is_named_with_its_number_and_countries_with_their_names() -> None:
    origin = {"field": "lines[2].origin", "rule": "R4", "values": {"seller": "CN", "broker": None}}
    given = {"order": "A-1", "list_no": "L-1", "count": 1, "disagreements": [origin]}
    assert "第 2 项原产国（地区）（规则 R4）：卖家为中国（CN），报关企业为空。" in refusal_text(6003, given, "zh")


def test_a_limit_in_fen_is_read_in_yuan() -> None:
    given = {"rule": "R10", "asked_fen": 600_000, "limit_fen": 500_000, "source": "49/2018", "certainty": "memory"}
    assert "订单价值 6,000.00 元，超过单次限值 5,000.00 元" in refusal_text(6005, given, "zh")
    assert "6,000.00 CNY is above the single limit of 5,000.00 CNY" in refusal_text(6005, given)


def test_choices_roles_books_and_sources_are_told_in_the_language_with_the_code_where_somebody_types_it() -> None:
    banned = {"sku": "7", "hs_code": "1704", "country": "SG", "rule": "Chewing Gum Regulations", "certainty": "memory"}
    said = refusal_text(2004, {**banned, "source": "written from memory: Act 42 of 2019"}, "zh")
    assert "不得运往新加坡（SG）" in said
    assert "来源：Act 42 of 2019（凭记忆填写），可靠程度：凭记忆，未核实。" in said
    roles = {"party": "did:x", "role": "customs", "roles": ["seller", "platform"]}
    assert "须有角色“海关”，现有：卖家、电商平台。" in refusal_text(1005, roles, "zh")
    row = {"book": "catalog.bans", "key": "SG/1704", "day": "2026-01-01"}
    assert "规则表各目的地禁令（catalog.bans）中没有 SG/1704" in refusal_text(101, row, "zh")


@pytest.mark.parametrize(
    "odd", [None, 5, "x", [], [None], [5], [{}], [{"values": 3}], [{"field": 1, "values": {"a": 1.5}}]]
)
def test_no_field_of_a_match_breaks_its_sentence(odd: object) -> None:
    for language in words.LANGUAGES:
        assert refusal_text(6003, {"order": "A", "list_no": "L", "count": odd, "disagreements": odd}, language)


def test_chinese_sentences_have_chinese_punctuation() -> None:
    for key, sentence in words.catalogue("zh").items():
        assert not re.search(r"[\u4e00-\u9fff）][,;:?!](?!\w)|[,;:](?=[\u4e00-\u9fff])", sentence), key


def test_an_instant_is_read_as_a_time_and_a_price_with_its_decimals() -> None:
    assert "2026-05-28 20:26:40 UTC" in refusal_text(4, {"valid_until_ms": 1_780_000_000_000, "time_ms": 0})
    assert "20.34" in refusal_text(3003, {"line": 1, "total_minor": 2000, "expected_e5": 2_034_000})


def test_a_number_without_words_is_shown_with_its_fields() -> None:
    assert refusal_text(999_999, {"order": "A-1"}) == (
        "Refused with number 999999, for which there are no words yet (order A-1). "
        "See the page of its domain in docs/domains."
    )


@pytest.mark.parametrize("code", sorted(PHASES))
def test_every_code_of_customs_has_a_meaning(code: int) -> None:
    assert say(f"customs_code.{code}", "zh") != f"customs_code.{code}"


# --- the command line -----------------------------------------------------------------------------------------------

SPEAKERS = {"tell", "note", "text", "Failure", "progress"}


def sentences_of_the_command_line() -> list[tuple[str, set[str]]]:
    """Key and fields of every sentence that the source asks the catalogue for; fields None when they are not spelt."""
    found = []
    for path in sorted(Path(cli.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in SPEAKERS
                and node.args
            ):
                spelt = {"*"} if any(one.arg is None for one in node.keywords) else {str(k.arg) for k in node.keywords}
                found += [(key, spelt) for key in _constants(node.args[0])]
    return found


def _constants(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_constants(node.body), *_constants(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


@pytest.mark.parametrize("key, fields", sentences_of_the_command_line())
def test_every_sentence_of_the_command_line_is_there_and_gets_its_fields(key: str, fields: set[str]) -> None:
    sentence = words.catalogue("en").get(f"cli.{key}")
    assert sentence, key
    assert "*" in fields or placeholders(sentence) <= fields


def test_no_sentence_of_the_command_line_is_kept_that_nobody_says() -> None:
    said = {key for key, _ in sentences_of_the_command_line()} | {"instant"}
    assert {key.partition(".")[2] for key in words.catalogue("en") if key.startswith("cli.")} - said == set()


# --- the loader never gets in the way -------------------------------------------------------------------------------


def test_a_missing_field_is_a_question_mark() -> None:
    assert say("refusal.1001", "en") == (
        "Party ? is not on record. Check the identifier, or have a registrar register it first."
    )


@pytest.mark.parametrize("value", [None, [], {}, object(), 10**400, "{party}", "a{b", b"\xff", float("nan")])
def test_no_value_of_a_field_breaks_a_sentence(value: object) -> None:
    for key in ("refusal.4", "refusal.1001", "refusal.3003"):
        assert say(key, "en", party=value, valid_until_ms=value, time_ms=value, expected_e5=value)


def test_an_unknown_language_falls_back_to_english_and_an_unknown_key_to_itself() -> None:
    assert say("refusal.1014", "tlh", party="P") == say("refusal.1014", "en", party="P")
    assert say("no.such.key", "zh") == "no.such.key"


def test_fields_may_be_called_key_and_language() -> None:
    assert "K1" in say("refusal.1006", "en", key="K1", language="x")


@pytest.mark.parametrize(
    "wanted, language",
    [
        ("zh_CN.UTF-8", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.1", "zh"),
        ("en;q=0,zh;q=0.1", "zh"),
        ("zh;q=broken", "en"),
        ("ZH-Hant-TW", "zh"),
        ("C.UTF-8", "en"),
        ("C", "en"),
        ("*", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_follows_locale_and_accept_language(wanted: str | None, language: str) -> None:
    assert language_of(wanted) == language


def test_the_environment_is_asked_in_the_order_of_posix() -> None:
    assert language_of_environment({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}) == "en"
    assert language_of_environment({"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "en_US"}) == "zh"
    assert language_of_environment({}) == "en"
