"""What went wrong, as application/problem+json (RFC 9457), in the language of whoever asked.

A problem has a name, which never changes, and words from the catalogue under `http.<name>`: what is missing or wrong,
and how to mend it. An error of our own says nothing of what it met: values stay out of answers and out of the log.
"""

import logging
import re
import traceback
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from sogdia.engines.kept import BeforeBase
from sogdia.interfaces.words import language_of, say

PROBLEM: Final = "application/problem+json"
LOG: Final = logging.getLogger("sogdia.http")

_NAMES: Final = {400: "bad_request", 404: "no_route", 405: "wrong_method", 413: "body_too_large"}

_PARAMETER: Final = re.compile(r"\{[^}]*\}")

AnyRequest = Request[Any, Any, Any]


class Problem(Exception):
    """A refusal to serve a request: HTTP status, name, and the fields that its sentence shows."""

    def __init__(self, status: int, name: str, **fields: Any) -> None:
        super().__init__(status, name, fields)
        self.status = status
        self.name = name
        self.fields = fields


def busy(name: str = "busy", **fields: Any) -> Problem:
    """Come again in a second: 503."""
    return Problem(503, name, **fields)


def language(request: AnyRequest) -> str:
    """The language that the request asks for: en or zh."""
    return language_of(request.headers.get("accept-language"))


def problem_answer(request: AnyRequest, problem: Problem) -> Response[bytes]:
    """The answer that carries a problem."""
    tongue = language(request)
    body = {
        "type": f"urn:sogdia:problem:{problem.name}",
        "title": say(f"http_title.{problem.status}", tongue),
        "status": problem.status,
        "detail": say(f"http.{problem.name}", tongue, **problem.fields),
        **{name: value for name, value in problem.fields.items() if name not in ("type", "title", "status", "detail")},
    }
    headers = {"content-language": tongue, "vary": "accept-language"}
    if problem.status == 401:
        headers["www-authenticate"] = 'Bearer realm="sogdia"'
    if problem.status == 503:
        headers["retry-after"] = "1"
    return Response(msgspec.json.encode(body), status_code=problem.status, media_type=PROBLEM, headers=headers)


def on_problem(request: AnyRequest, problem: Problem) -> Response[bytes]:
    """A problem that a route raised."""
    return problem_answer(request, problem)


def on_before_base(request: AnyRequest, error: BeforeBase) -> Response[bytes]:
    """History that a node which joined by a snapshot does not hold."""
    return problem_answer(request, Problem(410, "before_base", height=error.base))


def on_http_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the framework refuses: no such route, wrong method, too large a body."""
    status = error.status_code if error.status_code in _NAMES else 400
    if error.status_code >= 500:
        return on_bug(request, error)
    answer = problem_answer(
        request, Problem(status, _NAMES[status], method=request.method, path=request.url.path[:200])
    )
    if status == 405:
        answer.headers["allow"] = ", ".join(_allowed(request))
    return answer


def _allowed(request: AnyRequest) -> list[str]:
    """The methods that this path takes."""
    allowed: set[str] = set()
    for route in request.app.routes:
        if re.fullmatch(_PARAMETER.sub(".+", route.path), request.url.path):
            allowed |= {method for method in getattr(route, "methods", ()) if method != "OPTIONS"}
    return sorted(allowed)


def on_bug(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A mistake of ours: 500. The log gets its kind and place; its message could hold a value, so it stays out."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    LOG.error("bug", extra={"said": {"error": type(error).__name__, "method": request.method, "where": where}})
    return problem_answer(request, Problem(500, "bug"))
