"""GS1 Digital Link URIs of any domain, read strictly and written in canonical form.

    scheme://host[/stem]/key/value[/qualifier/value]*[?ai=value&other=...]

Source: GS1 Digital Link Standard, URI Syntax. Its alphabetic names for AIs (gtin, lot, ser) were withdrawn and are not
read; its compressed form is not read either, since any path could be taken for one.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote

import msgspec

from sogdia.standards.gs1.application_identifiers import keys, table
from sogdia.standards.gs1.elements import check, check_exclusions
from sogdia.standards.gs1.errors import BadIdentifier

CANONICAL: Final = "https://id.gs1.org/"
"""What every canonical Digital Link begins with."""

URI_CHARS_LIMIT: Final = 4_096
"""Longest URI that is read."""

LETTERED_KEYS: Final = frozenset({"401", "8004", "8010", "8013"})
"""Keys of letters and digits without a fixed length, which the path of an ordinary web page may look like."""

Pairs = tuple[tuple[str, str], ...]
"""Names with their values, percent signs decoded, in the order of the URI."""

_GS1_HOST: Final = "id.gs1.org"
_FORM: Final = "Digital Link"
_URI: Final = re.compile(r"(?i:https?)://(?P<host>[^/?#@]+)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?")
_VISIBLE: Final = re.compile(r"[!-~]+")
_BROKEN_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AI: Final = re.compile(r"[0-9]{2,4}")
_COMPRESSED: Final = re.compile(r"[0-9A-Za-z_-]{8,}")
_MEANT: Final = re.compile(r"[0-9]{11}")
_GTIN_8: Final = re.compile(r"[0-9]{8}")
_SHORT_GTIN: Final = re.compile(r"[0-9]{8}|[0-9]{12,13}")
_NO_EXTENSION: Final = ("254", "0")


class DigitalLink(msgspec.Struct, frozen=True):
    """What a Digital Link says: the key, its qualifiers in their order, data attributes, and what is not GS1's.

    Values are plain text, percent signs decoded; a GTIN has 14 digits.
    """

    key: str
    value: str
    qualifiers: Pairs = ()
    attributes: Pairs = ()
    other: Pairs = ()

    @property
    def uri(self) -> str:
        """The constrained canonical URI: at id.gs1.org, every qualifier, no query.

        All but letters, digits and - . _ ~ is percent-encoded, in capitals (RFC 3986, sections 2.1 and 2.3).
        """
        return CANONICAL + "/".join(f"{ai}/{quote(value, safe='')}" for ai, value in self._path())

    @property
    def finest(self) -> "DigitalLink":
        """The same thing with the finest qualifier only: what EPCIS and the event hash take as its identity."""
        return DigitalLink(self.key, self.value, self.qualifiers[-1:])

    def _path(self) -> Pairs:
        return ((self.key, self.value), *self.qualifiers)


def parse(text: str) -> DigitalLink:
    """The parts of a Digital Link on any domain, with or without a stem; raises `BadIdentifier`."""
    _, segments, query = _split(text)
    at = _key_at(segments)
    if at is None:
        raise _no_key(text, segments)
    return _link(text, segments[:at], segments[at:], query)


def find(text: str) -> DigitalLink | None:
    """The Digital Link that a URI is, or None for any other URI; raises `BadIdentifier` for one that is malformed.

    A URI at id.gs1.org is meant as a Digital Link when its path begins with a number or could be a compressed one.
    Elsewhere a key is one when at least 11 digits follow it, or a GTIN-8 at the path's beginning. Keys of letters and
    digits say less: they count only where nothing stands before them and the value is right.
    """
    if not _URI.fullmatch(text):
        return None
    host, segments, query = _split(text)
    at = _key_at(segments)
    if host == _GS1_HOST and (at is not None or _is_meant_at_gs1(segments)):
        return parse(text)
    if at is None or not _is_meant(segments, at):
        return None
    return _link(text, segments[:at], segments[at:], query)


def write(link: DigitalLink) -> str:
    """The canonical URI of a link made by hand; raises `BadIdentifier` when a value or the order is wrong."""
    return checked(link).uri


def checked(link: DigitalLink) -> DigitalLink:
    """The same link, after its key, qualifiers and their order were found right; raises `BadIdentifier`.

    A GLN extension of a single 0 stands for none (EPC Tag Data Standard 2.0, section 6.3.3) and is left out.
    """
    row = keys().get(link.key)
    if row is None:
        raise BadIdentifier(_FORM, link.key, "this AI is no key of a Digital Link", f"use one of {' '.join(keys())}")
    check(link.key, link.value)
    given = tuple(ai for ai, _ in link.qualifiers)
    if given and not any(_in_order(given, sequence) for sequence in row.qualifiers):
        allowed = " or ".join("/".join(sequence) for sequence in row.qualifiers) or "nothing"
        raise BadIdentifier(_FORM, "/".join(given), f"no such qualifiers after {link.key}", f"expected {allowed}")
    for ai, value in link.qualifiers:
        check(ai, value)
    if _NO_EXTENSION not in link.qualifiers:
        return link
    return msgspec.structs.replace(link, qualifiers=tuple(pair for pair in link.qualifiers if pair != _NO_EXTENSION))


# --- the path --------------------------------------------------------------------------------------------------------


def _split(text: str) -> tuple[str, list[str], str]:
    if len(text) > URI_CHARS_LIMIT:
        raise BadIdentifier(_FORM, text, f"it has {len(text)} characters", f"at most {URI_CHARS_LIMIT} are read")
    found = _URI.fullmatch(text) if _VISIBLE.fullmatch(text) else None
    if found is None:
        raise BadIdentifier(_FORM, text, "it is no web URI", "expected http or https, a host, and no blanks")
    path = (found["path"] or "").removeprefix("/").removesuffix("/")
    return found["host"].lower(), path.split("/") if path else [], found["query"] or ""


def _key_at(segments: Sequence[str]) -> int | None:
    # From the right, since a stem may hold numbers too, as in /2024/01/15/01/<gtin>.
    for at in range(len(segments) - 2, -1, -2):
        if segments[at] in keys():
            return at
        if not _AI.fullmatch(segments[at]):
            return None
    return None


def _is_meant_at_gs1(segments: Sequence[str]) -> bool:
    if not segments:
        return False
    return segments[0].isdigit() or (len(segments) == 1 and _COMPRESSED.fullmatch(segments[0]) is not None)


def _is_meant(segments: Sequence[str], at: int) -> bool:
    key, value = segments[at : at + 2]
    if key in LETTERED_KEYS:
        return at == 0 and _fits(key, value)
    return bool(_MEANT.match(value)) or (at == 0 and key == "01" and bool(_GTIN_8.fullmatch(value)))


def _fits(ai: str, value: str) -> bool:
    try:
        check(ai, _decoded(value))
    except BadIdentifier:
        return False
    return True


def _no_key(text: str, segments: Sequence[str]) -> BadIdentifier:
    if segments and _COMPRESSED.fullmatch(segments[-1]):
        wrong = "its path has no GS1 key; if it is the compressed form, that is not read here"
        return BadIdentifier(_FORM, text, wrong, "expand it first with GS1's Digital Link toolkit")
    return BadIdentifier(
        _FORM, text, "its path is no GS1 key with its value and qualifiers", "expected .../01/<gtin>, .../00/<sscc> ..."
    )


def _link(text: str, stem: Sequence[str], path: Sequence[str], query: str) -> DigitalLink:
    _check_stem(text, stem)
    values = [_decoded(value) for value in path[1::2]]
    key, value = path[0], values[0]
    if key == "01" and _SHORT_GTIN.fullmatch(value):
        value = value.zfill(14)
    qualifiers = tuple(zip(path[2::2], values[1:], strict=True))
    attributes, other = _query(query, path[::2]) if query else ((), ())
    return checked(DigitalLink(key, value, qualifiers, attributes, other))


def _check_stem(text: str, stem: Sequence[str]) -> None:
    if len(stem) > 1 and stem[-2] in keys() and _fits(stem[-2], stem[-1]):
        raise BadIdentifier(_FORM, text, "its path has two keys, one after the other", "name one thing in one URI")


def _in_order(given: Sequence[str], sequence: Sequence[str]) -> bool:
    rest = iter(sequence)
    return all(ai in rest for ai in given)


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    if _BROKEN_PERCENT.search(text):
        raise BadIdentifier(_FORM, text, "a % stands without two hexadecimal digits", "write a percent sign as %25")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadIdentifier(_FORM, text, "its percent-encoding is no UTF-8", "encode the text as UTF-8") from None


# --- the query -------------------------------------------------------------------------------------------------------


def _query(query: str, in_path: Sequence[str]) -> tuple[Pairs, Pairs]:
    named = [part.partition("=") for part in re.split("[&;]", query) if part]
    pairs = [(_decoded(name), _decoded(value)) for name, _, value in named]
    attributes = tuple((name, value) for name, value in pairs if name.isdigit())
    seen = set(in_path)
    for ai, value in attributes:
        _check_attribute(ai, value, seen)
        seen.add(ai)
    if attributes:
        check_exclusions(seen)
    return attributes, tuple((name, value) for name, value in pairs if not name.isdigit())


def _check_attribute(ai: str, value: str, seen: set[str]) -> None:
    row = table().get(ai)
    if row is None or not row.is_attribute:
        wrong = "this number is no data attribute of a Digital Link"
        raise BadIdentifier(_FORM, ai, wrong, "leave it out, or name a value that is not GS1's with letters")
    if ai in seen:
        raise BadIdentifier(_FORM, ai, "this AI stands twice", "give each AI once")
    check(ai, value)
