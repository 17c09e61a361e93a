"""The control tower: what is late, stuck, refused or at risk, first; then how much, how fast, and where."""

from asyncio import gather
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlencode

from litestar import Response, get

from sogdia.insight import measures
from sogdia.insight.items import Item
from sogdia.insight.lanes import Lane, lanes
from sogdia.insight.names import names_of
from sogdia.insight.orders import Filter
from sogdia.insight.picture import Pictured
from sogdia.insight.queue import Wanted, waiting_sums
from sogdia.insight.refusals import Alike, Order, Reference, alike, orders_of
from sogdia.insight.sight import Part, Sight
from sogdia.insight.tower import SOURCES, Kind, Tower, exceptions, tower
from sogdia.insight.troubles import TROUBLES
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.assets import VENDOR, has_asset
from sogdia.interfaces.console.lanes_map import map_of
from sogdia.interfaces.console.order_looking import SEVERITIES, Looking, looking
from sogdia.interfaces.console.orders_asked import address
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.console.tower_charts import chart_of, spells_of
from sogdia.interfaces.console.tower_refused import REFUSED, reason_text, refused_page
from sogdia.interfaces.console.tower_told import ENDING, name_of, page_behind, parties_in, sentence_of
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest, Problem

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
_TOLD_BY: Final[Mapping[str, frozenset[Part]]] = {
    "volumes": frozenset({"order"}), "money": frozenset({"order"}), "releases": frozenset({"list"}),
    "lanes": frozenset({"order", "waybill"}),
}  # fmt: skip
"""The parts of trades that fill each section; whoever sees none of them is not shown it."""
_CUSTOMS: Final = "customs"
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
    (found, told), ways, queue = await gather(
        aside(_everything, page, look, released), aside(lanes, *look, released), aside(_queue, look)
    )
    return render(request, "tower/tower.html", queue=queue, **_shown(page, look, found, told, ways))


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


def _queue(look: Looking) -> int | None:
    """How many lists wait at the desk of customs; None for all others."""
    return sum(one.lists for one in waiting_sums(*look, Wanted())) if _CUSTOMS in look.asker.roles else None


def _everything(
    page: Page, look: Looking, released: Mapping[measures.Lane, measures.Spread]
) -> tuple[Tower, dict[str, list[Told]]]:
    """The figures, and the first exceptions of each kind in words."""
    found = tower(*look, _DAYS, _FIRST_ITEMS, released)
    sent_back = [item for one in found.kinds if one.kind == _DOCUMENT for item in one.first]
    known = _documents(look, sent_back) if sent_back else {}
    shown = [one for one in found.kinds if one.kind != REFUSED]
    names = names_of(look.picture, look.asker, parties_in(item for one in shown for item in one.first))
    told = {one.kind: _told(page, one, known, names) for one in shown}
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
        "sections": [one for one in _sections(page.roles) if _TOLD_BY[one] & found.volumes.seen],
        "is_whole": Sight(look.picture, look.asker).whole,
        "has_land": all(has_asset(name) for name in VENDOR),
        "now_ms": look.moment.now_ms,
        "severities": SEVERITIES,
        "to": orders_path,
        "patience": look.moment.patience,
    }


def _exceptions(page: Page, kind: str, given: dict[str, str]) -> dict[str, Any]:
    look = looking(page)
    found = exceptions(*look, kind, given.get("after", ""), _ROWS)
    names = names_of(look.picture, look.asker, parties_in(found.rows))
    known = _documents(look, found.rows) if kind == _DOCUMENT else {}
    return {
        "rows": [
            (one, name_of(one, names), page_behind(one, known), sentence_of(page, one, names)) for one in found.rows
        ],
        "is_ending": kind in ENDING,
        "next": page.here(after=found.after) if found.after else "",
        "severity": SOURCES[kind].severity,
        "severities": SEVERITIES,
        "count": SOURCES[kind].count(*look),
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


def _told(page: Page, kind: Kind, known: Mapping[Reference, Order], names: Mapping[str, str]) -> list[Told]:
    return [
        Told(name_of(one, names), page_behind(one, known), sentence_of(page, one, names), one.since_ms)
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


def _sections(roles: Iterable[str]) -> tuple[str, ...]:
    wanted = [FIRST[role] for role in roles if role in FIRST]
    return tuple(dict.fromkeys([*wanted, *SECTIONS]))


ROUTES: Final = (control_tower, exceptions_of)
