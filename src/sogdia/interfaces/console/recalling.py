"""Recall: what a defect may have reached, where it is and who has it, with lists to hand out to each holder."""

import asyncio
import csv
import io
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.forms import read_form
from sogdia.interfaces.console.orders_export import CSV_TYPE, EXCEL_ROWS, EXCEL_TYPE
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.recalling_asked import FIELDS, PATHS, UNITS, NotAsked, asked_of
from sogdia.interfaces.console.recalling_jobs import KEPT_MS, Recalled, jobs_of
from sogdia.interfaces.console.recalling_shown import Shown, heading, rows_of, shown
from sogdia.interfaces.console.rendering import HEADERS, render, see_other
from sogdia.interfaces.console.room import ROOT, Entry
from sogdia.interfaces.console.tracing import picture_of
from sogdia.interfaces.console.tracing_story import thing_link
from sogdia.interfaces.epcis.tracing import answer_of, sentence_of
from sogdia.interfaces.http.desk import aside, part
from sogdia.interfaces.http.problems import AnyRequest, Problem

ENTRY = Entry("recall", "/recall")
SHOWN: Final = 100
VIEWS: Final = ("holders", "things", "orders", "documents", "balances")
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
    given = {name: query.get(name, "")[:500] for name in FIELDS}
    return _form(request, page, given)


@post("/recall")
async def begin(request: AnyRequest) -> Response[bytes]:
    """Begin a recall; a small one is there at once."""
    form, page = await read_form(request, _FORM_BYTES), entered(request)
    assert page.user is not None
    try:
        asked = asked_of(form)
    except NotAsked as wrong:
        return _form(request, page, {name: form.exact(name) for name in FIELDS}, wrong)
    body, picture, asker = msgspec.json.encode(asked), picture_of(page), page.asker

    def work() -> Any:
        return answer_of(picture, asker, "/recall", body)

    job = jobs_of(request, page.console).begin(page.user.id, page.user.party, asked, work)
    for _ in range(int(_AT_ONCE_SECONDS / _STEP_SECONDS)):
        if job.is_done:
            break
        await asyncio.sleep(_STEP_SECONDS)
    return see_other(f"{ROOT}/recall/{job.id}")


@get("/recall/{job:str}")
async def recalled(request: AnyRequest) -> Response[bytes]:
    """The answer; while it is worked out, how long that takes."""
    page, job = _job(request)
    if not job.is_done:
        seconds = (page.console.now_ms() - job.began_ms) // 1000
        answer = render(request, "trace/recall_waits.html", job=job, seconds=seconds)
        answer.headers["refresh"] = str(_REFRESH_SECONDS)
        return answer
    if job.wrong is not None or job.has_failed:
        why = sentence_of(job.wrong, page.language) if job.wrong is not None else ""
        return render(request, "trace/recall_wrong.html", why=why)
    told = await _shown(page, job)
    query = dict(page.query)
    view = query.get("view", "")
    start = _number(query.get("from", ""))
    return render(
        request, "trace/recalled.html", job=job, told=told, view=view if view in VIEWS else "holders", start=start,
        size=SHOWN, thing_link=thing_link, minutes=_MINUTES,
    )  # fmt: skip


@get("/recall/{job:str}/holder/{number:str}")
async def hand_out(request: AnyRequest) -> Response[bytes]:
    """The list of one holder, to print and hand out: what they have, and nothing of what others have."""
    page, job = _job(request)
    told, number = await _shown(page, job), _number(part(request, "number"))
    if not 1 <= number <= len(told.holders):
        raise Problem(404, "not_found")
    holder = told.holders[number - 1]
    return render(request, "trace/hand_out.html", job=job, told=told, holder=holder, made_ms=job.ended_ms)


@get("/recall/{job:str}/list.csv")
async def as_csv(request: AnyRequest) -> Response[bytes]:
    """Everything affected as CSV."""
    page, job = _job(request)
    told = await _shown(page, job)
    return _sent(await aside(_csv, told, page.language), CSV_TYPE, "recall.csv")


@get("/recall/{job:str}/list.xlsx")
async def as_excel(request: AnyRequest) -> Response[bytes]:
    """Everything affected as an Excel workbook."""
    page, job = _job(request)
    told = await _shown(page, job)
    return _sent(await aside(_excel, told, page.language), EXCEL_TYPE, "recall.xlsx")


def _form(request: AnyRequest, page: Page, given: dict[str, str], wrong: NotAsked | None = None) -> Response[bytes]:
    assert page.user is not None
    before = jobs_of(request, page.console).of(page.user.id)
    return render(
        request, "trace/recall.html", status=200 if wrong is None else 422, given=given, wrong=wrong, before=before,
        paths=PATHS, units=UNITS, minutes=_MINUTES,
    )  # fmt: skip


def _number(text: str) -> int:
    """A place in a list; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _job(request: AnyRequest) -> tuple[Page, Recalled]:
    page = entered(request)
    assert page.user is not None
    return page, jobs_of(request, page.console).get(part(request, "job"), page.user.id, page.user.party)


async def _shown(page: Page, job: Recalled) -> Shown:
    if job.found is None:
        raise Problem(404, "recall_gone")
    return await aside(shown, picture_of(page), page.asker, job.found)


def _csv(told: Shown, language: str) -> bytes:
    written = io.StringIO()
    written.write("\ufeff")
    write = csv.writer(written, lineterminator="\r\n")
    write.writerow(heading(language))
    write.writerows(rows_of(told.affected, told.names, language))
    return written.getvalue().encode()


def _excel(told: Shown, language: str) -> bytes:
    held = io.BytesIO()
    with Workbook(held, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([heading(language), *rows_of(told.affected, told.names, language)]):
            if number <= EXCEL_ROWS:
                for column, text in enumerate(row):
                    sheet.write_string(number, column, text)
    return held.getvalue()


def _sent(content: bytes, kind: str, name: str) -> Response[bytes]:
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (recall_page, begin, recalled, hand_out, as_csv, as_excel)
