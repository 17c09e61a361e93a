"""The lists of a recall: one for each holder, one for each platform and its buyers, all to print or as one file."""

from collections.abc import Callable
from typing import Final, TypeVar

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from sogdia.interfaces.console.orders_export import CSV_TYPE, EXCEL_TYPE
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.recalling_files import as_csv, as_excel
from sogdia.interfaces.console.recalling_jobs import Recalled, job_of
from sogdia.interfaces.console.recalling_shown import Holder, Plain, Platform, Shown, shown
from sogdia.interfaces.console.rendering import HEADERS, render
from sogdia.interfaces.console.tracing import picture_of
from sogdia.interfaces.http.desk import aside, part
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.resolver.story import shown_number
from sogdia.mirror.trace.things import product_of

AT_ONCE: Final = 200
"""Notices on one page to print."""
T = TypeVar("T")


@get("/recall/{job:str}/holder/{number:str}")
async def hand_out(request: AnyRequest) -> Response[bytes]:
    """The list of one holder, to print and hand out: what they have, and nothing of what others have."""
    page, job = job_of(request)
    told = await told_of(request, page, job)
    return _notices(request, job, told, [_at(told.holders, part(request, "number"))], "")


@get("/recall/{job:str}/platform/{number:str}")
async def for_buyers(request: AnyRequest) -> Response[bytes]:
    """The list of one platform, order by order, so that it can tell its buyers."""
    page, job = job_of(request)
    told = await told_of(request, page, job)
    return _notices(request, job, told, [_at(told.platforms, part(request, "number"))], "")


@get("/recall/{job:str}/notices")
async def notices(request: AnyRequest) -> Response[bytes]:
    """All notices in one page to print: of holders and platforms, or with `each=buyer` one for each buyer's order."""
    page, job = job_of(request)
    told = await told_of(request, page, job)
    is_each = dict(page.query).get("each", "") == "buyer"
    each: list[Holder | Platform] = [one for one in told.holders if one.order]
    grouped: list[Holder | Platform] = [*told.direct, *told.platforms]
    return _notices(request, job, told, each if is_each else grouped, "notices")


@get("/recall/{job:str}/list.csv")
async def csv_file(request: AnyRequest) -> Response[bytes]:
    """Everything affected as CSV, or the part of `holder` or `platform`."""
    return await _file(request, as_csv, CSV_TYPE, "recall.csv")


@get("/recall/{job:str}/list.xlsx")
async def excel_file(request: AnyRequest) -> Response[bytes]:
    """Everything affected as an Excel workbook, or the part of `holder` or `platform`."""
    return await _file(request, as_excel, EXCEL_TYPE, "recall.xlsx")


async def told_of(request: AnyRequest, page: Page, job: Recalled) -> Shown:
    """The answer of a recall as its pages show it, worked out once; `Problem` 404 when there is none."""
    if job.found is None:
        raise Problem(404, "recall_gone")
    if job.told is None:
        asked = [*job.asked.get("things", ()), *([job.asked["serials"]["product"]] if "serials" in job.asked else ())]
        asked += [job.asked["supplier"]] if "supplier" in job.asked else []
        picture = picture_of(page)
        job.told = await aside(shown, request.app.state.resolver, picture, page.asker, job.found, asked)
    told: Shown = job.told
    return told


def number_in(text: str) -> int:
    """A place in a list; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _at(them: tuple[T, ...], text: str) -> T:
    number = number_in(text)
    if not 1 <= number <= len(them):
        raise Problem(404, "not_found")
    return them[number - 1]


def _part_of(told: Shown, page: Page) -> list[Plain]:
    query = dict(page.query)
    if "holder" in query:
        return list(_at(told.holders, query["holder"]).things)
    if "platform" in query:
        return list(_at(told.platforms, query["platform"]).things)
    return list(told.affected)


def _notices(
    request: AnyRequest, job: Recalled, told: Shown, them: list[Holder | Platform], view: str
) -> Response[bytes]:
    page = job_of(request)[0]
    start = number_in(dict(page.query).get("from", ""))
    return render(
        request, "trace/notices.html", job=job, told=told, them=them[start : start + AT_ONCE], total=len(them),
        start=start, size=AT_ONCE, view=view, product_of=product_of, printed=shown_number,
    )  # fmt: skip


async def _file(request: AnyRequest, write: Callable[..., bytes], kind: str, name: str) -> Response[bytes]:
    page, job = job_of(request)
    told = await told_of(request, page, job)
    content = await aside(write, told, _part_of(told, page), job.notice, page.language)
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (hand_out, for_buyers, notices, csv_file, excel_file)
