"""For those who watch over a node: what can be measured, and whether it is well."""

from typing import Final

from litestar import Response, get

from sogdia.core.state import Committed
from sogdia.domains.governance.state import MEMBERS
from sogdia.interfaces.http.description import about
from sogdia.interfaces.http.desk import aside, desk_of, json_answer
from sogdia.interfaces.http.health import reasons
from sogdia.interfaces.http.measures import Meter, prometheus_text
from sogdia.interfaces.http.problems import AnyRequest, Problem

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@get("/metrics", opt=about(answers={TEXT: ""}))
async def metrics(request: AnyRequest) -> Response[str]:
    """Counts and times of this node for Prometheus: to the machine that it runs on, and to members who sign in."""
    desk = desk_of(request)
    if not _is_from_here(request):
        asker = desk.gate.member(request)
        member = MEMBERS.get(Committed(desk.node.store, cached=0), asker.party or "")
        if member is None or member.standing != "active":
            raise Problem(403, "members_only")
    return Response(await aside(_text, desk.meter), media_type=TEXT)


@get("/health", opt=about())
async def health(request: AnyRequest) -> Response[bytes]:
    """Whether the node is well: 200, or 503 with the reasons as single words."""
    desk = desk_of(request)
    found = await aside(reasons, desk.node, desk.meter)
    return json_answer({"well": not found, "reasons": found}, 503 if found else 200)


def _text(meter: Meter) -> str:
    return prometheus_text(meter.samples())


def _is_from_here(request: AnyRequest) -> bool:
    """Whether somebody on this machine asks for itself: what a proxy passes on is from elsewhere."""
    is_near = request.client is None or request.client.host in _LOOPBACK  # no address: a Unix socket
    return is_near and not any(name in request.headers for name in _FORWARDED)
