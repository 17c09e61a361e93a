"""Recall: what a defect may have reached, where it is and who has it. What names nothing on record is refused."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from sogdia.interfaces.console import recalling_lists
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.forms import read_form
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.recalling_asked import FIELDS, PATHS, UNITS, NotAsked, asked_of, lines_of
from sogdia.interfaces.console.recalling_jobs import KEPT_MS, Notice, Recalled, job_of, jobs_of
from sogdia.interfaces.console.recalling_known import Checked, checked, has_product, supplier_of
from sogdia.interfaces.console.recalling_lists import told_of
from sogdia.interfaces.console.rendering import render, see_other
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.console.tracing import picture_of
from sogdia.interfaces.console.tracing_names import Product, products_of
from sogdia.interfaces.console.tracing_story import thing_link
from sogdia.interfaces.epcis.tracing import answer_of, sentence_of
from sogdia.interfaces.http.desk import aside
from sogdia.interfaces.http.problems import AnyRequest
from sogdia.interfaces.resolver.story import shown_number
from sogdia.interfaces.words import LANGUAGES, say
from sogdia.mirror.trace.things import product_of

ENTRY = Entry("recall", "/recall", roles=("seller", "platform", "carrier", "warehouse", "customs", "buyer"))
SHOWN: Final = 100
VIEWS: Final = ("holders", "things", "orders", "documents", "balances")
NOTICE_CHARS: Final = 2_000
_FORM_BYTES: Final = 2 * 1024 * 1024
_AT_ONCE_SECONDS: Final = 2.0
_STEP_SECONDS: Final = 0.02
_REFRESH_SECONDS: Final = 2
_MINUTES: Final = KEPT_MS // 60_000


@get("/recall")
async def recall_page(request: AnyRequest) -> Response[bytes]:
    """The form, and the user's recalls of the last hour."""
    page = entered(request)
    query = dict(page.query)
    return _form(request, page, {name: query.get(name, "")[:500] for name in FIELDS})


@post("/recall")
async def begin(request: AnyRequest) -> Response[bytes]:
    """Begin a recall; a small one is there at once. What names nothing on record is refused, with what may be meant."""
    form, page = await read_form(request, _FORM_BYTES), entered(request)
    assert page.user is not None
    typed = {name: form.exact(name) for name in FIELDS}
    try:
        lines = lines_of(form)
        asked = asked_of(form, lines)
        seen = await aside(_checked, page, asked, lines)
    except NotAsked as wrong:
        return _form(request, page, typed, wrong)
    if seen.unclear:
        named = await aside(_offered, request, page, seen)
        kept = [*seen.clear, *(one.typed for one in seen.unclear if not one.offered)]
        why = NotAsked("things", "recall_page.unclear")
        return _form(request, page, {**typed, "things": "\n".join(kept)}, why, seen, named)
    body, picture, asker = msgspec.json.encode(asked), picture_of(page), page.asker

    def work() -> Any:
        return answer_of(picture, asker, "/recall", body)

    job = jobs_of(request, page.console).begin(page.user.id, page.user.party, asked, typed, work)
    for _ in range(int(_AT_ONCE_SECONDS / _STEP_SECONDS)):
        if job.is_done:
            break
        await asyncio.sleep(_STEP_SECONDS)
    return see_other(f"{ROOT}/recall/{job.id}")


@get("/recall/{job:str}")
async def recalled(request: AnyRequest) -> Response[bytes]:
    """The answer; while it is worked out, how long that takes."""
    page, job = job_of(request)
    if not job.is_done:
        seconds = (page.console.now_ms() - job.began_ms) // 1000
        answer = render(request, "trace/recall_waits.html", job=job, seconds=seconds)
        answer.headers["refresh"] = str(_REFRESH_SECONDS)
        return answer
    if job.wrong is not None or job.has_failed:
        why = sentence_of(job.wrong, page.language) if job.wrong is not None else ""
        return render(request, "trace/recall_wrong.html", why=why)
    told = await told_of(request, page, job)
    query = dict(page.query)
    view = query.get("view", "")
    return render(
        request, "trace/recalled.html", job=job, told=told, view=view if view in VIEWS else "holders",
        start=recalling_lists.number_in(query.get("from", "")), size=SHOWN, minutes=_MINUTES, thing_link=thing_link,
        product_of=product_of, printed=shown_number,
    )  # fmt: skip


@post("/recall/{job:str}/notice")
async def note(request: AnyRequest) -> Response[bytes]:
    """What the notices say besides the goods: kept with the recall, and on no record."""
    form, (_, job) = await read_form(request), job_of(request)
    said = {name: form.one(name)[:NOTICE_CHARS] for name in Notice.__struct_fields__}
    if said["instruction"] in {say("recall_page.please", one) for one in LANGUAGES}:
        said["instruction"] = ""  # the notices have words of their own, for holders and for platforms
    job.notice = Notice(**said)
    return see_other(f"{ROOT}/recall/{job.id}")


def _checked(page: Page, asked: dict[str, Any], lines: list[str]) -> Checked:
    """Which lines name something; NotAsked where the supplier or the product of serials names nothing on record."""
    picture, asker = picture_of(page), page.asker
    if "serials" in asked and not has_product(picture, asker, asked["serials"]["product"]):
        raise NotAsked("product", "recall_page.product_unknown")
    if "supplier" in asked:
        asked["supplier"] = supplier_of(picture, asker, asked["supplier"])
        if not asked["supplier"]:
            raise NotAsked("supplier", "recall_page.supplier_unknown")
    return checked(picture, asker, lines)


def _offered(request: AnyRequest, page: Page, seen: Checked) -> dict[str, Product]:
    things = [thing.uri for one in seen.unclear for thing in one.offered]
    return products_of(request.app.state.resolver, picture_of(page), page.asker, things)


def _form(
    request: AnyRequest,
    page: Page,
    given: Mapping[str, str],
    wrong: NotAsked | None = None,
    seen: Checked | None = None,
    products: Mapping[str, Product] | None = None,
) -> Response[bytes]:
    assert page.user is not None
    before: list[Recalled] = jobs_of(request, page.console).of(page.user.id)
    return render(
        request, "trace/recall.html", status=200 if wrong is None else 422, given=given, wrong=wrong, before=before,
        paths=PATHS, units=UNITS, minutes=_MINUTES, seen=seen, products=products or {}, thing_link=thing_link,
        product_of=product_of, printed=shown_number,
    )  # fmt: skip


ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (recall_page, begin, recalled, note, *recalling_lists.ROUTES)
