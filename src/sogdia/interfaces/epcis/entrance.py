"""The one route of `/epcis`: finds the resource by the path as it was sent, and tells what went wrong in its words.

Identifiers in a path hold slashes and question marks, so each stands percent-encoded as one part. One that was not
encoded is understood where that leaves no doubt.
"""

import logging
import traceback
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from litestar import Response, route

from sogdia.interfaces.epcis import captures, events, query_resources, resources, subscription_resources
from sogdia.interfaces.epcis.call import Call, Resource, nothing
from sogdia.interfaces.epcis.capabilities import SPOKEN, capabilities, limits
from sogdia.interfaces.epcis.problems import EpcisProblem, answer, of_house, of_query
from sogdia.interfaces.epcis.station import Station
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.standards.epcis.query.refusals import QueryRefused

ROOT: Final = "/epcis"
TARGET_CHARS: Final = 16_000
LOG: Final = logging.getLogger("sogdia.epcis")
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


@route([ROOT, f"{ROOT}/{{place:path}}"], http_method=list(_METHODS))
async def epcis(request: AnyRequest) -> Response[bytes]:
    """Everything of EPCIS; GS1's own OpenAPI document describes it."""
    station: Station = request.app.state.epcis
    try:
        found = await _answer(station, request)
    except Exception as error:
        found = answer(request, _problem(request, error, station))
    for name, value in SPOKEN.items():
        found.headers.setdefault(name, value)
    return found


async def _answer(station: Station, request: AnyRequest) -> Response[bytes]:
    scope = request.scope
    raw = scope["raw_path"].decode("latin-1")
    if len(raw) + len(scope["query_string"]) > TARGET_CHARS:
        raise EpcisProblem(414, "target_too_long", most=TARGET_CHARS)
    path = parts_of(raw)
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


def parts_of(raw: str) -> tuple[str, ...]:
    """The parts of a path after `/epcis`, decoded."""
    given = raw.removeprefix(ROOT).strip("/")
    parts = given.split("/") if given else []
    head = parts[0] if parts else ""
    is_events_of = head in resources.NAMES and len(parts) > 2 and parts[-1] == "events"
    if is_events_of:
        parts = [head, "/".join(parts[1:-1]), "events"]
    elif head in (*resources.NAMES, "events") and len(parts) > 2:
        parts = [head, "/".join(parts[1:])]
    return tuple(map(unquote, parts))


def methods_of(path: tuple[str, ...]) -> Methods | None:
    """What can be done with a resource; None when there is none of this path."""
    pattern = tuple("*" if place % 2 and part else part for place, part in enumerate(path))
    return _TABLE.get(pattern)


def _allow(methods: Methods) -> str:
    return ", ".join(["OPTIONS", *methods])


def _problem(request: AnyRequest, error: Exception, station: Station) -> EpcisProblem:
    if isinstance(error, EpcisProblem):
        if error.status == 413:
            error.headers.update(limits(station.settings))
        return error
    if isinstance(error, Problem):
        return of_house(error)
    if isinstance(error, QueryRefused):
        return of_query(error)
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    LOG.error("bug", extra={"said": {"error": type(error).__name__, "method": request.method, "where": where}})
    return EpcisProblem(500, "http.bug")
