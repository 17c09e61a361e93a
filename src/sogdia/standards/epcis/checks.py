"""Every rule of the EPCIS 2.0.1 JSON Schema for one event, on its plain JSON value, each fault with its remedy.

This is the one full statement of the rules. `quick` knows the same for events that are right, only faster; what it
does not pass comes here. Places in lists count from 1.

Stricter than the schema: events of types that are not the standard's five; URIs over 2,000 characters; numbers over 60
characters; names in places (`readPoint`, `bizLocation`) that have no prefix.

Source: EPCIS-JSON-Schema.json, definitions; 2.0.1 for persistentDisposition, which all events may have.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from sogdia.standards.epcis.moments import is_moment
from sogdia.standards.epcis.uris import is_uri, known_uri
from sogdia.standards.epcis.vocabulary import WORDS, Kind, bare

Told = Callable[[str, Any, str, str], None]
"""Takes a fault: field, value, what is wrong, what to do."""
Rule = Callable[[Any, str, Told], None]
Fields = dict[str, Rule]

OFFSET: Final = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
UOM: Final = re.compile(r"[A-Z0-9]{2,3}")
HEX: Final = re.compile(r"[A-Fa-f0-9]+")
CBV_PREFIXES: Final = ("urn:epcglobal:cbv", "https://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv/")
VOC_PREFIXES: Final = tuple(f"{scheme}://{host}gs1.org/voc/" for scheme in ("https", "http") for host in ("", "www."))
NUMBER_CHARS: Final = 60

_WRITE_URI = "write one like https://id.gs1.org/00/… or urn:…, with other signs as %XX"


def uri(value: Any, at: str, told: Told) -> None:
    """A URI by RFC 3986."""
    if not isinstance(value, str) or not is_uri(value):
        told(at, value, "is no URI", _WRITE_URI)


def time(value: Any, at: str, told: Told) -> None:
    """A time with zone by RFC 3339."""
    if not isinstance(value, str) or not is_moment(value):
        told(at, value, "is no time with a zone", "write it like 2026-05-28T20:33:31.116Z")


def text(value: Any, at: str, told: Told) -> None:
    """Any text."""
    if not isinstance(value, str):
        told(at, value, "is no text", "put it in quotation marks")


def truth(value: Any, at: str, told: Told) -> None:
    """true or false."""
    if not isinstance(value, bool):
        told(at, value, "is neither true nor false", "write true or false, without quotation marks")


def number(value: Any, at: str, told: Told) -> None:
    """A JSON number of at most NUMBER_CHARS characters."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        told(at, value, "is no number", "write it without quotation marks")
    elif len(str(value)) > NUMBER_CHARS:
        told(at, str(value)[:20], f"has more than {NUMBER_CHARS} characters", "round it")


def shape(pattern: re.Pattern[str], remedy: str) -> Rule:
    """A text of one shape."""

    def rule(value: Any, at: str, told: Told) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            told(at, value, "has not the right form", remedy)

    return rule


def one_of(*choices: str) -> Rule:
    """One of a few words."""

    def rule(value: Any, at: str, told: Told) -> None:
        if value not in choices:
            told(at, value, "is none of the words for this", f"write {', '.join(choices)}")

    return rule


def word(kind: Kind) -> Rule:
    """A bare word of CBV, or a URI that is not one of CBV's."""
    taken = VOC_PREFIXES if kind in ("measurement", "alert") else CBV_PREFIXES

    def rule(value: Any, at: str, told: Told) -> None:
        if not isinstance(value, str):
            told(at, value, "is no text", "write a word of CBV or a URI")
        elif value not in WORDS[kind] and (value.startswith(taken) or not is_uri(value)):
            found = bare(kind, value)
            remedy = f"write {found}" if found in WORDS[kind] else "write a word of CBV, or a URI of another vocabulary"
            told(at, value, "is not how JSON says it" if found in WORDS[kind] else "is no word of CBV", remedy)

    return rule


def listed(item: Rule, least: int = 0, unique: bool = False) -> Rule:
    """A list of so many things at least."""

    def rule(value: Any, at: str, told: Told) -> None:
        if not isinstance(value, list):
            told(at, value, "is no list", "put it in square brackets")
            return
        if len(value) < least:
            told(at, value, "is empty", "leave it out or put something in")
        for place, thing in enumerate(value, 1):
            item(thing, f"{at}[{place}]", told)
        texts = [thing for thing in value if isinstance(thing, str)]
        if unique and len(set(texts)) < len(texts):
            twice = next(thing for place, thing in enumerate(texts) if thing in texts[:place])
            told(at, twice, "stands there twice", "name each once")

    return rule


def part(fields: Fields, required: tuple[str, ...] = (), is_open: bool = False) -> Rule:
    """A part with named fields; where it is open, others may add `prefix:name`."""

    def rule(value: Any, at: str, told: Told) -> None:
        if not isinstance(value, dict):
            told(at, value, "is no object", "put its fields in braces")
            return
        judge_fields(value, fields, required, f"{at}.", told, is_open)

    return rule


def judge_fields(
    value: dict[str, Any], fields: Fields, required: tuple[str, ...], at: str, told: Told, is_open: bool
) -> None:
    """What is there, what is missing, what does not belong."""
    for name, thing in value.items():
        rule = fields.get(name)
        if rule is not None:
            rule(thing, f"{at}{name}", told)
        elif not is_open:
            told(f"{at}{name}", thing, "does not belong here", f"leave it out; {', '.join(sorted(fields))} do")
        elif ":" not in name or not known_uri(name):
            told(f"{at}{name}", thing, *unnamed(name))
    for name in required:
        if name not in value:
            told(f"{at}{name}", None, "is missing", "add it")


def unnamed(name: str) -> tuple[str, str]:
    """What is wrong with a name of others that is no URI, and what to do."""
    if ":" not in name:
        return "is no field of the standard", "give it a prefix that @context declares"
    return "has a name that is no URI", "write signs other than letters, digits and -._~ as %XX"


def names(value: Any, at: str, told: Told) -> None:
    """An object of others' names alone (`ilmd`)."""
    if not isinstance(value, dict):
        told(at, value, "is no object", "put its fields in braces")
        return
    judge_fields(value, {}, (), f"{at}.", told, True)


def uri_or_uris(value: Any, at: str, told: Told) -> None:
    """One URI or a list of them."""
    (listed(uri) if isinstance(value, list) else uri)(value, at, told)


def anything(value: Any, at: str, told: Told) -> None:
    """What others judge: contexts and types."""
