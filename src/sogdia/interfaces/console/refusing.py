"""What goes wrong, as a page for people; as a problem in JSON for scripts, and outside of the console for everyone."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from litestar import Response
from litestar.exceptions import HTTPException

from sogdia.engines.kept import BeforeBase
from sogdia.interfaces.console.arriving import SignInNeeded
from sogdia.interfaces.console.cookies import LANGUAGE
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import render, see_other
from sogdia.interfaces.console.room import ROOT, console_of
from sogdia.interfaces.http import problems
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import LANGUAGES, has_words

_NAMES: Final = {404: "no_route", 405: "wrong_method", 413: "body_too_large"}


def wants_page(request: AnyRequest) -> bool:
    """Whether a browser asks on behalf of a person."""
    return "text/html" in request.headers.get("accept", "")


def is_of_console(request: AnyRequest) -> bool:
    """Whether the path is one of the console's."""
    path = str(request.url.path)
    return path == ROOT or path.startswith(ROOT + "/")


def on_sign_in_needed(request: AnyRequest, needed: SignInNeeded) -> Response[bytes]:
    """To the sign-in page, and from there back to where they wanted to go.

    Whoever followed a link in a mail came without their cookie, which is SameSite=Strict: their page asks once more,
    from here.
    """
    if not wants_page(request):
        return problems.problem_answer(request, Problem(401, "sign_in_needed"))
    if str(request.method) == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        return render(request, "from_elsewhere.html")
    wanted = str(request.url.path) if str(request.method) == "GET" else ROOT + "/"
    return see_other(f"{ROOT}/sign-in" + (f"?next={quote(wanted)}" if wanted.rstrip("/") != ROOT else ""))


def on_problem(request: AnyRequest, problem: Problem) -> Response[bytes]:
    """A page that says what was wrong and what to do."""
    if not wants_page(request):
        return problems.problem_answer(request, problem)
    keys = {"title_key": _title(problem), "sentence_key": _sentence(problem)}
    answer = render(request, "refused.html", status=problem.status, problem=problem, **keys)
    if problem.status in (429, 503):
        answer.headers["retry-after"] = str(problem.fields.get("seconds", 1))
    return answer


def on_before_base(request: AnyRequest, error: BeforeBase) -> Response[bytes]:
    """History that a node which joined by a snapshot does not hold."""
    return on_problem(request, Problem(410, "before_base", height=error.base))


def on_http_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the framework refuses, anywhere: a page below the console's root, else as the API says it."""
    if not (is_of_console(request) and wants_page(request)) or error.status_code >= 500:
        return problems.on_http_error(request, error)
    name = _NAMES.get(error.status_code, "bad_request")
    status = error.status_code if error.status_code in _NAMES else 400
    _ensure_page(request)
    return on_problem(request, Problem(status, name, method=request.method, path=request.url.path[:200]))


def on_bug(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A mistake of ours: 500. The log gets its kind and place, the person a sentence."""
    found = problems.on_bug(request, error)
    if not wants_page(request):
        return found
    _ensure_page(request)
    return on_problem(request, Problem(500, "bug"))


def _ensure_page(request: AnyRequest) -> None:
    """A page for nobody, when the request was refused before it was known who came."""
    if "page" in request.state:
        return
    console = console_of(request)
    page = Page(console, console.names.place(request), str(request.url.path))
    wanted = request.cookies.get(LANGUAGE, "")
    page.language = wanted if wanted in LANGUAGES else problems.language(request)
    request.state.page = page


def _title(problem: Problem) -> str:
    named = f"console_title.{problem.name}"
    return named if has_words(named) else f"http_title.{problem.status}"


def _sentence(problem: Problem) -> str:
    """For people where it has words of its own, else as the API says it."""
    named = f"console_problem.{problem.name}"
    return named if has_words(named) else f"http.{problem.name}"


REFUSALS: Final[Mapping[Any, Any]] = {
    SignInNeeded: on_sign_in_needed,
    Problem: on_problem,
    BeforeBase: on_before_base,
    HTTPException: on_http_error,
    Exception: on_bug,
}
"""For `exception_handlers` of routes that show pages."""
