"""Sign in and out: a session instead of a signature on every request."""

from litestar import Response, delete, post

from sogdia.interfaces.http.description import about
from sogdia.interfaces.http.desk import JSON, desk_of, json_answer
from sogdia.interfaces.http.problems import AnyRequest


@post("/session", status_code=201, opt=about(answers={JSON: "SessionAnswer"}, signed_in=True))
async def open_session(request: AnyRequest) -> Response[bytes]:
    """Open a session by a signed request (RFC 9421): the answer's token goes into `Authorization: Bearer`.

    The signature covers `@method`, `@target-uri` (or `@authority`, `@path` and `@query`) and, with a body, its
    `content-digest`; its parameters are created, nonce, keyid (the id of a key on record) and alg="ed25519".
    """
    desk = desk_of(request)
    async with desk.body(request, desk.limits.small_body_bytes) as body:
        token = desk.gate.open_session(request, body)
    return json_answer({"token": token, "expires_in_seconds": desk.limits.session_seconds}, 201)


@delete("/session", status_code=204, opt=about(answers={"": ""}, signed_in=True))
async def close_session(request: AnyRequest) -> None:
    """End the session whose token the request carries."""
    desk_of(request).gate.close_session(request)
