"""What the MATCH parameters look for, as beginnings of canonical URIs.

    urn:epc:id:sgtin:9506000.013435.123       that thing, however it is written: any identifier stands for itself
    urn:epc:idpat:sgtin:9506000.013435.*      the serials of one GTIN; among classes, the GTIN
    urn:epc:idpat:sgtin:9506000.*.*           all SGTINs of one company; among classes, all its GTINs
    https://id.gs1.org/01/09506000134352/*    what stands below it: here the GTIN's lots and serials
    https://id.gs1.org/01/09506000134352/21/* the serials alone

A pattern URN leaves its last fields open, none in between (GS1 EPC Tag Data Standard 2.0, section 8). Under EPC, a
class pattern is the name of a class and never of its lots. The `/*` at the end is ours; a serial `*` is written `%2A`.
"""

import re
from collections.abc import Iterator
from typing import Final

from sogdia.standards.epcis.query.conditions import Pattern
from sogdia.standards.epcis.query.names import thing, thing_or_text
from sogdia.standards.gs1.digital_link import CANONICAL
from sogdia.standards.gs1.epc_urn import SCHEMES, SCHEMES_WITHOUT_LINK, Scheme
from sogdia.standards.gs1.errors import BadIdentifier

_FORM: Final = "EPC pattern"
_IDPAT: Final = re.compile(r"(?i:urn:epc:idpat:)([a-z]+):([!-~]+)")
_KEY_LAST: Final = re.compile(r"(.+)/([0-9]{2,4})")
_COMPANY: Final = re.compile(r"[0-9]{6,12}")
_EXTENSION: Final = "254"  # of a GLN
_MADE_UP: Final = "1"
_SLASHES_OF_KEY: Final = 4  # https://id.gs1.org/<key>/<value>
_BY_NAME: Final = {scheme.name: scheme for scheme in SCHEMES}


def patterns_of(text: str, *, classes: bool = False) -> tuple[Pattern, ...]:
    """What one value of a MATCH parameter stands for: any of these. `classes`: it is asked of quantity lists.

    Raises BadIdentifier for a malformed pattern. A malformed identifier stands for its text, as the standard has it.
    """
    found = _IDPAT.fullmatch(text)
    if found is not None:
        return tuple(_of_urn(text, found[1], found[2], classes))
    return (_below(text) if text.endswith("/*") else _same(text),)


def _same(text: str) -> Pattern:
    uri = thing_or_text(text)
    return Pattern(uri, len(uri))


def _below(text: str) -> Pattern:
    body, key = text[:-2], ""
    uri = _link(body)
    if not uri and (found := _KEY_LAST.fullmatch(body)) is not None:
        uri, key = _link(found[1]), found[2]
    if not uri:
        if thing(body).startswith(CANONICAL):
            raise BadIdentifier(_FORM, text, "nothing is known to begin so", "write <Digital Link>/*")
        return Pattern(text[:-1])
    if uri.count("/") > _SLASHES_OF_KEY:
        remedy = "ask for the serials of a product (/01/<gtin>/21/*); what belongs to a lot is told by its trace"
        raise BadIdentifier(_FORM, text, "nothing is known by a name below a lot or serial", remedy)
    return Pattern(f"{uri}/{key}/" if key else f"{uri}/")


def _link(text: str) -> str:
    # the canonical Digital Link, id.gs1.org alone too; empty for everything else
    if text + "/" == CANONICAL:
        return text
    try:
        uri = thing(text)
    except BadIdentifier:
        return ""
    return uri if uri.startswith(CANONICAL) else ""


# --- urn:epc:idpat ---------------------------------------------------------------------------------------------------


def _of_urn(urn: str, name: str, body: str, classes: bool) -> Iterator[Pattern]:
    scheme = _BY_NAME.get(name)
    fields = body.split(".")
    if "*" not in fields:
        kind = scheme.kind if scheme else "id"
        yield _same(f"urn:epc:{kind}:{name}:{body}")
        return
    closed = fields[: fields.index("*")]
    if set(fields[len(closed) :]) != {"*"} or any("*" in field for field in closed):
        raise BadIdentifier(_FORM, urn, "a field after an open one is not open", "leave only the last fields open: *")
    if name in SCHEMES_WITHOUT_LINK:
        yield Pattern(f"urn:epc:id:{name}:" + "".join(f"{field}." for field in closed))
        return
    if scheme is None or len(fields) != scheme.fields:
        expected = f"{name} has {scheme.fields} fields" if scheme else f"expected one of {' '.join(_BY_NAME)}"
        raise BadIdentifier(_FORM, urn, "it has the wrong scheme or number of fields", expected)
    yield from _open(urn, scheme, closed, classes and scheme.has_class)


def _open(urn: str, scheme: Scheme, closed: list[str], classes: bool) -> Iterator[Pattern]:
    length = _key_length(scheme) if classes else None
    part = f"/{scheme.serial}/" if scheme.serial not in ("", "+", _EXTENSION) and not classes else ""
    if not closed:
        yield Pattern(f"{CANONICAL}{scheme.key}/", length, part)
    elif len(closed) == 1:
        if not _COMPANY.fullmatch(closed[0]):
            raise BadIdentifier(_FORM, urn, "its company prefix is wrong", "expected 6 to 12 digits")
        for lead in "0123456789" if scheme.leads else ("",):
            yield Pattern(f"{CANONICAL}{scheme.key}/{scheme.before}{lead}{closed[0]}", length, part)
    elif len(closed) == scheme.fields - 1:
        yield from _serials(scheme, closed, classes)
    else:  # an ITIP whose piece or total is open
        key = _key(scheme, [*closed, "01", "01"][: scheme.fields - 1])[:-4] + "".join(closed[2:])
        yield Pattern(key, length, part)


def _key_length(scheme: Scheme) -> int | None:
    # Characters of a canonical URI that names the key alone; None where the key has no fixed length.
    if not scheme.digits:
        return None
    return len(CANONICAL) + len(scheme.key) + 1 + len(scheme.before) + scheme.digits + 1 + 4 * scheme.counts


def _serials(scheme: Scheme, closed: list[str], classes: bool) -> Iterator[Pattern]:
    key = _key(scheme, closed)
    if classes or scheme.serial == _EXTENSION:  # a GLN without extension is one of its places
        yield Pattern(key, len(key))
    if not classes:
        yield Pattern(key if scheme.serial == "+" else f"{key}/{scheme.serial}/")


def _key(scheme: Scheme, closed: list[str]) -> str:
    # A made-up serial is put and taken off again, so that the fields before it are checked as those of any identifier.
    made_up = thing(f"urn:epc:{scheme.kind}:{scheme.name}:{'.'.join(closed)}.{_MADE_UP}")
    return made_up[: -len(_MADE_UP)] if scheme.serial == "+" else made_up.rpartition(f"/{scheme.serial}/")[0]
