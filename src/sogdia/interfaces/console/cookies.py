"""Cookies of the console: HttpOnly, Secure where the page came over TLS, SameSite=Strict where they let anybody in."""

from typing import Any, Final, Literal
from urllib.parse import urlsplit

from litestar import Response

from sogdia.interfaces.console.names import Place
from sogdia.interfaces.console.room import ROOT

LANGUAGE: Final = "sogdia_language"
THEME: Final = "sogdia_theme"
ZONE: Final = "sogdia_zone"
"""The time zone of the browser, kept by `assets/zone.js`; not HttpOnly, for a script writes it."""
Kind = Literal["session", "visit", "known"]
_NAMES: Final[dict[Kind, str]] = {"session": "sogdia_console", "visit": "sogdia_visit", "known": "sogdia_known"}
_OF_HOST: Final = "__Host-"
LASTING_SECONDS: Final = 400 * 86_400
"""The longest that browsers keep a cookie."""


def cookie_name(kind: Kind, place: Place) -> str:
    """`sogdia_console`, `sogdia_visit` before signing in, `sogdia_known` for browsers that come back.

    With the port, for browsers keep cookies by host alone. Over TLS with the prefix `__Host-`: a browser takes such a
    cookie from this very host alone, so no neighbour under the same domain can put one of its own into its place.
    """
    port = urlsplit(place.origin).port
    plain = f"{_NAMES[kind]}_{port}" if port else _NAMES[kind]
    return _OF_HOST + plain if place.scheme == "https" else plain


def set_cookie(
    answer: Response[Any], name: str, value: str, place: Place, *, path: str = ROOT, seconds: int | None = None
) -> None:
    """Have the browser keep this; without `seconds` until it is closed. What everyone may see is kept for `/`."""
    answer.set_cookie(
        name,
        value,
        path="/" if name.startswith(_OF_HOST) else path,  # the prefix wants it (RFC 6265bis, 4.1.3.2)
        max_age=seconds,
        secure=place.scheme == "https",
        httponly=True,
        samesite="strict" if path == ROOT else "lax",  # a link from a mail still finds language and theme
    )


def drop_cookie(answer: Response[Any], name: str, place: Place) -> None:
    """Have the browser forget this."""
    set_cookie(answer, name, "", place, seconds=0)
