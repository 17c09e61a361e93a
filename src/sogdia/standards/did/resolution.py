"""Answers to "who is this DID", in the shape of the universal resolver and in that of the Xinghuo network.

Sources: W3C DID Resolution (editor's draft), sections 3 and 8; the driver rules of the DIF universal resolver; RFC-005.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from sogdia.core.keys import MalformedIdentifier, parse_identifier
from sogdia.standards.did import bif, identifiers, w3c
from sogdia.standards.did.multikey import parse_did_key

CONTENT_TYPE: Final = "application/did+ld+json"
HTTP_STATUS: Final = {"": 200, "invalidDid": 400, "notFound": 404, "deactivated": 410, "methodNotSupported": 501}
"""HTTP status for each error code of a resolution; the empty code is success."""


class Resolution(msgspec.Struct, frozen=True, rename="camel"):
    """A DID resolution result."""

    did_document: dict[str, Any] | None
    did_resolution_metadata: dict[str, Any]
    did_document_metadata: dict[str, Any]
    context: str = msgspec.field(default="https://w3id.org/did-resolution/v1", name="@context")

    @property
    def http_status(self) -> int:
        """Status of the HTTP answer that carries this result."""
        return HTTP_STATUS[self.did_resolution_metadata.get("error", "")]


def resolve(did: str, find: Callable[[str], bif.Document | None], form: w3c.KeyForm = "Multikey") -> Resolution:
    """Resolve a did:bid among the records that `find` knows, or a did:key by itself; never raises.

    did:web lies with its host: fetch `identifiers.web_url` and give the bytes to `resolved_web`.
    """
    try:
        method = identifiers.parse(did).method
        if method == "key":
            return _success(w3c.key_document(did, parse_did_key(did), form))
        if method == "bid":
            parse_identifier(did)
            return _resolved_bid(did, find(did), form)
    except MalformedIdentifier as error:
        return failure("invalidDid", str(error))
    return failure("methodNotSupported", f"did:{method} is not resolved here")


def resolved_web(did: str, raw: bytes) -> Resolution:
    """The result for a did:web whose did.json is these bytes; the document must be about that DID."""
    try:
        identifiers.web_url(did)
        document = msgspec.json.decode(raw[: bif.MAX_DOCUMENT_BYTES + 1], type=dict[str, Any])
    except MalformedIdentifier as error:
        return failure("invalidDid", str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return failure("notFound", "the host's did.json is not a JSON object, or larger than 256 KiB")
    if document.get("id") != did:
        return failure("notFound", "the host's did.json is about another DID")
    return _success(document)


def failure(code: str, message: str) -> Resolution:
    """A result without a document; code is one of `HTTP_STATUS`."""
    return Resolution(None, {"error": code, "errorMessage": message}, {})


def bif_answer(document: bif.Document | None) -> dict[str, Any]:
    """The answer of a resolver of the Xinghuo network: errorCode 0 and the BIF document, or 1 and no document."""
    if document is None:
        return {"errorCode": 1, "message": "not found", "data": {}}
    return {"errorCode": 0, "message": "success", "data": {"didDocument": msgspec.to_builtins(document)}}


def _resolved_bid(did: str, document: bif.Document | None, form: w3c.KeyForm) -> Resolution:
    if document is None:
        return failure("notFound", f"{did} is not on record here")
    if not document.public_key:
        return Resolution({"@context": [w3c.DID_CONTEXT], "id": did}, {"error": "deactivated"}, {"deactivated": True})
    times = {"created": document.created, "updated": document.updated}
    return _success(w3c.view(document, form), {name: time for name, time in times.items() if time})


def _success(document: dict[str, Any], about: dict[str, Any] | None = None) -> Resolution:
    return Resolution(document, {"contentType": CONTENT_TYPE}, about or {})
