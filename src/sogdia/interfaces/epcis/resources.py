"""The collections of the standard: which things, places, steps, dispositions and types there are to ask about."""

from typing import Final, cast

from litestar import Response

from sogdia.core.query import Asker
from sogdia.interfaces.epcis.answers import Translator
from sogdia.interfaces.epcis.call import Call, collection, plain
from sogdia.interfaces.epcis.events import conditions_of
from sogdia.interfaces.epcis.finding import matching
from sogdia.interfaces.epcis.forms import shape_of
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.http.desk import aside
from sogdia.mirror.trace.querying.members import Collection, Members, values
from sogdia.standards.epcis.model import EVENT_TYPES
from sogdia.standards.epcis.query.conditions import Query
from sogdia.standards.epcis.query.names import expanded
from sogdia.standards.epcis.vocabulary import BIZ_STEPS, DISPOSITIONS, Kind, bare

TOP: Final = (
    "queries",
    "capture",
    "events",
    "eventTypes",
    "epcs",
    "readPoints",
    "bizLocations",
    "dispositions",
    "bizSteps",
)
NAMES: Final = ("eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions")
_OF_THINGS: Final = ("epcs", "bizLocations", "readPoints")
_WORDS: Final[dict[str, Kind]] = {"bizSteps": "bizStep", "dispositions": "disposition"}
_TYPES: Final = frozenset(map(str, EVENT_TYPES))
_KNOWN: Final = {"eventTypes": _TYPES, "bizSteps": BIZ_STEPS, "dispositions": DISPOSITIONS}


async def top(call: Call) -> Response[bytes]:
    """What there is."""
    found = plain(collection(TOP), shape=shape_of(call.request, "json"))
    return found


async def listed(call: Call) -> Response[bytes]:
    """A page of one collection, as far as the asker may read events that name its entries."""
    shape, asker, name = shape_of(call.request, "json"), call.reader(), call.path[0]
    limit, place, query = call.listing(f"/{name}")
    found = await aside(_members, call, asker, name, place[0] if place else None, limit)
    shown = found.members
    if name in _OF_THINGS:
        shown = tuple(map(Translator(shape.epcs, call.station.prefixes), shown))
    headers = call.following(query, None if found.following is None else (found.following,))
    return plain(collection(shown), headers=headers, shape=shape)


async def one(call: Call) -> Response[bytes]:
    """What can be asked of one entry: its events."""
    shape, asker = shape_of(call.request, "json"), call.reader()
    if not await aside(_is_known, call, asker):
        raise EpcisProblem(404, "no_such_entry", collection=call.path[0], entry=call.path[1][:200])
    found = plain(collection(("events",)), shape=shape)
    return found


def _members(call: Call, asker: Asker, name: str, after: str | int | None, limit: int) -> Members:
    known: frozenset[str] | None = _KNOWN.get(name)
    if name == "eventTypes":
        found = Members(())
    else:
        found = values(call.station.picture, asker, cast("Collection", name), after, limit)
    if known is None:
        return found
    members = sorted(one for one in {*known, *found.members} if after is None or one > str(after))
    is_over = len(members) <= limit and found.following is None
    return Members(tuple(members[:limit]), None if is_over else members[limit - 1])


def _is_known(call: Call, asker: Asker) -> bool:
    name, entry = call.path[:2]
    if name == "eventTypes":
        return entry in _TYPES
    word = expanded(entry, call.extensions())
    if name in _WORDS and bare(_WORDS[name], word) in _KNOWN[name]:
        return True
    return bool(matching(call.station.picture, asker, Query(conditions=tuple(conditions_of(call))), None, 1).rows)
