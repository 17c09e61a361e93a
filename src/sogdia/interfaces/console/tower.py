"""The control tower: what is late, stuck, refused or at risk, first; then how much, how fast, and where."""

from asyncio import gather
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlencode

from litestar import Response, get

from sogdia.insight import measures
from sogdia.insight.items import Item
from sogdia.insight.lanes import Lane, lanes
from sogdia.insight.names import names_of
from sogdia.insight.orders import Filter
from sogdia.insight.picture import Pictured
from sogdia.insight.refusals import Alike, Order, Reference, alike, orders_of
from sogdia.insight.tower import SOURCES, Kind, Tower, exceptions, tower
from sogdia.insight.troubles import TROUBLES
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.assets import VENDOR, has_asset
from sogdia.interfaces.console.lanes_map import map_of
from sogdia.interfaces.console.order_looking import SEVERITIES, Looking, looking, order_page
from sogdia.interfaces.console.orders_asked import address
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.console.tower_charts import chart_of, spells_of
from sogdia.interfaces.console.tower_refused import REFUSED, reason_text, refused_page
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import fields_said, has_words, say

ENTRY: Final = Entry("tower", "/tower")
PATH: Final = f"{ROOT}/tower"
SECTIONS: Final = ("volumes", "money", "releases", "lanes")
"""What stands below the exceptions, in the order for whoever is in no role of `FIRST`."""
FIRST: Final = {
    "customs": "releases", "broker": "releases", "tax_authority": "money", "bank": "money",
    "payment_institution": "money", "carrier": "lanes", "warehouse": "lanes", "seller": "volumes",
    "platform": "volumes",
}  # fmt: skip
"""The section that each role looks at first."""
_DOCUMENT: Final = "document_refused"
_FIRST_ITEMS: Final = 3
_ROWS: Final = 50
_DAYS: Final = 14


class Told(NamedTuple):
    """One exception as the first page tells it: its name, the page behind it, a sentence, since when."""

    name: str
    path: str
    sentence: str
    since_ms: int


@get(["/", "/tower"])
async def control_tower(request: AnyRequest) -> Response[bytes]:
    """Everything at a glance, each number with the rows behind it one click away."""
    page = entered(request)
    # What needs nothing else is asked at the same time, each on a connection of its own.
    look, released = await gather(aside(looking, page), aside(_released, page))
    (found, told), ways = await gather(aside(_everything, page, look, released), aside(lanes, *look, released))
    return render(request, "tower/tower.html", **_shown(page, look, found, told, ways))


@get("/tower/exceptions")
async def exceptions_of(request: AnyRequest) -> Response[bytes]:
    """A page of the exceptions of one kind, the oldest first."""
    page = entered(request)
    given = dict(page.query)
    kind = given.get("kind", "")
    if kind not in SOURCES:
        raise Problem(404, "no_route", method="GET", path=request.url.path[:200])
    if kind == REFUSED:
        return render(request, "tower/refused.html", **await aside(refused_page, page, given))
    return render(request, "tower/exceptions.html", kind=kind, **await aside(_exceptions, page, kind, given))


def _released(page: Page) -> Mapping[measures.Lane, measures.Spread]:
    return measures.release_times(cast(Pictured, page.picture), page.asker)


def _everything(
    page: Page, look: Looking, released: Mapping[measures.Lane, measures.Spread]
) -> tuple[Tower, dict[str, list[Told]]]:
    """The figures, and the first exceptions of each kind in words."""
    found = tower(*look, _DAYS, _FIRST_ITEMS, released)
    sent_back = [item for one in found.kinds if one.kind == _DOCUMENT for item in one.first]
    known = _documents(look, sent_back) if sent_back else {}
    told = {one.kind: _told(page, one, known) for one in found.kinds if one.kind != REFUSED}
    if any(one.kind == REFUSED and one.count for one in found.kinds):
        told[REFUSED] = _refused_told(page, alike(*look)[:_FIRST_ITEMS])
    return found, told


def _shown(
    page: Page, look: Looking, found: Tower, told: Mapping[str, list[Told]], ways: tuple[Lane, ...]
) -> dict[str, Any]:
    shown = [one for one in found.kinds if one.count]
    return {
        "kinds": [(one, rows_behind(one.kind), told[one.kind]) for one in shown],
        "quiet_kinds": [one.kind for one in found.kinds if not one.count],
        "found": found,
        "today": found.volumes.days[-1],
        "chart": chart_of(found.volumes.days),
        "spells": spells_of(found.releases),
        "map": map_of(ways),
        "lanes": ways,
        "sections": _sections(page.roles),
        "has_land": all(has_asset(name) for name in VENDOR),
        "now_ms": look.moment.now_ms,
        "severities": SEVERITIES,
        "to": orders_path,
        "patience": look.moment.patience,
    }


def _exceptions(page: Page, kind: str, given: dict[str, str]) -> dict[str, Any]:
    look = looking(page)
    found = exceptions(*look, kind, given.get("after", ""), _ROWS)
    named = {value for one in found.rows for value in _parties(one)}
    known = _documents(look, found.rows) if kind == _DOCUMENT else {}
    return {
        "rows": [(one, _sentence(page, one), order_of(one, known)) for one in found.rows],
        "next": page.here(after=found.after) if found.after else "",
        "severity": SOURCES[kind].severity,
        "severities": SEVERITIES,
        "count": SOURCES[kind].count(*look),
        "names": names_of(look.picture, look.asker, named),
        "now_ms": look.moment.now_ms,
        "patience": look.moment.patience,
        "path": PATH,
    }


def rows_behind(kind: str) -> str:
    """The list that shows the rows of a kind of exception: trades among the orders, the rest on a page of their own."""
    return f"{ROOT}/orders?trouble={kind}" if kind in TROUBLES else f"{PATH}/exceptions?kind={kind}"


def orders_path(wanted: Filter) -> str:
    """The list of orders behind a figure."""
    return f"{ROOT}/orders?{urlencode(address(wanted))}"


def order_of(one: Item, known: Mapping[Reference, Order] = MappingProxyType({})) -> str:
    """The page of the order that an exception is about, or nothing; `known` are the orders of documents."""
    kind, *key = one.record
    found = (key[0], key[1]) if kind == "orders.order" else None
    if found is None and len(key) == 3:
        found = known.get((key[0], key[1], key[2]))
    return "" if found is None else order_page(*found)


def _told(page: Page, kind: Kind, known: Mapping[Reference, Order]) -> list[Told]:
    return [
        Told(one.record[-1] if (path := order_of(one, known)) else "", path, _sentence(page, one), one.since_ms)
        for one in kind.first
    ]


def _refused_told(page: Page, groups: Iterable[Alike]) -> list[Told]:
    return [
        Told(f"{one.count:,} ×", f"{rows_behind(REFUSED)}#r{number}", reason_text(page, one), one.refusals[0].time_ms)
        for number, one in enumerate(groups)
    ]


def _documents(look: Looking, items: Iterable[Item]) -> dict[Reference, Order]:
    """The orders of documents that customs sent back, where the asker may see them."""
    return orders_of(look.picture, look.asker, [cast(Reference, one.record[1:]) for one in items])


def _sentence(page: Page, one: Item) -> str:
    """What is the matter, in words; a kind without words of its own shows the key of its record."""
    key = f"desks_item.{one.kind}"
    record = " ".join(one.record[1:])
    said = {name: value for name, value in one.said.items() if name not in ("number", "kind")}
    said = fields_said(said, page.language)
    lane = f"{said.get('ship_from') or '…'} → {said.get('ship_to') or '…'}"
    return say(key, page.language, **said, number=one.record[-1], lane=lane) if has_words(key) else record


def _parties(one: Item) -> Iterable[str]:
    return [value for value in one.said.values() if isinstance(value, str) and value.startswith("did:")]


def _sections(roles: Iterable[str]) -> tuple[str, ...]:
    wanted = [FIRST[role] for role in roles if role in FIRST]
    return tuple(dict.fromkeys([*wanted, *SECTIONS]))


ROUTES: Final = (control_tower, exceptions_of)
