"""The scripts of `/verify` have words for all they say, in modules that are short."""

import re
from pathlib import Path

import pytest

from sogdia.interfaces.words import catalogue
from tests.interfaces.console.verify.node_runner import MODULES


def test_whatever_the_scripts_say_has_words_and_no_words_are_kept_that_nobody_says() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(MODULES.glob("*.js")))
    sections = [name.split(".", 1) for name in catalogue("en") if name.startswith("verify_")]
    said = {(section.removeprefix("verify_"), key) for section, key in sections}
    literal = set(re.findall(r'"([a-z_0-9.]+)"', source))
    thrown = set(re.findall(r'(?:Unfit|Refused)\((?:verdict \? )?"(\w+)"', source)) | {"other_rule"}
    assert {key for section, key in said if section == "why"} >= thrown
    for section, key in said:
        spoken = key.removeprefix("expected_") if key.startswith("expected_") else key
        parts = {f"{section}.{key}", key, spoken, key.removeprefix("unfit_")}
        assert parts & literal or f"{section}.{key}" in source, f"verify_{section}.{key}"
    kinds = {key for section, key in said if section == "step"}
    assert kinds == {key for section, key in said if section == "means"}


@pytest.mark.parametrize("path", sorted(MODULES.glob("*.js")), ids=lambda path: path.name)
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("/**")
    assert text.count("\n") < 150
    assert all(len(line) <= 120 for line in text.splitlines())
