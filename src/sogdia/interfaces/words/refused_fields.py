"""What a refusal's fields say, in words of a language: names, sources of rules, choices, money in its major unit.

The record keeps fields as they are on every node: names, whole numbers in minor units, codes. A person reads `payment
amount (rule R2): payment institution 154.00 CNY, platform 153.00 CNY`. Whatever has no words here stays as it came.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

Say = Callable[..., str]
"""A sentence of the reader's language by its key, with fields; empty when the language has none."""

_LINE: Final = re.compile(r"lines\[(\d+)\]")
_FROM_MEMORY: Final = "written from memory"
_IMPORT_RULES: Final = frozenset({"R2", "R3", "R7", "R9", "F1"})
"""Rules of the match that hold for import alone, whose one currency is CNY (R6)."""
_IMPORT_CURRENCY: Final = "CNY"
_CHOICES: Final = frozenset({"certainty", "status", "follows", "state", "standing", "kind", "subject"})
_LISTS: Final = {"roles": "role", "fields": "field", "markets": "country"}
_COUNTRIES: Final = frozenset({"country", "ship_to", "origin"})


def told(fields: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """The same fields, in words where there are some."""
    return {name: _told(name, value, fields, say) for name, value in fields.items()}


def source_told(source: str, say: Say) -> str:
    """A rule's source; that nobody read it but remembered is said in the reader's language, behind what it names."""
    if not source.startswith(_FROM_MEMORY):
        return source
    rest = source.removeprefix(_FROM_MEMORY).lstrip(": ")
    words = say("refused.from_memory") or _FROM_MEMORY
    return _beside(rest, words, say)


def _told(name: str, value: Any, fields: Mapping[str, Any], say: Say) -> Any:
    match name, value:
        case "disagreements", [*points]:
            currency = _currency(points, fields.get("count"))
            return [_disagreement(one, currency, say) if isinstance(one, Mapping) else one for one in points]
        case _, [*each] if name in _LISTS:
            return [_text(_LISTS[name], one, say) for one in each]
        case _, str():
            return _text(name, value, say)
    return value


def _text(name: str, value: Any, say: Say) -> Any:
    if not isinstance(value, str):
        return value
    if name in _CHOICES:
        return say(f"sign_choice.{value}") or value
    match name:
        case "source":
            return source_told(value, say)
        case "role":
            return say(f"console_role.{value}") or value
        case "field":
            return _field(value, say)
        case "missing":
            return say(f"refused_missing.{value}") or value
        case "country":
            return _beside(say(f"country.{value}"), value, say)
        case "message" | "action":
            return _beside(say(f"sign_name.{value}"), value, say)
        case "book" | "expected_book":
            return _beside(say(f"console_book.{value}"), value, say)
    return value


def _beside(words: str, code: str, say: Say) -> str:
    return say("refused.beside", words=words, code=code) if words else code


def _field(path: str, say: Say) -> str:
    """A field by its name in the language, with the line that it stands in."""
    line, plain = _LINE.search(path), _LINE.sub("line", path).replace(".", "_")
    words = say(f"desks_compared.{plain}") or say(f"sign_field.{plain.removeprefix('line_')}")
    if not words:
        return path
    return say("refused.in_line", words=words, line=int(line[1])) if line else words


def _currency(points: Sequence[Any], count: Any) -> str:
    """The currency of the amounts that a match compares, where the refusal knows it: all points, and no other one."""
    seen = [one for one in points if isinstance(one, Mapping)]
    is_whole = len(seen) == len(points) == count
    differs = any(one.get("field") == "currency" for one in seen)
    is_import = any(one.get("rule") in _IMPORT_RULES for one in seen)
    return _IMPORT_CURRENCY if is_whole and is_import and not differs else ""


def _disagreement(point: Mapping[str, Any], currency: str, say: Say) -> str:
    field, said = str(point.get("field", "?")), point.get("values")
    each = said.items() if isinstance(said, Mapping) else ()
    sides = say("console.comma").join(
        say("refused.side", side=_side(str(side), say), value=_value(field, value, currency, say))
        for side, value in each
    )
    return say("refused.point", field=_field(field, say), rule=point.get("rule", "?"), sides=sides)


def _side(side: str, say: Say) -> str:
    return say(f"console_role.{side}") or say(f"refused_side.{side}") or side


def _value(field: str, value: Any, currency: str, say: Say) -> str:
    """What one party says, as people write it."""
    name = field.rpartition(".")[2]
    if value is None or value == "":
        return say("refused.nothing")
    if isinstance(value, bool) or not isinstance(value, int):
        return _named(name, str(value), say)
    if name.endswith("_minor") or name == "payment":
        return f"{_scaled(value, _digits(currency))} {currency}" if currency else _minor(value, say)
    if name == "price_e5":
        return f"{_plain(value)} {currency}".rstrip()
    if name.endswith("_e5"):
        return _plain(value)
    return f"{value:,} g" if name.endswith("_grams") else f"{value:,}"


def _named(name: str, value: str, say: Say) -> str:
    if name in _COUNTRIES:
        return _beside(say(f"country.{value}"), value, say)
    if name == "unit":
        return _beside(say(f"sign_unit.{value}"), value, say)
    return value


def _minor(value: int, say: Say) -> str:
    return say("refused.minor", value=f"{value:,}")


def _digits(currency: str) -> int:
    """Digits of a currency's minor unit."""
    from sogdia.core.values import minor_digits  # loads msgspec, and the help of commands speaks without it

    return minor_digits(currency)


def _scaled(value: int, digits: int) -> str:
    return f"{Decimal(value).scaleb(-digits):,.{digits}f}"


def _plain(value_e5: int) -> str:
    return f"{Decimal(value_e5).scaleb(-5).normalize():,f}"
