"""What articles are for customs, said by a person: one by one, from a catalogue, or the suggestions seen, at once."""

from io import BytesIO
from typing import Final, Literal

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler

from sogdia.interfaces.console.forms import read_form
from sogdia.interfaces.console.importing_acts import back_to, body_of, drafts_of, open_draft, path_of
from sogdia.interfaces.console.importing_judging import UNITS, judge
from sogdia.interfaces.console.importing_standing import standing_of
from sogdia.interfaces.console.rendering import see_other
from sogdia.interfaces.http.desk import aside, json_answer
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.standards.gs1.iso_codes import COUNTRIES_ALPHA2
from sogdia.standards.orders import CatalogueItem, OrderFileRefused, read_catalogue, suggest

_CATALOGUE_BYTES: Final = 4 * 1024 * 1024


@post("/import/{draft:str}/catalogue", status_code=200)
async def take_catalogue(request: AnyRequest) -> Response[bytes]:
    """Take a seller's catalogue: what articles are for customs."""
    content = await body_of(request, _CATALOGUE_BYTES)
    page, draft = await open_draft(request)
    try:
        found = await aside(read_catalogue, BytesIO(content))
    except OrderFileRefused as no:
        raise Problem(400, "import_catalogue", why=no.sentence(page.language)) from None
    await aside(drafts_of(page).describe, draft.id, found.items.values())
    return json_answer({"to": path_of(draft, "articles"), "taken": len(found.items), "aside": len(found.set_aside)})


@post("/import/{draft:str}/article")
async def describe(request: AnyRequest) -> Response[bytes]:
    """What one article is for customs, as a person says it; a heading left as it was suggested stays one on record."""
    form, (page, draft) = await read_form(request), await open_draft(request)
    hs_code = form.one("hs_code").replace(".", "").replace(" ", "")
    grams, unit, origin = form.one("grams"), form.one("unit"), form.one("origin").upper()
    is_code = hs_code.isascii() and hs_code.isdigit() and len(hs_code) in (4, 6, 8, 10)
    is_weight = grams.isascii() and grams.isdigit() and 0 < len(grams) < 9 and int(grams) > 0
    if not is_code or not is_weight or origin not in COUNTRIES_ALPHA2 or unit not in UNITS or not form.one("sku"):
        raise Problem(400, "import_article")
    sku, name = form.one("sku")[:250], form.one("description")[:250]
    guess = suggest(name)
    basis: Literal["suggestion", "stated"] = (
        "suggestion" if guess is not None and guess.heading == hs_code else "stated"
    )
    item = CatalogueItem(sku, name, hs_code, origin, unit, int(grams) * 1000, basis)
    await aside(drafts_of(page).describe, draft.id, [item])
    return see_other(back_to(draft, form))


@post("/import/{draft:str}/confirm")
async def confirm(request: AnyRequest) -> Response[bytes]:
    """Confirm every suggestion as it was seen; `Problem` 409 when they are others by now."""
    form, (page, draft) = await read_form(request), await open_draft(request)
    judged = await aside(judge, draft, drafts_of(page).mending(draft.id), page.language)
    standing = await aside(standing_of, page.console.desk.node, page.asker, draft.choices, judged)
    if form.one("seen") != standing.seen or not standing.is_seller:
        raise Problem(409, "import_suggestions")
    await aside(drafts_of(page).describe, draft.id, [one.item for one in standing.suggested])
    return see_other(path_of(draft, "articles"))


ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (take_catalogue, describe, confirm)
