"""EPC pure identity URNs, class URNs and the patterns that name one class, to Digital Links and back.

    urn:epc:id:sgtin:<company prefix>.<indicator and item reference>.<serial>
    urn:epc:class:lgtin:<company prefix>.<indicator and item reference>.<lot>
    urn:epc:idpat:sgtin:<company prefix>.<indicator and item reference>.*

The way to a Digital Link needs nothing; the way back needs the length of the company prefix.
Source: GS1 EPC Tag Data Standard 2.0, sections 6 to 8; GS1 Core Business Vocabulary 2.0 on class-level identifiers.
"""

import re
from typing import Final
from urllib.parse import unquote

import msgspec

from sogdia.standards.gs1.check_digits import check_digit
from sogdia.standards.gs1.digital_link import DigitalLink, checked
from sogdia.standards.gs1.errors import BadIdentifier, NoDigitalLink
from sogdia.standards.gs1.prefixes import PrefixLengths

SCHEMES_WITHOUT_LINK: Final = frozenset({"gid", "usdod", "adi", "bic", "imovn"})
"""EPC schemes whose numbers are not GS1's, so that no Application Identifier stands for them."""

_FORM: Final = "EPC URN"
_URN: Final = re.compile(r"(?i:urn:epc:)(id|idpat|class):([a-z]+):([!-~]+)")
_PREFIX: Final = re.compile(r"[0-9]{6,12}")
_TEXT: Final = re.compile(r"(?:[0-9A-Za-z!'()*+,\-.:;=_]|%[0-9A-Fa-f]{2})+")
_ESCAPED: Final = str.maketrans({char: f"%{ord(char):02X}" for char in '"#%&/<>?'})
_NONE: Final = "0"  # the extension of a GLN without one


_IDENTITY: Final = re.compile(r"(?i:urn:epc:(?:id|idpat|class):)")


class Scheme(msgspec.Struct, frozen=True):
    """How the fields of one EPC scheme lie in a key.

    `digits` counts company prefix and reference, without the check digit; 0: the reference is text and has no check
    digit. `leads`: the reference's first digit stands before the prefix. `before` is what the key puts before all.
    `counts`: piece and total of an ITIP. `serial` is the AI of the last field; "+" appends it to the key's own value.
    """

    name: str
    key: str
    digits: int
    serial: str = ""
    kind: str = "id"
    leads: bool = False
    before: str = ""
    counts: bool = False
    has_class: bool = False

    @property
    def fields(self) -> int:
        """How many fields the URN has."""
        return 2 + 2 * self.counts + bool(self.serial)


SCHEMES: Final = (
    Scheme("sgtin", "01", 13, "21", leads=True, has_class=True),
    Scheme("lgtin", "01", 13, "10", kind="class", leads=True),
    Scheme("upui", "01", 13, "235", leads=True, has_class=True),
    Scheme("itip", "8006", 13, "21", leads=True, counts=True, has_class=True),
    Scheme("sscc", "00", 17, leads=True),
    Scheme("sgln", "414", 12, "254"),
    Scheme("pgln", "417", 12),
    Scheme("grai", "8003", 12, "+", before="0", has_class=True),
    Scheme("gdti", "253", 12, "+", has_class=True),
    Scheme("sgcn", "255", 12, "+", has_class=True),
    Scheme("gsrn", "8018", 17),
    Scheme("gsrnp", "8017", 17),
    Scheme("gsin", "402", 16),
    Scheme("giai", "8004", 0),
    Scheme("ginc", "401", 0),
    Scheme("cpi", "8010", 0, "8011", has_class=True),
)
"""Every scheme that has a Digital Link."""

_BY_NAME: Final = {scheme.name: scheme for scheme in SCHEMES}
_BY_AIS: Final = {(scheme.key, scheme.serial): scheme for scheme in SCHEMES}
_CLASSES: Final = {scheme.key: scheme for scheme in reversed(SCHEMES) if scheme.has_class}


# --- to a Digital Link -----------------------------------------------------------------------------------------------


def is_identity(text: str) -> bool:
    """Whether a URI names a thing or classes in EPC; tags, raw values and tag patterns (urn:epc:tag:...) do not."""
    return _IDENTITY.match(text) is not None


def to_digital_link(urn: str) -> DigitalLink:
    """The Digital Link of an EPC URN; raises `BadIdentifier`, and `NoDigitalLink` where there is none.

    `urn:epc:idpat:` names a class only with a `*` for its serial and nothing else left open.
    """
    found = _URN.fullmatch(urn)
    if found is None:
        raise BadIdentifier(_FORM, urn, "it has not the shape of one", "expected urn:epc:id:<scheme>:<fields>")
    kind, name, body = found.groups()
    scheme = _scheme(urn, kind, name)
    parts = body.split(".", scheme.fields - 1)
    if len(parts) != scheme.fields:
        raise BadIdentifier(_FORM, urn, f"it has {len(parts)} fields", f"{name} has {scheme.fields}, with dots between")
    is_class = kind == "idpat"
    if is_class:
        _check_pattern(urn, scheme, parts)
    serial = parts.pop() if scheme.serial else None
    return checked(_link(urn, scheme, parts, None if is_class else serial))


def _scheme(urn: str, kind: str, name: str) -> Scheme:
    if name in SCHEMES_WITHOUT_LINK:
        raise NoDigitalLink(f"{name} has no GS1 Digital Link; keep {urn[:80]!r} as it stands")
    scheme = _BY_NAME.get(name)
    if scheme is None:
        raise BadIdentifier(_FORM, urn, f"{name} is no EPC scheme", f"expected one of {' '.join(_BY_NAME)}")
    if kind != "idpat" and kind != scheme.kind:
        raise BadIdentifier(_FORM, urn, f"{name} is none of urn:epc:{kind}", f"write urn:epc:{scheme.kind}:{name}:...")
    return scheme


def _check_pattern(urn: str, scheme: Scheme, parts: list[str]) -> None:
    if not scheme.has_class or parts[-1] != "*" or "*" in parts[:-1]:
        raise NoDigitalLink(f"only a pattern of one class has a GS1 Digital Link; keep {urn[:80]!r} as it stands")


def _link(urn: str, scheme: Scheme, parts: list[str], serial: str | None) -> DigitalLink:
    prefix, reference, *counts = parts
    if not _PREFIX.fullmatch(prefix):
        raise BadIdentifier(_FORM, urn, "its company prefix is wrong", "expected 6 to 12 digits")
    value = _number(urn, scheme, prefix, reference) if scheme.digits else prefix + _text(urn, reference)
    value += _counts(urn, counts)
    if serial is None:
        return DigitalLink(scheme.key, value)
    plain = _text(urn, serial)
    if scheme.serial == "+":
        return DigitalLink(scheme.key, value + plain)
    return DigitalLink(scheme.key, value, ((scheme.serial, plain),))


def _number(urn: str, scheme: Scheme, prefix: str, reference: str) -> str:
    if len(prefix) + len(reference) != scheme.digits or not (reference.isdigit() or reference == ""):
        wrong = "company prefix and reference have the wrong length, or are not digits"
        raise BadIdentifier(_FORM, urn, wrong, f"{scheme.name} has {scheme.digits} digits in its first two fields")
    body = reference[0] + prefix + reference[1:] if scheme.leads else prefix + reference
    return scheme.before + body + check_digit(body)


def _counts(urn: str, counts: list[str]) -> str:
    if any(len(count) != 2 or not count.isdigit() for count in counts):
        raise BadIdentifier(_FORM, urn, "piece or total is wrong", "write each with two digits, such as 01.02")
    return "".join(counts)


def _text(urn: str, text: str) -> str:
    if not _TEXT.fullmatch(text):
        wrong = "a field is empty or holds a character that must be escaped"
        raise BadIdentifier(_FORM, urn, wrong, 'write " # % & / < > ? as %22 %23 %25 %26 %2F %3C %3E %3F')
    return unquote(text, errors="replace") if "%" in text else text


# --- and back --------------------------------------------------------------------------------------------------------


_Target = tuple[Scheme, str, str, tuple[str, ...]]  # and the kind of URN, the key without its serial, the last field


def to_urn(link: DigitalLink, prefixes: PrefixLengths) -> str | None:
    """The EPC URN of a checked Digital Link, by its finest qualifier; None when it cannot be translated.

    That is so where the company prefix is not known, and where EPC has no scheme for it: models (8013), payment
    slips (415), variants (22) and facilities or machines under a 7040.
    """
    found = _target(link)
    if found is None:
        return None
    scheme, kind, value, serial = found
    head = _head(scheme, value, prefixes)
    return None if head is None else f"urn:epc:{kind}:{scheme.name}:{'.'.join((*head, *serial))}"


def _target(link: DigitalLink) -> _Target | None:
    if link.qualifiers:
        ai, serial = link.qualifiers[-1]
        scheme = _BY_AIS.get((link.key, ai))
        return (scheme, scheme.kind, link.value, (serial.translate(_ESCAPED),)) if scheme else None
    compound = _BY_AIS.get((link.key, "+"))
    if compound is not None:
        size = len(compound.before) + compound.digits + 1
        value, serial = link.value[:size], link.value[size:]
        if serial:
            return compound, compound.kind, value, (serial.translate(_ESCAPED),)
        return compound, "idpat", value, ("*",)
    if link.key in _CLASSES:
        return _CLASSES[link.key], "idpat", link.value, ("*",)
    if link.key == "414":
        return _BY_NAME["sgln"], "id", link.value, (_NONE,)
    scheme = _BY_AIS.get((link.key, ""))
    return (scheme, scheme.kind, link.value, ()) if scheme else None


def _head(scheme: Scheme, value: str, prefixes: PrefixLengths) -> tuple[str, ...] | None:
    start = len(scheme.before) + scheme.leads
    size = prefixes.length_in(value[start:])
    if size is None or (not scheme.digits and len(value) == size):
        return None
    prefix, rest = value[start : start + size], value[start + size :]
    if not scheme.digits:
        return prefix, rest.translate(_ESCAPED)
    end = scheme.digits - size - scheme.leads
    counts = (rest[end + 1 : end + 3], rest[end + 3 :]) if scheme.counts else ()
    return prefix, value[: scheme.leads] + rest[:end], *counts
