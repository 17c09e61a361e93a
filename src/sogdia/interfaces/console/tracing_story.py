"""What the page of a thing shows: its graph, what happened to it, where it was seen, and whose word each part is."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

import msgspec

from sogdia.core.query import Asker
from sogdia.insight.lanes import Lane
from sogdia.insight.names import names_of
from sogdia.insight.orders import Filter
from sogdia.interfaces.console.lanes_map import HEIGHT, WIDTH, Map, map_of
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.console.tracing_graph import Drawing, drawn
from sogdia.interfaces.console.tracing_names import Product, described, place_names, products_of
from sogdia.interfaces.epcis.problems import EpcisProblem
from sogdia.interfaces.epcis.tracing import answer_of
from sogdia.interfaces.http.problems import Problem
from sogdia.interfaces.resolver.book import Said
from sogdia.interfaces.resolver.observed import point_at
from sogdia.interfaces.resolver.resolving import Resolver
from sogdia.mirror.picture import SqlPicture
from sogdia.standards.epcis.moments import microseconds

EVENTS: Final = 200
DEPTH: Final = 25
_AT_ONCE: Final = 500
_ROOM: Final = 1.6
_CLOSEST: Final = 0.07
"""The smallest part of the world that is shown: about twenty-five degrees, so that a coast is known again."""
_SETTLED: Final = "urn:sogdia:consignee:"


class Passed(msgspec.Struct, frozen=True):
    """One event in the timeline. `through` is what the thing was in; `link` is the page of the event."""

    party: str
    is_redacted: bool
    time_ms: int | None = None
    type: str = ""
    step: str = ""
    disposition: str = ""
    action: str = ""
    place: str = ""
    custodian: str = ""
    standing: str = ""
    roles: tuple[str, ...] = ()
    through: str = ""
    link: str = ""


class Window(msgspec.Struct, frozen=True):
    """The part of a map that is shown, in its pixels."""

    left: int
    top: int
    width: int
    height: int


class Story(msgspec.Struct, frozen=True):
    """All of it. `names` are of parties and places that occur, `products` those of all things by the product's URI;
    `map` is None where fewer than two places are known.
    """

    thing: str
    products: Mapping[str, Product]
    drawing: Drawing
    passages: tuple[Passed, ...]
    is_cut: bool
    orders: Sequence[Mapping[str, Any]]
    names: Mapping[str, str]
    moves: tuple[str, ...]
    map: Map | None
    window: Window


def told(resolver: Resolver, picture: SqlPicture, asker: Asker, thing: str) -> Story | None:
    """The story of a thing as the asker may read it; None when no event on record names it."""
    place = "/trace/" + quote(thing, safe="")
    try:
        graph = answer_of(picture, asker, f"{place}?direction=both&depth={DEPTH}", None)
        past = answer_of(picture, asker, f"{place}/history?limit={EVENTS}", None)
    except EpcisProblem as problem:
        if problem.status == 404:
            return None
        raise Problem(400, "trace_unreadable") from None
    drawing = drawn(graph["up"], graph["down"])
    passages = tuple(map(_passed, past["passages"]))
    places = list(dict.fromkeys(one.place for one in passages if one.place))
    said = described(picture, asker, places, {one.party for one in passages})
    parties = {one.party for one in passages} | {one.custodian for one in passages}
    parties |= {one.party for one in drawing.steps} | {one["platform"] for one in past["orders"]}
    parties |= {one.event["party"] for one in drawing.steps if one.event}
    names = names_of(picture, asker, dids_of(parties)) | place_names(places, said)
    products = products_of(resolver, picture, asker, (one.uri for one in drawing.steps if one.uri))
    moves = _moves(passages)
    found, orders, is_cut = _map(moves, said), past["orders"], past["is_cut"]
    return Story(past["thing"], products, drawing, passages, is_cut, orders, names, moves, found, _window(found))


def event_link(party: str, event: str, declared: str = "") -> str:
    """The page of an event."""
    told = {"party": party, "event": event, "declared": declared}
    return f"{ROOT}/trace/event?{urlencode({name: value for name, value in told.items() if value})}"


def thing_link(uri: str) -> str:
    """The page of a thing."""
    return f"{ROOT}/trace?{urlencode({'q': uri})}"


def milliseconds_of(text: str | None) -> int | None:
    """A time as the index writes it, in milliseconds of UTC."""
    return microseconds(text) // 1000 if text else None


def _passed(one: Mapping[str, Any]) -> Passed:
    event = one["event"]
    if event.get("is_redacted"):
        return Passed(event["party"], is_redacted=True)
    return Passed(
        event["party"],
        is_redacted=False,
        time_ms=milliseconds_of(event.get("time")),
        type=event.get("type", ""),
        step=event.get("biz_step", ""),
        disposition=event.get("disposition", ""),
        action=event.get("action", ""),
        place=event.get("read_point") or event.get("location") or "",
        custodian=event.get("custodian", ""),
        standing=event.get("standing", ""),
        roles=tuple(one["roles"]),
        through=one["through"][0] if one["through"] else "",
        link=event_link(event["party"], event["event"], event.get("declared", "")),
    )


# --- names and places -----------------------------------------------------------------------------------------------


def dids_of(said: Iterable[str]) -> list[str]:
    """The parties among these, at most so many: events name places and foreign identifiers too."""
    return sorted({one for one in said if one.startswith("did:")})[:_AT_ONCE]


def holder_of(custodian: str) -> tuple[str, str]:
    """Who holds a thing: a party or place, and the order number where it went to that order's consignee."""
    if custodian.startswith(_SETTLED):
        platform, _, order = custodian.removeprefix(_SETTLED).partition("/")
        return platform, unquote(order)
    return custodian, ""


def _moves(passages: Iterable[Passed]) -> tuple[str, ...]:
    """Places one after another, each once while the thing stays."""
    found = list[str]()
    for one in passages:
        if one.place and (not found or found[-1] != one.place):
            found.append(one.place)
    return tuple(found)


def _map(moves: Sequence[str], said: Mapping[str, Said]) -> Map | None:
    """The map of the moves between places whose coordinates are known; its labels are their numbers in the list."""
    points = [
        (str(moves.index(one) + 1), (at.latitude, at.longitude))
        for one in moves
        if (at := point_at(one, said.get(one))) is not None
    ]
    legs = [
        Lane(begin[0], end[0], 1, 0, 0, 0, None, None, begin[1], end[1], Filter(), Filter())
        for begin, end in pairwise(points)
    ]
    return map_of(legs) if legs else None


def _window(found: Map | None) -> Window:
    """The part of a map in which its places lie, with room around them, in the proportions of the whole."""
    if found is None:
        return Window(0, 0, WIDTH, HEIGHT)
    across = [float(x) for _, x, _ in found.places]
    down = [float(y) for _, _, y in found.places]
    share = max((max(across) - min(across)) / WIDTH, (max(down) - min(down)) / HEIGHT) * _ROOM
    share = min(1.0, max(_CLOSEST, share))
    width, height = int(WIDTH * share), int(HEIGHT * share)
    left = int((max(across) + min(across)) / 2) - width // 2
    top = int((max(down) + min(down)) / 2) - height // 2
    return Window(max(0, min(left, WIDTH - width)), max(0, min(top, HEIGHT - height)), width, height)
