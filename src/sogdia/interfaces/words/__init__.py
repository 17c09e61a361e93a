"""What people read, in English and Chinese: refusals by number, customs' codes, terminal and web texts.

Every `<name>_<language>.toml` beside this file belongs to one catalogue; nested tables join with dots, so `3001` under
`[refusal]` is `refusal.3001` and `not_found` under `[http]` is `http.not_found`. A sentence says what was wrong, where,
what was expected and what to do. Its `{fields}` take `:time` (milliseconds of UTC, told in the reader's zone, see
`clock`), `:e5` (1/100000 of a unit) and `:fen` (1/100 of a yuan). `{n#order|orders}` is a number with the word for one
or for several; Chinese has one form for all numbers. A number that a script fills in comes as `{n}` and stays so.

Words are not consensus: nothing here ever raises for a missing word or field; `?` stands in its place.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from string import Formatter
from typing import Any, Final, NamedTuple

from sogdia.interfaces.words import clock, refused_fields

LANGUAGES: Final = ("en", "zh")
"""The first one is what everything falls back to."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All sentences of one language by key."""
    found: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob(f"*_{language}.toml")):
        found.update(_flat("", tomllib.loads(path.read_text(encoding="utf-8"))))
    return found


def say(key: str, language: str = "en", /, **fields: Any) -> str:
    """The sentence under this key with its fields filled in; English when the language lacks it, else the key."""
    sentence = catalogue(language).get(key) if language in LANGUAGES else None
    if sentence is None:
        sentence = catalogue(LANGUAGES[0]).get(key)
    form = _FORMATTERS.get(language, _FORMATTERS[LANGUAGES[0]])
    return key if sentence is None else form.vformat(sentence, (), fields)


def has_words(key: str, language: str = "en") -> bool:
    """Whether the catalogue has this key in this very language."""
    return key in catalogue(language)


def refusal_text(code: int, fields: Mapping[str, Any], language: str = "en") -> str:
    """A refusal as a person reads it; a number without words is shown with its fields."""
    key = f"refusal.{int(code)}"
    if has_words(key):
        return _LOOSE.sub("", say(key, language, **refused_fields.told(fields, partial(_known, language))))
    return say(
        "refusal.unknown", language, code=int(code), fields=shown(dict(fields), _JOINTS.get(language, _PLAIN_JOINTS))
    )


def fields_said(fields: Mapping[str, Any], language: str = "en") -> dict[str, Any]:
    """The fields of a refusal, in words where there are some, for sentences of other pages."""
    return refused_fields.told(fields, partial(_known, language))


def source_said(source: str, language: str = "en") -> str:
    """A rule's source; that it was written from memory is said in the language."""
    return refused_fields.source_told(source, partial(_known, language))


def language_of(wanted: str | None) -> str:
    """The language for a locale (`zh_CN.UTF-8`) or an Accept-Language header (`zh-CN,zh;q=0.9,en;q=0.8`)."""
    best, best_weight = LANGUAGES[0], 0.0
    for part in (wanted or "").split(","):
        name, _, parameters = part.partition(";")
        language = name.strip().replace("_", "-").partition("-")[0].partition(".")[0].lower()
        weight = _weight(parameters)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def language_of_environment(environment: Mapping[str, str] = os.environ) -> str:
    """The language that the terminal asks for: LC_ALL, else LC_MESSAGES, else LANG."""
    return language_of(next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), ""))


def shown(value: Any, joints: tuple[str, str] = (", ", "; ")) -> str:
    """A field's value as text: lists with commas, nothing as `-`, records as `name value` pairs.

    `joints` stand between short entries, and between entries that have commas of their own.
    """
    if value is None or value == "":
        return "-"
    if isinstance(value, Mapping):
        return joints[0].join(f"{name} {shown(one, joints)}" for name, one in value.items()) or "-"
    if isinstance(value, list | tuple):
        is_nested = any(isinstance(one, Mapping | list | tuple) or _COMMAS & set(str(one)) for one in value)
        return joints[is_nested].join(shown(one, joints) for one in value) or "-"
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value)


def _known(language: str, key: str, /, **fields: Any) -> str:
    """As `say`, but empty for a key that has no words."""
    return say(key, language, **fields) if has_words(key) else ""


def _flat(prefix: str, table: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            found.update(_flat(f"{prefix}{name}.", value))
        else:
            found[prefix + name] = str(value)
    return found


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


class _Counted(NamedTuple):
    """A number with the word that it counts."""

    name: str
    number: Any
    one: str
    several: str

    def told(self, number: str) -> str:
        """The number, written already, before its word; as it stood when a script is to fill it in."""
        if number == f"{{{self.name}}}":
            return f"{{{self.name}#{self.one}|{self.several}}}"
        return f"{number} {self.one if number == '1' else self.several}"


class _Forgiving(Formatter):
    """Fills in what is there: a hole is better than a traceback where a refusal should be explained."""

    def __init__(self, joints: tuple[str, str]) -> None:
        self.joints = joints

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:
        name, _, forms = field_name.partition("#")
        value = kwargs.get(name, _MISSING)
        return (_Counted(name, value, *forms.split("|", 1)) if "|" in forms else value), name

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is _MISSING:
            return "?"
        if isinstance(value, _Counted):
            return value.told(self.format_field(value.number, format_spec))
        try:
            if format_spec == "time":
                return clock.told(int(value), seconds=True)
            if format_spec == "e5":
                return f"{Decimal(int(value)).scaleb(-5).normalize():f}"
            if format_spec == "fen":
                return f"{Decimal(int(value)).scaleb(-2):,.2f}"
        except (ValueError, TypeError, OverflowError, OSError):
            pass
        return shown(value, self.joints)


_MISSING: Final = object()
_COMMAS: Final = frozenset(",，、")
_WIDE: Final = "\u3001-\u303f\u4e00-\u9fff\uff01-\uff5e"
_LOOSE: Final = re.compile(f"(?<=[{_WIDE}]) (?=[{_WIDE}])")
"""A blank between two Chinese signs, as a field leaves it that was filled in with words."""
_PLAIN_JOINTS: Final = (", ", "; ")
_JOINTS: Final = {"zh": ("、", "；")}
_FORMATTERS: Final = {one: _Forgiving(_JOINTS.get(one, _PLAIN_JOINTS)) for one in LANGUAGES}
