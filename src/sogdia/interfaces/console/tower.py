"""The control tower: what is late, stuck, refused or at risk, first; then how much, how fast, and where."""

from asyncio import gather
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get

from sogdia.insight import measures
from sogdia.insight.items import Item
from sogdia.insight.lanes import Lane, lanes
from sogdia.insight.names import names_of
from sogdia.insight.orders import Filter
from sogdia.insight.tower import SOURCES, Kind, Tower, exceptions, kinds_for, tower
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
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import has_words, refusal_text, say

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
_FIRST_ITEMS: Final = 3
_ROWS: Final = 50
_DAYS: Final = 14


@get("/tower")
async def control_tower(request: AnyRequest) -> Response[bytes]:
    """Everything at a glance, each number with the rows behind it one click away."""
    page = entered(request)
    look = await aside(looking, page)
    released = await aside(measures.release_times, look.picture, look.asker)
    found, ways = await gather(aside(_everything, look, released), aside(lanes, *look, released))
    return render(request, "tower/tower.html", **_shown(page, look, found, ways))


@get("/tower/exceptions")
async def exceptions_of(request: AnyRequest) -> Response[bytes]:
    """A page of the exceptions of one kind, the oldest first."""
    page = entered(request)
    given = dict(page.query)
    kind = given.get("kind", "")
    if kind not in SOURCES:
        raise Problem(404, "no_route", method="GET", path=request.url.path[:200])
    return render(request, "tower/exceptions.html", kind=kind, **await aside(_exceptions, page, kind, given))


def _everything(look: Looking, released: Mapping[measures.Lane, measures.Spread]) -> Tower:
    return tower(*look, _DAYS, _FIRST_ITEMS, released)


def _shown(page: Page, look: Looking, found: Tower, ways: tuple[Lane, ...]) -> dict[str, Any]:
    shown = [one for one in found.kinds if one.count]
    return {
        "kinds": [(one, rows_behind(one.kind), _told(page, one)) for one in shown],
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
    return {
        "rows": [(one, _sentence(page, one), order_of(one)) for one in found.rows],
        "next": page.here(after=found.after) if found.after else "",
        "severity": SOURCES[kind].severity,
        "severities": SEVERITIES,
        "count": SOURCES[kind].count(*look),
        "names": names_of(look.picture, look.asker, named),
        "now_ms": look.moment.now_ms,
        "patience": look.moment.patience,
        "others": kinds_for(page.roles),
        "path": PATH,
    }


def rows_behind(kind: str) -> str:
    """The list that shows the rows of a kind of exception: trades among the orders, the rest on a page of their own."""
    return f"{ROOT}/orders?trouble={kind}" if kind in TROUBLES else f"{PATH}/exceptions?kind={kind}"


def orders_path(wanted: Filter) -> str:
    """The list of orders behind a figure."""
    return f"{ROOT}/orders?{urlencode(address(wanted))}"


def order_of(one: Item) -> str:
    """The page of the order that an exception is about, or nothing."""
    if one.record[0] != "orders.order":
        return ""
    return f"{ROOT}/orders/order?{urlencode({'platform': one.record[1], 'order': one.record[2]})}"


def _told(page: Page, kind: Kind) -> list[tuple[Item, str, str]]:
    return [(one, _sentence(page, one), order_of(one)) for one in kind.first]


def _sentence(page: Page, one: Item) -> str:
    """What is the matter, in words; a kind without words of its own shows the key of its record."""
    key = f"desks_item.{one.kind}"
    record = " ".join(one.record[1:])
    said = {name: value for name, value in one.said.items() if name not in ("number", "kind")}
    if one.kind == "transaction_refused":
        said["tags"] = ", ".join(dict.fromkeys(one.said["tags"]))
        said["why"] = refusal_text(one.said["code"], one.said["fields"] or {}, page.language)
    lane = f"{said.get('ship_from') or '…'} → {said.get('ship_to') or '…'}"
    return say(key, page.language, **said, number=one.record[-1], lane=lane) if has_words(key) else record


def _parties(one: Item) -> Iterable[str]:
    return [value for value in one.said.values() if isinstance(value, str) and value.startswith("did:")]


def _sections(roles: Iterable[str]) -> tuple[str, ...]:
    wanted = [FIRST[role] for role in roles if role in FIRST]
    return tuple(dict.fromkeys([*wanted, *SECTIONS]))


ROUTES: Final = (control_tower, exceptions_of)
