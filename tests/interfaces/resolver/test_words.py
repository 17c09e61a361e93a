"""The words of the page: all that CBV can say, all signs, all problems; the same in both languages, none idle."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from sogdia.interfaces import resolver, words
from sogdia.interfaces.resolver.clones import ENDS, Rule
from sogdia.standards.epcis.model import EVENT_TYPES
from sogdia.standards.epcis.vocabulary import BIZ_STEPS, DISPOSITIONS

SOURCE: Final = "".join(path.read_text(encoding="utf-8") for path in Path(resolver.__file__).parent.glob("*.py"))
SAID: Final[dict[str, dict[str, Any]]] = {
    tongue: tomllib.loads((Path(words.__file__).parent / f"scan_{tongue}.toml").read_text(encoding="utf-8"))
    for tongue in words.LANGUAGES
}


@pytest.mark.parametrize("tongue", words.LANGUAGES)
def test_every_business_step_kind_of_event_sign_and_end_has_plain_words(tongue: str) -> None:
    said = SAID[tongue]["scan"]
    assert set(said["step"]) == set(BIZ_STEPS)
    assert set(said["type"]) == {*EVENT_TYPES, "other"}
    assert set(said["sign"]) == set(get_args(Rule))
    assert set(said["end"]) == {*ENDS.values(), "consumed"}
    assert set(said["state"]) <= set(DISPOSITIONS)


def test_every_problem_has_words_and_no_words_are_idle() -> None:
    named = set(re.findall(r'Problem\(\s*4\d\d,\s*"([a-z_]+)"', SOURCE))
    own = set(SAID["en"]["http"])
    assert own <= named
    assert all(words.has_words(f"http.{name}") for name in named)
    plain = {name for name, value in SAID["en"]["scan"].items() if isinstance(value, str)}
    assert [name for name in sorted(plain) if f'"{name}"' not in SOURCE and f"scan.{name}" not in SOURCE] == []


def test_no_step_is_told_with_its_technical_name() -> None:
    for step, said in SAID["en"]["scan"]["step"].items():
        assert "_" not in said, step
        assert said[0].isupper(), step
