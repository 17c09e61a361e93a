"""Cookies of the console: HttpOnly, Secure where the page came over TLS, SameSite=Strict where they let anybody in."""

from typing import Any, Final, Literal
from urllib.parse import urlsplit

from litestar import Response

from sogdia.interfaces.console.names import Place
from sogdia.interfaces.console.room import ROOT

LANGUAGE: Final = "sogdia_language"
THEME: Final = "sogdia_theme"
LASTING_SECONDS: Final = 400 * 86_400
"""The longest that browsers keep a cookie."""


def cookie_name(kind: Literal["session", "visit"], place: Place) -> str:
    """`sogdia_console`, or `sogdia_visit` before signing in; with the port, for browsers keep cookies by host alone."""
    port = urlsplit(place.origin).port
    plain = "sogdia_console" if kind == "session" else "sogdia_visit"
    return f"{plain}_{port}" if port else plain


def set_cookie(
    answer: Response[Any], name: str, value: str, place: Place, *, path: str = ROOT, seconds: int | None = None
) -> None:
    """Have the browser keep this; without `seconds` until it is closed. What everyone may see is kept for `/`."""
    answer.set_cookie(
        name,
        value,
        path=path,
        max_age=seconds,
        secure=place.scheme == "https",
        httponly=True,
        samesite="strict" if path == ROOT else "lax",  # a link from a mail still finds language and theme
    )


def drop_cookie(answer: Response[Any], name: str, place: Place) -> None:
    """Have the browser forget this."""
    set_cookie(answer, name, "", place, seconds=0)
