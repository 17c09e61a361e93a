"""What went wrong, under the standard's names: application/problem+json, or +xml for who asks for XML.

`type` is `epcisException:<name>`. The sentence is of the catalogue under `epcis.<key>`, or what a reader of documents
or queries said.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response
from lxml import etree

from sogdia.interfaces.http.problems import PROBLEM, AnyRequest, Problem, language
from sogdia.interfaces.words import say
from sogdia.standards.epcis.faults import Fault
from sogdia.standards.epcis.query.refusals import QueryRefused

PROBLEM_XML: Final = "application/problem+xml"
_NAMESPACE: Final = "urn:epcglobal:epcis:xsd:2"
_OF_STATUS: Final = {
    400: "ValidationException",
    401: "SecurityException",
    403: "SecurityException",
    404: "NoSuchResourceException",
    405: "ImplementationException",
    406: "NotAcceptableException",
    409: "ResourceAlreadyExistsException",
    413: "CaptureLimitExceededException",
    414: "URITooLongException",
    415: "UnsupportedMediaTypeException",
    429: "SecurityException",
}
_OF_QUERY: Final = {"QueryTooLargeException": 413, "QueryTooComplexException": 413}


class EpcisProblem(Exception):
    """A refusal: HTTP status, the standard's exception, a sentence of the catalogue or one that is given whole."""

    def __init__(
        self,
        status: int,
        key: str = "",
        exception: str = "",
        sentence: str = "",
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(status, key or sentence)
        self.status, self.key, self.fields, self.sentence = status, key, fields, sentence
        self.exception = exception or _OF_STATUS.get(status, "ImplementationException")
        self.errors, self.headers = errors, dict(headers or {})

    def body(self, tongue: str) -> dict[str, Any]:
        """The problem as plain data."""
        found: dict[str, Any] = {
            "type": f"epcisException:{self.exception}",
            "title": say(f"epcis_title.{self.exception}", tongue),
            "status": self.status,
            "detail": self.sentence or say(self.key if "." in self.key else f"epcis.{self.key}", tongue, **self.fields),
        }
        return {**found, "errors": list(self.errors)} if self.errors else found


def of_house(problem: Problem) -> EpcisProblem:
    """A problem of the house's own routes, such as those of the gate, under the standard's name."""
    headers = {"www-authenticate": 'Bearer realm="sogdia"'} if problem.status == 401 else {}
    if problem.status == 503:
        headers["retry-after"] = "1"
    return EpcisProblem(problem.status, f"http.{problem.name}", headers=headers, **problem.fields)


def of_query(refused: QueryRefused) -> EpcisProblem:
    """A query that is not answered."""
    status = _OF_QUERY.get(refused.exception, 400)
    return EpcisProblem(status, exception=refused.exception, sentence=refused.sentence())


def error_of(fault: Fault) -> dict[str, Any]:
    """A fault of a document as one entry of `errors`."""
    named = {"event": fault.event, "field": fault.field, "value": fault.value}
    found = {"type": "epcisException:ValidationException", "title": fault.wrong, "detail": fault.sentence}
    return {**found, **{name: value for name, value in named.items() if value}}


def answer(request: AnyRequest, problem: EpcisProblem) -> Response[bytes]:
    """The answer that carries a problem, in the language and the form that the request asks for."""
    body = problem.body(language(request))
    headers = {**problem.headers, "content-language": language(request), "vary": "accept, accept-language"}
    accepted = request.headers.get("accept", "")
    if "xml" in accepted and "json" not in accepted:
        return Response(_as_xml(body), status_code=problem.status, media_type=PROBLEM_XML, headers=headers)
    return Response(msgspec.json.encode(body), status_code=problem.status, media_type=PROBLEM, headers=headers)


def _as_xml(body: Mapping[str, Any]) -> bytes:
    root = etree.Element(f"{{{_NAMESPACE}}}EPCISException", nsmap={"epcis": _NAMESPACE})
    for name, value in body.items():
        if name != "errors":
            etree.SubElement(root, name).text = _printable(str(value))
    for error in body.get("errors", ()):
        etree.SubElement(root, "error").text = _printable(str(error.get("detail", "")))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)
