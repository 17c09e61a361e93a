"""The front door: any identifier to its one canonical URI, what kind of thing it names, its classes, its other form.

GS1 identifiers become Digital Links at id.gs1.org; other URIs stand as they are. Written for long streams of events:
the usual SGTINs, lots and SSCCs take a short way that gives exactly what the long one gives.
"""

import re
from functools import lru_cache
from typing import Final, Literal

from sogdia.standards.gs1 import digital_link, epc_urn
from sogdia.standards.gs1.check_digits import check_digit, holds
from sogdia.standards.gs1.digital_link import CANONICAL, URI_CHARS_LIMIT
from sogdia.standards.gs1.errors import BadIdentifier, NoDigitalLink
from sogdia.standards.gs1.prefixes import PrefixLengths

Form = Literal["Always_GS1_Digital_Link", "Always_EPC_URN", "Never_Translates", "No_Preference"]
"""What a reader asks for in the header GS1-EPC-Format (EPCIS 2.0, REST bindings)."""

Kind = Literal[
    "instance", "lot_class", "product_class", "logistic_unit", "place", "party", "document", "other"
]  # fmt: skip
"""What an identifier names: one thing with a serial, a lot, a class of product or asset, a pallet or parcel ..."""

_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_URN: Final = re.compile(r"urn:epc:(?:id:sgtin|class:(lgtin)):([0-9]{6,12})\.([0-9])([0-9]*)\.([0-9A-Za-z._-]{1,20})")
_PLAIN: Final = re.compile(
    r"https://id\.gs1\.org/"
    r"(?:01/([0-9]{14})(?:/10/[0-9A-Za-z._-]{1,20})?(?:/21/[0-9A-Za-z._-]{1,20})?|00/([0-9]{18}))"
)
_GTIN_BODY: Final = 13
_REMEMBERED: Final = 4_096

_KINDS: Final[dict[tuple[str, str], Kind]] = {
    ("00", ""): "logistic_unit",
    ("01", ""): "product_class",
    ("01", "10"): "lot_class",
    ("01", "21"): "instance",
    ("01", "22"): "product_class",
    ("01", "235"): "instance",
    ("253", ""): "document",
    ("414", ""): "place",
    ("414", "254"): "place",
    ("414", "7040"): "place",
    ("415", ""): "party",
    ("415", "8020"): "document",
    ("417", ""): "party",
    ("417", "7040"): "party",
    ("8004", ""): "instance",
    ("8004", "7040"): "instance",
    ("8006", ""): "product_class",
    ("8006", "10"): "lot_class",
    ("8006", "21"): "instance",
    ("8006", "22"): "product_class",
    ("8010", ""): "product_class",
    ("8010", "8011"): "instance",
    ("8013", ""): "product_class",
    ("8017", ""): "party",
    ("8017", "8019"): "party",
    ("8018", ""): "party",
    ("8018", "8019"): "party",
}
_CLASS_CHARS: Final = {"253": 13, "255": 13, "8003": 14}
"""Keys whose value may end in a serial: how many characters name the class alone."""


def canonical(text: str) -> str:
    """The canonical URI of an identifier: the same for every way to write it, and itself when given again.

    EPC URNs and Digital Links of any domain become Digital Links at id.gs1.org, all qualifiers kept, query dropped.
    EPC URNs without a Digital Link and other URIs stand as they are. Raises `BadIdentifier` for a malformed GS1
    identifier, for text that is no URI, and beyond 4,096 characters. The same item with and without its lot in the
    path has two canonical URIs; `identity` gives the one they share.
    """
    found = _URN.fullmatch(text)
    if found is not None:
        lot, prefix, indicator, item, serial = found.groups()
        body = indicator + prefix + item
        if len(body) == _GTIN_BODY:
            return f"{CANONICAL}01/{body}{check_digit(body)}/{'10' if lot else '21'}/{serial}"
    else:
        found = _PLAIN.fullmatch(text)
        if found is not None and holds(found[1] or found[2]):
            return text
    return _long_way(text)


@lru_cache(maxsize=_REMEMBERED)  # places, parties and classes come back event after event
def _long_way(text: str) -> str:
    if len(text) > URI_CHARS_LIMIT or not _URI.fullmatch(text):
        remedy = f"expected a URI of at most {URI_CHARS_LIMIT} characters, with a scheme, without blanks"
        raise BadIdentifier("identifier", text, "it is no URI", remedy)
    if epc_urn.is_identity(text):
        return _of_urn(text)
    link = digital_link.find(text)
    return text if link is None else link.uri


def _of_urn(urn: str) -> str:
    try:
        return epc_urn.to_digital_link(urn).uri
    except NoDigitalLink:
        head = len("urn:epc:")
        return urn[:head].lower() + urn[head:]


def translated(text: str, form: Form, prefixes: PrefixLengths) -> str | None:
    """An identifier in the form a reader asked for; None when it has no such form, or none that is known.

    `Never_Translates` and `No_Preference` give the text as it came. Other URIs have one form only and stand. Raises
    what `canonical` raises.
    """
    if form in ("Never_Translates", "No_Preference"):
        return text
    known = canonical(text)
    if form == "Always_GS1_Digital_Link":
        return known
    if not known.startswith(CANONICAL) or epc_urn.is_identity(text):
        return text
    link = digital_link.find(known)
    return text if link is None else epc_urn.to_urn(link, prefixes)


def identity(canonical: str) -> str:
    """The canonical URI with its finest qualifier only: the identity of the thing in EPCIS and in the event hash.

    The lot beside a serial, and the variant beside either, tell about the thing; they do not name another one.
    """
    parts = _parts(canonical)
    return canonical if len(parts) <= 4 else CANONICAL + "/".join((*parts[:2], *parts[-2:]))


def kind_of(canonical: str) -> Kind:
    """What a canonical URI names; "other" for what says nothing of it, such as consignments and foreign URIs."""
    parts = _parts(canonical)
    if not parts:
        return "instance" if canonical.startswith("urn:epc:id:") else "other"
    key = parts[0]
    if key in ("255", "8003"):
        return "instance" if len(parts[1]) > _CLASS_CHARS[key] else "product_class"
    return _KINDS.get((key, parts[-2] if len(parts) > 2 else ""), "other")


def parents(canonical: str) -> tuple[str, ...]:
    """The canonical URIs above this one, nearest first: serial, lot, product, as a resolver walks up.

    A serial that is part of the key's value (GRAI, GDTI, coupon) counts as a step of its own.
    """
    parts = _parts(canonical)
    if not parts:
        return ()
    above = [CANONICAL + "/".join(parts[:size]) for size in range(len(parts) - 2, 1, -2)]
    chars = _CLASS_CHARS.get(parts[0], len(parts[1]))
    if len(parts[1]) > chars:
        above.append(f"{CANONICAL}{parts[0]}/{parts[1][:chars]}")
    return tuple(above)


def _parts(canonical: str) -> list[str]:
    # The path of a canonical Digital Link in segments; nothing for any other URI.
    if not canonical.startswith(CANONICAL):
        return []
    parts = canonical[len(CANONICAL) :].split("/")
    return parts if len(parts) % 2 == 0 else []
