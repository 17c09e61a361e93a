"""Letting a user in and out: a session in a cookie, and where they go from there."""

from urllib.parse import unquote, urlsplit

from litestar import Response

from sogdia.interfaces.console import users
from sogdia.interfaces.console.arriving import page_of
from sogdia.interfaces.console.cookies import LANGUAGE, LASTING_SECONDS, cookie_name, drop_cookie, set_cookie
from sogdia.interfaces.console.room import ROOT, console_of
from sogdia.interfaces.console.users import User
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import LOG, AnyRequest, Problem, busy


def own_path(wanted: str) -> str:
    """A path of the console to go on to; its first page for anything else."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return ROOT + "/"
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith(ROOT + "/") and "\\" not in wanted
    leads_out = any(unquote(one) in (".", "..") for one in parts.path.split("/"))
    fits = wanted.isprintable() and len(wanted) < 2_000
    return wanted if is_own and fits and not leads_out else ROOT + "/"


async def let_in(request: AnyRequest, answer: Response[bytes], user: User, how: str) -> Response[bytes]:
    """Open a session for this user and put it into the answer's cookie. `Problem` 403 when the party is suspended."""
    page = page_of(request)
    console = page.console
    if console.desk.node.asker(user.party).party is None:
        raise Problem(403, "console_suspended")
    if page.session is not None:
        console.sessions.close(page.session.user, page.session.id)
    token = console.sessions.open(user.id, user.party, how, request.headers.get("user-agent", ""))
    if token is None:
        raise busy("too_many_sessions")
    await aside(users.note_sign_in, console.notebook, user.id, console.now_ms())
    LOG.info("signed_in", extra={"said": {"user": user.id, "how": how}})
    set_cookie(answer, cookie_name("session", page.place), token, page.place)
    drop_cookie(answer, cookie_name("visit", page.place), page.place)
    if user.language and LANGUAGE not in request.cookies:
        set_cookie(answer, LANGUAGE, user.language, page.place, path="/", seconds=LASTING_SECONDS)
    return answer


def let_out(request: AnyRequest, answer: Response[bytes]) -> Response[bytes]:
    """End this session and have the browser forget it, with all that it keeps of these pages in its cache."""
    page, console = page_of(request), console_of(request)
    if page.session is not None:
        console.sessions.close(page.session.user, page.session.id)
    drop_cookie(answer, cookie_name("session", page.place), page.place)
    answer.headers["clear-site-data"] = '"cache"'
    return answer
