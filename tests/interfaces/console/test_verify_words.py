"""The scripts of `/verify` have words for all they say, in modules that are short."""

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from sogdia.app import FIELDS, TABLES
from sogdia.interfaces.console.verifying import words
from sogdia.interfaces.words import catalogue
from tests.interfaces.console.verify.node_runner import MODULES


def test_whatever_the_scripts_say_has_words_and_no_words_are_kept_that_nobody_says() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(MODULES.glob("*.js")))
    sections = [name.split(".", 1) for name in catalogue("en") if name.startswith("verify_")]
    said = {(section.removeprefix("verify_"), key) for section, key in sections}
    assert {key for section, key in said if section == "table"} == set(FIELDS), "every table has its words"
    said = {(section, key) for section, key in said if section not in ("table", "field")}
    literal = set(re.findall(r'"([a-z_0-9.]+)"', source))
    thrown = set(re.findall(r'(?:Unfit|Refused)\((?:verdict \? )?"(\w+)"', source)) | {"other_rule"}
    whys = {key for section, key in said if section == "why"}
    assert {key for key in thrown if key not in whys and not any(one.startswith(f"{key}_") for one in whys)} == set()
    for section, key in said:
        spoken = key.removeprefix("expected_") if key.startswith("expected_") else key
        parts = {f"{section}.{key}", key, spoken, re.sub("^(unfit|from|key|other_kind)_", "", key)}
        assert parts & literal or f"{section}.{key}" in source, f"verify_{section}.{key}"
    kinds = {key for section, key in said if section == "step"}
    assert kinds == {key for section, key in said if section == "means"}
    assert kinds == {key for section, key in said if section == "fails"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_field_of_every_record_has_words_and_none_is_named_in_vain(language: str) -> None:
    fields = {name for table in TABLES.values() for name in names_in(table.record)}
    own = {name for name in catalogue(language) if name.startswith("verify_field.")}
    assert fields - {name.removeprefix("field.") for name in words(language)} == set()
    assert own - {f"verify_field.{name}" for name in fields} == set()


def names_in(kind: Any) -> set[str]:
    """Names of fields in a record, and in whatever stands within it."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        return set(hints).union(*map(names_in, hints.values()))
    return set().union(*map(names_in, get_args(kind)))


@pytest.mark.parametrize("path", sorted(MODULES.glob("*.js")), ids=lambda path: path.name)
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("/**")
    assert text.count("\n") < 150
    assert all(len(line) <= 120 for line in text.splitlines())
