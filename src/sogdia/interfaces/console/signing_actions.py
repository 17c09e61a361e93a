"""Every message that a party might send, as a form made from its type: no action waits for a page of its own."""

import inspect
from typing import Any

import msgspec
from litestar import Response, get

from sogdia.core.module import Module, tag_of
from sogdia.core.query import Asker, Picture
from sogdia.domains.identity.queries import parties
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.order_looking import looking
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.prefilled import MADE, Filled, filled, known_of
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import Entry
from sogdia.interfaces.console.signing_handed import ROUTES as HANDED
from sogdia.interfaces.console.signing_joining import OUTSIDE as JOINING
from sogdia.interfaces.console.signing_shapes import SENDERS, offered
from sogdia.interfaces.http.desk import aside, part
from sogdia.interfaces.http.problems import AnyRequest, Problem

ENTRY = Entry("actions", "/actions")
KNOWN_PARTIES = 200
"""How many parties a form proposes by name; any other is typed."""


@get("/actions")
async def actions(request: AnyRequest) -> Response[bytes]:
    """What this party's roles send, by domain; the rest stands below."""
    page = entered(request)
    tags = {module.name: [tag_of(kind) for kind in module.messages] for module in _modules(page)}
    mine = {domain: offered(found, page.roles) for domain, found in tags.items()}
    own_first = sorted(mine, key=lambda domain: not any(SENDERS[tag][1] for tag in mine[domain]))
    known = {tag for found in mine.values() for tag in found}
    others = [tag for found in tags.values() for tag in found if tag in SENDERS and tag not in known]
    return render(
        request,
        "signing/actions.html",
        mine={domain: mine[domain] for domain in own_first},
        others=others,
        senders=SENDERS,
    )


@get("/actions/{domain:str}/{verb:str}")
async def action(request: AnyRequest) -> Response[bytes]:
    """One message as a form; scripts make it from the message's shape and sign it.

    An address with `platform` and `order` names an order: what stands on record of it is filled in then.
    """
    page = entered(request)
    tag = f"{part(request, 'domain')}.{part(request, 'verb')}"
    kinds = {found: kind for kind, found in page.console.desk.node.machine.tags.items()}
    if tag not in kinds or tag not in SENDERS:
        raise Problem(404, "no_route", method="GET", path=request.url.path[:200])
    picture = page.console.desk.picture
    known = [] if picture is None else await aside(_known, picture, page.asker)
    example = next((one for module in _modules(page) for one in module.examples if type(one) is kinds[tag]), None)
    shown = "" if example is None else msgspec.json.format(msgspec.json.encode(example), indent=2).decode()
    doc = inspect.getdoc(kinds[tag]) or ""
    told: dict[str, Any] = {"doc": doc, "example": shown, "parties": known, "roles": SENDERS[tag][1]}
    about = _about(page) if tag in MADE else ("", "")
    given = await aside(_filled, page, tag, *about) if all(about) else None
    return render(request, "signing/action.html", tag=tag, about=about, **told, **_given(given))


def _about(page: Page) -> tuple[str, str]:
    named = dict(page.query)
    return named.get("platform", ""), named.get("order", "")


def _filled(page: Page, tag: str, platform: str, order: str) -> Filled:
    """What the record tells; `Problem` 404 where there is no such order, or none that the party may see."""
    look = looking(page)
    known = known_of(look, platform, order)
    found = None if known is None else filled(look, tag, known)
    if found is None:
        raise Problem(404, "no_route", method="GET", path=page.path)
    return found


def _given(found: Filled | None) -> dict[str, Any]:
    if found is None:
        return {"given": "", "lacks": ()}
    told = {"values": found.values, "asks": found.asks}
    return {"given": msgspec.json.encode(told).decode(), "lacks": found.lacks}


def _modules(page: Page) -> tuple[Module, ...]:
    return page.console.desk.node.machine.modules


def _known(picture: Picture, asker: Asker) -> list[dict[str, Any]]:
    return parties(picture, asker, limit=KNOWN_PARTIES)


ROUTES = (actions, action, *HANDED)
OUTSIDE = JOINING
