"""Who came, in which language and theme, from where: found once for each request, before its page runs."""

from typing import Final

from litestar import Response

from sogdia.core.query import PUBLIC
from sogdia.domains.identity.state import PARTIES
from sogdia.interfaces.console import users
from sogdia.interfaces.console.cookies import LANGUAGE, LASTING_SECONDS, THEME, ZONE, cookie_name, set_cookie
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.room import Console, console_of
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import LOG, AnyRequest, Problem, language
from sogdia.interfaces.words import LANGUAGES, clock

THEMES: Final = ("auto", "light", "dark")
_CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class SignInNeeded(Exception):
    """The page is for users; whoever asked is sent to sign in."""


async def arrive(request: AnyRequest) -> Response[bytes] | None:
    """Put the `Page` of this request into its state; an answer when only language or theme was chosen."""
    console = console_of(request)
    query = tuple(request.query_params.multi_items())
    page = Page(console, console.names.place(request), str(request.url.path), query)
    request.state.page = page
    page.language, page.theme = _language(request, None), _one_of(THEMES, request.cookies.get(THEME, ""))
    clock.read_in(clock.zone_named(request.cookies.get(ZONE, "")))
    if str(request.method) in _CHANGING:
        _check_origin(request, page)
    await _recognise(request, console, page)
    page.language = _language(request, page.user)
    return await _chosen(request, console, page) if str(request.method) == "GET" else None


def page_of(request: AnyRequest) -> Page:
    """What is known of this request; `arrive` ran before."""
    found: Page = request.state.page
    return found


def entered(request: AnyRequest, *roles: str) -> Page:
    """As `page_of`, for users alone; `Problem` 403 when none of these roles is their party's."""
    page = page_of(request)
    if page.user is None:
        raise SignInNeeded
    if roles and not set(roles) & set(page.asker.roles):
        raise Problem(403, "console_role", roles=list(roles))
    return page


async def _recognise(request: AnyRequest, console: Console, page: Page) -> None:
    """The user of the session's cookie, unless user or party are gone since."""
    page.visit = request.cookies.get(cookie_name("visit", page.place), "")
    token = request.cookies.get(cookie_name("session", page.place), "")
    session = console.sessions.use(token) if token else None
    if session is None:
        page.has_ended = bool(token)
        return
    user = await aside(users.by_id, console.notebook, session.user)
    asker = PUBLIC if user is None else console.desk.node.asker(user.party)
    if user is None or asker.party is None:
        console.sessions.close(session.user)
        page.has_ended = True
        return
    page.user, page.session, page.asker = user, session, asker
    page.session_token = token
    page.party = console.desk.node.record(PARTIES.name, user.party)


def _check_origin(request: AnyRequest, page: Page) -> None:
    """Whoever changes something does so from our own page: the browser says from where, and scripts cannot lie."""
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    is_ours = site == "same-origin" or (not site and origin == page.place.origin)
    if not is_ours or not page.place.is_own or origin not in ("", "null", page.place.origin):
        LOG.warning("refused", extra={"said": {"why": "form_foreign", "site": site[:20]}})
        raise Problem(403, "form_foreign")


def _language(request: AnyRequest, user: users.User | None) -> str:
    for wanted in (request.cookies.get(LANGUAGE, ""), user.language if user is not None else ""):
        if wanted in LANGUAGES:
            return wanted
    return language(request)


def _one_of(known: tuple[str, ...], given: str) -> str:
    return given if given in known else known[0]


async def _chosen(request: AnyRequest, console: Console, page: Page) -> Response[bytes] | None:
    """`?lang=` and `?theme=` on any page: remembered in a cookie, then the same page without them."""
    chosen = {
        cookie: value
        for name, value in page.query
        for parameter, cookie, known in (("lang", LANGUAGE, LANGUAGES), ("theme", THEME, THEMES))
        if name == parameter and value in known
    }
    if not chosen:
        return None
    answer = Response(b"", status_code=303, headers={"location": page.here(lang=None, theme=None)})
    for cookie, value in chosen.items():
        set_cookie(answer, cookie, value, page.place, path="/", seconds=LASTING_SECONDS)
    if page.user is not None and LANGUAGE in chosen:
        await aside(users.set_language, console.notebook, page.user.id, chosen[LANGUAGE])
    return answer
