"""The customs desk: the queue by risk and waiting time, one declaration with its match, decisions, release in bulk.

Nothing is decided here: the page prepares messages, the officer's browser shows and signs them, the rules judge.
"""

from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post

from sogdia.app.answers import decisions
from sogdia.core.refusal import Refusal
from sogdia.core.state import Committed
from sogdia.domains.customs.state import IMPORT_LISTS
from sogdia.insight.names import names_of
from sogdia.insight.queue import (
    QUEUE_LIMIT,
    RISKS,
    Waiting,
    waiting_list,
    waiting_lists,
    waiting_lists_before,
    waiting_sums,
)
from sogdia.insight.taxes import estimated
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.customs_desk_answers import REASONS, Wish, prepared, why_not, wish_of
from sogdia.interfaces.console.customs_desk_asked import (
    DIRECTIONS,
    ORDERS,
    PHASES_WAITING,
    QueueAsked,
    queue_asked,
    queue_of,
)
from sogdia.interfaces.console.forms import read_json
from sogdia.interfaces.console.order import code_words, found_order
from sogdia.interfaces.console.order_looking import PHASES, looking
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import HEADERS, render, see_other
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.http.desk import aside, one_parameter
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import refusal_text

ROLE: Final = "customs"
ENTRY: Final = Entry("customs_desk", "/customs", roles=(ROLE,))
PATH: Final = f"{ROOT}/customs"
RISK_MARKS: Final = {0: "good", 1: "warn", 2: "bad"}
BULK: Final = ("accept", "inspect", "approve", "release", "refuse")
"""What may be decided on many lists at once."""
_ROWS: Final = 50
_DRAWN: Final = 100
"""Rows that a decision in bulk draws in full; the others are folded away, in short."""
_BODY_BYTES: Final = 512 * 1024


@get("/customs")
async def queue(request: AnyRequest) -> Response[bytes]:
    """The lists that wait for customs, as the address asks for them."""
    page = entered(request, ROLE)
    wanted = queue_asked(page.query)
    return render(request, "customs/queue.html", asked=wanted, **await aside(_queue, page, wanted))


@get("/customs/bulk")
async def bulk(request: AnyRequest) -> Response[bytes]:
    """Every list that fits the conditions, and what a decision on all of them would do, before anything is signed."""
    page = entered(request, ROLE)
    wanted = queue_asked(page.query)
    return render(request, "customs/bulk.html", asked=wanted, **await aside(_bulk, page, wanted))


@get("/customs/list")
async def one_list(request: AnyRequest) -> Response[bytes]:
    """One declaration with its match, and what may be decided on it."""
    page = entered(request, ROLE)
    name = tuple(one_parameter(request, part) for part in ("subject", "broker", "list_no"))
    return render(request, "customs/list.html", **await aside(_one, page, *name))


@get("/customs/next", status_code=303)
async def next_list(request: AnyRequest) -> Response[bytes]:
    """On to the list that waits after a place in a queue, or the one before it; at the end, back to the queue."""
    page = entered(request, ROLE)
    return see_other(await aside(_next, page, dict(page.query)))


@post("/customs/answers", status_code=200)
async def answers(request: AnyRequest) -> Response[bytes]:
    """The messages of a decision, for the browser to show and sign; with them the lists that were set aside."""
    page = entered(request, ROLE)
    given = await read_json(request, _BODY_BYTES)
    try:
        wish = wish_of(given)
    except ValueError as error:
        raise Problem(422, "desks_answers_unfit", detail=str(error)[:200]) from None
    found = await aside(_prepared, page, wish)
    return Response(msgspec.json.encode(found), media_type="application/json", headers=HEADERS)


def _prepared(page: Page, wish: Wish) -> Any:
    return prepared(looking(page), wish)


def _queue(page: Page, wanted: QueueAsked) -> dict[str, Any]:
    look = looking(page)
    if wanted.before and not wanted.after:
        rows, before = waiting_lists_before(*look, wanted.wanted, wanted.order, wanted.before, _ROWS)
        after = rows[-1].place if rows else ""
    else:
        rows, after = waiting_lists(*look, wanted.wanted, wanted.order, wanted.after, _ROWS)
        before = rows[0].place if rows and wanted.after else ""
    return {
        **_shared(look, rows),
        "sums": waiting_sums(*look, wanted.wanted),
        "next": page.here(after=after, before=None) if after else "",
        "previous": page.here(before=before, after=None) if before else "",
        "first": page.here(after=None, before=None) if before else "",
        "bulk_path": f"{PATH}/bulk?{wanted.query}",
        "path": PATH,
        "choices": {"directions": DIRECTIONS, "phases": PHASES_WAITING, "orders": ORDERS, "bulk": BULK},
    }


def _bulk(page: Page, wanted: QueueAsked) -> dict[str, Any]:
    look = looking(page)
    rows, after = waiting_lists(*look, wanted.wanted, "waiting", "", QUEUE_LIMIT)
    wish = Wish(wanted.decision, ())
    judged = [(one, why_not(one, wish)) for one in rows]
    fitting = (one for one, why in judged if why in ("", "person"))
    chosen = sorted(fitting, key=lambda one: -one.risk)  # what bears a risk is drawn, not folded away
    sums: dict[str, list[int]] = {}
    for one in chosen:
        held = sums.setdefault(one.currency, [0, 0])
        held[0], held[1] = held[0] + 1, held[1] + one.value_minor
    return {
        **_shared(look, rows),
        "chosen": chosen,
        "drawn": _DRAWN,
        "nameless": {one for one, why in judged if why == "person"},
        "set_aside": [(one, why) for one, why in judged if why not in ("", "person")],
        "chosen_sums": sorted(sums.items()),
        "more": bool(after),
        "most": QUEUE_LIMIT,
        "path": f"{PATH}?{wanted.here}",
    }


def _one(page: Page, subject: str, broker: str, list_no: str) -> dict[str, Any]:
    look = looking(page)
    found = waiting_list(*look, subject, broker, list_no)
    if found is None:
        raise Problem(404, "desks_list_gone", list_no=list_no[:40])
    trade = found_order(page, found.platform, found.order)
    part = next((one for one in trade["whole"].parts if one.record[1:] == (broker, list_no)), None)
    shared = _shared(look, [found])
    return {
        **trade,
        **shared,
        "names": {**trade["names"], **shared["names"]},
        "whole_rows": trade["rows"],
        "found": found,
        "declared": None if part is None else part.fields,
        "standing": None if part is None else part.standing,
        "may": decisions(subject, found.phase),
        "reasons": [(code, code_words(page.language, code)) for code in REASONS],
        **_due(page, found),
        **_neighbours(queue_of(dict(page.query).get("queue", "")), found),
    }


def _due(page: Page, found: Waiting) -> dict[str, Any]:
    """The tax that an import list would owe if it were accepted now, or in words why that cannot be told."""
    view = Committed(page.console.desk.node.store, cached=0)
    declared = IMPORT_LISTS.get(view, found.broker, found.list_no) if found.subject == "import_list" else None
    if declared is None:
        return {"due": None, "untaxed": ""}
    due = estimated(view, declared, page.console.now_ms())
    if isinstance(due, Refusal):
        return {"due": None, "untaxed": refusal_text(due.code, due.fields, page.language)}
    return {"due": due, "untaxed": ""}


def _neighbours(queue: QueueAsked, found: Waiting) -> dict[str, str]:
    """Where a list was opened from, and the ways to the lists around it."""
    further = f"{PATH}/next?{urlencode({'queue': queue.here, 'place': found.place})}"
    path = f"{PATH}?{queue.here}" if queue.here else PATH
    return {"next": further, "previous": f"{further}&back=1", "path": path, "queue": queue.here}


def _next(page: Page, given: dict[str, str]) -> str:
    look, queue, place = looking(page), queue_of(given.get("queue", "")), given.get("place", "")
    find = waiting_lists_before if given.get("back") else waiting_lists
    rows, _ = find(*look, queue.wanted, queue.order, place, 1)
    if not rows:
        return f"{PATH}?{queue.query}" if queue.query else PATH
    named = {name: getattr(rows[0], name) for name in ("subject", "broker", "list_no")}
    return f"{PATH}/list?{urlencode({**named, **({'queue': queue.here} if queue.here else {})})}"


def _shared(look: Any, rows: list[Waiting]) -> dict[str, Any]:
    parties = [party for one in rows for party in (one.seller, one.broker, one.platform)]
    return {
        "rows": rows,
        "names": names_of(look.picture, look.asker, parties),
        "now_ms": look.moment.now_ms,
        "late_ms": look.moment.before(look.moment.patience.customs_hours),
        "phases": PHASES,
        "risk_marks": RISK_MARKS,
        "signs": RISKS,
    }


ROUTES: Final = (queue, bulk, one_list, next_list, answers)
