"""Events: `/events`, and the events of every other resource and of a named query."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from litestar import Response
from msgspec.structs import replace

from sogdia.interfaces.epcis.answers import SIMPLE_QUERY, document, respond
from sogdia.interfaces.epcis.call import Call
from sogdia.interfaces.epcis.captures import taken_alone
from sogdia.interfaces.epcis.finding import matching, under
from sogdia.interfaces.epcis.forms import shape_of
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.http.desk import aside
from sogdia.standards.epcis.query.conditions import Condition, Match, Pattern, Query
from sogdia.standards.epcis.query.names import thing_or_text
from sogdia.standards.epcis.query.parameters import of_object, of_url
from sogdia.standards.epcis.query.paths import ROLES
from sogdia.standards.epcis.writing import write_event

_OF_RESOURCE: Final = {
    "eventTypes": "eventType",
    "bizSteps": "EQ_bizStep",
    "bizLocations": "EQ_bizLocation",
    "readPoints": "EQ_readPoint",
    "dispositions": "EQ_disposition",
}


async def post(call: Call) -> Response[bytes]:
    """Capture one event: 201 when it is on record, with its place."""
    accepted, job = await taken_alone(call, call.station.desk.limits.answer_seconds)
    if job is None:
        raise EpcisProblem(503, "http.answer_late", seconds=int(call.station.desk.limits.answer_seconds))
    if not job.success:
        exists = any("ResourceAlreadyExists" in error["type"] for error in job.errors)
        raise EpcisProblem(409 if exists else 400, sentence=job.errors[0]["detail"], errors=job.errors)
    event = accepted.events[0]
    place = f"/epcis/events/{quote(str(event.event_id), safe='')}"
    return Response(write_event(event), status_code=201, media_type="application/json", headers={"location": place})


async def listed(call: Call) -> Response[bytes]:
    """The events that the URL's parameters ask for."""
    return await answered(call, of_url(call.parameters, call.extensions()))


async def one(call: Call) -> Response[bytes]:
    """Everything that stands under an event ID, declarations of errors too."""
    shape, asker = shape_of(call.request, "json", "xml"), call.reader()
    rows = await aside(under, call.station.picture, asker, call.path[1])
    if not rows:
        raise EpcisProblem(404, "no_such_event")
    return respond(await aside(document, call.station, rows, shape), shape, {})


async def of_resource(call: Call) -> Response[bytes]:
    """The events of one entry of a collection."""
    query = of_url(call.parameters, call.extensions())
    return await answered(call, replace(query, conditions=(*query.conditions, *conditions_of(call))))


async def answered(call: Call, query: Query, name: str = SIMPLE_QUERY) -> Response[bytes]:
    """A page of what a query finds."""
    shape, asker = shape_of(call.request, "json", "xml"), call.reader()
    place, limit = call.place(query), min(query.per_page, call.station.settings.per_page)
    page = await aside(matching, call.station.picture, asker, query, place, limit)
    written = await aside(document, call.station, page.rows, shape, name)
    return respond(written, shape, call.following(query, page.following))


def conditions_of(call: Call) -> Sequence[Condition]:
    """What the events of an entry of a collection have in common."""
    collection, identifier = call.path[0], call.path[1]
    if collection == "epcs":
        uri = thing_or_text(identifier)
        return (Match(ROLES, (Pattern(uri, len(uri)),)),)
    return of_object({_OF_RESOURCE[collection]: [identifier]}, call.extensions()).conditions
