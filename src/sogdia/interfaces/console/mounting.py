"""THE list of the console's pages, for the application of a node."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

import msgspec
from litestar import Response, Router, get, route
from litestar.handlers import HTTPRouteHandler

from sogdia.interfaces.console import (
    accepting,
    account,
    acts,
    assets,
    customs_decided,
    customs_desk,
    finding,
    governing,
    health,
    health_log,
    importing,
    order,
    order_taxes,
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

NAVIGATION: Final = (
    (tower, orders, acts, customs_desk, order_taxes, importing, tracing, recalling),
    (parties, governing, rulebooks),
    (health, health_log),
    (signing_keys, signing_actions),
)
"""Subjects with a place in the navigation: by what people work on, in groups, each module with its ENTRY."""
SUBJECTS: Final = (
    *chain.from_iterable(NAVIGATION),
    signing_in,
    accepting,
    account,
    style_page,
    order,
    customs_decided,
    finding,
    verifying,
)
"""All modules of pages. Each has ROUTES; it may have OUTSIDE, which stand outside of the root."""

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
    return Console(desk, urls, entries())


def entries() -> list[Entry]:
    """The navigation from top to bottom, each place with the number of its group."""
    return [
        msgspec.structs.replace(subject.ENTRY, group=group)
        for group, subjects in enumerate(NAVIGATION)
        for subject in subjects
    ]
