"""Templates into answers: the environment, what a template may call, and the headers that every page carries."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response

from sogdia.core.codec import base64url
from sogdia.core.values import day_of, minor_digits
from sogdia.domains.customs.state import LEGAL_DAY_OFFSET_HOURS
from sogdia.interfaces.console.arriving import page_of
from sogdia.interfaces.console.assets import asset
from sogdia.interfaces.console.cookies import cookie_name, set_cookie
from sogdia.interfaces.console.paths import order_page
from sogdia.interfaces.console.plain_text import finalized
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.http.problems import AnyRequest
from sogdia.interfaces.words import clock, say
from sogdia.standards.epcis.moments import microseconds

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "vary": "accept-language, cookie",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_YEAR_SECONDS: Final = 31_536_000
_SHORT_CHARS: Final = 14
_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@cache
def environment() -> Environment:
    """The templates in `pages/`: what is written into them is text that can be seen; what is missing is a mistake."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        finalize=finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"instant": instant, "number": number, "money": money, "short": short, "iso": iso}
    made.filters |= {
        "exact": clock.told_exactly,
        "legal_day": legal_day,
        "milliseconds": milliseconds,
        "offset": clock.offset,
    }
    made.filters |= {"base64url": base64url, "browser": browser}
    made.globals |= {"asset": asset, "root": ROOT, "order_page": order_page, "zone_name": clock.zone_name}
    return made


def render(request: AnyRequest, name: str, /, *, status: int = 200, **given: Any) -> Response[bytes]:
    """The page that this template makes of what is given, for whoever asks."""
    page = page_of(request)
    said = partial(_say, page.language)
    told = {"t": said, "page": page, "language": page.language, **given}
    body = environment().get_template(name).render(told).encode()
    headers = {**HEADERS, "content-language": page.language}
    if page.place.scheme == "https":
        headers["strict-transport-security"] = f"max-age={_YEAR_SECONDS}"
    answer = Response(body, status_code=status, media_type="text/html", headers=headers)
    if page.is_new_visit:
        set_cookie(answer, cookie_name("visit", page.place), page.visit, page.place)
    return answer


def see_other(path: str) -> Response[bytes]:
    """After a form: show the page at this path, which is one of ours."""
    return Response(b"", status_code=303, headers={"location": path, **HEADERS})


def _say(language: str, key: str, /, **fields: Any) -> str:
    return say(key, language, **fields)


# --- filters --------------------------------------------------------------------------------------------------------


def iso(time_ms: int) -> str:
    """Milliseconds of UTC for the `datetime` of <time>; nothing beyond the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""


def instant(time_ms: int) -> str:
    """Milliseconds of UTC as a person reads them, to the minute, in the zone of their browser."""
    return clock.told(time_ms)


def milliseconds(text: str) -> int:
    """A time of EPCIS, which has its own offset, in milliseconds of UTC. Raises NoMoment."""
    return microseconds(text) // 1000


def legal_day(time_ms: int) -> str:
    """The day by which rulebooks count at an instant: a day of the authority's country, whatever the reader's zone."""
    return day_of(time_ms, LEGAL_DAY_OFFSET_HOURS)


def number(value: int) -> str:
    """A whole number in groups of three."""
    return f"{value:,}"


def money(minor: int, currency: str) -> str:
    """An amount in minor units with the decimals of its currency, in groups of three; without the currency's name."""
    digits = minor_digits(currency)
    return f"{Decimal(minor).scaleb(-digits):,.{digits}f}"


def short(identifier: str) -> str:
    """An identifier by its end, where there is no room for all of it; the whole belongs into the title."""
    return identifier if len(identifier) <= _SHORT_CHARS else f"…{identifier[-_SHORT_CHARS + 1 :]}"


def browser(agent: str) -> str:
    """Browser and system of a User-Agent, or nothing when it is none of the well-known."""
    told = [next((shown for sign, shown in signs if sign in agent), "") for signs in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, told))
