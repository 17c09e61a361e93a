"""The words of the HTTP interface: none missing, none idle, and the same in both languages."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from sogdia.client import request_signing
from sogdia.interfaces import http, words

SOURCE: Final = "".join(
    path.read_text(encoding="utf-8")
    for path in (*Path(http.__file__).parent.glob("*.py"), Path(request_signing.__file__))
)
ENGLISH, CHINESE = (
    tomllib.loads((Path(words.__file__).parent / f"http_{tongue}.toml").read_text(encoding="utf-8"))
    for tongue in ("en", "zh")
)


@pytest.mark.parametrize("table", ["http", "http_title"])
def test_both_languages_have_the_same_names_and_fields(table: str) -> None:
    assert set(ENGLISH[table]) == set(CHINESE[table])
    for name, sentence in ENGLISH[table].items():
        there, here = (set(re.findall(r"\{(\w+)", text)) for text in (sentence, CHINESE[table][name]))
        assert there == here, name


def test_every_problem_has_words() -> None:
    named = set(re.findall(r'(?:Problem\(\s*\d+,|busy\(|UnfitSignature\()\s*"([a-z_]+)"', SOURCE))
    assert len(named) > 40
    assert named <= set(ENGLISH["http"])


def test_no_words_are_idle() -> None:
    assert [name for name in ENGLISH["http"] if f'"{name}"' not in SOURCE] == []


def test_every_status_of_a_problem_has_a_title() -> None:
    assert set(re.findall(r"Problem\(\s*(\d{3}),", SOURCE)) <= set(ENGLISH["http_title"])
