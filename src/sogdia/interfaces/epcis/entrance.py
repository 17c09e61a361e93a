"""The one route of `/epcis`: finds the resource by the path as it was sent, and tells what went wrong in its words."""

from collections.abc import Mapping
from typing import Final

from litestar import Response, Router, route

from sogdia.interfaces.epcis import captures, events, query_resources, resources, subscription_resources
from sogdia.interfaces.epcis.call import Call, Resource, nothing
from sogdia.interfaces.epcis.capabilities import SPOKEN, capabilities
from sogdia.interfaces.epcis.paths import ROOT, path_of
from sogdia.interfaces.epcis.problems import EpcisProblem, answer
from sogdia.interfaces.epcis.refusing import problem_of
from sogdia.interfaces.epcis.sockets import query_socket
from sogdia.interfaces.epcis.station import Station
from sogdia.interfaces.http.problems import AnyRequest

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
Methods = Mapping[str, Resource]


async def _release(call: Call) -> Response[bytes]:
    """Tokens of pages are sealed and kept nowhere: there is nothing to release."""
    return nothing()


_TABLE: Final[Mapping[tuple[str, ...], Methods]] = {
    (): {"GET": resources.top},
    ("capture",): {"GET": captures.listed, "POST": captures.post},
    ("capture", "*"): {"GET": captures.one},
    ("events",): {"GET": events.listed, "POST": events.post},
    ("events", "*"): {"GET": events.one},
    **{(name,): {"GET": resources.listed} for name in resources.NAMES},
    **{(name, "*"): {"GET": resources.one} for name in resources.NAMES},
    **{(name, "*", "events"): {"GET": events.of_resource} for name in resources.NAMES},
    ("queries",): {"GET": query_resources.listed, "POST": query_resources.post},
    ("queries", "*"): {"GET": query_resources.one, "DELETE": query_resources.delete},
    ("queries", "*", "events"): {"GET": query_resources.events},
    ("queries", "*", "subscriptions"): {"GET": subscription_resources.listed, "POST": subscription_resources.post},
    ("queries", "*", "subscriptions", "*"): {
        "GET": subscription_resources.one,
        "DELETE": subscription_resources.delete,
    },
    ("nextPageToken", "*"): {"DELETE": _release},
}


@route(["/", "/{place:path}"], http_method=list(_METHODS))
async def _resource(request: AnyRequest) -> Response[bytes]:
    """Everything of EPCIS; GS1's own OpenAPI document describes it."""
    station: Station = request.app.state.epcis
    try:
        found = await _answer(station, request)
    except Exception as error:
        found = answer(request, problem_of(error, str(request.method), station.settings))
    for name, value in SPOKEN.items():
        found.headers.setdefault(name, value)
    return found


async def _answer(station: Station, request: AnyRequest) -> Response[bytes]:
    path, raw = path_of(request), request.scope["raw_path"].decode("latin-1")
    methods = methods_of(path)
    if methods is None:
        raise EpcisProblem(404, "no_resource", path=raw[:200])
    if request.method == "OPTIONS":
        return nothing({"allow": _allow(methods), **capabilities(path[0] if path else "", station.settings)})
    resource = methods.get(str(request.method))
    if resource is None:
        allow = {"allow": _allow(methods)}
        raise EpcisProblem(405, "no_method", method=str(request.method), path=raw[:200], headers=allow)
    return await resource(Call(station, request, path))


def methods_of(path: tuple[str, ...]) -> Methods | None:
    """What can be done with a resource; None when there is none of this path."""
    pattern = tuple("*" if place % 2 and part else part for place, part in enumerate(path))
    return _TABLE.get(pattern)


def _allow(methods: Methods) -> str:
    return ", ".join(["OPTIONS", *methods])


epcis: Final = Router(path=ROOT, route_handlers=[_resource, query_socket])
