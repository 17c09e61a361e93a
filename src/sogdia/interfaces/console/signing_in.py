"""Signing in by password and one-time code, or by passkey; signing out."""

from typing import Any

from litestar import Response, get, post

from sogdia.interfaces.console import passkeys, passwords, users
from sogdia.interfaces.console.arriving import page_of
from sogdia.interfaces.console.entering import let_in, let_out, own_path
from sogdia.interfaces.console.forms import Form, read_form, read_json
from sogdia.interfaces.console.known import known_by, remember
from sogdia.interfaces.console.rendering import render, see_other
from sogdia.interfaces.console.room import ROOT, Console
from sogdia.interfaces.console.users import User, folded
from sogdia.interfaces.http.desk import JSON, aside, json_answer, one_parameter
from sogdia.interfaces.http.problems import LOG, AnyRequest, Problem
from sogdia.interfaces.http.proxies import caller_of


@get("/sign-in")
async def sign_in_page(request: AnyRequest) -> Response[bytes]:
    """The ways to sign in."""
    wanted = own_path(one_parameter(request, "next", ""))
    if page_of(request).user is not None:
        return see_other(wanted)
    return _shown(request, wanted)


@post("/sign-in", status_code=200)
async def sign_in(request: AnyRequest) -> Response[bytes]:
    """Name, password and one-time or recovery code. Whatever is wrong, the answer and its time are the same."""
    form = await read_form(request)
    console, wanted = page_of(request).console, own_path(form.one("next"))
    named = await aside(users.by_name, console.notebook, form.one("name"))
    who = (folded(form.one("name")), caller_of(request), known_by(request, named))
    wait = console.attempts.wait_seconds(*who)
    if wait:
        return _shown(request, wanted, status=429, name=form.one("name"), wait=wait)
    console.attempts.failed(*who)
    user = named if await _holds(console, named, form) else None
    if user is None:
        LOG.warning("refused", extra={"said": {"why": "sign_in_wrong"}})
        return _shown(request, wanted, status=403, name=form.one("name"), wrong=True)
    answer = await let_in(request, see_other(wanted), user, "password")
    remember(request, answer, user)
    console.attempts.succeeded(*who)
    return answer


@post("/sign-in/passkey/options", status_code=200)
async def passkey_options(request: AnyRequest) -> Response[bytes]:
    """A challenge for any passkey of this node."""
    await read_json(request)
    page = page_of(request)
    return Response(passkeys.to_sign_in(page.console, page.place, page.binding).encode(), media_type=JSON)


@post("/sign-in/passkey", status_code=200)
async def sign_in_by_passkey(request: AnyRequest) -> Response[bytes]:
    """A challenge signed by a passkey; the answer says where to go."""
    given = await read_json(request)
    page, address = page_of(request), caller_of(request)
    wait = page.console.attempts.wait_seconds("", address)
    if wait:
        raise Problem(429, "sign_in_wait", seconds=wait)
    user = await _by_passkey(page.console, request, given.get("credential"))
    if user is None:
        page.console.attempts.failed("", address)
        LOG.warning("refused", extra={"said": {"why": "passkey_wrong"}})
        raise Problem(403, "passkey_wrong")
    answer = json_answer({"next": own_path(str(given.get("next", "")))})
    return await let_in(request, answer, user, "passkey")


@post("/sign-out", status_code=200)
async def sign_out(request: AnyRequest) -> Response[bytes]:
    """End this session."""
    await read_form(request)
    return let_out(request, see_other(ROOT + "/sign-in"))


async def _holds(console: Console, user: User | None, form: Form) -> bool:
    """Whether password and code are this user's; the code is used up. The same work is done for nobody.

    A code beside a wrong password is held against nobody's codes: that takes as long, and uses up none.
    """
    async with console.hashing():
        holds = await aside(passwords.is_password_of, user, form.exact("password"))
    code, owner = form.one("code"), user.id if user is not None and holds else ""
    step = passwords.step_of(user.totp if user is not None else "", code, console.clock())
    if step:
        return await aside(users.use_step, console.notebook, owner, step)
    return await aside(users.use_code, console.notebook, owner, code)


async def _by_passkey(console: Console, request: AnyRequest, credential: Any) -> User | None:
    page = page_of(request)
    passkey = await aside(passkeys.signed_in_by, console, page.place, page.binding, credential)
    return None if passkey is None else await aside(users.by_id, console.notebook, passkey.user)


def _shown(request: AnyRequest, wanted: str, *, status: int = 200, **given: Any) -> Response[bytes]:
    page = page_of(request)
    said = {"name": "", "wait": 0, "wrong": False, **given}
    return render(
        request,
        "sign_in.html",
        status=status,
        next=wanted,
        ended=page.has_ended and status == 200,
        elsewhere=passkeys.elsewhere(page.place),
        **said,
    )


ROUTES = (sign_in_page, sign_in, passkey_options, sign_in_by_passkey, sign_out)
