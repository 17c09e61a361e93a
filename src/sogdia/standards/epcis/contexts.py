"""JSON-LD contexts, as far as EPCIS needs them: which namespace each prefix of an event stands for.

Of a context are read: the addresses of the standard's own context, and prefixes (`{"ex": "https://…/"}`), singly, in
arrays, at the document and at the event, where the later word counts. The standard's context is protected: what would
give one of its terms or prefixes another meaning is refused. No other context is fetched, ever: an event is refused
that needs a prefix which no context in the text declares. `@vocab`, `@base`, `@language`, definitions of terms and
contexts inside parts of an event are refused. A namespace needs no `/` or `#` at its end.

Source: JSON-LD 1.1, sections 4.1 and 4.4; EPCIS 2.0 JSON-LD context.
"""

import re
from typing import Any, Final

import msgspec

from sogdia.standards.epcis.faults import shown
from sogdia.standards.epcis.uris import is_uri

STANDARD_CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_STANDARD: Final = re.compile(
    r"https?://(?:ref\.gs1\.org/standards/epcis/(?:[0-9]+(?:\.[0-9]+)*/)?|gs1\.github\.io/EPCIS/)epcis-context\.jsonld"
)
BUILT_IN: Final = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}
"""Prefixes that every event has without saying so."""

_SAME: Final[dict[str, Any]] = {**BUILT_IN, "id": "@id", "type": "@type", "eventID": "@id", "baseURL": "@base"}
PROTECTED: Final = frozenset(_SAME) | frozenset(
    """
    ObjectEvent AggregationEvent TransformationEvent AssociationEvent TransactionEvent Collection member eventTime
    recordTime eventTimeZoneOffset action certificationInfo bizStep disposition bizLocation readPoint transformationID
    epcList sourceList destinationList persistentDisposition quantity epcClass uom quantityList bizTransactionList
    parentID childEPCs childQuantityList inputEPCList outputEPCList inputQuantityList outputQuantityList
    sensorElementList errorDeclaration creationDate sender receiver instanceIdentifier schemaVersion ilmd EPCISDocument
    EPCISQueryDocument epcisHeader masterData vocabularyList epcisBody queryResults subscriptionID queryName resultsBody
    eventList children
    """.split()
)
PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,60}")
SCHEMES: Final = frozenset("data did file ftp geo http https info mailto ni tag tel urn ws wss".split())
"""No prefixes: with one of them declared, an identifier such as `urn:epc:…` would mean something else."""
_PREFIXES_LIMIT: Final = 200


class ContextRefused(ValueError):
    """A context says what is not read here: where, what stands there, what is wrong and what to do."""

    def __init__(self, field: str, value: str, wrong: str, remedy: str) -> None:
        super().__init__(f"{field}: {value} {wrong}; {remedy}")
        self.field, self.value, self.wrong, self.remedy = field, value, wrong, remedy


class Prefixes(msgspec.Struct, frozen=True):
    """Namespaces by prefix without the built-in ones; `unread` are addresses of contexts that were not fetched."""

    namespaces: dict[str, str] = {}
    unread: tuple[str, ...] = ()

    def used_in(self, text: bytes) -> dict[str, str]:
        """Those prefixes with which a name or a value in JSON text begins; all of them where letters are escaped."""
        if not self.namespaces or b"\\u" in text:
            return dict(self.namespaces)
        return {prefix: space for prefix, space in self.namespaces.items() if f'"{prefix}:'.encode() in text}


NONE: Final = Prefixes()


def read_context(context: Any, before: Prefixes = NONE) -> Prefixes:
    """The prefixes of an `@context`, after those that held before. Raises ContextRefused."""
    parts = context if isinstance(context, list) else [context]
    namespaces, unread = dict(before.namespaces), list(before.unread)
    for place, part in enumerate(parts, 1):
        field = f"@context[{place}]" if isinstance(context, list) else "@context"
        if part in parts[: place - 1]:
            raise ContextRefused(field, shown(part), "stands there twice", "leave one of them out")
        if isinstance(part, str):
            _read_address(field, part, unread)
        elif isinstance(part, dict):
            _read_terms(field, part, namespaces)
        else:
            raise ContextRefused(field, shown(part), "is no context", f"write {STANDARD_CONTEXT} or prefixes in braces")
    if len(namespaces) > _PREFIXES_LIMIT:
        raise ContextRefused("@context", "", f"has more than {_PREFIXES_LIMIT} prefixes", "leave out those not used")
    return Prefixes(namespaces, tuple(unread))


def expanded(name: str, namespaces: dict[str, str]) -> tuple[str, str] | None:
    """Namespace and local name of `prefix:name`; None where the prefix is neither declared nor built in."""
    prefix, colon, local = name.partition(":")
    if not colon or local.startswith("//"):
        return None
    space = namespaces.get(prefix) or BUILT_IN.get(prefix)
    return None if space is None else (space, local)


def _read_address(field: str, address: str, unread: list[str]) -> None:
    if _STANDARD.fullmatch(address):
        return
    if not is_uri(address):
        raise ContextRefused(field, shown(address), "is no web address", f"write {STANDARD_CONTEXT}")
    unread.append(address)


def _read_terms(field: str, terms: dict[str, Any], namespaces: dict[str, str]) -> None:
    for term, meaning in terms.items():
        at = f"{field}.{term}"
        if (term == "@version" and str(meaning) == "1.1") or (term == "@protected" and isinstance(meaning, bool)):
            continue
        if term.startswith("@"):
            raise ContextRefused(at, shown(meaning), "is not read", "name each vocabulary by a prefix of its own")
        space = _namespace(at, meaning)
        if term in PROTECTED:
            if _SAME.get(term) == space:
                continue
            raise ContextRefused(
                at, shown(meaning), "changes a term of the standard, which is protected", "take another prefix"
            )
        if not PREFIX.fullmatch(term):
            raise ContextRefused(
                at, shown(meaning), "has a name that cannot be a prefix", "use letters, digits, '.', '+', '-'"
            )
        if term.lower() in SCHEMES:
            wrong = "has the name of a scheme of URIs, so that identifiers would change their meaning"
            raise ContextRefused(at, shown(meaning), wrong, "take another prefix")
        prefix, _, rest = space.partition(":")
        if not rest.startswith("//") and (prefix in namespaces or prefix in BUILT_IN):
            space = f"{namespaces.get(prefix) or BUILT_IN[prefix]}{rest}"
        if not is_uri(space):
            raise ContextRefused(at, shown(meaning), "is no namespace", "write a URI like https://ns.example.com/")
        namespaces[term] = space


def _namespace(at: str, meaning: Any) -> str:
    if isinstance(meaning, dict) and meaning.keys() == {"@id", "@prefix"} and meaning["@prefix"] is True:
        meaning = meaning["@id"]
    if not isinstance(meaning, str):
        raise ContextRefused(
            at, shown(meaning), "defines a term, and only prefixes are read", "give a prefix and its namespace"
        )
    return meaning
