"""The OpenAPI 3.1 document, derived from the routes, the messages and the answers of every domain."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from sogdia.client.evidence import Evidence
from sogdia.core.module import Module, tag_of
from sogdia.core.transaction import Envelope
from sogdia.interfaces.http import events, ledger_light, messages, queries, records, transactions
from sogdia.interfaces.http.description import About, Parameter, about, about_of
from sogdia.interfaces.http.desk import JSON, Desk, desk_of, json_bytes
from sogdia.interfaces.http.problems import PROBLEM, AnyRequest
from sogdia.primitives.sealed.envelope import Envelope as SealedEnvelope
from sogdia.primitives.sealed.vault import ErasureReceipt

VERSION: Final = "1.0.0"
_REF: Final = "#/components/schemas/{name}"
_PATH_PART: Final = re.compile(r"\{(\w+)(?::\w+)?\}")


class SessionAnswer(msgspec.Struct, frozen=True):
    """A session: its token goes into `Authorization: Bearer`."""

    token: str
    expires_in_seconds: int


class ProblemAnswer(msgspec.Struct, frozen=True):
    """What went wrong and how to mend it (RFC 9457), with the fields of that kind of problem beside these."""

    type: str
    title: str
    status: int
    detail: str


_SHAPES: Final[dict[str, Any]] = {
    "Envelope": Envelope,
    "Answer": transactions.Answer,
    "SealedEnvelope": SealedEnvelope,
    "ErasureReceipt": ErasureReceipt,
    "Evidence": Evidence,
    "SessionAnswer": SessionAnswer,
    "ToSign": messages.ToSign,
    "Problem": ProblemAnswer,
    "Wanted": list[records.Wanted],
    "Told": events.Told,
    "NetworkAnswer": ledger_light.NetworkAnswer,
    "Question": ledger_light.Question,
}


@get("/schema", opt=about())
async def schema(request: AnyRequest) -> Response[bytes]:
    """This interface as an OpenAPI 3.1 document: every route, every message, every query."""
    desk = desk_of(request)
    if "schema" not in desk.documents:
        handlers = [handler for route in request.app.routes for handler in getattr(route, "route_handlers", ())]
        found = document(desk, [one for one in handlers if isinstance(one, HTTPRouteHandler)])
        desk.documents["schema"] = json_bytes(found)
    return Response(desk.documents["schema"], media_type=JSON)


def document(desk: Desk, handlers: Iterable[HTTPRouteHandler]) -> dict[str, Any]:
    """The document for these routes over this node's messages and queries."""
    modules = desk.node.machine.modules
    shapes, components = _schemas(modules)
    paths: dict[str, dict[str, Any]] = {}
    for handler in handlers:
        said = about_of(handler.opt)
        if said is None or handler is messages.prepare or handler is queries.query:
            continue
        for path in sorted(handler.paths):
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                operation = _operation(said, _doc(handler.fn), f"{method.lower()}{path}", shapes)
                paths.setdefault(_PATH_PART.sub(r"{\1}", path), {})[method.lower()] = operation
    paths |= dict(_message_paths(modules, shapes))
    paths |= dict(_query_paths(desk.queries, shapes))
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": _info(desk.node.info.network),
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


_SECURITY: Final = {
    "session": {"type": "http", "scheme": "bearer", "description": "a token from POST /session"},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "RFC 9421 HTTP message signature with Ed25519, by a key on record",
    },
}


def _info(network: str) -> dict[str, Any]:
    return {
        "title": f"Sogdia node of {network}",
        "version": VERSION,
        "summary": "An open, verifiable record of cross-border trade.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def _schemas(modules: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """References by name (a shape, or a message's tag), and the components that they point to."""
    named = dict(_SHAPES)
    for module in modules:
        named |= {tag_of(kind): kind for kind in module.messages}
        named |= {tag_of(kind): kind for kind in module.events}
    references, components = msgspec.json.schema_components(list(named.values()), ref_template=_REF)
    return dict(zip(named, references, strict=True)), dict(components)


def _operation(said: About, doc: str, name: str, shapes: Mapping[str, Any]) -> dict[str, Any]:
    summary, _, description = doc.partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_"),
        "summary": summary.replace("\n", " "),
        "responses": _responses(said, shapes),
    }
    if description:
        operation["description"] = description
    if said.parameters:
        operation["parameters"] = [_parameter(one) for one in said.parameters]
    if said.takes:
        operation["requestBody"] = {"required": True, "content": _content(said.takes, shapes)}
    operation["security"] = [{"session": []}, {"signature": []}] + ([] if said.signed_in else [{}])
    return operation


def _responses(said: About, shapes: Mapping[str, Any]) -> dict[str, Any]:
    fine = {kind: shape for kind, shape in said.answers.items() if kind}
    responses: dict[str, Any] = {"200" if fine else "204": {"description": "the answer"}}
    if fine:
        responses["200"]["content"] = _content(fine, shapes)
    for code, doc in said.codes.items():
        responses[str(code)] = {"description": doc}
    problem = {"schema": shapes["Problem"]}
    responses["default"] = {"description": "what went wrong and how to mend it", "content": {PROBLEM: problem}}
    return responses


def _content(kinds: Mapping[str, str], shapes: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: {"schema": shapes[shape]} if shape else {} for kind, shape in kinds.items()}


def _parameter(one: Parameter) -> dict[str, Any]:
    kind = {"type": "array", "items": one.schema} if one.many else one.schema
    return {
        "name": one.name,
        "in": one.place,
        "required": one.required or one.place == "path",
        "description": one.doc,
        "schema": kind,
    }


def _message_paths(modules: Sequence[Module], shapes: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    said = about_of(messages.prepare.opt)
    assert said is not None
    parameters = tuple(one for one in said.parameters if one.place != "path")
    for module in modules:
        for kind in module.messages:
            tag = tag_of(kind)
            own = About(parameters, {"application/json": tag}, said.answers, said.codes, said.signed_in)
            operation = _operation(own, inspect.cleandoc(kind.__doc__ or tag), f"prepare_{tag}", shapes)
            example = next((one for one in module.examples if type(one) is kind), None)
            if example is not None:
                content = operation["requestBody"]["content"]["application/json"]
                content["example"] = msgspec.json.decode(json_bytes(example))
            yield "/messages/" + tag.replace(".", "/"), {"post": {**operation, "tags": [module.name]}}


def _query_paths(
    answers: Mapping[str, Callable[..., Any]], shapes: Mapping[str, Any]
) -> Iterable[tuple[str, dict[str, Any]]]:
    for name, answer in answers.items():
        wanted = queries.parameters_of(answer)
        parameters = tuple(Parameter(one.name, "", required=one.required, schema=_query_schema(one)) for one in wanted)
        said = About(parameters, {}, {"application/json": ""}, {}, False)
        operation = _operation(said, _doc(answer), f"query_{name}", shapes)
        yield f"/queries/{name}", {"get": {**operation, "tags": [name.partition("/")[0]]}}


def _query_schema(wanted: queries.Wanted) -> dict[str, Any]:
    found = dict(msgspec.json.schema(wanted.type))
    if not wanted.required:
        found["default"] = wanted.default
    return found


def _doc(function: Callable[..., Any]) -> str:
    return inspect.getdoc(function) or ""
