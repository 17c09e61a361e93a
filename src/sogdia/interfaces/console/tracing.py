"""Trace: a thing is looked up by any of its names; its origin, its reach and what happened to it; one event's page."""

from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from sogdia.core.query import may_see
from sogdia.insight.names import names_of
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.assets import VENDOR, has_asset
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import HEADERS, render
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.console.tracing_finding import Found, found
from sogdia.interfaces.console.tracing_graph import BOX
from sogdia.interfaces.console.tracing_names import described, place_names, products_of
from sogdia.interfaces.console.tracing_scan import SCAN_CHARS, thing_of
from sogdia.interfaces.console.tracing_story import Story, event_link, thing_link, told
from sogdia.interfaces.http.desk import JSON, aside, one_parameter
from sogdia.interfaces.http.problems import AnyRequest, Problem, busy
from sogdia.interfaces.resolver.resolving import Resolver
from sogdia.mirror.picture import SqlPicture
from sogdia.mirror.trace.things import product_of

ENTRY = Entry("trace", "/trace")
SHOWN: Final = 100
_TABLE: Final = "trace.event"
_THINGS: Final = {
    "epcList": "epc", "childEPCs": "child", "parentID": "parent", "inputEPCList": "input", "outputEPCList": "output",
    "quantityList": "class", "childQuantityList": "child_class", "inputQuantityList": "input_class",
    "outputQuantityList": "output_class",
}  # fmt: skip
_THINGS_SHOWN: Final = 200


@get("/trace")
async def trace_page(request: AnyRequest) -> Response[bytes]:
    """The search, and the story of what is asked for; where several things may be meant, a list to choose from."""
    page = entered(request)
    asked = dict(page.query).get("q", "").strip()[:SCAN_CHARS]
    shown: dict[str, Any] = {
        "asked": asked,
        "thing_link": thing_link,
        "product_of": product_of,
    }
    if not asked:
        return render(request, "trace/start.html", found=Found(), names={}, products={}, **shown)
    story, offered = await aside(_looked_up, request.app.state.resolver, page, asked)
    if story is None:
        names, products = await aside(_named, request.app.state.resolver, page, offered)
        return render(request, "trace/start.html", found=offered, names=names, products=products, **shown)
    shown |= {"start": _start(page), "size": SHOWN, "event_link": event_link, "box": BOX}
    shown["has_land"] = all(has_asset(name) for name in VENDOR)
    return render(request, "trace/thing.html", story=story, **shown)


@get("/trace/event")
async def event_page(request: AnyRequest) -> Response[bytes]:
    """One event as it stands on record, and the way to its proof."""
    page = entered(request)
    key, record = await aside(_event, page, request)
    event = msgspec.json.decode(record.text)
    places = [one for name in ("readPoint", "bizLocation") if (one := (event.get(name) or {}).get("id"))]
    things = _things(event)
    said = await aside(described, picture_of(page), page.asker, places, {record.party})
    names = await aside(names_of, picture_of(page), page.asker, [record.party])
    names |= place_names(places, said)
    products = await aside(
        products_of, request.app.state.resolver, picture_of(page), page.asker, [uri for _, uri, *_ in things]
    )
    return render(
        request, "trace/event.html", record=record, event=event, things=things, names=names, products=products,
        product_of=product_of, thing_link=thing_link, proof=f"{ROOT}/trace/proof?{_query(request)}", key=key,
        text=msgspec.json.format(record.text, indent=2),
    )  # fmt: skip


@get("/trace/proof")
async def event_proof(request: AnyRequest) -> Response[bytes]:
    """Evidence of an event: a file that anyone checks, with `sogdia verify` or on the page Verify."""
    page = entered(request)
    key, _ = await aside(_event, page, request)
    node = page.console.desk.node
    about = {"table": _TABLE, "key": " ".join(key)}
    found = await aside(node.evidence, about, [(_TABLE, *key)], page.asker)
    headers = {**HEADERS, "content-disposition": 'attachment; filename="evidence-event.json"'}
    return Response(found, media_type=JSON, headers=headers)


def picture_of(page: Page) -> SqlPicture:
    """The mirror with its trace index; `Problem` 503 on a node without."""
    found = page.picture
    if not isinstance(found, SqlPicture):
        raise busy("no_picture")
    return found


def _looked_up(resolver: Resolver, page: Page, asked: str) -> tuple[Story | None, Found]:
    """The story of what is asked for, by its identifier or else by a number that it alone has; and what was found."""
    picture = picture_of(page)
    story = told(resolver, picture, page.asker, thing_of(asked))
    if story is not None:
        return story, Found()
    offered = found(picture, page.asker, asked)
    return told(resolver, picture, page.asker, offered.only) if offered.only else None, offered


def _named(resolver: Resolver, page: Page, offered: Found) -> tuple[dict[str, str], dict[str, Any]]:
    """Names of the platforms and products in a choice."""
    picture, things = picture_of(page), [one.uri for one in offered.things]
    things += [uri for order in offered.orders for uri, _ in order.things]
    names = names_of(picture, page.asker, (one.platform for one in offered.orders))
    return names, products_of(resolver, picture, page.asker, things)


def _event(page: Page, request: AnyRequest) -> tuple[tuple[str, str, str], Any]:
    """The key and the record of an event that the asker may read; `Problem` 404 for others."""
    names = ("party", "event", "declared")
    party, event, declared = (one_parameter(request, name, "") for name in names)
    node = page.console.desk.node
    record = node.record(_TABLE, party, event, declared)
    if record is None or not may_see(page.console.desk.table(_TABLE), record, page.asker):
        raise Problem(404, "not_found")
    return (party, event, declared), record


def _query(request: AnyRequest) -> str:
    return request.scope["query_string"].decode("latin-1")


def _things(event: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """What an event names: how, which thing, how much of it, and the unit."""
    found = list[tuple[str, str, str, str]]()
    for name, role in _THINGS.items():
        value = event.get(name)
        for one in value if isinstance(value, list) else [value] if value else []:
            if isinstance(one, str):
                found.append((role, one, "", ""))
            else:
                found.append((role, one["epcClass"], str(one.get("quantity", "")), str(one.get("uom", ""))))
    return found[:_THINGS_SHOWN]


def _start(page: Page) -> int:
    text = dict(page.query).get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (trace_page, event_page, event_proof)
