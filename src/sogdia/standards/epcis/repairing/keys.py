"""Identifiers of GS1 as people write them: element strings, bare numbers, GTINs that lost their zeros.

They become Digital Links, which say the same. A wrong check digit is never put right: nobody knows which digit is the
wrong one.
"""

import re
from collections.abc import Sequence
from typing import Final, Literal
from urllib.parse import quote

from sogdia.standards.epcis.repairing.values import has_scheme, repaired_uri
from sogdia.standards.gs1.application_identifiers import keys
from sogdia.standards.gs1.digital_link import DigitalLink, checked
from sogdia.standards.gs1.elements import check, check_exclusions
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical

Role = Literal["thing", "class", "place", "party", "other"]
"""What a field names. A bare number is understood only where the field leaves one key for its length."""

_BARE: Final[dict[tuple[Role, int], str]] = {("thing", 18): "00", ("place", 13): "414", ("party", 13): "417"}
_DIGITS: Final = re.compile(r"[0-9]{8,20}")
_ELEMENTS: Final = re.compile(r"(?:\([0-9]{2,4}\)[^()]+)+")
_ELEMENT: Final = re.compile(r"\(([0-9]{2,4})\)([^()]+)")
_GTIN_IN_PATH: Final = re.compile(r"(?i)(https?://[^?#]*?/01/)([0-9]{8}|[0-9]{12,13})(?=[/?#]|\Z)")
_SHORT_GTINS: Final = (8, 12, 13)
_GTIN_DIGITS: Final = 14


def repaired_key(text: str, role: Role) -> str:
    """The Digital Link of an element string or bare number; anything else as it stands. Raises BadIdentifier."""
    if text.startswith("("):
        return _of_elements(text)
    if _DIGITS.fullmatch(text):
        return _of_digits(text, role)
    found = _GTIN_IN_PATH.match(text)
    if found is None or not _is_gtin_link(text):
        return text
    return f"{found[1]}{found[2].zfill(_GTIN_DIGITS)}{text[found.end() :]}"


def repaired_name(text: str) -> str:
    """A URN or an element string put right, where it is right but for how it is written; anything else as it stands."""
    uri = repaired_uri(text)
    if not uri.startswith("("):
        return uri
    try:
        return _of_elements(uri)
    except BadIdentifier:
        return uri


def require_right(text: str) -> None:
    """Raise BadIdentifier for a URI that is meant as an identifier of GS1 and is none."""
    if has_scheme(text):
        canonical(text)


def _is_gtin_link(text: str) -> bool:
    # Its first /01/ may stand in the stem, as in /2024/01/…; then the canonical link does not hold the digits.
    link, found = canonical(text), _GTIN_IN_PATH.match(text)
    return found is not None and link.startswith(f"https://id.gs1.org/01/{found[2].zfill(_GTIN_DIGITS)}")


def _of_digits(text: str, role: Role) -> str:
    ai = _BARE.get((role, len(text)))
    if ai is None:
        remedy = "write the key before it, as (00), (01) or (414), or a GS1 Digital Link"
        raise BadIdentifier("number", text, "it may be several things", remedy)
    check(ai, text)
    return checked(DigitalLink(ai, text)).uri


def _of_elements(text: str) -> str:
    if not _ELEMENTS.fullmatch(text):
        raise BadIdentifier("element string", text, "it cannot be read", "write it like (01)09506000134352(21)A1")
    pairs = [(ai, _full(ai, value)) for ai, value in _ELEMENT.findall(text)]
    (key, value), *others = pairs
    if len({ai for ai, _ in pairs}) < len(pairs):
        raise BadIdentifier("element string", text, "an AI stands twice", "give each once")
    row = keys().get(key)
    if row is None:
        raise BadIdentifier("element string", text, f"({key}) is no key", "put the key first, as (01), (00) or (414)")
    path = next(iter(sorted(row.qualifiers, key=lambda one: -sum(ai in one for ai, _ in others))), ())
    qualifiers = tuple(sorted((one for one in others if one[0] in path), key=lambda one: path.index(one[0])))
    link = checked(DigitalLink(key, value, qualifiers))
    return link.uri + _query([one for one in others if one[0] not in path], [ai for ai, _ in pairs])


def _full(ai: str, value: str) -> str:
    is_short = ai == "01" and value.isdigit() and len(value) in _SHORT_GTINS
    return value.zfill(_GTIN_DIGITS) if is_short else value


def _query(others: Sequence[tuple[str, str]], ais: Sequence[str]) -> str:
    for ai, value in others:
        check(ai, value)
        if ai in keys():
            raise BadIdentifier("element string", ai, "a second key stands in it", "name one thing in one identifier")
    if not others:
        return ""
    check_exclusions(ais)
    return "?" + "&".join(f"{ai}={quote(value, safe='')}" for ai, value in others)
