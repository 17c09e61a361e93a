"""Work on many orders at once: what waits for a list or for a report, chosen by rows, prepared from the record, signed.

The page prepares messages and puts nothing on record; the browser shows and signs them, and the rules judge each.
"""

from functools import cache, partial
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, get, post

from sogdia.domains.logistics.messages import Status
from sogdia.domains.logistics.state import MAY_FOLLOW
from sogdia.insight.matching import CHINA
from sogdia.insight.names import names_of
from sogdia.insight.reading import Row
from sogdia.insight.undone import AT_A_TIME, Work, newest_list, undone
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.forms import read_json
from sogdia.interfaces.console.order_looking import MARKS, PHASES, Looking, looking
from sogdia.interfaces.console.orders_asked import Asked, asked
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.prefilled import Known, filled, known_of, message_of, reports
from sogdia.interfaces.console.rendering import HEADERS, render, see_other
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.http.desk import aside, part
from sogdia.interfaces.http.problems import AnyRequest, Problem

ROLES: Final[dict[Work, str]] = {"declare": "broker", "report": "carrier"}
ENTRY: Final = Entry("acts", "/acts", roles=tuple(ROLES.values()))
PATH: Final = f"{ROOT}/acts"
STATUSES: Final = tuple(dict.fromkeys(one for following in MAY_FOLLOW.values() for one in following))
_BODY_BYTES: Final = 256 * 1024
_Short = Annotated[str, msgspec.Meta(max_length=100)]


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wanted of these orders (platform, number), and what a person says of all of them alike."""

    work: Literal["declare", "report"]
    orders: Annotated[tuple[tuple[str, str], ...], msgspec.Meta(min_length=1, max_length=AT_A_TIME)]
    status: Status = "in_transit"
    place: _Short = ""
    district: _Short = ""
    port: _Short = ""
    means: _Short = ""
    voyage: _Short = ""
    bill: _Short = ""


class Aside(msgspec.Struct, frozen=True):
    """An order for which nothing can be prepared, and why, as `console_acts.lacks_` says it."""

    order: str
    why: str
    field: str = ""


@get("/acts", status_code=303)
async def acts(request: AnyRequest) -> Response[bytes]:
    """To the first kind of work that the party has."""
    page = entered(request, *ROLES.values())
    first = next(work for work, role in ROLES.items() if role in page.roles)
    return see_other(f"{PATH}/{first}")


@get("/acts/{work:str}")
async def many(request: AnyRequest) -> Response[bytes]:
    """The orders that wait for this, those of them that the address asks for."""
    page, work = entered(request), part(request, "work")
    if work not in ROLES:
        raise Problem(404, "no_route", method="GET", path=request.url.path[:200])
    entered(request, ROLES[work])
    return render(request, "orders/acts.html", **await aside(_many, page, work, asked(page.query)))


@post("/acts/messages", status_code=200)
async def messages(request: AnyRequest) -> Response[bytes]:
    """The messages for the chosen orders, for the browser to show and sign; with them what was set aside."""
    page, given = entered(request, *ROLES.values()), await read_json(request, _BODY_BYTES)
    try:
        wish = msgspec.convert(given, Wish)
    except msgspec.ValidationError as error:
        raise Problem(422, "acts_unfit", detail=str(error)[:200]) from None
    groups, left = await aside(_prepared, page, wish)
    found = {"groups": groups, "aside": left}
    return Response(msgspec.json.encode(found), media_type="application/json", headers=HEADERS)


def _many(page: Page, work: Work, wanted: Asked) -> dict[str, Any]:
    look = looking(page)
    rows, more = undone(*look, work, wanted.filter)
    directions = {"import" if one.ship_to == CHINA else "export" for one in rows}
    before = next((one for kind in sorted(directions) if (one := _usual(look, kind))), None) or {}
    return {
        "work": work,
        "works": [one for one, role in ROLES.items() if role in page.roles],
        "rows": rows,
        "more": more,
        "wrong": wanted.wrong,
        "names": names_of(look.picture, look.asker, [one.seller for one in rows] + [one.platform for one in rows]),
        "has_imports": "import" in directions,
        "before": {name: before.get(name, "") for name in ("district", "port")}
        | {"means": msgspec.to_builtins(before.get("transport") or {}).get("means", "")},
        "statuses": STATUSES,
        "now_ms": look.moment.now_ms,
        "marks": MARKS,
        "phases": PHASES,
        "path": PATH,
    }


def _prepared(page: Page, wish: Wish) -> tuple[list[list[dict[str, Any]]], list[Aside]]:
    """For each order its messages, or why there are none. A declaration is a transaction of its own; so are reports."""
    look = looking(page)
    kinds = {tag: kind for kind, tag in page.console.desk.node.machine.tags.items()}
    usual = cache(partial(_usual, look))
    groups: list[list[dict[str, Any]]] = []
    left: list[Aside] = []
    for platform, order in dict.fromkeys(wish.orders):
        known = known_of(look, platform, order)
        if known is None:
            left.append(Aside(order, "gone"))
            continue
        try:
            made = _declared(look, known, wish, usual) if wish.work == "declare" else _reported(look, known, wish)
            groups += [[message_of(tag, values, kinds)] for tag, values in made]
        except _Lacks as no:
            left.append(Aside(order, str(no)))
        except msgspec.ValidationError as no:
            field = str(no).partition(" - at `")[2].rstrip("`").removeprefix("$.") or str(no)
            left.append(Aside(order, "unfit", field[:100]))
    return groups, left


class _Lacks(Exception):
    """Why nothing can be prepared for an order."""


def _declared(look: Looking, known: Known, wish: Wish, usual: Any) -> list[tuple[str, dict[str, Any]]]:
    is_import = known.order is not None and known.order.ship_to == CHINA
    tag = f"customs.declare_{'import' if is_import else 'export'}"
    found = filled(look, tag, known, usual)
    assert found is not None, "declarations are made from orders"
    if found.lacks:
        raise _Lacks(found.lacks[0])
    values = found.values | {name: said for name in ("district", "port") if (said := getattr(wish, name))}
    said = {name: text for name in ("means", "voyage", "bill") if (text := getattr(wish, name))}
    return [(tag, values | {"transport": values["transport"] | (said if is_import else {})})]


def _reported(look: Looking, known: Known, wish: Wish) -> list[tuple[str, dict[str, Any]]]:
    found = reports(known, look.asker.party, wish.status, look.moment.now_ms, wish.place)
    if not found:
        raise _Lacks("not_next" if any(one.carrier == look.asker.party for one in known.waybills) else "no_parcel")
    return [("logistics.report_status", values) for values in found]


def _usual(look: Looking, direction: str) -> Row | None:
    return newest_list(look.picture, look.asker, direction)


ROUTES: Final = (acts, many, messages)
