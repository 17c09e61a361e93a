"""`/queries`: named queries, their events, and their subscriptions."""

from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Response

from sogdia.app import milliseconds
from sogdia.interfaces.epcis.call import Call, nothing, plain
from sogdia.interfaces.epcis.events import answered
from sogdia.interfaces.epcis.forms import JSON, shape_of
from sogdia.interfaces.epcis.named_queries import BODY_BYTES, NAME_CHARS, NamedQuery
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.http.desk import aside, media_type
from sogdia.standards.epcis.query.conditions import Query
from sogdia.standards.epcis.query.parameters import of_object, of_url
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.query.schedule import LIMITS
from sogdia.standards.epcis.reading import UNREADABLE, plain_json

_PAGING: Final = ("perPage", "nextPageToken")


async def post(call: Call) -> Response[bytes]:
    """Keep a query under a name."""
    party, given = await body_and_party(call)
    name, query = given.get("name"), given.get("query")
    if not isinstance(name, str) or not 0 < len(name) <= NAME_CHARS or "\0" in name:
        raise EpcisProblem(400, "query_name", "QueryValidationException", most=NAME_CHARS)
    of_object(query, call.extensions())  # refused here rather than when it is asked
    context = call.extensions()
    kept: Any = _with_context(query, context) if context else query
    if await aside(call.station.queries.count, party) >= call.station.settings.queries_per_party:
        raise EpcisProblem(403, "too_many_queries", most=call.station.settings.queries_per_party)
    made = NamedQuery(name, kept, milliseconds())
    if not await aside(call.station.queries.put, party, made):
        raise EpcisProblem(409, "query_exists", name=name)

    return plain(_shown(made), 201, {"location": f"/epcis/queries/{quote(name, safe='')}"})


async def listed(call: Call) -> Response[bytes]:
    """The caller's queries by name."""
    shape, party = shape_of(call.request, "json"), call.member()
    limit, place, query = call.listing(f"/queries {party}")
    found = await aside(call.station.queries.page, party, str(place[0]) if place else "", limit + 1)
    following = (found[limit - 1].name,) if len(found) > limit else None
    return plain([_shown(one) for one in found[:limit]], headers=call.following(query, following), shape=shape)


async def one(call: Call) -> Response[bytes]:
    """A query as it was given."""
    shape = shape_of(call.request, "json")
    return plain(_shown(await named(call)), shape=shape)


async def delete(call: Call) -> Response[bytes]:
    """Forget a query; its subscriptions end."""
    if not await aside(call.station.queries.delete, call.member(), call.path[1]):
        raise EpcisProblem(404, "no_such_query", "NoSuchNameException", name=call.path[1][:200])
    return nothing()


async def events(call: Call) -> Response[bytes]:
    """The events that a named query finds."""
    found = await named(call)
    if any(name == "stream" or name in LIMITS for name, _ in call.parameters):
        remedy = "send Upgrade: websocket with it, or subscribe: POST to the query's subscriptions"
        raise QueryRefused("stream", "", "it is asked for without a WebSocket", remedy, "SubscriptionControlsException")
    others = sorted({name for name, _ in call.parameters} - set(_PAGING))
    if others:
        raise EpcisProblem(400, "parameter_unknown", "QueryParameterException", parameter=others[0][:100])
    return await answered(call, with_pages(call, of_object(found.query)), found.name)


async def named(call: Call) -> NamedQuery:
    """The caller's query that the path names; EpcisProblem 404 when there is none."""
    found = await aside(call.station.queries.find, call.member(), call.path[1])
    if found is None:
        raise EpcisProblem(404, "no_such_query", "NoSuchNameException", name=call.path[1][:200])
    return found


async def body_and_party(call: Call) -> tuple[str, dict[str, Any]]:
    """The JSON object of the body, and the party that sends it."""
    kind = media_type(call.request)
    if kind not in JSON:
        raise EpcisProblem(415, "media_type", found=kind[:100] or "-", expected=", ".join(JSON))
    async with call.station.desk.body(call.request, BODY_BYTES) as content:
        party = call.member(content)
        try:
            given = plain_json(content)
        except UNREADABLE as wrong:
            raise EpcisProblem(400, "no_json", reason=str(wrong)[:200]) from None
    if not isinstance(given, dict):
        raise EpcisProblem(400, "no_json", reason="it is no object")
    return party, given


def with_pages(call: Call, query: Query) -> Query:
    """The query with the page that the URL asks for."""
    paging = of_url(one for one in call.parameters if one[0] in _PAGING)
    return msgspec.structs.replace(query, per_page=paging.per_page, next_page_token=paging.next_page_token)


def _with_context(query: Any, context: dict[str, str]) -> dict[str, Any]:
    own = query.get("@context", [])
    return {**query, "@context": [*(own if isinstance(own, list) else [own]), context]}


def _shown(one: NamedQuery) -> dict[str, Any]:
    return {"name": one.name, "query": one.query}
