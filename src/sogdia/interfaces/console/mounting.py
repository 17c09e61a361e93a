"""THE list of the console's pages, for the application of a node."""

from collections.abc import Sequence
from typing import Final

from litestar import Response, Router, get, route
from litestar.handlers import HTTPRouteHandler

from sogdia.interfaces.console import (
    accepting,
    account,
    assets,
    customs_desk,
    governing,
    health,
    home,
    importing,
    order,
    orders,
    parties,
    recalling,
    refusing,
    rulebooks,
    signing_actions,
    signing_in,
    signing_keys,
    style_page,
    tower,
    tracing,
    verifying,
)
from sogdia.interfaces.console.arriving import arrive
from sogdia.interfaces.console.rendering import see_other
from sogdia.interfaces.console.room import ROOT, Console, Entry
from sogdia.interfaces.http.desk import Desk
from sogdia.interfaces.http.problems import AnyRequest, Problem

SUBJECTS: Final = (
    home,
    signing_in,
    accepting,
    account,
    style_page,
    tower,
    orders,
    order,
    customs_desk,
    importing,
    tracing,
    recalling,
    signing_actions,
    signing_keys,
    parties,
    governing,
    rulebooks,
    health,
    verifying,
)
"""Modules of pages, in the order of the navigation. Each has ROUTES; it may have ENTRY, and OUTSIDE of the root."""

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@route("/{rest:path}", http_method=list(_METHODS))
async def nowhere(request: AnyRequest) -> Response[bytes]:
    """What no page has."""
    raise Problem(404, "no_route", method=str(request.method), path=request.url.path[:200])


@get("/")
async def front_door(request: AnyRequest) -> Response[bytes]:
    """A browser at the node's own address is shown the console; anything else is told that nothing is here."""
    if refusing.wants_page(request):
        return see_other(ROOT + "/")
    raise Problem(404, "no_route", method="GET", path="/")


CONSOLE: Final = Router(
    path=ROOT,
    route_handlers=[*(handler for subject in SUBJECTS for handler in subject.ROUTES), nowhere],
    before_request=arrive,
    exception_handlers=dict(refusing.REFUSALS),
)
PUBLIC: Final[tuple[HTTPRouteHandler, ...]] = tuple(
    handler for subject in SUBJECTS for handler in getattr(subject, "OUTSIDE", ())
)
MOUNTED: Final[tuple[Router | HTTPRouteHandler, ...]] = (CONSOLE, assets.sent, front_door, *PUBLIC)
"""What the application takes on."""


def console(desk: Desk, urls: Sequence[str] = ()) -> Console:
    """The console of a node; `urls` are the addresses that the node goes by. To be closed."""
    found: list[Entry | None] = [getattr(subject, "ENTRY", None) for subject in SUBJECTS]
    return Console(desk, urls, [one for one in found if one is not None])
