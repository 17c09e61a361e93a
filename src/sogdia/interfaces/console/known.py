"""Browsers in which a user has signed in with a password before: a cookie that only says so, and lets nobody in.

The cookie is a random number and its code under what the node keeps of the user's password (HMAC-SHA-256), so there is
nothing more to keep, and another password makes it worthless. Source of the idea: OWASP, device cookies.
"""

import re
import secrets
from hmac import compare_digest, digest
from typing import Any, Final

from litestar import Response

from sogdia.interfaces.console.arriving import page_of
from sogdia.interfaces.console.cookies import LASTING_SECONDS, cookie_name, set_cookie
from sogdia.interfaces.console.users import User
from sogdia.interfaces.http.problems import AnyRequest

_FORM: Final = re.compile(r"[0-9a-f]{32}\.[0-9a-f]{64}")


def known_by(request: AnyRequest, user: User | None) -> str:
    """The number of a browser in which this user has signed in before; empty for any other."""
    given = request.cookies.get(cookie_name("known", page_of(request).place), "")
    if user is None or not user.password or _FORM.fullmatch(given) is None:
        return ""
    number, _, code = given.partition(".")
    return number if compare_digest(code, _code(user, number)) else ""


def remember(request: AnyRequest, answer: Response[Any], user: User) -> None:
    """Have this browser be known as one of the user's from now on."""
    place = page_of(request).place
    number = known_by(request, user) or secrets.token_hex(16)
    set_cookie(answer, cookie_name("known", place), f"{number}.{_code(user, number)}", place, seconds=LASTING_SECONDS)


def _code(user: User, number: str) -> str:
    return digest(user.password.encode(), f"known {user.id} {number}".encode(), "sha256").hex()
