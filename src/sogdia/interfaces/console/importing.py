"""Import: a file is dropped, judged, mended in place, then signed in the browser. Nothing is sent before that."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
import sqlalchemy as sql
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from sogdia.domains.identity.state import PARTIES
from sogdia.interfaces.console import importing_acts, importing_articles, importing_sending
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.importing_acts import PARTS, draft_of, drafts_of
from sogdia.interfaces.console.importing_drafts import DAYS, Draft, Step
from sogdia.interfaces.console.importing_events import EVENTS_LIMIT, EventsJudged, judge_events
from sogdia.interfaces.console.importing_handing import handed_over
from sogdia.interfaces.console.importing_judging import LAYOUTS, ORDERS_LIMIT, UNITS, Judged, judge, row_of
from sogdia.interfaces.console.importing_sending import told_of
from sogdia.interfaces.console.importing_standing import Standing, standing_of
from sogdia.interfaces.console.importing_text import CONTENT_BYTES
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import HEADERS, render
from sogdia.interfaces.console.room import Entry
from sogdia.interfaces.http.desk import aside, part
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import say
from sogdia.standards.gs1.iso_codes import COUNTRIES_ALPHA2
from sogdia.standards.orders import FORMATS

ENTRY = Entry("import", "/import", roles=("seller", "platform", "carrier", "warehouse"))
VIEWS: Final = ("aside", "orders", "cancellations", "articles", "columns", "choices")
SHOWN: Final = 50
STEPS_SHOWN: Final = 200
_PARTIES: Final = 500
_MIB: Final = 1024 * 1024


@get("/import")
async def import_page(request: AnyRequest) -> Response[bytes]:
    """Where a file is dropped, and the drafts that wait."""
    page = entered(request)
    assert page.user is not None
    found = await aside(drafts_of(page).of, page.user.id, page.console.now_ms())
    limits = {"most": CONTENT_BYTES // _MIB, "days": DAYS, "orders": ORDERS_LIMIT, "events": EVENTS_LIMIT}
    return render(request, "import/start.html", drafts=found, formats=FORMATS, **limits)


@get("/import/{draft:str}")
async def draft_page(request: AnyRequest) -> Response[bytes]:
    """One draft: what becomes of its rows, and how to mend them; once it is ready, how far it is on the record."""
    page = entered(request)
    draft = await aside(draft_of, page, part(request, "draft"))
    steps = await aside(told_of, page, draft)
    if steps:
        shown = await aside(_sending, page, draft, steps)
        return render(request, "import/sending.html", draft=draft, **shown)
    if draft.kind == "events":
        found = await aside(judge_events, draft)
        return render(request, "import/events.html", draft=draft, judged=found, **_events_shown(page, found))
    judged = await aside(_judged, page, draft)
    standing = await aside(_standing, page, draft, judged)
    parties = await aside(_parties, page)
    given = {**_shown(page, draft, judged, parties), "skipped": standing.count("same")}
    given["skipped_cancellations"] = len(standing.cancelled("same"))
    return render(request, "import/draft.html", draft=draft, judged=judged, standing=standing, **given)


@get("/import/{draft:str}/row/{row:str}")
async def row_page(request: AnyRequest) -> Response[bytes]:
    """All cells of one row, to be mended."""
    page = entered(request)
    draft = await aside(draft_of, page, part(request, "draft"))
    judged, number = await aside(_judged, page, draft), _number(part(request, "row"))
    cells = row_of(judged, number)
    if not cells:
        raise Problem(404, "not_found")
    why = next((one for one in judged.aside if one.row == number), None)
    return render(request, "import/row.html", draft=draft, row=number, cells=cells, why=why)


@get("/import/{draft:str}/hand-over")
async def hand_over(request: AnyRequest) -> Response[bytes]:
    """The orders as a file for the platform, to be opened in its own import."""
    page = entered(request)
    draft = await aside(draft_of, page, part(request, "draft"))
    name, content = handed_over(draft, await aside(_judged, page, draft))
    headers = {**HEADERS, "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@get("/import/{draft:str}/file")
async def mended_file(request: AnyRequest) -> Response[bytes]:
    """The file with what was mended: the text that evidence of each order is made of."""
    page = entered(request)
    draft = await aside(draft_of, page, part(request, "draft"))
    judged = await aside(_judged, page, draft)
    content = judged.text.content if judged.text else draft.content
    headers = {**HEADERS, "content-disposition": 'attachment; filename="mended.csv"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _judged(page: Page, draft: Draft) -> Judged:
    return judge(draft, drafts_of(page).mending(draft.id), page.language)


def _standing(page: Page, draft: Draft, judged: Judged) -> Standing:
    return standing_of(page.console.desk.node, page.asker, draft.choices, judged)


def _sending(page: Page, draft: Draft, steps: Sequence[Step]) -> dict[str, Any]:
    """How far a draft is that is ready to sign, and what of its file will not be on record by that."""
    told = importing_sending.summary(steps, page.language)
    query = dict(page.query)
    shown: dict[str, Any] = {"told": told, "size": STEPS_SHOWN, "days": DAYS, "most": SHOWN}
    shown |= {"start": _number(query.get("from", "")), "there": _number(query.get("there", ""))}
    if draft.kind == "events":
        shown |= {"judged": None, "standing": None, "skipped": 0, "skipped_cancellations": 0, "taken_back": ()}
        return {**shown, "faults": len(judge_events(draft).faults)}
    judged = _judged(page, draft)
    standing, placed = _standing(page, draft, judged), importing_sending.orders_of(steps)
    skipped = sum(one.order.order not in placed for one in standing.of("same"))
    said = importing_sending.cancellations_in(steps)
    others = sum((one.draft.cancellation, one.draft.order) not in said for one in standing.cancelled("same"))
    shown |= {"skipped": skipped, "skipped_cancellations": others, "taken_back": standing.worth(said)}
    return {**shown, "judged": judged, "standing": standing, "faults": 0}


def _number(text: str) -> int:
    """A row's number; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _parties(page: Page) -> dict[str, list[tuple[str, str]]]:
    """Who may take each part, by name."""
    table = page.picture.table(PARTIES)
    wanted = sql.select(table.c.did, table.c.name, table.c.roles).where(page.picture.visible(PARTIES, page.asker))
    rows = page.picture.rows(wanted.order_by(table.c.name).limit(_PARTIES))
    return {
        one: [(row["did"], row["name"]) for row in rows if role in _roles(row["roles"])] for one, role in PARTS.items()
    }


def _roles(value: Any) -> Sequence[str]:
    found: Sequence[str] = msgspec.json.decode(value) if isinstance(value, str | bytes) else value
    return found


def _shown(page: Page, draft: Draft, judged: Judged, parties: Mapping[str, Any]) -> dict[str, Any]:
    """What the template is given beside the draft: which view, which rows of it, what may be chosen."""
    query = dict(page.query)
    view = query.get("view", "")
    if judged.refused is not None or not judged.format:
        view = view if view in ("columns", "choices") else "columns"
    elif view not in VIEWS:
        view = "aside" if judged.aside else "orders"
    start = _number(query.get("from", ""))
    own = {part for part in PARTS if draft.choices.parties.get(part) == page.asker.party}
    lacking = [one for one in PARTS if one in importing_sending.NEEDED and not draft.choices.parties.get(one)]
    return {
        "view": view,
        "start": start,
        "size": SHOWN,
        "parts_of_trade": tuple(PARTS),
        "parties": parties,
        "own_parts": own,
        "lacking_parts": lacking,
        "layouts": LAYOUTS,
        "formats": FORMATS,
        "format_options": [("", say("import_page.format_unknown", page.language)), *_formats(page.language)],
        "home_options": _countries(page.language),
        "units": UNITS,
        "orders_limit": ORDERS_LIMIT,
        "days": DAYS,
    }


def _countries(language: str) -> list[tuple[str, str]]:
    return [(code, f"{code} · {say(f'country.{code}', language)}") for code in sorted(COUNTRIES_ALPHA2)]


def _formats(language: str) -> list[tuple[str, str]]:
    return [(one, say(f"import_format.{one}", language)) for one in FORMATS]


def _events_shown(page: Page, judged: EventsJudged) -> dict[str, Any]:
    start = _number(dict(page.query).get("from", ""))
    return {"start": start, "size": SHOWN, "limit": EVENTS_LIMIT, "days": DAYS}


ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (
    import_page,
    draft_page,
    row_page,
    hand_over,
    mended_file,
    *importing_acts.ROUTES,
    *importing_articles.ROUTES,
    *importing_sending.ROUTES,
)
