"""Menders of values that name nothing: words of CBV, actions, types, numbers, units."""

import re
from decimal import Decimal
from typing import Any, Final

from sogdia.standards.epcis.checks import NUMBER_CHARS
from sogdia.standards.epcis.model import EVENT_TYPES
from sogdia.standards.epcis.query.units import UNITS
from sogdia.standards.epcis.repairing.values import repaired_uri
from sogdia.standards.epcis.repairing.work import Work
from sogdia.standards.epcis.vocabulary import WORDS, Kind, bare

GONE: Final = object()
"""What a mender gives for a field that is left out."""

_ACTIONS: Final = ("OBSERVE", "ADD", "DELETE")
_TYPES: Final = {str(name).casefold(): str(name) for name in EVENT_TYPES}
_TYPE_HEADS: Final = ("epcis:", "https://ref.gs1.org/epcis/", "http://ref.gs1.org/epcis/")
_NUMBER: Final = re.compile(r"([+-]?)([0-9]+)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_BETWEEN: Final = re.compile(r"[ -]")
_MEANS_TWO_THINGS: Final = frozenset(("HM", "MHZ", "MPA", "MAW"))
"""Codes that in small letters read as another unit: hectometre, millihertz, millipascal, milliwatt."""
_CODES: Final = (frozenset(UNITS) | frozenset("EA C62 H87 PR DZN SET P1 NMP".split())) - _MEANS_TWO_THINGS


def _folded(word: str) -> str:
    return _BETWEEN.sub("_", word).casefold()


_FOLDED: Final[dict[Kind, dict[str, str]]] = {
    kind: {_folded(word): word for word in words} for kind, words in WORDS.items()
}


def is_nothing(value: Any) -> bool:
    """Whether a value holds nothing: null, blanks, an object without fields."""
    return value is None or value == {} or (isinstance(value, str) and not value.strip())


def text(value: Any, at: str, work: Work) -> Any:
    """A text without blanks around it."""
    return work.stripped(at, value) if isinstance(value, str) else value


def word(kind: Kind) -> Any:
    """A mender of words of CBV: in any spelling of it, with other letters or blanks between."""

    def mend(value: Any, at: str, work: Work) -> Any:
        if not isinstance(value, str):
            return value
        given = work.stripped(at, value)
        whole = repaired_uri(given)
        for spelling in (given, whole, whole.lower() if whole.startswith("urn:epcglobal:cbv:") else whole):
            found = bare(kind, spelling)
            if found in WORDS[kind]:
                return work.swap(at, given, found, "word")
        return work.swap(at, given, _FOLDED[kind].get(_folded(given), whole), "word")

    return mend


def action(value: Any, at: str, work: Work) -> Any:
    """ADD, OBSERVE or DELETE in any letters."""
    if not isinstance(value, str) or value.strip().upper() not in _ACTIONS:
        return value
    return work.swap(at, value, value.strip().upper(), "word")


def event_type(value: Any, at: str, work: Work) -> Any:
    """One of the five types in any letters, bare or as the URI that it stands for."""
    if not isinstance(value, str):
        return value
    plain = value.strip()
    for head in _TYPE_HEADS:
        plain = plain.removeprefix(head)
    return work.swap(at, value, _TYPES.get(plain.casefold(), value), "type")


def number(value: Any, at: str, work: Work) -> Any:
    """A number that was put in quotation marks; one with a comma stays, since it may mean two things."""
    if not isinstance(value, str) or len(value) > NUMBER_CHARS:
        return value
    found = _NUMBER.fullmatch(value.strip())
    if found is None:
        return value
    sign, whole, fraction, exponent = found.groups()
    return work.put(at, value, Decimal(f"{sign}{whole}{fraction or ''}{exponent or ''}"), "number")


def truth(value: Any, at: str, work: Work) -> Any:
    """true or false in quotation marks."""
    if not isinstance(value, str) or value.strip().lower() not in ("true", "false"):
        return value
    return work.put(at, value, value.strip().lower() == "true", "number")


def unit(value: Any, at: str, work: Work) -> Any:
    """A code of UN/ECE Rec. 20 in small letters, of those codes that cannot be another unit in small letters."""
    if not isinstance(value, str):
        return value
    given = work.stripped(at, value)
    is_code = given.islower() and given.upper() in _CODES
    return work.swap(at, given, given.upper(), "unit") if is_code else given
