"""What changes a draft: a file comes in, cells are mended, rows and orders left out, choices made, all dropped."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from sogdia.core.keys import MalformedIdentifier
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.forms import TOKEN_HEADER, Form, check_token, read_form
from sogdia.interfaces.console.importing_drafts import Choices, Draft, Drafts
from sogdia.interfaces.console.importing_events import looks_like_events
from sogdia.interfaces.console.importing_handing import NotHandedOver, is_handed_over, taken_over
from sogdia.interfaces.console.importing_judging import LAYOUTS, format_of
from sogdia.interfaces.console.importing_mistaken import mistaken
from sogdia.interfaces.console.importing_text import CONTENT_BYTES, sheet_text
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.rendering import see_other
from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.http.desk import aside, desk_of, json_answer, part, require_media_type
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.standards.gs1.iso_codes import COUNTRIES_ALPHA2
from sogdia.standards.orders import FORMATS, OrderFileRefused
from sogdia.standards.orders.times import zone_of

PARTS: Final[Mapping[str, str]] = {
    "platform": "platform",
    "seller": "seller",
    "institution": "payment_institution",
    "carrier": "carrier",
    "broker": "broker",
    "customs": "customs",
}
"""Who takes part in a trade, and the role on record that they have for it."""
OCTETS: Final = "application/octet-stream"
NAME_HEADER: Final = "x-sogdia-name"
SHEET_HEADER: Final = "x-sogdia-sheet"
_NAME_CHARS: Final = 120
_CELL_CHARS: Final = 10_000


def drafts_of(page: Page) -> Drafts:
    """The drafts of this node."""
    return Drafts(page.console.desk.node.folder)


def draft_of(page: Page, id: str) -> Draft:
    """The user's draft of this id; `Problem` 404."""
    assert page.user is not None
    found = drafts_of(page).get(id, page.user.id, page.user.party, page.console.now_ms())
    if found is None:
        raise Problem(404, "import_gone")
    return found


async def open_draft(request: AnyRequest) -> tuple[Page, Draft]:
    """The draft that a form is about, while it may still be changed; `Problem` 409 when it was made ready to sign."""
    page = entered(request)
    draft = await aside(draft_of, page, part(request, "draft"))
    if await aside(drafts_of(page).steps, draft.id):
        raise Problem(409, "import_ready")
    return page, draft


@post("/import/file", status_code=200)
async def take_file(request: AnyRequest) -> Response[bytes]:
    """Take a file that was dropped; answers where its draft is, or of which sheets one must be named."""
    page, content = entered(request), await body_of(request, CONTENT_BYTES)
    assert page.user is not None
    name = unquote(request.headers.get(NAME_HEADER, ""))[:_NAME_CHARS]
    name = "".join(char for char in name.replace("\\", "/").rpartition("/")[2] if char.isprintable()) or "-"
    if not content.strip():
        raise Problem(400, "import_empty")
    if is_handed_over(content):
        return json_answer({"to": f"{ROOT}/import/{await aside(_take_over, page, content)}"})
    kind = "events" if looks_like_events(content) else "orders"
    elsewhere = await aside(mistaken, content, page.console.desk.node.machine.tags.values())
    if elsewhere is not None:
        raise elsewhere
    try:
        content, sheet = await aside(sheet_text, name, content, unquote(request.headers.get(SHEET_HEADER, "")))
    except OrderFileRefused as no:
        if no.several:
            return json_answer({"sheets": no.several})
        raise Problem(400, "import_unread", why=no.sentence(page.language)) from None
    choices = Choices(format_of(content) if kind == "orders" else "", parties=_own_parts(page), sheet=sheet)
    given = (page.user.id, page.user.party, name, kind, content, choices, page.console.now_ms())
    id = await aside(drafts_of(page).add, *given)
    return json_answer({"to": f"{ROOT}/import/{id}"})


def _take_over(page: Page, content: bytes) -> str:
    """A draft of what another party handed over; parties that are not on record are left to be chosen."""
    assert page.user is not None
    try:
        name, text, choices, left_out = taken_over(content)
    except NotHandedOver:
        raise Problem(400, "import_hand_over") from None
    known = {role: did for role, did in choices.parties.items() if role in PARTS and _record(page, did) is not None}
    choices = replace(choices, parties={**_own_parts(page), **known})
    drafts = drafts_of(page)
    name = "".join(char for char in name if char.isprintable())[:_NAME_CHARS] or "-"
    id = drafts.add(page.user.id, page.user.party, name, "orders", text, choices, page.console.now_ms())
    for what in left_out:
        drafts.leave_out(id, what)
    return id


@post("/import/{draft:str}/choices")
async def choose(request: AnyRequest) -> Response[bytes]:
    """What the file does not say: kind of file, direction, who takes part."""
    form, (page, draft) = await read_form(request), await open_draft(request)
    choices = _chosen(page, draft.choices, form) if draft.kind == "orders" else _readers(page, draft.choices, form)
    await aside(drafts_of(page).choose, draft.id, choices)
    return see_other(path_of(draft, form.one("view")))


@post("/import/{draft:str}/columns")
async def choose_columns(request: AnyRequest) -> Response[bytes]:
    """Which column of the file is which."""
    form, (page, draft) = await read_form(request), await open_draft(request)
    layout = LAYOUTS.get(form.one("format") or draft.choices.format)
    if layout is None:
        raise Problem(400, "form_unreadable")
    chosen = {one.name: title for one in layout.used if (title := form.one(f"column {one.name}"))}
    if len(set(chosen.values())) < len(chosen):
        raise Problem(400, "import_column_twice")
    choices = replace(draft.choices, format=layout.format, columns=chosen)
    await aside(drafts_of(page).choose, draft.id, choices)
    return see_other(path_of(draft, "columns"))


@post("/import/{draft:str}/mend")
async def mend(request: AnyRequest) -> Response[bytes]:
    """New text for cells of a row: `cell 3` is the fourth, `cell -1` the whole row. The file is judged anew then."""
    form, (page, draft) = await read_form(request), await open_draft(request)
    names = [name for name in form if name.startswith("cell ") and name[5:].lstrip("-").isdigit()]
    cells = {int(name[5:]): form.exact(name)[:_CELL_CHARS] for name in names}
    await aside(drafts_of(page).mend, draft.id, _number(form.one("row")), cells)
    return see_other(back_to(draft, form))


@post("/import/{draft:str}/leave-out")
async def leave_out(request: AnyRequest) -> Response[bytes]:
    """Leave out a row, an order or a cancellation: it stays in the seller's own file and does not go on record."""
    form, (page, draft) = await read_form(request), await open_draft(request)
    await aside(drafts_of(page).leave_out, draft.id, _what(form))
    return see_other(back_to(draft, form))


@post("/import/{draft:str}/take-in")
async def take_in(request: AnyRequest) -> Response[bytes]:
    """Take in an order or a cancellation again; without one, everything as it came."""
    form, (page, draft) = await read_form(request), await open_draft(request)
    is_one = form.one("order") or form.one("cancellation")
    await aside(drafts_of(page).take_in, draft.id, _what(form) if is_one else "")
    return see_other(back_to(draft, form))


@post("/import/{draft:str}/forget")
async def forget(request: AnyRequest) -> Response[bytes]:
    """Delete the draft with its file. What is on record stays there."""
    await read_form(request)
    page = entered(request)
    draft = await aside(draft_of, page, part(request, "draft"))
    await aside(drafts_of(page).forget, draft.id)
    return see_other(f"{ROOT}/import")


# --- reading forms --------------------------------------------------------------------------------------------------


async def body_of(request: AnyRequest, most: int) -> bytes:
    """A file that a script of the page sends, with the page's token in a header."""
    check_token(request, request.headers.get(TOKEN_HEADER, ""))
    require_media_type(request, OCTETS)
    async with desk_of(request).body(request, most) as body:
        return bytes(body)


def _own_parts(page: Page) -> dict[str, str]:
    """The parts that the user's party takes by its roles."""
    own = page.asker.party or ""
    return {role: own for role in ("platform", "seller") if role in page.roles}


def _chosen(page: Page, old: Choices, form: Form) -> Choices:
    parties = {name: did for name in PARTS if (did := form.one(f"party {name}"))}
    unknown = [did for did in parties.values() if _record(page, did) is None]
    format, home, zone = form.one("format", old.format), form.one("home").upper(), form.one("timezone")
    if unknown:
        raise Problem(400, "import_party", party=unknown[0][:100])
    if format not in ("", *FORMATS) or home not in COUNTRIES_ALPHA2:
        raise Problem(400, "form_unreadable")
    if zone and not _is_zone(zone):
        raise Problem(400, "import_zone", zone=zone[:60])
    currency, slash = form.one("currency").upper(), form.one("slash_dates")
    district = form.one("district") or old.district
    return replace(
        old,
        format=format,
        direction="import" if form.one("direction") == "import" else "export",
        home=home,
        parties=parties,
        columns=old.columns if format == old.format else {},
        timezone=zone,
        slash_dates=slash if slash in ("mdy", "dmy") else "",
        currency=currency if len(currency) == 3 and currency.isalpha() else "",
        prices_include_tax=form.one("prices_include_tax") == "yes",
        district=district if len(district) == 4 and district.isdigit() else old.district,
    )


def _readers(page: Page, old: Choices, form: Form) -> Choices:
    shared = tuple(dict.fromkeys(form.one("shared_with").split()))
    unknown = [did for did in shared if _record(page, did) is None]
    if unknown:
        raise Problem(400, "import_party", party=unknown[0][:100])
    return replace(old, audience="everyone" if form.one("audience") == "everyone" else "named", shared_with=shared)


def _record(page: Page, did: str) -> Any:
    try:
        return page.console.desk.node.record("identity.party", did)
    except (MalformedIdentifier, ValueError):
        return None


def _is_zone(name: str) -> bool:
    try:
        return zone_of(name) is not None
    except (ValueError, KeyError):
        return False


def _what(form: Mapping[str, list[str]]) -> str:
    assert isinstance(form, Form)
    if form.one("cancellation"):
        return f"cancellation {form.one('cancellation')[:400]}"
    return f"order {form.one('order')[:200]}" if form.one("order") else f"row {_number(form.one('row'))}"


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Problem(400, "form_unreadable")
    return int(text)


def back_to(draft: Draft, form: Form) -> str:
    """The view and the place in it that a form was sent from."""
    start = form.one("from")
    return path_of(draft, form.one("view")) + (f"&from={start}" if start.isdigit() else "")


def path_of(draft: Draft, view: str) -> str:
    """Where one view of a draft is."""
    return f"{ROOT}/import/{draft.id}?view={view if view.isalpha() else ''}"


ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (
    take_file,
    choose,
    choose_columns,
    mend,
    leave_out,
    take_in,
    forget,
)
