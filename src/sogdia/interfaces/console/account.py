"""A user's own page: how they sign in, where they are signed in, language and look.

Changing how to sign in wants a session whose user signed in a short while ago.
"""

import sqlite3
from typing import Any

from litestar import Response, get, post
from pyotp import random_base32

from sogdia.core.codec import from_base64url
from sogdia.interfaces.console import passkeys, passwords, users
from sogdia.interfaces.console.accepting import code_picture, grouped
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.entering import let_out
from sogdia.interfaces.console.forms import Form, read_form, read_json
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import render, see_other
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.http.desk import JSON, aside, json_answer, one_parameter
from sogdia.interfaces.http.problems import LOG, AnyRequest, Problem

PATH = ROOT + "/account"
DONE = ("passkey_added", "passkey_dropped", "session_closed")


@get("/account")
async def account(request: AnyRequest) -> Response[bytes]:
    """How this user signs in, where they are signed in, what may be changed."""
    entered(request)
    done = one_parameter(request, "done", "")
    return await _shown(request, done=done if done in DONE else "")


@get("/account/password")
async def password_page(request: AnyRequest) -> Response[bytes]:
    """Another password, with the secret of new one-time codes."""
    return _password_shown(request, _fresh(request), random_base32(), {})


@post("/account/password", status_code=200)
async def set_password(request: AnyRequest) -> Response[bytes]:
    """Password and first one-time code; the answer shows new recovery codes, once. Other sessions end."""
    form, page = await read_form(request), _fresh(request)
    assert page.user is not None
    assert page.session is not None
    secret, console, user = _secret(form), page.console, page.user
    step = passwords.step_of(secret, form.one("code"), console.clock())
    wrong = _wrong(form, user.name, step)
    if wrong:
        return _password_shown(request, page, secret, wrong, 422)
    async with console.hashing():
        kept = await aside(passwords.hashed, form.exact("password"))
    codes = users.new_codes()
    await aside(users.set_password, console.notebook, user.id, kept, secret, step)
    await aside(users.replace_codes, console.notebook, user.id, codes)
    console.sessions.close(user.id, but=page.session.id)
    LOG.info("password_set", extra={"said": {"user": user.id}})
    return render(request, "recovery_codes.html", codes=codes)


@post("/account/passkey/options", status_code=200)
async def passkey_options(request: AnyRequest) -> Response[bytes]:
    """What the browser makes another passkey of."""
    await read_json(request)
    page = _fresh(request)
    assert page.user is not None
    user = page.user
    options = await aside(passkeys.to_register, page.console, page.place, page.binding, user.id, user.name)
    return Response(options.encode(), media_type=JSON)


@post("/account/passkey", status_code=200)
async def add_passkey(request: AnyRequest) -> Response[bytes]:
    """Keep another passkey; the answer says where to go."""
    given, page = await read_json(request), _fresh(request)
    assert page.user is not None
    console, user, label = page.console, page.user.id, str(given.get("label", ""))
    if len(await aside(users.passkeys_of, console.notebook, user)) >= passkeys.PER_USER:
        raise Problem(422, "passkeys_many", most=passkeys.PER_USER)
    made = await aside(passkeys.registered, console, page.place, page.binding, user, label, given.get("credential"))
    if made is None:
        raise Problem(422, "passkey_not_made")
    try:
        await aside(users.add_passkey, console.notebook, made)
    except sqlite3.IntegrityError:
        raise Problem(422, "passkey_not_made") from None
    LOG.info("passkey_added", extra={"said": {"user": user}})
    return json_answer({"next": f"{PATH}?done=passkey_added"})


@post("/account/passkey/drop", status_code=200)
async def drop_passkey(request: AnyRequest) -> Response[bytes]:
    """Forget a passkey, unless it is the only way in."""
    form, page = await read_form(request), _fresh(request)
    assert page.user is not None
    try:
        place: Any = from_base64url(form.one("passkey"))
    except ValueError:
        raise Problem(400, "form_unreadable") from None
    if not await aside(users.drop_passkey, page.console.notebook, page.user.id, place):
        return await _shown(request, wrong="passkey_last", status=422)
    LOG.info("passkey_dropped", extra={"said": {"user": page.user.id}})
    return see_other(f"{PATH}?done=passkey_dropped")


@post("/account/sessions/close", status_code=200)
async def close_sessions(request: AnyRequest) -> Response[bytes]:
    """End one session, or all of them with this one."""
    form, page = await read_form(request), entered(request)
    assert page.user is not None
    assert page.session is not None
    chosen = form.one("session")
    page.console.sessions.close(page.user.id, chosen)
    if not chosen or chosen == page.session.id:
        return let_out(request, see_other(ROOT + "/sign-in"))
    return see_other(f"{PATH}?done=session_closed")


@post("/account/again", status_code=200)
async def sign_in_again(request: AnyRequest) -> Response[bytes]:
    """Out and back to the account: what may be changed only a short while after signing in may be then."""
    await read_form(request)
    entered(request)
    return let_out(request, see_other(f"{ROOT}/sign-in?next={PATH}"))


def _fresh(request: AnyRequest) -> Page:
    page = entered(request)
    if page.session is None or not page.console.sessions.is_fresh(page.session):
        raise Problem(403, "sign_in_again")
    return page


def _secret(form: Form) -> str:
    """The secret that the page showed; the form's token vouches that it is for this session."""
    secret = form.one("secret")
    if len(secret) != 32 or not secret.isalnum() or not secret.isascii():
        raise Problem(400, "form_unreadable")
    return secret


def _wrong(form: Form, name: str, step: int) -> dict[str, str]:
    password = form.exact("password")
    found = {
        "password": passwords.why_unfit(password, name),
        "again": "" if form.exact("again") == password else "passwords_differ",
        "code": "" if step else "code_wrong",
    }
    return {field: why for field, why in found.items() if why}


def _password_shown(
    request: AnyRequest, page: Page, secret: str, wrong: dict[str, str], status: int = 200
) -> Response[bytes]:
    assert page.user is not None
    address = passwords.provisioning(secret, page.user.name, f"Sogdia {page.network}")
    given = {
        "secret": secret,
        "grouped": grouped(secret),
        "picture": code_picture(address),
        "authenticator": address,
        "wrong": wrong,
    }
    return render(request, "password.html", status=status, **given)


async def _shown(request: AnyRequest, *, status: int = 200, done: str = "", wrong: str = "") -> Response[bytes]:
    page = entered(request)
    assert page.user is not None
    assert page.session is not None
    return render(
        request,
        "account.html",
        status=status,
        done=done,
        wrong=wrong,
        passkeys=await aside(users.passkeys_of, page.console.notebook, page.user.id),
        codes_left=await aside(users.codes_left, page.console.notebook, page.user.id),
        sessions=page.console.sessions.of(page.user.id),
        is_fresh=page.console.sessions.is_fresh(page.session),
        elsewhere=passkeys.elsewhere(page.place),
    )


ROUTES = (
    account,
    password_page,
    set_password,
    passkey_options,
    add_passkey,
    drop_passkey,
    close_sessions,
    sign_in_again,
)
