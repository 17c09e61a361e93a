"""Rulebooks: every book with its rows, their days, sources and certainty, as they stand on a day of choice."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get
from msgspec.structs import replace

from sogdia.core.state import Committed, Table
from sogdia.core.values import day_of
from sogdia.domains.customs.state import LEGAL_DAY_OFFSET_HOURS
from sogdia.interfaces.console.arriving import entered
from sogdia.interfaces.console.page import Page
from sogdia.interfaces.console.parties_signed import Known, Written, writers
from sogdia.interfaces.console.rendering import render
from sogdia.interfaces.console.room import Entry
from sogdia.interfaces.console.rulebooks_rows import (
    SHOWS,
    RowShown,
    Wanted,
    books_of,
    day_or,
    every_row,
    rows_of,
    source_parts,
    tables_of,
    values_of,
)
from sogdia.interfaces.http.desk import aside, one_parameter, whole_number
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.interfaces.words import has_words, source_said
from sogdia.primitives.rulebooks import Shelf

ENTRY = Entry("rulebooks", "/rulebooks")
_ROWS: Final = 100
_MARKS: Final[Mapping[str, Any]] = {
    "values_of": values_of,
    "has_words": has_words,
    "source_parts": source_parts,
    "source_told": source_said,
}
"""What templates of rows call."""


@get("/rulebooks")
async def books(request: AnyRequest) -> Response[bytes]:
    """The books with how many rows hold, are unchecked, or end soon."""
    page = entered(request)
    today = _today(page)
    rows = await aside(_rows, page, today)
    return render(request, "rulebooks/books.html", books=books_of(rows), today=today, **_MARKS)


@get("/rulebooks/rows")
async def rows(request: AnyRequest) -> Response[bytes]:
    """Rows that hold on a day, those of them that are unchecked or end soon, or all of the history."""
    page = entered(request)
    today, start = _today(page), whole_number(request, "from", 0)
    wanted = _wanted(request, today)
    every = await aside(_rows, page, wanted.day)
    found = [one for one in every if wanted.takes(one)]
    told: dict[str, Any] = {
        "wanted": wanted,
        "today": today,
        "start": start,
        "found": found[start : start + _ROWS],
        "total": len(found),
        "following": start + _ROWS if len(found) > start + _ROWS else 0,
        "before": max(start - _ROWS, 0) or None,
        "counts": {name: sum(replace(wanted, show=name).takes(one) for one in every) for name in SHOWS},
        "ever": len(found) or sum(replace(wanted, show="all").takes(one) for one in every),
        "names": sorted({one.row.book for one in every}),
    }
    return render(request, "rulebooks/rows.html", **told, **_MARKS)


@get("/rulebooks/row")
async def row(request: AnyRequest) -> Response[bytes]:
    """One key of a book: every row it has had or will have, and who published them."""
    page = entered(request)
    table, book, key = (one_parameter(request, name) for name in ("table", "book", "key"))
    today = _today(page)
    found = await aside(_shelf, page, table, book, key, today)
    if found is None:
        raise Problem(404, "not_found")
    named: dict[str, Any] = {"table": table, "book": book, "key": key, "today": today}
    known = Known(page.console.desk.node)
    return render(request, "rulebooks/row.html", rows=found[0], written=found[1], known=known, **named, **_MARKS)


def _wanted(request: AnyRequest, today: str) -> Wanted:
    show = one_parameter(request, "show", SHOWS[0])
    return Wanted(
        day=day_or(one_parameter(request, "day", ""), today),
        show=show if show in SHOWS else SHOWS[0],
        book=one_parameter(request, "book", ""),
        text=one_parameter(request, "q", "").strip(),
    )


def _today(page: Page) -> str:
    """The legal day of now, by which every rulebook of today counts."""
    return day_of(page.console.now_ms(), LEGAL_DAY_OFFSET_HOURS)


def _tables(page: Page) -> list[Table[Shelf]]:
    return tables_of(page.console.desk.tables.values())


def _rows(page: Page, day: str) -> list[RowShown]:
    return list(every_row(Committed(page.console.desk.node.store, cached=0), _tables(page), day))


def _shelf(page: Page, name: str, book: str, key: str, day: str) -> tuple[list[RowShown], list[Written]] | None:
    node = page.console.desk.node
    table = next((one for one in _tables(page) if one.name == name), None)
    shelf = None if table is None else table.get(Committed(node.store, cached=0), book, key)
    if table is None or shelf is None:
        return None
    return list(rows_of(name, shelf, day)), writers(node, page.asker, table, book, key)


ROUTES = (books, rows, row)
