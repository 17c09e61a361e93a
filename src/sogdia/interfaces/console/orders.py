"""Orders: search and filters in the address, saved views, columns, pages, and the whole result to take away."""

from collections.abc import Iterator
from functools import partial
from typing import IO, Any, Final
from urllib.parse import parse_qsl, urlencode

from litestar import Response, get, post
from litestar.response import Stream

from sogdia.insight.names import names_of
from sogdia.insight.orders import COUNT_LIMIT, Trade, count, every, search
from sogdia.insight.sight import STATES
from sogdia.interfaces.console import orders_export, orders_views
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.forms import read_form
from sogdia.interfaces.console.order_looking import MARKS, PHASES, looking
from sogdia.interfaces.console.orders_asked import (
    COLUMNS,
    ROWS,
    SORTS,
    STAGES,
    TROUBLE_KINDS,
    USUAL,
    Asked,
    asked,
)
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import HEADERS, render, see_other
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import LOG, AnyRequest, Problem, busy
from sogdia.interfaces.words import say

TRADING: Final = (
    "seller", "platform", "payment_institution", "carrier", "warehouse", "broker", "customs", "tax_authority", "bank",
    "buyer",
)  # fmt: skip
"""Roles that have a part in orders; a registrar and an operator have none."""
ENTRY: Final = Entry("orders", "/orders", roles=TRADING)
PATH: Final = f"{ROOT}/orders"
_PLACES: Final = ("after", "before", "saved")
_NUMBERS: Final = frozenset({"value"})
_CHOICES: Final = {"states": STATES, "stages": STAGES, "troubles": TROUBLE_KINDS, "sorts": SORTS}
_KINDS: Final = {"csv": orders_export.CSV_TYPE, "xlsx": orders_export.EXCEL_TYPE}


@get("/orders")
async def orders(request: AnyRequest) -> Response[bytes]:
    """A page of trades that the user's party may see, as the address asks for them."""
    page = entered(request)
    wanted = asked(page.query)
    found = await aside(_found, page, wanted)
    return render(request, "orders/orders.html", asked=wanted, **found)


@post("/orders/views", status_code=303)
async def keep_view(request: AnyRequest) -> Response[bytes]:
    """Save the view under a name, or let one go; then show the list again."""
    page = entered(request)
    assert page.user is not None
    form = await read_form(request)
    notebook, name, query = page.console.notebook, form.one("name"), form.one("query")
    if form.one("forget"):
        await aside(orders_views.forget, notebook, page.user.id, ENTRY.name, form.one("forget"))
        return see_other(PATH)
    saved = await aside(orders_views.save, notebook, page.user.id, ENTRY.name, name, query)
    return see_other(f"{PATH}?{orders_views.plain(query)}&{urlencode({'saved': 'yes' if saved else 'no'})}")


@get(["/orders/export.csv", "/orders/export.xlsx"])
async def export(request: AnyRequest) -> Stream:
    """The whole result as CSV, sent while it is read, or as a workbook; `Problem` 413 for more than that may hold."""
    page, kind = entered(request), str(request.url.path).rpartition(".")[2]
    wanted = asked(page.query)
    if wanted.wrong:
        raise Problem(400, "desks_filter_unreadable", fields=list(wanted.wrong))
    look = await aside(looking, page)
    telling = orders_export.Telling(partial(_say, page.language), partial(names_of, look.picture, look.asker))
    trades: Iterator[Trade] = every(*look, wanted.filter, wanted.sort)
    if kind == "csv":
        body = orders_export.as_csv(trades, telling)
    else:
        body = orders_export.sent(await _workbook(trades, telling, say("console_nav.orders", page.language)))
    LOG.info("exported", extra={"said": {"kind": kind, "party": page.asker.party}})
    headers = {**HEADERS, "content-disposition": f'attachment; filename="orders.{kind}"'}
    return Stream(body, media_type=_KINDS[kind], headers=headers)


async def _workbook(trades: Iterator[Trade], telling: orders_export.Telling, name: str) -> IO[bytes]:
    try:
        return await aside(orders_export.excel_file, trades, telling, name)
    except orders_export.TooMuch:
        most = {"rows": f"{orders_export.EXCEL_ROWS:,}", "megabytes": orders_export.EXCEL_BYTES // 1024**2}
        raise Problem(413, "desks_export_large", **most) from None
    except orders_export.TurnsTaken:
        raise busy("desks_export_busy") from None


def _say(language: str, key: str, /, **fields: Any) -> str:
    return say(key, language, **fields)


def _found(page: Page, wanted: Asked) -> dict[str, Any]:
    """Everything that the page shows."""
    assert page.user is not None
    look = looking(page)
    rows = search(*look, wanted.filter, wanted.sort, wanted.after, ROWS, wanted.before)
    counted = count(*look, wanted.filter)
    said = partial(say, "desks_orders.rows", page.language)
    total = f"{COUNT_LIMIT:,}+" if counted.more else f"{counted.count:,}"
    views = orders_views.views_of(page.console.notebook, page.user.id, ENTRY.name)
    query = urlencode([(name, value) for name, value in page.query if name not in _PLACES])
    return {
        "rows": rows.rows,
        "next": page.here(after=rows.after, before=None, saved=None) if rows.after else "",
        "previous": page.here(before=rows.before, after=None, saved=None) if rows.before else "",
        "total": total,
        "told": said(shown=len(rows.rows), total=total),
        "names": names_of(look.picture, look.asker, _parties(rows.rows, wanted.columns)),
        "now_ms": look.moment.now_ms,
        "views": [(one, _same(one.query, query)) for one in views],
        "query": query,
        "saved": dict(page.query).get("saved", ""),
        "choices": _CHOICES,
        "columns": COLUMNS,
        "usual": USUAL,
        "numbers": _NUMBERS,
        "marks": MARKS,
        "phases": PHASES,
        "path": PATH,
    }


def _same(one: str, other: str) -> bool:
    """Whether two addresses ask for the same, in whatever order, empty fields aside."""
    return sorted(parse_qsl(one)) == sorted(parse_qsl(other))


def _parties(rows: tuple[Trade, ...], columns: tuple[str, ...]) -> Iterator[str | None]:
    for name in {"seller", "platform", "carrier"} & set(columns):
        yield from (getattr(row, name) for row in rows)


ROUTES: Final = (orders, keep_view, export)
