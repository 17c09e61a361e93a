"""The types of message: their documentation, and their bytes for whoever signs on their own side."""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from sogdia.app import milliseconds
from sogdia.core.codec import base64url
from sogdia.core.codec import json_bytes as signed_json
from sogdia.core.keys import EDDSA, MalformedIdentifier, parse_key_id
from sogdia.core.module import Module, tag_of
from sogdia.core.transaction import VALIDITY_LIMIT_MS, Message, payload_bytes
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import (
    JSON,
    desk_of,
    json_answer,
    json_bytes,
    one_parameter,
    part,
    require_media_type,
    whole_number,
)
from sogdia.interfaces.http.problems import AnyRequest, Problem

VALID_MS: Final = 3_600_000


class ToSign(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payload to sign. The signature is over the ASCII bytes `protected.payload` (RFC 7515); both are base64url."""

    payload: str
    transaction: str
    """The id that the transaction will have."""
    valid_until_ms: int
    protected: str = ""
    signing_input: str = ""


@get("/messages", opt=about())
async def all_messages(request: AnyRequest) -> Response[bytes]:
    """Every type of message with what it is for, its JSON schema and an example."""
    desk = desk_of(request)
    if "messages" not in desk.documents:
        desk.documents["messages"] = json_bytes(_listed(desk.node.machine.modules))
    return Response(desk.documents["messages"], media_type=JSON)


def _listed(modules: Sequence[Module]) -> dict[str, Any]:
    kinds = [kind for module in modules for kind in module.messages]
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/{name}")
    described = dict(zip(kinds, schemas, strict=True))
    listed = [_described(module, kind, described[kind]) for module in modules for kind in module.messages]
    return {"messages": listed, "components": components}


@post(
    "/messages/{domain:str}/{verb:str}",
    status_code=200,
    opt=about(
        Parameter("domain", "a domain", place="path"),
        Parameter("verb", "one of its messages", place="path"),
        Parameter("kid", "id of the key that will sign", required=False),
        Parameter(
            "valid_ms", "how long it is to be valid, in milliseconds", required=False, schema={"type": "integer"}
        ),
        takes={JSON: ""},
        answers={JSON: "ToSign"},
    ),
)
async def prepare(request: AnyRequest) -> Response[bytes]:
    """Check a message and answer the bytes to sign, for whoever signs on their own side. Nothing is put on record."""
    desk = desk_of(request)
    require_media_type(request, JSON)
    kinds = {tag_of(kind): kind for module in desk.node.machine.modules for kind in module.messages}
    tag = f"{part(request, 'domain')}.{part(request, 'verb')}"
    kind = kinds.get(tag)
    if kind is None:
        raise Problem(404, "message_unknown", message=tag[:100])
    valid_ms = whole_number(request, "valid_ms", VALID_MS)
    if not 1 <= valid_ms <= VALIDITY_LIMIT_MS:
        raise Problem(400, "parameter_bad", parameter="valid_ms", expected=f"1-{VALIDITY_LIMIT_MS}")
    kid = one_parameter(request, "kid", "")
    async with desk.body(request, desk.limits.small_body_bytes) as body:
        message = _message(kind, body)
    return json_answer(_to_sign(desk.node.info.network, message, valid_ms, kid))


def _message(kind: type[Message], body: bytes) -> Message:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as wrong:
        reason, _, field = str(wrong).partition(" - at `")
        raise Problem(422, "message_wrong", field=field.rstrip("`") or "$", reason=reason) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Problem(400, "json_wrong", reason=str(wrong)[:200]) from None


def _to_sign(network: str, message: Message, valid_ms: int, kid: str) -> ToSign:
    until = milliseconds() + valid_ms
    payload = payload_bytes(network, until, secrets.token_urlsafe(18), [message])
    encoded, digest = base64url(payload), sha256(payload).hexdigest()
    if not kid:
        return ToSign(encoded, digest, until)
    try:
        parse_key_id(kid)
    except MalformedIdentifier as wrong:
        raise Problem(400, "parameter_bad", parameter="kid", expected=str(wrong)) from None
    protected = base64url(signed_json({"alg": EDDSA, "kid": kid}))
    return ToSign(encoded, digest, until, protected, f"{protected}.{encoded}")


def _described(module: Module, kind: type[Message], schema: Any) -> dict[str, Any]:
    example = next((one for one in module.examples if type(one) is kind), None)
    doc = (kind.__doc__ or "").strip()
    return {"type": tag_of(kind), "domain": module.name, "doc": doc, "schema": schema, "example": example}
