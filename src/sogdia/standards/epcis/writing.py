"""The model as JSON of EPCIS 2.0: an event as it is signed, an event alone, a document, the answer to a query.

Numbers are written as JSON numbers, exactly. Fields keep the model's order, names of others follow theirs as they came:
equal events made by one reader have one text.
"""

from decimal import Decimal
from typing import Any, Final

import msgspec

from sogdia.standards.epcis.contexts import STANDARD_CONTEXT
from sogdia.standards.epcis.extensions import put_back
from sogdia.standards.epcis.model import (
    EXTENSIONS,
    AnyEvent,
    Document,
    ObjectEvent,
    TransactionEvent,
    Vocabulary,
    VocabularyElement,
)

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_MARK: Final = f'"{EXTENSIONS}":'.encode()


def normal(event: AnyEvent) -> bytes:
    """The text of an event that is signed and stands on record: the model's order, own prefixes only, no blanks."""
    return _text(event, event.context)


def write_event(event: AnyEvent) -> bytes:
    """An event that stands alone, with the standard's context."""
    return _text(event, _context(event.context))


def write_document(document: Document) -> bytes:
    """An EPCISDocument, or with a query name an EPCISQueryDocument; prefixes that all events agree on stand in front.

    Master data of an EPCISDocument stand in its header, those of an answer beside the events. ValueError without a
    creation date, which only answers may lack.
    """
    if not (document.creation_date or document.query_name):
        raise ValueError("a document needs a creation date; give it one")
    shared = _shared_prefixes(document)
    events = [msgspec.Raw(_text(event, _differing(event.context, shared))) for event in document.events]
    written: dict[str, Any] = {
        "@context": _context(shared),
        "type": "EPCISQueryDocument" if document.query_name else "EPCISDocument",
        "schemaVersion": document.schema_version,
        "creationDate": document.creation_date,
    }
    vocabularies = {"vocabularyList": [_vocabulary(kind) for kind in document.vocabularies]}
    if not document.query_name:
        if document.vocabularies:
            written["epcisHeader"] = {"epcisMasterData": vocabularies}
        return _encode({**written, "epcisBody": {"eventList": events}})
    if not document.creation_date:
        del written["creationDate"]
    results: dict[str, Any] = {"queryName": document.query_name}
    if document.subscription_id:
        results["subscriptionID"] = document.subscription_id
    results["resultsBody"] = {"eventList": events, **(vocabularies if document.vocabularies else {})}
    return _encode({**written, "epcisBody": {"queryResults": results}})


def _text(event: AnyEvent, context: Any) -> bytes:
    text = _encode(event)
    lacks_list = _lacks_list(event)
    if _MARK not in text and context == event.context and not lacks_list:
        return text
    value = put_back(msgspec.to_builtins(event, builtin_types=(Decimal,)))
    value.pop("@context", None)
    head = {"type": value.pop("type"), **({"@context": context} if context else {})}
    return _encode({**head, **value, **({"epcList": []} if lacks_list else {})})


def _lacks_list(event: AnyEvent) -> bool:
    """Whether an event is only right with an empty `epcList`, which the model leaves out."""
    if isinstance(event, ObjectEvent):
        sensed = event.sensor_element_list and event.read_point is not None
        return not (event.epc_list or event.quantity_list or sensed)
    if isinstance(event, TransactionEvent):
        return not (event.epc_list or event.quantity_list or event.action == "DELETE")
    return False


def _context(namespaces: dict[str, str]) -> Any:
    return [STANDARD_CONTEXT, namespaces] if namespaces else STANDARD_CONTEXT


def _shared_prefixes(document: Document) -> dict[str, str]:
    shared, disputed = dict(document.context), set[str]()
    for event in document.events:
        for prefix, space in event.context.items():
            if shared.setdefault(prefix, space) != space:
                disputed.add(prefix)
    return {prefix: space for prefix, space in shared.items() if prefix not in disputed}


def _differing(namespaces: dict[str, str], shared: dict[str, str]) -> dict[str, str]:
    return {prefix: space for prefix, space in namespaces.items() if shared.get(prefix) != space}


def _vocabulary(kind: Vocabulary) -> dict[str, Any]:
    return {"type": kind.type, "vocabularyElementList": [_element(element) for element in kind.elements]}


def _element(element: VocabularyElement) -> dict[str, Any]:
    written: dict[str, Any] = {"id": element.id}
    if element.attributes:
        written["attributes"] = [
            {"id": given.id, "attribute": value_as_json(given.value)} for given in element.attributes
        ]
    if element.children:
        written["children"] = element.children
    return written


def value_as_json(value: Any) -> Any:
    """An attribute's value: parts (pairs of name and value) as an object, in which repeated names have a list."""
    if not isinstance(value, list | tuple):
        return value
    parts: dict[str, list[Any]] = {}
    for name, inner in value:
        parts.setdefault(name, []).append(value_as_json(inner))
    return {name: inner if len(inner) > 1 else inner[0] for name, inner in parts.items()}
