"""Accepting an invitation: the person takes a name and a passkey, or a password with one-time codes."""

import sqlite3
from base64 import b64encode
from io import BytesIO
from typing import Any

import segno
from litestar import Response, get, post

from sogdia.domains.identity.state import PARTIES
from sogdia.interfaces.console import passkeys, passwords, users
from sogdia.interfaces.console.arriving import page_of
from sogdia.interfaces.console.entering import let_in
from sogdia.interfaces.console.forms import Form, read_form, read_json
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.console.users import Invitation, NameTaken, User
from sogdia.interfaces.http.desk import JSON, aside, json_answer, part
from sogdia.interfaces.http.problems import AnyRequest, Problem


@get("/invitation/{token:str}")
async def invitation_page(request: AnyRequest) -> Response[bytes]:
    """The ways to accept an invitation."""
    return _shown(request, await _invitation(request))


@post("/invitation/{token:str}", status_code=200)
async def accept_by_password(request: AnyRequest) -> Response[bytes]:
    """Name, password and the first one-time code; the answer shows the recovery codes, once."""
    form = await read_form(request)
    invitation, page = await _invitation(request), page_of(request)
    name, password = form.one("name"), form.exact("password")
    step = passwords.step_of(invitation.totp, form.one("code"), page.console.clock())
    wrong = _wrong(form, name, password, step)
    if wrong:
        return _shown(request, invitation, status=422, name=name, wrong=wrong)
    async with page.console.hashing():
        kept = await aside(passwords.hashed, password)
    now_ms, codes = page.console.now_ms(), users.new_codes()
    user = users.new_user(invitation, name, now_ms, password=kept, step=step)
    try:
        await _accept(request, user, None, codes)
    except NameTaken:
        return _shown(request, invitation, status=422, name=name, wrong={"name": "name_taken"})
    return await let_in(request, render(request, "recovery_codes.html", codes=codes), user, "password")


@post("/invitation/{token:str}/passkey/options", status_code=200)
async def passkey_options(request: AnyRequest) -> Response[bytes]:
    """What the browser makes a passkey of, for the name that the person chose."""
    given = await read_json(request)
    await _invitation(request)
    page, name = page_of(request), str(given.get("name", ""))
    if not users.is_name(name.strip()):
        raise Problem(422, "name_unfit")
    if await aside(users.by_name, page.console.notebook, name) is not None:
        raise Problem(422, "name_taken")
    options = await aside(passkeys.to_register, page.console, page.place, page.binding, _id_of(request), name.strip())
    return Response(options.encode(), media_type=JSON)


@post("/invitation/{token:str}/passkey", status_code=200)
async def accept_by_passkey(request: AnyRequest) -> Response[bytes]:
    """The passkey that the browser made; the answer says where to go."""
    given = await read_json(request)
    invitation, page = await _invitation(request), page_of(request)
    name = str(given.get("name", ""))
    if not users.is_name(name.strip()):
        raise Problem(422, "name_unfit")
    label, binding = str(given.get("label", "")), page.binding
    made = await aside(
        passkeys.registered, page.console, page.place, binding, _id_of(request), label, given.get("credential")
    )
    if made is None:
        raise Problem(422, "passkey_not_made")
    user = users.new_user(invitation, name, page.console.now_ms(), id=_id_of(request))
    try:
        await _accept(request, user, made, [])
    except NameTaken:
        raise Problem(422, "name_taken") from None
    except sqlite3.IntegrityError:
        raise Problem(422, "passkey_not_made") from None
    return await let_in(request, json_answer({"next": ROOT + "/"}), user, "passkey")


async def _invitation(request: AnyRequest) -> Invitation:
    """The invitation of the path; `Problem` 410 when it is used, has ended, or its party may not sign in."""
    console = page_of(request).console
    found: Invitation | None = await aside(
        users.invitation_of, console.notebook, part(request, "token"), console.now_ms()
    )
    if found is None or console.desk.node.asker(found.party).party is None:
        raise Problem(410, "invitation_over")
    return found


async def _accept(request: AnyRequest, user: User, passkey: Any, codes: list[str]) -> None:
    notebook = page_of(request).console.notebook
    if not await aside(users.accept, notebook, part(request, "token"), user, passkey, codes):
        raise Problem(410, "invitation_over")


def _id_of(request: AnyRequest) -> str:
    """The id that this invitation's user gets: the passkey carries it before there is a user."""
    return users.id_of_invitation(part(request, "token"))


def _wrong(form: Form, name: str, password: str, step: int) -> dict[str, str]:
    """What is wrong, by field, as ends of keys of the catalogue."""
    found = {
        "name": "" if users.is_name(name) else "name_unfit",
        "password": passwords.why_unfit(password, name),
        "again": "" if form.exact("again") == password else "passwords_differ",
        "code": "" if step else "code_wrong",
    }
    return {field: why for field, why in found.items() if why}


def _shown(request: AnyRequest, invitation: Invitation, *, status: int = 200, **given: Any) -> Response[bytes]:
    page = page_of(request)
    said = {"name": invitation.name, "wrong": {}, **given}
    address = passwords.provisioning(invitation.totp, said["name"] or "user", f"Sogdia {page.network}")
    return render(
        request,
        "invitation.html",
        status=status,
        invited=page.console.desk.node.record(PARTIES.name, invitation.party),
        secret=grouped(invitation.totp),
        picture=code_picture(address),
        authenticator=address,
        elsewhere=passkeys.elsewhere(page.place),
        **said,
    )


def grouped(secret: str) -> str:
    """A secret in groups of four, to be typed where nothing can be scanned."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def code_picture(text: str) -> str:
    """A QR code of this text as the address of a picture (data:), dark on white in any theme."""
    buffer = BytesIO()
    segno.make(text, error="m").save(buffer, kind="svg", scale=4, border=4, light="#fff", xmldecl=False)
    return f"data:image/svg+xml;base64,{b64encode(buffer.getvalue()).decode()}"


ROUTES = (invitation_page, accept_by_password, passkey_options, accept_by_passkey)
